"""What every script shares: its log, its progress, and how it fails."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import _library  # noqa: F401

_SECONDS_BETWEEN_LINES = 10


@contextmanager
def job(snakemake) -> Iterator[Callable[..., None]]:
    """Send all that is printed to the job's log, and give a function to report progress with.

    File descriptors are redirected, so that what C libraries print is logged too. Progress goes to
    the log, and now and then, or `at_once`, to the terminal. A user's mistake, a full disk, a
    file that may not be touched and too little memory end the job with one sentence.
    """
    terminal = os.fdopen(os.dup(2), "w", buffering=1)
    with open(snakemake.log[0], "w", buffering=1, encoding="utf-8") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        from denoisekit.errors import InputError, system_sentence
        from denoisekit.machine import take_large_pages

        take_large_pages()
        try:
            yield _reporter(snakemake, terminal)
        except InputError as error:
            _stop(str(error), terminal)
        except Exception as error:
            sentence = system_sentence(error, output=snakemake.output[0])
            if sentence is None:
                raise
            _stop(sentence, terminal)


def _stop(sentence: str, terminal) -> None:
    try:
        print(f"Error: {sentence}", file=sys.stderr, flush=True)
    except OSError:  # The log may lie on the very disk that is full.
        print(f"Error: {sentence}", file=terminal)
    sys.exit(1)


def _reporter(snakemake, terminal) -> Callable[..., None]:
    label = " ".join([snakemake.rule, *map(str, snakemake.wildcards)])
    shown = time.monotonic()

    def report(line: str, *, at_once: bool = False) -> None:
        nonlocal shown
        print(time.strftime("%H:%M:%S"), line, flush=True)
        if at_once or time.monotonic() - shown > _SECONDS_BETWEEN_LINES:
            print(f"[{label}] {line}", file=terminal)
            shown = time.monotonic()

    return report

"""The command ``denoisekit``: the library for who has images and no script.

It stands on top of the whole library, and nothing of the library imports it. Each command imports
what it needs when it is called, so that ``--help`` is quick.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import denoisekit
from denoisekit.cli import (
    audit,
    bundle,
    check,
    check_pairs,
    denoise,
    export,
    init,
    models,
    noise_card,
    page,
    project,
    quickstart,
    run,
    submission,
)
from denoisekit.errors import InputError, system_sentence
from denoisekit.machine import take_large_pages

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(BaseException):
    """A signal that asks to stop, which is no error of an image."""


def _stop(number: int, frame: object) -> None:
    raise _Stopped(signal.Signals(number).name)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let signals that ask to stop raise `_Stopped`, which a thread beside the main one cannot."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Commands(TyperGroup):
    """Commands that end a user's mistake, a full disk or a signal with one sentence.

    The exit code is 1, or 128 and the number of the signal, as a shell has it.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with _stoppable():
                return super().invoke(ctx)
        except _Stopped as stopped:
            print(
                f"Stopped by {stopped}: what is finished is kept, and the same command goes on.",
                file=sys.stderr,
            )
            raise typer.Exit(128 + signal.Signals[str(stopped)]) from None
        except InputError as error:
            sentence = str(error)
        except Exception as error:
            found = system_sentence(error, output="the result")
            if found is None:
                raise
            sentence = found
        print(f"Error: {sentence}", file=sys.stderr)
        raise typer.Exit(1)


app = typer.Typer(
    name="denoisekit",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is done, 1 a mistake in what was given, 2 a wrong call, 128 and more "
    "a signal.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(denoisekit.__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Denoise microscope images, and look into what networks and tables are made of."""
    take_large_pages()


for _name, _command, _epilog in (
    ("quickstart", quickstart.quickstart, quickstart.EXAMPLES),
    ("denoise", denoise.denoise, denoise.EXAMPLES),
    ("project", project.project, project.EXAMPLES),
    ("noise-card", noise_card.noise_card, noise_card.EXAMPLES),
    ("check", check.check, check.EXAMPLES),
    ("init", init.init, init.EXAMPLES),
    ("run", run.run, run.EXAMPLES),
    ("page", page.page, page.EXAMPLES),
    ("check-pairs", check_pairs.check_pairs, check_pairs.EXAMPLES),
    ("audit", audit.audit, audit.EXAMPLES),
    ("models", models.models, models.EXAMPLES),
    ("export", export.export, export.EXAMPLES),
    ("bundle", bundle.bundle, bundle.EXAMPLES),
    ("submission", submission.submission, submission.EXAMPLES),
):
    app.command(_name, epilog=_epilog)(_command)

"""Commands of other programs: filled in, called without a shell, and told of when they fail.

Only the standard library is needed, since a command's environment may hold nothing else.
"""

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from denoisekit.errors import InputError


def restore(
    command: str,
    *,
    method: str,
    inputs: Path,
    outputs: Path,
    places: Mapping[str, str],
    here: Mapping[str, str],
    log: str,
    report: Callable[..., None],
) -> None:
    """Restore all images of a folder: by one call, or by one for each image.

    Parameters
    ----------
    command
        A command line that names {inputs} and {outputs}, or {input} and {output}.
    method, log
        What to name in an error: the method, and where all that the program prints can be read.
    inputs, outputs
        Folders of image files; an image is to be written under the name that it has.
    places
        What other names in braces stand for.
    here
        Other paths for words that name files.
    report
        Called with each command as it would be typed, and ``at_once=True``.

    Raises
    ------
    InputError
        If a call fails, or leaves an image unwritten that it was to write.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    whole = {**places, "inputs": str(inputs), "outputs": str(outputs)}
    if "{inputs}" in command:
        called = words(command, whole, here=here)
        report(f"calling {text(called)}", at_once=True)
        call(called, method=method, log=log)
        return
    for path in sorted(inputs.iterdir()):
        output = outputs / path.name
        called = words(command, {**places, "input": str(path), "output": str(output)}, here=here)
        report(f"calling {text(called)}")
        call(called, method=method, image=path.stem, log=log)
        check_written(output, method=method)


def words(
    command: str, places: Mapping[str, str], *, here: Mapping[str, str] | None = None
) -> list[str]:
    """Split a command line into its words, and fill in what stands in braces.

    Parameters
    ----------
    command
        Words, quoted as for a shell.
    places
        What the names in braces stand for. A word stays one word, whatever is filled in.
    here
        Other paths for words that name files.
    """
    split = [(here or {}).get(word, word) for word in shlex.split(command)]
    for name, value in places.items():
        split = [word.replace(f"{{{name}}}", value) for word in split]
    return split


def text(words: Sequence[str]) -> str:
    """Return words as they would be typed."""
    return shlex.join(words)


def call(words: Sequence[str], *, method: str, image: str = "", log: str = "its log") -> None:
    """Call a program; what it prints goes where this process prints.

    Parameters
    ----------
    words
        The program and its arguments.
    method, image
        What to name in an error.
    log
        Where all that the program prints can be read.

    Raises
    ------
    InputError
        If there is no such program, or it ends with another exit code than 0.
    """
    of = f" of the image {image}" if image else ""
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
    except OSError as error:
        raise InputError(
            f"The method {method} calls {words[0]!r}, which cannot be run ({error.strerror}); "
            "install it, or name its environment as 'conda' and run with --sdm conda."
        ) from error
    last = ""
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            print(line, end="", file=sys.stderr, flush=True)
            last = line.strip() or last
    if process.returncode:
        raise InputError(
            f"The command of the method {method}{of}, {text(words)}, ended with exit code "
            f"{process.returncode} and said last: {last or 'nothing'}; all that it printed is in "
            f"{log}."
        )


def check_written(path: Path, *, method: str) -> None:
    """Raise InputError unless a command wrote a file."""
    if not path.is_file() or not path.stat().st_size:
        raise InputError(
            f"The command of the method {method} ended without an error, but did not write {path}; "
            "see that {output} is where it writes to."
        )

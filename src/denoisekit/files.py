"""Whole files: tables, cards and arrays, written under a temporary name and then renamed.

A file that exists is whole.
"""

import csv
import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit.errors import InputError

# Of names that `replacing` gives.
_TEMPORARY = re.compile(r"\.(.*)\.\d+\.tmp(\.[^.]*)?")


@contextmanager
def replacing(path: str | Path, *, otherwise: Path | None = None) -> Iterator[Path]:
    """Give a temporary path beside `path`, which takes the name `path` if all goes well.

    Else it is taken away, or takes the name `otherwise` beside it.

    The temporary name keeps the suffix, since writers choose a format by it. What was written is on
    the disk before it has its name, should the power fail.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield temporary
        if temporary.is_file():
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        temporary.replace(path)
    except BaseException:
        if otherwise is not None and temporary.is_file():
            temporary.replace(otherwise)
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def working_in(folder: str | Path, *, alone: str | None = None) -> Iterator[None]:
    """Share a folder with other runs, after taking away what dead ones have left half written.

    That is done where no other run works in the folder, as far as its disk can lock it. A folder
    that was made for this and stays empty is taken away again.

    Parameters
    ----------
    folder
        Where results are written.
    alone
        The only file that this run writes, in a folder of other things; None for any.
    """
    folder = Path(folder)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    place = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for path in folder.iterdir():
                name = _TEMPORARY.fullmatch(path.name)
                if name and alone in (None, name[1] + (name[2] or "")):
                    path.unlink()
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_SH)
        yield
    finally:
        os.close(place)
        if made:
            with suppress(OSError):
                folder.rmdir()


def check_writable(folder: str | Path) -> None:
    """Raise InputError if a folder, or the nearest above it that exists, cannot be written to."""
    folder = Path(folder).absolute()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        raise InputError(f"{folder} cannot be made: {nearest} is a file; move it out of the way.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(
            f"{folder} cannot be written to: {nearest} may not be changed by this user, or lies on "
            "a read-only disk; change its permissions or run in another folder."
        )


def create_array(path: str | Path, *, shape: tuple[int, ...]) -> np.memmap:
    """Create a float32 array in an .npy file, to be filled in place.

    Its space is claimed at once, where the system can, since a disk that fills up later would kill
    the process.

    Raises
    ------
    OSError
        If the disk has not that much space left.
    """
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    claim_space(path)
    return array


def claim_space(path: str | Path) -> None:
    """Claim the disk's space for all of a file that has a length, but holes in place of bytes."""
    if hasattr(os, "posix_fallocate"):  # macOS has none.
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, os.path.getsize(path))


def write_table(path: str | Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the same columns as tab-separated values; numbers keep every digit."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def check_is_file(path: str | Path) -> None:
    """Raise InputError if a path leads to something that is no file: a folder, a pipe, a device.

    A pipe would be waited for. What is not there at all is another mistake.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "a pipe or a device"
        raise InputError(f"{path} is {what}, not a file; name the file.")


def read_table(path: str | Path) -> list[dict[str, str]]:
    """Read tab-separated values with a header line; every value is a string.

    Spaces around names of columns, columns without a name and a value, and empty rows at the end
    are left out. Empty rows before stay, so that the number of a row tells its line.

    Raises
    ------
    InputError
        If the file is missing, is none or no such text, or two columns have one name, or one that
        has values has none.
    """
    check_is_file(path)
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            header, *lines = [*csv.reader(file, delimiter="\t", strict=True)] or [[]]
    except FileNotFoundError as error:
        raise InputError(f"The table {path} does not exist.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"The table {path} cannot be read ({error}); save it as tab-separated text in UTF-8."
        ) from error
    columns = [name.strip() for name in header]
    while lines and not any(map(str.strip, lines[-1])):
        lines.pop()
    _check_columns(columns, lines, path)
    return [_as_row(columns, cells) for cells in lines]


def _check_columns(
    columns: Sequence[str], lines: Sequence[Sequence[str]], path: str | Path
) -> None:
    for number, name in enumerate(columns):
        if name and name in columns[:number]:
            raise InputError(
                f"The table {path} has two columns {name!r}, number {columns.index(name) + 1} and "
                f"{number + 1}; keep one of them."
            )
        valued = (line for line, cells in enumerate(lines, start=2) if "".join(cells[number:][:1]))
        if not name and (line := next(valued, None)):
            raise InputError(
                f"The table {path} has a value in line {line} of its column {number + 1}, which "
                "has no name; name the column, or empty it."
            )


def _as_row(columns: Sequence[str], cells: Sequence[str]) -> dict[Any, Any]:
    """Return a row by column; what it lacks is None, and what it has too much lies under None."""
    if not any(cells):
        cells = [""] * len(columns)
    row: dict[Any, Any] = dict.fromkeys(columns) | dict(zip(columns, cells, strict=False))
    row.pop("", None)
    if any(cells[len(columns) :]):
        row[None] = list(cells[len(columns) :])
    return row


def write_json(path: str | Path, content: Any) -> None:
    """Write a card as indented JSON."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Read a card."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_text(path: str | Path, text: str) -> None:
    """Write text in UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def expand_variables(path: str, *, where: str) -> str:
    """Expand environment variables, and a ``~`` at its start, in a path.

    A path that is there as it stands is taken so, as a file whose name has a dollar sign.

    Raises
    ------
    InputError
        If a variable is not set.
    """
    if Path(os.path.expanduser(path)).exists():
        return os.path.expanduser(path)
    for variable in unset_variables(path):
        raise InputError(
            f"{where}: the path {path!r} uses the environment variable {variable}, which is "
            f"not set; set it to the folder that holds the images."
        )
    return os.path.expanduser(os.path.expandvars(path))


def portable(path: str) -> str:
    """Return a path as tables and descriptions tell it, which others may be given.

    From the folder in which the run was started, or from the home folder (``~``), so that neither
    is named; `expand_variables` finds it again there.
    """
    if not os.path.isabs(path):
        return path
    # Not `Path.home`, which raises where a user has none, as in some containers.
    here, home = Path.cwd(), os.path.expanduser("~")
    if Path(path).is_relative_to(home) and not Path(path).is_relative_to(here):
        return str(Path("~", Path(path).relative_to(home)))
    return os.path.relpath(path)


def check_braces(paths: Iterable[str], *, where: str) -> None:
    """Raise InputError if a path has a brace, which Snakemake would take for a wildcard."""
    for path in paths:
        if "{" in path or "}" in path:
            raise InputError(
                f"{where} names {path}, but the names of files and folders must not hold the "
                "characters '{' and '}'; rename it."
            )


def unset_variables(path: str) -> list[str]:
    """Return the environment variables in a path that are not set."""
    return [variable for variable in _VARIABLE.findall(path) if variable not in os.environ]

"""What the files hold that a study did not make: their sha256, whatever their dates say.

An image may be replaced by an older one, carried over with a new date and nothing else changed, or
bear the date of a microscope's clock that runs ahead. So Snakemake is not told of such files, but
of what they hold: a job that reads them runs again when that changes, and only then.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from denoisekit.errors import InputError
from denoisekit.files import portable, read_table, write_table
from denoisekit.provenance import file_sha256

#: What a job notes of the files that it read.
NOTED = "inputs.tsv"
_SECONDS_BETWEEN_LINES = 10


class Contents:
    """The sha256 of files, remembered in a file by their path, size, date and place on the disk.

    Parameters
    ----------
    memory
        Where to remember them; lines are added, and lines that cannot be read are left.
    """

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._known: dict[tuple[str, str], str] = {}
        self._told = time.monotonic()
        if memory.is_file():
            lines = (line.split("\t") for line in memory.read_text("utf-8").splitlines())
            self._known = {(line[2], line[1]): line[0] for line in lines if len(line) == 3}

    def of(self, paths: Iterable[str]) -> str:
        """Return one sha256 of all files, which changes with any of their names or contents.

        Raises
        ------
        InputError
            If one of them is not there or cannot be read.
        """
        return _of_all({path: self._sha256(path) for path in _files(paths)})

    def _sha256(self, path: str) -> str:
        try:
            key = _name(path), _stamp(Path(path))
            if key not in self._known:
                self._tell(path)
                self._known[key] = file_sha256(path)
                self._memory.parent.mkdir(parents=True, exist_ok=True)
                with self._memory.open("a", encoding="utf-8") as file:
                    file.write(f"{self._known[key]}\t{key[1]}\t{key[0]}\n")
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}).") from error
        return self._known[key]

    def _tell(self, path: str) -> None:
        if time.monotonic() - self._told > _SECONDS_BETWEEN_LINES:
            print(f"Taking the sha256 of what the study reads: {path}", file=sys.stderr, flush=True)
            self._told = time.monotonic()


def note(paths: Iterable[str], *, content: str, folder: str | Path) -> None:
    """Write the sha256 of every file that a job has read beside its results, as ``inputs.tsv``.

    Parameters
    ----------
    paths
        The files.
    content
        What `Contents.of` said of them before the job.
    folder
        Of the job's results.

    Raises
    ------
    InputError
        If one of them was changed meanwhile, so that no one knows which content was read.
    """
    found = digests(paths)
    if _of_all(found) != content:
        raise InputError(
            f"One of the files {', '.join(list(found)[:3])}{' ...' * (len(found) > 3)} was changed "
            "while it was read; run the same command again."
        )
    rows = [{"file": portable(path), "sha256": digest} for path, digest in found.items()]
    if rows:
        write_table(Path(folder, NOTED), rows)


def as_used(folder: str | Path) -> Mapping[str, str]:
    """Return the sha256 of the files that results in a folder were made of, as they were then.

    By their paths as `denoisekit.files.portable` tells them.

    Raises
    ------
    InputError
        If one of them is another now: the results would be told to be of what they are not of.
    """
    noted = Path(folder, NOTED)
    used = {row["file"]: row["sha256"] for row in read_table(noted)} if noted.is_file() else {}
    for told, digest in used.items():
        path = os.path.expanduser(told)
        if Path(path).exists() and file_sha256(path) != digest:
            raise InputError(
                f"{path} is another file now than when {folder} was made of it; run the study "
                "again, or put the former file back."
            )
    return used


def digests(paths: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of every file, and of every file in a folder, by its path."""
    return {path: file_sha256(path) for path in _files(paths)}


def _files(paths: Iterable[str]) -> Iterator[str]:
    """Yield files, and those in a folder in its place, as an OME-Zarr is one."""
    for path in paths:
        inside = sorted(Path(path).rglob("*")) if Path(path).is_dir() else [Path(path)]
        yield from (str(file) for file in inside if not file.is_dir())


def _of_all(digests: Mapping[str, str]) -> str:
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _name(path: str) -> str:
    """Return the sha256 of a path, which a memory can hold without telling where files lie."""
    return hashlib.sha256(portable(path).encode("utf-8", "surrogateescape")).hexdigest()


def _stamp(path: Path) -> str:
    """Say which file it is, by what changes whenever one is written or replaced."""
    state = path.stat()
    return f"{state.st_size}.{state.st_mtime_ns}.{state.st_ctime_ns}.{state.st_ino}"

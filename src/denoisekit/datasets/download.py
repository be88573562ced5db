"""Download a file from the first of several addresses that has it, going on where a cut one ended.

Hypertext transfer is left to requests; what it lacks is here: ranges, mirrors, checksums, and one
sentence when nothing helped.
"""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import requests
import tifffile
from filelock import FileLock, Timeout

from denoisekit.errors import InputError
from denoisekit.images.formats import TIFF
from denoisekit.provenance import file_sha256

# What is lost at most when a connection breaks off.
_CHUNK_BYTES = 1 << 14
_SECONDS_BETWEEN_LINES = 5
_NUMBERS = re.compile(r"\[(\d+)-(\d+)\]")
# Answers below 500 that may be another one a little later.
_PASSING = {408, 425, 429}


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    An address is given up after `attempts` in a row that brought nothing new. `pause_s` lies before
    the second of them and doubles with each; `timeout_s` is the longest silence.
    """

    timeout_s: float = 30
    attempts: int = 4
    pause_s: float = 2


class _GivenUp(Exception):
    """An address does not have the file, or does not give it."""


class _Absent(_GivenUp):
    """The file is not there: the server says so, or sends something else."""


class _Broken(requests.RequestException):
    """An answer that cannot be used, or ended early."""


def download(
    addresses: Sequence[str],
    target: str | Path,
    *,
    sha256: str | None,
    advice: str,
    report: Callable[[str], None],
    patience: Patience,
) -> str:
    """Download a file from the first address that has it whole, and return that address.

    What was received stays in a hidden file beside `target` until it is whole, so that the next
    attempt, at the same address or another, in this call or a later one, asks for the rest only.
    Without `sha256`, a part is gone on with only where the same address offers the same version of
    the file. Two calls for one target, by one user on one machine, never download at once.

    Parameters
    ----------
    addresses
        Full addresses, tried in turn. ``[01-10]`` in one stands for each of these numbers. Without
        any, a file that is not there ends in the `advice`.
    target
        Where to put the file. A file that is there already stays.
    sha256
        What the file must have, in hexadecimal digits; None if that is not known, and then only a
        TIFF's last page is read.
    advice
        What to do when no address helps: a full sentence.
    report
        Called with lines of progress.
    patience
        How long to wait for a server.

    Raises
    ------
    InputError
        If no address has the file whole; it says why of each.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    reasons = []
    with _lock(target, report):
        if target.exists():
            return str(target)
        for pattern in addresses:
            try:
                address = _from_one_of(
                    _spelt_out(pattern), part, sha256=sha256, report=report, patience=patience
                )
            except _GivenUp as error:
                reasons.append(f"{pattern} {error}")
                report(reasons[-1])
            else:
                part.replace(target)
                _note(part).unlink(missing_ok=True)
                return address
    why = "; ".join(reasons) or "no address is known"
    raise InputError(f"{target.name} could not be downloaded: {why}. {advice}")


@contextmanager
def _lock(target: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock on this machine's own disk, since not every network disk knows locks."""
    digest = hashlib.sha256(os.fsencode(target.absolute())).hexdigest()
    # Of this user, since others may not open it.
    lock = FileLock(Path(tempfile.gettempdir(), f"denoisekit-{os.getuid()}-{digest[:16]}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        report(f"another run fetches {target.name}; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def check_file(path: str | Path, *, sha256: str | None, name: str) -> str:
    """Return a file's sha256 if the file is whole; an error calls it `name`.

    Raises
    ------
    InputError
        If its sha256 is not the one given or, where none is given, a TIFF cannot be read.
    """
    path = Path(path)
    found = file_sha256(path)
    if sha256 is not None and found != sha256:
        raise InputError(f"{name} has the sha256 {found}, but should have {sha256}.")
    if sha256 is None and path.suffix.lower() in TIFF:
        try:
            with tifffile.TiffFile(path) as tiff:
                tiff.pages[-1].asarray()
        except Exception as error:
            raise InputError(f"{name} cannot be read as a TIFF ({error}).") from error
    return found


def _spelt_out(pattern: str) -> Iterator[str]:
    match = _NUMBERS.search(pattern)
    if match is None:
        yield pattern
        return
    first, last = match.groups()
    for number in range(int(first), int(last) + 1):
        yield pattern.replace(match.group(), f"{number:0{len(first)}d}")


def _from_one_of(addresses: Iterator[str], part: Path, **options: Any) -> str:
    """Download from the first of the addresses on one server that has the file."""
    reasons: dict[str, None] = {}
    for address in addresses:
        try:
            _persist(address, part, **options)
        except _Absent as error:
            reasons[str(error)] = None
        else:
            return address
    raise _Absent(" or ".join(reasons) or "names no address")


def _persist(
    address: str,
    part: Path,
    *,
    sha256: str | None,
    report: Callable[[str], None],
    patience: Patience,
) -> None:
    """Download from one address, as often as it takes and brings something."""
    idle, most, leftover, checked = 0, _size(part), part.exists(), sha256 is not None
    while True:
        try:
            _receive(address, part, checked=checked, report=report, timeout_s=patience.timeout_s)
            check_file(part, sha256=sha256, name="it")
            return
        except InputError as error:
            part.unlink()
            if not leftover:
                raise _Absent(f"sent a damaged file ({str(error).rstrip('.')})") from error
            report("what an earlier attempt left does not belong to it; starting anew")
            most, leftover = 0, False
        except requests.RequestException as error:
            reason = _reason(error, patience.timeout_s)
            idle = 0 if _size(part) > most else idle + 1
            most = max(most, _size(part))
            if idle == patience.attempts:
                raise _GivenUp(reason) from error
            report(f"{address} {reason}; trying again")
            time.sleep(patience.pause_s * 2 ** max(idle - 1, 0))


def _receive(
    address: str,
    part: Path,
    *,
    checked: bool,
    report: Callable[[str], None],
    timeout_s: float,
) -> None:
    """Append to `part` what an address still has of a file.

    Unless the whole will be `checked` by its sha256, what is there must be of the same version.
    """
    start = _size(part)
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with requests.get(address, headers=headers, stream=True, timeout=timeout_s) as answer:
        if 400 <= answer.status_code < 500 and answer.status_code not in {416, *_PASSING}:
            raise _Absent(_status(answer))
        ranges = answer.headers.get("Content-Range", "")
        if answer.status_code == 416 and ranges == f"bytes */{start}" and checked:
            return
        length = answer.headers.get("Content-Length")
        resumes = answer.status_code == 206 and ranges.startswith(f"bytes {start}-")
        if not resumes:
            start = 0
        total = None if length is None else start + int(length)
        version = _version(answer, address, total)
        resumes = resumes and (checked or _read(_note(part)) == version)
        if answer.status_code in {206, 416} and not resumes:
            part.unlink(missing_ok=True)
            raise _Broken("has another file than before")
        answer.raise_for_status()
        if not resumes and not checked:
            part.unlink(missing_ok=True)
            _note(part).write_text(version, encoding="utf-8")
        report(f"receiving {_megabytes(total)} from {address}, {_megabytes(start)} are here")
        with part.open("ab" if resumes else "wb") as file:
            _copy(answer, file, total=total, report=report)
    if total is not None and _size(part) != total:
        raise _Broken("broke off")


def _note(part: Path) -> Path:
    """Where it is kept which version of a file a part is of."""
    return part.with_name(f"{part.name}.version")


def _read(note: Path) -> str | None:
    return note.read_text(encoding="utf-8") if note.exists() else None


def _version(answer: requests.Response, address: str, total: int | None) -> str:
    headers = answer.headers
    return f"{address} {headers.get('ETag') or headers.get('Last-Modified')} {total}"


def _copy(
    answer: requests.Response,
    file: BinaryIO,
    *,
    total: int | None,
    report: Callable[[str], None],
) -> None:
    shown = time.monotonic()
    for chunk in answer.iter_content(_CHUNK_BYTES):
        file.write(chunk)
        if time.monotonic() - shown > _SECONDS_BETWEEN_LINES:
            report(f"{_megabytes(file.tell())} of {_megabytes(total)}")
            shown = time.monotonic()


def _reason(error: requests.RequestException, timeout_s: float) -> str:
    """Say why an attempt failed, as the rest of a sentence that begins with an address."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _status(error.response)
    if isinstance(error, _Broken):
        return str(error)
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"was silent for {timeout_s:g} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off"
    if isinstance(error, requests.exceptions.SSLError):
        return "has no valid certificate"
    if isinstance(error, requests.ConnectionError):
        return "could not be reached"
    return f"cannot be asked ({error})"


def _status(answer: requests.Response) -> str:
    return f"answered {answer.status_code} ({answer.reason})"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _megabytes(count: int | None) -> str:
    return "an unknown length" if count is None else f"{count / 1e6:.1f} MB"

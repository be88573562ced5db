"""Take one file out of a zip or tar archive, to a place that the archive has no say in."""

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from denoisekit._checks import InputError

_CHUNK = 2**20
_NAMES_SHOWN = 5
# RuntimeError: an encrypted zip, or a compression that Python lacks.
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
)


def extract_member(archive: str | Path, member: str, target: str | Path) -> None:
    """Write one file of an archive to `target`, and nothing else anywhere.

    What was read of a damaged archive is left there.

    Names and links in the archive are never followed: only the bytes of the one regular file are
    read, and where they go is the caller's choice.

    Parameters
    ----------
    archive
        A zip archive, or a tar archive that is plain or compressed by gzip, bzip2 or xz.
    member
        The file's full name in the archive.
    target
        Where to write it.

    Raises
    ------
    InputError
        If the archive is neither kind or damaged, or the member is missing or not a regular file.
    """
    try:
        with _opened(Path(archive), member) as source, Path(target).open("wb") as file:
            shutil.copyfileobj(source, file)
    except (*_DAMAGED, OSError) as error:
        if getattr(error, "errno", None) is not None:  # The disk's trouble, not the archive's.
            raise
        raise InputError(
            f"{archive} cannot be unpacked ({error}); it may be damaged or cut short."
        ) from error


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            regular = {entry.filename: entry for entry in packed.infolist() if not entry.is_dir()}
            with packed.open(_find(member, regular, archive)) as file:
                yield file
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as packed:
            regular = {entry.name: entry for entry in packed if entry.isreg()}
            with packed.extractfile(_find(member, regular, archive)) as file:
                yield file
            # The checksum of a compressed tar stands at its end.
            while packed.fileobj.read(_CHUNK):
                pass
    else:
        raise InputError(f"{archive} is neither a zip nor a tar archive, or it is damaged.")


def _find(member: str, regular: dict, archive: Path):
    if member not in regular:
        names = ", ".join(list(regular)[:_NAMES_SHOWN])
        more = f" and {len(regular) - _NAMES_SHOWN} more" if len(regular) > _NAMES_SHOWN else ""
        raise InputError(
            f"{archive} holds no regular file {member}; it holds {names or 'none'}{more}."
        )
    return regular[member]

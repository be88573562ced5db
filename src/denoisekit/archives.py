"""Put files into a zip archive, and take them out of one or of a tar archive, wherever you say."""

import errno
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from denoisekit.errors import InputError
from denoisekit.files import replacing

_CHUNK = 2**20
_NAMES_SHOWN = 5


def pack(archive: str | Path, contents: Mapping[str, bytes]) -> None:
    """Write a zip archive, the same bytes whenever it is written of the same contents.

    Parameters
    ----------
    archive
        Where to write it.
    contents
        What is in it, by name.
    """
    with replacing(archive) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for name, content in sorted(contents.items()):
            # Its date is the earliest that a zip archive can tell.
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def extract_member(
    archive: str | Path, member: str, target: str | Path, *, most: int | None = None
) -> None:
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
    most
        How many bytes it may have at most, whatever the archive says of it; None for any number.

    Raises
    ------
    InputError
        If the archive is neither kind or damaged, or the member is missing, not a regular file or
        too long.
    """
    with readable(archive), _opened(Path(archive)) as (regular, read):
        if member not in regular:
            raise InputError(
                f"{archive} holds no regular file {member}; it holds {_listed(regular)}."
            )
        with read(regular[member]) as source, Path(target).open("wb") as file:
            if most is None:
                shutil.copyfileobj(source, file)
            elif len(content := source.read(most + 1)) > most:
                raise InputError(
                    f"{member} in {archive} has more than {most} bytes, too many for what it is "
                    "said to be; get the archive from its source again."
                )
            else:
                file.write(content)


def extract_files(
    archive: str | Path, choose: Callable[[Collection[str]], Mapping[str, str | Path]]
) -> Iterator[str]:
    """Write some files of an archive, one after the other as they lie in it.

    A compressed tar is read twice at most.

    Parameters
    ----------
    archive
        As `extract_member` takes it, or a directory that an archive was unpacked into.
    choose
        Is given the full names of all regular files, and returns where to write which of them.

    Yields
    ------
    str
        The name of each once it is written; nothing else is written anywhere.

    Raises
    ------
    InputError
        As `extract_member` does.
    """
    if (folder := Path(archive)).is_dir():
        found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        targets = choose([name for name in found if (folder / name).is_file()])
        for name, target in sorted(targets.items()):
            shutil.copyfile(folder / name, target)
            yield name
        return
    with readable(archive), _opened(Path(archive)) as (regular, read):
        targets = choose(regular)
        for name in filter(targets.__contains__, regular):
            with read(regular[name]) as source, Path(targets[name]).open("wb") as file:
                shutil.copyfileobj(source, file)
            yield name


def read_folders(
    archive: str | Path, folders: Collection[str]
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Read the files of folders of an archive, one folder after the other as they lie in it.

    A compressed tar is read once if the files of a folder lie together in it.

    Parameters
    ----------
    archive
        As `extract_member` takes it, or a directory that an archive was unpacked into.
    folders
        Full names in the archive. What lies in folders below these is left out.

    Yields
    ------
    tuple
        The folder, and its files' contents by their names. Nothing is written anywhere.

    Raises
    ------
    InputError
        As `extract_member` does; or if an archive has no file in one of the folders.
    """
    if Path(archive).is_dir():
        yield from ((folder, _contents(Path(archive, folder))) for folder in folders)
        return
    with readable(archive), _opened(Path(archive)) as (regular, read):
        found: dict[str, dict[str, Any]] = {}
        for member, entry in regular.items():
            path = PurePosixPath(member)
            found.setdefault(str(path.parent), {})[path.name] = entry
        for folder in folders:
            if folder not in found:
                raise InputError(
                    f"{archive} holds no files in the folder {folder}; the folders that hold some "
                    f"are {_listed(found)}."
                )
        for folder in filter(set(folders).__contains__, found):
            contents = {}
            for name, entry in found[folder].items():
                with read(entry) as file:
                    contents[name] = file.read()
            yield folder, contents


@contextmanager
def readable(archive: str | Path) -> Iterator[None]:
    """Say in one sentence what goes wrong in reading an archive, but for the disk's own trouble."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    # Damaged headers lead the libraries anywhere.
    except Exception as error:
        # A number is the disk's trouble, but for that of a place before the file's begin.
        if getattr(error, "errno", None) not in (None, errno.EINVAL):
            raise
        raise InputError(
            f"{archive} cannot be unpacked ({error}); it may be damaged or cut short."
        ) from error


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[dict[str, Any], Callable[[Any], IO[bytes]]]]:
    """Give the entries of an archive's regular files by name, and what opens an entry."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            regular = {entry.filename: entry for entry in packed.infolist() if not entry.is_dir()}
            yield regular, packed.open
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as packed:
            members = {entry.name.removeprefix("./"): entry for entry in packed if entry.isreg()}
            # Of a regular file it is never None.
            yield members, packed.extractfile  # type: ignore[misc]
            # The checksum of a compressed tar stands at its end.
            while packed.fileobj.read(_CHUNK):
                pass
    else:
        raise InputError(f"{archive} is neither a zip nor a tar archive, or it is damaged.")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*") if path.is_file()}


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return (", ".join(names[:_NAMES_SHOWN]) or "none") + more

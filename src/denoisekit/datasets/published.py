"""Take what a publication's archive holds as stacks: files of a pattern, and arrays of patches."""

import math
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from denoisekit import archives
from denoisekit.datasets.catalogues import stacks_of
from denoisekit.datasets.pictures import natural
from denoisekit.errors import InputError
from denoisekit.images.metadata import Scale
from denoisekit.images.reading import opened
from denoisekit.images.stacks import Stack, created

_AT_ONCE = 64
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def members(names: Collection[str], entry: Mapping[str, Any], *, where: str) -> dict[str, str]:
    """Return the files of an archive that become stacks, and the name of the stack of each.

    They are those of a pattern whose ``*`` stands for what it stands for in the other patterns of
    their tree, too, so that stacks of one name belong together; numbered in its natural order.

    Parameters
    ----------
    names
        Full names of the files in the archive.
    entry
        Of a level of `denoisekit.datasets.catalogues.files_of`.
    where
        What to call the archive in an error.

    Raises
    ------
    InputError
        If there are more or fewer than the catalogue says.
    """
    found = {pattern: _matched(names, pattern) for pattern in entry["beside"]}
    shared = sorted(set.intersection(*map(set, found.values())), key=natural)
    if len(shared) != entry["count"]:
        listed = ", ".join(f"{len(files)} of {pattern}" for pattern, files in found.items())
        raise InputError(
            f"{where} holds {len(shared)} files whose names go together ({listed}), but the "
            f"catalogue says {entry['count']}; complete it, or correct the catalogue and the pair "
            "table."
        )
    files = found[entry["files"]]
    return dict(zip((files[name] for name in shared), stacks_of(entry), strict=True))


def _matched(names: Collection[str], pattern: str) -> dict[str, str]:
    """Return the files of a pattern by what its ``*`` stands for, which is no folder."""
    start, _, end = pattern.partition("*")
    length = len(start) + len(end)
    found = [n for n in names if n.startswith(start) and n.endswith(end) and len(n) > length]
    texts = {name[len(start) : len(name) - len(end)]: name for name in found}
    # What begins with a point is what a Mac keeps beside a file.
    return {text: name for text, name in texts.items() if "/" not in text and text[0] != "."}


def take_stack(source: Path, target: Path, *, channel: int | None, name: str) -> tuple[int, ...]:
    """Write the one plane or volume of a file, or of one of its channels, as a TIFF of its own.

    Parameters
    ----------
    source
        The file.
    target
        Where to.
    channel
        Its number from 0, along the file's axis of channels or, where it names none, its first.
    name
        What to call the file in an error.

    Returns
    -------
    tuple
        The shape, (Y, X) or (Z, Y, X).

    Raises
    ------
    InputError
        If the file cannot be read, has no such channel, or is several images.
    """
    with opened(source, unnamed="Z") as stack:
        number, named = channel or 0, channel is not None and stack.side("C") > 1
        if named:
            stack, number = stack.channel(number), 0
        places = stack.places(volumes=stack.side("Z") > 1)
        # Frames of a movie are no channels.
        alone = channel is None or named
        if number >= len(places) or (alone and len(places) > 1):
            raise InputError(
                f"{name} has the axes {stack.axes} ({' x '.join(map(str, stack.shape))}), of which "
                f"{'one image' if channel is None else f'channel {channel}'} cannot be taken; "
                "correct 'channel' in the catalogue."
            )
        pixels = stack.read(places[number])
        pixels = pixels[0] if len(pixels) == 1 and pixels.ndim > 2 else pixels
        axes = "ZYX"[-pixels.ndim :]
        like = replace(stack, axes=axes, shape=pixels.shape, notes={})
        with created(target, like=like, dtype=pixels.dtype) as written:
            written[:] = pixels
    return pixels.shape


def take_array(npz: Path, array: str, target: Path, *, count: int, name: str) -> tuple[int, ...]:
    """Write an array of patches as one TIFF, a movie of volumes or of planes, float32.

    Axes of length 1 are left out. It is read part by part, and nothing of it is run: arrays of
    Python's own objects are refused.

    Parameters
    ----------
    npz
        A file as ``numpy.savez`` writes it.
    array
        Which of its arrays, (N, ..., Y, X).
    target
        Where to write it.
    count
        How many patches there must be.
    name
        What to call the file in an error.

    Returns
    -------
    tuple
        The shape, (N, Y, X) or (N, Z, Y, X).

    Raises
    ------
    InputError
        If the file is damaged, or has no such array of as many patches of numbers.
    """
    with _array(npz, array, name) as (stream, shape, dtype):
        sides = tuple(side for side in shape[1:] if side > 1)
        if len(sides) not in (2, 3) or shape[0] != count:
            raise InputError(
                f"The array {array!r} of {name} is {' x '.join(map(str, shape))}, not {count} "
                "planes or volumes; get it from its source again, or correct 'count' in the "
                "catalogue and the pages in the pair table."
            )
        whole = (count, *sides)
        axes = "T" + "ZYX"[-len(sides) :]
        like = Stack(
            *(target, axes, whole, np.dtype(np.float32), Scale()),
            ome=False,
            plane=lambda _: np.empty(0),
        )
        with created(target, like=like) as written:
            for start in range(0, count, _AT_ONCE):
                part = written[start : start + _AT_ONCE]
                content = stream.read(part.size * dtype.itemsize)
                part[:] = np.frombuffer(content, dtype).reshape(part.shape)
                if not np.isfinite(part).all():
                    raise InputError(
                        f"The array {array!r} of {name} holds values that are not finite in its "
                        f"patches {start} to {start + len(part) - 1}; get it from its source again."
                    )
            # Its sum of bytes is looked at where it ends.
            stream.read(1)
    return whole


@contextmanager
def _array(
    npz: Path, array: str, name: str
) -> Iterator[tuple[IO[bytes], tuple[int, ...], np.dtype]]:
    """Open an array of an npz file: its bytes, its shape and its kind of numbers."""
    with archives.readable(name), zipfile.ZipFile(npz) as packed:
        if f"{array}.npy" not in packed.namelist():
            raise InputError(
                f"{name} has no array {array!r}, but {', '.join(packed.namelist()) or 'none'}; "
                "correct the catalogue."
            )
        with packed.open(f"{array}.npy") as stream:
            version = np.lib.format.read_magic(stream)
            shape, columns, dtype = _HEADERS[version](stream)
            if columns or dtype.kind not in "uif":
                raise InputError(
                    f"The array {array!r} of {name} is of {dtype}{', column by column' * columns}, "
                    "not of numbers, row by row; save it so again."
                )
            told = packed.getinfo(f"{array}.npy").file_size - stream.tell()
            if told != math.prod(shape) * dtype.itemsize:
                raise InputError(
                    f"The array {array!r} of {name} has {told} bytes, but is said to be "
                    f"{' x '.join(map(str, shape))} of {dtype}; it may be cut short."
                )
            yield stream, shape, dtype

"""Bring published pictures of grey images back to grey images."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from skimage.io import imread

from denoisekit._checks import shape_text
from denoisekit.errors import InputError, remedy


def read_picture(path: str | Path) -> np.ndarray:
    """Read the one channel of a picture that shows anything.

    Microscopes' software saves a grey image in a colour, as green or magenta: one channel holds it,
    the others are black or the same.

    Parameters
    ----------
    path
        A PNG of 8 or 16 bit, grey or in colour.

    Returns
    -------
    np.ndarray
        Shape (Y, X), as stored.

    Raises
    ------
    InputError
        If the file cannot be read, is not one picture, or its channels show different things.
    """
    try:
        with Path(path).open("rb") as file:
            pixels = np.asarray(imread(file))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except Exception as error:
        raise InputError(
            f"{path} cannot be read as a picture ({error}); "
            f"{remedy(error) or 'it may be damaged or cut short'}."
        ) from error
    if pixels.ndim == 2:
        return pixels
    if pixels.ndim != 3 or pixels.shape[2] not in {3, 4}:
        raise InputError(f"{path} must be one picture, but is {shape_text(pixels)}.")
    live = [channel for channel in np.moveaxis(pixels[..., :3], 2, 0) if channel.any()]
    if not live:
        raise InputError(f"{path} shows nothing: all of its colour channels are black.")
    if any(not np.array_equal(channel, live[0]) for channel in live):
        raise InputError(
            f"{path} must show one grey image in one colour, but the {len(live)} of its colour "
            "channels that are not black differ; give one channel."
        )
    return live[0]


def stack_pictures(
    files: Mapping[str, bytes], *, count: int, name: str
) -> tuple[np.ndarray, list[str]]:
    """Stack the grey PNG pictures of a folder in the natural order of their names.

    Natural: `a2.png` comes before `a10.png`. Hidden files and others than PNG are left out.

    Parameters
    ----------
    files
        Contents by name.
    count
        How many pictures there must be.
    name
        What to call the folder in an error.

    Returns
    -------
    tuple
        The pixels, (T, Y, X) as stored, and the name of each page's file.

    Raises
    ------
    InputError
        If there are more or fewer pictures, or one cannot be read, is in colour or unlike the
        first in shape or kind.
    """
    names = [file for file in files if re.fullmatch(r"[^.].*\.png", file, re.IGNORECASE)]
    names.sort(key=natural)
    if len(names) != count:
        raise InputError(
            f"{name} must hold {count} PNG files, but holds {len(names)}; complete it, or correct "
            "the catalogue."
        )
    pages = [_decode(files[file], f"{file} of {name}") for file in names]
    for file, page in zip(names, pages, strict=True):
        if page.ndim != 2:
            raise InputError(f"{file} of {name} must be grey, but is {shape_text(page)}.")
        if (page.shape, page.dtype) != (pages[0].shape, pages[0].dtype):
            raise InputError(
                f"{file} of {name} is {shape_text(page)} pixels of {page.dtype}, but {names[0]} is "
                f"{shape_text(pages[0])} of {pages[0].dtype}; pages of a stack must be alike."
            )
    return np.stack(pages), names


def natural(name: str) -> list[tuple[int, str]]:
    """Split a name at its numbers, which then are compared by their values."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]


def _decode(content: bytes, name: str) -> np.ndarray:
    try:
        return np.asarray(imread(io.BytesIO(content)))
    except Exception as error:
        raise InputError(
            f"{name} cannot be read as a picture ({error}); it may be damaged or cut short."
        ) from error


def undo_stretch(pixels: np.ndarray, *, offset: int) -> np.ndarray:
    """Bring a display-stretched picture of few counts back to counts, up to their offset.

    A camera gives whole counts, and a linear stretch to the range of the screen leaves gaps between
    their grey levels where there are fewer counts than levels. The rank of a grey level is then the
    count above the darkest one. Counts that the stretch saturated stay lost. Every count between
    darkest and brightest must occur somewhere, and none may share its grey level: this shows only
    where all levels occur, and otherwise wrong counts come out unnoticed.

    Parameters
    ----------
    pixels
        Unsigned integers, any shape.
    offset
        The count that the darkest grey level becomes; the true one is not in the picture.

    Returns
    -------
    np.ndarray
        uint16, same shape.

    Raises
    ------
    InputError
        If every grey level occurs, so that the stretch joined counts and cannot be undone.
    """
    levels, ranks = np.unique(pixels, return_inverse=True)
    if len(levels) > np.iinfo(pixels.dtype).max:
        raise InputError(
            f"All {len(levels)} grey levels occur in the picture, so several counts may share one "
            "and the stretch cannot be undone; use it as it is."
        )
    return (ranks.reshape(pixels.shape) + offset).astype(np.uint16)

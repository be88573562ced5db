"""Bring published pictures of grey images back to grey images."""

from pathlib import Path

import numpy as np
from skimage.io import imread

from denoisekit._checks import InputError, shape_text


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
            f"{path} cannot be read as a picture ({error}); it may be damaged or cut short."
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

"""Checks of what a user hands in."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from denoisekit.errors import InputError

# Of the standard deviation of an image's pixels.
_MOST_LOST = 1e-3


class Shaped(Protocol):
    """An array or a tensor."""

    @property
    def shape(self) -> Sequence[int]:
        """Its length along each axis."""
        ...


def same_shape(first: np.ndarray, second: np.ndarray, *, names: tuple[str, str]) -> None:
    """Raise InputError unless two arrays have the same shape."""
    if first.shape != second.shape:
        raise InputError(
            f"{names[0]} and {names[1]} must have the same shape, but are "
            f"{shape_text(first)} and {shape_text(second)} pixels."
        )


def finite(pixels: np.ndarray, *, name: str) -> None:
    """Raise InputError if any pixel is NaN or infinite."""
    bad = pixels.size - int(np.count_nonzero(np.isfinite(pixels)))
    if bad:
        raise InputError(
            f"{name} has {bad} pixels that are NaN or infinite; crop them away, or, if they are "
            "NaN outside of the field, say so: 'outside: [NaN]' of the data set, or --outside NaN."
        )


def keeps_contrast(pixels: np.ndarray) -> bool:
    """Say whether 32-bit numbers, in which images are restored, hold what an image shows.

    Rounding to them must not take as much as a thousandth of the pixels' standard deviation.
    """
    if pixels.dtype.itemsize <= 2 or pixels.dtype == np.float32:
        return True
    values = pixels[np.isfinite(pixels)].astype(np.float64)
    if values.size == 0:
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        lost = values - values.astype(np.float32)
        return not np.sqrt(np.mean(lost**2)) > _MOST_LOST * values.std()


def contrast(pixels: np.ndarray, *, name: str) -> None:
    """Raise InputError if 32-bit numbers do not hold what an image shows.

    An image of one value shows nothing that could be lost.
    """
    if not keeps_contrast(pixels) and pixels.min() != pixels.max():
        raise InputError(
            f"{name} has values from {np.nanmin(pixels):.12g} to {np.nanmax(pixels):.12g}, which "
            "32-bit numbers tell apart too coarsely for its contrast; subtract one offset from all "
            "of its images, low and high exposures alike, and save them again."
        )


def not_constant(pixels: np.ndarray, *, name: str) -> None:
    """Raise InputError if all pixels have one value."""
    if pixels.min() == pixels.max():
        raise InputError(
            f"{name} is constant (every pixel is {pixels.flat[0]:g}); "
            "an image without signal can be neither trained on nor scored."
        )


def positive(value: float, *, name: str) -> None:
    """Raise InputError unless a number is above zero."""
    if not value > 0:
        raise InputError(f"{name} must be above zero, but is {value!r}.")


def one_of(value: str, allowed: Iterable[str], *, name: str) -> None:
    """Raise InputError unless a value is among those allowed."""
    allowed = sorted(allowed)
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, but is {value!r}.")


def shape_text(pixels: Shaped) -> str:
    """Return an array's shape as ``2048 x 2048``."""
    return " x ".join(map(str, pixels.shape))

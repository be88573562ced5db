"""Checks of what a user hands in."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from denoisekit.errors import InputError


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

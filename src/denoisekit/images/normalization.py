"""Bring images to the range a network works in, and back.

Source: CARE's percentile normalisation (Weigert et al. 2018, doi 10.1038/s41592-018-0216-7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from denoisekit.errors import InputError

# Of the greater end: less than that, float32 tells no values apart.
_LEAST_RANGE = 1e-6
# CSBDeep's guard against a division by zero; part of the formula that trained networks have seen.
_EPSILON = 1e-20
# Pixels of a movie that its percentiles are taken of.
_POOLED = 2**22


@dataclass(frozen=True)
class Normalizer:
    """The affine map that takes `low` to 0 and `high` to 1, in the image's own units."""

    low: float
    high: float

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Return ``(pixels - low) / (high - low)`` as float32, without clipping."""
        scale = self.high - self.low + _EPSILON
        return ((pixels.astype(np.float32) - np.float32(self.low)) / np.float32(scale)).astype(
            np.float32, copy=False
        )

    def before(self, *, scale: float, level: float) -> "Normalizer":
        """Return what takes pixels to where this one takes ``scale * pixels + level``."""
        if (scale, level) == (1, 0):
            return self
        return Normalizer((self.low - level) / scale, (self.high - level) / scale)

    def rescale(self, pixels: Any) -> Any:
        """Return the same of an array or a tensor, in the numbers that it is in."""
        return (pixels - self.low) / (self.high - self.low)

    def undo(self, pixels: Any) -> Any:
        """Return normalised pixels, an array or a tensor, to the image's units."""
        return self.undo_scale(pixels) + np.float32(self.low)

    def undo_scale(self, widths: Any) -> Any:
        """Return widths, such as a predicted scale, to the image's units."""
        return widths * np.float32(self.high - self.low)


#: Of images that are normalised already.
UNCHANGED = Normalizer(0.0, 1.0)


def moments_normalizer(pixels: np.ndarray, *, name: str) -> Normalizer:
    """Normalise to a mean of 0 and a standard deviation of 1, as Noise2Void does.

    Parameters
    ----------
    pixels
        Images or patches that a network is trained on, of any shape and units.
    name
        What to call them in an error.

    Raises
    ------
    InputError
        If all pixels have the same value.
    """
    mean, deviation = (float(take(pixels, dtype=np.float64)) for take in (np.mean, np.std))
    if deviation == 0:
        raise InputError(
            f"{name} have the same value, {mean:g}, everywhere: there is nothing to learn from."
        )
    return Normalizer(mean, mean + deviation)


def percentile_normalizer(
    pixels: np.ndarray,
    *,
    percentiles: tuple[float, float],
    name: str,
    usable: np.ndarray | None = None,
) -> Normalizer:
    """Normalise by two percentiles of the whole image.

    Parameters
    ----------
    pixels
        An image of any shape and units, or several that are normalised alike.
    percentiles
        Lower and upper percentile, in 0 to 100; CARE predicts with 2 and 99.8.
    name
        What to call the image in an error.
    usable
        Bool in the image's shape: the pixels that the percentiles are taken of; None for all.

    Raises
    ------
    InputError
        If there is no signal between the percentiles, since nothing would be left of the image.
    """
    low, high = map(float, signal_percentiles(pixels, percentiles, name=name, usable=usable))
    return Normalizer(low, high)


def pooled(planes: Iterable[np.ndarray], *, pixels: int) -> np.ndarray:
    """Return the pixels of many planes together, thinned evenly, to take percentiles of.

    Parameters
    ----------
    planes
        Of any shape and units; each is looked at once.
    pixels
        How many there are in all. Of more than four million, every n-th is taken.

    Returns
    -------
    np.ndarray
        One-dimensional.
    """
    step = max(1, pixels // _POOLED)
    return np.concatenate([plane.ravel()[::step] for plane in planes])


def signal_percentiles(
    pixels: np.ndarray,
    percentiles: np.ndarray | tuple[float, float],
    *,
    name: str,
    usable: np.ndarray | None = None,
) -> np.ndarray:
    """Return percentiles of an image between which there is signal.

    Parameters
    ----------
    pixels, name, usable
        As `percentile_normalizer` takes them.
    percentiles
        Lower and upper ones, (2, ...), in 0 to 100.

    Returns
    -------
    np.ndarray
        (2, ...), in the image's units.

    Raises
    ------
    InputError
        If a lower and its upper percentile do not differ, to the digits of float32.
    """
    kept = pixels if usable is None or usable.all() else pixels[usable]
    ends = np.percentile(kept, percentiles)
    empty = ~(ends[1] - ends[0] > _LEAST_RANGE * np.abs(ends).max(axis=0))
    if empty.any():
        first = np.argmax(empty)
        low, high = (np.ravel(part)[first] for part in np.asarray(percentiles))
        raise InputError(
            f"{name} has the same value, {np.ravel(ends[0])[first]:g}, at its percentiles "
            f"{low:.4g} and {high:.4g}: there is no signal to normalise by. Leave the image out; "
            "where it holds few bright objects, train with 'normalization: mean-std', which takes "
            "all images alike."
        )
    return ends

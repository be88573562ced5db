"""Score restored images without a truth, by noisy values that they were not restored from.

What was not looked at has noise that the restored image knows nothing of: their mean squared
difference is the error against the unknown truth plus that noise's variance.
"""

from collections.abc import Callable

import numpy as np

from denoisekit._checks import finite, same_shape
from denoisekit.errors import InputError

_AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1))


def error_against(restored: np.ndarray, other: np.ndarray, *, variance: float) -> float:
    """Estimate the mean squared error of a restored image by another noisy image of the field.

    The other one is a second frame of what has not moved, or the rest of the light of a thinned
    image (`denoisekit.noise.thinning`). The estimate may be below zero by chance.

    Parameters
    ----------
    restored, other
        Pixels of one shape and unit; the noise of the other one is independent of the first.
    variance
        Mean noise variance of the other one over its pixels, in its units squared.

    Raises
    ------
    InputError
        If shapes differ or a value is not finite.

    References
    ----------
    Lehtinen et al. 2018, Noise2Noise, arXiv 1803.04189. Batson and Royer 2019, doi 10.1101/786269.
    """
    same_shape(restored, other, names=("The restored image", "the other noisy one"))
    finite(restored, name="The restored image")
    finite(other, name="The other noisy image")
    difference = np.asarray(restored, np.float64) - other
    return float(np.mean(difference**2)) - variance


def masked_error(
    restore: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, *, period: int
) -> float:
    """Return the mean squared difference of hidden noisy pixels from what they are restored to.

    Pixels of a grid are replaced by the mean of their four neighbours, the image is restored, and
    the grid is moved until every pixel has been hidden once. The result is the error of restoring
    without the pixel itself, which is larger than with it, plus the noise variance; it ranks
    methods where that changes them alike, and needs noise that is independent from pixel to pixel.

    Parameters
    ----------
    restore
        Restores an image.
    pixels
        The noisy image, (Y, X).
    period
        Step of the grid in px, in both directions; so many squared times it is restored.

    Raises
    ------
    InputError
        If hidden pixels would be neighbours, or a side is shorter than the step.

    References
    ----------
    Batson and Royer 2019, Noise2Self, arXiv 1901.11365.
    """
    if not 2 <= period <= min(pixels.shape):
        raise InputError(
            f"The step of the hidden pixels must be from 2 px to the image's shorter side of "
            f"{min(pixels.shape)} px, but is {period}."
        )
    values = np.asarray(pixels, np.float64)
    edged = np.pad(values, 1, mode="reflect")
    rows, columns = values.shape
    around = np.mean(
        [edged[1 + y : 1 + y + rows, 1 + x : 1 + x + columns] for y, x in _AROUND], axis=0
    )
    total = 0.0
    for y in range(period):
        for x in range(period):
            grid = (slice(y, None, period), slice(x, None, period))
            shown = values.copy()
            shown[grid] = around[grid]
            total += float(np.sum((np.asarray(restore(shown))[grid] - values[grid]) ** 2))
    return total / values.size

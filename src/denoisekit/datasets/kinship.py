"""Measure whether two exposures show one scene, and which of them is the better one.

Everything is measured between two halves of an exposure. Of each square of 2 x 2 pixels one half
has the mean of one diagonal, the other that of the other: both sample the same places, and no pixel
is in both. So the noise of two halves, and a hot pixel, have nothing in common, but structure has.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

# The band in which structure is looked for, in px of a half, which are twice as large as a pixel.
_FINE_SIGMA, _COARSE_SIGMA = 1.0, 4.0
_BLOCKS = 4
_SMALLEST_SIDE = 32


@dataclass(frozen=True)
class Kinship:
    """How the structure and the noise of two exposures go together, for a person and for verdicts.

    What cannot be told is NaN: all but `low_signal` without a high exposure, and the correlation of
    structure where none stands out of the noise.

    Attributes
    ----------
    low_signal, high_signal
        Reliability of an exposure: which share of its variance in a band of 2 to 8 px is structure
        rather than noise, about 0 for an empty field. The correlation of its halves.
    structure, structure_error
        Correlation of the structure of both exposures in that band, corrected for the noise of
        either (Spearman's correction for attenuation): 1 for one scene at any light, about 0 for
        two. Its standard error, by leaving out 16 parts of the image in turn (jack-knife).
    noise_ratio
        How much noisier the high exposure is than the low one, each against its own structure:
        below 1 for a pair, its inverse if the two are swapped.
    noise_correlation
        Correlation of what neighbouring pixels differ in, mostly noise: 1 for copies.
    """

    low_signal: float
    high_signal: float = np.nan
    structure: float = np.nan
    structure_error: float = np.nan
    noise_ratio: float = np.nan
    noise_correlation: float = np.nan


def measure_kinship(low: np.ndarray, high: np.ndarray | None) -> Kinship:
    """Measure how two exposures, laid on each other, go together.

    Parameters
    ----------
    low, high
        Of one shape, (Y, X), in any units; `high` is None where there is none. Of less than 32
        pixels a side, nothing can be told.

    References
    ----------
    .. [1] C. Spearman, "The proof and measurement of association between two things", Am. J.
       Psychol. 15 (1904), doi:10.2307/1412159.
    """
    if min(low.shape) < _SMALLEST_SIDE:
        return Kinship(low_signal=np.nan)
    of_low, low_differences = _halves(low)
    low_signal = _correlation(*of_low)
    if high is None:
        return Kinship(low_signal=low_signal)
    of_high, high_differences = _halves(high)
    structure, error = _structure(of_low, of_high)
    noise = _relative_noise(*of_high, high_differences) / _relative_noise(*of_low, low_differences)
    return Kinship(
        low_signal=low_signal,
        high_signal=_correlation(*of_high),
        structure=structure,
        structure_error=error,
        noise_ratio=float(noise),
        noise_correlation=_correlation(low_differences, high_differences),
    )


def _halves(image: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return the structure of both halves of an image, and the difference of these."""
    rows, columns = (side // 2 * 2 for side in image.shape)
    pixels = image[:rows, :columns].astype(np.float64)
    first = (pixels[::2, ::2] + pixels[1::2, 1::2]) / 2
    second = (pixels[::2, 1::2] + pixels[1::2, ::2]) / 2
    return (_band_pass(first), _band_pass(second)), first - second


def _band_pass(half: np.ndarray) -> np.ndarray:
    fine = ndimage.gaussian_filter(half, _FINE_SIGMA)
    structure = fine - ndimage.gaussian_filter(half, _COARSE_SIGMA)
    return structure - structure.mean()


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Pearson's correlation, or NaN where an image is constant."""
    first, second = first - first.mean(), second - second.mean()
    scale = np.sqrt(np.mean(first**2) * np.mean(second**2))
    return float(np.mean(first * second) / scale) if scale > 0 else np.nan


def _relative_noise(first: np.ndarray, second: np.ndarray, differences: np.ndarray) -> np.float64:
    """Return the size of an exposure's noise over that of its structure, or NaN without either."""
    structure, noise = np.mean(first * second), np.abs(differences).mean()
    return noise / np.sqrt(structure) if structure > 0 and noise > 0 else np.float64(np.nan)


def _structure(
    low: tuple[np.ndarray, np.ndarray], high: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float]:
    """Return the correlation of structure and its standard error."""
    # Across halves only, so that a pixel that is hot in both exposures counts nowhere.
    sums = np.stack(
        [
            _block_sums((low[0] * high[1] + low[1] * high[0]) / 2),
            _block_sums(low[0] * low[1]),
            _block_sums(high[0] * high[1]),
        ]
    )
    without = _disattenuated(sums.sum(axis=1, keepdims=True) - sums)
    spread = np.sum((without - without.mean()) ** 2)
    error = np.sqrt((without.size - 1) / without.size * spread)
    return float(_disattenuated(sums.sum(axis=1))), float(error)


def _block_sums(product: np.ndarray) -> np.ndarray:
    bands = np.array_split(product, _BLOCKS, axis=0)
    return np.array(
        [part.sum() for band in bands for part in np.array_split(band, _BLOCKS, axis=1)]
    )


def _disattenuated(sums: np.ndarray) -> np.ndarray:
    across, of_low, of_high = sums
    scale = np.sqrt(np.maximum(of_low, 0) * np.maximum(of_high, 0))
    return np.divide(across, scale, out=np.full_like(scale, np.nan), where=scale > 0)

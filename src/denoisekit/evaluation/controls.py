"""Two controls of a method: pure noise, in which there is nothing to find, and a flat field.

Of pure noise at the background's level every structure in the restored image is invented. Of a flat
field at the images' mean level every pattern is the method's own, such as the checkerboard that
transposed layers leave (Odena et al. 2016, doi 10.23915/distill.00003).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, stats

from denoisekit.errors import InputError
from denoisekit.evaluation.residuals import CameraNoise

#: The kinds of control images.
KINDS = ("noise", "flat")
# The background is what the darkest twentieth of an image is below, its noise averaged away.
_BACKGROUND = 5
_AVERAGED_PX = 3.0
# Left out at each side: borders are seen with less around them.
_BORDER = 16
# In cycles per pixel, patterns slower than that are not told from uneven light.
_SLOWEST = 1 / 16
# Side of the neighbourhood, in lines of the spectrum, that each of them is compared with.
_AROUND = 15
# Waves of less power than this share of the noise's are not seen: of a thousandth of its standard
# deviation, in an image of 256 px.
_LEAST_POWER = 0.01
# How often noise alone would be called a pattern, were its spectrum known; it is estimated, and
# with that it is less than once in a hundred.
_BY_CHANCE = 1e-4
# Of larger images, the middle tells enough.
_LARGEST = 512


@dataclass(frozen=True)
class Levels:
    """Mean values, in counts, of the images' background and of the images as a whole."""

    noise: float
    flat: float


def levels(images: Sequence[np.ndarray]) -> Levels:
    """Return the background and the mean of images (Y, X), each the median over them."""
    averaged = [ndimage.gaussian_filter(image.astype(np.float64), _AVERAGED_PX) for image in images]
    dark = [np.percentile(image, _BACKGROUND) for image in averaged]
    return Levels(float(np.median(dark)), float(np.median([image.mean() for image in averaged])))


def expose(
    level: float,
    noise: CameraNoise,
    *,
    offset: float | None,
    shape: tuple[int, int],
    kind: np.dtype,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return an image of one level with independent noise of a camera.

    Parameters
    ----------
    level
        Mean of the pixels, in counts.
    noise
        Its line says the variance.
    offset
        The camera's value without light, which tells how much of the variance is photons'; None
        where it is not known: all of it then is.
    shape
        (Y, X).
    kind
        Type of the pixels; whole numbers are rounded and cut off at their ends.
    rng
        Draws the noise.
    """
    variance = float(noise.variance(np.array(level)))
    gain = noise.line.gain
    light = 0.0
    if gain > 0:
        light = variance / gain**2
        if offset is not None:
            light = min(light, max(level - offset, 0) / gain)
    pixels = level + gain * (rng.poisson(light, shape) - light)
    rest = max(variance - gain**2 * light, 0)
    pixels += np.sqrt(rest) * rng.standard_normal(shape)
    if np.issubdtype(kind, np.integer):
        ends = np.iinfo(kind)
        pixels = np.clip(np.rint(pixels), ends.min, ends.max)
    return pixels.astype(kind)


def invented(
    noise: Sequence[np.ndarray], restored: Sequence[np.ndarray], *, sigma_px: float
) -> dict[str, float]:
    """Count what a method makes of pure noise.

    Parameters
    ----------
    noise, restored
        Images (Y, X) of pure noise, and what became of each, in the same units.
    sigma_px
        Of the Gaussian that both are averaged by.

    Returns
    -------
    dict
        ``structures``: local maxima of an averaged restored image that rise higher above its
        median than any of all averaged noise images does above its own, mean over the images.
        ``contrast``: standard deviation of the averaged restored images over that of the noise.
        ``noise_shift``: mean restored minus mean value, in standard deviations of the noise.
    """
    averaged, shown = (
        [_above_median(ndimage.gaussian_filter(one.astype(np.float64), sigma_px)) for one in part]
        for part in (noise, restored)
    )
    highest = max(float(one.max()) for one in averaged)
    # Peaks of the noise itself, that rounding moves, are none.
    counts = [np.count_nonzero(_maxima(one) & (one > highest * (1 + 1e-6))) for one in shown]
    spread, own = (np.sqrt(np.mean([one.var() for one in part])) for part in (shown, averaged))
    return {
        "structures": float(np.mean(counts)),
        "contrast": float(spread / own),
        "noise_shift": _shift(noise, restored),
    }


def _shift(made: Sequence[np.ndarray], restored: Sequence[np.ndarray]) -> float:
    """Return mean restored minus mean value, in standard deviations of the noise."""
    moved = np.mean([one.mean() for one in restored]) - np.mean([one.mean() for one in made])
    return float(moved / np.sqrt(np.mean([one.astype(np.float64).var() for one in made])))


def _above_median(image: np.ndarray) -> np.ndarray:
    above: np.ndarray = image - np.median(image)
    return above


def _maxima(image: np.ndarray) -> np.ndarray:
    """Mark pixels that no neighbour is above, and one is below: not those of a plateau."""
    highest: np.ndarray = image == ndimage.maximum_filter(image, size=3)
    return highest & (image > ndimage.minimum_filter(image, size=3))


def pattern(flat: Sequence[np.ndarray], restored: Sequence[np.ndarray]) -> dict[str, float]:
    """Measure which pattern a method leaves in a flat field.

    Parameters
    ----------
    flat, restored
        Images (Y, X) of one level with noise, and what became of each, in the same units.

    Returns
    -------
    dict
        ``spread``: standard deviation of the restored pixels over that of the noise.
        ``flat_shift``: as ``noise_shift``. ``peak``: the highest
        power in the restored images' spectra over that of the waves like it, mean over images,
        ``limit`` what noise alone hardly exceeds, and ``period_px`` the length of that wave; NaN
        where the restored images are constant.

    Raises
    ------
    InputError
        If the images are too small.
    """
    if min(flat[0].shape) < 4 * _BORDER:
        raise InputError(
            f"A flat field needs {4 * _BORDER} pixels a side to show a pattern, but has "
            f"{' x '.join(map(str, flat[0].shape))}; leave controls of such images out."
        )
    margins = [max(_BORDER, (side - _LARGEST) // 2) for side in flat[0].shape]
    inside = tuple(slice(margin, -margin) for margin in margins)
    inner = [one.astype(np.float64)[inside] for one in restored]
    own = np.sqrt(np.mean([one.astype(np.float64).var() for one in flat]))
    found = {
        "spread": float(np.sqrt(np.mean([one.var() for one in inner])) / own),
        "flat_shift": _shift(flat, restored),
    }
    return found | _peak(inner, float(own))


def _peak(images: Sequence[np.ndarray], own: float) -> dict[str, float]:
    shape = images[0].shape
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in shape))
    frequency = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, shape), indexing="ij"))
    asked, count = frequency >= _SLOWEST, len(images)
    ratios = np.zeros(np.count_nonzero(asked))
    for one in images:
        power = np.abs(np.fft.fft2((one - one.mean()) * window)) ** 2
        # The median of a neighbourhood holds no peak; of exponential variables it is ln 2.
        around = ndimage.median_filter(power, size=_AROUND, mode="wrap") / np.log(2)
        least = _LEAST_POWER * own**2 * np.sum(window**2)
        ratios += power[asked] / np.maximum(around[asked], least) / count
    best = int(np.argmax(ratios))
    # Each wave is in the spectrum twice.
    limit = stats.gamma.isf(2 * _BY_CHANCE / ratios.size, count) / count
    return {
        "peak": float(ratios[best]),
        "limit": float(limit),
        "period_px": float(1 / frequency[asked][best]) if ratios[best] > 0 else np.nan,
    }

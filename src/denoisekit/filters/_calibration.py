"""Choose a filter's strength from the noisy image alone.

Noise of a known size is added to the image and subtracted, `_SHARE` times as strong one way and
divided by `_SHARE` the other way: the two results have independent noise [1]_. The one is filtered,
the other judges it, and the strength whose result correlates best with it is taken. Correlation,
not distance, since a filter that lowers the contrast everywhere alike has lost nothing.

Where single photons are counted, few pixels have one, and noise that is added in the shape of a
bell hides all of them. There the photons themselves are shared out (thinning), which gives exactly
independent images: a third judges what the filter makes of the others, each third in turn.

The same comparison decides whether the filter is run on the image as it is or with its noise
stabilised first: most filters assume noise that is the same everywhere, but the square root also
squeezes the contrast of bright structure, and which of the two weighs more differs between images.

References
----------
.. [1] N. L. Oliveira, J. Lei, R. J. Tibshirani, "Unbiased risk estimation in the normal means
   problem via coupled bootstrap techniques", Electron. J. Stat. 18 (2024),
   arXiv:2111.09447.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from denoisekit.noise.anscombe import stabilise, unstabilise
from denoisekit.noise.estimate import NoiseFit, estimate_noise
from denoisekit.noise.usable import sound, within

Smooth = Callable[[np.ndarray, float], np.ndarray]

_SHARE = 0.5
_FOLDS = 3
_FEW_PHOTONS = 0.2
# Of a photon; float32 holds multiples less exactly than that only beyond a thousand.
_WHOLE = 1e-3
_LARGEST_SIDE, _SMALLEST_SIDE = 512, 32
_TRIALS = 7
# Narrow: a blur that levels a bright structure gives it too little noise, so that what is filtered
# and what judges it share some of theirs.
_PILOT_SIGMA = 1.0
_STRUCTURE_SIGMA = 2.0


@dataclass(frozen=True)
class Filtered:
    """What a filter made of an image.

    Attributes
    ----------
    pixels
        float32, in the shape and the units of the image.
    settings
        What the filter chose for this image; empty where there was nothing to choose.
    beside
        What else it found, by the name of the folder below the restored images that it belongs in.
    """

    pixels: np.ndarray
    settings: dict[str, float]
    beside: Mapping[str, np.ndarray] = field(default_factory=dict)


def restore_calibrated(
    image: np.ndarray,
    smooth: Smooth,
    *,
    usable: np.ndarray | None,
    strength: str,
    weakest: float,
    strongest: float,
) -> Filtered:
    """Run a filter with the strength that its image calls for.

    Parameters
    ----------
    image
        Noisy pixels in any unit.
    smooth
        The filter: a function of an image, whose noise has a standard deviation of 1, and a
        strength.
    usable
        Where the noise and the strength are to be learned, as `denoisekit.noise.usable.sound`
        takes it.
    strength
        What the strength is called.
    weakest, strongest
        Strengths between which to choose.

    Raises
    ------
    InputError
        If the image's noise cannot be estimated, as where the image is constant or not finite.
    """
    image, usable = sound(image, usable, name="The image to restore")
    measured = estimate_noise(image, usable)
    image = image.astype(np.float64)
    variance = within(_variance(image, measured), usable)
    even = NoiseFit(gain=0.0, intercept=float(variance.mean()))

    part = _most_structured(image, usable)
    photon = few_photons(within(image, usable))
    if photon is None:
        growth, halves = 1 + _SHARE**2, [_split(image[part], measured)]
    else:
        growth, halves = 1 - 1 / _FOLDS, _thinned(image[part], photon)

    def merit(fit: NoiseFit, value: float) -> float:
        # Of fewer photons, the variance is less, but its gain is the same.
        gain = fit.gain * growth if photon is None else fit.gain
        of_half = NoiseFit(gain, fit.intercept * growth)
        merits = [
            _correlation(
                within(_run(half, smooth, of_half, value), usable[part]),
                within(judge, usable[part]),
            )
            for half, judge in halves
        ]
        return float(np.mean(merits))

    best = max(
        (_search(merit, fit, weakest, strongest) for fit in dict.fromkeys([measured, even])),
        key=lambda trial: trial[0],
    )
    _, fit, value = best
    settings = {
        strength: value,
        "stabilised": float(fit.gain > 0),
        "noise_gain": measured.gain,
        "noise_intercept": measured.intercept,
    }
    pixels = _run(image, smooth, fit, value)
    if photon is not None:
        pixels = with_mean_of(pixels, image, usable)
    return Filtered(pixels.astype(np.float32), settings)


def restore_stabilised(
    image: np.ndarray,
    smooth: Callable[[np.ndarray], np.ndarray],
    *,
    noise: NoiseFit,
    usable: np.ndarray,
) -> Filtered:
    """Restore an image by what takes noise of the standard deviation 1: nothing is chosen.

    Parameters
    ----------
    image
        Noisy pixels in any unit, hot and dead ones repaired.
    smooth
        What restores the stabilised image.
    noise
        The image's.
    usable
        Where the image's mean is taken.

    Returns
    -------
    Filtered
        Its settings name the noise.
    """
    pixels = unstabilise(smooth(stabilise(image, noise)), noise)
    if few_photons(within(image, usable)) is not None:
        pixels = with_mean_of(pixels, image, usable)
    settings = {
        "stabilised": float(noise.gain > 0),
        "noise_gain": noise.gain,
        "noise_intercept": noise.intercept,
    }
    return Filtered(pixels.astype(np.float32), settings)


def few_photons(pixels: np.ndarray) -> float | None:
    """Return the value of a single photon where there are fewer than 0.2 a pixel, or None.

    All values are then whole multiples of it, from 0 on, and most are 0.
    """
    if pixels.min() < 0 or not pixels.any():
        return None
    least = float(pixels[pixels > 0].min())
    photons = pixels / least
    whole = np.all(np.abs(photons - np.rint(photons)) < _WHOLE)
    return least if np.mean(photons) < _FEW_PHOTONS and whole else None


def with_mean_of(
    pixels: np.ndarray, image: np.ndarray, usable: np.ndarray | None = None
) -> np.ndarray:
    """Return a filtered image of counts as bright as the image itself is.

    Of few photons, neither the mean of stabilised values, where all but some are the same, nor the
    mean of like patches is that of the counts.
    """
    if usable is None:
        usable = np.ones(image.shape, dtype=bool)
    mean = np.mean(pixels[usable])
    return pixels * (np.mean(image[usable]) / mean) if mean > 0 else pixels


def _thinned(image: np.ndarray, photon: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Share out an image's photons; return pairs of all but one share, and that one."""
    rng, left, pairs = np.random.default_rng(0), np.rint(image / photon).astype(int), []
    for share in range(_FOLDS, 0, -1):
        judge = rng.binomial(left, 1 / share)
        left = left - judge
        pairs.append((image - photon * judge, photon * judge))
    return pairs


def _run(image: np.ndarray, smooth: Smooth, fit: NoiseFit, value: float) -> np.ndarray:
    return unstabilise(smooth(stabilise(image, fit), value), fit)


def _search(
    merit: Callable[[NoiseFit, float], float], fit: NoiseFit, weakest: float, strongest: float
) -> tuple[float, NoiseFit, float]:
    """Return the best merit, its noise and its strength: a coarse search and one parabola."""
    logs = np.linspace(np.log(weakest), np.log(strongest), _TRIALS)
    merits = [merit(fit, float(np.exp(log))) for log in logs]
    top = int(np.argmax(merits))
    if 0 < top < _TRIALS - 1:
        below, peak, above = merits[top - 1 : top + 2]
        vertex = logs[top] + (logs[1] - logs[0]) * 0.5 * (below - above) / (
            below - 2 * peak + above
        )
        logs, merits = np.append(logs, vertex), [*merits, merit(fit, float(np.exp(vertex)))]
        top = int(np.argmax(merits))
    return merits[top], fit, float(np.exp(logs[top]))


def _split(image: np.ndarray, fit: NoiseFit) -> tuple[np.ndarray, np.ndarray]:
    """Return two images of one scene whose noises are independent of each other."""
    noise = np.random.default_rng(0).normal(size=image.shape) * np.sqrt(_variance(image, fit))
    return image + _SHARE * noise, image - noise / _SHARE


def _variance(image: np.ndarray, fit: NoiseFit) -> np.ndarray:
    """Return the noise variance at every pixel, from a blurred image."""
    variance = fit.gain * ndimage.gaussian_filter(image, _PILOT_SIGMA) + fit.intercept
    return np.maximum(variance, 1e-3 * variance.max())


def _most_structured(image: np.ndarray, usable: np.ndarray | None = None) -> tuple[slice, ...]:
    """Choose the part of a large image whose blur varies most.

    It has at most 512 pixels a side; of a volume, it is whole along z and has as many pixels.
    """
    blurred = ndimage.gaussian_filter(image, _STRUCTURE_SIGMA)
    longest = [_LARGEST_SIDE] * image.ndim
    if image.ndim == 3:
        across = math.isqrt(_LARGEST_SIDE**2 // len(image))
        longest = [len(image), *[max(across, _SMALLEST_SIDE)] * 2]
    sides = [min(side, most) for side, most in zip(image.shape, longest, strict=True)]
    counts = [side // part for side, part in zip(image.shape, sides, strict=True)]
    parts = [
        tuple(slice(n * part, (n + 1) * part) for n, part in zip(index, sides, strict=True))
        for index in np.ndindex(*counts)
    ]
    if usable is None:
        return max(parts, key=lambda part: blurred[part].var())
    parts = [part for part in parts if usable[part].any()]
    return max(parts, key=lambda part: within(blurred[part], usable[part]).var())


def _correlation(result: np.ndarray, judge: np.ndarray) -> float:
    result = result - result.mean()
    spread = result.std() * judge.std()
    return float(np.mean(result * judge) / spread) if spread > 0 else 0.0

"""Choose a filter's strength from the noisy image alone.

Noise of a known size is added to the image and subtracted, `_SHARE` times as strong one way and
divided by `_SHARE` the other way: the two results have independent noise [1]_. The one is filtered,
the other judges it, and the strength whose result correlates best with it is taken. Correlation,
not distance, since a filter that lowers the contrast everywhere alike has lost nothing.

The same comparison decides whether the filter is run on the image as it is or with its noise
stabilised first: most filters assume noise that is the same everywhere, but the square root also
squeezes the contrast of bright structure, and which of the two weighs more differs between images.

References
----------
.. [1] N. L. Oliveira, J. Lei, R. J. Tibshirani, "Unbiased risk estimation in the normal means
   problem via coupled bootstrap techniques", Electron. J. Stat. 18 (2024),
   arXiv:2111.09447.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from denoisekit.noise.anscombe import stabilise, unstabilise
from denoisekit.noise.estimate import NoiseFit, estimate_noise
from denoisekit.noise.usable import sound, within

Smooth = Callable[[np.ndarray, float], np.ndarray]

_SHARE = 0.5
_LARGEST_SIDE = 512
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
    """

    pixels: np.ndarray
    settings: dict[str, float]


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
    half, judge = _split(image[part], measured)

    def merit(fit: NoiseFit, value: float) -> float:
        noisier = NoiseFit(fit.gain * (1 + _SHARE**2), fit.intercept * (1 + _SHARE**2))
        result = _run(half, smooth, noisier, value)
        return _correlation(within(result, usable[part]), within(judge, usable[part]))

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
    return Filtered(_run(image, smooth, fit, value).astype(np.float32), settings)


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
    """Choose the part of a large image, of at most 512 pixels a side, whose blur varies most."""
    blurred = ndimage.gaussian_filter(image, _STRUCTURE_SIGMA)
    sides = [min(side, _LARGEST_SIDE) for side in image.shape]
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

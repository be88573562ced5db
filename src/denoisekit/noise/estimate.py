"""Estimate Poisson-Gaussian noise from the image alone: the photon-transfer line.

A camera's noise has a part that grows with the light (photons) and one that does not (reading out):
``variance = gain * (mean - offset) + read_noise**2``. One image tells only the straight line,
``variance = gain * mean + intercept``: the intercept is ``read_noise**2 - gain * offset``, and
neither of the two can be had from it without knowing the other. The line is all that stabilising
the variance needs.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from denoisekit import _checks
from denoisekit.errors import InputError
from denoisekit.noise.usable import sound, within

_NAME = "The image whose noise is measured"
_SMALLEST_SIDE = 32
_GROUPS = 32
_PIXELS_PER_GROUP = 64
# Fourth differences: what is left of a structure two pixels wide is little, the noise stays.
DIFFERENCES = np.array([1.0, -4.0, 6.0, -4.0, 1.0]) / np.sqrt(70.0)
_SURROUND_SIGMA = 3.0


@dataclass(frozen=True)
class NoiseFit:
    """The photon-transfer line ``variance = gain * mean + intercept``, in the image's own units.

    Attributes
    ----------
    gain
        Slope: camera counts per detected photon, if the noise is that of photons. Zero where the
        noise does not depend on the signal.
    intercept
        ``read_noise**2 - gain * offset``, often below zero.
    """

    gain: float
    intercept: float


@dataclass(frozen=True)
class NoiseByLight:
    """Photon-transfer curve: mean, noise variance and number of pixels of groups of like light."""

    means: np.ndarray
    variances: np.ndarray
    counts: np.ndarray


def estimate_noise(image: np.ndarray, usable: np.ndarray | None = None) -> NoiseFit:
    """Estimate how the noise variance depends on the mean, from one image without its truth.

    A line through the groups of `noise_by_light`, fitted robustly, is the noise model.

    Parameters
    ----------
    image
        Pixels in any unit, (Y, X) or (Z, Y, X), at least 32 along y and x, with noise independent
        from pixel to pixel. A volume is measured within its planes, since structure may change much
        from one to the next. Where many pixels have the image's maximum, those beside them are left
        out.
    usable
        Where the image is to be measured, as `denoisekit.noise.usable.sound` takes it.

    Raises
    ------
    InputError
        If the image is too small, constant, not finite, or without noise.

    References
    ----------
    .. [1] A. Foi, M. Trimeche, V. Katkovnik, K. Egiazarian, "Practical Poissonian-Gaussian noise
       modeling and fitting for single-image raw-data", IEEE Trans. Image Process. 17 (2008),
       doi:10.1109/TIP.2008.2001399. Same model; ours replaces segmentation by an instrumental
       grouping.
    """
    return fit_noise(noise_by_light(image, usable))


def noise_by_light(image: np.ndarray, usable: np.ndarray | None = None) -> NoiseByLight:
    """Measure the photon-transfer curve of one image without its truth.

    Pixels are grouped by the light of their surround. In each group, the mean square of the
    image's fourth differences along y and x is the noise variance, since structure that the optics
    let pass hardly reaches such high frequencies. A pixel's surround leaves out the pixels that its
    differences are taken from: grouping by noise that also enters the variance would bias a line
    through the groups.

    Parameters
    ----------
    image, usable
        As `estimate_noise` takes them.

    Raises
    ------
    InputError
        As `estimate_noise` raises it.
    """
    image, usable = sound(image, usable, name=_NAME)
    _check(image, usable)
    pixels = image.astype(np.float64)
    clear = ~near_saturation(image) & _away_from(~usable)
    return _measurable(_grouped(pixels, pixels, clear), pixels)


def noise_between_frames(
    first: np.ndarray, second: np.ndarray, usable: np.ndarray | None = None
) -> NoiseByLight:
    """Measure the photon-transfer curve of two frames of a static field.

    As `noise_by_light`, but the fourth differences are those of one frame minus the other, in
    which no structure is left.

    Parameters
    ----------
    first, second
        Frames of one shape, each as `estimate_noise` takes it.
    usable
        Where both are to be measured.

    Raises
    ------
    InputError
        As `estimate_noise` raises it, or if the frames are the same.
    """
    _checks.same_shape(first, second, names=("A frame", "the next"))
    (first, of_first), (second, of_second) = (
        sound(frame, usable, name=_NAME) for frame in (first, second)
    )
    both = of_first & of_second
    for frame in (first, second):
        _check(frame, both)
    light = (first.astype(np.float64) + second) / 2
    difference = (first.astype(np.float64) - second) / np.sqrt(2)
    clear = ~(near_saturation(first) | near_saturation(second)) & _away_from(~both)
    return _measurable(_grouped(light, difference, clear), light)


def _check(image: np.ndarray, usable: np.ndarray) -> None:
    if min(image.shape[-2:]) < _SMALLEST_SIDE:
        raise InputError(
            f"The noise of an image can be measured from {_SMALLEST_SIDE} pixels a side on, but it "
            f"has {_checks.shape_text(image)}; give a larger one."
        )
    _checks.not_constant(within(image, usable), name=_NAME)


def _measurable(groups: NoiseByLight, light: np.ndarray) -> NoiseByLight:
    rounding = 1e-12 * light.var()
    if not np.any(groups.variances > rounding):
        raise InputError(
            "The image has no measurable noise (its fourth differences are zero); "
            "noise can be estimated and filtered only where there is some."
        )
    return groups


def _grouped(light: np.ndarray, noise: np.ndarray, usable: np.ndarray) -> NoiseByLight:
    """Group pixels by the light of their surround; `noise` may still hold the structure."""
    inside = (..., slice(2, -2), slice(2, -2))
    usable = usable[inside]
    if not usable.any():
        raise InputError(
            "Every pixel of the image lies beside a saturated one or outside of the field, so that "
            "its noise cannot be measured; give an image that was exposed less."
        )
    mean = separable(light, DIFFERENCES**2)[inside][usable]
    variance = separable(noise, DIFFERENCES)[inside][usable] ** 2
    surround = _surround(light)[inside][usable]

    order = np.argsort(surround, kind="stable")
    ordered = surround[order]
    # Groups share out the pixels and the range of light alike, so that a field that is mostly
    # background still has several groups of bright pixels.
    place = np.linspace(0, 1, ordered.size) + (ordered - ordered[0]) / np.ptp(ordered)
    count = min(_GROUPS, ordered.size // (2 * _PIXELS_PER_GROUP))
    cuts = np.searchsorted(place, np.linspace(0, 2, count + 1)[1:-1])
    groups = [group for group in np.split(order, cuts) if group.size >= _PIXELS_PER_GROUP]
    return NoiseByLight(
        np.array([mean[group].mean() for group in groups]),
        np.array([variance[group].mean() for group in groups]),
        np.array([group.size for group in groups], dtype=np.float64),
    )


def near_saturation(image: np.ndarray) -> np.ndarray:
    """Mark pixels whose differences touch the image's maximum; none if it is rare.

    These are to be left out of a fit, and not those that `denoisekit.noise.saturation` marks: a
    maximum that many pixels have counts even where they do not pile up, and a few saturated pixels
    do not.
    """
    brightest = image == image.max()
    if np.count_nonzero(brightest) <= 1e-4 * image.size:
        return np.zeros(image.shape, dtype=bool)
    return ~_away_from(brightest)


def _away_from(marked: np.ndarray) -> np.ndarray:
    """Return the pixels whose differences touch none that is marked."""
    away: np.ndarray = ~ndimage.maximum_filter(marked, size=DIFFERENCES.size, axes=(-2, -1))
    return away


def _surround(image: np.ndarray) -> np.ndarray:
    """Blur, leaving out of each pixel's mean the pixels that its differences are taken from."""
    reach = int(4 * _SURROUND_SIGMA)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SURROUND_SIGMA) ** 2)
    weights /= weights.sum()
    half = DIFFERENCES.size // 2
    centre = weights[reach - half : reach + half + 1]
    return separable(image, weights) - separable(image, centre)


def separable(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Filter an image, or each plane of a volume, with the same weights along y and x."""
    for axis in (-2, -1):
        image = ndimage.convolve1d(image, weights, axis=axis)
    return image


def fit_noise(groups: NoiseByLight) -> NoiseFit:
    """Fit a line by iterated weights: a variance's error grows with it, and outliers weigh less."""
    means, variances, counts = groups.means, groups.variances, groups.counts
    design = np.stack([means, np.ones_like(means)], axis=1)
    floor = 1e-2 * np.median(variances[variances > 0])
    fitted, trust = variances, np.ones_like(variances)
    gain = intercept = 0.0
    for _ in range(50):
        precision = np.sqrt(counts) / np.maximum(fitted, floor)
        weights = precision * np.sqrt(trust)
        gain, intercept = np.linalg.lstsq(
            design * weights[:, None], variances * weights, rcond=None
        )[0]
        if gain <= 0:
            gain, intercept = 0.0, np.average(variances, weights=weights**2)
        fitted = gain * means + intercept
        surprise = np.abs(variances - fitted) * precision
        # Huber's weights; a group's variance errs by sqrt(2) in these units even without structure.
        limit = 1.345 * max(1.4826 * np.median(surprise), np.sqrt(2))
        trust = limit / np.maximum(surprise, limit)
    return NoiseFit(gain=float(gain), intercept=float(intercept))

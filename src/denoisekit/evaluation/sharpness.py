"""How sharp a restored image is, against the truth: spectra, correlation, lines and edges.

Sharper than the truth is no better than blurrier: every measure is set beside the truth's own.

Noise and invented detail add power at high frequencies, and so do sharp structures. They are told
apart by the *coherent* part of a restored image, its projection on the truth, frequency by
frequency: noise has none. Fourier ring correlation asks something else: up to which detail an image
agrees with the truth, however weakly it shows it; a blur does not change it.

Lengths are in px and frequencies in cycles per px; 0.5 is the Nyquist limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft
from scipy.ndimage import (
    gaussian_filter,
    map_coordinates,
    maximum_filter,
    spline_filter,
    uniform_filter1d,
)
from scipy.optimize import least_squares

from denoisekit._checks import finite, not_constant, same_shape, shape_text
from denoisekit.errors import InputError

#: Thresholds of the Fourier ring correlation: at the first crossing lies the resolution. 1/7 is for
#: two images of equal noise; 1/2 means the same where one of them, the truth, has hardly any.
THRESHOLDS = {"resolution_1_2": 1 / 2, "resolution_1_7": 1 / 7}
_WITHOUT_UNIT = ("coherent_detail", "total_detail", "finest_correlation")
_MIN_SIDE = 32
_RINGS = 64
_NYQUIST = 0.5
# The truth's power from here to the Nyquist limit is taken for its noise.
_NOISE_FROM = 0.45
_ABOVE_NOISE = 10
# Rings over which power and correlation are averaged, so that no single ring decides.
_TOGETHER = 3
_LEAST_RESOLVED = 8
# One ring in so many, the coarsest, give the scale: a blur hardly touches them.
_COARSE = 16
_PLACES = 40
_HALF_PX = 8
_STEP_PX = 0.25
_ALONG_PX = (-1.0, 0.0, 1.0)
# Wide, so that places are chosen for their structure and not for the truth's noise.
_SMOOTHING_PX = 2.0
# Lines and edges must exceed so many standard deviations of what the noise alone would give.
_SURE = 6
# A line curves along it at most by this share of how it curves across, and its brightness changes
# along it over a longer way than this; a spot's does not.
_STRAIGHT = 0.3
_STEADY_PX = 1.0
_APART_PX = 6
# So that every profile, in whatever direction, lies within the image.
_BORDER_PX = 10
_POSITIONS = np.arange(-_HALF_PX, _HALF_PX + _STEP_PX / 2, _STEP_PX)
_FWHM = 2 * np.sqrt(2 * np.log(2))


@dataclass(frozen=True)
class Spectra:
    """An image's spectrum beside the truth's, over rings of equal spatial frequency.

    Attributes
    ----------
    frequency
        Mean frequency of a ring, in cycles per px, up to 0.5.
    total
        Amplitude of the image over that of the truth; noise adds to it.
    coherent
        Amplitude of the image's projection on the truth over the truth's; noise adds nothing.
    correlation
        Fourier ring correlation of image and truth, -1 to 1.
    """

    frequency: np.ndarray
    total: np.ndarray
    coherent: np.ndarray
    correlation: np.ndarray


@dataclass(frozen=True)
class Profiles:
    """Mean course of the values across the places of lines and of edges; NaN if there are none.

    On the scale on which the truth's own course runs from 0 to 1; `position` is in px from the
    middle of the line or the edge.
    """

    position: np.ndarray
    line: np.ndarray
    edge: np.ndarray


@dataclass(frozen=True)
class Sharpness:
    """All measures of one image: the curves, and single values by name.

    ``line_width``, ``edge_width`` and those of `THRESHOLDS` in px; ``coherent_detail`` and
    ``total_detail``, amplitudes of the finest detail that the truth resolves over the truth's;
    ``finest_correlation``, the mean Fourier ring correlation from 0.45 cycles per px on, where a
    well-sampled image holds noise alone.
    """

    spectra: Spectra
    profiles: Profiles
    values: Mapping[str, float]


@dataclass(frozen=True)
class MeanCurve:
    """The mean of a curve over the images that have it, and how many those are."""

    places: np.ndarray
    values: np.ndarray
    images: int


@dataclass(frozen=True)
class _Rings:
    """The ring of every coefficient of a half transform, its weight, and each ring's frequency."""

    index: np.ndarray
    weight: np.ndarray
    frequency: np.ndarray


@dataclass(frozen=True)
class _Places:
    """Points, (N, 2), and the angles, (N,), that lead across the structures that lie there."""

    points: np.ndarray
    angle: np.ndarray


@dataclass(frozen=True)
class Truth:
    """A truth, ready for images to be measured against it; made by `prepare`."""

    pixels: np.ndarray
    transform: np.ndarray
    fine: np.ndarray
    lines: _Places
    edges: _Places
    courses: tuple[np.ndarray, ...]


def left_out(truth: np.ndarray, image: np.ndarray, *, frames: int, of: int) -> np.ndarray:
    """Return a truth, the mean of several frames, without those of them that an image is made of.

    Against a mean that holds it, an image's own noise agrees with the truth: the ring correlation
    of noise alone is ``sqrt(frames / of)``, 0.14 for one of fifty, about the threshold of 1/7.

    Parameters
    ----------
    truth, image
        The mean of all frames and that of some of them, (Y, X), unmoved and in one unit.
    frames
        How many frames the image is the mean of.
    of
        How many the truth is the mean of, those of the image among them.

    Raises
    ------
    InputError
        If the shapes differ, or no frame would be left.
    """
    same_shape(truth, image, names=("The truth", "the noisy image"))
    if not 0 < frames < of:
        raise InputError(
            f"A truth of {of} frames cannot do without {frames} of them; from 1 on, some must be "
            "left."
        )
    return (of * np.asarray(truth, np.float64) - frames * np.asarray(image, np.float64)) / (
        of - frames
    )


def prepare(truth: np.ndarray) -> Truth:
    """Find where in a truth, (Y, X), sharpness is measured, the same for every restored image.

    The places are its strongest lines and edges, if they stand out from its noise; the fine detail
    is that in the upper half of the frequencies that it resolves. These reach as far as its power
    is ten times that near the Nyquist limit, which is taken for noise, so they differ between
    truths; one that resolves fewer than 8 rings has no fine detail, and the shares of it are NaN.

    Raises
    ------
    InputError
        If it is smaller than 32 px a side, constant or not finite.
    """
    if min(truth.shape) < _MIN_SIDE:
        raise InputError(
            f"An image of {shape_text(truth)} pixels is too small to tell how sharp it is; that "
            f"needs {_MIN_SIDE} pixels a side."
        )
    finite(truth, name="The truth")
    not_constant(truth, name="The truth")
    pixels = np.asarray(truth, np.float64)
    transform = _windowed_transform(pixels)
    power, noise = _powers(transform, pixels.shape)
    noise_sd = np.sqrt(noise / np.sum(_window(pixels.shape) ** 2))
    smooth = gaussian_filter(pixels, _SMOOTHING_PX)
    slopes = np.stack(np.gradient(smooth))
    lines = _centred(spline_filter(smooth), _line_places(slopes, noise_sd))
    edges = _edge_places(slopes, noise_sd)
    courses = _courses(spline_filter(pixels), lines, edges)
    return Truth(pixels, transform, _fine_rings(power, noise), lines, edges, courses)


def measure(truth: Truth, image: np.ndarray) -> Sharpness:
    """Measure a restored image, (Y, X), in any unit, or the truth itself.

    Image and truth are brought to one scale by the image's regression on the truth in the coarsest
    frequencies, which noise leaves as it is and a blur nearly so. What needs a scale is NaN for an
    image that does not grow with the truth.

    Raises
    ------
    InputError
        If the shapes differ or any pixel is not finite.
    """
    same_shape(truth.pixels, image, names=("The truth", "the restored image"))
    finite(image, name="The restored image")
    power, own, common = _ring_sums(_windowed_transform(image), truth)
    coarse = slice(max(len(own) // _COARSE, 1))
    gain = common[coarse].sum() / own[coarse].sum()
    if not gain > 0:
        gain = np.nan
    scaled = (image - image.mean()) / gain + truth.pixels.mean()
    sums = power / gain**2, own, common / gain
    spectra = _spectra(sums, _ring_index(image.shape).frequency)
    courses = _courses(spline_filter(scaled), truth.lines, truth.edges)
    scaled_courses = [
        (course - own.min()) / np.ptp(own)
        for course, own in zip(courses, truth.courses, strict=True)
    ]
    profiles = Profiles(_POSITIONS, *scaled_courses)
    finest = spectra.frequency >= _NOISE_FROM
    # Not by the scaled spectra, which an image has only if it grows with the truth.
    size = np.sqrt(power[finest] * own[finest])
    agreement = np.divide(common[finest], size, out=np.full_like(size, np.nan), where=size > 0)
    fine = [part[truth.fine].sum() if len(truth.fine) else np.nan for part in sums]
    values = {
        "line_width": line_width(profiles.position, profiles.line),
        "edge_width": edge_width(profiles.position, profiles.edge),
        **{name: resolution(spectra, threshold=value) for name, value in THRESHOLDS.items()},
        "coherent_detail": float(fine[2] / fine[1]),
        "total_detail": float(np.sqrt(fine[0] / fine[1])),
        "finest_correlation": float(agreement.mean()),
    }
    return Sharpness(spectra, profiles, values)


def in_units(values: Mapping[str, float], *, pixel_size_um: float | None) -> dict[str, float]:
    """Return values with their units: lengths as ``line_width_px`` and, if known, also ``_um``."""
    units = {"px": 1.0} | ({"um": pixel_size_um} if pixel_size_um is not None else {})
    lengths = {
        f"{name}_{unit}": value * size
        for name, value in values.items()
        if name not in _WITHOUT_UNIT
        for unit, size in units.items()
    }
    return lengths | {name: values[name] for name in _WITHOUT_UNIT}


def resolution(spectra: Spectra, *, threshold: float) -> float:
    """Return the period, in px, where the Fourier ring correlation first falls below a threshold.

    The correlation is averaged over three rings, and its crossing interpolated linearly. Without a
    crossing the resolution is the Nyquist limit's 2 px. An image whose correlation is below from
    the first ring on, or a constant one, which has none, gets the worst there is: the first ring's
    period.

    References
    ----------
    Nieuwenhuizen et al. 2013, doi 10.1038/nmeth.2448 (1/7, two images of equal noise); Rosenthal
    and Henderson 2003, doi 10.1016/j.jmb.2003.07.013 (the same signal gives 1/2 against a reference
    without noise).
    """
    return period(spectra.frequency, spectra.correlation, threshold=threshold, finest=1 / _NYQUIST)


def period(
    frequency: np.ndarray, correlation: np.ndarray, *, threshold: float, finest: float
) -> float:
    """Return the period where a Fourier ring or shell correlation first falls below a threshold.

    Parameters
    ----------
    frequency, correlation
        Of each ring, the frequency in any unit.
    threshold
        The correlation is averaged over three rings, and its crossing interpolated linearly.
    finest
        What to return without a crossing. Below from the first ring on, it is that ring's period.
    """
    correlation = uniform_filter1d(correlation, _TOGETHER, mode="nearest")
    below = ~(correlation >= threshold)
    if not below.any():
        return finest
    first = int(np.argmax(below))
    if first == 0:
        return float(1 / frequency[0])
    pair = slice(first - 1, first + 1)
    upper, lower = correlation[pair]
    start, stop = frequency[pair]
    return float(1 / (start + (stop - start) * (upper - threshold) / (upper - lower)))


def line_width(position: np.ndarray, profile: np.ndarray) -> float:
    """Return the full width at half maximum of a bright line: of the Gaussian that fits it best.

    In the units of `position`; NaN where no peak of at most three quarters of the profile fits.
    """
    length = np.ptp(position)
    if not np.isfinite(profile).all() or profile.max() == profile.min():
        return float("nan")

    def misfit(shape: np.ndarray) -> np.ndarray:
        height, centre, sigma, ground = shape
        return ground + height * np.exp(-(((position - centre) / sigma) ** 2) / 2) - profile

    start = (np.ptp(profile), 0.0, length / 8, profile.min())
    fit = least_squares(misfit, start, method="lm")
    height, width = fit.x[0], _FWHM * abs(fit.x[2])
    return float(width) if fit.success and height > 0 and width <= 3 / 4 * length else float("nan")


def edge_width(position: np.ndarray, profile: np.ndarray) -> float:
    """Return over which length an edge rises from 10 to 90 %.

    From the lowest value before its middle, at position 0, to the highest after it. NaN where it
    does not rise.
    """
    if not np.isfinite(profile).all():
        return float("nan")
    middle = int(np.searchsorted(position, 0.0))
    low = int(np.argmin(profile[: middle + 1]))
    high = middle + int(np.argmax(profile[middle:]))
    rise = profile[high] - profile[low]
    if not rise > 0:
        return float("nan")
    share = (profile[low : high + 1] - profile[low]) / rise
    place = position[low : high + 1]
    after = int(np.argmax(share >= 0.9))
    before = int(np.flatnonzero(share[:after] <= 0.1)[-1])
    ten = np.interp(0.1, share[before : before + 2], place[before : before + 2])
    ninety = np.interp(0.9, share[after - 1 : after + 1], place[after - 1 : after + 1])
    return float(ninety - ten)


@lru_cache(maxsize=4)
def _ring_index(shape: tuple[int, int]) -> _Rings:
    """Return rings about as wide as a Fourier pixel of the shorter side, at most 64 of them.

    The mean and what lies beyond the Nyquist limit have no weight; a coefficient of the half
    transform that stands for its conjugate too has two.
    """
    rows, columns = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    frequency = np.hypot(rows, columns)
    count = min(_RINGS, min(shape) // 2)
    index = np.clip(np.rint(frequency * count / _NYQUIST).astype(int) - 1, 0, count - 1)
    weight = np.where((columns == 0) | (columns == _NYQUIST), 1.0, 2.0) * (frequency <= _NYQUIST)
    weight[0, 0] = 0
    total = np.bincount(index.ravel(), weight.ravel(), count)
    mean = np.bincount(index.ravel(), (weight * frequency).ravel(), count) / total
    return _Rings(index.ravel(), weight.ravel(), mean)


def _window(shape: tuple[int, int]) -> np.ndarray:
    return np.hanning(shape[0])[:, None] * np.hanning(shape[1])


def _windowed_transform(pixels: np.ndarray) -> np.ndarray:
    """Transform an image in a Hann window, which keeps the image's borders out of the spectrum."""
    window = _window(pixels.shape)
    mean = np.sum(window * pixels) / window.sum()
    return fft.rfft2(window * (pixels - mean)).ravel()


def _ring_sums(transform: np.ndarray, truth: Truth) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per ring the power of the image, that of the truth, and their common power."""
    rings = _ring_index(truth.pixels.shape)
    other = truth.transform
    products = (
        transform.real**2 + transform.imag**2,
        other.real**2 + other.imag**2,
        transform.real * other.real + transform.imag * other.imag,
    )
    image, own, common = (
        np.bincount(rings.index, rings.weight * product, len(rings.frequency))
        for product in products
    )
    return image, own, common


def _spectra(sums: tuple[np.ndarray, np.ndarray, np.ndarray], frequency: np.ndarray) -> Spectra:
    image, truth, common = sums
    return Spectra(
        frequency, np.sqrt(image / truth), common / truth, common / np.sqrt(image * truth)
    )


def _powers(transform: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Return the mean power of every ring, and that of the noise."""
    rings = _ring_index(shape)
    power = rings.weight * (transform.real**2 + transform.imag**2)
    mean = np.bincount(rings.index, power) / np.bincount(rings.index, rings.weight)
    return mean, mean[rings.frequency >= _NOISE_FROM].mean()


def _fine_rings(power: np.ndarray, noise: float) -> np.ndarray:
    """Return the upper half of the rings up to the last with a signal; none if those are few."""
    mean = uniform_filter1d(power, _TOGETHER, mode="nearest")
    end = np.flatnonzero(mean > _ABOVE_NOISE * noise).max(initial=-1) + 1
    return np.arange(end // 2, end) if end >= _LEAST_RESOLVED else np.arange(0)


def _line_places(slopes: np.ndarray, noise_sd: float) -> _Places:
    """Return the strongest bright lines: where the truth curves down one way, and hardly along."""
    (yy, yx), (_, xx) = (np.gradient(slope) for slope in slopes)
    middle, spread = (yy + xx) / 2, np.hypot((yy - xx) / 2, yx)
    down, along = spread - middle, np.abs(middle + spread)
    angle = (np.arctan2(2 * yx, xx - yy) + np.pi) / 2
    slope = np.abs(np.cos(angle) * slopes[0] - np.sin(angle) * slopes[1])
    # The standard deviation of a second derivative of white noise that a Gaussian smoothed.
    least = _SURE * noise_sd * np.sqrt(3 / (16 * np.pi)) / _SMOOTHING_PX**3
    line = (along < _STRAIGHT * down) & (slope < _STEADY_PX * down) & (down > least)
    points = _strongest(np.where(line, down, 0))
    return _Places(points, angle[tuple(points.T)])


def _edge_places(slopes: np.ndarray, noise_sd: float) -> _Places:
    """Return the steepest edges, and the angles at which they rise."""
    slope = np.hypot(*slopes)
    least = _SURE * noise_sd / np.sqrt(8 * np.pi) / _SMOOTHING_PX**2
    points = _strongest(np.where(slope > least, slope, 0))
    here = tuple(points.T)
    return _Places(points, np.arctan2(slopes[0][here], slopes[1][here]))


def _strongest(strength: np.ndarray) -> np.ndarray:
    """Return the points, (N, 2), that are strongest within 6 px, the strongest 40 of them."""
    peak = (strength == maximum_filter(strength, size=2 * _APART_PX + 1)) & (strength > 0)
    inside = np.zeros_like(peak)
    inside[_BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX] = True
    points = np.argwhere(peak & inside)
    order = np.argsort(-strength[tuple(points.T)], kind="stable")
    return points[order[:_PLACES]]


def _centred(splines: np.ndarray, lines: _Places) -> _Places:
    """Move points across their lines to where the line is brightest, by at most 1 px."""
    near = np.abs(_POSITIONS) <= 1
    brightest = np.argmax(_profiles(splines, lines)[:, near], axis=1)
    shift = _POSITIONS[near][brightest]
    across = np.stack([np.sin(lines.angle), np.cos(lines.angle)], axis=1)
    return _Places(lines.points + shift[:, None] * across, lines.angle)


def _courses(splines: np.ndarray, *kinds: _Places) -> tuple[np.ndarray, ...]:
    """Return the mean profile across each kind of places; NaN for one without places."""
    return tuple(
        _profiles(splines, places).mean(axis=0)
        if len(places.points)
        else np.full(len(_POSITIONS), np.nan)
        for places in kinds
    )


def _profiles(splines: np.ndarray, places: _Places) -> np.ndarray:
    """Return the profiles across the places, (N, positions), each averaged over 3 px along."""
    sine, cosine = np.sin(places.angle), np.cos(places.angle)
    across = np.stack([sine, cosine], axis=1)[:, None, None]
    along = np.stack([cosine, -sine], axis=1)[:, None, None]
    aside = np.array(_ALONG_PX)[:, None, None]
    grid = places.points[:, None, None] + across * _POSITIONS[:, None] + along * aside
    values = map_coordinates(splines, np.moveaxis(grid, -1, 0), prefilter=False, mode="nearest")
    return values.mean(axis=1)


def mean_curves(measured: Sequence[Sharpness]) -> dict[str, MeanCurve]:
    """Average the curves of several images, each over those that have it.

    Returns
    -------
    dict
        Curves by name: ``total``, ``coherent`` and ``correlation`` over the frequency in cycles per
        px (64 of them, interpolated), ``line`` and ``edge`` over px.
    """
    frequency = np.arange(1, _RINGS + 1) / _RINGS * _NYQUIST
    spectra = {
        name: [
            np.interp(frequency, one.spectra.frequency, getattr(one.spectra, name))
            for one in measured
        ]
        for name in ("total", "coherent", "correlation")
    }
    profiles = {
        name: [getattr(one.profiles, name) for one in measured] for name in ("line", "edge")
    }
    return {name: _mean_curve(frequency, curves) for name, curves in spectra.items()} | {
        name: _mean_curve(_POSITIONS, curves) for name, curves in profiles.items()
    }


def _mean_curve(places: np.ndarray, curves: Sequence[np.ndarray]) -> MeanCurve:
    known = [curve for curve in curves if np.isfinite(curve).all()]
    mean = np.mean(known, axis=0) if known else np.full(len(places), np.nan)
    return MeanCurve(places, mean, len(known))

"""Register two exposures of one field, and measure the quality of the pair."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy import fft, ndimage

from denoisekit import _checks
from denoisekit.datasets.kinship import Kinship
from denoisekit.datasets.pairs import Pair
from denoisekit.errors import InputError
from denoisekit.noise.saturation import saturated_share
from denoisekit.noise.usable import Unusable, find, repaired, within

# The band in which structure stands out: camera patterns and hot pixels lie above it, uneven light
# and the glow of what is out of focus below.
_FINE_SIGMA, COARSE_SIGMA = 1.0, 8.0
_BLOCKS = 4
_SMALLEST_SIDE = 32
_LEAST_CONFIDENCE = 7.0
_LEAST_SHIFT = 0.25
_ERRORS = 3.0
_LARGEST_ERROR = 0.25
_LEAST_WINDOW = 0.25
_FEWEST_VOXELS, _MOST_VOXELS = 8, 2


@dataclass(frozen=True)
class Shift:
    """How far to move the low exposure so that it lies on the high one.

    Attributes
    ----------
    y, x
        Displacement in px.
    error
        Its standard error in px: how much the estimate varies when each of 16 parts of the image is
        left out in turn (jack-knife).
    confidence
        Height of the correlation's peak above its floor, in robust standard deviations of the
        floor. The highest of so many values reaches about 5 by chance alone.
    significant
        Whether to apply it: the confidence is at least 7, the error at most 0.25 px, and the
        displacement, less three times its error, at least 0.25 px.
    """

    y: float
    x: float
    error: float
    confidence: float
    significant: bool


def estimate_shift(
    low: np.ndarray, high: np.ndarray, *, outside: Sequence[float | str] | None = None
) -> Shift:
    """Estimate by how much the low exposure is displaced against the high one.

    Cross-correlation of the band-passed images, without whitening: the best there is against white
    noise, where a whitened (phase) correlation gives every empty frequency a vote. The peak gives
    whole pixels; the fraction is where the images, cut to their common area, correlate best.

    Parameters
    ----------
    low, high
        Two exposures of one field, (Y, X), 32 pixels a side or more, in any units. Hot and dead
        pixels, which stay where they are, are repaired, and what lies outside of the field is left
        out.
    outside
        As `denoisekit.noise.usable.find` takes it.

    Raises
    ------
    InputError
        If the images differ in shape, are too small, constant or not finite.
    """
    (low, of_low), (high, of_high) = _sound_pair(low, high, outside)
    if min(low.shape) < _SMALLEST_SIDE:
        raise InputError(
            f"Images can be registered from {_SMALLEST_SIDE} pixels a side on, but these have "
            f"{_checks.shape_text(low)}; give larger ones."
        )
    moving, fixed = band_pass(low, ~of_low.outside), band_pass(high, ~of_high.outside)
    whole, confidence = _whole_pixels(moving, fixed)
    moving, fixed = _common_area(moving, fixed, whole)
    fraction, error = _fraction(moving, fixed)
    y, x = whole + fraction
    length = float(np.hypot(y, x))
    significant = (
        confidence >= _LEAST_CONFIDENCE
        and length - _ERRORS * error >= _LEAST_SHIFT
        and error <= _LARGEST_ERROR
    )
    return Shift(float(y), float(x), error, confidence, bool(significant))


def volume_displacement(low: np.ndarray, high: np.ndarray) -> tuple[int, ...]:
    """Return by how many voxels to move the low volume along z, y and x to lie on the high one.

    Along each axis the middle of the high volume is correlated with the low one, up to two voxels
    beside it, in each quarter of what lies across. A displacement is one that all quarters show the
    same way, and the least of theirs; one of more than two voxels counts as two.

    Parameters
    ----------
    low, high
        Two exposures of one volume, (Z, Y, X), in any units. Along an axis of fewer than 8 voxels
        nothing can be told, and 0 is returned.
    """
    _checks.same_shape(low, high, names=("The low exposure", "the high exposure"))
    return tuple(
        _along_first_axis(np.moveaxis(low, axis, 0), np.moveaxis(high, axis, 0))
        for axis in range(low.ndim)
    )


def _along_first_axis(low: np.ndarray, high: np.ndarray) -> int:
    if min(high.shape) < _FEWEST_VOXELS:
        return 0
    found = []
    steps = range(-_MOST_VOXELS, _MOST_VOXELS + 1)
    halves = [(slice(None, side // 2), slice(side // 2, None)) for side in high.shape[1:]]
    for rows, columns in itertools.product(*halves):
        moving, fixed = (part[:, rows, columns].astype(np.float64) for part in (low, high))
        fixed = fixed[_MOST_VOXELS:-_MOST_VOXELS]
        likeness = [_likeness(moving[_MOST_VOXELS + n :][: len(fixed)], fixed) for n in steps]
        found.append(-steps[int(np.argmax(likeness))])
    if min(found) * max(found) <= 0:
        return 0
    return min(found, key=abs)


def _likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return Pearson's correlation, 0 where one has one value everywhere."""
    spread = first.std() * second.std()
    mean = np.mean((first - first.mean()) * (second - second.mean()))
    return float(mean / spread) if spread > 0 else 0.0


def align(
    low: np.ndarray,
    high: np.ndarray,
    shift: Shift,
    *,
    outside: Sequence[float | str] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Align a pair, and crop both to the area they share.

    Only the high exposure is interpolated (spline of order 5): it has little noise that this could
    smooth, and its structure is sampled finely enough to survive. The low exposure keeps the
    camera's own noise, which interpolation would smooth and tie together between neighbours: it
    would score better than it is, filters could not tell its noise from structure, and a network
    would learn a noise that no new image has. A shift that is not significant is not applied, and
    both images come back as they are. No pixel of the result comes from outside of an image. What
    is no image, outside of the field or a hot or dead pixel, is moved by whole pixels.

    Parameters
    ----------
    low, high
        Two exposures of one field, (Y, X).
    shift
        What `estimate_shift` found.
    outside
        As `denoisekit.noise.usable.find` takes it.

    Returns
    -------
    tuple of np.ndarray
        Low and high; the high one as float32 if it was interpolated.
    """
    _checks.same_shape(low, high, names=("The low exposure", "the high exposure"))
    if not shift.significant:
        return low, high
    exact = np.array([shift.y, shift.x])
    if np.all(exact == np.round(exact)):
        return _common_area(low, high, exact.astype(int))
    moved = _interpolated(high, -exact, outside)
    inside = shared_area(low.shape, shift)
    return low[inside], moved[inside].astype(np.float32)


def shared_area(shape: tuple[int, ...], shift: Shift | None) -> tuple[slice, ...]:
    """Return the area of a low exposure that `align` keeps, all of it without a shift.

    Parameters
    ----------
    shape
        Sides of the images, (Y, X).
    shift
        What `estimate_shift` found, or None.
    """
    y, x = (shift.y, shift.x) if shift and shift.significant else (0.0, 0.0)
    return tuple(
        slice(int(np.ceil(max(-s, 0))), side + int(np.floor(min(-s, 0))))
        for s, side in zip((y, x), shape, strict=True)
    )


def _interpolated(
    high: np.ndarray, displacement: np.ndarray, outside: Sequence[float | str] | None
) -> np.ndarray:
    found = find(high, outside=outside, name="The high exposure")
    moved = ndimage.shift(
        repaired(high, found).astype(np.float64), displacement, order=5, mode="mirror"
    )
    if not found.any:
        return moved
    nearest, unusable = (
        ndimage.shift(part, displacement, order=0, mode="nearest") for part in (high, found.mask)
    )
    return np.where(unusable, nearest, moved)


def _sound_pair(
    low: np.ndarray, high: np.ndarray, outside: Sequence[float | str] | None
) -> list[tuple[np.ndarray, Unusable]]:
    """Return each exposure, repaired, and what of it was no image."""
    _checks.same_shape(low, high, names=("The low exposure", "the high exposure"))
    pair = []
    for image, name in ((low, "The low exposure"), (high, "The high exposure")):
        found = find(image, outside=outside, name=name)
        _checks.not_constant(within(image, ~found.outside), name=name)
        pair.append((repaired(image, found), found))
    return pair


def band_pass(image: np.ndarray, field: np.ndarray | None = None) -> np.ndarray:
    """Return the band in which structure stands out, as float64, and 0 outside of the field."""
    image = image.astype(np.float64)
    fine, coarse = (_blurred(image, sigma, field) for sigma in (_FINE_SIGMA, COARSE_SIGMA))
    return fine - coarse if field is None or field.all() else (fine - coarse) * field


def _blurred(image: np.ndarray, sigma: float, field: np.ndarray | None) -> np.ndarray:
    """Blur an image; where its field is not all of it, take the mean of the field's pixels."""
    if field is None or field.all():
        return ndimage.gaussian_filter(image, sigma)
    share = ndimage.gaussian_filter(field.astype(np.float64), sigma)
    return ndimage.gaussian_filter(image * field, sigma) / np.maximum(share, 1e-12)


def _window(shape: tuple[int, ...]) -> np.ndarray:
    return np.multiply.outer(*(np.hanning(side + 2)[1:-1] for side in shape))


def _whole_pixels(moving: np.ndarray, fixed: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the displacement to the nearest pixel and the height of its peak."""
    window = _window(moving.shape)
    # Sums over less overlap of the windows vary less: one scale for all, and none of the smallest.
    overlap = _correlate(window**2, window**2)
    allowed = overlap >= _LEAST_WINDOW * overlap.max()
    surface = np.full(overlap.shape, -np.inf)
    products = _correlate(moving * window, fixed * window)
    surface[allowed] = products[allowed] / np.sqrt(overlap[allowed])
    peak = np.array(np.unravel_index(np.argmax(surface), surface.shape))
    floor = np.median(surface[allowed])
    spread = 1.4826 * np.median(np.abs(surface[allowed] - floor))
    sides = np.array(moving.shape)
    return (peak + sides // 2) % sides - sides // 2, float((surface.max() - floor) / spread)


def _correlate(moving: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    spectrum = fft.rfft2(fixed) * np.conj(fft.rfft2(moving))
    return fft.irfft2(spectrum, s=moving.shape)


def _common_area(
    low: np.ndarray, high: np.ndarray, whole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cut both images to the pixels they share once the low one is moved by whole pixels."""
    of_low = tuple(slice(max(-s, 0), n - max(s, 0)) for s, n in zip(whole, low.shape, strict=True))
    of_high = tuple(slice(max(s, 0), n - max(-s, 0)) for s, n in zip(whole, low.shape, strict=True))
    return low[of_low], high[of_high]


def _fraction(moving: np.ndarray, fixed: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the rest of the displacement and its standard error by the jack-knife."""
    total = np.zeros(2)
    for _ in range(6):
        products, energies = _sums_around(moving, fixed, total)
        step = _vertex(products.sum(axis=0), energies.sum(axis=0))
        total = total + np.clip(step, -1, 1)
        if np.hypot(*step) < 0.005:
            break
    without = np.array(
        [
            _vertex(products.sum(axis=0) - product, energies.sum(axis=0) - energy)
            for product, energy in zip(products, energies, strict=True)
        ]
    )
    deviations = without - without.mean(axis=0)
    error = np.sqrt((len(without) - 1) / len(without) * np.sum(deviations**2))
    return total, float(error)


def _sums_around(
    moving: np.ndarray, fixed: np.ndarray, displacement: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum, block by block, what the correlation is made of, at a displacement and its neighbours.

    Returns
    -------
    tuple of np.ndarray
        Sums of products and of the fixed image's squares, each (blocks, 3, 3).
    """
    moved = ndimage.shift(fixed, -displacement, order=3, mode="nearest")
    window = _window(moving.shape)[1:-1, 1:-1]
    inner = moving[1:-1, 1:-1]
    products = np.empty((_BLOCKS**2, 3, 3))
    energies = np.empty((_BLOCKS**2, 3, 3))
    for y, x in np.ndindex(3, 3):
        part = moved[y : y + inner.shape[0], x : x + inner.shape[1]]
        products[:, y, x] = _block_sums(window * inner * part)
        energies[:, y, x] = _block_sums(window * part**2)
    return products, energies


def _block_sums(image: np.ndarray) -> np.ndarray:
    starts = [np.arange(_BLOCKS) * side // _BLOCKS for side in image.shape]
    return np.add.reduceat(np.add.reduceat(image, starts[0], axis=0), starts[1], axis=1).ravel()


def _vertex(products: np.ndarray, energies: np.ndarray) -> np.ndarray:
    """Return where a paraboloid through 3 x 3 correlations peaks; far off if it has no peak."""
    values = products / np.sqrt(energies)
    y, x = (axis.ravel() for axis in np.mgrid[-1:2, -1:2].astype(float))
    design = np.stack([np.ones(9), y, x, y**2, x**2, x * y], axis=1)
    _, b, c, d, e, f = np.linalg.lstsq(design, values.ravel(), rcond=None)[0]
    if d >= 0 or 4 * d * e <= f**2:
        return 2 * np.array([np.sign(b), np.sign(c)])
    return np.linalg.solve([[2 * d, f], [f, 2 * e]], [-b, -c])


@dataclass(frozen=True)
class PairQuality:
    """What a person wants to know of a pair before training on it.

    Attributes
    ----------
    gain, offset
        ``high = gain * low + offset`` for the mean of the low exposure; NaN where the low exposure
        does not follow the high one. Where there is no high one, all that tells of it is NaN.
    correlation
        Pearson's, over all pixels.
    low_saturated, high_saturated
        Share of saturated pixels, as `denoisekit.noise.saturation.saturated` marks them.
    low_min, low_max, high_min, high_max
        Ranges in the images' units.
    outside
        Share of the pixels outside of the field of either exposure; all else is of the others.
    low_hot, high_hot
        Number of pixels that are hot, dead or struck by a cosmic ray.
    """

    gain: float
    offset: float
    correlation: float
    low_saturated: float
    high_saturated: float
    low_min: float
    low_max: float
    high_min: float
    high_max: float
    outside: float
    low_hot: float
    high_hot: float


#: Columns of the table of the quality of pairs.
QUALITY = {
    **{"image": str, "split": str},
    **dict.fromkeys(("shift_y", "shift_x", "shift_error", "confidence"), float),
    **{"applied": str, "known_shift_y": float, "known_shift_x": float},
    **{field.name: float for field in fields(PairQuality)},
    **{"repaired": str, "duplicate_of": str},
    **{field.name: float for field in fields(Kinship)},
    "blank": str,
    **dict.fromkeys(("hot", "shared", "pixel_size_um", "high_pixel_size_um"), float),
}


def pair_quality(
    low: np.ndarray, high: np.ndarray, *, outside: Sequence[float | str] | None = None
) -> PairQuality:
    """Measure how the two exposures of a pair, laid on each other, go together.

    Gain and offset come from a robust (Huber) regression of the low on the high exposure, turned
    round: the other way, the low exposure's noise would flatten the slope.

    Parameters
    ----------
    low, high
        Two aligned exposures of one field, of one shape, in any units.
    outside
        As `denoisekit.noise.usable.find` takes it.

    Raises
    ------
    InputError
        If the images differ in shape, are constant or not finite.
    """
    as_taken = low, high
    (low, of_low), (high, of_high) = _sound_pair(low, high, outside)
    field = ~(of_low.outside | of_high.outside)
    saturated = [saturated_share(within(image, field)) for image in as_taken]
    slope, level = _robust_line(_thinned(high, field), _thinned(low, field))
    low, high = within(low, field), within(high, field)
    gain = 1 / slope if slope > 0 else np.nan
    return PairQuality(
        gain=float(gain),
        offset=float(-level * gain),
        correlation=float(np.corrcoef(low.ravel(), high.ravel())[0, 1]),
        low_saturated=saturated[0],
        high_saturated=saturated[1],
        low_min=float(low.min()),
        low_max=float(low.max()),
        high_min=float(high.min()),
        high_max=float(high.max()),
        outside=1 - float(field.mean()),
        low_hot=float(np.count_nonzero(of_low.points)),
        high_hot=float(np.count_nonzero(of_high.points)),
    )


def quality_row(
    pair: Pair, shift: Shift | None, quality: PairQuality, *, first: str, repair: bool = False
) -> dict[str, str | float]:
    """Return a pair's row in the table of quality of a folder of registered pairs.

    Parameters
    ----------
    pair
        Its row of the pair table.
    shift
        What was found, and applied if it is significant; None without a high exposure.
    quality
        Of the pair as it was laid on each other.
    first
        Name of the first image of the table with the very same low exposure, its own if it is that.
    repair
        Whether hot and dead pixels were replaced, after they had been counted.
    """
    known_y, known_x = pair.known_shift or ("", "")
    return {
        "image": pair.image,
        "split": pair.split,
        "shift_y": shift.y if shift else "",
        "shift_x": shift.x if shift else "",
        "shift_error": shift.error if shift else "",
        "confidence": shift.confidence if shift else "",
        "applied": "yes" if shift and shift.significant else "no",
        "known_shift_y": known_y,
        "known_shift_x": known_x,
        **vars(quality),
        "repaired": "yes" if repair and (quality.low_hot > 0 or quality.high_hot > 0) else "no",
        "duplicate_of": "" if first == pair.image else first,
    }


def image_quality(low: np.ndarray, *, outside: Sequence[float | str] | None = None) -> PairQuality:
    """Measure what can be measured of a low exposure without a high one.

    Parameters
    ----------
    low
        Pixels in any unit.
    outside
        As `denoisekit.noise.usable.find` takes it.
    """
    unknown = float("nan")
    found = find(low, outside=outside, name="The low exposure")
    saturated = saturated_share(within(low, ~found.outside))
    low = within(repaired(low, found), ~found.outside)
    return PairQuality(
        gain=unknown,
        offset=unknown,
        correlation=unknown,
        low_saturated=saturated,
        high_saturated=unknown,
        low_min=float(low.min()),
        low_max=float(low.max()),
        high_min=unknown,
        high_max=unknown,
        outside=float(found.outside.mean()),
        low_hot=float(np.count_nonzero(found.points)),
        high_hot=unknown,
    )


def _thinned(image: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Blur and take every other pixel: less noise, and few values that tell nothing new."""
    every_other = (slice(None, None, 2),) * image.ndim
    blurred = _blurred(image.astype(np.float64), 2.0, field)[every_other]
    return blurred[field[every_other]]


def _robust_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    weights = np.ones_like(x)
    slope = level = 0.0
    for _ in range(20):
        x_mean, y_mean = np.average(x, weights=weights), np.average(y, weights=weights)
        centred = weights * (x - x_mean)
        slope = np.sum(centred * (y - y_mean)) / np.sum(centred * (x - x_mean))
        level = y_mean - slope * x_mean
        distance = np.abs(y - slope * x - level)
        limit = 1.345 * 1.4826 * np.median(distance)
        if limit == 0:
            break
        weights = limit / np.maximum(distance, limit)
    return float(slope), float(level)

"""Tell which pixels of an image are no image: what lies outside of the field, and odd points.

Registration and rotation fill what they did not see with a constant or with NaN, and so does a
round field. A detector has hot and dead pixels, and cosmic rays strike it. Neither tells anything
of light or noise, but one of them is enough to rule a mean, a percentile or a fit. Here they are
found; what measures leaves them out, and what needs a value at every pixel takes `repaired`.
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from denoisekit import _checks
from denoisekit.errors import InputError

# An area outside of the field is filled evenly; noise that is clipped is hardly so over 5 x 5 px.
_SOLID = 5
_RING = 2
_LEAST_SOLID = 0.75
_MOST_EQUAL = 0.01
# The edge of what is saturated, or of a clipped background, climbs by fewer steps over the ring.
_LEAST_JUMP = 5.0
# Second over first differences: 1.7 of white noise, far less of what is smooth.
_LEAST_BEND = 0.7
# What is brighter than the image is saturated, unless there is so much of it.
_LEAST_OF_BORDER = 0.2
# In standard deviations of the noise; Gaussian noise reaches 6 in 10^9 pixels.
_LEAST_HEIGHT = 12.0
_TAIL = (0.995, 0.998)
# A point of light 0.8 px wide (full width at half maximum) has 0.08 of its height beside it.
_SHARP = 0.06
_PART_OF_PEAK = 0.25
# Of Gaussian noise, 95 % lie within 2 standard deviations: 12 of the noise right there.
_ABOVE_NEAR = 6.0
_LARGEST_TRACK = 64
_GROUPS = 16
_FEWEST_IN_GROUP = 64
_SAMPLE = 200_000
_WINDOW = 5
# Rows that are looked at at once.
_BAND = 64
# What was found last is kept of so many images, none larger: a pair is asked about several times.
_REMEMBERED, _LARGEST_REMEMBERED = 4, 1 << 24


@dataclass(frozen=True)
class Unusable:
    """Which pixels of an image are no image.

    Attributes
    ----------
    outside
        Outside of the field, bool in the image's shape.
    points
        Hot and dead pixels and cosmic rays, bool in the image's shape.
    """

    outside: np.ndarray
    points: np.ndarray

    @cached_property
    def mask(self) -> np.ndarray:
        """All of them."""
        return self.outside | self.points

    @cached_property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.mask.any())

    def __or__(self, other: "Unusable") -> "Unusable":
        """Return those of either image, where one is laid on the other."""
        return Unusable(self.outside | other.outside, self.points | other.points)

    def __getitem__(self, part: tuple[slice | int, ...]) -> "Unusable":
        """Return those of a part of the image."""
        return Unusable(self.outside[part], self.points[part])

    @property
    def text(self) -> str:
        """Say in words how many there are; empty where there is none."""
        counts = {
            "outside of the field": np.count_nonzero(self.outside),
            "hot, dead or struck by a cosmic ray": np.count_nonzero(self.points),
        }
        return " and ".join(f"{count} pixels {what}" for what, count in counts.items() if count)


def find(
    pixels: np.ndarray, *, outside: Sequence[float | str] | None = None, name: str
) -> Unusable:
    """Find the pixels of an image that are no image.

    Outside of the field are, if no values are given for it, areas at the image's border that hold
    one value exactly, are at least 5 px thick or whole lines, and end in a jump of five times what
    neighbours differ by beside them; a bright one is so only if it takes a fifth of the border, and
    saturated otherwise. The background of counted photons, or of an image without
    noise, ends in no such jump and is none.

    Odd points are single pixels and thin tracks that lie at least 12 standard deviations of the
    noise away from the median around them, and much farther than the others do (exponentially
    falling numbers of them, as of amplified photons, are none), while their edges' neighbours have
    less than 0.06 of that: the optics make no such points, however coarsely they are sampled. At
    most some 0.2 % of the pixels can be told so.

    Parameters
    ----------
    pixels
        (Y, X), or planes of it in leading axes, each looked at alone, in any unit.
    outside
        The values that pixels outside of the field have, wherever they lie, NaN included; None to
        find the pixels, and none to have no such.
    name
        What to call the image in an error.

    Raises
    ------
    InputError
        If a pixel that is not named is NaN or infinite, or none is left.
    """
    if pixels.size > _LARGEST_REMEMBERED:
        return _find(pixels, outside, name)
    asked = (
        *(pixels.shape, pixels.dtype.str, None if outside is None else tuple(outside)),
        hashlib.blake2b(np.ascontiguousarray(pixels).data).digest(),
    )
    found = _LATEST.get(asked)
    return _remember(asked, _find(pixels, outside, name)) if found is None else found


def _find(pixels: np.ndarray, outside: Sequence[float | str] | None, name: str) -> Unusable:
    beyond = outside_of_field(pixels, outside=outside, name=name)
    points = _plane_by_plane(_odd_points, _extended(pixels, beyond), beyond)
    return Unusable(beyond, points & ~beyond)


_LATEST: dict[Any, Unusable] = {}
_LOCK = threading.Lock()


def _remember(asked: Any, found: Unusable) -> Unusable:
    # They are shared.
    found.outside.flags.writeable = found.points.flags.writeable = False
    with _LOCK:
        _LATEST[asked] = found
        while len(_LATEST) > _REMEMBERED:
            del _LATEST[next(iter(_LATEST))]
    return found


def outside_of_field(
    pixels: np.ndarray, *, outside: Sequence[float | str] | None, name: str
) -> np.ndarray:
    """Return the pixels outside of the field, bool, as `find` takes images and finds them."""
    beyond = named(pixels, outside)
    _checks.finite(within(pixels, ~beyond), name=name)
    if outside is None:
        return _plane_by_plane(_constant_areas, pixels)
    if beyond.all():
        raise InputError(
            f"{name} has no pixel that does not lie outside of the field, as the data set's "
            f"'outside' names it; correct that, or leave the image out."
        )
    return beyond


def sound(
    pixels: np.ndarray, usable: np.ndarray | None, *, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return an image that can be measured, and where it is to be.

    Parameters
    ----------
    pixels
        As `find` takes them; with `usable`, already `repaired`.
    usable
        Where the image lies inside of the field; None to find that, and to repair it.
    name
        What to call the image in an error.

    Returns
    -------
    tuple of np.ndarray
        The image, the same if nothing is wrong with it, and bool in its shape.
    """
    if usable is not None:
        _checks.finite(pixels, name=name)
        return pixels, usable
    found = find(pixels, name=name)
    return repaired(pixels, found), ~found.outside


def of_all(
    images: Sequence[np.ndarray] | np.ndarray, *, outside: Sequence[float | str] | None, name: str
) -> np.ndarray:
    """Return the pixels, bool, that are sound in all of several images of one place."""
    found = [find(image, outside=outside, name=name).mask for image in images]
    return ~np.any(found, axis=0)


def within(pixels: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Return the usable pixels of an image, or itself, in its shape, if all are.

    Of several images, along a first axis, the pixels that are usable in all.
    """
    return pixels if usable.all() else pixels[..., usable]


def repaired(pixels: np.ndarray, unusable: Unusable) -> np.ndarray:
    """Return an image with values in place of what is none, the same if nothing is.

    Odd points take the median of the 5 x 5 px around them, what lies outside of the field the value
    of the nearest pixel within.

    Parameters
    ----------
    pixels
        As `find` takes them.
    unusable
        What it found.
    """
    if not unusable.any:
        return pixels
    result = pixels.copy()
    good = ~unusable.mask
    for place in np.argwhere(unusable.points):
        around = (*place[:-2], *(slice(max(at - 2, 0), at + 3) for at in place[-2:]))
        values = pixels[around][good[around]]
        if values.size:
            result[tuple(place)] = np.median(values)
    return _extended(result, unusable.outside)


def filled(
    pixels: np.ndarray, *, outside: Sequence[float | str] | None = None, name: str
) -> np.ndarray:
    """Return an image with values in place of all that `find` finds, as `repaired` gives them."""
    return repaired(pixels, find(pixels, outside=outside, name=name))


def without_points(
    pixels: np.ndarray, *, outside: Sequence[float | str] | None = None
) -> np.ndarray:
    """Return an image whose hot and dead pixels are repaired, and what is outside of it is not."""
    found = find(pixels, outside=outside, name="The image")
    return put_back(repaired(pixels, found), pixels, found.outside)


def put_back(result: np.ndarray, pixels: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Return a result that holds an image's own values outside of the field, in its own kind."""
    if not outside.any():
        return result
    return np.where(outside, pixels, result).astype(result.dtype)


def is_blank(pixels: np.ndarray, *, outside: Sequence[float | str] | None) -> bool:
    """Return whether an image has one value everywhere, values outside of the field left out."""
    shown = within(pixels, ~named(pixels, outside))
    shown = shown[np.isfinite(shown)]
    return shown.size == 0 or bool(shown.min() == shown.max())


def named(pixels: np.ndarray, values: Sequence[float | str] | None) -> np.ndarray:
    """Mark the pixels that have one of the values named, NaN included; none where none is."""
    numbers = np.array(values or [], dtype=np.float64)
    marked = np.isin(pixels, numbers[~np.isnan(numbers)])
    return marked | np.isnan(pixels) if np.isnan(numbers).any() else marked


def _plane_by_plane(
    function: Callable[..., np.ndarray], pixels: np.ndarray, *others: np.ndarray
) -> np.ndarray:
    """Apply a function to each plane (Y, X) of images, and return the results in their shape."""
    result = np.zeros(pixels.shape, dtype=bool)
    for place in np.ndindex(pixels.shape[:-2]):
        result[place] = function(pixels[place], *(other[place] for other in others))
    return result


def _extended(pixels: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """Give each pixel outside of the field the value of the nearest within, plane by plane."""
    if not beyond.any():
        return pixels
    result = pixels.copy()
    for place in np.ndindex(pixels.shape[:-2]):
        if beyond[place].any() and not beyond[place].all():
            nearest = ndimage.distance_transform_edt(
                beyond[place], return_distances=False, return_indices=True
            )
            result[place] = pixels[place][tuple(nearest)]
    return result


def _constant_areas(plane: np.ndarray) -> np.ndarray:
    """Mark areas of one value at the border that cannot be the image's own background."""
    beyond = np.zeros(plane.shape, dtype=bool)
    # Twice, since a line of one value may end in an area of another.
    for value in 2 * _constant_at_border(plane):
        equal = plane == value
        area = _solid_at_border(equal | beyond) & equal & ~beyond
        if area.any() and _ends_in_jump(plane, area, value, beyond):
            beyond |= area
    return beyond


def _constant_at_border(plane: np.ndarray) -> list[float]:
    """Return the values that an area at the border may have: of squares, or most of a side."""
    if min(plane.shape) < _SOLID:
        return []
    found: list[float] = []
    for turned in (plane, plane[::-1], plane.T, plane.T[::-1]):
        squares = sliding_window_view(turned[:_SOLID], (_SOLID, _SOLID))[0]
        even = squares.min(axis=(1, 2)) == squares.max(axis=(1, 2))
        values, counts = np.unique(turned[0], return_counts=True)
        found += [*turned[0, : even.size][even], *values[2 * counts > turned.shape[1]]]
    return [float(value) for value in np.unique(found)]


def _border(plane: np.ndarray) -> np.ndarray:
    return np.concatenate([plane[[0, -1]].ravel(), plane[1:-1, [0, -1]].ravel()])


def _solid_at_border(equal: np.ndarray) -> np.ndarray:
    """Return the areas of equal pixels that touch the border and are thick or whole lines."""
    solid = _opened(equal)
    for turned, lines in ((equal, solid), (equal.T, solid.T)):
        full = np.min(turned, axis=1)
        lines[np.logical_and.accumulate(full)] = True
        lines[np.logical_and.accumulate(full[::-1])[::-1]] = True
    labels: np.ndarray = ndimage.label(equal)[0]
    chosen = np.intersect1d(_border(labels), labels[solid])
    return np.isin(labels, chosen[chosen > 0])


def _opened(mask: np.ndarray) -> np.ndarray:
    opened: np.ndarray = ndimage.binary_opening(mask, np.ones((_SOLID, _SOLID), dtype=bool))
    return opened


def _ends_in_jump(plane: np.ndarray, area: np.ndarray, value: float, beyond: np.ndarray) -> bool:
    """Return whether an area ends at an image that differs from its value by far more than noise.

    Single photons on a dark background are no such image: what lies beside it must be solid, too.
    """
    other = area | beyond
    beside = ndimage.binary_dilation(area, iterations=_RING) & ~other
    if not beside.any() or np.mean(_opened(~other)[beside]) < _LEAST_SOLID:
        return False
    near = plane[beside].astype(np.float64)
    jump = np.median(near) - value
    if np.mean((near - value) * np.sign(jump) <= 0) > _MOST_EQUAL:
        return False
    if jump < 0 and _border(area).mean() < _LEAST_OF_BORDER:
        return False
    band = ndimage.binary_dilation(area, iterations=2 * _RING) & ~other
    steps, bends = (_median_difference(plane, band, order) for order in (1, 2))
    # Without noise, a constant background may be the image's own.
    noisy = bends >= _LEAST_BEND * steps > 0
    return bool(noisy and abs(jump) >= _LEAST_JUMP * max(steps, _smallest_step(near)))


def _median_difference(plane: np.ndarray, band: np.ndarray, order: int) -> float:
    """Return the median size of the differences of some order along rows and columns of a band."""
    differences = [
        np.abs(np.diff(turned.astype(np.float64), n=order))[
            sliding_window_view(part, order + 1, axis=1).all(axis=-1)
        ]
        for turned, part in ((plane, band), (plane.T, band.T))
    ]
    values = np.concatenate(differences)
    return float(np.median(values)) if values.size else 0.0


def _smallest_step(values: np.ndarray) -> float:
    """Return the least difference between two values; of counts, one count."""
    steps = np.diff(np.unique(values))
    return float(steps.min()) if steps.size else 0.0


def _odd_points(plane: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """Mark points that are too high or too low for the noise, and too sharp for the optics."""
    pixels = plane.astype(np.float64)
    light = _median_around(pixels)
    excess = pixels - light
    noise = _noise(light, excess, pixels)
    if not noise.all():
        # Nothing lies far beyond a noise that is not there.
        return np.zeros(plane.shape, dtype=bool)
    height = excess / noise
    least = max(_LEAST_HEIGHT, _reach_of_tail(np.abs(height[~beyond])))
    odd = np.zeros(plane.shape, dtype=bool)
    for sign in (1, -1):
        candidates = sign * height > least
        if candidates.any():
            odd |= _sharp(sign * pixels, sign * excess, candidates)
    return odd


def _median_around(pixels: np.ndarray) -> np.ndarray:
    """Return the median of 5 px along rows, and of these along columns.

    In bands of rows, since arrays of the whole image take longer to claim than to compute.
    """
    rows, columns = pixels.shape
    padded = np.pad(pixels, _WINDOW // 2, mode="reflect")
    result = np.empty_like(pixels)
    for start in range(0, rows, _BAND):
        band = padded[start : start + _BAND + _WINDOW - 1]
        along = _median_of_five([band[:, at : at + columns] for at in range(_WINDOW)])
        part = result[start : start + _BAND]
        part[:] = _median_of_five([along[at : at + len(part)] for at in range(_WINDOW)])
    return result


def _median_of_five(values: Sequence[np.ndarray]) -> np.ndarray:
    a, b, c, d, e = values
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return np.maximum(np.minimum(low, high), np.minimum(e, np.maximum(low, high)))


def _noise(light: np.ndarray, excess: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the standard deviation of the noise at every pixel, by its light.

    It is that of groups of like light, beyond the brightest of them on the line through it and the
    darkest, and at least the smallest step between values.
    """
    every = max(light.size // _SAMPLE, 1)
    lights, heights = light.ravel()[::every], np.abs(excess.ravel()[::every])
    order = np.argsort(lights, kind="stable")
    lights, heights = lights[order], heights[order]
    # Pixels and the range of light are shared out alike, so that few bright ones have their group.
    place = np.linspace(0, 1, lights.size) + (lights - lights[0]) / max(np.ptp(lights), 1e-300)
    cuts = np.searchsorted(place, np.linspace(0, 2, _GROUPS + 1)[1:-1])
    groups = [
        part
        for part in np.split(np.arange(lights.size), cuts)
        if part.size >= min(_FEWEST_IN_GROUP, lights.size // _GROUPS)
    ]
    means = np.array([lights[part].mean() for part in groups])
    # Pixels of a smooth slope are their own median; but light never takes noise away.
    variances = np.maximum.accumulate([(1.4826 * np.median(heights[part])) ** 2 for part in groups])
    variance = np.interp(light, means, variances)
    if means[-1] > means[0]:
        slope = (variances[-1] - variances[0]) / (means[-1] - means[0])
        variance += slope * np.maximum(light - means[-1], 0)
    return np.sqrt(np.maximum(variance, _smallest_step(pixels.ravel()[::every]) ** 2))


def _reach_of_tail(heights: np.ndarray) -> float:
    """Return beyond which height there is none, if the many fall off exponentially to the end."""
    near, far = np.quantile(heights, _TAIL)
    step = (far - near) / np.log((1 - _TAIL[0]) / (1 - _TAIL[1]))
    return float(far + step * (max(np.log((1 - _TAIL[1]) * heights.size), 0) + 10))


def _sharp(pixels: np.ndarray, excess: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return the candidates, points and tracks, whose edges' neighbours are not raised."""
    every_side = np.ones((3, 3), dtype=bool)
    labels, count = ndimage.label(candidates, every_side)
    peaks = ndimage.maximum(excess, labels, np.arange(count + 1))
    cores, _ = ndimage.label(candidates & (excess > _PART_OF_PEAK * peaks[labels]), every_side)
    sharp = np.zeros(candidates.shape, dtype=bool)
    for number, where in enumerate(ndimage.find_objects(cores), start=1):
        around = tuple(slice(max(part.start - 1, 0), part.stop + 1) for part in where)
        core = cores[around] == number
        beside = ndimage.binary_dilation(core) & ~core
        sides = [part.stop - part.start for part in where]
        # A point of light between four pixels may be as sharp as that.
        between_four = sides == [2, 2]
        if core.sum() > _LARGEST_TRACK or between_four:
            continue
        height = excess[around][core].mean()
        stands_out = pixels[around][core].mean() - pixels[around][beside].max() > height / 2
        alone = excess[around][beside].mean() < _SHARP * height
        if stands_out and alone and height > _ABOVE_NEAR * _usual_near(excess, where, core.sum()):
            sharp[around] |= core
    return sharp


def _usual_near(excess: np.ndarray, where: tuple[slice, ...], size: int) -> float:
    """Return what excesses reach within 5 px of a place, but for 5 % and the place's own."""
    near = tuple(slice(max(part.start - 5, 0), part.stop + 5) for part in where)
    others = np.sort(np.abs(excess[near]), axis=None)[:-size]
    return float(np.quantile(others, 0.95))

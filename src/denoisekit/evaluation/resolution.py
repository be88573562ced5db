"""Resolution: widths of lines, pairs of lines told apart, and what an image would be seen as.

Source of what an image would be seen as: S. Culley et al., "Quantitative mapping and minimization
of super-resolution optical imaging artifacts" (SQUIRREL), Nature Methods 15 (2018),
doi:10.1038/nmeth.4605.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, optimize

from denoisekit._checks import finite, same_shape
from denoisekit.evaluation.scaling import affine_fit

#: Two lines count as told apart where the dip between them reaches this share of their height.
RAYLEIGH = 0.81
# What a sharp image may be blurred by to become the other one, in px.
_WIDEST_PX = 16.0
_RANGE = (0.1, 99.9)
# Lines across which profiles are laid: how many at most, how bright ridges are of the brightest
# tenth, how far profiles reach to either side, and by how little their places differ, in px.
_PROFILES, _BRIGHT, _REACH, _STEP = 100, 0.5, 12.0, 0.25
# Along a line, profiles are means over so many px to either side.
_ALONG = 2
# How far from its place the top of a profile may lie, in px.
_ASIDE = 3.0
_SMOOTH = 1.5


@dataclass(frozen=True)
class Reblurred:
    """How well an image explains the widefield image, once it is blurred as much as fits best.

    Attributes
    ----------
    sigma_px
        Standard deviation of the Gaussian that it is blurred by.
    correlation
        Pearson's, of the blurred image with the widefield one (resolution-scaled, RSP).
    error
        Root mean square of what is left of the widefield image, in shares of its range from the
        0.1th to the 99.9th percentile (resolution-scaled, RSE, after an affine fit).
    left
        What is left, (Y, X), in the same shares: positive where the image lacks something.
    """

    sigma_px: float
    correlation: float
    error: float
    left: np.ndarray


@dataclass(frozen=True)
class Lines:
    """Places on ridges, (N, 2) as y and x in px, and the unit vectors across them, (N, 2)."""

    places: np.ndarray
    across: np.ndarray


def reblur(widefield: np.ndarray, image: np.ndarray) -> Reblurred:
    """Blur an image until it is most like the widefield image that it was made of.

    No truth is needed. That an image passes does not prove it: all that the widefield image does
    not show, an invented split of a line among it, is blurred away, and the widefield image itself
    passes perfectly.

    Parameters
    ----------
    widefield, image
        (Y, X), each in any unit; the image is fitted to the other by an affine map of its values.
    """
    same_shape(widefield, image, names=("The widefield image", "the restored image"))
    finite(image, name="The restored image")
    seen, values = widefield.astype(np.float64), image.astype(np.float64)
    low, high = np.percentile(seen, _RANGE)

    def left(sigma: float) -> np.ndarray:
        blurred = ndimage.gaussian_filter(values, sigma, mode="reflect")
        gain, offset = affine_fit(seen, blurred)
        rest: np.ndarray = seen - (gain * blurred + offset)
        return rest

    found = optimize.minimize_scalar(
        lambda sigma: float(np.mean(left(sigma) ** 2)),
        bounds=(0, _WIDEST_PX),
        method="bounded",
        options={"xatol": 0.02},
    )
    # Not to blur at all is a bound, which the search only comes close to.
    sigma = 0.0 if np.mean(left(0) ** 2) <= found.fun else float(found.x)
    rest = left(sigma)
    share = 1 - np.mean(rest**2) / np.var(seen) if np.var(seen) else math.nan
    return Reblurred(
        sigma_px=sigma,
        correlation=math.sqrt(max(share, 0.0)) if not math.isnan(share) else math.nan,
        error=float(np.sqrt(np.mean(rest**2)) / (high - low)) if high > low else math.nan,
        left=rest / (high - low) if high > low else rest,
    )


def width_at_half(profile: np.ndarray, *, step_px: float) -> float:
    """Return the full width at half maximum of a profile's middle peak, in px.

    The half lies midway between the top, which is looked for within 3 px of the middle, and the
    lower of the two lowest values to either side; where the profile does not fall to it on both
    sides, the width is NaN.

    Parameters
    ----------
    profile
        (N,), in any unit, evenly spaced.
    step_px
        By how much its places differ.
    """
    middle, aside = len(profile) // 2, round(_ASIDE / step_px)
    top = middle - aside + int(np.argmax(profile[middle - aside : middle + aside + 1]))
    base = min(profile[: top + 1].min(), profile[top:].min())
    half = (profile[top] + base) / 2
    if not profile[top] > base:
        return math.nan
    ends = [_crossing(profile[top::way], half) for way in (1, -1)]
    return float(sum(ends) * step_px)


def _crossing(course: np.ndarray, level: float) -> float:
    """Return after how many steps a course falls to a level, NaN if it does not."""
    below = np.flatnonzero(course <= level)
    if not len(below) or below[0] == 0:
        return math.nan
    after = int(below[0])
    return after - (level - course[after]) / (course[after - 1] - course[after])


def find_lines(truth: np.ndarray) -> Lines:
    """Find places on the ridges of an image, a hundred at most, evenly spread over them.

    Parameters
    ----------
    truth
        (Y, X), in any unit, on which lines are seen best. It is smoothed by 1.5 px.

    Returns
    -------
    Lines
        Where the image curves down across a ridge at least half as much as the tenth of all places
        on ridges that do most, far enough from the borders for a profile.
    """
    values = truth.astype(np.float64)
    orders = ((2, 0), (1, 1), (0, 2))
    yy, yx, xx = (ndimage.gaussian_filter(values, _SMOOTH, order=order) for order in orders)
    hessian = np.stack([np.stack([yy, yx], -1), np.stack([yx, xx], -1)], -1)
    curvature, directions = np.linalg.eigh(hessian)
    strength, across = -curvature[..., 0], directions[..., 0]
    grid = np.moveaxis(np.indices(values.shape), 0, -1).astype(np.float64)
    beside = [_sampled(strength, grid + side * across) for side in (-1, 1)]
    edge = math.ceil(_REACH + _ALONG) + 1
    ridge = (strength > beside[0]) & (strength >= beside[1])
    ridge[:edge], ridge[-edge:], ridge[:, :edge], ridge[:, -edge:] = False, False, False, False
    if not ridge.any():
        return Lines(np.zeros((0, 2)), np.zeros((0, 2)))
    ridge &= strength >= _BRIGHT * np.percentile(strength[ridge], 90)
    places = np.argwhere(ridge)
    chosen = places[:: -(-len(places) // _PROFILES)]
    return Lines(chosen.astype(np.float64), across[tuple(chosen.T)])


def widths(image: np.ndarray, lines: Lines) -> np.ndarray:
    """Return the full width at half maximum, in px, of what an image shows across each line.

    Parameters
    ----------
    image
        (Y, X).
    lines
        As `find_lines` returns them.

    Returns
    -------
    numpy.ndarray
        (N,), NaN where there is no peak or it does not fall to half.
    """
    if not len(lines.places):
        return np.zeros(0)
    steps = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    along = np.stack([-lines.across[:, 1], lines.across[:, 0]], axis=-1)
    shifts = np.arange(-_ALONG, _ALONG + 1)
    grid = (
        lines.places[:, None, None]
        + steps[:, None, None] * lines.across[:, None, None]
        + shifts[:, None] * along[:, None, None]
    )
    profiles = _sampled(image.astype(np.float64), grid).mean(axis=-1)
    return np.array([width_at_half(profile, step_px=_STEP) for profile in profiles])


def _sampled(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return an image's values, (...), at places (..., 2) in px."""
    found: np.ndarray = ndimage.map_coordinates(
        image, np.moveaxis(places, -1, 0), order=3, mode="nearest"
    )
    return found


def dips(image: np.ndarray, pairs: Sequence[tuple[float, float]]) -> list[float]:
    """Return how far an image falls between the two lines of each pair.

    Parameters
    ----------
    image
        (Y, X), whose lines run along y; their course along x is the mean of all rows.
    pairs
        The place midway between the two lines of each pair, and how far they lie apart, in px.

    Returns
    -------
    list of float
        The value in the middle over the lower of the two tops, both above the lower of what lies
        midway to the neighbouring pairs. 1 where there is no dip: two lines through a Gaussian of
        standard deviation s have 1 up to 2 s apart, 0.870 at 2.5 s, 0.642 at 3 s and 0.271 at 4 s.
        NaN where nothing stands out.
    """
    course = image.astype(np.float64).mean(axis=0)
    places = np.arange(len(course))
    middles = [middle for middle, _ in pairs]
    pitch = (middles[-1] - middles[0]) / (len(middles) - 1)
    found = []
    for middle, apart in pairs:
        sides = [np.linspace(0, apart, 41) * way + middle for way in (-1, 1)]
        tops = [np.interp(side, places, course).max() for side in sides]
        base = min(np.interp([middle - pitch / 2, middle + pitch / 2], places, course))
        top = min(tops) - base
        found.append((np.interp(middle, places, course) - base) / top if top > 0 else math.nan)
    return [float(dip) for dip in found]


def measure(
    truth: np.ndarray,
    image: np.ndarray,
    widefield: np.ndarray,
    *,
    pixel_size_um: float,
    pairs: Sequence[tuple[float, float]],
) -> dict[str, tuple[float, float]]:
    """Return how fine what is restored is, each number beside the truth's own.

    Parameters
    ----------
    truth, image, widefield
        (Y, X), each in any unit.
    pixel_size_um
        Side of a pixel.
    pairs
        Where pairs of lines lie, as `dips` takes them; none of other structures.

    Returns
    -------
    dict
        ``fwhm_um``, the median width of lines; ``correlation`` and ``error``, how well the
        widefield image is explained once the image is blurred by ``reblur_um``; and, of pairs of
        lines, ``dip_0.16``, the dip of those 0.16 um apart.
    """
    same_shape(truth, image, names=("The truth", "the restored image"))
    values: dict[str, tuple[float, float]] = {}
    seen = [reblur(widefield, one) for one in (image, truth)]
    for name in ("correlation", "error"):
        values[name] = (getattr(seen[0], name), getattr(seen[1], name))
    values["reblur_um"] = (seen[0].sigma_px * pixel_size_um, seen[1].sigma_px * pixel_size_um)
    if pairs:
        both = zip(pairs, dips(image, pairs), dips(truth, pairs), strict=True)
        for (_, apart), own, true in both:
            values[f"dip_{apart * pixel_size_um:.3f}"] = (own, true)
        return values
    lines = find_lines(truth)
    found = [_median(widths(one, lines)) * pixel_size_um for one in (image, truth)]
    values["fwhm_um"] = (found[0], found[1])
    return values


def _median(values: np.ndarray) -> float:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else math.nan

"""Describe the noise of an image or a stack without its truth, and say what can restore it.

The hard part is to tell noise that is correlated from pixel to pixel from structure, which always
is. Structure adds to the correlation of neighbours wherever it is, noise has its own everywhere: in
the smoothest parts of the image, the correlation that is left is the noise's. Which parts are
smooth is told by tiles beside those that are measured, so that a tile is not chosen for what chance
made of its own noise.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from denoisekit import _checks
from denoisekit._checks import InputError
from denoisekit.noise import (
    DIFFERENCES,
    NoiseByLight,
    fit_noise,
    near_saturation,
    noise_between_frames,
    noise_by_light,
    separable,
)

CORRELATED = 0.25
_MASKED = 0.05
_FEWEST_PIXELS = 50_000
_SMALLEST_SIDE = 64
_TILE = 12
_DEGREE = 2
_SMOOTHEST = 0.05
_FEWEST_TILES = 10
_SEGMENTS = 8
_LAGS = [(0, 0), (0, 1), (0, 2)] + [(y, x) for y in (1, 2) for x in range(-2, 3)]
_X, _Y = [1, 2], [_LAGS.index((1, 0)), _LAGS.index((2, 0))]


@dataclass(frozen=True)
class NoiseCard:
    """What an image's noise is like, in the image's own units.

    Attributes
    ----------
    frames
        Number of frames measured.
    gain, intercept
        The photon-transfer line ``variance = gain * mean + intercept`` (`noise.NoiseFit`), of the
        whole noise, its correlated part included.
    offset, read_noise
        The camera's offset, if it was given, and the noise there: one line does not tell them.
    correlation_x, correlation_y
        Autocorrelation of the noise at 1 and 2 pixels along the axis, between -1 and 1.
    row_noise, column_noise
        Standard deviation of an offset that a whole row or column has in common.
    saturated, floored
        Share of the pixels at the upper and at the lower end of the range, where many are.
    lowest, highest
        Least and greatest value.
    advice
        What can restore such an image.
    """

    frames: int
    gain: float
    intercept: float
    offset: float | None
    read_noise: float | None
    correlation_x: tuple[float, float]
    correlation_y: tuple[float, float]
    row_noise: float
    column_noise: float
    saturated: float
    floored: float
    lowest: float
    highest: float
    advice: "Advice"


@dataclass(frozen=True)
class Advice:
    """A kind of method, the mask of structN2V if it is that, and the reason in one sentence.

    Attributes
    ----------
    method
        ``supervised``, ``pn2v``, ``n2v`` or ``structn2v``.
    mask
        How many neighbours to hide on each side along (y, x): a rectangle about the pixel, which
        (0, 0) leaves alone.
    reason
        One sentence.
    """

    method: str
    mask: tuple[int, int]
    reason: str


def measure_noise_card(
    frames: np.ndarray, *, has_pairs: bool, offset: float | None = None
) -> NoiseCard:
    """Measure an image's noise without its truth, and advise a method.

    Several frames are compared each with the next, which leaves no structure of a static field;
    what moved is treated like the structure of a single image.

    Parameters
    ----------
    frames
        One image (Y, X) or frames of one field (T, Y, X), of at least 64 pixels a side.
    has_pairs
        Whether there are clean images of such fields to train on.
    offset
        The camera's value without light, in the image's units, if it is known.

    Raises
    ------
    InputError
        If an image is too small, constant, not finite, or without noise.
    """
    if frames.ndim not in (2, 3) or min(frames.shape[-2:]) < _SMALLEST_SIDE:
        raise InputError(
            f"A noise card is made of one image or of frames of at least {_SMALLEST_SIDE} pixels a "
            f"side, but {_checks.shape_text(frames)} pixels were given; give a larger one."
        )
    stack = frames if frames.ndim == 3 else frames[None]
    groups, noises = _noises(stack)
    fit = fit_noise(groups)
    correlations, growths = zip(*(_smooth_noise(*noise) for noise in noises), strict=True)
    correlation = np.median(correlations, axis=0)
    growth = float(np.median(growths))
    x, y = (tuple(float(correlation[lag]) for lag in axis) for axis in (_X, _Y))
    gain, intercept = growth * fit.gain, growth * fit.intercept
    dark = None if offset is None else float(np.sqrt(max(gain * offset + intercept, 0.0)))
    return NoiseCard(
        frames=len(stack),
        gain=gain,
        intercept=intercept,
        offset=offset,
        read_noise=dark,
        correlation_x=x,
        correlation_y=y,
        row_noise=float(np.median([_line_noise(noise) for noise, _ in noises])),
        column_noise=float(np.median([_line_noise(noise.T) for noise, _ in noises])),
        saturated=_share(stack, stack.max()),
        floored=_share(stack, stack.min()),
        lowest=float(stack.min()),
        highest=float(stack.max()),
        advice=_advise(x, y, pixels=stack.size, has_pairs=has_pairs),
    )


def _noises(stack: np.ndarray) -> tuple[NoiseByLight, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the noise by light, and images that hold the noise with the pixels that can be used.

    Frames that are the same bytes tell nothing about noise and are left out.
    """
    if len(stack) == 1:
        image = stack[0]
        return noise_by_light(image), [(image.astype(np.float64), ~near_saturation(image))]
    pairs = [(a, b) for a, b in pairwise(stack) if not np.array_equal(a, b)]
    if not pairs:
        raise InputError(
            f"The {len(stack)} frames are copies of one another, which tell nothing about noise; "
            "give frames that were taken one after the other, or one of them."
        )
    groups = [noise_between_frames(a, b) for a, b in pairs]
    together = NoiseByLight(
        *(
            np.concatenate([getattr(group, name) for group in groups])
            for name in ("means", "variances", "counts")
        )
    )
    return together, [
        ((a.astype(np.float64) - b) / np.sqrt(2), ~(near_saturation(a) | near_saturation(b)))
        for a, b in pairs
    ]


def _smooth_noise(image: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, float]:
    """Measure the noise where the image is smoothest: correlations, and variance by differences.

    Returns the autocorrelation at `_LAGS`, and how many times the noise's variance is greater than
    the mean square of its fourth differences: 1 for independent noise, more for noise that is
    correlated.
    """
    tiles = _tiles(image)
    whole = _tiles(usable).all(axis=(1, 2))
    basis = _surfaces()
    flat = tiles.reshape(len(tiles), -1)
    rest = (flat - (flat @ basis) @ basis.T).reshape(tiles.shape)
    covariances = _covariances(rest) @ np.linalg.inv(_response()).T
    good = whole & (covariances[:, 0] > 1e-12 * image.var())
    if np.count_nonzero(good) < _FEWEST_TILES:
        raise InputError(
            "The image is saturated or constant nearly everywhere, so that the correlation of its "
            "noise cannot be measured; give one that was exposed less."
        )
    correlations = covariances / np.where(good, covariances[:, 0], 1)[:, None]
    roughness = np.where(good, correlations[:, [_X[0], _Y[0]]].sum(axis=1), np.inf)
    # A tile is chosen by the one beside it; tiles come in pairs.
    beside = roughness.reshape(-1, 2)[:, ::-1].ravel()
    beside[~good] = np.inf
    number = max(_FEWEST_TILES, round(_SMOOTHEST * len(tiles)))
    chosen = np.argsort(beside, kind="stable")[:number]
    chosen = chosen[np.isfinite(beside[chosen])]
    square = _tiles(separable(image, DIFFERENCES) ** 2)[chosen].mean(axis=(1, 2))
    growth = np.median(covariances[chosen, 0] / square)
    return np.median(correlations[chosen], axis=0), float(growth)


def _tiles(image: np.ndarray) -> np.ndarray:
    """Cut an image into square tiles, (tile, Y, X), an even number in each row of them."""
    rows, columns = image.shape[0] // _TILE, image.shape[1] // (2 * _TILE) * 2
    cut = image[: rows * _TILE, : columns * _TILE]
    parts = cut.reshape(rows, _TILE, columns, _TILE).swapaxes(1, 2)
    return parts.reshape(-1, _TILE, _TILE)


@cache
def _surfaces() -> np.ndarray:
    """Return an orthonormal basis of the smooth surfaces over a tile, (pixel, surface)."""
    line = np.linspace(-1, 1, _TILE)
    surfaces = [
        np.outer(line**y, line**x).ravel()
        for y in range(_DEGREE + 1)
        for x in range(_DEGREE + 1 - y)
    ]
    return np.linalg.qr(np.stack(surfaces, axis=1))[0]


def _apart(tiles: np.ndarray, lag: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of tiles, and those that lie `lag` away from them."""
    y, x = lag
    height, width = tiles.shape[-2:]
    return (
        tiles[..., : height - y, max(0, -x) : width - max(0, x)],
        tiles[..., y:, max(0, x) : width + min(0, x)],
    )


def _covariances(tiles: np.ndarray) -> np.ndarray:
    return np.stack(
        [np.mean(np.multiply(*_apart(tiles, lag)), axis=(-1, -2)) for lag in _LAGS], axis=-1
    )


@cache
def _response() -> np.ndarray:
    """Return what is left of each lag's covariance, (measured, true), once surfaces are removed.

    Removing a surface takes away a part of the noise too, and makes the rest slightly
    anticorrelated.
    """
    basis = _surfaces()
    keep = np.eye(_TILE**2) - basis @ basis.T
    places = np.arange(_TILE**2).reshape(_TILE, _TILE)
    pairs = [tuple(part.ravel() for part in _apart(places, lag)) for lag in _LAGS]
    response = np.empty((len(_LAGS), len(_LAGS)))
    for column, (a, b) in enumerate(pairs):
        covariance = np.zeros((_TILE**2, _TILE**2))
        covariance[a, b] = covariance[b, a] = 1
        left = keep @ covariance @ keep
        response[:, column] = [left[pair].mean() for pair in pairs]
    return response


def _line_noise(image: np.ndarray) -> float:
    """Return the standard deviation of the offset that the pixels of a row have in common.

    A row is cut into segments. What their fourth differences across rows have in common is the
    row's; structure and the noise of pixels differ from one segment to the next.
    """
    width = image.shape[1] // _SEGMENTS * _SEGMENTS
    segments = image[:, :width].reshape(len(image), _SEGMENTS, -1)
    jumps = np.apply_along_axis(np.convolve, 0, segments.mean(axis=2), DIFFERENCES, "valid")
    together = jumps.sum(axis=1) ** 2 - (jumps**2).sum(axis=1)
    variance = together.mean() / (_SEGMENTS * (_SEGMENTS - 1))
    return float(np.sqrt(max(variance, 0.0)))


def _share(stack: np.ndarray, value: float) -> float:
    """Return the share of the pixels that have an extreme value, or 0 where it is rare."""
    share = np.count_nonzero(stack == value) / stack.size
    return share if share > 1e-4 else 0.0


def _advise(
    x: tuple[float, float], y: tuple[float, float], *, pixels: int, has_pairs: bool
) -> Advice:
    neighbours = (
        f"neighbouring pixels' noise has a correlation of {x[0]:.2f} along x and {y[0]:.2f} along y"
    )
    if has_pairs:
        return Advice(
            "supervised",
            (0, 0),
            "There are clean images, and training with them takes nothing for granted about the "
            f"noise: {neighbours}.",
        )
    if max(abs(x[0]), abs(y[0])) > CORRELATED:
        mask = (_reach(y), _reach(x))
        return Advice(
            "structn2v",
            mask,
            f"PN2V and N2V take noise for independent from pixel to pixel, but {neighbours}; hide "
            f"{mask[1]} neighbours on each side along x and {mask[0]} along y, or train with "
            "pairs.",
        )
    if pixels < _FEWEST_PIXELS:
        return Advice(
            "n2v",
            (0, 0),
            f"Noise is independent enough ({neighbours}), but {pixels} pixels are too few to learn "
            f"a noise model from, which takes {_FEWEST_PIXELS}.",
        )
    return Advice("pn2v", (0, 0), f"Noise is independent enough for a noise model: {neighbours}.")


def _reach(correlation: tuple[float, float]) -> int:
    """Return how many neighbours to hide; five, as published, where two pixels do not end it."""
    near, far = (abs(value) for value in correlation)
    if near <= CORRELATED:
        return 0
    if far > CORRELATED:
        return 5
    return 2 if far > _MASKED else 1

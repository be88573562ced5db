"""What a restoration invented or erased, told without a truth: its residual against the noise.

Noisy minus restored image should be the camera's noise and nothing else. Where it is darker than
noise can be over some pixels, the restored image shows what the noisy one does not: invented; where
it is brighter, erased. Averaged by a Gaussian, the residual's variance is known from the noise
alone, and a false-discovery rate says which of its departures are too large.

A residual is narrower than the noise where a method has kept some of it, as filters do, or learned
it, as networks do that are trained on the very image. The test then finds less than it could, and
never more than it should: its size holds.

Sources: false-discovery rate of Benjamini and Hochberg 1995,
doi 10.1111/j.2517-6161.1995.tb02031.x; a null distribution whose width is taken from the middle of
the data, Efron 2004, doi 10.1198/016214504000000089.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from scipy import ndimage
from scipy.special import gammaincc, ndtr

from denoisekit import _checks
from denoisekit.errors import InputError
from denoisekit.noise import saturation, usable
from denoisekit.noise.card import NoiseCard
from denoisekit.noise.estimate import DIFFERENCES, NoiseFit, fit_noise, noise_by_light

#: Names of what `examine` measures, in the order in which tables have them.
QUANTITIES = (
    *("sd_ratio", "correlation_x", "correlation_y", "excess_x", "excess_y", "log_likelihood"),
    *("expected_log_likelihood", "band_1", "band_2", "band_3", "band_4", "null_width"),
    *("invented", "erased", "gain", "offset"),
)
_BANDS = 4
# Of the image's middle, and so many px away, a shift is looked for.
_SHIFT_SIDE = 512
_FARTHEST = 3
# In nats: noise alone makes one of 48 shifts that much likelier once in ten million images.
_SURELY = 20.0
_HUBER = 1.345
# The middle half of a normal distribution is so many standard deviations wide.
_QUARTILES = 1.3489795
# Of a Gaussian's weight, what must lie on pixels that can be used.
_LEAST_WEIGHT = 0.5
# Rounding alone leaves that much of a residual, in units of the noise's variance.
_NOTHING = 1e-9
# A brightness beyond these is told.
_SAME_GAIN = (0.95, 1.05)


@dataclass(frozen=True)
class CameraNoise:
    """The noise of one image in its own units, as far as it can be told without a truth.

    Attributes
    ----------
    line
        Variance against mean, as fourth differences tell it: of independent noise the whole.
    darkest
        Mean of the darkest pixels whose noise was measured: below, the line is not continued.
    correlation_x, correlation_y
        Autocorrelation of the noise at 1 and 2 pixels along the axis, at most: a noise card counts
        structure that is as fine as noise among it.
    row_variance, column_variance
        Variance of what a whole row or column has in common, at most.
    """

    line: NoiseFit
    darkest: float
    correlation_x: tuple[float, float]
    correlation_y: tuple[float, float]
    row_variance: float
    column_variance: float

    @classmethod
    def measure(
        cls, noisy: np.ndarray, card: NoiseCard | None, *, where: np.ndarray | None = None
    ) -> Self:
        """Measure an image's own line, and take the rest, which has no unit, from a noise card.

        Parameters
        ----------
        noisy
            (Y, X), in any unit.
        card
            Of this image, or of others that one camera took; None for independent noise.
        where
            As `denoisekit.noise.usable.sound` takes it.

        Raises
        ------
        InputError
            If the image's noise cannot be measured.
        """
        groups = noise_by_light(noisy, where)
        line = fit_noise(groups)
        fitted = line.gain * groups.means + line.intercept
        at_mean = float(np.average(np.maximum(fitted, 0), weights=groups.counts))
        darkest = float(groups.means[fitted > 0].min())
        if card is None:
            return cls(line, darkest, (0.0, 0.0), (0.0, 0.0), 0.0, 0.0)
        alone = max(1 - card.row_share - card.column_share, np.finfo(float).eps)
        return cls(
            line,
            darkest,
            card.correlation_x,
            card.correlation_y,
            card.row_share / alone * at_mean,
            card.column_share / alone * at_mean,
        )

    def variance(self, signal: np.ndarray) -> np.ndarray:
        """Return the variance of single pixels of a signal, in squared units of the image."""
        light: np.ndarray = np.maximum(signal, self.darkest)
        return self.line.gain * light + self.line.intercept


@dataclass(frozen=True)
class Residual:
    """What the residual of one image tells.

    Attributes
    ----------
    values
        Numbers by `QUANTITIES`. ``gain`` and ``offset`` bring the restored image to the noisy one's
        brightness. ``sd_ratio``: standard deviation of the residual over the noise's, 1 at the
        truth. ``correlation_x`` and ``_y``: of next neighbours in the standardised residual;
        ``excess_x`` and ``_y``: what of it the noise's own cannot be. ``log_likelihood``: mean log
        p(noisy | restored) in nats a pixel, and ``expected_log_likelihood`` what a truth like the
        restored image would have. ``band_1`` to ``band_4``: mean residual in units of the noise,
        from the darkest quarter of the restored image to the brightest. ``null_width``: how many
        times as wide as that of independent noise the averaged residual's distribution is taken to
        be. ``invented`` and ``erased``: share of the tested pixels that are flagged so.
    flagged
        (Y, X) int8: -1 where structure was invented, 1 where it was erased, else 0.
    score
        (Y, X) float32: the averaged residual over its standard deviation; 0 where nothing is
        tested.
    note
        What a person should know of the brightness, or empty.
    """

    values: dict[str, float]
    flagged: np.ndarray
    score: np.ndarray
    note: str


def examine(
    noisy: np.ndarray,
    restored: np.ndarray,
    noise: CameraNoise,
    *,
    sigma_px: float,
    rate: float,
    outside: Sequence[float | str] | None = None,
) -> Residual:
    """Hold noisy minus restored image against the noise, and map what was invented and erased.

    The restored image is brought to the noisy one's brightness first (gain and offset, fitted so
    that few places weigh little). Residual and noise are then averaged by a Gaussian, and the
    two-sided p-values of all pixels are held to a false-discovery rate. The upper tail is that of a
    gamma distribution with the skewness of photons alone, which no camera's noise exceeds by much;
    the lower is a normal distribution's, which is the wider one.

    Correlated noise makes the averaged residual wider than independent noise does. A card cannot
    tell fine structure from it, so the width is taken from the middle half of the data, between
    that of independent noise and that of noise as correlated as the card says.

    Parameters
    ----------
    noisy, restored
        (Y, X), of one place.
    noise
        Of the noisy image.
    sigma_px
        Standard deviation of the Gaussian, in px: structures of some times this width are found.
    rate
        The false-discovery rate: what share of all flagged pixels may be flagged by chance, and in
        an image without any fault how often any pixel is.
    outside
        The values that mark pixels outside of the field, as `denoisekit.noise.usable.find` takes
        them. These, hot, dead and saturated pixels are left out.

    Raises
    ------
    InputError
        If the images differ in shape or are not finite, the restored image shows nothing of the
        noisy one, or one lies shifted against the other.
    """
    _checks.same_shape(noisy, restored, names=("The noisy image", "the restored image"))
    _checks.positive(sigma_px, name="The width of the Gaussian (sigma_px)")
    if not 0 < rate < 1:
        raise InputError(f"The false-discovery rate must lie between 0 and 1, but is {rate!r}.")
    used = usable.of_all([noisy], outside=outside, name="The noisy image")
    used &= ~usable.outside_of_field(restored, outside=outside, name="The restored image")
    used[used] = ~saturation.saturated(noisy[used])
    if not used.any():
        raise InputError("No pixel of both images lies in the field and is not saturated.")
    noisy, restored = (
        np.where(used, image, image[used].mean()).astype(np.float64) for image in (noisy, restored)
    )
    smooth = _Smoothing(used, sigma_px)
    gain, offset = _brightness(noisy, restored, noise, smooth)
    signal = gain * restored + offset
    variance = noise.variance(signal)
    _check_place(noisy, signal, variance, used)
    standard = (noisy - signal) / np.sqrt(variance)
    score, width = _scores(noisy - signal, variance, noise, smooth)
    flagged = _flags(score, _skewness(variance, noise, smooth), smooth.tested, rate)
    tested = np.count_nonzero(smooth.tested)
    values = {
        "gain": gain,
        "offset": offset,
        **_of_noise(standard, variance, noise, used),
        **_bands(standard, signal, used),
        "null_width": width,
        "invented": np.count_nonzero(flagged == -1) / tested,
        "erased": np.count_nonzero(flagged == 1) / tested,
    }
    ordered = {name: values[name] for name in QUANTITIES}
    return Residual(ordered, flagged, score.astype(np.float32), _note(gain, offset))


class _Smoothing:
    """A Gaussian over the pixels that can be used; the others count as 0."""

    def __init__(self, used: np.ndarray, sigma_px: float) -> None:
        self.used = used
        reach = int(np.ceil(4 * sigma_px))
        weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2)
        self.weights = weights / weights.sum()
        self.tested = used & (self.sum(np.ones(used.shape)) >= _LEAST_WEIGHT)

    def sum(self, pixels: np.ndarray, power: int = 1) -> np.ndarray:
        """Sum pixels by the Gaussian's weights, or by a power of them."""
        result = np.where(self.used, pixels, 0.0)
        for axis in range(pixels.ndim):
            result = ndimage.convolve1d(
                result, self.weights**power, axis=axis, mode="constant", cval=0.0
            )
        return result

    def wider(self, correlation: tuple[float, float]) -> float:
        """Return how many times as much variance noise of a correlation along one axis has."""
        return _in_all(correlation, _overlaps(self.weights))


def _overlaps(weights: np.ndarray) -> list[float]:
    """Return the autocorrelation of weights at 1 and 2 pixels."""
    whole = float(weights @ weights)
    return [float(weights[lag:] @ weights[:-lag]) / whole for lag in (1, 2)]


def _in_all(correlation: tuple[float, float], overlaps: Sequence[float]) -> float:
    return 1 + 2 * sum(np.multiply(correlation, overlaps))


def _growth(noise: CameraNoise) -> float:
    """Return how many times as great as its fourth differences the variance of noise is, at most.

    Its correlation is taken for the product of those along both axes.
    """
    own = _overlaps(DIFFERENCES)
    seen = [_in_all(along, own) for along in (noise.correlation_x, noise.correlation_y)]
    return 1 / max(float(np.prod(np.clip(seen, 0, 1))), np.finfo(float).eps)


def _brightness(
    noisy: np.ndarray, restored: np.ndarray, noise: CameraNoise, smooth: _Smoothing
) -> tuple[float, float]:
    """Fit gain and offset of the restored image to the noisy one, over Gaussian means."""
    full = smooth.sum(np.ones(noisy.shape))[smooth.tested]
    target, given = (smooth.sum(image)[smooth.tested] / full for image in (noisy, restored))
    variance = smooth.sum(noise.variance(noisy), 2)[smooth.tested] / full**2
    noisy_mean = np.average(target, weights=1 / variance)
    gain, offset, trust = 0.0, noisy_mean, np.ones_like(target)
    if given.min() == given.max():
        raise InputError(_nothing_shown(given.flat[0]))
    for _ in range(10):
        weights = trust / variance
        means = [np.average(part, weights=weights) for part in (target, given)]
        away = given - means[1]
        gain = float(np.sum(weights * away * (target - means[0])) / np.sum(weights * away**2))
        offset = float(means[0] - gain * means[1])
        surprise = np.abs(target - gain * given - offset) / np.sqrt(variance)
        limit = _HUBER * max(float(np.median(surprise)) / (_QUARTILES / 2), np.finfo(float).tiny)
        trust = limit / np.maximum(surprise, limit)
    # Of the surroundings: a single dark pixel's own can be next to nothing, and would decide alone.
    variances = smooth.sum(noise.variance(noisy))[smooth.tested] / full
    own, flat = (
        np.sum((noisy[smooth.tested] - part) ** 2 / variances)
        for part in (gain * restored[smooth.tested] + offset, noisy_mean)
    )
    if gain <= 0 or flat - own < 2 * _SURELY:
        raise InputError(_nothing_shown(gain))
    return gain, offset


def _nothing_shown(gain: float) -> str:
    return (
        "The restored image shows nothing of the noisy one (fitted to it, its contrast is "
        f"multiplied by {gain:.3g} and explains no more than a constant does): give two images of "
        "one place, or leave out images that show nothing."
    )


def _check_place(
    noisy: np.ndarray, signal: np.ndarray, variance: np.ndarray, used: np.ndarray
) -> None:
    """Raise InputError if the noisy image is likelier with the restored one moved."""
    middle = tuple(
        slice(max((side - _SHIFT_SIDE) // 2, 0), max((side - _SHIFT_SIDE) // 2, 0) + _SHIFT_SIDE)
        for side in noisy.shape
    )
    noisy, signal, variance, used = (part[middle] for part in (noisy, signal, variance, used))
    inside = tuple(slice(_FARTHEST, side - _FARTHEST) for side in noisy.shape)
    # What is moved is an image's own pixel wherever it comes from.
    around = np.ones((2 * _FARTHEST + 1, 2 * _FARTHEST + 1), dtype=bool)
    compared = ndimage.binary_erosion(used, around)[inside]
    shifts = list(product(range(-_FARTHEST, _FARTHEST + 1), repeat=2))
    squares = {}
    for shift in shifts:
        moved = np.roll(signal, shift, axis=(0, 1))[inside]
        away = (noisy[inside] - moved) ** 2 / variance[inside]
        squares[shift] = float(away[compared].sum())
    best = min(squares, key=squares.__getitem__)
    if squares[0, 0] - squares[best] > 2 * _SURELY:
        raise InputError(
            f"The restored image lies shifted against the noisy one by ({-best[0]}, {-best[1]}) px "
            "along (y, x), so that its residual is that shift; register them first."
        )


def _of_noise(
    standard: np.ndarray, variance: np.ndarray, noise: CameraNoise, used: np.ndarray
) -> dict[str, float]:
    """Return width, whiteness and likelihood of a standardised residual."""
    squares = standard[used] ** 2
    logs = -0.5 * np.log(2 * np.pi * variance[used])
    found = {"sd_ratio": float(np.sqrt(squares.mean()))}
    mean = standard[used].mean()
    spread = standard[used].var()
    excesses = {}
    for name, axis, own in (("x", 1, noise.correlation_x), ("y", 0, noise.correlation_y)):
        turned, chosen = (np.moveaxis(part, axis, 0) for part in (standard - mean, used))
        both = chosen[1:] & chosen[:-1]
        products = (turned[1:] * turned[:-1])[both]
        # What does nothing leaves no residual, which has no correlation.
        value = float(products.mean() / spread) if spread > _NOTHING and products.size else np.nan
        found[f"correlation_{name}"] = value
        excesses[f"excess_{name}"] = max(value - max(own[0], 0), 0) + min(value - min(own[0], 0), 0)
    return {
        **found,
        **excesses,
        "log_likelihood": float((logs - squares / 2).mean()),
        "expected_log_likelihood": float((logs - 0.5).mean()),
    }


def _bands(standard: np.ndarray, signal: np.ndarray, used: np.ndarray) -> dict[str, float]:
    order = np.argsort(signal[used], kind="stable")
    parts = np.array_split(standard[used][order], _BANDS)
    return {f"band_{number}": float(part.mean()) for number, part in enumerate(parts, 1)}


def _scores(
    residual: np.ndarray, variance: np.ndarray, noise: CameraNoise, smooth: _Smoothing
) -> tuple[np.ndarray, float]:
    """Return the averaged residual over its standard deviation, and how wide that was taken."""
    tested = smooth.tested
    least = smooth.sum(variance, 2)[tested]
    along = float(smooth.weights @ smooth.weights)
    factor = smooth.wider(noise.correlation_x) * smooth.wider(noise.correlation_y)
    most = least * max(factor * _growth(noise), 1)
    most += along * (noise.row_variance + noise.column_variance)
    plain = smooth.sum(residual)[tested] / np.sqrt(least)
    middle = float(np.subtract(*np.percentile(plain, (75, 25)))) / _QUARTILES
    width = np.clip(middle, 1, np.sqrt(most / least))
    score = np.zeros(residual.shape)
    score[tested] = plain / width
    return score, float(np.median(width))


def _skewness(variance: np.ndarray, noise: CameraNoise, smooth: _Smoothing) -> np.ndarray:
    """Return the skewness of averaged noise, were all of it photons'."""
    third = smooth.sum(noise.line.gain * variance, 3)[smooth.tested]
    result: np.ndarray = third / smooth.sum(variance, 2)[smooth.tested] ** 1.5
    return result


def _flags(score: np.ndarray, skewness: np.ndarray, tested: np.ndarray, rate: float) -> np.ndarray:
    scores = score[tested]
    p = 2 * np.minimum(_upper_tail(scores, skewness), ndtr(scores))
    flags = np.zeros(score.shape, dtype=np.int8)
    flags[tested] = np.where(discoveries(p, rate=rate), np.sign(scores), 0)
    return flags


def _upper_tail(score: np.ndarray, skewness: np.ndarray) -> np.ndarray:
    """Return how likely a gamma variable, of mean 0, variance 1 and a skewness, is greater."""
    # Of less skewness the function loses its digits, and the law is a normal one.
    shape = 4 / np.maximum(skewness, 1e-3) ** 2
    place = np.maximum(shape + np.sqrt(shape) * score, 0)
    tail: np.ndarray = np.maximum(gammaincc(shape, place), ndtr(-score))
    return tail


def discoveries(p: np.ndarray, *, rate: float) -> np.ndarray:
    """Mark the p-values that are discoveries at a false-discovery rate (Benjamini, Hochberg).

    Parameters
    ----------
    p
        p-values, in any shape.
    rate
        The false-discovery rate, between 0 and 1.

    Returns
    -------
    numpy.ndarray
        bool, same shape.
    """
    ordered = np.sort(p, axis=None)
    below = np.flatnonzero(ordered <= rate * np.arange(1, p.size + 1) / p.size)
    if not below.size:
        return np.zeros(p.shape, dtype=bool)
    marked: np.ndarray = p <= ordered[below[-1]]
    return marked


def _note(gain: float, offset: float) -> str:
    if _SAME_GAIN[0] <= gain <= _SAME_GAIN[1]:
        return ""
    return (
        f"its brightness is not the noisy image's: multiplied by {gain:.3g} and with {offset:.3g} "
        "added, it is, and was so tested"
    )

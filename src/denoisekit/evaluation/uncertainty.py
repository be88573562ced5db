"""What a probabilistic network, or an ensemble of them, says of each pixel: a Laplace mixture.

A network with a scale predicts a Laplace distribution at every pixel: its mean mu and its scale b,
which is neither a variance nor a standard deviation (that is b times the root of 2). An ensemble
predicts the equal mixture of its members' distributions; one network is an ensemble of one.

No value depends on the order of the members, nor on what else is in the image, to the last bit.

Source of the mixture and of its disagreement: Weigert et al. 2018, doi 10.1038/s41592-018-0216-7,
Supplementary Notes. The continuous ranked probability score of a Laplace mixture follows from that
of Jordan et al. 2019, doi 10.18637/jss.v090.i12, and E|X - X'| of two Laplace variables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from denoisekit._checks import finite, shape_text
from denoisekit.errors import InputError

# Pixels that are worked on at once.
_CHUNK = 1 << 14
# Less, as a share, is rounding: of a quantile, and of the level that it has.
_ROUNDING = 2.0**-50
# A density has a kink at its mean and is smooth else; beyond 20 scales lie 2e-9 of it.
_SPLITS = (2.0, 7.0, 20.0)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
# Below this relative difference of two squared scales their formula loses more than its limit.
_ALIKE = 1e-5


@dataclass(frozen=True)
class LaplaceMixture:
    """An equal mixture of Laplace distributions at every pixel.

    Parameters
    ----------
    means
        Of the members, (M, *spatial), in the image's units.
    scales
        Their scales b, same shape and units, above zero.

    Raises
    ------
    InputError
        If there is no member, the shapes differ, a mean is not finite, or a scale is not finite and
        above zero.
    """

    means: np.ndarray
    scales: np.ndarray

    def __post_init__(self) -> None:
        if self.means.shape != self.scales.shape:
            raise InputError(
                "The members' means and scales must have the same shape, but are "
                f"{shape_text(self.means)} and {shape_text(self.scales)}."
            )
        if self.means.ndim == 0 or len(self.means) == 0:
            raise InputError("A mixture must have one member at least, but has none.")
        finite(self.means, name="The mean of an ensemble's member")
        bad = np.count_nonzero(~(np.isfinite(self.scales) & (self.scales > 0)))
        if bad:
            raise InputError(
                "The scale of an ensemble's member must be finite and above zero, but is not so in "
                f"{bad} pixels; restore the image with that network again."
            )

    @property
    def members(self) -> int:
        """How many there are."""
        return len(self.means)

    def mean(self) -> np.ndarray:
        """Return the mixture's mean, (*spatial) float64."""
        return self._pixelwise(_mean)

    def standard_deviation(self) -> np.ndarray:
        """Return the mixture's standard deviation, (*spatial) float64, in the image's units."""
        return self._pixelwise(_standard_deviation)

    def spread(self) -> np.ndarray:
        """Return the standard deviation of the members' means, over M, (*spatial) float64."""
        return self._pixelwise(_spread)

    def quantile(self, level: float) -> np.ndarray:
        """Return the quantile, (*spatial) float64, of a level between 0 and 1.

        It lies between the members' own quantiles, and is found there by Newton's steps.
        """
        _check_level(level, name="The level of a quantile")
        return self._pixelwise(lambda means, scales: _quantile(means, scales, level))

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends, (*spatial) each, of the central interval that holds a level, 0 to 1."""
        _check_level(level, name="The level of an interval")
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def distribution(self, truth: np.ndarray) -> np.ndarray:
        """Return the distribution function at what was observed, (*spatial), 0 to 1.

        Where predictions are right these probability integral transforms are uniform.
        """
        self._check_truth(truth)
        return self._pixelwise(
            lambda means, scales, observed: _excess(observed, means, scales, 0.0) / len(means),
            truth,
        )

    def disagreement(self) -> np.ndarray:
        """Return the members' disagreement D, (*spatial) float64 from 0 (one answer) to 1.

        It is the entropy of the mixture less the mean of the members' entropies, over ln M; for one
        member 0. It is the same for any affine map of the intensities, and exact to 1e-6.
        """
        return self._pixelwise(_disagreement)

    def crps(self, truth: np.ndarray) -> np.ndarray:
        """Return the continuous ranked probability score, (*spatial), in the image's units.

        Parameters
        ----------
        truth
            What was observed, (*spatial). The score is 0 at best.
        """
        self._check_truth(truth)
        return self._pixelwise(_crps, truth)

    def negative_log_likelihood(self, truth: np.ndarray) -> np.ndarray:
        """Return minus the logarithm of the density at what was observed, (*spatial), in nats."""
        self._check_truth(truth)
        return self._pixelwise(
            lambda means, scales, observed: -_log_density(observed, means, scales), truth
        )

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a frame, (*spatial) float64, of one member.

        The member is drawn once for all pixels: drawn for each, members that agree on a structure
        but not on where it lies would make grains of it.
        """
        members = sorted(zip(self.means, self.scales, strict=True), key=_content)
        mean, scale = members[rng.integers(len(members))]
        return rng.laplace(np.asarray(mean, np.float64), scale)

    def scaled(self, factor: float) -> "LaplaceMixture":
        """Return the mixture with all scales multiplied by a factor, means as they are."""
        return LaplaceMixture(self.means, np.asarray(self.scales, np.float64) * factor)

    def mapped(self, gain: float, offset: float) -> "LaplaceMixture":
        """Return the mixture in other units: means as gain and offset say, scales by gain's size.

        Raises
        ------
        InputError
            If the gain is 0, which leaves no distribution.
        """
        if gain == 0:
            raise InputError(
                "A gain of 0 leaves nothing of a predicted distribution; see whether the restored "
                "image has anything in common with the truth."
            )
        means = gain * np.asarray(self.means, np.float64) + offset
        return LaplaceMixture(means, abs(gain) * np.asarray(self.scales, np.float64))

    def _check_truth(self, truth: np.ndarray) -> None:
        if truth.shape != self.means.shape[1:]:
            raise InputError(
                "The truth must have the shape of the members' means, but they are "
                f"{shape_text(truth)} and {shape_text(self.means[0])}."
            )
        finite(truth, name="The truth")

    def _pixelwise(
        self, function: Callable[..., np.ndarray], truth: np.ndarray | None = None
    ) -> np.ndarray:
        """Apply a function of sorted members, (M, pixels), and of the truth, chunk by chunk."""
        means, scales = (part.reshape(self.members, -1) for part in (self.means, self.scales))
        observed = () if truth is None else (truth.reshape(-1),)
        result = np.empty(means.shape[1])
        for start in range(0, len(result), _CHUNK):
            part = slice(start, start + _CHUNK)
            extra = [np.asarray(values[part], np.float64) for values in observed]
            result[part] = function(*_sorted(means[:, part], scales[:, part]), *extra)
        return result.reshape(self.means.shape[1:])


def combined(
    means: Sequence[np.ndarray], scales: Sequence[np.ndarray], *, outside: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what an ensemble makes of an image that its members restored.

    Parameters
    ----------
    means
        The image as each member restored it, (*spatial).
    scales
        Their Laplace scales, or none where the networks predict no scale.
    outside
        Pixels outside of the field, bool, (*spatial): they come back as all members have them, and
        what is written beside them is NaN.

    Returns
    -------
    dict
        ``""`` is the mean. With scales, ``scale`` is the mixture's, its standard deviation over the
        root of 2, and ``disagreement`` the members', 0 to 1. Without, ``spread`` is the standard
        deviation of the means, over M. All are float32.

    Raises
    ------
    InputError
        If a pixel of the field is not finite in a member, a scale is not above zero, or only some
        members have one.
    """
    if scales and len(scales) != len(means):
        raise InputError(
            f"Of {len(means)} members of an ensemble only {len(scales)} have a scale; restore the "
            "images with all of them again."
        )
    field = ~outside
    parts = np.stack([mean[field] for mean in means])
    if scales:
        mixture = LaplaceMixture(parts, np.stack([scale[field] for scale in scales]))
        found = {
            "": mixture.mean(),
            "scale": mixture.standard_deviation() / np.sqrt(2),
            "disagreement": mixture.disagreement(),
        }
    else:
        finite(parts, name="The mean of an ensemble's member")
        values = np.sort(np.asarray(parts, np.float64), axis=0)
        mean = _average(values)
        found = {"": mean, "spread": np.sqrt(_average((values - mean) ** 2))}
    result = {name: np.full(outside.shape, np.nan, np.float32) for name in found}
    result[""] = np.array(means[0], np.float32)
    for name, pixels in found.items():
        result[name][field] = pixels
    return result


def _check_level(level: float, *, name: str) -> None:
    if not 0 < level < 1:
        raise InputError(f"{name} must lie between 0 and 1, but is {level:g}.")


def _content(member: tuple[np.ndarray, np.ndarray]) -> bytes:
    return member[0].tobytes() + member[1].tobytes()


def _sorted(means: np.ndarray, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return members as float64, sorted by their values pixel by pixel, so that sums are alike."""
    means, scales = (np.array(part, np.float64, order="C") for part in (means, scales))
    # Members are few and pixels many: neighbours change places.
    for last in range(len(means) - 1, 0, -1):
        for i in range(last):
            swap = means[i] > means[i + 1]
            swap |= (means[i] == means[i + 1]) & (scales[i] > scales[i + 1])
            for part in (means, scales):
                part[i], part[i + 1] = (
                    np.where(swap, part[i + 1], part[i]),
                    np.where(swap, part[i], part[i + 1]),
                )
    return means, scales


def _average(parts: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the mean over members, added one by one: numpy adds few pixels in another order."""
    return sum(parts[1:], start=parts[0]) / len(parts)


def _mean(means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    return _average(means)


def _spread(means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    return np.sqrt(_average((means - _average(means)) ** 2))


def _standard_deviation(means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    return np.sqrt(_average(2 * scales**2 + (means - _average(means)) ** 2))


def _quantile(means: np.ndarray, scales: np.ndarray, level: float) -> np.ndarray:
    tail = np.log(2 * min(level, 1 - level))
    own = means + scales * (tail if level < 0.5 else -tail)
    low, high = own.min(0), own.max(0)
    found = low + (high - low) / 2
    left = np.flatnonzero(high > low)
    x, step = found[left], (high - low)[left]
    means, scales, low, high = (part[..., left] for part in (means, scales, low, high))
    while len(left):
        excess = _excess(x, means, scales, level)
        low, high = np.where(excess <= 0, x, low), np.where(excess >= 0, x, high)
        density = sum(np.exp(-np.abs(x - means) / scales) / (2 * scales))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            after = x - excess / density
        found[left] = x
        more = np.abs(excess) > _ROUNDING * len(means) * level
        more &= np.minimum(np.abs(after - x), high - low) > _ROUNDING * np.abs(x)
        # The bracket is halved where Newton's step leaves it, or is no half of the one before.
        newton = (after > low) & (after < high) & (np.abs(after - x) <= step / 2)
        after = np.where(newton, after, low + (high - low) / 2)
        left, x, step = left[more], after[more], np.abs(after - x)[more]
        means, scales, low, high = (part[..., more] for part in (means, scales, low, high))
    return found


def _excess(x: np.ndarray, means: np.ndarray, scales: np.ndarray, level: float) -> np.ndarray:
    """Return M times the distribution function at x less the level.

    Members are counted apart from their tails, which tell of two far apart where the median lies.
    """
    above = x > means
    tails = np.exp(-np.abs(x - means) / scales) / 2
    signed = np.where(above, -tails, tails)
    return (np.count_nonzero(above, axis=0) - len(means) * level) + len(means) * _average(signed)


def _log_densities(x: np.ndarray, means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return the logarithm of every member's density, members first."""
    return -np.abs(x - means) / scales - np.log(2 * scales)


def _log_mean(logarithms: np.ndarray) -> np.ndarray:
    largest = logarithms.max(0)
    return largest + np.log(_average(np.exp(logarithms - largest)))


def _log_density(x: np.ndarray, means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    return _log_mean(_log_densities(x, means, scales))


def _disagreement(means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return D as the mean relative entropy of the members to the mixture, which is never < 0."""
    if len(means) == 1:
        return np.zeros(means.shape[1])
    ends = [means + sign * s * scales for s in _SPLITS for sign in (-1, 1)]
    edges = np.sort(np.concatenate([means, *ends]), axis=0)
    total = np.zeros(means.shape[1])
    for low, high in pairwise(edges):
        middle, half = low + (high - low) / 2, (high - low) / 2
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            logs = _log_densities(middle + half * node, means, scales)
            total += weight * half * _average(np.exp(logs) * (logs - _log_mean(logs)))
    return np.clip(total / np.log(len(means)), 0, 1)


def _crps(means: np.ndarray, scales: np.ndarray, truth: np.ndarray) -> np.ndarray:
    distance = np.abs(truth - means)
    from_truth = _average(distance + scales * np.exp(-distance / scales))
    between = _average(
        [
            _average([_expected_distance(means, scales, i, j) for j in range(len(means))])
            for i in range(len(means))
        ]
    )
    return from_truth - between / 2


def _expected_distance(means: np.ndarray, scales: np.ndarray, i: int, j: int) -> np.ndarray:
    """Return E|X - X'| of two members' independent variables."""
    d = np.abs(means[i] - means[j])
    larger, smaller = np.maximum(scales[i], scales[j]), np.minimum(scales[i], scales[j])
    ratio = smaller / larger
    alike = 1 - ratio**2 < _ALIKE
    together = np.sqrt((larger**2 + smaller**2) / 2)
    limit = (3 * together + d) / 2 * np.exp(-d / together)
    tails = np.exp(-d / larger) - ratio**3 * np.exp(-d / smaller)
    apart = larger * tails / np.where(alike, 1, 1 - ratio**2)
    return d + np.where(alike, limit, apart)

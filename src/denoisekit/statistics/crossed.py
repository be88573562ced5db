"""Say whether two methods differ, whichever seed they are trained with: images crossed with seeds.

A method that is trained gives another network for each seed, and each of them scores every image.
What is said of the method must hold for seeds as for images that were not drawn. The variance of a
mean difference has a part by images and a part by seeds, each with its own degrees of freedom;
limits are Cochran's, the quantiles of t for both, weighed by these variances.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import t as student

from denoisekit._checks import finite, positive
from denoisekit.errors import InputError
from denoisekit.statistics.paired_tests import Estimate

_SMALLEST_TAIL = 1e-300


@dataclass(frozen=True)
class MeanDifference:
    """A mean difference over images and seeds, and the variance that judges it.

    Attributes
    ----------
    value
        The mean of the first method minus that of the second.
    by_images, by_seeds
        Variance of this mean by the choice of images and of seeds. What single images owe to single
        seeds counts in both, which makes tests a little too careful.
    images_freedom, seeds_freedom
        Degrees of freedom of these variances.
    """

    value: float
    by_images: float
    by_seeds: float
    images_freedom: float
    seeds_freedom: float

    @property
    def error(self) -> float:
        """The standard error."""
        return float(np.sqrt(self.by_images + self.by_seeds))

    @property
    def t(self) -> float:
        """The mean over its standard error."""
        return self.value / self.error

    @property
    def p(self) -> float:
        """Two-sided p-value of a mean of zero; below alpha just where the interval leaves it out.

        At alpha = 0.05 it is below in at most 5 % of cases where methods are alike, but for two
        seeds where a network is compared with a filter, or with a network that seeds matter far
        less to: there in up to 7 % (benchmarks/seed_effects.py).
        """
        return 2 * self._tail(abs(self.t))

    def interval(self, *, alpha: float) -> Estimate:
        """Return the interval that misses the true mean with a probability of alpha."""
        half = self._limit(alpha / 2) * self.error
        return Estimate(self.value, self.value - half, self.value + half)

    def equivalence(self, *, margin: float) -> float:
        """Return the p-value of a mean that lies within a margin: the larger of two one-sided ones.

        Raises
        ------
        InputError
            If the margin is not above zero.
        """
        positive(margin, name="The equivalence margin")
        return self._tail((margin - abs(self.value)) / self.error)

    def _limit(self, tail: float) -> float:
        """Return what t exceeds with a probability of `tail`, at most 0.5."""
        weight = self.by_seeds / (self.by_images + self.by_seeds)
        by_images = student.isf(tail, self.images_freedom)
        return float((1 - weight) * by_images + weight * student.isf(tail, self.seeds_freedom))

    def _tail(self, t: float) -> float:
        """Return with what probability t is exceeded."""
        if t < 0:
            return 1 - self._tail(-t)
        ends = [student.sf(t, freedom) for freedom in (self.images_freedom, self.seeds_freedom)]
        low, high = (np.log(max(end, _SMALLEST_TAIL)) for end in sorted(ends))
        if self._limit(np.exp(low)) <= t:
            return float(np.exp(low))
        if self._limit(np.exp(high)) >= t:
            return float(np.exp(high))
        found = brentq(lambda tail: self._limit(np.exp(tail)) - t, low, high, xtol=1e-14)
        return float(np.exp(found))


def mean_difference(
    first: np.ndarray | Sequence[Sequence[float]],
    second: np.ndarray | Sequence[Sequence[float]],
    *,
    shared: bool,
) -> MeanDifference:
    """Compare two methods by the scores that networks of several seeds have on the same images.

    Parameters
    ----------
    first, second
        Scores, (images, seeds), in the same order of images; one column of a method that has no
        seed, such as a filter.
    shared
        Whether both restore with the same networks, seed by seed. Otherwise their trainings are
        independent, whatever the seeds are called.

    Raises
    ------
    InputError
        If the numbers of images differ, or there are fewer than two, or neither has several seeds,
        or shared ones are not as many, or a score is not finite, or nothing varies.

    References
    ----------
    Cochran 1964, Approximate significance levels of the Behrens-Fisher test, Biometrics 20,
    191-195. Welch 1938, doi 10.1093/biomet/29.3-4.350 (the degrees of freedom of two variances by
    seeds).
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    _check(first, second, shared)
    differences = first.mean(axis=1) - second.mean(axis=1)
    trained = [first - second] if shared else [first, second]
    parts = [_by_seeds(scores) for scores in trained if scores.shape[1] > 1]
    by_seeds = sum(variance for variance, _ in parts)
    if not by_seeds and np.ptp(differences) == 0:
        raise InputError(
            f"The differences of all {differences.size} images and of all seeds are the same, so "
            "there is nothing to judge their chance by."
        )
    squares = sum(variance**2 / freedom for variance, freedom in parts)
    return MeanDifference(
        value=float(differences.mean()),
        by_images=float(differences.var(ddof=1) / differences.size),
        by_seeds=by_seeds,
        images_freedom=differences.size - 1,
        seeds_freedom=by_seeds**2 / squares if squares else 1.0,
    )


def over_images(differences: np.ndarray | Sequence[float]) -> MeanDifference:
    """Compare two methods over images alone, as what they are: the paired t-test.

    Parameters
    ----------
    differences
        One difference per image, (n,), not all the same.

    Raises
    ------
    InputError
        If there are fewer than two differences, or one is not finite, or all are the same.
    """
    scores = np.asarray(differences, np.float64)
    if scores.size < 2 or np.ptp(scores) == 0:
        raise InputError(
            f"A comparison needs differences of two images at least, and not all the same, but has "
            f"{scores.size}."
        )
    finite(scores, name="The differences")
    by_images = float(scores.var(ddof=1) / scores.size)
    return MeanDifference(float(scores.mean()), by_images, 0.0, scores.size - 1, 1.0)


def _by_seeds(scores: np.ndarray) -> tuple[float, int]:
    """Return the variance of a mean by seeds, and its degrees of freedom."""
    count = scores.shape[1]
    return float(scores.mean(axis=0).var(ddof=1) / count), count - 1


def _check(first: np.ndarray, second: np.ndarray, shared: bool) -> None:
    images, others = len(first), len(second)
    if images != others or images < 2:
        raise InputError(
            "A comparison over images and seeds needs the scores of both methods on the same "
            f"images, two at least, but has {images} and {others}."
        )
    seeds, other_seeds = first.shape[1], second.shape[1]
    if max(seeds, other_seeds) < 2 or (shared and seeds != other_seeds):
        raise InputError(
            "A comparison over images and seeds needs several seeds of what is trained, as many of "
            f"both if they share their networks, but has {seeds} and {other_seeds}."
        )
    finite(first, name="The first method's scores")
    finite(second, name="The second method's scores")

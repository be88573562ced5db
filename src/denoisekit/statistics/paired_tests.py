"""Say whether two methods differ on the same images, by how much, and how sure that is.

All but `effective_samples` and `series_test` take images to be independent samples.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln
from scipy.stats import chi2, nct, norm, ttest_1samp, ttest_rel, wilcoxon
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests

from denoisekit._checks import finite, positive
from denoisekit.errors import InputError

#: With fewer images nothing is tested: five cannot bring Wilcoxon's exact p below 0.0625.
FEWEST = 6
#: How likely as many images as `images_needed` says are to show the difference.
POWER = 0.8
_MOST_IMAGES = 100_000
# As certain as it gets with `FEWEST` images; noncentralities far beyond cannot be computed.
_LARGEST_EFFECT = 10
_ROUNDING = 1e-12
_RANKED_STEPS = 1e9
_LARGEST_T = 1000
# Up to so many differences scipy's signed-rank test is exact.
_EXACT, _EXACT_WITH_TIES = 50, 13


@dataclass(frozen=True)
class TTest:
    """Result of a two-sided paired t-test.

    Attributes
    ----------
    samples
        Number of pairs, or how many independent ones the pairs of a series are worth.
    t, p
        The statistic, with samples - 1 degrees of freedom, and its two-sided p-value. Both are NaN
        where all differences are the same, since the test then divides by zero.
    """

    samples: float
    t: float
    p: float


def paired_t_test(
    first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray
) -> TTest:
    """Compare two methods by their scores on the same, independent images.

    Parameters
    ----------
    first, second
        One score per image, (n,), in the same order of images.

    Returns
    -------
    TTest
        The two-sided test that the mean of ``first - second`` is zero.

    Raises
    ------
    InputError
        If the lengths differ, there are fewer than two images, or a score is not finite.

    References
    ----------
    Student 1908, doi 10.1093/biomet/6.1.1.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape:
        raise InputError(
            f"A paired test needs a score of both methods for every image, but has {first.size} "
            f"and {second.size} scores."
        )
    if first.size < 2:
        raise InputError(f"A paired test needs at least two images, but has {first.size}.")
    finite(first - second, name="The scores' differences")
    difference = first - second
    if np.ptp(difference) <= _ROUNDING * max(np.abs(first).max(), np.abs(second).max()):
        return TTest(first.size, float("nan"), float("nan"))
    result = ttest_rel(first, second)
    return TTest(first.size, float(result.statistic), float(result.pvalue))


@dataclass(frozen=True)
class Estimate:
    """A number and the interval that holds the true one with a confidence of 1 - alpha."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SignedRank:
    """Result of a two-sided Wilcoxon signed-rank test.

    Attributes
    ----------
    p
        Two-sided p-value.
    zeros
        Differences of zero, which are left out, as Wilcoxon did.
    ties
        Differences whose size another one shares; they share their mean rank.
    exact
        Whether p is exact: always without ties and zeros up to 50 images, with them up to 13. Else
        it is that of the normal distribution, corrected for ties.
    """

    p: float
    zeros: int
    ties: int
    exact: bool


def effect_size(differences: Sequence[float] | np.ndarray, *, alpha: float) -> Estimate:
    """Return how large a mean difference is beside the spread of the differences.

    The mean over the standard deviation of the differences (d_z), with Hedges' correction for few
    images. The interval is the exact one of normal differences, from the noncentral t distribution.

    Parameters
    ----------
    differences
        One difference per image, (n,), n at least 3, not all the same.
    alpha
        The interval misses the true effect size with this probability.

    Raises
    ------
    InputError
        If there are fewer than three differences, or one is not finite, or all are the same.

    References
    ----------
    Hedges 1981, doi 10.3102/10769986006002107. Cumming and Finch 2001, doi
    10.1177/0013164401614002.
    """
    differences = _differences(differences, at_least=3)
    n, freedom = differences.size, differences.size - 1
    t = float(differences.mean() / differences.std(ddof=1) * np.sqrt(n))
    correction = np.exp(gammaln(freedom / 2) - gammaln((freedom - 1) / 2)) / np.sqrt(freedom / 2)
    low, high = (limit / np.sqrt(n) for limit in _noncentralities(t, freedom, alpha))
    return Estimate(float(correction * t / np.sqrt(n)), float(low), float(high))


def _noncentralities(t: float, freedom: int, alpha: float) -> tuple[float, float]:
    """Return the noncentralities for which t is just at the upper and at the lower alpha / 2."""
    # Beyond, the distribution cannot be computed, but the limits are proportional to t.
    scale = max(1.0, abs(t) / _LARGEST_T)
    size = abs(t) / scale
    # t = (z + noncentrality) / spread leaves these bounds with a probability of at most alpha / 2.
    z = norm.isf(alpha / 4)
    below = size * np.sqrt(chi2.ppf(alpha / 4, freedom) / freedom) - z
    above = size * np.sqrt(chi2.isf(alpha / 4, freedom) / freedom) + z
    low, high = (
        scale * brentq(lambda shift, q=q: nct.cdf(size, freedom, shift) - q, below, above)
        for q in (1 - alpha / 2, alpha / 2)
    )
    return (low, high) if t >= 0 else (-high, -low)


def mean_difference(differences: Sequence[float] | np.ndarray, *, alpha: float) -> Estimate:
    """Return the mean difference with Student's interval, that of the paired t-test.

    The interval leaves zero out just where the test's p is below alpha. It takes differences for
    normal: at alpha = 0.05 it holds the true mean in 95 to 97 % of cases where they have heavy
    tails (t with 3 degrees of freedom), and in 89 to 94 % where they are skewed (exponential; 6 to
    60 images). The bootstrap (BCa), which assumes nothing, holds it in 83 to 94 % of both.

    Parameters
    ----------
    differences
        One difference per image, (n,), not all the same.
    alpha
        The interval is meant to miss the true mean with this probability.

    Raises
    ------
    InputError
        If there are fewer than two differences, or one is not finite, or all are the same.

    References
    ----------
    Student 1908, doi 10.1093/biomet/6.1.1.
    """
    differences = _differences(differences, at_least=2)
    interval = ttest_1samp(differences, 0).confidence_interval(1 - alpha)
    return Estimate(float(differences.mean()), float(interval.low), float(interval.high))


def images_needed(differences: Sequence[float] | np.ndarray, *, alpha: float) -> float:
    """Return the smallest number of images that would probably show a difference as the one seen.

    With so many images, from `FEWEST` on, the two-sided paired t-test falls below alpha with a
    probability of at least `POWER`, if mean and spread of all differences are those of the few
    seen, which are but guesses.

    Parameters
    ----------
    differences
        One difference per image, (n,), not all the same.
    alpha
        The level of the test.

    Returns
    -------
    float
        How many images, or NaN where 100,000 and more would be too few.

    Raises
    ------
    InputError
        If there are fewer than two differences, or one is not finite, or all are the same.

    References
    ----------
    Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, chapter 2.
    """
    differences = _differences(differences, at_least=2)
    effect = min(abs(differences.mean()) / differences.std(ddof=1), _LARGEST_EFFECT)

    def enough(n: int) -> bool:
        limit, shift = student.isf(alpha / 2, n - 1), effect * np.sqrt(n)
        power = nct.sf(limit, n - 1, shift) + nct.sf(limit, n - 1, -shift)
        return bool(power >= POWER)

    # The noncentral t is computed where it is moderate alone: not from the far end downwards.
    most = FEWEST
    while not enough(most):
        if most > _MOST_IMAGES:
            return float("nan")
        most *= 2
    return float(bisect_left(range(most), True, lo=max(FEWEST, most // 2), key=enough))


def signed_rank_test(differences: Sequence[float] | np.ndarray) -> SignedRank:
    """Test by their ranks whether differences are symmetric about zero.

    Differences that agree to nine digits of the largest are ties.

    Parameters
    ----------
    differences
        One difference per image, (n,), not all the same.

    Raises
    ------
    InputError
        If there are fewer than two differences, or one is not finite, or all are the same.

    References
    ----------
    Wilcoxon 1945, doi 10.2307/3001968.
    """
    differences = _differences(differences, at_least=2)
    steps = np.round(differences / np.abs(differences).max() * _RANKED_STEPS)
    _, counts = np.unique(np.abs(steps[steps != 0]), return_counts=True)
    zeros, ties = int((steps == 0).sum()), int(counts[counts > 1].sum())
    exact = differences.size <= (_EXACT_WITH_TIES if zeros or ties else _EXACT)
    p = float(wilcoxon(steps, zero_method="wilcox", method="auto").pvalue)
    return SignedRank(p, zeros, ties, exact)


def equivalence_test(differences: Sequence[float] | np.ndarray, *, margin: float) -> float:
    """Test whether a mean difference is smaller than a margin, in either direction.

    Two one-sided t-tests (TOST). A p-value below alpha says that the mean difference lies within
    the margin; just then its 1 - 2 alpha interval does.

    Parameters
    ----------
    differences
        One difference per image, (n,), not all the same.
    margin
        The largest difference that does not matter, above zero.

    Returns
    -------
    float
        The larger of the two p-values.

    Raises
    ------
    InputError
        If there are fewer than two differences, or one is not finite, or all are the same, or the
        margin is not above zero.

    References
    ----------
    Schuirmann 1987, doi 10.1007/BF01068419.
    """
    positive(margin, name="The equivalence margin")
    differences = _differences(differences, at_least=2)
    above = ttest_1samp(differences, -margin, alternative="greater").pvalue
    below = ttest_1samp(differences, margin, alternative="less").pvalue
    return float(max(above, below))


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Correct the p-values of a family of tests so that alpha holds for all of them together.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70.
    """
    return multipletests(p, method="holm")[1] if len(p) else np.empty(0)


def effective_samples(series: Sequence[float] | np.ndarray) -> float:
    """Return how many independent samples the mean of a series in order is worth.

    n over the integrated autocorrelation time, which is summed until the sum of a pair of
    neighbouring autocorrelations is not positive; n at most, and 2 at least. In short series the
    result is too large: of autoregressive series (coefficient 0.8) of 200 frames, which are worth
    22.7, its median is 26.5; of 20 frames, which are worth 2.8, it is 6.4.

    Parameters
    ----------
    series
        Values in the order of time, (n,), not all the same.

    Raises
    ------
    InputError
        If there are fewer than two values, or one is not finite, or all are the same.

    References
    ----------
    Geyer 1992 (the initial positive sequence), doi 10.1214/ss/1177011137. Sokal 1997, doi
    10.1007/978-1-4899-0319-8_6.
    """
    series = _differences(series, at_least=2)
    spectrum = np.abs(np.fft.rfft(series - series.mean(), 2 * series.size)) ** 2
    autocorrelation = np.fft.irfft(spectrum)[: series.size]
    autocorrelation /= autocorrelation[0]
    even = series.size - series.size % 2
    pairs = autocorrelation[0:even:2] + autocorrelation[1:even:2]
    ends = np.flatnonzero(pairs <= 0)
    time = 2 * pairs[: ends[0] if ends.size else None].sum() - 1
    return float(series.size / max(time, 1.0))


def series_test(series: Sequence[float] | np.ndarray) -> TTest:
    """Test whether the mean of a series in order is zero, as a t-test of its effective samples.

    Where the frames are independent, it is the paired t-test. It takes the series for a sample of
    one stationary process, such as one movie, and says nothing of others. With fewer than some 50
    effective samples p may still be too small, since they are overestimated: at alpha = 0.05 it
    wrongly finds a difference in 5 % of autoregressive series (coefficient 0.8) of 1000 frames, but
    in 8 % of those of 200, in 14 % of those of 45 and in 22 % of those of 20.

    Parameters
    ----------
    series
        Differences of two methods' scores in the order of time, (n,), not all the same.

    Raises
    ------
    InputError
        As `effective_samples`.
    """
    series = np.asarray(series, np.float64)
    samples = effective_samples(series)
    t = float(series.mean() / np.sqrt(series.var() / (samples - 1)))
    return TTest(samples, t, float(2 * student.sf(abs(t), samples - 1)))


def _differences(values: Sequence[float] | np.ndarray, *, at_least: int) -> np.ndarray:
    values = np.asarray(values, np.float64)
    if values.size < at_least:
        raise InputError(
            f"There must be at least {at_least} differences, one per image, but there are "
            f"{values.size}."
        )
    finite(values, name="The differences")
    if np.ptp(values) <= _ROUNDING * np.abs(values).max():
        raise InputError(
            f"The differences of all {values.size} images are the same ({values[0]:g}), so "
            "there is nothing to judge their chance by."
        )
    return values

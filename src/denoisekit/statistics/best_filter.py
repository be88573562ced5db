"""Say whether a method is better than the best of several filters, with no filter chosen before.

The filter that has the best scores on the images that are tested looks better there than it is, and
one that was chosen by other eyes may not be the best. So none is chosen: a method is better than
the best filter if it is better than every one, and worse if it is worse than one of them. The first
needs no correction, since all tests must agree (intersection-union); the second is corrected for as
many tests as there are filters (Bonferroni). Interval and p are of the same tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from denoisekit.errors import InputError
from denoisekit.statistics.crossed import MeanDifference


@dataclass(frozen=True)
class FromBest:
    """How much better a method is than the best of several filters.

    Attributes
    ----------
    value
        The method's mean score minus that of the filter with the best mean. That is the best of
        noisy means, so that this difference is rather too small than too large.
    low, high
        Interval that misses the true difference from the truly best filter with a probability of
        at most alpha.
    p
        Two-sided p-value of being as good as the best filter; below alpha just where the interval
        leaves zero out.
    best
        Which filter has the best mean, from 0.
    """

    value: float
    low: float
    high: float
    p: float
    best: int


def combined_p(tests: Sequence[tuple[float, float]]) -> float:
    """Return the two-sided p-value of being as good as the best of several filters.

    Parameters
    ----------
    tests
        Of each filter t, above zero where the method is better, and its two-sided p-value.

    References
    ----------
    Berger 1982, doi 10.1080/00401706.1982.10487790 (intersection-union tests).
    """
    ahead = [p / 2 if t > 0 else 1 - p / 2 for t, p in tests]
    behind = [1 - p for p in ahead]
    return min(1.0, 2 * min(max(ahead), len(tests) * min(behind)))


def difference_from_best(tests: Sequence[MeanDifference], *, alpha: float) -> FromBest:
    """Compare a method with the best of several filters.

    Parameters
    ----------
    tests
        Of each filter the method's scores minus the filter's, better ones above zero.
    alpha
        The level of the test; the interval is 1 - alpha wide.

    Raises
    ------
    InputError
        If there is no filter.
    """
    if not tests:
        raise InputError("There is no filter to compare with, but the noisy input itself.")
    values = [test.value for test in tests]
    return FromBest(
        value=min(values),
        low=min(test.interval(alpha=alpha).low for test in tests),
        high=min(test.interval(alpha=alpha / len(tests)).high for test in tests),
        p=combined_p([(test.t, test.p) for test in tests]),
        best=values.index(min(values)),
    )

"""Test whether two methods differ on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import ttest_rel

from denoisekit._checks import InputError, finite

_ROUNDING = 1e-12


@dataclass(frozen=True)
class PairedTest:
    """Result of a two-sided paired t-test.

    Attributes
    ----------
    n
        Number of pairs.
    mean_difference
        Mean of first minus second.
    t, p
        The statistic, with n - 1 degrees of freedom, and its two-sided p-value. Both are NaN where
        all differences are the same, since the test then divides by zero.
    """

    n: int
    mean_difference: float
    t: float
    p: float


def paired_t_test(
    first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray
) -> PairedTest:
    """Compare two methods by their scores on the same, independent images.

    Parameters
    ----------
    first, second
        One score per image, (n,), in the same order of images.

    Returns
    -------
    PairedTest
        The mean of ``first - second`` and the two-sided test that it is zero.

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
    mean = float(difference.mean())
    if np.ptp(difference) <= _ROUNDING * max(np.abs(first).max(), np.abs(second).max()):
        return PairedTest(first.size, mean, float("nan"), float("nan"))
    result = ttest_rel(first, second)
    return PairedTest(first.size, mean, float(result.statistic), float(result.pvalue))

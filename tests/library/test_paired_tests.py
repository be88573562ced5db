from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.signal import lfilter
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

from denoisekit.errors import InputError
from denoisekit.statistics.paired_tests import (
    effect_size,
    effective_samples,
    equivalence_test,
    holm,
    images_needed,
    mean_difference,
    paired_t_test,
    series_test,
    signed_rank_test,
)

PUBLISHED = Path(__file__).resolve().parents[2] / "config" / "published" / "loss-functions"

# Two-sided p-values of the paper's own rows per image, computed by hand elsewhere.
RECOMPUTED = {
    "MM": {"psnr": (0.0331, 0.264), "ssim": (0.188, 0.594)},
    "AA": {"psnr": (0.110, 0.639), "ssim": (0.760, 0.228)},
    "MA": {"psnr": (0.0163, 0.0256), "ssim": (0.0058, 0.304)},
    "AM": {"psnr": (0.260, 0.0017), "ssim": (0.0012, 0.0094)},
}


@pytest.mark.parametrize("experiment", RECOMPUTED)
@pytest.mark.parametrize("metric", ["psnr", "ssim"])
def test_the_papers_rows_give_the_known_p_values(experiment, metric):
    table = pd.read_csv(PUBLISHED / "per_image_scores.csv")
    rows = table[(table["experiment"] == experiment) & (table["metric"] == metric)]
    found = [paired_t_test(rows[loss], rows["laplace"]).p for loss in ("fft", "bandpass")]
    for p, expected in zip(found, RECOMPUTED[experiment][metric], strict=True):
        assert p == pytest.approx(expected, abs=6e-4 if expected > 0.05 else 6e-5)


def test_two_degrees_of_freedom_have_a_closed_form():
    test = paired_t_test([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    t = 2 * np.sqrt(3)
    assert test.samples == 3
    assert test.t == pytest.approx(t)
    assert test.p == pytest.approx(1 - t / np.sqrt(t**2 + 2))


scores = st.lists(
    st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=3, max_size=12, unique_by=(
        lambda pair: round(pair[0] - pair[1], 3)
    )
)  # fmt: skip


@given(scores)
def test_swapping_the_methods_changes_the_sign_only(pairs):
    first, second = zip(*pairs, strict=True)
    one, other = paired_t_test(first, second), paired_t_test(second, first)
    assert one.t == pytest.approx(-other.t)
    assert one.p == pytest.approx(other.p)
    assert 0 <= one.p <= 1


@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_differences_without_spread_have_no_p_value(offset):
    first = np.array([30.1, 31.7, 28.3])
    test = paired_t_test(first + offset, first)
    assert np.isnan(test.t)
    assert np.isnan(test.p)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ([1.0], [2.0], "at least two images, but has 1"),
        ([1.0, 2.0], [1.0], "2 and 1 scores"),
        ([1.0, np.inf], [1.0, 2.0], "NaN or infinite"),
    ],
)
def test_mistakes_are_told_in_a_sentence(first, second, sentence):
    with pytest.raises(InputError, match=sentence):
        paired_t_test(first, second)


DIFFERENCES = np.array([0.4, -0.1, 0.9, 0.3, 0.25, -0.6, 1.2, 0.7, 0.05])


@given(st.integers(3, 40), st.floats(-30, 30), st.sampled_from([0.01, 0.05, 0.3]))
def test_the_ends_of_the_effects_interval_just_explain_it(n, shift, alpha):
    differences = np.random.default_rng(n).normal(shift, 1, n)
    effect = effect_size(differences, alpha=alpha)
    t = scipy_stats.ttest_1samp(differences, 0).statistic
    tails = (
        scipy_stats.nct.sf(t, n - 1, effect.low * np.sqrt(n)),
        scipy_stats.nct.cdf(t, n - 1, effect.high * np.sqrt(n)),
    )
    assert tails == pytest.approx((alpha / 2, alpha / 2), rel=1e-5)


def test_the_effect_of_a_published_example():
    # Hedges' table: the correction for 8 degrees of freedom is 0.9027.
    effect = effect_size(DIFFERENCES, alpha=0.05)
    expected = DIFFERENCES.mean() / DIFFERENCES.std(ddof=1)
    assert effect.value == pytest.approx(0.9027 * expected, rel=1e-4)
    mirrored = effect_size(-DIFFERENCES, alpha=0.05)
    assert (mirrored.low, mirrored.high) == pytest.approx((-effect.high, -effect.low))


def test_an_enormous_effect_has_the_limits_of_the_spread_alone():
    differences = 100 + 1e-6 * DIFFERENCES
    effect = effect_size(differences, alpha=0.05)
    plain = differences.mean() / differences.std(ddof=1)
    spread = np.sqrt(scipy_stats.chi2.ppf([0.025, 0.975], 8) / 8)
    assert (effect.low, effect.high) == pytest.approx(tuple(plain * spread), rel=1e-4)


def test_the_corrected_effect_is_right_on_average_and_its_interval_as_often_as_it_says():
    rng = np.random.default_rng(5)
    effects = [effect_size(rng.normal(0.8, 1, 6), alpha=0.1) for _ in range(600)]
    assert np.mean([effect.value for effect in effects]) == pytest.approx(0.8, abs=0.06)
    assert np.mean([e.low <= 0.8 <= e.high for e in effects]) == pytest.approx(0.9, abs=0.03)


def test_the_interval_of_two_degrees_of_freedom_has_a_closed_form():
    # The quantile of t with two degrees of freedom at q is (2q - 1) sqrt(2 / (4q (1 - q))).
    found = mean_difference([1.0, 2.0, 3.0], alpha=0.1)
    half = 0.9 * np.sqrt(2 / (4 * 0.95 * 0.05)) / np.sqrt(3)
    assert (found.low, found.value, found.high) == pytest.approx((2 - half, 2, 2 + half))


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
def test_the_interval_leaves_zero_out_just_where_p_is_below_alpha(alpha):
    rng, significant = np.random.default_rng(3), 0
    for _ in range(500):
        n = rng.integers(2, 70)
        second = rng.normal(30, 2, n)
        first = second + rng.exponential(1, n) ** 2 - rng.normal(1, 1)
        test = paired_t_test(first, second)
        found = mean_difference(first - second, alpha=alpha)
        assert (test.p < alpha) == (found.low > 0 or found.high < 0)
        significant += test.p < alpha
    assert 50 < significant < 450


DRAWN = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "heavy": lambda rng, n: rng.standard_t(3, n),
    "skewed": lambda rng, n: rng.exponential(size=n) - 1,
}


@pytest.mark.parametrize(
    ("kind", "n", "coverage"),
    [
        ("normal", 3, 0.95),
        ("normal", 9, 0.95),
        ("normal", 30, 0.95),
        ("heavy", 9, 0.96),
        ("heavy", 40, 0.95),
        ("skewed", 6, 0.885),
        ("skewed", 9, 0.90),
        ("skewed", 40, 0.93),
    ],
)
def test_the_interval_of_the_mean_holds_it_as_often_as_its_docstring_says(kind, n, coverage):
    rng = np.random.default_rng(6)
    found = [mean_difference(DRAWN[kind](rng, n), alpha=0.05) for _ in range(1200)]
    held = sum(e.low <= 0 <= e.high for e in found)
    assert scipy_stats.binomtest(held, 1200, coverage).pvalue > 0.01


@pytest.mark.parametrize("alpha", [0.05, 0.001])
@pytest.mark.parametrize("effect", [1.3, 1.0, 0.5, -0.2, 0.05, 0.01])
def test_the_images_needed_are_those_of_statsmodels(effect, alpha):
    wanted = TTestPower().solve_power(abs(effect), power=0.8, alpha=alpha)
    found = images_needed(np.array([-1.0, 0.0, 1.0]) + effect, alpha=alpha)
    assert found == np.ceil(wanted) or (wanted > 100_000 and np.isnan(found))


def test_no_less_than_six_images_are_needed_and_no_end_of_them_is_told():
    for effect in (2.0, 5.0, 1e3):
        assert images_needed(np.array([-1.0, 0.0, 1.0]) + effect, alpha=0.05) == 6
    assert images_needed(np.array([-1.0, 0.0, 1.0]) + 5, alpha=1e-4) == 7
    assert np.isnan(images_needed([-1.0, 0.0, 1.0], alpha=0.05))


def test_signed_ranks_are_exact_by_counting_all_signs():
    differences = np.array([1.1, 2.2, -0.5, 3.0, 4.0, 0.7])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1)
    ranks = np.abs(differences).argsort().argsort() + 1
    sums = (signs * ranks[:, None]).sum(axis=0)
    test = signed_rank_test(differences)
    found = abs((np.sign(differences) * ranks).sum())
    assert test.p == pytest.approx(np.mean(np.abs(sums) >= found))
    assert (test.zeros, test.ties, test.exact) == (0, 0, True)


def test_zeros_are_left_out_and_ties_share_their_rank():
    first = np.array([35.869, 35.256, 36.000, 30.1, 31.2, 30.0])
    second = np.array([35.676, 35.063, 36.000, 30.0, 31.0, 29.5])
    test = signed_rank_test(first - second)
    assert (test.zeros, test.ties, test.exact) == (1, 2, True)
    assert test.p == pytest.approx(2 / 2**5)
    many = signed_rank_test(np.concatenate([first - second] * 3))
    assert (many.zeros, many.exact) == (3, False)


def test_equivalence_agrees_with_statsmodels():
    for margin in (0.2, 0.5, 1.5):
        expected = ttost_paired(DIFFERENCES, np.zeros(9), -margin, margin)[0]
        assert equivalence_test(DIFFERENCES, margin=margin) == pytest.approx(expected)
        assert equivalence_test(-DIFFERENCES, margin=margin) == pytest.approx(expected)


def test_equivalence_is_shown_just_where_the_narrower_interval_lies_within_the_margin():
    test = scipy_stats.ttest_1samp(DIFFERENCES, 0)
    low, high = test.confidence_interval(0.9)
    end = max(-low, high)
    assert equivalence_test(DIFFERENCES, margin=end * 1.001) < 0.05
    assert equivalence_test(DIFFERENCES, margin=end * 0.999) > 0.05


def test_equivalence_is_claimed_wrongly_no_oftener_than_alpha():
    rng = np.random.default_rng(7)
    claimed = [equivalence_test(rng.normal(0.1, 0.05, 9), margin=0.1) < 0.05 for _ in range(1500)]
    assert 0.035 < np.mean(claimed) < 0.065


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).size == 0


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.8])
def test_effective_samples_of_an_autoregressive_series_have_a_closed_form(coefficient):
    rng = np.random.default_rng(8)
    n = 200_000
    series = lfilter([1], [1, -coefficient], rng.standard_normal(n + 500))[500:]
    expected = n * (1 - coefficient) / (1 + coefficient)
    assert effective_samples(series) == pytest.approx(expected, rel=0.08)


def test_effective_samples_do_not_depend_on_scale_and_are_no_more_than_there_are():
    series = np.random.default_rng(9).normal(size=50).cumsum()
    assert effective_samples(5 - 3 * series) == pytest.approx(effective_samples(series))
    assert effective_samples(series) < 15
    assert effective_samples(np.tile([1.0, -1.0], 20)) == 40
    assert effective_samples([1.0, 2.0]) == 2


def test_effective_samples_of_repeated_frames_are_the_frames_apart():
    values = np.random.default_rng(2).normal(size=300)
    single, repeated = effective_samples(values), effective_samples(np.repeat(values, 4))
    assert repeated == pytest.approx(single, rel=0.15)


def test_a_series_of_independent_frames_is_tested_as_by_the_t_test():
    series = np.tile([0.5, -0.3], 10) + 0.1
    expected = scipy_stats.ttest_1samp(series, 0)
    found = series_test(series)
    assert (found.samples, found.t, found.p) == pytest.approx(
        (20, expected.statistic, expected.pvalue)
    )


@pytest.mark.parametrize(
    ("frames", "samples", "wrong"),
    [(20, 6.4, 0.22), (45, 9.2, 0.14), (200, 26.5, 0.08), (1000, 114, 0.05)],
)
def test_a_correlated_series_is_wrongly_called_different_as_often_as_its_docstring_says(
    frames, samples, wrong
):
    rng = np.random.default_rng(10)
    noise = rng.standard_normal((800, 400 + frames))
    series = lfilter([1], [1, -0.8], noise, axis=1)[:, 400:]
    naive = [scipy_stats.ttest_1samp(values, 0).pvalue < 0.05 for values in series]
    tests = [series_test(values) for values in series]
    assert np.mean(naive) > 0.4
    assert np.mean([test.p < 0.05 for test in tests]) == pytest.approx(wrong, abs=0.025)
    assert np.median([test.samples for test in tests]) == pytest.approx(samples, rel=0.05)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=30).filter(lambda v: len(set(v)) > 1))
def test_a_series_is_worth_two_samples_at_least_and_has_a_p_value(series):
    test = series_test(series)
    assert 2 - 1e-9 <= test.samples <= len(series)
    assert 0 <= test.p <= 1
    assert series_test(np.arange(200.0) - 99).samples < 3


@pytest.mark.parametrize(
    ("differences", "sentence"),
    [
        ([1.0, 2.0], "at least 3 differences, one per image, but there are 2"),
        ([1.0, np.nan, 2.0], "NaN or infinite"),
        ([0.1, 0.3 - 0.2, 0.1], "all 3 images are the same"),
    ],
)
def test_differences_that_say_nothing_are_refused(differences, sentence):
    with pytest.raises(InputError, match=sentence):
        effect_size(differences, alpha=0.05)


def test_a_margin_is_above_zero():
    with pytest.raises(InputError, match="equivalence margin must be above zero, but is 0"):
        equivalence_test(DIFFERENCES, margin=0)

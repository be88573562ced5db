import numpy as np
import pytest
from scipy import stats

from denoisekit.errors import InputError
from denoisekit.statistics import crossed, paired_tests

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(30, 2, (9, 1))
FIRST, SECOND = RNG.normal(0, 1, (9, 3)), RNG.normal(0.5, 2, (9, 4))


def test_without_any_difference_by_seeds_it_is_students_test():
    differences = RNG.normal(0.4, 1, (9, 1))
    first, second = IMAGES + differences + np.zeros(3), IMAGES + np.zeros(2)
    found = crossed.mean_difference(first, second, shared=False)
    expected = stats.ttest_1samp(differences[:, 0], 0)
    interval, limits = found.interval(alpha=0.05), expected.confidence_interval(0.95)
    assert (found.t, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert (interval.low, interval.high) == pytest.approx((limits.low, limits.high))
    equivalent = paired_tests.equivalence_test(differences[:, 0], margin=0.6)
    assert found.equivalence(margin=0.6) == pytest.approx(equivalent)


def test_where_methods_do_alike_on_all_images_it_is_welchs_test_of_seeds():
    first, second = RNG.normal(0, 1, 3), RNG.normal(1, 3, 4)
    found = crossed.mean_difference(IMAGES + first, IMAGES + second, shared=False)
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert (found.t, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.seeds_freedom == pytest.approx(expected.df)
    limits = expected.confidence_interval(0.9)
    interval = found.interval(alpha=0.1)
    assert (interval.low, interval.high) == pytest.approx((limits.low, limits.high))


def test_against_a_filter_seeds_are_one_sample_and_shared_networks_are_pairs():
    first, second = RNG.normal(0, 1, 4), RNG.normal(1, 3, 4)
    against = crossed.mean_difference(IMAGES + first, IMAGES, shared=False)
    assert against.p == pytest.approx(stats.ttest_1samp(first, 0).pvalue)
    paired = crossed.mean_difference(IMAGES + first, IMAGES + second, shared=True)
    assert paired.p == pytest.approx(stats.ttest_rel(first, second).pvalue)


def test_between_both_limits_are_weighed_by_the_variances():
    found = crossed.MeanDifference(
        value=1.0, by_images=0.3, by_seeds=0.1, images_freedom=8, seeds_freedom=2
    )
    limit = 0.75 * stats.t.ppf(0.975, 8) + 0.25 * stats.t.ppf(0.975, 2)
    assert found.interval(alpha=0.05).high == pytest.approx(1 + limit * np.sqrt(0.4))
    just = crossed.MeanDifference(
        value=limit * np.sqrt(0.4), by_images=0.3, by_seeds=0.1, images_freedom=8, seeds_freedom=2
    )
    assert just.p == pytest.approx(0.05)
    assert just.equivalence(margin=2 * just.value) == pytest.approx(0.025)


def test_swapping_the_methods_changes_the_sign_alone():
    one = crossed.mean_difference(IMAGES + FIRST, IMAGES + SECOND, shared=False)
    other = crossed.mean_difference(IMAGES + SECOND, IMAGES + FIRST, shared=False)
    assert one.value == pytest.approx(-other.value)
    assert one.p == pytest.approx(other.p)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
def test_the_interval_leaves_zero_out_just_where_p_is_below_alpha(alpha):
    rng, significant = np.random.default_rng(1), 0
    for _ in range(400):
        images, seeds = rng.integers(2, 40), rng.integers(2, 6)
        first = rng.normal(0, 1, (images, seeds)) + rng.normal(0, rng.uniform(0, 1), seeds)
        second = rng.normal(rng.uniform(0, 2), 1, (images, rng.integers(1, 4)))
        found = crossed.mean_difference(first, second, shared=False)
        interval = found.interval(alpha=alpha)
        assert (found.p < alpha) == (interval.low > 0 or interval.high < 0)
        significant += found.p < alpha
    assert 30 < significant < 370


def test_enormous_and_missing_differences_have_a_p_value():
    noise = 1e-6 * FIRST
    assert 0 < crossed.mean_difference(IMAGES + 1e6 + noise, IMAGES, shared=False).p < 1e-10
    level = crossed.MeanDifference(0.0, by_images=1, by_seeds=1, images_freedom=8, seeds_freedom=2)
    assert level.p == 1
    assert level.equivalence(margin=1e-9) == pytest.approx(0.5)


def drawn(rng, *, images, seeds, of_seeds, of_both):
    """Return scores of a method, (images, seeds), that differ by seed and by image with seed."""
    own = rng.normal(0, of_seeds, seeds) if of_seeds else np.zeros(seeds)
    return own + rng.normal(0, of_both, (images, seeds))


@pytest.mark.parametrize(
    ("images", "seeds", "of_seeds", "of_both", "against_filter", "most"),
    [
        (9, 2, 0.0, 0.0, False, 0.05),
        (9, 2, 0.2, 0.5, False, 0.05),
        (9, 3, 1.0, 1.0, False, 0.05),
        (40, 2, 1.0, 0.5, False, 0.05),
        (40, 3, 0.5, 0.0, False, 0.05),
        (40, 5, 1.0, 1.0, False, 0.05),
        (9, 5, 1.0, 0.5, True, 0.05),
        (40, 3, 1.0, 0.5, True, 0.05),
        (40, 2, 1.0, 0.0, True, 0.07),
    ],
)
def test_methods_that_are_alike_are_called_different_no_oftener_than_the_docstring_says(
    images, seeds, of_seeds, of_both, against_filter, most
):
    rng = np.random.default_rng(images + seeds)
    options = {"images": images, "of_seeds": of_seeds, "of_both": of_both}
    wrong, naive, repetitions = 0, 0, 1500
    for _ in range(repetitions):
        first = drawn(rng, seeds=seeds, **options) + rng.normal(0, 1, (images, 1))
        second = np.zeros((images, 1)) if against_filter else drawn(rng, seeds=seeds, **options)
        found = crossed.mean_difference(first, second, shared=False)
        interval = found.interval(alpha=0.05)
        wrong += interval.low > 0 or interval.high < 0
        limit = stats.t.isf(0.025, images - 1)
        naive += abs(found.value) > limit * np.sqrt(found.by_images)
    assert stats.binomtest(wrong, repetitions, most, alternative="greater").pvalue > 0.01
    # The test over images alone, which this one is there for.
    if of_seeds >= 0.5:
        assert naive > 0.15 * repetitions


def test_a_real_difference_is_found_with_three_seeds():
    rng = np.random.default_rng(2)
    options = {"images": 9, "seeds": 3, "of_seeds": 0.2, "of_both": 0.3}
    found = [
        crossed.mean_difference(
            drawn(rng, **options) + rng.normal(1, 0.5, (9, 1)), drawn(rng, **options), shared=False
        ).p
        < 0.05
        for _ in range(400)
    ]
    assert 0.75 < np.mean(found) < 0.9


@pytest.mark.parametrize(
    ("first", "second", "shared", "sentence"),
    [
        (FIRST, SECOND[:8], False, "same images, two at least, but has 9 and 8"),
        (FIRST[:1], SECOND[:1], False, "two at least, but has 1 and 1"),
        (FIRST[:, :1], SECOND[:, :1], False, "needs several seeds .* but has 1 and 1"),
        (FIRST, SECOND, True, "as many of both if they share their networks, but has 3 and 4"),
        (FIRST * np.nan, SECOND, False, "NaN or infinite"),
        (np.ones((9, 3)), np.ones((9, 1)), False, "images and of all seeds are the same"),
    ],
)
def test_mistakes_are_told_in_a_sentence(first, second, shared, sentence):
    with pytest.raises(InputError, match=sentence):
        crossed.mean_difference(first, second, shared=shared)


def test_a_margin_is_above_zero():
    found = crossed.mean_difference(FIRST, SECOND, shared=False)
    with pytest.raises(InputError, match="equivalence margin must be above zero, but is 0"):
        found.equivalence(margin=0)

import numpy as np
import pandas as pd
import pytest
from study_tables import EXPERIMENTS, METHODS, STATISTICS, by_experiment, long_scores

from denoisekit.errors import InputError
from denoisekit.report.sentences import corrected_sentences, headlines
from denoisekit.report.tables import evidence_table
from denoisekit.statistics import crossed, paired_tests, scores
from denoisekit.statistics.best_filter import combined_p, difference_from_best
from denoisekit.statistics.comparisons import compare, comparison_table, evidence_sentence

BOTH = {**STATISTICS, "references": ["laplace", "best-filter"]}


def drawn(rng: np.random.Generator, means: list[float]):
    """Return the tests of a network of mean zero against filters, whose images are shared."""
    filters = np.array(means) + rng.standard_normal((9, len(means)))
    network = rng.standard_normal(9)
    return [crossed.over_images(network - own) for own in filters.T]


def compared(*, gain: float = -1.0, seeds: tuple[str, ...] = ("0",), **options) -> pd.DataFrame:
    """Compare a study that has two filters: tv, and another that is better than it by a gain."""
    long = long_scores(seeds=seeds)
    tv = long["method"] == "tv"
    shift = long["metric"].map({"psnr": gain, "ssim": gain / 40, "nrmse": -gain / 100})
    # Better on every image by not quite the same.
    spread = 1 + 0.1 * long["image"].str.removeprefix("image-").astype(int)
    other = long[tv].assign(method="nlm", run="nlm", value=(long["value"] + shift * spread)[tv])
    joined = scores.runs_by_experiment(
        pd.concat([long, other], ignore_index=True), EXPERIMENTS, methods=[*METHODS, "nlm"]
    )
    return compare(joined, EXPERIMENTS, **{**BOTH, **options})


def one(table: pd.DataFrame, **chosen: str) -> pd.Series:
    for key, value in ({"convention": "care", "reference": "best-filter"} | chosen).items():
        table = table[table[key] == value]
    return table.squeeze()


def test_against_one_filter_it_is_the_paired_t_test():
    (test,) = drawn(np.random.default_rng(0), [0.5])
    differences = np.random.default_rng(0)
    filters = 0.5 + differences.standard_normal((9, 1))
    network = differences.standard_normal(9)
    found = difference_from_best([test], alpha=0.05)
    mean = paired_tests.mean_difference(network - filters[:, 0], alpha=0.05)
    p = paired_tests.paired_t_test(network, filters[:, 0]).p
    assert (found.value, found.low, found.high) == pytest.approx((mean.value, mean.low, mean.high))
    assert (found.p, found.best) == (pytest.approx(p), 0)


def test_all_filters_must_be_beaten_and_one_that_beats_is_paid_for():
    # t above zero: the network is better; p halves to one side.
    assert combined_p([(3.0, 0.02), (2.5, 0.04), (9.0, 1e-6)]) == pytest.approx(0.04)
    assert combined_p([(-3.0, 0.01), (2.5, 0.04)]) == pytest.approx(0.02)
    assert combined_p([(0.5, 0.6), (-0.2, 0.8)]) == 1


def test_interval_and_p_never_contradict_each_other():
    rng, found = np.random.default_rng(1), []
    for _ in range(60):
        tests = drawn(rng, list(rng.normal(0, 1, rng.integers(1, 5))))
        best = difference_from_best(tests, alpha=0.05)
        apart = best.low > 0 or best.high < 0
        assert apart == (best.p < 0.05)
        assert best.low <= best.value <= best.high
        found.append(apart)
    assert 0.1 < np.mean(found) < 0.9


@pytest.mark.parametrize("means", [[0.0, 0.0, 0.0], [0.0, -3.0, -3.0]])
def test_a_network_as_good_as_the_best_filter_is_told_from_it_as_rarely_as_alpha_says(means):
    rng = np.random.default_rng(2)
    found = [difference_from_best(drawn(rng, means), alpha=0.05) for _ in range(500)]
    low, high = np.array([(one.low, one.high) for one in found]).T
    # Two standard errors of 500 repetitions beside the nominal 2.5 and 95 %; 2,000 are in
    # benchmarks/best_filter.py.
    assert np.mean(low > 0) < 0.039
    assert np.mean(high < 0) < 0.039
    assert np.mean((low <= 0) & (high >= 0)) > 0.93


def test_a_filter_that_was_chosen_by_these_scores_would_be_flattered():
    # What the combined test is there for: the plain one calls the network worse far too often.
    rng, wrong = np.random.default_rng(3), 0
    for _ in range(500):
        tests = drawn(rng, [0.0] * 6)
        best = min(tests, key=lambda test: test.value)
        wrong += best.interval(alpha=0.05).high < 0
    assert wrong / 500 > 0.06


def test_networks_are_compared_with_the_best_filter_of_their_own_experiment():
    table = compared()
    rows = table[table["reference"] == "best-filter"]
    assert set(rows["method"]) == {"laplace", "fft", "bandpass"}
    assert set(rows["best_filter"]) == {"tv"}
    assert set(rows["filters"]) == {2}
    assert (table.loc[table["reference"] == "laplace", "best_filter"] == "").all()
    # The other filter changes nothing where it is far behind and the network ahead.
    ahead = one(table, experiment="AA", method="fft", metric="psnr")
    plain = compare(
        scores.runs_by_experiment(long_scores(), EXPERIMENTS, methods=METHODS),
        EXPERIMENTS,
        **{**STATISTICS, "references": ["tv"]},
    )
    tv = one(plain, reference="tv", experiment="AA", method="fft", metric="psnr")
    assert ahead["mean_difference"] == tv["mean_difference"] > 0
    assert ahead["p"] == pytest.approx(tv["p"])
    assert ahead["difference_low"] == pytest.approx(tv["difference_low"])
    assert ahead["difference_high"] > tv["difference_high"]
    assert (ahead["n"], ahead["seeds"], ahead["about"]) == (6, 1, "one network")
    assert np.isnan(ahead["margin"])
    # The family has the tests of both references.
    family = table[table["family"] == "yes"]
    assert set(family["reference"]) == {"laplace", "best-filter"}
    assert set(family["family_size"]) == {8 + 12}
    named = {**STATISTICS["family"], "references": ["laplace"]}
    family = compared(family=named)[lambda table: table["family"] == "yes"]
    assert set(family["reference"]) == {"laplace"}
    assert set(family["family_size"]) == {8}


def test_less_is_better_of_an_error():
    table = compared(gain=3.0)
    row = one(table, experiment="MA", method="bandpass", metric="nrmse")
    assert row["best_filter"] == "nlm"
    assert row["mean_difference"] > 0
    assert row["difference_low"] < row["mean_difference"] < row["difference_high"]
    assert row["significant"] == "yes"
    assert "worse than the best filter (NLM) by" in evidence_sentence(row)


def test_movies_and_few_images_are_as_with_any_reference():
    movie = one(compared(), experiment="DDS", method="fft", metric="psnr")
    assert np.isnan(movie["p"])
    assert movie["frames_effective"] > 1
    assert 0 < movie["p_naive"] <= 1
    assert 0 < movie["p_effective"] <= 1


def test_with_several_seeds_the_test_is_over_images_and_seeds():
    table = compared(seeds=("0", "1", "2"))
    row = one(table, experiment="AA", method="fft", metric="psnr")
    assert (row["seeds"], row["reference_seeds"], row["about"]) == (3, 0, "methods")
    once = one(compared(), experiment="AA", method="fft", metric="psnr")
    assert row["p"] != once["p"]


def test_what_is_compared_with_the_best_filter_is_said_and_set():
    table = compared()
    row = one(table, experiment="AA", method="fft", metric="psnr")
    words = evidence_sentence(row).replace("\u00a0", " ")
    assert words.startswith("AA, 6 images: FFT is on average better than the best filter (TV) by")
    assert "by the tests against all 2 filters (p = " in words
    assert "said of this one network" in words
    made = comparison_table(table, convention="care")
    assert made.title == "Differences from Laplace and the best filter in the convention 'care'"
    assert "the best filter (TV)" in set(made.frame["Against"])
    assert "better is better than every filter" in made.notes[0]
    options = {"convention": "care", "methods": ["laplace", "fft"], "reference": "best-filter"}
    evidence = evidence_table(table, **options)
    assert evidence.title.startswith("Mean difference from the best filter of the networks")
    assert " from TV (p" in evidence.frame["Laplace, PSNR"][0].replace("\u00a0", " ")
    said = corrected_sentences(table)
    assert "of 20 tests" in said[0]
    assert "than the best filter by PSNR in" in said[0]


def test_the_first_sentences_tell_how_many_tests_against_the_best_filter_find_something():
    table = compared()
    summary = scores.summarise(by_experiment(), EXPERIMENTS)
    said = headlines(summary, table, convention="care")
    assert [s for s in said if s.startswith("Against the best filter, ") and "of the networks" in s]
    assert [s for s in said if s.startswith("Against Laplace, ") and "of the other networks" in s]


def test_without_a_filter_there_is_none_that_is_best():
    with pytest.raises(InputError, match="There is no filter to compare with"):
        difference_from_best([], alpha=0.05)

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_tables import (
    EXPERIMENTS,
    METHODS,
    STATISTICS,
    by_experiment,
    compared,
    long_scores,
    runs_by_experiment,
)

from denoisekit.errors import InputError
from denoisekit.statistics import paired_tests, tables
from denoisekit.statistics import scores as score_tables
from denoisekit.statistics.comparisons import (
    COLUMNS,
    compare,
    comparison_table,
    evidence_sentence,
    images_needed_words,
    movie_table,
)
from denoisekit.statistics.typeset import to_latex, to_markdown

PUBLISHED = Path(__file__).resolve().parents[2] / "config" / "published" / "loss-functions"
ONCE = (
    "; said of these two networks, not of the methods (for that, train at least 2 seeds, better 3 "
    "or more)."
)
PAPER = {
    **STATISTICS,
    "family": {
        **{"experiments": ["MM", "AA", "MA", "AM"], "methods": ["fft", "bandpass"]},
        **{"metrics": ["psnr", "ssim"], "conventions": ["care"]},
    },
}


@cache
def published() -> pd.DataFrame:
    """Compare the paper's methods by its printed scores of every image."""
    rows = pd.read_csv(PUBLISHED / "per_image_scores.csv", dtype={"image": str})
    rows = rows.rename(columns={"input": "noisy"})
    scores = rows.melt(
        ["experiment", "metric", "image"],
        ["noisy", "laplace", "fft", "bandpass"],
        var_name="method",
        value_name="value",
    )
    kinds = scores["method"].map({"noisy": "filter"}).fillna("network")
    seeds = kinds.map({"filter": "", "network": "0"})
    scores = scores.assign(convention="care", kind=kinds, seed=seeds)
    facts = pd.DataFrame({"experiment": ["MM", "AA", "MA", "AM"]})
    images = scores.groupby("experiment")["image"].nunique()
    facts = facts.assign(test_fields=facts["experiment"].map(images), simulated="no", movie="no")
    return compare(scores, facts, **PAPER)


def test_holms_correction_of_the_papers_sixteen_tests_leaves_two():
    table = published()
    family = table[table["family"] == "yes"]
    assert set(family["family_size"]) == {16}
    assert len(family) == 16
    assert set(table.loc[table["family"] == "no", "method"]) == {"noisy"}
    below = family[family["p_holm"] < 0.05]
    assert set(below[["experiment", "method", "metric"]].itertuples(index=False, name=None)) == {
        ("AM", "fft", "ssim"),
        ("AM", "bandpass", "psnr"),
    }
    assert (family["significant"] == "yes").sum() == 7
    by_hand = np.sort(family["p"])[:2] * [16, 15]
    assert np.sort(family["p_holm"])[:2] == pytest.approx(np.maximum.accumulate(by_hand))


def test_a_row_holds_what_the_statistics_say_of_its_differences():
    scores = by_experiment()
    chosen = scores[(scores["experiment"] == "AA") & (scores["convention"] == "care")]
    wide = chosen[chosen["metric"] == "psnr"].pivot(index="image", columns="method", values="value")
    differences = (wide["fft"] - wide["laplace"]).to_numpy()
    row = one(compared(), experiment="AA", method="fft", metric="psnr", convention="care")
    mean = paired_tests.mean_difference(differences, alpha=0.05)
    effect = paired_tests.effect_size(differences, alpha=0.05)
    assert (row["difference_low"], row["difference_high"]) == (mean.low, mean.high)
    found = (row["effect_size"], row["effect_low"], row["effect_high"])
    assert found == (effect.value, effect.low, effect.high)
    assert row["p_wilcoxon"] == paired_tests.signed_rank_test(differences).p == 2 / 2**6
    assert row["p_tost"] == paired_tests.equivalence_test(differences, margin=0.1)
    assert (row["wilcoxon"], row["equivalent"], row["margin"]) == ("exact", "no", 0.1)
    assert np.isnan(row["frames_effective"])


def test_no_row_contradicts_itself():
    rows = pd.concat([published(), compared()], ignore_index=True).dropna(subset=["p"])
    apart = (rows["difference_low"] > 0) | (rows["difference_high"] < 0)
    assert apart.equals(rows["significant"] == "yes")
    assert apart.equals(rows["p"] < rows["alpha"])
    assert 0 < apart.sum() < len(apart)


def test_a_metric_without_a_margin_is_not_tested_for_equivalence():
    rows = compared()[lambda table: table["metric"] == "nrmse"]
    assert rows["p_tost"].isna().all()
    assert (rows["equivalent"] == "").all()
    assert set(rows["family"]) == {"no"}


def test_a_small_difference_is_equivalent_within_a_wide_margin():
    wide = {**STATISTICS, "margins": {"psnr": 3.0}}
    table = compare(runs_by_experiment(), EXPERIMENTS, **wide)
    row = one(table, experiment="AA", method="fft", metric="psnr", convention="care")
    assert row["equivalent"] == "yes"
    assert "shown to be equivalent within ±3 dB" in evidence_sentence(row)
    assert "not shown" not in evidence_sentence(row)


def test_the_family_is_what_the_settings_say():
    table = compared()
    family = table[table["family"] == "yes"]
    assert set(family["method"]) == {"fft", "bandpass"}
    assert set(family["experiment"]) == {"AA", "MA"}
    assert set(family["metric"]) == {"psnr", "ssim"}
    assert set(family["convention"]) == {"care"}
    assert set(family["family_size"]) == {8}
    assert table.loc[table["family"] == "no", "p_holm"].isna().all()
    everything = {**STATISTICS, "family": dict.fromkeys(STATISTICS["family"], "all")}
    table = compare(runs_by_experiment(), EXPERIMENTS, **everything)
    assert (table["family"] == "yes").equals(table["p"].notna())


def test_frames_stay_in_order_whatever_they_are_called():
    scores = long_scores()
    renamed = scores["image"].map(lambda name: f"frame-{9 + int(name.removeprefix('image-'))}")
    movie = scores["test_set"] == "dendra"
    options = {"experiment": "DDS", "method": "fft", "metric": "psnr", "convention": "care"}
    assert sorted(renamed[movie]) != list(dict.fromkeys(renamed[movie]))
    joined = score_tables.runs_by_experiment(
        scores.assign(image=renamed), EXPERIMENTS, methods=METHODS
    )
    table = compare(joined, EXPERIMENTS, **STATISTICS)
    expected, found = one(compared(), **options), one(table, **options)
    assert found["frames_effective"] == expected["frames_effective"] < 8
    assert found["p_naive"] < found["p_effective"] == expected["p_effective"]


def test_tiles_of_one_field_get_no_test_as_a_movie():
    table = compare(runs_by_experiment(), EXPERIMENTS.assign(movie="no"), **STATISTICS)
    rows = table[table["experiment"] == "DDS"]
    assert rows[["p", "p_naive", "p_effective", "frames_effective"]].isna().all(axis=None)


def test_what_assumes_independence_is_empty_where_there_is_none():
    rows = compared()[lambda table: table["experiment"] == "DDS"]
    assumed = ["p", "p_wilcoxon", "p_holm", "p_tost", "effect_size", "effect_low"]
    assert rows[[*assumed, "difference_low", "difference_high"]].isna().all(axis=None)
    assert set(rows["equivalent"]) == set(rows["significant"]) == set(rows["wilcoxon"]) == {""}
    assert set(rows["family"]) == {"no"}
    assert rows[["p_naive", "p_effective", "frames_effective"]].notna().all(axis=None)


def test_methods_with_the_same_scores_have_a_note_and_nothing_else():
    scores = runs_by_experiment()
    scores.loc[scores["method"] == "fft", "value"] = scores.loc[
        scores["method"] == "laplace", "value"
    ].to_numpy()
    row = one(
        compare(scores, EXPERIMENTS, **STATISTICS),
        **{"experiment": "AA", "method": "fft", "metric": "psnr", "convention": "care"},
    )
    assert row["note"] == "all differences are the same"
    assert np.isnan(row["p_wilcoxon"])
    assert evidence_sentence(row) == (
        "AA, 6 images: FFT has, to 2 decimals, the mean PSNR of Laplace; no p-value: all "
        f"differences are the same{ONCE}"
    )


def test_the_table_survives_a_file(tmp_path):
    tables.write(tmp_path / "comparisons.tsv", compared())
    pd.testing.assert_frame_equal(
        tables.read(tmp_path / "comparisons.tsv", COLUMNS), compared(), check_dtype=False
    )


def test_the_tables_to_read_show_the_tests_and_movies_apart():
    made = compared()
    table = comparison_table(made, convention="care")
    assert table.title == "Differences from Laplace in the convention 'care'"
    assert "the family of 8 tests" in table.notes[0]
    rows = {tuple(cell.text for cell in row[:3]): row for row in table.rows()}
    texts = [cell.text for cell in rows["AA", "FFT", "PSNR (dB) ↑"]]
    row = one(made, experiment="AA", method="fft", metric="psnr", convention="care")
    assert texts[4:6] == ["networks", "1 and 1"]
    assert texts[8] == f"{row['difference_low']:+.3f} to {row['difference_high']:+.3f}"
    assert texts[13] == "no, ±0.1"
    assert rows["AA", "FFT", "PSNR (dB) ↑"][10].best
    assert not any(cell.best for cell in rows["DDS", "FFT", "PSNR (dB) ↑"])
    movies = movie_table(made, convention="care")
    assert set(movies.frame["Experiment"]) == {"DDS"}
    assert len(movies.frame) == 12
    assert to_markdown(movies).count("\n|") == 14
    assert to_latex(table, label="comparisons").count(r"\\") == len(table.frame) + 1
    assert comparison_table(made[:0], convention="care").rows() == []


def test_a_sentence_says_what_a_row_shows():
    table = published()
    row = one(table, experiment="MA", method="bandpass", metric="psnr")
    assert evidence_sentence(row).replace("\u00a0", " ") == (
        "MA, 9 images: Bandpass is on average worse than Laplace by 0.66 dB of PSNR "
        f"(95 % interval {row['difference_low']:+.2f} to {row['difference_high']:+.2f} dB), "
        f"effect size {row['effect_size']:+.2f} "
        f"({row['effect_low']:+.2f} to {row['effect_high']:+.2f}); "
        f"significant by the paired t-test (p = 0.026; signed ranks p = {row['p_wilcoxon']:#.2g}), "
        f"but not after Holm's correction for 16 tests (p = {row['p_holm']:#.2g}); not shown to be "
        f"equivalent within ±0.1 dB (p = {row['p_tost']:#.2g}){ONCE}"
    ).replace("-", "−").replace("t−test", "t-test")
    kept = evidence_sentence(one(table, experiment="AM", method="bandpass", metric="psnr"))
    assert ", and also after Holm's correction" in kept
    lost = evidence_sentence(one(table, experiment="AA", method="fft", metric="ssim"))
    assert "not significant by the paired t-test" in lost
    assert ", nor after Holm's correction" in lost
    outside = evidence_sentence(one(table, experiment="AA", method="noisy", metric="ssim"))
    assert "Holm" not in outside


def test_a_lower_nrmse_is_better():
    rows = compared()
    row = one(rows, experiment="AA", method="fft", metric="nrmse", convention="care")
    assert row["mean_difference"] < 0
    assert "FFT is on average better than Laplace by 0.0" in evidence_sentence(row)


def test_a_sentence_on_a_movie_speaks_of_its_effective_frames():
    row = one(compared(), experiment="DDS", method="fft", metric="psnr", convention="care")
    words = f"the frames of this one movie are worth {row['frames_effective']:.1f} independent ones"
    assert words in evidence_sentence(row)
    assert "for this movie alone" in evidence_sentence(row)
    assert evidence_sentence(row).startswith("DDS, 8 frames: FFT is on average better than")
    assert evidence_sentence(row).endswith(f"; with fewer than some 50, p may be too small{ONCE}")
    row["frames_effective"] = 60.0
    assert "too small" not in evidence_sentence(row)


def test_rows_by_itertuples_make_the_same_sentences():
    table = compared()
    by_tuple = [evidence_sentence(row) for row in table.itertuples()]
    assert by_tuple == [evidence_sentence(row) for _, row in table.iterrows()]


def one(table: pd.DataFrame, **values: str) -> pd.Series:
    for column, value in values.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0].copy()


def test_comparisons_hold_the_paired_t_test_of_every_method_metric_and_convention():
    table, scores = compared(), by_experiment()
    assert len(table) == 3 * 3 * 2 * 4
    chosen = scores[(scores["experiment"] == "AA") & (scores["convention"] == "care")]
    wide = chosen[chosen["metric"] == "psnr"].pivot(index="image", columns="method", values="value")
    expected = paired_tests.paired_t_test(wide["fft"], wide["laplace"])
    row = table[
        (table["experiment"] == "AA")
        & (table["metric"] == "psnr")
        & (table["convention"] == "care")
        & (table["method"] == "fft")
    ].iloc[0]
    assert row["p"] == expected.p
    assert row["t"] == expected.t
    assert row["mean_difference"] == (wide["fft"] - wide["laplace"]).mean() > 0
    assert (row["reference"], row["significant"], row["note"]) == ("laplace", "yes", "")


def test_a_movie_gets_a_difference_but_no_p_value():
    table = compared()
    movie = table[table["experiment"] == "DDS"]
    assert movie["p"].isna().all()
    assert movie["t"].isna().all()
    assert (movie["significant"] == "").all()
    assert set(movie["note"]) == {"frames or tiles of one field are not independent samples"}
    assert movie["mean_difference"].notna().all()
    assert table.loc[table["experiment"] != "DDS", "p"].notna().all()


def test_several_images_of_a_few_fields_get_no_p_value_either():
    experiments = EXPERIMENTS.assign(test_fields=[2, 6, 1])
    table = compare(runs_by_experiment(), experiments, **STATISTICS)
    notes = table.loc[table["experiment"] == "AA", "note"]
    assert set(notes) == {"6 images of 2 fields are not independent samples"}


def few(images: int, **options) -> pd.DataFrame:
    """Compare the methods by the first images of every experiment alone."""
    names = [f"image-{number}" for number in range(images)]
    scores = runs_by_experiment()
    facts = EXPERIMENTS.assign(test_images=images, test_fields=[images, images, 1])
    return compare(scores[scores["image"].isin(names)], facts, **STATISTICS | options)


@pytest.mark.parametrize("images", [1, 2, 5])
def test_fewer_than_six_images_get_no_test_at_all(images):
    rows = few(images)[lambda table: table["experiment"] != "DDS"]
    tested = ["t", "p", "p_wilcoxon", "p_holm", "p_tost", "effect_size", "effect_low"]
    assert rows[[*tested, "difference_low", "difference_high"]].isna().all(axis=None)
    assert set(rows["significant"]) == set(rows["equivalent"]) == {""}
    assert set(rows["family"]) == {"no"}
    assert rows["mean_difference"].notna().all()
    assert rows["images_needed"].isna().all() == (images == 1)
    assert few(6)["images_needed"].isna().all()


def test_it_is_said_how_many_images_would_do():
    table = few(5)
    row = one(table, experiment="AA", method="fft", metric="psnr", convention="care")
    scores = by_experiment().query("experiment == 'AA' and metric == 'psnr'")
    wide = scores.query("convention == 'care'").pivot(
        index="image", columns="method", values="value"
    )
    differences = (wide["fft"] - wide["laplace"]).iloc[:5]
    needed = paired_tests.images_needed(differences, alpha=0.05)
    assert row["images_needed"] == needed
    assert evidence_sentence(row).endswith(
        f"; no p-value: 5 images cannot show a difference; some {needed:.0f} would do (80% power "
        f"at alpha = 0.05), if differences and their spread are as seen{ONCE}"
    )
    row["images_needed"] = np.nan
    assert evidence_sentence(row).endswith(f"a difference; how many would do cannot be told{ONCE}")
    single = one(few(1), experiment="AA", method="fft", metric="psnr", convention="care")
    assert evidence_sentence(single).endswith(
        "no p-value: a single image cannot show a difference; how many would do cannot be told"
        f"{ONCE}"
    )
    rows = list(table[table["experiment"] == "AA"].itertuples())
    rows[0], rows[1] = (rows[0]._replace(images_needed=7.0), rows[1]._replace(images_needed=np.nan))
    many = f"; of 1 of {len(rows)} differences how many would do cannot be told"
    assert images_needed_words(rows).endswith(many)
    assert images_needed_words(rows[:1]).startswith("; some 7 would do")
    notes = comparison_table(table, convention="care").frame["Note"]
    assert notes.str.startswith("5 images cannot show a difference; some ").sum() == 24


def test_images_that_share_fields_are_not_said_to_be_too_few():
    rows = few(5)[lambda table: table["experiment"] == "DDS"]
    assert set(rows["note"]) == {"frames or tiles of one field are not independent samples"}
    assert images_needed_words(list(rows.itertuples())) == ""


def test_a_movie_of_fewer_than_six_frames_gets_no_p_value():
    tested = ["p_effective", "p_naive", "frames_effective"]
    for frames, there in ((5, False), (6, True)):
        rows = few(frames)[lambda table: table["experiment"] == "DDS"]
        assert (rows[tested].notna() == there).all(axis=None)


def test_the_level_decides_what_is_significant_and_how_wide_intervals_are():
    usual = compared()
    strict = compare(runs_by_experiment(), EXPERIMENTS, **{**STATISTICS, "alpha": 1e-4})
    tested = usual["p"].notna()
    assert (strict["significant"] == "yes").equals(strict["p"] < 1e-4)
    assert 0 < (strict["significant"] == "yes").sum() < (usual["significant"] == "yes").sum()
    assert (strict["effect_low"] < usual["effect_low"])[tested].all()
    assert (strict["difference_high"] > usual["difference_high"])[tested].all()


def test_a_method_without_all_images_cannot_be_compared():
    scores = runs_by_experiment()
    lacking = scores[(scores["method"] != "fft") | (scores["image"] != "image-1")]
    with pytest.raises(InputError, match=r"fft and laplace must be scored on the same images.*-1"):
        compare(lacking, EXPERIMENTS, **STATISTICS)


def test_an_unknown_reference_is_told_with_the_choice():
    with pytest.raises(
        InputError, match="no scores of the reference method mse; choose one of noi"
    ):
        compare(runs_by_experiment(), EXPERIMENTS, **{**STATISTICS, "references": ["mse"]})


def trained(seeds: int, *, effect: float, experiments=EXPERIMENTS, shared=(), filters=("noisy",)):
    """Compare two losses and a filter whose seeds differ by `effect`, over six images."""
    rng = np.random.default_rng(4)
    images = rng.normal(30, 2, 6)
    rows = []
    for method in dict.fromkeys(("mse", "mse-again", *filters)):
        for seed in [""] if method in filters else map(str, range(seeds)):
            values = images + rng.normal(0, effect) + rng.normal(0, 0.05, 6)
            rows += [
                ["AA", "psnr", "care", method, seed, f"image-{number}", value]
                for number, value in enumerate(values)
            ]
    columns = ["experiment", "metric", "convention", "method", "seed", "image", "value"]
    scores = pd.DataFrame(rows, columns=columns)
    scores["kind"] = scores["method"].map(dict.fromkeys(filters, "filter")).fillna("network")
    options = {**STATISTICS, "references": ["mse"], "shared": dict(shared)}
    return compare(scores, experiments, **options)


def test_a_loss_trained_again_is_no_other_method():
    once = one(trained(1, effect=0.5), method="mse-again")
    assert (once["about"], once["seeds"], once["reference_seeds"]) == ("networks", 1, 1)
    assert once["significant"] == "yes"
    assert evidence_sentence(once).endswith(ONCE)
    row = one(trained(3, effect=0.5), method="mse-again")
    assert (row["about"], row["seeds"], row["reference_seeds"]) == ("methods", 3, 3)
    assert row["significant"] == "no"
    assert row["difference_low"] < 0 < row["difference_high"]
    assert (np.isnan(row["p_wilcoxon"]), row["wilcoxon"]) == (True, "")
    assert np.isnan(row["effect_low"])
    sentence = evidence_sentence(row).replace("\u00a0", " ")
    assert f"by the test over images and seeds (p = {row['p']:#.2g}; 3 seeds and 3 seeds)" in (
        sentence
    )
    assert "nan" not in sentence
    assert "networks" not in sentence


def test_a_network_against_a_filter_speaks_of_one_network_or_of_the_method():
    once = one(trained(1, effect=0.5), method="noisy")
    assert (once["about"], once["seeds"], once["reference_seeds"]) == ("one network", 0, 1)
    assert "; said of this one network, not of the method (for that," in evidence_sentence(once)
    several = one(trained(2, effect=0.5), method="noisy")
    assert (several["about"], several["reference_seeds"]) == ("methods", 2)
    assert "2 seeds)" in evidence_sentence(several)
    filters = trained(1, effect=0.5, filters=("noisy", "mse"))
    assert one(filters, method="noisy")["about"] == "methods"
    assert "said of" not in evidence_sentence(one(filters, method="noisy"))


def test_methods_that_share_their_networks_are_compared_seed_by_seed():
    apart = one(trained(3, effect=0.5), method="mse-again")
    shared = trained(3, effect=0.5, shared={"mse-again": "mse"})
    assert one(shared, method="mse-again")["p"] != apart["p"]
    once = one(trained(1, effect=0.5, shared={"mse-again": "mse"}), method="mse-again")
    assert once["about"] == "one network"


def test_a_movie_speaks_of_the_networks_that_restored_it():
    movie = EXPERIMENTS.assign(test_fields=1, movie="yes")
    row = one(trained(3, effect=0.5, experiments=movie), method="mse-again")
    assert row["about"] == "networks"
    assert evidence_sentence(row).endswith("; said of these networks, not of the methods.")
    filters = trained(3, effect=0.5, experiments=movie, filters=("noisy", "mse"))
    assert one(filters, method="noisy")["about"] == "methods"


def test_what_is_given_from_outside_is_taken_as_it_is():
    scores = runs_by_experiment()
    scores.loc[scores["method"] == "tv", "kind"] = "outside"
    table = compare(scores, EXPERIMENTS, **STATISTICS | {"references": ["noisy"]})
    rows = table[(table["method"] == "tv") & (table["experiment"] == "AA")]
    assert set(rows["about"]) == {"as given"}
    assert evidence_sentence(rows.iloc[0]).endswith(
        "; said of what was handed in from outside of the study, as it is."
    )


def test_seeds_count_against_what_is_given_from_outside_too():
    scores = runs_by_experiment(seeds=("0", "1"))
    scores.loc[scores["method"] == "tv", "kind"] = "outside"
    given = compare(scores, EXPERIMENTS, **STATISTICS | {"references": ["tv"]})
    row = one(given, experiment="AA", method="fft", metric="psnr", convention="care")
    of_filter = compare(
        runs_by_experiment(seeds=("0", "1")), EXPERIMENTS, **STATISTICS | {"references": ["tv"]}
    )
    same = one(of_filter, experiment="AA", method="fft", metric="psnr", convention="care")
    assert (row["about"], same["about"]) == ("as given", "methods")
    assert row["p"] == same["p"]
    assert "by the test over images and seeds" in evidence_sentence(row)


def test_a_seed_that_lacks_an_image_is_told():
    scores = runs_by_experiment(seeds=("0", "1"))
    lost = (scores["method"] == "fft") & (scores["seed"] == "1") & (scores["image"] == "image-2")
    with pytest.raises(InputError, match=r"with every seed, but image-2 is missing"):
        compare(scores[~lost], EXPERIMENTS, **STATISTICS)


def test_how_many_images_would_do_is_not_told_where_seeds_vary():
    names = [f"image-{number}" for number in range(4)]
    scores = runs_by_experiment(seeds=("0", "1"))
    facts = EXPERIMENTS.assign(test_fields=[4, 4, 1])
    table = compare(scores[scores["image"].isin(names)], facts, **STATISTICS)
    networks = table["method"].isin(["fft", "bandpass"])
    assert table.loc[networks, "images_needed"].isna().all()
    assert table.loc[networks & (table["experiment"] == "AA"), "p"].isna().all()


def test_tables_tell_by_what_they_test():
    once = comparison_table(compared(), convention="care")
    several = comparison_table(compared(seeds=("0", "1")), convention="care")
    assert "p: paired t-test over images, not corrected" in once.notes[0]
    assert "p: paired t-test over images, or test over images and seeds" in several.notes[0]
    seeds = dict(zip(several.frame["Method"], several.frame["Seeds"], strict=True))
    assert seeds == {"Noisy input": "– and 2", "FFT": "2 and 2", "Bandpass": "2 and 2"} | {
        "TV": "– and 2"
    }
    texts = [evidence_sentence(row) for row in compared(seeds=("0", "1")).itertuples()]
    assert not any("nan" in text for text in texts)

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from study_tables import EXPERIMENTS, METHODS, by_experiment, long_scores

from denoisekit.errors import InputError
from denoisekit.published.loss_functions import Study
from denoisekit.statistics import scores as score_tables
from denoisekit.statistics import tables
from denoisekit.statistics.scores import (
    best_rows,
    gather,
    of_experiment,
    score_table,
    summarise,
    summary_table,
    typical_image,
)


def test_names_stay_text_and_numbers_keep_every_digit(tmp_path):
    frame = pd.DataFrame(
        {"image": ["007", "NA", "None"], "seed": ["0", "", "1"], "value": [0.1 + 0.2, np.nan, 3.0]}
    )
    tables.write(tmp_path / "scores.tsv", frame)
    back = tables.read(tmp_path / "scores.tsv", score_tables.SCORES)
    assert back["image"].tolist() == ["007", "NA", "None"]
    assert back["seed"].tolist() == ["0", "", "1"]
    assert back["value"].equals(frame["value"])


def test_gathering_refuses_a_score_told_twice():
    scores = long_scores()
    half = len(scores) // 2
    assert gather([scores[:half], scores[half:]]).equals(scores)
    with pytest.raises(InputError, match=r"actin, noisy, image-0, care, psnr appears more than"):
        gather([scores, scores[:1]])


def test_values_side_by_side_keep_their_rows_and_the_order_of_these():
    places = [("b", "2"), ("a", "1"), ("b", "1"), ("a", "2")]
    rows = pd.DataFrame(
        [(*place, name, f"{place}{name}") for place in places for name in ("y", "x")],
        columns=["experiment", "image", "metric", "value"],
    )
    wide = score_tables.side_by_side(rows, keys=["experiment", "image"], column="metric")
    assert wide.index.tolist() == places
    assert wide.index.names == ["experiment", "image"]
    for name in ("x", "y"):
        assert wide[name].tolist() == [f"{place}{name}" for place in places]


def test_a_filter_takes_part_in_every_experiment_on_its_test_set_and_a_network_in_its_own():
    scores = long_scores()
    runs = of_experiment(scores, EXPERIMENTS, experiment="MA")["run"].unique()
    assert set(runs) == {"noisy", "tv", *(f"mito.{m}.seed0" for m in METHODS[1:4])}
    joined = by_experiment()
    tv = joined[(joined["method"] == "tv") & (joined["metric"] == "psnr")]
    wide = tv[tv["convention"] == "care"].pivot(index="image", columns="experiment", values="value")
    assert (wide["AA"] == wide["MA"]).loc["image-0":"image-5"].all()
    assert set(joined.loc[joined["kind"] == "filter", "method"]) == {"noisy", "tv"}
    assert joined["method"].drop_duplicates().tolist() == METHODS
    assert joined["experiment"].drop_duplicates().tolist() == ["AA", "MA", "DDS"]


def test_seeds_are_averaged_within_an_image():
    scores = long_scores(seeds=("0", "1", "2"))
    joined = score_tables.by_experiment(scores, EXPERIMENTS, methods=METHODS)
    chosen = (scores["run"].str.startswith("actin.fft")) & (scores["image"] == "image-2")
    chosen &= (scores["metric"] == "ssim") & (scores["convention"] == "care")
    key = (joined["experiment"] == "AA") & (joined["method"] == "fft")
    key &= (joined["image"] == "image-2") & (joined["metric"] == "ssim")
    row = joined[key & (joined["convention"] == "care")].iloc[0]
    assert chosen.sum() == 3
    assert row["value"] == pytest.approx(scores[chosen]["value"].mean())
    assert row["seeds"] == "0, 1, 2"


def test_an_ensemble_is_a_row_of_its_own_and_no_seed_of_another_method():
    scores = long_scores(seeds=("0", "1", "2"))
    whole = scores[scores["run"].str.endswith("fft.seed0")].copy()
    whole["run"] = whole["run"].str.replace("fft.seed0", "mean.ensemble")
    whole["method"], whole["seed"] = "mean", "ensemble"
    methods = [*METHODS, "mean"]
    joined = score_tables.by_experiment(pd.concat([scores, whole]), EXPERIMENTS, methods=methods)
    summary = score_tables.summarise(joined, EXPERIMENTS).set_index("method")
    assert set(summary.loc["mean", "seeds"]) == {"ensemble"}
    assert set(summary.loc["mean", "kind"]) == {"network"}
    assert set(summary.loc["fft", "seeds"]) == {"0, 1, 2"}
    study = Study(EXPERIMENTS, joined, pd.DataFrame(), methods, "care")
    assert "networks of seed 0, 1, 2. " in study.source("AA")
    first = replace(study, scores=joined[joined["method"].isin(["mean", "tv"])])
    assert "seed" not in first.source("AA")


def test_the_summary_holds_means_and_says_what_they_are_of():
    scores = by_experiment()
    summary = summarise(scores, EXPERIMENTS)
    assert len(summary) == 3 * 2 * 5
    row = summary[
        (summary["experiment"] == "DDS")
        & (summary["method"] == "tv")
        & (summary["convention"] == "care")
    ].iloc[0]
    values = scores[(scores["experiment"] == "DDS") & (scores["method"] == "tv")]
    values = values[(values["convention"] == "care") & (values["metric"] == "ssim")]["value"]
    assert row["ssim"] == pytest.approx(values.mean())
    assert (row["data"], row["images"], row["fields"], row["seeds"]) == ("measured", 8, 1, "")


@pytest.mark.parametrize("metric", ["psnr", "ssim", "nrmse"])
def test_best_means_highest_or_lowest_as_the_metric_wants(metric):
    summary = summarise(by_experiment(), EXPERIMENTS)
    best = summary.loc[best_rows(summary, metric)]
    winners = dict(zip(best["experiment"], best["method"], strict=True))
    assert winners == {"AA": "fft", "MA": "tv", "DDS": "fft"}


def test_the_summary_is_set_with_the_best_in_bold():
    summary = summarise(by_experiment(), EXPERIMENTS)
    table = summary_table(summary, convention="care")
    bold = [
        (row[0].text, row[1].text, cell.text) for row in table.rows() for cell in row if cell.best
    ]
    assert {(e, m) for e, m, _ in bold} == {("AA", "FFT"), ("MA", "TV"), ("DDS", "FFT")}
    assert len(bold) == 9
    wide = score_table(summary, convention="care", metric="psnr")
    cells = {row[0].text: [cell.best for cell in row[4:]] for row in wide.rows()}
    assert cells["MA"] == [False, False, False, False, True]
    assert cells["AA"] == [False, False, True, False, False]
    assert list(wide.frame.columns[4:]) == ["Noisy input", "Laplace", "FFT", "Bandpass", "TV"]


def test_the_typical_image_is_the_median_one():
    scores = by_experiment()
    options = {"method": "laplace", "convention": "care", "metric": "psnr"}
    assert typical_image(scores, experiment="AA", **options) == "image-2"
    assert typical_image(scores, experiment="DDS", **options) == "image-3"
    shown = scores.query("experiment == 'AA' and method == 'laplace' and convention == 'care'")
    values = shown.query("metric == 'psnr'").set_index("image")["value"]
    for place, image in (("best", values.idxmax()), ("worst", values.idxmin())):
        assert typical_image(scores, experiment="AA", place=place, **options) == image

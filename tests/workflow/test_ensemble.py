"""Ensembles as runs of a study: made of what their members restored, and training nothing."""

import csv
import json
import re

import numpy as np
import pytest
from tiny import ROOT, TINY, run

from denoisekit.datasets.registered import read_exposure
from denoisekit.evaluation import calibration
from denoisekit.evaluation.uncertainty import LaplaceMixture
from denoisekit.images.reading import read_image
from denoisekit.restoring import model_folder

METHODS = {
    **{name: TINY["methods"][name] for name in ("noisy", "laplace", "mae")},
    "several": {"ensemble": {"of": "laplace"}},
    "pair": {"ensemble": {"of": "mae", "members": [1, 0]}},
}
STUDY = {
    **{key: value for key, value in TINY.items() if key != "published"},
    **{key: {"actin": TINY[key]["actin"]} for key in ("datasets", "train_sets", "test_sets")},
    # The second leaves out the ensemble of the first, and what it would be made of.
    "experiments": {
        "AA": TINY["experiments"]["AA"],
        "few": {**TINY["experiments"]["AA"], "methods": ["noisy", "laplace"]},
    },
    "statistics": {**TINY["statistics"], "references": ["laplace"]},
    **{"methods": METHODS, "seeds": [0, 1], "conventions": ["care"]},
    "training": {**TINY["training"], "epochs": 1, "steps_per_epoch": 2},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a study with two ensembles, run whole."""
    folder = tmp_path_factory.mktemp("ensemble") / "run"
    run(ROOT, folder, config=STUDY)
    return folder


def restored(folder, name):
    return folder / "results/tiny/restored/actin" / name


def pixels(folder):
    return {path.stem: read_image(path).pixels for path in sorted(folder.glob("*.tif"))}


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def planned(folder, config):
    """The number of jobs per rule of a dry run."""
    output = run(ROOT, folder, "-n", config=config)
    table = re.search(r"Job stats:\n(.*?)\n\n", output, re.DOTALL)
    return {k: int(n) for k, n in re.findall(r"(\w+) +(\d+)", table[1])} if table else {}


def test_an_ensemble_of_networks_with_a_scale_is_their_mixture(finished):
    members = [restored(finished, f"actin.laplace.seed{seed}") for seed in (0, 1)]
    folder = restored(finished, "actin.several.ensemble")
    means, scales = ([pixels(f / below) for f in members] for below in ("", "scale"))
    found = {below: pixels(folder / below) for below in ("", "scale", "disagreement")}
    assert len(found[""]) == 3
    for name in found[""]:
        mixture = LaplaceMixture(*(np.stack([m[name] for m in part]) for part in (means, scales)))
        assert found[""][name] == pytest.approx(mixture.mean(), rel=1e-6)
        scale = mixture.standard_deviation() / np.sqrt(2)
        assert found["scale"][name] == pytest.approx(scale, rel=1e-6)
        assert found["disagreement"][name] == pytest.approx(mixture.disagreement(), abs=1e-6)
        assert not np.array_equal(means[0][name], means[1][name])
    assert not (folder / "spread").exists()


def test_an_ensemble_of_networks_without_a_scale_has_their_spread(finished):
    folder = restored(finished, "actin.pair.ensemble")
    members = [pixels(restored(finished, f"actin.mae.seed{seed}")) for seed in (0, 1)]
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["spread"]
    for name, image in pixels(folder).items():
        both = np.float64([member[name] for member in members])
        assert image == pytest.approx(both.mean(0), rel=1e-6)
        spread = pixels(folder / "spread")[name]
        assert spread == pytest.approx(both.std(0), rel=1e-4, abs=1e-4)


def test_an_ensemble_is_scored_tested_and_shown_as_any_run(finished):
    results = finished / "results/tiny"
    scored = [row for row in rows(results / "tables/scores.tsv") if row["method"] == "several"]
    assert {row["run"] for row in scored} == {"actin.several.ensemble"}
    assert {row["seed"] for row in scored} == {"ensemble"}
    seeds = {row["method"]: row["seeds"] for row in rows(results / "tables/summary.tsv")}
    assert seeds == {
        **{"noisy": "", "laplace": "0, 1", "mae": "0, 1"},
        **{"several": "ensemble", "pair": "ensemble"},
    }
    compared = rows(results / "tables/comparisons.tsv")
    assert {row["method"] for row in compared} == {"noisy", "mae", "several", "pair"}
    few = {row["method"] for row in compared if row["experiment"] == "few"}
    assert few <= {"noisy"}
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "mean of the networks of Laplace of the seeds 0 and 1" in page
    assert "Seeds: 0, 1." in page
    assert sorted(path.name for path in (results / "models/actin").iterdir()) == ["laplace", "mae"]


def test_an_experiment_has_its_own_methods_in_tables_figures_and_page(finished):
    results = finished / "results/tiny"
    for table in ("summary", "sharpness"):
        found = {"AA": set(), "few": set()}
        for row in rows(results / f"tables/{table}.tsv"):
            found[row["experiment"]].add(row["method"])
        assert found == {"AA": set(METHODS), "few": {"noisy", "laplace"}}, table
    card = json.loads((results / "viewer/few/median/card.json").read_text(encoding="utf-8"))
    assert [method["name"] for method in card["methods"]] == ["noisy", "laplace"]
    figures = {path.stem for path in (results / "figures").glob("*-few*")}
    assert {"montage-few", "scores-few", "sharpness-few", "calibration-few"} <= figures
    assert "flicker-few.several" not in figures


def test_scales_are_held_against_the_truth_one_by_one_and_together(finished):
    results = finished / "results/tiny"
    found = {
        (row["method"], row["quantity"]): float(row["mean"] or "nan")
        for row in rows(results / "tables/calibration.tsv")
        if row["experiment"] == "AA"
    }
    assert {method for method, _ in found} == {"laplace", "several"}
    for method in ("laplace", "several"):
        assert 0 <= found[method, "coverage_50"] < found[method, "coverage_95"] <= 1
        assert found[method, "temperature"] > 0
        assert (found[method, "kept"], found[method, "needed"]) == (1, 9)
        assert np.isnan(found[method, "factor"])
    assert ("laplace", "area_disagreement") not in found
    assert found["several", "area_oracle"] < found["several", "area_disagreement"]
    kept = json.loads((results / "kept/actin/laplace.seed0/fields.json").read_text())
    registered = {
        row["image"]: row["split"] for row in rows(results / "registered/actin/pairs.tsv")
    }
    assert [registered[image] for image in kept] == ["train"]
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "No guarantee: 1 field was kept from training" in page


def test_a_temperature_is_that_of_the_kept_images_alone(finished):
    results = finished / "results/tiny"
    measured = rows(results / "calibration/actin/actin.laplace.seed1.tsv")
    (image,) = (results / "kept/actin/laplace.seed1").glob("*.npz")
    parts = np.load(image)
    truth, predicted = calibration.together(
        parts["truth"], LaplaceMixture(parts["mean"][None], parts["scale"][None])
    )
    expected = np.mean(np.abs(truth - predicted.means[0]) / predicted.scales[0])
    learned = [float(row["value"]) for row in measured if row["quantity"] == "temperature"]
    assert learned == pytest.approx([expected] * 3)


def test_the_command_and_python_restore_with_the_same_ensemble(finished):
    results = finished / "results/tiny"
    places = [results / f"models/actin/laplace/seed{seed}" for seed in (0, 1)]
    low = read_exposure(results / "registered/actin", "test-000", "low").pixels
    found = model_folder.open_ensemble(places, device="cpu", precision="full").predict(low)
    written = restored(finished, "actin.several.ensemble")
    for folder, values in (("", found.mean), ("scale", found.scale)):
        expected = read_image(written / folder / "test-000.tif").pixels
        np.testing.assert_allclose(values, expected, rtol=0.02)
    expected = read_image(written / "disagreement/test-000.tif").pixels
    np.testing.assert_allclose(found.disagreement, expected, atol=0.02)


def test_figures_and_viewer_show_how_sure_an_ensemble_is(finished):
    results = finished / "results/tiny"
    for name in ("calibration-AA.png", "profile-AA.pdf", "flicker-AA.laplace.gif"):
        assert (results / "figures" / name).stat().st_size > 0, name
    assert (results / "figures/flicker-AA.several.gif").read_bytes()[:6] == b"GIF89a"
    drawn = {path.stem for path in (results / "viewer/AA/median").glob("*.png")}
    # Of networks without a scale, and of one network, nothing is shown that it does not say.
    maps = {name for name in drawn if name.startswith(("width", "disagreement"))}
    assert maps == {"width-laplace", "width-several", "disagreement-several"}
    page = (results / "report.html").read_text(encoding="utf-8")
    assert 'href="figures/flicker-AA.several.gif"' in page
    assert 'id="viewer-disagreement"' in page


def test_a_further_seed_is_trained_for_its_ensemble_and_not_scored(finished):
    methods = {**METHODS, "several": {"ensemble": {"of": "laplace", "more_seeds": [5]}}}
    jobs = planned(finished, {**STUDY, "methods": methods})
    for rule in ("train", "predict", "restore_kept", "predict_ensemble", "score"):
        assert jobs[rule] == 1, rule
    assert "validate" not in jobs


def test_a_second_run_does_nothing_whatever_the_order_of_the_members(finished):
    assert planned(finished, STUDY) == {}
    methods = {**METHODS, "pair": {"ensemble": {"of": "mae", "members": [0, 1]}}}
    jobs = planned(finished, {**STUDY, "methods": methods})
    assert set(jobs) <= {"write_report", "describe_run", "all", "total"}


def test_a_seed_that_is_added_trains_its_networks_alone(finished):
    jobs = planned(finished, {**STUDY, "seeds": [0, 1, 2]})
    assert jobs["train"] == jobs["predict"] == 2
    assert jobs["restore_kept"] == 1
    # The one that names its members stays.
    assert jobs["predict_ensemble"] == 1
    assert jobs["score"] == 3


def test_a_member_that_is_left_out_makes_the_ensemble_anew_and_trains_nothing(finished):
    config = {**STUDY, "seeds": [0, 1, 2]}
    methods = {**METHODS, "several": {"ensemble": {"of": "laplace", "members": [0, 2]}}}
    jobs = planned(finished, {**config, "methods": methods})
    assert jobs["predict_ensemble"] == 1
    three = {**METHODS, "third": {"ensemble": {"of": "mae"}}}
    jobs = planned(finished, {**STUDY, "methods": three})
    assert jobs["predict_ensemble"] == jobs["score"] == 1
    assert not {"train", "predict"} & set(jobs)


def test_controls_are_restored_as_the_images_that_they_are_like(finished):
    study = {**STUDY, "controls": {"test_sets": ["actin"], "images": 1, "seed": 3}}
    results = finished / "results/tiny"
    targets = [
        f"results/tiny/{name}" for name in ("tables/controls.tsv", "figures/controls-AA.png")
    ]
    run(ROOT, finished, *targets, config=study)
    made = pixels(results / "controls/actin/low")
    assert list(made) == ["flat-000", "noise-000"]
    low = pixels(results / "registered/actin/low")["test-000"]
    assert (made["noise-000"].shape, made["noise-000"].dtype) == (low.shape, low.dtype)
    assert made["noise-000"].mean() < made["flat-000"].mean()
    folder = results / "restored/actin.controls"
    unchanged = pixels(folder / "noisy")
    assert all(np.array_equal(unchanged[name], made[name]) for name in made)
    found = {row["run"]: row for row in rows(results / "tables/controls.tsv")}
    runs = {path.name for path in folder.iterdir()}
    assert found.keys() == runs == {path.name for path in (results / "restored/actin").iterdir()}
    assert float(found["noisy"]["structures"]) == 0
    assert float(found["noisy"]["spread"]) == pytest.approx(1, abs=0.1)
    # Measured again where the noise is drawn anew, and not else.
    assert planned(finished, study).keys() >= {"write_report"}
    again = {**study, "controls": {**study["controls"], "seed": 4}}
    jobs = planned(finished, again)
    assert jobs["make_controls"] == jobs["measure_controls"] == 1
    assert jobs["predict_ensemble"] == 2

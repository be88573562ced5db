"""A run on images beside a sharper truth: simulated, restored and measured."""

import json

import numpy as np
import pandas as pd
import pytest
import tifffile
import yaml
from tiny import ROOT, TINY, run

SYNTHETIC = yaml.safe_load((ROOT / "config/synthetic.yaml").read_text(encoding="utf-8"))
SIZES = {"size": 96, "train_images": 3, "test_images": 1}
LINES = {**SIZES, "size": 128, "train_images": 0, "lines": {"apart_um": [0.12, 0.2, 0.3]}}
METHODS = ["noisy", "richardson-lucy", "care"]


def own_image(folder):
    """A data set of one's own: an image that no network has seen the like of, without a truth."""
    rng = np.random.default_rng(0)
    small = rng.poisson(100 + 50 * rng.random((48, 48))).astype(np.uint16)
    (folder / "own").mkdir()
    tifffile.imwrite(folder / "own/a.tif", np.kron(small, np.ones((2, 2), np.uint16)))
    images = {"low": "own/*", "pages": "movie"}
    return {"pixel_size_um": 0.03, "target": "sharp", "folder": images}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    datasets = SYNTHETIC["datasets"]
    simulated = {
        name: {**datasets[name], "simulate": {**datasets[name]["simulate"], **sizes}}
        for name, sizes in (("tubules", SIZES), ("lines", LINES))
    }
    study = {
        **SYNTHETIC,
        "datasets": {**simulated, "own": own_image(folder)},
        "looks": {"own": {"simulated": "tubules", "measured": "own"}},
        "train_sets": {"tubules": {"dataset": "tubules", "patch_size": 32}},
        "test_sets": {name: {"dataset": name} for name in ("tubules", "lines")},
        "experiments": {name: SYNTHETIC["experiments"][name] for name in ("tubules", "lines")},
        "methods": {
            **{name: SYNTHETIC["methods"][name] for name in METHODS},
            "care": {**SYNTHETIC["methods"]["care"], "network": "tiny-unet"},
        },
        **{key: TINY[key] for key in ("networks", "patches", "training")},
    }
    targets = ["resolution.tsv", "ranges.tsv", "scores.tsv", "claims.tsv"]
    figures = ["resolution-lines.png", "reblurred-tubules.png", "range-own.png"]
    wanted = [f"tables/{name}" for name in targets] + [f"figures/{name}" for name in figures]
    run(ROOT, folder, *(f"results/synthetic/{name}" for name in wanted), config=study)
    return folder / "results/synthetic"


def test_every_method_restores_and_is_measured_beside_the_truth(results):
    measured = pd.read_csv(results / "tables/resolution.tsv", sep="\t")
    assert set(measured["method"]) == set(METHODS)
    of = measured.set_index(["experiment", "method", "quantity"])["mean"]
    assert of["tubules", "noisy", "error"] == pytest.approx(0, abs=1e-6)
    assert of["tubules", "richardson-lucy", "fwhm_um"] < of["tubules", "noisy", "fwhm_um"]
    assert {"dip_0.120", "dip_0.200", "dip_0.300"} <= set(measured["quantity"])
    assert of["lines", "richardson-lucy", "dip_0.300"] < of["lines", "noisy", "dip_0.300"]


def test_simulated_pairs_lie_on_each_other_and_are_not_moved(results):
    quality = pd.read_csv(results / "registered/tubules/quality.tsv", sep="\t")
    assert (quality["applied"] == "no").all()


def test_iterations_that_were_chosen_are_written(results):
    strengths = pd.read_csv(results / "restored/tubules/richardson-lucy/strengths.tsv", sep="\t")
    assert strengths["iterations"].between(1, 100).all()


def test_an_image_unlike_all_that_was_simulated_is_told(results):
    ranges = pd.read_csv(results / "tables/ranges.tsv", sep="\t").set_index("quantity")
    assert ranges.loc["grain", "inside"] == "no"
    assert (ranges["simulated"] == 3).all()
    card = json.loads((results / "models/tubules/care/seed0/card.json").read_text("utf-8"))
    assert card["train_set"] == "tubules"


def test_the_claims_that_the_study_can_answer_are_told_and_no_others(results):
    claims = pd.read_csv(results / "tables/claims.tsv", sep="\t", keep_default_na=False)
    assert list(zip(claims["claim"], claims["experiment"], strict=True)) == [
        *(("synthetic", "tubules"), ("synthetic", "tubules"), ("resolution", "tubules")),
        *(("imperceptible", "lines"), ("frame-rate", "")),
    ]
    # One image shows nothing.
    assert list(claims["verdict"]) == [*["cannot be told"] * 4, "not measured"]
    assert set(claims.loc[:3, "data"]) == {"simulated"}
    assert (claims["printed"] != "").tolist() == [False] * 4 + [True]
    text = (results / "tables/claims.md").read_text(encoding="utf-8")
    assert "| Structures are revealed that widefield images do not show | cannot be told |" in text

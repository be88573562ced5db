"""A whole run of networks that learn from noisy images, alone, in pairs and with noise models."""

import csv
import json
import shutil

import numpy as np
import pytest
import tifffile
import yaml
from blind import FRAMES, METHODS, NOISE_MODELS, SIDE, study, write_frames
from calls import call
from tiny import ROOT, command, run

from denoisekit.noise import models


@pytest.fixture
def finished(finished_blind):
    folder, config = finished_blind
    return folder / "run", config


def fail(folder, config, *arguments):
    """Run a study that cannot succeed, and return what it says."""
    (folder / "study.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return call(command(ROOT, folder, *arguments), folder=ROOT, succeeds=False)


def results(finished):
    folder, config = finished
    return folder / "results" / config["study"]


def read_table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_method_restores_every_frame(finished):
    rows = read_table(results(finished) / "tables/scores.tsv")
    counts = {}
    for row in rows:
        if (row["convention"], row["metric"]) == ("range255", "psnr"):
            counts.setdefault(row["method"], []).append(float(row["value"]))
    assert counts.keys() == METHODS.keys()
    assert {len(values) for values in counts.values()} == {FRAMES}
    means = {method: np.mean(values) for method, values in counts.items()}
    assert len({round(value, 6) for value in means.values()}) == len(means)


def test_restored_images_are_in_the_camera_s_counts(finished):
    folder = results(finished) / "restored/cells"
    for method in ("supervised", "n2n", "n2v", "pn2v", "pn2v-prior"):
        image = tifffile.imread(folder / f"cells.{method}.seed0/field-0-0.tif")
        assert image.shape == (SIDE, SIDE)
        assert 0 < image.mean() < 255, method


def test_noise_models_say_where_they_come_from(finished):
    folder = results(finished) / "noise_models/cells"
    origins = {path.name: models.load_noise_model(path).origin for path in folder.glob("*.npz")}
    assert origins == {
        "of-pairs.npz": "pairs",
        "of-frames.npz": "frames",
        "bootstrapped.seed0.npz": "restoration",
    }
    found = models.load_noise_model(folder / "of-frames.npz")
    spread = models.variance(found, np.array([60.0, 140.0])) ** 0.5
    np.testing.assert_allclose(spread, [8, 12], rtol=0.1)


def test_second_noisy_images_are_of_the_same_field_and_never_the_same(finished):
    folder = results(finished) / "patches/cells/next-photons"
    low, high = (np.load(folder / f"{name}.npy") for name in ("low", "high"))
    difference = low - high
    assert np.all(difference.std(axis=(1, 2)) > 5)
    assert abs(difference.mean()) < 0.5


def test_the_card_keeps_what_images_are_normalised_by(finished):
    folder = results(finished) / "models/cells"
    cards = {
        method: json.loads((folder / method / "seed0/card.json").read_text(encoding="utf-8"))
        for method in ("supervised", "n2v", "pn2v")
    }
    low = np.load(results(finished) / "patches/cells/none/low.npy")
    for card in cards.values():
        scale = card["normalizer"]["high"] - card["normalizer"]["low"]
        assert card["normalizer"]["low"] == pytest.approx(low.mean(), rel=0.05)
        assert scale == pytest.approx(low.std(), rel=0.1)
    assert "noise_model" in cards["pn2v"]["patches_sha256"]


def test_the_drawn_pixel_is_as_the_restored_images_have_it(finished):
    folder = results(finished)
    found = json.loads((folder / "posterior/CC.json").read_text(encoding="utf-8"))
    for method, value in (("pn2v", found["mmse"]), ("pn2v-prior", found["prior_mean"])):
        restored = tifffile.imread(folder / f"restored/cells/cells.{method}.seed0/field-0-0.tif")
        assert value == pytest.approx(restored[found["y"], found["x"]], abs=0.5)
    low = tifffile.imread(folder / "registered/cells/low/field-0-0.tif")
    assert (found["image"], found["observed"]) == ("field-0-0", low[found["y"], found["x"]])
    for kind in ("png", "pdf"):
        assert (folder / f"figures/posterior-CC.{kind}").stat().st_size > 10_000
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Prior, likelihood and posterior of one pixel of experiment CC" in page


def test_nothing_is_left_to_do_and_the_page_names_the_methods(finished):
    folder, config = finished
    assert "Nothing to be done" in run(ROOT, folder, "--dry-run", config=config)
    page = (results(finished) / "report.html").read_text(encoding="utf-8")
    for words in ("prior mean of PN2V", "noise2void", "noise model = of-pairs", "line length = 3"):
        assert words in page


def test_a_value_outside_of_the_noise_model_stops_the_training_with_a_sentence(finished, tmp_path):
    folder, config = finished
    folder = shutil.copytree(folder, tmp_path / "run")
    narrow = {**NOISE_MODELS["of-pairs"], "values": [0, 150], "outside": "raise"}
    changed = {**config, "noise_models": {**NOISE_MODELS, "of-pairs": narrow}}
    said = fail(folder, changed, "--until", "fit_noise_model")
    assert "beyond the range -0.5 to" in said
    assert "Traceback" not in said


def test_only_images_of_one_field_are_learned_from_in_pairs(tmp_path):
    write_frames(tmp_path / "images")
    table = tmp_path / "images/pairs.tsv"
    rows = table.read_text(encoding="utf-8").replace(f"0:{FRAMES}", "0")
    table.write_text(rows, encoding="utf-8")
    (tmp_path / "run").mkdir()
    said = fail(tmp_path / "run", study(tmp_path / "images"), "--dry-run")
    assert "is the only image of its place, but Noise2Noise learns" in said

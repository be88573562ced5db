"""A whole run of networks that learn from noisy images, alone, in pairs and with noise models."""

import csv
import json

import numpy as np
import pytest
import tifffile
import yaml
from calls import call
from scipy.ndimage import gaussian_filter
from tiny import ROOT, TINY, command, run

from denoisekit.noise import models

FIELDS, FRAMES, SIDE = 3, 4, 64
HIDDEN = {
    "network": "single",
    "objective": "noise2void",
    "loss": "mse",
    "masking": {"percent": 3, "neighbourhood": 5, "replacement": "neighbour"},
}
SAMPLES = {**HIDDEN, "network": "samples", "loss": "pn2v"}
PAIRED = {"network": "single", "loss": "mse"}
METHODS = {
    "noisy": {"filter": "noisy"},
    "supervised": {**PAIRED, "objective": "supervised", "normalization": "mean-std"},
    "n2n": {**PAIRED, "objective": "noise2noise"},
    "n2v": HIDDEN,
    "structn2v": {
        **HIDDEN,
        "masking": {**HIDDEN["masking"], "line": {"direction": "both", "length": 3}},
    },
    "pn2v": {**SAMPLES, "noise_model": "of-pairs"},
    "pn2v-prior": {"of": "pn2v", "estimate": "prior-mean"},
    "pn2v-frames": {**SAMPLES, "noise_model": "of-frames"},
    "pn2v-bootstrapped": {**SAMPLES, "noise_model": "bootstrapped"},
}
COUNTS = {"images": 8, "values": [0, 255], "counts": True, "outside": "raise"}
NOISE_MODELS = {
    "of-pairs": {"model": "histogram", "origin": "pairs", "bins": 64, **COUNTS},
    "of-frames": {"model": "mixture", "origin": "frames", **COUNTS},
    "bootstrapped": {"model": "mixture", "origin": "restoration", "method": "n2v", **COUNTS},
}
NETWORK = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 4}


def write_frames(folder):
    """Write noisy stacks of static fields, their truths, and the pair table."""
    rng, rows = np.random.default_rng(0), []
    folder.mkdir()
    for field in range(FIELDS):
        scene = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 3)
        clean = np.clip(100 + 30 * scene / scene.std(), 20, 200)
        noisy = np.clip(rng.normal(clean, 5 + 0.05 * clean, (FRAMES, SIDE, SIDE)), 0, 255)
        low, high = (folder / f"{field}-{kind}.tif" for kind in ("low", "high"))
        tifffile.imwrite(low, np.rint(noisy).astype(np.uint8), photometric="minisblack")
        tifffile.imwrite(high, np.rint(clean).astype(np.uint8), photometric="minisblack")
        split = "test" if field == 0 else "train"
        rows.append([f"field-{field}", split, low, high, f"0:{FRAMES}", f"{field}"])
    with (folder / "pairs.tsv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerows([["image", "split", "low", "high", "page", "field"], *rows])


def study(folder):
    config = {**TINY, "methods": METHODS, "noise_models": NOISE_MODELS}
    config["datasets"] = {"cells": {"pixel_size_um": 0.1, "pairs": str(folder / "pairs.tsv")}}
    config["train_sets"] = {"cells": {"dataset": "cells", "patch_size": 32}}
    config["test_sets"] = {"cells": {"dataset": "cells"}}
    config["experiments"] = {
        "CC": {"train_set": "cells", "test_set": "cells", "description": "Cells"}
    }
    config["networks"] = {
        "single": {**NETWORK, "outputs": 1},
        "samples": {**NETWORK, "outputs": 20},
    }
    config["conventions"] = ["range255", "scale-invariant"]
    family = {**TINY["statistics"]["family"], "conventions": ["range255"]}
    config["statistics"] = {**TINY["statistics"], "reference": "n2v", "family": family}
    config.pop("published")
    return config


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blind")
    write_frames(folder / "images")
    config = study(folder / "images")
    run(ROOT, folder / "run", config=config)
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
    folder = results(finished) / "patches/cells/next"
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


def test_a_value_outside_of_the_noise_model_stops_the_training_with_a_sentence(finished):
    folder, config = finished
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

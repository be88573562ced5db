"""A run on volumes: networks of three dimensions, one of planes, Noise2Void, a filter, objects.

Beside them stacks with a sheet, which become planes.
"""

import json

import numpy as np
import pandas as pd
import pytest
import tifffile
import yaml
from PIL import Image
from tiny import ROOT, TINY, run

from denoisekit.evaluation.objects import measure
from denoisekit.files import read_table

PROJECTION = yaml.safe_load((ROOT / "config/projection.yaml").read_text(encoding="utf-8"))
VOLUMES = yaml.safe_load((ROOT / "config/volumes.yaml").read_text(encoding="utf-8"))
MASKING = {"percent": 1, "neighbourhood": 5, "replacement": "neighbour"}
METHODS = {
    "noisy": {"filter": "noisy"},
    "gaussian": {"filter": "gaussian"},
    "laplace": {"network": "tiny-unet", "objective": "supervised", "loss": "laplace"},
    "planes": {"network": "tiny-unet", "objective": "supervised", "loss": "laplace", "dims": 2},
    "n2v": {
        **{"network": "tiny-unet", "objective": "noise2void", "loss": "mse", "masking": MASKING},
        "normalization": "photons",
    },
    "pn2v": {
        **{"network": "samples", "objective": "noise2void", "loss": "pn2v", "masking": MASKING},
        "noise_model": "of-pairs",
    },
    "projection": {"network": "projection", "objective": "supervised", "loss": "mae"},
    **{name: PROJECTION["methods"][name] for name in ("projected", "true-surface")},
}
CELLS = PROJECTION["datasets"]["wing"]["simulate"]["sheet"]
SHEET = {"sheet": {**CELLS, "relief_um": 1, "apart_um": 1.5}}
NETWORKS = {
    "projection": {
        **TINY["networks"]["tiny-unet"],
        **{"architecture": "projection-unet", "projection_depth": 2, "projection_filters": 2},
    },
    "samples": {"architecture": "pn2v-unet", "depth": 1, "first_filters": 2, "outputs": 6},
}
OF_PAIRS = {
    **{"model": "histogram", "origin": "pairs", "bins": 64, "images": 2},
    **{"values": [0, 4000], "counts": True, "outside": "count"},
}
FIGURES = ("depth-wing", "montage-nuclei", "posterior-nuclei")
PLANES = ["true-surface", "wing.projection.seed0", "wing.projected.seed0"]
# Labels of one's own choose the settings of one pipeline, simulated ones those of the other.
FOUND = {
    **{"test_sets": ["nuclei"], "how": "nuclei", "smallest_um": 0.8},
    **{"smoothing_um": [0.1, 0.3], "threshold": [1], "apart_um": [0.6]},
    "chosen_on": {"dataset": "nuclei", "split": "train", "exposure": "high", "images": 1},
}
OWN = {"dataset": "own", "split": "test", "exposure": "low", "images": 1}
OBJECTS = ["segmented/long/nuclei/gaussian", "segmentation/short/settings.json"]
CELLS_FOUND = {
    **PROJECTION["segmentation"]["long"],
    **{"smoothing_um": [0.1], "depth": [0.05, 0.1]},
}
RUNS = ["gaussian", *(f"nuclei.{name}.seed0" for name in ("laplace", "planes", "n2v", "pn2v"))]


def own_volume(folder):
    """Write a volume of two cubes without a long exposure, and its labels; return the data set."""
    labels = np.zeros((12, 48, 48), np.uint16)
    labels[3:9, 6:20, 6:20], labels[3:9, 30:44, 24:38] = 5, 9
    pixels = np.random.default_rng(0).poisson(20 + 200 * (labels > 0)).astype(np.uint16)
    for name, image in (("low", pixels), ("labels-a", labels)):
        tifffile.imwrite(folder / f"{name}.tif", image, imagej=True, metadata={"axes": "ZYX"})
    (folder / "own.tsv").write_text("image\tsplit\tlow\na\ttest\tlow.tif\n", encoding="utf-8")
    sizes = {"pixel_size_um": 0.15, "z_spacing_um": 0.4}
    return {**sizes, "pairs": "own.tsv", "labels": "labels-{image}.tif"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    nuclei, wing = VOLUMES["datasets"]["nuclei"], PROJECTION["datasets"]["wing"]
    of_planes = ["noisy", "gaussian", "laplace", "projection", "projected", "true-surface"]
    of_volumes = [name for name in METHODS if name not in of_planes[3:]]
    sizes = {"shape": [12, 48, 48], "train_images": 2, "test_images": 2}
    folder = tmp_path_factory.mktemp("volumes")
    study = {
        **VOLUMES,
        "datasets": {
            "nuclei": {**nuclei, "simulate": {**nuclei["simulate"], **sizes}},
            "own": own_volume(folder),
            "wing": {**wing, "simulate": {**wing["simulate"], **sizes, **SHEET}},
        },
        "segmentation": {
            **{"long": FOUND, "short": {**FOUND, "chosen_on": OWN}, "cells": CELLS_FOUND},
        },
        "train_sets": {
            "nuclei": {"dataset": "nuclei", "patch_size": [None, 32, 16]},
            "wing": {"dataset": "wing", "patch_size": 32},
        },
        "test_sets": {**VOLUMES["test_sets"], "wing": {"dataset": "wing"}},
        "experiments": {
            "nuclei": {**VOLUMES["experiments"]["nuclei"], "methods": of_volumes},
            "wing": {**PROJECTION["experiments"]["wing"], "methods": of_planes},
        },
        "methods": METHODS,
        "networks": TINY["networks"] | NETWORKS,
        "noise_models": {"of-pairs": OF_PAIRS},
        **{key: TINY[key] for key in ("patches", "training")},
    }
    targets = [f"results/volumes/restored/nuclei/{run_name}" for run_name in RUNS]
    targets += [f"results/volumes/{name}" for name in OBJECTS]
    targets += [f"results/volumes/sharpness/nuclei/{RUNS[0]}.tsv"]
    targets += [f"results/volumes/restored/wing/{name}" for name in PLANES]
    targets += [f"results/volumes/{kind}/wing/{PLANES[1]}.tsv" for kind in ("scores", "depth")]
    targets += [f"results/volumes/figures/{name}.png" for name in FIGURES]
    targets += ["results/volumes/segmented/cells/wing/true-surface"]
    run(ROOT, folder, *targets, config=study)
    return folder / "results/volumes"


@pytest.mark.parametrize("run_name", RUNS)
def test_restored_volumes_are_hyperstacks_of_the_studys_voxels(results, run_name):
    files = sorted((results / "restored/nuclei" / run_name).glob("*.tif"))
    assert [file.stem for file in files] == ["test-000", "test-001"]
    with tifffile.TiffFile(files[0]) as file:
        told = file.imagej_metadata
        assert (file.series[0].axes, file.series[0].shape) == ("ZYX", (12, 48, 48))
        assert (told["hyperstack"], told["spacing"], told["unit"]) == (True, 0.4, "um")
        assert np.isfinite(file.asarray()).all()


def test_resolution_of_volumes_is_measured_along_z_and_across(results):
    rows = read_table(results / f"sharpness/nuclei/{RUNS[0]}.tsv")
    found = {row["quantity"]: row["value"] for row in rows if row["image"] == "test-000"}
    # There are fewer than 16 planes, which tell none along z.
    assert found["resolution_axial_1_2_um"] == "nan"
    assert 0.3 <= float(found["resolution_lateral_1_2_um"]) <= 48 * 0.15
    curves = read_table(results / f"sharpness/nuclei/{RUNS[0]}.curves.tsv")
    places = [float(row["place"]) for row in curves if row["curve"] == "shells_axial"]
    assert places[-1] == pytest.approx(0.5 / 0.4)


def test_a_montage_of_volumes_is_taller_by_their_sections(results):
    with Image.open(results / "figures/montage-nuclei.png") as picture:
        width, height = picture.size
    # Six methods and the truth; 12 planes 0.4 um apart beside 48 pixels of 0.15 um.
    assert height / width == pytest.approx((6.4 + 1.75 * 12 * 0.4 / (48 * 0.15)) / 12.85, rel=0.02)


def test_patches_and_networks_have_the_axes_asked_for(results):
    assert np.load(results / "patches/nuclei/low.npy").shape == (16, 12, 32, 16)
    cards = {
        name: json.loads((results / f"models/nuclei/{name}/seed0/card.json").read_text("utf-8"))
        for name in ("laplace", "planes", "n2v")
    }
    assert {name: card["dims"] for name, card in cards.items()} == {
        **{"laplace": 3, "n2v": 3},
        "planes": 2,
    }
    assert [name for name, card in cards.items() if card.get("planes")] == ["planes"]
    assert cards["laplace"]["parameters"] > 2 * cards["planes"]["parameters"]


def test_objects_are_found_and_scored_by_the_labels_of_the_simulated_nuclei(results):
    folder = results / OBJECTS[0]
    rows = [line.split("\t") for line in (folder / "scores.tsv").read_text("utf-8").splitlines()]
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    seg = {row["image"]: row for row in found if row["quantity"] == "seg"}
    assert list(seg) == ["test-000", "test-001"]
    for name, row in seg.items():
        labels, objects = (
            tifffile.imread(path / f"{name}.tif") for path in (results / "labels/nuclei", folder)
        )
        assert labels.shape == objects.shape == (12, 48, 48)
        shown = tifffile.imread(results / f"registered/nuclei/high/{name}.tif")
        assert shown[labels > 0].mean() > shown[labels == 0].mean() + 30
        assert float(row["value"]) == pytest.approx(measure(labels, objects)["seg"])
        assert 0.2 < float(row["value"]) < float(row["truth_value"]) < 1
    assert (found[0]["segmentation"], found[0]["method"]) == ("long", "gaussian")


def test_settings_are_chosen_by_labels_of_ones_own(results):
    kept = json.loads((results / OBJECTS[1]).read_text("utf-8"))
    assert (kept["images"], kept["tried"], kept["on"]) == (["a"], 2, OWN)
    assert kept["seg"] > 0.8
    assert np.unique(tifffile.imread(results / "labels/own/a.tif")).tolist() == [0, 1, 2]


@pytest.mark.parametrize("run_name", PLANES)
def test_stacks_become_planes_that_are_scored_as_such(results, run_name):
    restored = tifffile.imread(results / "restored/wing" / run_name / "test-001.tif")
    assert restored.shape == (48, 48)
    assert np.isfinite(restored).all()


def test_networks_of_stacks_tell_how_deep_the_sheet_lies(results):
    low = np.load(results / "patches/wing/stacks/low.npy", mmap_mode="r")
    high = np.load(results / "patches/wing/stacks/high.npy", mmap_mode="r")
    assert (low.shape, high.shape) == ((16, 12, 32, 32), (16, 32, 32))
    card = json.loads((results / "models/wing/projection/seed0/card.json").read_text("utf-8"))
    assert (card["dims"], card["normalizer"]) == (2, None)
    whole, plane = (results / "restored/wing" / name for name in PLANES[1:])
    height = tifffile.imread(whole / "height/test-000.tif")
    assert 0 < height.min() <= height.max() < 11 * 0.5
    # Two results of one network, along one surface.
    np.testing.assert_array_equal(height, tifffile.imread(plane / "height/test-000.tif"))
    assert np.any(
        tifffile.imread(whole / "test-000.tif") != tifffile.imread(plane / "test-000.tif")
    )
    assert tifffile.imread(whole / "spread/test-000.tif").min() > 0
    shown = tifffile.imread(results / "registered/wing/low/test-000.tif")
    stack = tifffile.imread(results / "sheets/wing/stacks/low/test-000.tif")
    np.testing.assert_array_equal(shown, stack.max(axis=0))
    scores = (results / f"scores/wing/{PLANES[1]}.tsv").read_text("utf-8")
    assert all(f"\t{image}\t" in scores for image in ("test-000", "test-001"))


def test_depths_are_held_against_the_true_surface(results):
    rows = pd.read_csv(results / f"depth/wing/{PLANES[1]}.tsv", sep="\t")
    found = rows[rows["image"] == "test-000"].set_index("quantity")["value"]
    height = tifffile.imread(results / "restored/wing" / PLANES[1] / "height/test-000.tif")
    # Stacks to train on come first.
    true = tifffile.imread(results / "simulated/wing/height.tif", key=2)
    assert found["error_um"] == pytest.approx(np.abs(height - true).mean(), rel=1e-5)
    assert (results / "figures/depth-wing.png").stat().st_size > 0


def test_cells_of_a_sheet_are_found_between_its_membranes(results):
    labels = tifffile.imread(results / "labels/wing/test-000.tif")
    assert labels.shape == (48, 48)
    assert labels.min() == 1
    folder = results / "segmented/cells/wing/true-surface"
    rows = pd.read_csv(folder / "scores.tsv", sep="\t")
    seg = rows[rows["quantity"] == "seg"].set_index("image").loc["test-000"]
    objects = tifffile.imread(folder / "test-000.tif")
    assert seg["value"] == pytest.approx(measure(labels, objects)["seg"])
    assert seg["value"] < seg["truth_value"] < 1

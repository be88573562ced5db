"""A run on volumes: networks of three dimensions, one of planes, Noise2Void and a filter."""

import json

import numpy as np
import pytest
import tifffile
import yaml
from tiny import ROOT, TINY, run

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
}
RUNS = ["gaussian", *(f"nuclei.{name}.seed0" for name in ("laplace", "planes", "n2v"))]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    nuclei = VOLUMES["datasets"]["nuclei"]
    sizes = {"shape": [12, 48, 48], "train_images": 2, "test_images": 2}
    study = {
        **VOLUMES,
        "datasets": {"nuclei": {**nuclei, "simulate": {**nuclei["simulate"], **sizes}}},
        "train_sets": {"nuclei": {"dataset": "nuclei", "patch_size": [None, 32, 16]}},
        "methods": METHODS,
        **{key: TINY[key] for key in ("networks", "patches", "training")},
    }
    folder = tmp_path_factory.mktemp("volumes")
    targets = [f"results/volumes/restored/nuclei/{run_name}" for run_name in RUNS]
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

"""A run on stacks from which planes are left out, from the simulation to what is measured."""

import copy
import json
import shutil

import numpy as np
import pandas as pd
import pytest
import tifffile
import yaml
from tiny import ROOT, TINY, run

from denoisekit.evaluation.objects import measure

STUDY = yaml.safe_load((ROOT / "config/isotropic.yaml").read_text(encoding="utf-8"))
RUN = "sparse.isotropic.seed0"
FEW = {"smoothing_um": [0.1], "threshold": [1], "apart_um": [0.6]}
FOUND = "segmented/long/sparse/cubic"


def small():
    """Return the study of isotropic restoration, made small."""
    nuclei = STUDY["datasets"]["nuclei"]
    sizes = {"shape": [47, 64, 64], "train_images": 1, "test_images": 2}
    datasets = {"nuclei": {**nuclei, "simulate": {**nuclei["simulate"], **sizes}}}
    return {
        **STUDY,
        "datasets": STUDY["datasets"] | datasets,
        "train_sets": {
            name: {**entry, "patch_size": [1, 32, 32]}
            for name, entry in STUDY["train_sets"].items()
        },
        "segmentation": {"long": {**STUDY["segmentation"]["long"], **FEW}},
        "networks": {"small-unet": TINY["networks"]["tiny-unet"]},
        **{key: TINY[key] for key in ("patches", "training")},
    }


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("isotropic")
    targets = [f"results/isotropic/isotropy/sparse/{RUN}.tsv"]
    run(ROOT, folder, *targets, f"results/isotropic/{FOUND}", config=small())
    return folder / "results/isotropic"


@pytest.mark.parametrize("name", [RUN, "cubic"])
def test_stacks_are_restored_from_their_first_plane_to_the_last_that_was_kept(results, name):
    told = json.loads((results / "sparse/sparse/images/geometry.json").read_text("utf-8"))
    assert told["test-000"]["at"] == list(range(45))
    restored = tifffile.imread(results / f"restored/sparse/{name}/test-000.tif")
    kept = tifffile.imread(results / "sparse/sparse/images/planes/test-000.tif")
    assert (restored.shape, kept.shape) == ((45, 64, 64), (12, 64, 64))
    if name == "cubic":
        np.testing.assert_allclose(restored[::4], kept, rtol=1e-6)


def test_networks_learn_from_planes_and_leave_what_their_directions_differ_by(results):
    assert np.load(results / "patches/sparse/isotropic/low.npy").shape == (16, 32, 32)
    card = json.loads((results / "models/sparse/isotropic/seed0/card.json").read_text("utf-8"))
    assert (card["dims"], card["probabilistic"]) == (2, False)
    apart = tifffile.imread(results / f"restored/sparse/{RUN}/directions/test-000.tif")
    assert apart.min() >= 0
    assert apart.max() > 0
    measured = pd.read_csv(results / f"isotropy/sparse/{RUN}.tsv", sep="\t")
    quantities = measured.groupby("quantity")["value"].count()
    assert quantities["directions"] == quantities["ratio_0.15"] == 2


def test_nuclei_are_held_against_the_labels_of_the_planes_that_are_restored(results):
    whole, cut = (
        tifffile.imread(results / f"labels/{name}/test-000.tif") for name in ("nuclei", "sparse")
    )
    assert (len(whole), len(cut)) == (47, 45)
    rows = pd.read_csv(results / FOUND / "scores.tsv", sep="\t")
    found = rows[rows["image"] == "test-000"].set_index("quantity")
    expected = measure(cut, tifffile.imread(results / FOUND / "test-000.tif"))
    assert found["value"].to_dict() == pytest.approx(expected)
    assert found.loc["seg", "value"] < found.loc["seg", "truth_value"]
    assert 0 < found.loc["wrong", "value"] < 1


def test_a_stacks_own_point_spread_function_is_estimated_where_a_study_asks_for_it(
    results, tmp_path
):
    shutil.copytree(results.parents[1], tmp_path, symlinks=True, dirs_exist_ok=True)
    study = copy.deepcopy(small())
    given = study["datasets"]["sparse"]["sparse"]["psf"]
    study["datasets"]["sparse"]["sparse"]["psf"] = {**given, "axial_sigma_um": "estimate"}
    run(ROOT, tmp_path, "results/isotropic/sparse/sparse/images", config=study)
    results = tmp_path / "results/isotropic"
    told = json.loads((results / "sparse/sparse/images/geometry.json").read_text("utf-8"))
    (axial,) = {one["axial_px"] for one in told.values()}
    pixel = study["datasets"]["sparse"]["pixel_size_um"]
    assert 0 < abs(axial * pixel - given["axial_sigma_um"]) < 0.05
    assert "(standard error" in (results / "logs/leave_planes_out/sparse.log").read_text("utf-8")

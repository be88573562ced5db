"""The noise of images of every kind, from files to the table."""

import csv

import numpy as np
import pytest
import tifffile
from skimage.io import imsave

from denoisekit import files

KINDS = {"eight": np.uint8, "sixteen": np.uint16, "float": np.float32}


@pytest.fixture
def study(tiny, tmp_path):
    """A study that only restores: three data sets of 200 px and one of 80 px, without a truth."""
    rng = np.random.default_rng(0)
    for name, kind in KINDS.items():
        frames = rng.poisson(50 + np.linspace(0, 80, 200), (3, 200, 200)) + rng.normal(0, 2)
        file = tmp_path / "images" / name / ("frames.png" if name == "eight" else "frames.tif")
        file.parent.mkdir(parents=True)
        if name == "eight":
            imsave(file, frames[0].astype(kind), check_contrast=False)
        else:
            tifffile.imwrite(file, frames.astype(kind), photometric="minisblack")
    (tmp_path / "images/small").mkdir()
    imsave(tmp_path / "images/small/a.png", rng.poisson(50, (80, 80)).astype(np.uint8))
    names = [*KINDS, "small"]
    del tiny["published"]
    return {
        **tiny,
        "datasets": {
            name: {
                "pixel_size_um": 0.1,
                "folder": {"low": f"images/{name}/*", "pages": "movie"},
            }
            for name in names
        },
        "train_sets": {name: {"dataset": name, "patch_size": 32} for name in names},
        "test_sets": {name: {"dataset": name} for name in names},
        "experiments": {
            name: {"train_set": name, "test_set": name, "description": "-"} for name in names
        },
        "methods": {"noisy": {"filter": "noisy"}, "gaussian": {"filter": "gaussian"}},
        "statistics": {**tiny["statistics"], "references": ["gaussian"]},
    }


def test_images_of_every_kind_have_a_card_or_a_reason(study, snakemake, tmp_path):
    snakemake(study, "results/tiny/tables/noise.tsv")
    results = tmp_path / "results/tiny"
    with (results / "tables/noise.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["dataset"]: row for row in csv.DictReader(file, delimiter="\t")}
    assert {name: row["frames"] for name, row in rows.items()} == {
        **{"eight": "1", "sixteen": "3", "float": "3"},
        "small": "",
    }
    for name in KINDS:
        assert float(rows[name]["gain"]) == pytest.approx(1, abs=0.3)
        assert abs(float(rows[name]["correlation_x"])) < 0.25
        assert rows[name]["advice"] == "pretrained"
        assert rows[name]["offset"] == ""
    assert rows["sixteen"]["images"] == "frames-p000, frames-p001, frames-p002"
    assert rows["small"]["reason"].startswith("Only 13 tiles of 32 x 32 pixels")
    small = files.read_json(results / "noise_cards/small.json")
    assert small == {"images": ["a"], "reason": rows["small"]["reason"]}

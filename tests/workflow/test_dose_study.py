"""Data sets of thinned exposures, from the config to the light that is enough."""

import pytest

from denoisekit.files import read_table
from denoisekit.statistics import dose, tables


@pytest.fixture
def swept(tiny):
    """A study of filters, at all of the light and at a fifth of it."""
    size = tiny["datasets"]["actin"]["pixel_size_um"]
    thin = {"of": "actin", "kept": 0.2, "beside": "truth", "images": 3, "seed": 0}
    tiny["datasets"] = {
        "actin": tiny["datasets"]["actin"],
        "fifth": {"pixel_size_um": size, "thin": thin},
    }
    tiny["train_sets"] = {"actin": {"dataset": "actin", "patch_size": 32}}
    tiny["test_sets"] = {name: {"dataset": name} for name in tiny["datasets"]}
    tiny["experiments"] = {
        name: {"train_set": "actin", "test_set": name, "description": "-"}
        for name in tiny["datasets"]
    }
    tiny["methods"] = {"noisy": {"filter": "noisy"}, "gaussian": {"filter": "gaussian"}}
    tiny["statistics"]["references"] = ["gaussian"]
    tiny["dose"] = {"cells": {"experiments": ["actin", "fifth"], "metric": "psnr", "limit": 15}}
    for key in ("looks", "published"):
        tiny.pop(key, None)
    return tiny


def test_from_thinned_exposures_to_the_least_light(swept, snakemake, tmp_path):
    results = tmp_path / "results/tiny"
    snakemake(swept, "results/tiny/figures/dose-cells.png")
    light = {
        name: tables.read(results / f"light/{name}.tsv", dose.LIGHT).set_index("image")["photons"]
        for name in ("actin", "fifth")
    }
    assert len(light["fifth"]) == 3
    # Counted anew, of thinned images of 64 px, and as they were when these were thinned.
    thinned = read_table(results / "thinned/fifth/light.tsv")
    told = {row["image"]: float(row["photons"]) for row in thinned}
    for image, photons in light["fifth"].items():
        assert photons == pytest.approx(told[image], rel=0.3)
    shares = light["fifth"] / light["actin"][light["fifth"].index]
    assert shares.between(0.1, 0.4).all()
    least = tables.read(results / "tables/least-light.tsv", dose.LEAST)
    assert list(least["method"]) == ["noisy", "gaussian"]
    means = tables.read(results / "tables/dose.tsv", dose.COLUMNS).set_index(
        ["experiment", "method", "quantity"]
    )
    for method in ("noisy", "gaussian"):
        psnr = [means.loc[(name, method, "psnr"), "mean"] for name in ("actin", "fifth")]
        assert psnr[0] > psnr[1]
    quality = read_table(results / "registered/fifth/quality.tsv")
    assert {row["applied"] for row in quality} == {"no"}

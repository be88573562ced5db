"""Images with pixels that are none: from files to scores, and back to files."""

import csv

import numpy as np
import pytest
import tifffile

from denoisekit import files

HOT = (40, 50)


@pytest.fixture
def study(tiny, tmp_path):
    """Three pairs of 96 px whose first rows are NaN, two of them with a hot pixel."""
    rng = np.random.default_rng(0)
    for number in range(3):
        light = 20 + 40 * np.sin(np.arange(96) / 5) ** 2 * np.ones((96, 1))
        for exposure, gain in (("low", 1), ("high", 100)):
            pixels = rng.poisson(gain * light).astype(np.float32)
            pixels[:10] = np.nan
            if number:
                pixels[HOT] = 60_000
            file = tmp_path / "images" / exposure / f"c{number}.tif"
            file.parent.mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(file, pixels)
    del tiny["published"]
    patterns = {exposure: f"images/{exposure}/*" for exposure in ("low", "high")}
    return {
        **tiny,
        "datasets": {
            "mine": {
                "pixel_size_um": 0.1,
                "outside": ["NaN"],
                "folder": {**patterns, "test": ["c2"], "pages": "fields"},
            }
        },
        "train_sets": {"mine": {"dataset": "mine", "patch_size": 32}},
        "test_sets": {"mine": {"dataset": "mine"}},
        "experiments": {"mine": {"train_set": "mine", "test_set": "mine", "description": "-"}},
        "methods": {"noisy": {"filter": "noisy"}, "gaussian": {"filter": "gaussian"}},
        "statistics": {**tiny["statistics"], "references": ["gaussian"]},
    }


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize("repair", [False, True])
def test_pixels_that_are_no_image_are_counted_and_rule_no_score(study, snakemake, tmp_path, repair):
    if repair:
        study["datasets"]["mine"]["repair"] = "hot"
    targets = [f"results/tiny/scores/mine/{name}.tsv" for name in ("noisy", "gaussian")]
    snakemake(study, *targets, "results/tiny/noise_cards/mine.json")
    results = tmp_path / "results/tiny"
    quality = {row["image"]: row for row in rows(results / "registered/mine/quality.tsv")}
    assert [float(row["outside"]) for row in quality.values()] == pytest.approx([10 / 96] * 3)
    assert [float(quality[f"c{n}"]["low_hot"]) for n in range(3)] == [0, 1, 1]
    assert quality["c2"]["repaired"] == ("yes" if repair else "no")
    registered = tifffile.imread(results / "registered/mine/low/c2.tif")
    assert np.isnan(registered[:10]).all()
    assert registered[HOT] == 60_000 or (repair and registered[HOT] < 100)
    restored = tifffile.imread(results / "restored/mine/gaussian/c2.tif")
    assert np.isnan(restored[:10]).all()
    assert np.nanmax(restored) < 100
    (score,) = (
        float(row["value"])
        for row in rows(results / "scores/mine/gaussian.tsv")
        if (row["metric"], row["convention"]) == ("psnr", study["conventions"][0])
    )
    assert score > 20
    card = files.read_json(results / "noise_cards/mine.json")
    assert card["images"][0] == "c2"


def test_nan_that_is_not_named_stops_with_the_way_on(study, snakemake):
    del study["datasets"]["mine"]["outside"]
    errors = snakemake(study, "results/tiny/registered/mine", succeeds=False)
    assert "960 pixels that are NaN or infinite; crop them away, or, if they are" in errors
    assert "outside: [NaN]" in errors

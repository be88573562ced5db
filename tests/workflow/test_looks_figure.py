"""Simulated frames beside measured ones: measured, compared, drawn, and never trained on."""

import csv

import numpy as np
import tifffile
from scipy.ndimage import gaussian_filter

ROWS = 3


def write_measured(folder):
    """Write pairs of a known camera: gain 2, read noise 3 counts, and the table that names them."""
    rng = np.random.default_rng(0)
    lines = ["image\tsplit\tlow\thigh"]
    for number in range(ROWS):
        high = np.full((96, 96), 20.0)
        for y, x in rng.integers(8, 88, (60, 2)):
            high[y - 4 : y + 4, x - 4 : x + 4] += rng.uniform(50, 200)
        high = gaussian_filter(high, 2)
        low = 2.0 * rng.poisson(high) + rng.normal(100, 3, high.shape)
        for exposure, pixels in (("low", low), ("high", 100 * high)):
            tifffile.imwrite(folder / f"{exposure}-{number}.tif", np.rint(pixels).astype(np.uint16))
        files = "\t".join(str(folder / f"{name}-{number}.tif") for name in ("low", "high"))
        lines.append(f"cell-{number}\ttrain\t{files}")
    (folder / "mine.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_looks_are_measured_compared_and_drawn(tiny, snakemake, tmp_path):
    write_measured(tmp_path)
    tiny["datasets"]["mine"] = {"pixel_size_um": 0.1, "pairs": str(tmp_path / "mine.tsv")}
    tiny["looks"] = {"cells": {"simulated": "actin", "measured": "mine"}}
    results = tmp_path / "results/tiny"
    snakemake(tiny, "results/tiny/figures/looks-cells.png")
    assert "mine" not in snakemake(
        tiny,
        "--dry-run",
        *(f"results/tiny/{name}.tsv" for name in ("checks/apart", "tables/experiments")),
    )
    plan = snakemake(tiny, "--dry-run")
    assert "looks" in plan
    assert not any(f"{part}/mine" in plan for part in ("patches", "models", "restored"))
    snakemake(tiny, "results/tiny/tables/looks.tsv")
    with (results / "tables/looks.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["quantity"]: row for row in csv.DictReader(file, delimiter="\t")}
    assert abs(float(rows["gain"]["value_measured"]) - 2.0) < 0.2
    assert abs(float(rows["gain"]["value_simulated"]) - 2.2) < 0.3
    assert (results / "figures/looks-cells.pdf").stat().st_size > 10_000


def test_the_page_sets_simulated_frames_beside_measured_ones(tiny, snakemake, tmp_path):
    write_measured(tmp_path)
    tiny["datasets"] = {
        "actin": tiny["datasets"]["actin"],
        "mine": {"pixel_size_um": 0.1, "pairs": str(tmp_path / "mine.tsv")},
    }
    tiny["looks"] = {"cells": {"simulated": "actin", "measured": "mine"}}
    for part, name in (("train_sets", "actin"), ("test_sets", "actin"), ("experiments", "AA")):
        tiny[part] = {name: tiny[part][name]}
    tiny["methods"] = {name: {"filter": name} for name in ("noisy", "gaussian")}
    tiny["statistics"]["references"] = ["gaussian"]
    del tiny["published"]
    snakemake(tiny)
    page = (tmp_path / "results/tiny/report.html").read_text(encoding="utf-8")
    assert 'href="#looks"' in page
    assert "Noise of cells, simulated against measured: gain" in page
    assert "Simulated beside measured frames: cells" in page
    assert "Images of mine" in page


def test_looks_need_long_exposures(tiny, snakemake, tmp_path):
    write_measured(tmp_path)
    low = tmp_path / "low-0.tif"
    (tmp_path / "mine.tsv").write_text(f"image\tsplit\tlow\ncell\ttest\t{low}\n", encoding="utf-8")
    tiny["datasets"]["mine"] = {"pixel_size_um": 0.1, "pairs": str(tmp_path / "mine.tsv")}
    tiny["looks"] = {"cells": {"simulated": "actin", "measured": "mine"}}
    output = snakemake(tiny, "--dry-run", succeeds=False)
    assert "mine.tsv: the image 'cell' has no high exposure, but looks and noise models" in output
    assert "Traceback" not in output

"""Advice of noise cards, held against the scores that the project's own tables have."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from denoisekit.images.reading import read_image
from denoisekit.noise.fields import measure_fields

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "confocal mice": "Confocal_MICE",
    "confocal zebrafish": "Confocal_FISH",
    "two-photon mice": "TwoPhoton_MICE",
    "widefield cells": "WideField_BPAE_G",
}
ADVISED = ("pretrained", "vst-bm3d", "n2v", "structn2v", "pn2v")
# What a seed moves a network's mean score by.
_TIE_DB = 0.1


def frames(sample_data: Path, kind: str) -> np.ndarray:
    names = [sample_data / f"fmd_test_mix/raw/{KINDS[kind]}_{number}.png" for number in range(1, 5)]
    return np.stack([read_image(name).pixels for name in names])


def advised(images: np.ndarray, *, pixels: int) -> str:
    return measure_fields([images], has_pairs=False, pixels=pixels).card.advice.method


def measured() -> dict[str, dict[str, float]]:
    """Return the scores of docs/self-supervised.md, by kind of images and method."""
    lines = (ROOT / "docs/self-supervised.md").read_text(encoding="utf-8").splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("| | confocal mice"))
    kinds = [cell.strip() for cell in lines[head].split("|")[2:-1]]
    found: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
    for line in lines[head + 2 :]:
        method = re.match(r"\| `([a-z0-9-]+)`(, bootstrapped)? \|", line)
        if not line.startswith("|"):
            break
        if method:
            for kind, cell in zip(kinds, line.split("|")[2:-1], strict=True):
                found[kind][method[1]] = float(cell.strip(" *"))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_advised_for_a_few_frames_loses_nowhere_in_our_table(sample_data, kind) -> None:
    scores = {method: measured()[kind][method] for method in ADVISED}
    images = frames(sample_data, kind)
    assert scores[advised(images, pixels=images.size)] > max(scores.values()) - _TIE_DB


def test_what_is_advised_for_many_frames_is_ahead_in_the_printed_table(sample_data) -> None:
    """Of 950 frames, in the mean of the three kinds of images that are printed."""
    with (ROOT / "config/published/pn2v/table1.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["noise_regime"] == "NR1"]
    scores: dict[str, list[float]] = {method: [] for method in ("vst-bm3d", "n2v", "pn2v")}
    for row in rows:
        if row["method"] in scores and row["convention"] != "scale-invariant":
            scores[row["method"]].append(float(row["psnr"]))
    assert {len(psnr) for psnr in scores.values()} == {3}
    means = {method: np.mean(psnr) for method, psnr in scores.items()}
    for kind in ("confocal mice", "confocal zebrafish", "two-photon mice"):
        assert advised(frames(sample_data, kind), pixels=950 * 512**2) == max(means, key=means.get)

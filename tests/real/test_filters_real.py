"""Noise and filters on real frames."""

from pathlib import Path

import numpy as np
import pytest

from denoisekit import filters
from denoisekit.evaluation.conventions import score
from denoisekit.images.reading import read_image
from denoisekit.noise.anscombe import stabilise
from denoisekit.noise.estimate import estimate_noise


def held_out(sample_data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high of the last 512 rows of a field."""
    folder = sample_data / "hagen_gigadb"
    return tuple(
        read_image(folder / kind / f"{name}-noise1.tif").pixels[-512:]
        for kind in ("low_adu16", "high")
    )


@pytest.mark.parametrize("name", ["actin-60x", "mito-60x"])
def test_gain_of_the_camera(sample_data: Path, name: str) -> None:
    low, _ = held_out(sample_data, name)
    fit = estimate_noise(low)
    assert 2.3 < fit.gain < 2.6
    even = stabilise(low, fit)
    noise = np.diff(even, n=4, axis=0) / np.sqrt(70)
    assert noise.var() == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("name", "filter_name", "at_least"),
    [
        # The best of any strength, chosen with the truth: Gaussian 32.5, total variation 32.4 dB.
        ("actin-60x", "gaussian", 32.2),
        ("actin-60x", "tv", 32.1),
        ("mito-60x", "gaussian", 32.7),
        ("mito-60x", "tv", 33.2),
        ("mito-60x", "nlm", 32.8),
    ],
)
def test_filters_without_the_truth_come_close_to_the_best_with_it(
    sample_data: Path, name: str, filter_name: str, at_least: float
) -> None:
    low, high = held_out(sample_data, name)
    options = {"nlm": {"patch_size": 5, "patch_distance": 6}}.get(filter_name, {})
    restored = filters.get(filter_name)(low, **options).pixels
    assert score(high, restored, low=low, convention="care")["psnr"] > at_least


@pytest.mark.parametrize("kind", ["Confocal_MICE", "Confocal_FISH", "TwoPhoton_MICE"])
def test_bm3d_is_the_best_of_the_filters_on_confocal_and_two_photon_frames(
    sample_data: Path, kind: str
) -> None:
    low, truth = (
        read_image(sample_data / "fmd_test_mix" / file).pixels[128:384, 128:384]
        for file in (f"raw/{kind}_2.png", f"gt/{kind}.png")
    )

    def psnr(name: str, **options: int) -> float:
        restored = filters.get(name)(low, **options).pixels
        return score(truth, restored, low=low, convention="range255")["psnr"]

    bm3d = psnr("vst-bm3d")
    assert bm3d > psnr("gaussian") + 0.5
    assert bm3d > psnr("nlm", patch_size=5, patch_distance=6) + 0.3
    assert bm3d > psnr("noisy") + 7.5

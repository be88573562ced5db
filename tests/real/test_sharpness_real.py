"""Sharpness of real frames: noise leaves it as it is, a blur does not."""

import pytest
from scipy.ndimage import gaussian_filter

from denoisekit.evaluation import sharpness
from denoisekit.images.reading import read_image


@pytest.mark.parametrize("name", ["Confocal_MICE", "TwoPhoton_MICE", "Confocal_BPAE_R"])
def test_noise_does_not_change_sharpness_but_a_blur_does(sample_data, name):
    folder = sample_data / "fmd_test_mix"
    truth = read_image(folder / f"gt/{name}.png").pixels.astype(float)
    noisy = read_image(sorted((folder / "raw").glob(f"{name}_*.png"))[0]).pixels
    prepared = sharpness.prepare(truth)
    own, raw, blurred = (
        sharpness.measure(prepared, image).values
        for image in (truth, noisy, gaussian_filter(truth, 2.0))
    )
    assert raw["coherent_detail"] == pytest.approx(1, abs=0.1)
    assert raw["total_detail"] > raw["coherent_detail"] + 0.1
    assert raw["line_width"] == pytest.approx(own["line_width"], rel=0.05)
    assert raw["edge_width"] == pytest.approx(own["edge_width"], rel=0.05)
    assert blurred["line_width"] > 1.3 * own["line_width"]
    assert blurred["edge_width"] > 1.5 * own["edge_width"]
    assert blurred["coherent_detail"] < 0.25

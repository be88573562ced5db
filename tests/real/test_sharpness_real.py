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


@pytest.mark.parametrize(
    ("name", "resolved", "detail"), [("Confocal_MICE", 2.6, 0.99), ("WideField_BPAE_G", 5.8, 0.46)]
)
def test_a_frame_resolves_less_once_the_truth_does_without_it(sample_data, name, resolved, detail):
    folder = sample_data / "fmd_test_mix"
    truth = read_image(folder / f"gt/{name}.png").pixels
    frame = read_image(folder / f"raw/{name}_1.png").pixels
    others = sharpness.left_out(truth, frame, frames=1, of=50)
    held, left = (
        sharpness.measure(sharpness.prepare(one), frame).values for one in (truth, others)
    )
    # Of noise alone: 1 / sqrt(50), to which the images' own detail adds.
    assert 0.14 < held["finest_correlation"] < 0.25 > 0.1 > left["finest_correlation"]
    assert held["resolution_1_7"] < resolved < left["resolution_1_7"]
    assert held["coherent_detail"] == pytest.approx(1, abs=0.02)
    assert left["coherent_detail"] == pytest.approx(detail, abs=0.01)

"""Whether exposures show one scene, against closed forms and against pairs that are made to fit."""

import numpy as np
import pytest
from scenes import blobs, camera

from denoisekit.datasets.kinship import measure_kinship

CAMERA = {"gain": 2, "offset": 100, "read_noise": 2}


def exposures(seed: int, *, light: float = 20, side: int = 256) -> tuple[np.ndarray, np.ndarray]:
    scene = blobs(seed, side)
    low = camera(light * scene, **CAMERA, seed=seed)
    return low, camera(100 * light * scene, **CAMERA, seed=1000 + seed)


def smooth_noise(seed: int, side: int = 512) -> np.ndarray:
    """Gaussian structure of a size that the band lets pass, of variance 1."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    spectrum = np.fft.fft2(rng.normal(size=(side, side)))
    spectrum *= np.exp(-(((frequency - 0.05) / 0.01) ** 2))
    structure = np.fft.ifft2(spectrum).real
    return structure / structure.std()


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("noise", [0.0, 1.0, 10.0])
def test_the_correlation_of_structure_is_that_before_the_noise(
    correlation: float, noise: float
) -> None:
    rng = np.random.default_rng(5)
    first, other = smooth_noise(1), smooth_noise(2)
    second = correlation * first + np.sqrt(1 - correlation**2) * other
    low = first + rng.normal(0, noise, first.shape)
    high = 7 * second + 3 + rng.normal(0, noise, first.shape)
    kinship = measure_kinship(low, high)
    assert abs(kinship.structure - correlation) < 3 * kinship.structure_error + 0.05
    assert kinship.structure_error < 0.15


def test_the_signal_of_white_noise_is_none_and_that_of_structure_all_of_it() -> None:
    noise = np.random.default_rng(0).normal(size=(512, 512))
    assert abs(measure_kinship(noise, None).low_signal) < 0.05
    assert measure_kinship(smooth_noise(0), None).low_signal > 0.999


def test_the_ratio_of_noise_is_that_of_the_noise_put_on() -> None:
    scene = smooth_noise(3)
    rng = np.random.default_rng(1)
    low = scene + rng.normal(0, 3, scene.shape)
    high = 50 * scene + rng.normal(0, 50, scene.shape)
    assert measure_kinship(low, high).noise_ratio == pytest.approx(1 / 3, rel=0.03)
    assert measure_kinship(high, low).noise_ratio == pytest.approx(3, rel=0.03)


@pytest.mark.parametrize("light", [0.5, 2, 20])
def test_pairs_belong_together_at_any_light(light: float) -> None:
    for seed in range(4):
        kinship = measure_kinship(*exposures(seed, light=light))
        assert kinship.structure + 2 * kinship.structure_error > 0.9
        assert kinship.noise_ratio < 0.6


def test_hot_pixels_that_both_exposures_share_make_no_pair() -> None:
    low, high = exposures(1)[0], exposures(2)[1]
    places = np.random.default_rng(0).integers(0, 256, (40, 2))
    for y, x in places:
        low[y, x] = high[y, x] = 4000
    kinship = measure_kinship(low, high)
    assert kinship.structure + 2 * kinship.structure_error < 0.4


def test_copies_share_their_noise_and_pairs_do_not() -> None:
    low, high = exposures(1)
    copied = measure_kinship(low, 3.0 * low + 7)
    assert copied.noise_correlation == pytest.approx(1)
    assert copied.noise_ratio == pytest.approx(1)
    assert measure_kinship(low, high).noise_correlation < 0.5


def test_what_cannot_be_told_is_not_a_number() -> None:
    constant = np.ones((64, 64))
    assert np.isnan(measure_kinship(constant, constant).structure)
    assert np.isnan(measure_kinship(np.eye(20), np.eye(20)).structure)
    assert np.isnan(measure_kinship(smooth_noise(0), None).high_signal)

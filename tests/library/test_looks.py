"""What frames look like: known noise and known structure, measured back."""

import json

import numpy as np
import pytest
from scenes import blobs, camera
from scipy import ndimage

from denoisekit._checks import InputError
from denoisekit.looks import Looks, background_share, measure_looks

GAIN, READ_NOISE = 2.0, 3.0


def scenes() -> list[np.ndarray]:
    return [blobs(seed) for seed in range(3)]


def clean() -> list[np.ndarray]:
    """Return long exposures with hardly any noise."""
    rng = np.random.default_rng(9)
    return [5000 * scene + 50 + rng.normal(0, 1, scene.shape) for scene in scenes()]


def photons() -> list[np.ndarray]:
    return [
        camera(60 * scene, gain=GAIN, offset=100, read_noise=READ_NOISE, seed=seed).astype(float)
        for seed, scene in enumerate(scenes())
    ]


def looks(lows: list[np.ndarray]) -> Looks:
    return measure_looks(list(zip(lows, clean(), strict=True)))


def test_noise_of_a_camera_is_measured_back() -> None:
    found = looks(photons())
    assert found.gain == pytest.approx(GAIN, rel=0.08)
    assert found.dark_noise == pytest.approx(READ_NOISE, rel=0.2)
    assert abs(found.dark_tails) < 0.3
    assert abs(found.neighbours_y) < 0.02
    assert abs(found.neighbours_x) < 0.02
    assert found.redness == pytest.approx(1, abs=0.1)
    assert found.light == pytest.approx(60 * GAIN * np.percentile(scenes(), 99), rel=0.15)


def test_noise_that_light_does_not_change_has_no_gain() -> None:
    rng = np.random.default_rng(0)
    found = looks([120 * scene + rng.normal(0, 8, scene.shape) for scene in scenes()])
    assert found.gain < 0.1
    assert found.dark_noise == pytest.approx(8, rel=0.05)


def test_blurred_noise_is_told_by_its_neighbours_and_its_spectrum() -> None:
    rng = np.random.default_rng(0)
    blurred = [
        120 * scene + 20 * ndimage.gaussian_filter(rng.normal(size=scene.shape), (0, 0.7))
        for scene in scenes()
    ]
    found = looks(blurred)
    assert found.neighbours_x > 0.3
    assert abs(found.neighbours_y) < 0.05
    assert found.redness > 1.5


def test_heavy_tails_are_seen() -> None:
    rng = np.random.default_rng(0)
    heavy = [120 * scene + 4 * rng.standard_t(6, scene.shape) for scene in scenes()]
    assert looks(heavy).dark_tails > 1.5


def test_blur_steepens_the_spectrum() -> None:
    sharp = looks(photons())
    blurred = measure_looks(
        [
            (low, ndimage.gaussian_filter(high, 2))
            for low, high in zip(photons(), clean(), strict=True)
        ]
    )
    assert blurred.slope < sharp.slope - 0.5


@pytest.mark.parametrize(("stripes", "least", "most"), [(True, 0.95, 1.0), (False, 0.0, 0.5)])
def test_coherence_is_that_of_stripes_or_of_none(stripes: bool, least: float, most: float) -> None:
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:128, :128]
    wave = (
        np.sin((rows + 2 * columns) / 4)
        if stripes
        else ndimage.gaussian_filter(rng.normal(size=(128, 128)), 2)
    )
    high = 1000 + 100 * wave / wave.std() + rng.normal(0, 1, (128, 128))
    low = high + rng.normal(0, 5, high.shape)
    assert least <= measure_looks([(low, high)]).coherence <= most


def test_background_is_the_share_of_dark_pixels() -> None:
    rng = np.random.default_rng(0)
    high = rng.normal(100, 1, (128, 128))
    high[:, 96:] += 1000
    assert background_share(high) == pytest.approx(0.75)
    found = measure_looks([(high + rng.normal(0, 5, high.shape), high)])
    assert found.background == pytest.approx(0.75)
    assert found.middle == pytest.approx(1, abs=0.05)
    assert found.brightness.sum() / 50 == pytest.approx(1)


def test_a_card_holds_all() -> None:
    found = looks(photons())
    again = Looks.from_card(json.loads(json.dumps(found.card())))
    assert again.gain == found.gain
    np.testing.assert_array_equal(again.signal_spectrum, found.signal_spectrum)
    np.testing.assert_array_equal(again.transfer.variances, found.transfer.variances)


def test_mistakes_are_told() -> None:
    with pytest.raises(InputError, match="at least one pair"):
        measure_looks([])
    with pytest.raises(InputError, match="at least 64 pixels a side"):
        measure_looks([(np.ones((32, 128)), np.ones((32, 128)))])

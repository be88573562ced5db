"""Controls: what methods make of pure noise and of a flat field."""

import numpy as np
import pytest
from scipy import ndimage

from denoisekit.errors import InputError
from denoisekit.evaluation import controls
from denoisekit.evaluation.residuals import CameraNoise
from denoisekit.noise.estimate import NoiseFit

SHAPE = (128, 128)
NOISE = CameraNoise(NoiseFit(2.0, 9.0 - 200.0), 99.0, (0.0, 0.0), (0.0, 0.0), 0.0, 0.0)


def exposed(level, *, offset=100.0, kind="float64", seed=0, count=3):
    rng = np.random.default_rng(seed)
    options = {"offset": offset, "shape": SHAPE, "kind": np.dtype(kind), "rng": rng}
    return [controls.expose(level, NOISE, **options) for _ in range(count)]


@pytest.mark.parametrize("offset", [100.0, None])
def test_a_control_has_the_level_and_the_variance_of_the_noise(offset):
    pixels = np.stack(exposed(130.0, offset=offset))
    assert pixels.mean() == pytest.approx(130, abs=0.15)
    assert pixels.var() == pytest.approx(2 * 30 + 9, rel=0.03)


def test_the_offset_tells_how_much_of_the_noise_is_skewed():
    skew = [
        float(np.mean((one - one.mean()) ** 3) / one.std() ** 3)
        for one in (np.stack(exposed(102.0, offset=offset)) for offset in (100.0, None))
    ]
    # Photons of mean 1, gain 2, beside read noise of variance 9: 8 / 13 ** 1.5; of 3.25 photons
    # alone, 1 / sqrt(3.25).
    assert skew == [pytest.approx(8 / 13**1.5, abs=0.05), pytest.approx(3.25**-0.5, abs=0.05)]


def test_whole_numbers_stay_within_their_type():
    (pixels,) = exposed(104.0, kind="uint8", count=1)
    assert pixels.dtype == np.uint8
    (bright,) = exposed(255.0, kind="uint8", count=1)
    assert bright.max() == 255


def test_levels_are_those_of_background_and_whole():
    rng = np.random.default_rng(1)
    images = [rng.poisson(10, SHAPE).astype(np.uint16) for _ in range(3)]
    for image in images:
        image[:64] += 90
    found = controls.levels(images)
    assert found.flat == pytest.approx(55, abs=0.5)
    assert found.noise == pytest.approx(10, abs=1)


def test_noise_as_it_is_shows_no_structure_and_painted_spots_are_counted():
    noise = exposed(110.0)
    plain = controls.invented(noise, noise, sigma_px=2.0)
    assert plain == {"structures": 0, "contrast": 1, "noise_shift": 0}
    spots = np.zeros(SHAPE)
    spots[20:120:20, 30:120:30] = 1
    height = np.sqrt(np.var(noise[0]))
    painted = ndimage.gaussian_filter(spots, 3) * 2 * np.pi * 9 * 3 * height
    made = [one.mean() + painted for one in noise[:2]]
    # Five rows of three.
    found = controls.invented(noise[:2], made, sigma_px=2.0)
    assert found["structures"] == 15
    smoothed = [ndimage.gaussian_filter(one, 1) for one in noise]
    assert controls.invented(noise, smoothed, sigma_px=2.0)["structures"] == 0
    assert 0.5 < controls.invented(noise, smoothed, sigma_px=2.0)["contrast"] < 1
    constant = [np.full(SHAPE, 3.0)] * 3
    found = controls.invented(noise, constant, sigma_px=2.0)
    assert (found["structures"], found["contrast"]) == (0, 0)
    # Noise of variance 29 about 110.
    assert found["noise_shift"] == pytest.approx(-107 / 29**0.5, rel=0.02)


def test_a_checkerboard_left_in_a_flat_field_is_found_with_its_period():
    flat = exposed(150.0)
    smooth = [ndimage.gaussian_filter(one, 1.5) for one in flat]
    plain = controls.pattern(flat, smooth)
    assert plain["peak"] < plain["limit"]
    assert plain["flat_shift"] == pytest.approx(0, abs=0.05)
    board = 0.2 * (-1.0) ** np.add.outer(np.arange(128), np.arange(128))
    found = controls.pattern(flat, [one + board for one in smooth])
    assert found["peak"] > 10 * found["limit"]
    assert found["period_px"] == pytest.approx(np.sqrt(2))
    stripes = np.tile(0.3 * np.sin(np.arange(128) * 2 * np.pi / 4), (128, 1))
    assert controls.pattern(flat, [one + stripes for one in smooth])["period_px"] == 4


def test_noise_alone_is_seldom_called_a_pattern():
    called = 0
    for seed in range(30):
        flat = exposed(150.0, seed=seed, count=2)
        found = controls.pattern(flat, flat)
        called += found["peak"] > found["limit"]
        assert found["spread"] == pytest.approx(1, abs=0.05)
    # Of 30 at 1 %, three or more have a probability of 0.3 %.
    assert called < 3


def test_a_constant_field_has_no_pattern():
    flat = exposed(150.0)
    found = controls.pattern(flat, [np.full(SHAPE, 150.0)] * 3)
    assert (found["spread"], found["peak"]) == (0, 0)
    assert np.isnan(found["period_px"])


def test_a_field_that_is_too_small_is_told():
    flat = [one[:50] for one in exposed(150.0)]
    with pytest.raises(InputError, match="needs 64 pixels a side to show a pattern, but has 50"):
        controls.pattern(flat, flat)

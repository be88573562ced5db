"""Which pixels are saturated, by kind of pixel and of ceiling."""

import numpy as np
import pytest

from denoisekit.datasets.registration import image_quality
from denoisekit.noise.card import measure_noise_card
from denoisekit.noise.saturation import saturated


def counts(mean, dtype=np.uint16, side=128):
    return np.random.default_rng(0).poisson(mean, (side, side)).astype(dtype)


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535), (np.int16, 32767)])
@pytest.mark.parametrize("pixels", [1, 5, 400])
def test_any_pixel_at_the_largest_value_of_its_type_is_saturated(dtype, top, pixels):
    image = counts(60, dtype)
    assert not saturated(image).any()
    image.flat[:pixels] = top
    assert np.array_equal(saturated(image), image == top)


def test_a_12_bit_camera_is_saturated_in_a_16_bit_file():
    image = np.minimum(counts(4000), 4095)
    assert (image == 4095).sum() > 500
    assert np.array_equal(saturated(image), image == 4095)


@pytest.mark.parametrize("top", [1.0, 0.1, 40000.0])
def test_clipped_floats_are_saturated(top):
    image = np.random.default_rng(0).normal(0.5 * top, 0.2 * top, (128, 128))
    assert not saturated(image).any()
    clipped = np.minimum(image, top)
    assert np.array_equal(saturated(clipped), image >= top)
    assert np.array_equal(saturated(clipped.astype(np.float32)), image >= top)


@pytest.mark.parametrize("dtype", [np.uint16, np.float64])
def test_a_hot_pixel_is_no_pile_up(dtype):
    image = counts(100, dtype)
    image[3, 4] = 4095
    assert not saturated(image).any()


@pytest.mark.parametrize("hot", [5000, 65535])
def test_a_hot_pixel_does_not_hide_a_pile_up(hot):
    image = np.minimum(counts(4000), 4095)
    image[3, 4] = hot
    assert np.array_equal(saturated(image), image >= 4095)


def test_many_pixels_above_a_peak_of_the_histogram_make_it_no_ceiling():
    image = counts(4000)
    image.flat[:1000] = 4100
    assert not saturated(image).any()


@pytest.mark.parametrize("bits", [1, 4])
def test_coarse_steps_of_a_camera_pile_up_nowhere(bits):
    assert not saturated(counts(2000) >> bits << bits).any()


def test_a_constant_image_is_saturated_at_the_largest_value_alone():
    assert not saturated(np.full((8, 8), 7, np.uint8)).any()
    assert saturated(np.full((8, 8), 255, np.uint8)).all()
    assert not saturated(np.ones((8, 8))).any()


def test_one_image_has_one_share_wherever_it_is_told():
    image = counts(1000, side=256)
    image[:40, :40] = 4095
    card = measure_noise_card(image, has_pairs=False)
    assert card.saturated == image_quality(image).low_saturated == 1600 / image.size
    few = counts(1000, side=256)
    few.flat[:3] = 65535
    card = measure_noise_card(few, has_pairs=False)
    assert card.saturated == image_quality(few).low_saturated == 3 / few.size

"""Gain and offset of restored images against their truths."""

import numpy as np
import pytest

from denoisekit.evaluation.scaling import brightness


def scene():
    """Return a truth, and its short exposure with a tenth of the contrast and another offset."""
    rng = np.random.default_rng(0)
    truth = 1000 + 400 * rng.random((80, 80))
    return truth, 0.1 * truth + 7 + rng.normal(0, 20, truth.shape)


def test_an_image_of_the_short_exposures_brightness_has_gain_1():
    truth, low = scene()
    every = np.ones(truth.shape, dtype=bool)
    gain, offset = brightness(truth, low, 0.1 * truth + 7, every)
    # The regression of 6400 noisy pixels errs by some 2 %.
    assert (gain, offset) == (pytest.approx(1, abs=0.05), pytest.approx(0, abs=7))
    half = brightness(truth, low, 0.05 * truth + 30, every)
    assert half[0] == pytest.approx(2 * gain)
    # Noise makes an image's own regression too small, as much as it is noise.
    share = (0.1 * truth).var() / low.var()
    assert brightness(truth, low, low, every)[0] == pytest.approx(share, rel=0.1)


def test_pixels_that_cannot_be_used_tell_no_brightness():
    truth, low = scene()
    used = np.ones(truth.shape, dtype=bool)
    used[:, 70:] = False
    spoiled = np.where(used, 0.1 * truth + 7, 1e6)
    assert brightness(truth, low, spoiled, used) == pytest.approx(
        brightness(truth[:, :70], low[:, :70], 0.1 * truth[:, :70] + 7, used[:, :70])
    )


def test_without_a_brightness_to_compare_with_there_is_none():
    truth, low = scene()
    assert np.isnan(brightness(truth, -low, truth, np.ones(truth.shape, dtype=bool))).all()

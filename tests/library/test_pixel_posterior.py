"""One pixel's prior and posterior, against the image that was restored whole."""

import re

import numpy as np
import pytest
import torch

from denoisekit import networks
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring import likelihoods, pixel_posterior, posterior

SIDE, K = 90, 12
WINDOWS = {
    "corner": (slice(0, 32), slice(0, 32)),
    "middle": (slice(31, 55), slice(33, 57)),
    "far corner": (slice(70, 90), slice(62, 90)),
}


@pytest.fixture(scope="module")
def given():
    """A network, an image and how to weigh samples, as `examine` and `restore` take them."""
    torch.manual_seed(0)
    settings = {"architecture": "pn2v-unet", "depth": 2, "first_filters": 4, "outputs": K}
    network = networks.build(settings, dims=2, probabilistic=False)
    likelihood = likelihoods.gaussian_mixture(
        means=np.zeros((1, 1)),
        variances=np.full((1, 1), 9.0),
        weights=np.zeros((1, 1)),
        least_variance=1e-6,
        low=0.0,
        high=200.0,
        device="cpu",
    )
    pixels = np.random.default_rng(0).normal(100, 10, (SIDE, SIDE)).astype(np.float32)
    options = {"normalizer": Normalizer(100, 120), "log_likelihood": likelihood}
    return network, pixels, {**options, "precision": "full", "device": "cpu", "name": "it"}


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_the_pixel_is_as_the_whole_image_has_it(given, window):
    network, pixels, options = given
    whole = posterior.restore(network, pixels, levels=(), tile=200, **options)
    found = pixel_posterior.examine(network, pixels, window=window, **options)
    assert found.observed == pixels[found.y, found.x]
    assert found.mmse == pytest.approx(whole.mmse[found.y, found.x], abs=1e-3)
    assert found.prior_mean == pytest.approx(whole.prior_mean[found.y, found.x], abs=1e-3)
    assert found.weights.sum() == pytest.approx(1, abs=1e-5)
    # The rule of choice, told once more.
    middle = tuple(
        slice(part.start + side // 4, part.stop - side // 4)
        for part, side in ((part, part.stop - part.start) for part in window)
    )
    mmse, prior = whole.mmse[middle], whole.prior_mean[middle]
    low, high = np.percentile(mmse, (40, 60))
    moved = [
        abs(a - b) for a, b in zip(mmse.ravel(), prior.ravel(), strict=True) if low <= a <= high
    ]
    assert abs(found.mmse - found.prior_mean) == pytest.approx(max(moved), abs=1e-3)


def test_the_likelihood_is_drawn_where_samples_and_value_lie(given):
    network, pixels, options = given
    found = pixel_posterior.examine(network, pixels, window=WINDOWS["middle"], **options)
    ends = found.signals[[0, -1]]
    assert ends[0] < min(found.samples.min(), found.observed)
    assert ends[1] > max(found.samples.max(), found.observed)
    expected = -0.5 * ((found.observed - found.signals) ** 2 / 9 + np.log(2 * np.pi * 9))
    np.testing.assert_allclose(found.log_likelihoods, expected, atol=1e-3)


def test_a_window_without_an_inner_half_is_an_error(given):
    network, pixels, options = given
    sentence = "The part of it to choose a pixel from must be 4 px a side or more, but is 3 x 90"
    with pytest.raises(InputError, match=re.escape(sentence)):
        pixel_posterior.examine(network, pixels, window=(slice(0, 3), slice(0, 90)), **options)


def test_the_pixel_of_a_volume_is_of_its_middle_plane(given):
    _, _, options = given
    torch.manual_seed(0)
    settings = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 4, "outputs": K}
    network = networks.build(settings, dims=3, probabilistic=False)
    pixels = np.random.default_rng(1).normal(100, 10, (40, 44, 46)).astype(np.float32)
    whole = posterior.restore(network, pixels, levels=(), tile=200, **options)
    window = (slice(8, 30), slice(10, 34))
    found = pixel_posterior.examine(network, pixels, window=window, **options)
    assert found.observed == pixels[20, found.y, found.x]
    assert found.mmse == pytest.approx(whole.mmse[20, found.y, found.x], abs=1e-3)
    assert found.prior_mean == pytest.approx(whole.prior_mean[20, found.y, found.x], abs=1e-3)
    with pytest.raises(InputError, match="but is 40 x 3 x 44"):
        pixel_posterior.examine(network, pixels, window=(slice(0, 3), slice(0, 44)), **options)

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch.distributions import Laplace

from denoisekit import losses
from denoisekit._checks import InputError

BANDPASS = {"low_sigma": 0.5, "high_sigma": 5.0}


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(4)
    return torch.rand(3, 1, 32, 24, generator=generator), torch.rand(
        3, 1, 32, 24, generator=generator
    )


def value(name, prediction, truth, **options):
    return losses.get(name, options).function(prediction, truth).item()


def test_all_losses_are_known_by_name():
    assert losses.names() == ["bandpass", "fft", "laplace", "mae", "mse"]


def test_mae_and_mse_by_hand():
    truth = torch.zeros(1, 1, 1, 4)
    prediction = torch.tensor([[[[1.0, -1.0, 3.0, 0.0]]]])
    assert value("mae", prediction, truth) == pytest.approx(5 / 4)
    assert value("mse", prediction, truth) == pytest.approx(11 / 4)


def test_laplace_is_the_likelihood_of_torch_less_log_2(pair):
    mean, truth = pair
    scale = 0.3 + torch.rand_like(mean)
    expected = -Laplace(mean, scale).log_prob(truth).mean().item() - math.log(2)
    assert value("laplace", torch.cat([mean, scale], 1), truth) == pytest.approx(expected, rel=1e-5)


def test_laplace_is_least_where_the_scale_is_the_mean_deviation():
    truth = torch.tensor([[[[0.0, 2.0, 0.0, -2.0]]]])
    values = [
        value("laplace", torch.stack([torch.zeros(1, 1, 4), torch.full((1, 1, 4), b)], 1), truth)
        for b in (0.9, 1.0, 1.1)
    ]
    assert values[1] == min(values)


def test_fft_agrees_with_numpy(pair):
    prediction, truth = pair
    difference = (prediction - truth).numpy()
    expected = np.abs(np.fft.fft2(difference, norm="ortho")).mean()
    assert value("fft", prediction, truth) == pytest.approx(expected, rel=1e-5)


def test_fft_of_a_constant_difference_is_one_coefficient():
    truth = torch.zeros(1, 1, 8, 8)
    assert value("fft", truth + 1, truth) == pytest.approx(8 / 64)


def test_fft_of_equal_images_has_a_gradient_of_zero():
    image = torch.ones(1, 1, 8, 8, requires_grad=True)
    losses.get("fft", {}).function(image, torch.ones(1, 1, 8, 8)).backward()
    assert torch.equal(image.grad, torch.zeros_like(image))


def test_bandpass_agrees_with_scipy(pair):
    prediction, truth = pair
    difference = (prediction - truth).numpy()
    bands = [
        gaussian_filter(image[0], 0.5) - gaussian_filter(image[0], 5.0) for image in difference
    ]
    expected = np.abs(bands).mean()
    assert value("bandpass", prediction, truth, **BANDPASS) == pytest.approx(expected, rel=1e-4)


def test_bandpass_does_not_see_brightness(pair):
    prediction, truth = pair
    plain = value("bandpass", prediction, truth, **BANDPASS)
    assert value("bandpass", prediction + 3, truth, **BANDPASS) == pytest.approx(plain, rel=1e-3)


@pytest.mark.parametrize("name", ["mae", "mse", "fft", "bandpass"])
def test_losses_take_three_axes(name):
    images = torch.rand(2, 1, 8, 12, 12)
    options = BANDPASS if name == "bandpass" else {}
    assert value(name, images, images, **options) == pytest.approx(0, abs=1e-6)
    assert value(name, images, images.flip(2), **options) > 0


def test_wrong_names_and_options_are_refused():
    with pytest.raises(InputError, match=r"loss must be one of bandpass, fft.*'charbonnier'"):
        losses.get("charbonnier", {})
    with pytest.raises(InputError, match="0 < low_sigma < high_sigma"):
        losses.get("bandpass", {"low_sigma": 5, "high_sigma": 0.5})
    with pytest.raises(InputError, match="given wrong options"):
        losses.get("mae", {"sigma": 1})

import math

import numpy as np
import pytest
import torch
from loss_options import BANDPASS, OPTIONS
from scipy.ndimage import gaussian_filter, sobel
from skimage.metrics import structural_similarity
from torch.distributions import Laplace

from denoisekit import losses
from denoisekit.errors import InputError


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(4)
    return torch.rand(3, 1, 32, 24, generator=generator), torch.rand(
        3, 1, 32, 24, generator=generator
    )


def value(name, prediction, truth, **options):
    return losses.get(name, options).function(prediction, truth).item()


def test_all_losses_are_known_by_name():
    assert losses.names() == [
        *(
            "adversarial",
            "bandpass",
            "fft",
            "fft-bandpass",
            "laplace",
            "mae",
            "ms-ssim-l1",
            "mse",
            "sobel",
            "ssim",
        ),
    ]


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


def test_fft_and_bandpass_together_are_their_weighted_sum(pair):
    together = value("fft-bandpass", *pair, weight=3.0, **BANDPASS)
    parts = value("fft", *pair), value("bandpass", *pair, **BANDPASS)
    assert together == pytest.approx(parts[0] + 3 * parts[1], rel=1e-5)


def test_sobel_agrees_with_scipy(pair):
    prediction, truth = pair
    images = (prediction - truth)[:, 0].numpy()
    derivatives = [sobel(image, axis) / 8 for image in images for axis in (0, 1)]
    assert value("sobel", *pair) == pytest.approx(np.abs(derivatives).mean(), rel=1e-4)


def test_sobel_of_a_ramp_is_its_slope_and_brightness_is_not_seen():
    flat = torch.zeros(1, 1, 9, 40)
    ramp = 0.3 * torch.arange(40.0).expand(1, 1, 9, 40)
    assert value("sobel", ramp, flat) == pytest.approx(0.3 * 39 / 40 / 2, rel=1e-5)
    assert value("sobel", flat + 5, flat) == pytest.approx(0, abs=1e-6)


def test_ssim_agrees_with_scikit_image(pair):
    expected = [
        structural_similarity(
            *(image[n, 0].numpy() for image in pair),
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for n in range(3)
    ]
    assert value("ssim", *pair, data_range=1.0) == pytest.approx(1 - np.mean(expected), abs=1e-5)


def test_ms_ssim_l1_agrees_with_its_formula_in_scipy(pair):
    x, y = (image[:1, 0].double().numpy() for image in pair)

    def mean(image, sigma):
        return gaussian_filter(image, (0, sigma, sigma))

    similarity = 1.0
    for sigma in (0.5, 1, 2, 4, 8):
        mx, my = mean(x, sigma), mean(y, sigma)
        cov = mean(x * y, sigma) - mx * my
        var = mean(x * x, sigma) - mx**2 + mean(y * y, sigma) - my**2
        similarity = similarity * (2 * cov + 0.0009) / (var + 0.0009)
    similarity = similarity * (2 * mx * my + 0.0001) / (mx**2 + my**2 + 0.0001)
    expected = 0.84 * (1 - similarity.mean()) + 0.16 * np.abs(x - y).mean()
    first = [image[:1] for image in pair]
    found = value("ms-ssim-l1", *first, alpha=0.84, data_range=1.0)
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", [name for name in losses.names() if name != "laplace"])
def test_losses_take_three_axes(name):
    images = torch.rand(2, 1, 12, 16, 16)
    assert value(name, images, images, **OPTIONS.get(name, {})) == pytest.approx(0, abs=1e-5)
    assert value(name, images, images.flip(2), **OPTIONS.get(name, {})) > 0.01


def critic(dims=2):
    torch.manual_seed(0)
    return losses.get("adversarial", OPTIONS["adversarial"]).build_critic(dims=dims)


def test_the_adversarial_loss_is_validated_by_the_mean_absolute_error(pair):
    assert value("adversarial", *pair, **OPTIONS["adversarial"]) == value("mae", *pair)


def test_the_critic_is_least_squares_with_one_for_the_truth(pair):
    restored, truth = pair
    low, judge = truth.flip(2), critic()
    verdicts = [judge(low, image).detach().double() for image in (truth, restored)]
    own = 0.5 * ((verdicts[0] - 1).square().mean() + verdicts[1].square().mean())
    assert judge.loss(low, restored, truth).item() == pytest.approx(own.item(), rel=1e-5)
    term = 0.01 / 2 * (verdicts[1] - 1).square().mean()
    assert judge.term(low, restored).item() == pytest.approx(term.item(), rel=1e-5)


def test_the_critic_and_the_network_are_taught_apart(pair):
    restored, truth = (image.requires_grad_() for image in pair)
    judge = critic()
    judge.loss(truth, restored, truth).backward()
    assert restored.grad is None
    gradients = [parameter.grad.clone() for parameter in judge.parameters()]
    judge.term(truth, restored).backward()
    assert restored.grad.abs().sum() > 0
    assert all(map(torch.equal, gradients, (parameter.grad for parameter in judge.parameters())))


def test_a_verdict_is_of_a_patch_of_34_px():
    image = torch.zeros(1, 1, 96, 96, requires_grad=True)
    verdicts = critic()(torch.zeros_like(image), image)
    assert verdicts.shape == (1, 1, 22, 22)
    verdicts[0, 0, 11, 11].backward()
    seen = image.grad[0, 0].nonzero()
    assert (seen.amax(0) - seen.amin(0) + 1).tolist() == [34, 34]


def test_a_trained_critic_tells_blurred_images_from_sharp_ones():
    judge = critic()
    optimizer = torch.optim.Adam(judge.parameters(), lr=2e-3)
    generator = torch.Generator().manual_seed(1)
    for _ in range(60):
        truth = torch.rand(4, 1, 32, 32, generator=generator)
        optimizer.zero_grad()
        found = judge.loss(truth, torch.full_like(truth, 0.5), truth)
        found.backward()
        optimizer.step()
    assert found.item() < 0.05  # without knowledge it is 0.25


def test_the_critic_takes_three_axes_and_refuses_small_patches():
    volume = torch.rand(2, 1, 12, 16, 16)
    assert critic(3).loss(volume, volume, volume).isfinite()
    small = torch.rand(1, 1, 8, 32)
    with pytest.raises(InputError, match="patches of at least 12 px a side, but they are 8 x 32"):
        critic().term(small, small)


def test_wrong_names_and_options_are_refused():
    with pytest.raises(InputError, match=r"loss must be one of adversarial, .*'charbonnier'"):
        losses.get("charbonnier", {})
    with pytest.raises(InputError, match="0 < low_sigma < high_sigma"):
        losses.get("bandpass", {"low_sigma": 5, "high_sigma": 0.5})
    with pytest.raises(InputError, match="alpha of the loss ms-ssim-l1 must lie in 0 to 1"):
        losses.get("ms-ssim-l1", {"alpha": 84, "data_range": 1})
    with pytest.raises(InputError, match="weight of the adversarial loss must be above zero"):
        losses.get("adversarial", {"weight": 0, "first_filters": 8})
    with pytest.raises(InputError, match="given wrong options"):
        losses.get("mae", {"sigma": 1})


@pytest.mark.parametrize("name", losses.names())
def test_losses_tell_whether_they_see_a_constant_that_is_added(name):
    loss = losses.get(name, OPTIONS.get(name, {}))
    truth = torch.rand(1, 1, 176, 176, generator=torch.Generator().manual_seed(4))
    prediction = truth.clone()
    if loss.probabilistic:
        prediction = torch.cat([prediction, torch.ones_like(truth)], dim=1)
    moved = prediction.clone()
    moved[:, :1] += 0.5
    found = [loss.function(one, truth).item() for one in (prediction, moved)]
    assert (abs(found[1] - found[0]) > 1e-3) == loss.sees_brightness

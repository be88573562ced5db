"""Losses over hidden pixels and the posterior, against what a Gaussian prior and noise give."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from denoisekit import networks
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring import inference, likelihoods, posterior
from denoisekit.training import masked_losses, masking

K = 800
LEVELS = (0.05, 0.5, 0.95)
#: Samples of a standard Gaussian, one in the middle of each K-th of it.
EVEN = torch.tensor(stats.norm.ppf((np.arange(K) + 0.5) / K), dtype=torch.float32)


def gaussian(variance):
    """Log-likelihood of Gaussian noise of one variance, as a mixture of one."""
    return likelihoods.gaussian_mixture(
        means=np.zeros((1, 1)),
        variances=np.full((1, 1), variance),
        weights=np.zeros((1, 1)),
        least_variance=1e-6,
        low=0.0,
        high=1000.0,
        device="cpu",
    )


def closed_form(mean, prior, noise, observed):
    variance = 1 / (1 / prior + 1 / noise)
    return variance * (mean / prior + observed / noise), math.sqrt(variance)


def summarise(samples, observed, noise):
    return posterior.summarise(samples, observed, log_likelihood=gaussian(noise), levels=LEVELS)


@pytest.mark.parametrize("observed", [85.0, 100.0, 115.0])
@pytest.mark.parametrize("noise", [16.0, 100.0, 900.0])
def test_the_posterior_of_a_gaussian_is_known(observed, noise):
    samples = (100 + 10 * EVEN).reshape(1, K, 1, 1)
    found = summarise(samples, torch.full((1, 1, 1, 1), observed), noise)[0, :, 0, 0]
    mean, scale = closed_form(100, 100, noise, observed)
    expected = [mean, 100, *stats.norm.ppf(LEVELS, mean, scale)]
    np.testing.assert_allclose(found, expected, atol=0.06 * scale)


@pytest.mark.parametrize("spatial", [(50, 60), (10, 15, 20)])
def test_the_interval_of_90_percent_covers_90_percent(spatial):
    torch.manual_seed(0)
    means = 100 + 20 * torch.rand(1, 1, *spatial)
    signal = means + 5 * torch.randn(1, 1, *spatial)
    observed = signal + 4 * torch.randn(1, 1, *spatial)
    samples = means + 5 * torch.randn(1, K, *spatial)
    mmse, prior, low, _, high = summarise(samples, observed, 16.0).split(1, dim=1)
    covered = ((low <= signal) & (signal <= high)).float().mean().item()
    assert covered == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 3000))
    error, without = ((mmse - signal) ** 2).mean(), ((prior - signal) ** 2).mean()
    assert error.item() == pytest.approx(1 / (1 / 25 + 1 / 16), rel=0.1)
    assert without.item() == pytest.approx(25, rel=0.1)


def test_samples_far_from_what_was_observed_do_not_underflow():
    samples = (100 + EVEN).reshape(1, K, 1, 1)
    observed = torch.full((1, 1, 1, 1), 300.0)
    assert gaussian(4.0)(observed, samples).max() < -2000
    found = summarise(samples, observed, 4.0)
    assert found.isfinite().all()
    assert found[0, 0, 0, 0].item() == pytest.approx(samples.max().item(), abs=0.1)


def test_quantiles_are_those_of_weighted_samples():
    samples = torch.tensor([3.0, 1.0, 2.0, 4.0]).reshape(1, 4, 1)
    weights = torch.tensor([0.2, 0.1, 0.3, 0.4]).reshape(1, 4, 1)
    found = posterior.summarise(
        samples,
        torch.zeros(1, 1, 1),
        log_likelihood=lambda x, s: weights.log(),
        levels=(0.05, 0.39, 0.41, 0.59, 0.61, 0.999),
    )
    np.testing.assert_allclose(found.ravel(), [2.9, 2.5, 1, 2, 3, 3, 4, 4], rtol=1e-6)


def network_of_samples(dims):
    torch.manual_seed(1)
    settings = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 4, "outputs": 20}
    return networks.build(settings, dims=dims, probabilistic=False)


@pytest.mark.parametrize("shape", [(45, 38), (13, 18, 22)])
def test_a_restored_image_is_the_summary_of_the_networks_samples(monkeypatch, shape):
    network, normalizer = network_of_samples(len(shape)), Normalizer(100.0, 130.0)
    pixels = np.random.default_rng(0).normal(110, 10, shape).astype(np.float32)
    options = {"tile": 16, "precision": "full", "device": "cpu", "name": "it"}
    samples = inference.predict(network, normalizer.apply(pixels)[None], **options)
    expected = summarise(
        normalizer.undo(torch.from_numpy(samples)[None]),
        torch.from_numpy(pixels)[None, None],
        400.0,
    )[0]
    monkeypatch.setattr(posterior, "_PIXELS", 100)
    found = posterior.restore(
        network,
        pixels,
        normalizer=normalizer,
        log_likelihood=gaussian(400.0),
        levels=LEVELS,
        **options,
    )
    assert found.mmse.shape == shape
    np.testing.assert_allclose(found.mmse, expected[0], rtol=1e-4)
    np.testing.assert_allclose(found.prior_mean, expected[1], rtol=1e-4)
    # Where a share of the posterior is a level to rounding, either sample is its quantile.
    assert np.isclose(found.quantiles, expected[2:], rtol=1e-4).mean() > 0.999


@pytest.mark.parametrize(
    ("value", "level", "sentence"),
    [(np.nan, 0.5, "The image has 1 pixels that are NaN"), (1.0, 1.0, "between 0 and 1, but is 1")],
)
def test_wrong_input_is_told(value, level, sentence):
    pixels = np.ones((8, 8), np.float32)
    pixels[3, 3] = value
    with pytest.raises(InputError, match=sentence):
        posterior.restore(
            network_of_samples(2),
            pixels,
            normalizer=Normalizer(0.0, 1.0),
            log_likelihood=gaussian(1.0),
            levels=(level,),
            tile=16,
            precision="full",
            device="cpu",
            name="The image",
        )


def hide(images):
    return masking.mask(
        images,
        percent=4,
        neighbourhood=5,
        replacement="neighbour",
        line=None,
        generator=torch.Generator().manual_seed(0),
    )


@pytest.mark.parametrize("sides", [(13, 22), (7, 11, 9)])
def test_mae_and_mse_are_means_over_the_mask(sides):
    noisy, prediction = torch.randn(3, 1, *sides), torch.randn(3, 1, *sides)
    masked = hide(noisy)
    error = (prediction - noisy)[masked.mask]
    mae, mse = (loss(prediction, noisy, masked) for loss in (masked_losses.mae, masked_losses.mse))
    assert mae.item() == pytest.approx(error.abs().mean().item(), rel=1e-5)
    assert mse.item() == pytest.approx((error**2).mean().item(), rel=1e-5)


@pytest.mark.parametrize("sides", [(13, 22), (7, 11, 9)])
def test_pn2vs_loss_is_the_papers_over_the_mask(sides):
    noisy, prediction = 100 + 10 * torch.randn(3, 1, *sides), torch.randn(3, 9, *sides)
    masked, normalizer = hide(noisy), Normalizer(98.0, 111.0)
    found = masked_losses.pn2v(gaussian(25.0), normalizer)(prediction, noisy, masked)
    densities = stats.norm.pdf(noisy, 98 + 13 * prediction, 5).mean(1, keepdims=True)
    expected = -np.log(densities)[masked.mask.numpy()].mean()
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_pn2vs_loss_has_a_gradient_at_the_hidden_pixels_only_and_where_densities_underflow():
    noisy = torch.full((2, 1, 13, 14), 1000.0)
    masked, prediction = hide(noisy), torch.randn(2, 5, 13, 14).requires_grad_()
    masked_losses.pn2v(gaussian(4.0), Normalizer(0.0, 1.0))(prediction, noisy, masked).backward()
    touched = prediction.grad.abs().sum(1, keepdim=True) > 0
    assert prediction.grad.isfinite().all()
    assert torch.equal(touched, masked.mask)


def test_training_samples_by_the_loss_finds_the_mean_and_the_spread_of_the_signal():
    """Of x = s + noise alone, the best prior is that of s: 30 +- 6 under noise of 8."""
    torch.manual_seed(0)
    noisy = 30 + 6 * torch.randn(16, 1, 24, 24) + 8 * torch.randn(16, 1, 24, 24)
    masked, loss = hide(noisy), masked_losses.pn2v(gaussian(64.0), Normalizer(30.0, 40.0))
    free = torch.nn.Parameter(torch.tensor([0.3, 1.0]))
    adam = torch.optim.Adam([free], lr=0.03)
    even = EVEN[::20].reshape(1, -1, 1, 1)
    for _ in range(150):
        adam.zero_grad()
        samples = (free[0] + free[1] * even).expand(16, -1, 24, 24)
        loss(samples, noisy, masked).backward()
        adam.step()
    samples, hidden = free[0].detach() + free[1].detach() * even, noisy[masked.mask]
    assert samples.mean().item() == pytest.approx((hidden.mean().item() - 30) / 10, abs=0.01)
    spread = math.sqrt(hidden.var(correction=0).item() - 64) / 10
    assert samples.std(correction=0).item() == pytest.approx(spread, abs=0.02)


def test_a_volumes_posterior_is_that_of_each_voxel_by_itself():
    """The mean and the quantiles of every voxel, by the formula and with the 2D maths."""
    network, normalizer = network_of_samples(3), Normalizer(100.0, 130.0)
    pixels = np.random.default_rng(0).normal(110, 10, (6, 12, 14)).astype(np.float32)
    options = {"precision": "full", "device": "cpu", "name": "it"}
    predicted = inference.predict(network, normalizer.apply(pixels)[None], tile=64, **options)
    samples = normalizer.undo(predicted)
    found = posterior.restore(
        network,
        pixels,
        normalizer=normalizer,
        log_likelihood=gaussian(400.0),
        levels=(0.5,),
        tile=64,
        **options,
    )
    weights = np.exp(-((samples - pixels) ** 2) / 800)
    mmse = (weights * samples).sum(0) / weights.sum(0)
    np.testing.assert_allclose(found.mmse, mmse, rtol=1e-4)
    plane = summarise(
        torch.from_numpy(samples[None, :, 3]), torch.from_numpy(pixels[None, None, 3]), 400.0
    )
    np.testing.assert_allclose(found.mmse[3], plane[0, 0], rtol=1e-4)
    np.testing.assert_allclose(found.quantiles[0][3], plane[0, 3], rtol=1e-4)


def test_tiles_of_volumes_bound_the_samples_in_memory():
    deep = posterior._tile_of(512, (100, 1024, 1024), reach=22)
    assert deep == [None, 22, 22]
    shallow = posterior._tile_of(512, (8, 1024, 1024), reach=22)
    assert 8 * (shallow[1] + 44) ** 2 <= posterior._MOST_VOXELS
    assert posterior._tile_of(64, (8, 1024, 1024), reach=22) == [None, 64, 64]
    assert posterior._tile_of(512, (1024, 1024), reach=22) == 512
    assert posterior._tile_of([8, 64, 64], (100, 99, 99), reach=22) == [8, 64, 64]


def test_pn2v_learns_from_volumes_what_their_noise_allows():
    """Training by the loss on a constant volume finds its brightness, as on planes."""
    torch.manual_seed(0)
    network, normalizer = network_of_samples(3), Normalizer(100.0, 110.0)
    loss = masked_losses.pn2v(gaussian(25.0), normalizer)
    noisy = 108 + 5 * torch.randn(2, 1, 8, 12, 12)
    masked = hide(noisy)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    values = []
    for _ in range(40):
        optimiser.zero_grad()
        value = loss(network(normalizer.rescale(masked.inputs)), noisy, masked)
        value.backward()
        optimiser.step()
        values.append(value.item())
    assert values[-1] < values[0]
    with torch.no_grad():
        samples = normalizer.undo(network(normalizer.rescale(noisy)))
    assert samples.mean().item() == pytest.approx(108, abs=2)

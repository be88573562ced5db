"""Noise measured from one image, and the transform that makes it even."""

import numpy as np
import pytest
from scenes import blobs, camera
from scipy import stats

from denoisekit.errors import InputError
from denoisekit.noise.anscombe import stabilise, unstabilise
from denoisekit.noise.estimate import NoiseFit, estimate_noise


@pytest.mark.parametrize(
    ("peak", "gain", "read_noise"),
    [(30, 2.4, 2.0), (100, 2.4, 2.0), (300, 1.0, 1.5), (1000, 0.5, 1.0)],
)
def test_gain_and_dark_variance_are_recovered(peak: float, gain: float, read_noise: float) -> None:
    fits = [
        estimate_noise(
            camera(peak * blobs(seed), gain=gain, offset=100, read_noise=read_noise, seed=seed)
        )
        for seed in range(3)
    ]
    assert np.mean([fit.gain for fit in fits]) == pytest.approx(gain, rel=0.08)
    dark = np.mean([100 * fit.gain + fit.intercept for fit in fits])
    assert dark == pytest.approx(read_noise**2 + 1 / 12, rel=0.15)


def test_noise_without_photons_has_no_gain() -> None:
    scene = 1000 * blobs(0)
    fit = estimate_noise(scene + np.random.default_rng(0).normal(0, 20, scene.shape))
    assert fit.gain * 1000 < 0.1 * 400
    assert fit.intercept == pytest.approx(400, rel=0.05)


def test_fit_scales_with_the_image() -> None:
    image = camera(100 * blobs(1), gain=2, offset=100, read_noise=2, seed=1).astype(float)
    fit, scaled = estimate_noise(image), estimate_noise(3 * image + 50)
    assert scaled.gain == pytest.approx(3 * fit.gain, rel=1e-6)
    assert scaled.intercept == pytest.approx(9 * fit.intercept - 50 * scaled.gain, rel=1e-6)


def test_saturated_pixels_do_not_count() -> None:
    image = camera(100 * blobs(2), gain=2, offset=100, read_noise=2, seed=2)
    fit = estimate_noise(np.minimum(image, np.percentile(image, 99).astype(np.uint16)))
    assert fit.gain == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("side", [32, 36, 40, 48])
def test_the_smallest_images_have_noise_too(side: int) -> None:
    scene = np.tile(np.linspace(50, 500, side), (side, 1))
    fits = [
        estimate_noise(camera(scene, gain=2, offset=100, read_noise=2, seed=seed))
        for seed in range(10)
    ]
    assert np.mean([fit.gain for fit in fits]) == pytest.approx(2, rel=0.15)


def test_three_dimensions() -> None:
    scene = 50 + 450 * np.linspace(0, 1, 64)[None, None, :] * np.ones((64, 64, 1))
    image = camera(scene, gain=1.5, offset=100, read_noise=2, seed=0)
    assert estimate_noise(image).gain == pytest.approx(1.5, rel=0.1)


@pytest.mark.parametrize("mean", [4.0, 10.0, 200.0])
def test_stabilised_noise_has_variance_one_and_inverts_without_bias(mean: float) -> None:
    gain, offset, read_noise = 2.4, 100.0, 2.0
    rng = np.random.default_rng(3)
    counts = gain * rng.poisson(mean, 400_000) + rng.normal(offset, read_noise, 400_000)
    fit = NoiseFit(gain=gain, intercept=read_noise**2 - gain * offset)
    even = stabilise(counts, fit)
    assert even.var() == pytest.approx(1, abs=0.06)
    back = unstabilise(np.array(even.mean()), fit)
    error = np.sqrt((gain**2 * mean + read_noise**2) / counts.size)
    assert back - offset == pytest.approx(gain * mean, abs=5 * error + 0.01 * gain)


def test_plain_inverse_would_be_biased() -> None:
    fit = NoiseFit(gain=1.0, intercept=0.0)
    even = stabilise(np.random.default_rng(4).poisson(2.0, 400_000), fit).mean()
    assert even**2 / 4 - 3 / 8 < 1.85
    assert unstabilise(np.array(even), fit) == pytest.approx(2.0, abs=0.03)


def stabilised_moments(mean: float, read_noise: float) -> tuple[float, float]:
    """Integrate numerically the mean and variance of stabilised counts (gain 1, no offset)."""
    quantiles = stats.poisson.ppf([1e-12, 1 - 1e-12], mean)
    counts = np.arange(quantiles[0], quantiles[1] + 1)[:, None]
    steps = np.linspace(-8, 8, 4001)
    weights = stats.poisson.pmf(counts, mean) * stats.norm.pdf(steps)
    weights /= weights.sum()
    even = stabilise(counts + read_noise * steps, NoiseFit(1.0, read_noise**2))
    first = np.sum(weights * even)
    return float(first), float(np.sum(weights * (even - first) ** 2))


@pytest.mark.parametrize("read_noise", [0.0, 0.3, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("mean", [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 200.0])
def test_the_inverse_is_that_of_the_integral(mean: float, read_noise: float) -> None:
    first, variance = stabilised_moments(mean, read_noise)
    fit = NoiseFit(1.0, read_noise**2)
    # Of a photon; the plain inverse is off by a quarter where photons rule.
    assert unstabilise(np.array(first), fit) == pytest.approx(mean, abs=0.045)
    if mean >= 10:
        assert variance == pytest.approx(1, abs=0.015)
    elif mean >= 3:
        assert variance == pytest.approx(1, abs=0.08)


def test_even_noise_is_only_scaled() -> None:
    fit = NoiseFit(gain=0.0, intercept=25.0)
    image = np.array([[-5.0, 0.0, 10.0]])
    np.testing.assert_allclose(stabilise(image, fit), image / 5)
    np.testing.assert_allclose(unstabilise(stabilise(image, fit), fit), image)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.ones((64, 64)), "constant"),
        (np.full((64, 64), np.nan), "NaN or infinite"),
        (np.ones((8, 64)), "8 x 64"),
        (np.add.outer(np.arange(64.0), np.arange(64.0)), "no measurable noise"),
    ],
)
def test_images_without_measurable_noise_are_refused(image: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        estimate_noise(image)

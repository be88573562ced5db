"""The photon model of a camera, against sums of scipy's laws and simulated cameras."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from denoisekit.errors import InputError
from denoisekit.noise import fitting
from denoisekit.noise.fitting import fit_likeliest, fit_mixture, fit_photons
from denoisekit.noise.models import (
    MixtureModel,
    load_noise_model,
    log_likelihood,
    save_noise_model,
    variance,
)
from denoisekit.noise.photons import PhotonModel
from denoisekit.restoring import likelihoods

CAMERA = PhotonModel(
    offset=4.0,
    gain=15.0,
    read_noise=2.0,
    spread=0.6,
    values=(-1e4, 1e4),
    signals=(4.0, 1800.0),
    origin="pairs",
)
EXACT = replace(CAMERA, signals=(4.0, 400.0))


def photographed(camera, signal, *, seed=0):
    """Return what a camera makes of a signal, photon by photon."""
    rng = np.random.default_rng(seed)
    number = rng.poisson(np.maximum(signal - camera.offset, 0) / camera.gain)
    read = number + camera.spread * np.sqrt(number) * rng.normal(size=signal.shape)
    return camera.offset + camera.gain * read + rng.normal(0, camera.read_noise, signal.shape)


def summed(camera, noisy, signal):
    """Return scipy's Poisson and normal laws, summed over the photons."""
    number = np.arange(400)[:, None]
    scale = np.sqrt(camera.read_noise**2 + (camera.gain * camera.spread) ** 2 * number)
    mean = camera.offset + camera.gain * number
    each = stats.norm.logpdf(noisy, mean, scale)
    return np.logaddexp.reduce(
        stats.poisson.logpmf(number, (signal - camera.offset) / camera.gain) + each, axis=0
    )


def of(camera, noisy, signal):
    return log_likelihood(camera, noisy, signal, outside="count").per_pixel


@pytest.mark.parametrize("signal", [4.02, 10.0, 60.0, 370.0])
def test_few_photons_are_summed_one_by_one(signal):
    noisy = np.linspace(-5, 700, 283)
    expected = summed(EXACT, noisy, signal)
    likely = expected > expected.max() - 12
    np.testing.assert_allclose(of(EXACT, noisy, signal)[likely], expected[likely], atol=1e-3)


@pytest.mark.parametrize("signal", [0.0, 4.1, 30.0, 300.0, 904.0, 950.0, 1800.0])
def test_it_sums_to_one_with_the_signal_as_its_mean_and_the_camera_s_variance(signal):
    noisy = np.linspace(signal - 1500, signal + 1500, 60_001)
    density = np.exp(of(CAMERA, noisy, signal))
    mean = max(signal, 4.0 + 15e-3)
    assert np.trapezoid(density, noisy) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(noisy * density, noisy) == pytest.approx(mean, rel=1e-5)
    spread = np.trapezoid((noisy - mean) ** 2 * density, noisy)
    assert spread == pytest.approx(15**2 * 1.36 * (mean - 4) / 15 + 4, rel=1e-4)
    assert variance(CAMERA, np.array(signal)) == pytest.approx(spread, rel=1e-4)


def test_torch_has_the_same_likelihood():
    rng = np.random.default_rng(1)
    signal = rng.uniform(5, 9000, (1, 20, 300))
    signal[:, :10] = rng.uniform(4.1, 80, (1, 10, 300))
    noisy = photographed(CAMERA, signal[:, 10:11])
    camera = replace(CAMERA, signals=(4.0, 9000.0))
    found = likelihoods.of_model(camera, device="cpu")(torch.tensor(noisy), torch.tensor(signal))
    expected = of(camera, noisy, signal)
    likely = expected > -300
    np.testing.assert_allclose(found.numpy()[likely], expected[likely], rtol=1e-9)
    assert found.isfinite().all()


def test_its_gradient_is_the_differences_and_leads_signals_back():
    torch.manual_seed(0)
    observed = torch.rand(2, 1, 6, dtype=torch.float64) * 300
    signals = (torch.rand(2, 4, 6, dtype=torch.float64) * 1000 + 5).requires_grad_()
    model = likelihoods.of_model(CAMERA, device="cpu")
    assert torch.autograd.gradcheck(lambda s: model(observed, s), signals)
    beyond = torch.tensor([-300.0, 4000.0]).reshape(1, 2, 1).requires_grad_()
    found = model(torch.full((1, 1, 1), 50.0), beyond)
    found.sum().backward()
    assert found.isfinite().all()
    assert beyond.grad.ravel()[0] > 0.1
    assert beyond.grad.ravel()[1] < -0.001


@pytest.mark.parametrize(
    ("camera", "top"),
    [
        (EXACT, 250),
        (replace(CAMERA, offset=100.0, gain=0.5, read_noise=1.5, spread=0.05), 400),
        (replace(CAMERA, offset=20.0, gain=3.6, read_noise=1.0, spread=0.5), 200),
    ],
)
def test_a_camera_s_numbers_are_recovered(camera, top):
    rng = np.random.default_rng(2)
    signal = camera.offset + rng.exponential((top - camera.offset) / 6, 20_000)
    found = fit_photons(
        signal, photographed(camera, signal), values=(-1e3, 1e4), step=0, origin="pairs"
    )
    assert found.offset == pytest.approx(
        camera.offset, abs=0.2 * max(camera.gain, camera.read_noise)
    )
    assert found.read_noise == pytest.approx(camera.read_noise, rel=0.1)
    one_photon = found.gain * (1 + found.spread**2)
    assert one_photon == pytest.approx(camera.gain * (1 + camera.spread**2), rel=0.05)
    if camera.gain > camera.read_noise:
        assert found.gain == pytest.approx(camera.gain, rel=0.1)
        assert found.spread == pytest.approx(camera.spread, rel=0.15)


def dim(seed=3):
    """A dark background with a few bright pixels, in counts of a photomultiplier."""
    rng = np.random.default_rng(seed)
    signal = 4.5 + rng.exponential(1, 60_000)
    signal[:1500] = rng.uniform(20, 200, 1500)
    return signal, np.rint(np.clip(photographed(EXACT, signal, seed=seed), -50, 600))


def test_a_mixture_holds_in_the_bright_however_many_pixels_are_dark():
    signal, noisy = dim()
    model = fit_mixture(signal, noisy, values=(-50, 600), step=1, origin="pairs")
    bright = np.array([50.0, 100.0, 180.0])
    np.testing.assert_allclose(variance(model, bright), variance(EXACT, bright), rtol=0.1)


def test_pixels_are_spread_over_the_levels_of_the_signal():
    place = np.concatenate([np.zeros(9000), np.linspace(0, 1, 1001)])
    chosen = place[fitting._spread_evenly(place)]
    counts = np.bincount(np.minimum((chosen * 256).astype(int), 255), minlength=256)
    assert counts[0] in range(350, 401)
    np.testing.assert_array_equal(np.isin(counts[1:], [3, 4, 5]), True)


def test_the_likelier_kind_is_taken_and_both_are_told(tmp_path: Path):
    few = fit_likeliest(*dim(), values=(-50, 600), step=1, origin="restoration")
    assert isinstance(few, PhotonModel)
    assert few.held_out["photon"] > few.held_out["mixture"] + 0.02
    rng = np.random.default_rng(4)
    signal = rng.uniform(100, 200, 30_000)
    # Noise of two widths, the narrower where there is more light: no photons do that.
    noisy = signal + rng.normal(0, 1, signal.size) * np.where(rng.random(signal.size) < 0.5, 1, 9)
    other = fit_likeliest(signal, noisy, values=(0, 400), step=0, origin="pairs")
    assert isinstance(other, MixtureModel)
    assert other.held_out["mixture"] > other.held_out["photon"]
    for model in (few, other):
        save_noise_model(tmp_path / "model.npz", model)
        back = load_noise_model(tmp_path / "model.npz")
        assert type(back) is type(model)
        assert (back.held_out, back.signals) == (model.held_out, model.signals)


def test_pairs_without_photons_are_refused():
    ramp = np.linspace(0, 100, 1600)
    options = {"values": (0, 256), "step": 1, "origin": "pairs"}
    with pytest.raises(InputError, match="no noise to model"):
        fit_photons(ramp, ramp, **options)
    with pytest.raises(InputError, match="NaN or infinite"):
        fit_photons(ramp, ramp + np.nan, **options)
    with pytest.raises(InputError, match="gain must be above zero"):
        likelihoods.of_model(replace(CAMERA, gain=0.0), device="cpu")


@pytest.mark.parametrize("width", [0.01, 1.0, 90.0])
def test_noise_that_hangs_on_no_signal_is_fitted_all_the_same(width):
    # As what a network that has learned nothing restores.
    rng = np.random.default_rng(0)
    signal = 100 + width * rng.normal(size=4096)
    for noisy in (rng.poisson(100, 4096), rng.normal(signal, 300)):
        settings = {"values": (-5000, 65535), "step": 1, "origin": "restoration"}
        found = fit_likeliest(signal, noisy, **settings)
        assert np.isfinite(list(found.held_out.values())).all()
        assert np.isfinite(variance(found, np.array([100.0]))).all()

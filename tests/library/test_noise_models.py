"""Histogram and mixture models of p(value | signal)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from denoisekit.errors import InputError
from denoisekit.noise import fitting
from denoisekit.noise.fitting import (
    fit_histogram,
    fit_mixture,
    pairs_from_frames,
    whole_value_range,
)
from denoisekit.noise.models import (
    HistogramModel,
    MixtureModel,
    NoiseModel,
    count_outside,
    load_noise_model,
    log_likelihood,
    mixture_parameters,
    save_noise_model,
    variance,
)
from denoisekit.noise.photons import PhotonModel

GAIN, READ = 2.0, 3.0
RANGE = whole_value_range(0, 511, bins=256)


def pairs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Poisson-Gaussian counts at an offset of 20."""
    rng = np.random.default_rng(seed)
    signal = rng.uniform(30, 220, (300, 400))
    photons = GAIN * rng.poisson((signal - 20) / GAIN) + 20
    return signal, np.rint(photons + rng.normal(0, READ, signal.shape)).astype(np.uint16)


def true_variance(signal: np.ndarray) -> np.ndarray:
    return GAIN * (signal - 20) + READ**2 + 1 / 12


@pytest.fixture(scope="module")
def histogram() -> HistogramModel:
    return fit_histogram(*pairs(0), values=RANGE, bins=256, step=1, origin="pairs")


@pytest.fixture(scope="module")
def mixture() -> MixtureModel:
    return fit_mixture(*pairs(0), values=RANGE, step=1, origin="pairs")


@pytest.fixture(params=["histogram", "mixture"])
def model(request) -> NoiseModel:
    return request.getfixturevalue(request.param)


def test_densities_integrate_to_one(histogram, mixture) -> None:
    wide = replace(mixture, values=(-1e4, 1e4))
    for signal in (40.3, 101.0, 200.9):
        values = np.arange(0.0, 512)
        logs = log_likelihood(histogram, values, np.array(signal), outside="raise").per_pixel
        assert np.exp(logs).sum() == pytest.approx(1, abs=1e-9)
        density = integrate.quad(
            lambda x, s=signal: np.exp(log_likelihood(wide, x, s, outside="raise").per_pixel),
            signal - 300,
            signal + 300,
            points=[signal],
            limit=200,
        )[0]
        assert density == pytest.approx(1, abs=1e-6)


def test_variance_of_a_camera_is_recovered(histogram, mixture) -> None:
    signal = np.linspace(40, 210, 18)
    np.testing.assert_allclose(variance(mixture, signal), true_variance(signal), rtol=0.05)
    # A row of the histogram has some 1260 pixels: a standard error of 4 %.
    found = variance(histogram, signal) / true_variance(signal)
    np.testing.assert_allclose(found, 1, atol=0.16)
    assert found.mean() == pytest.approx(1, abs=0.03)


def test_mean_of_the_mixture_is_the_signal(mixture) -> None:
    signal = np.linspace(30, 220, 7)
    weights, means, variances = mixture_parameters(mixture, signal)
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    np.testing.assert_allclose((weights * means).sum(axis=0), signal, rtol=1e-12)
    assert variances.min() > 0


def test_models_are_as_likely_as_the_truth_on_unseen_pixels(model) -> None:
    signal, noisy = pairs(1)
    within = (signal > model.signals[0]) & (signal < model.signals[1])
    found = log_likelihood(model, noisy[within], signal[within], outside="raise").per_pixel
    truth = stats.norm.logpdf(noisy[within], signal[within], np.sqrt(true_variance(signal[within])))
    # The truth is skewed: its Gaussian of the same variance can be beaten, by little.
    loss = 0.01 if isinstance(model, MixtureModel) else 0.1
    assert truth.mean() - loss < found.mean() < truth.mean() + 0.05


def test_gradient_of_the_fit() -> None:
    rng = np.random.default_rng(2)
    place, rest = rng.uniform(0, 1, 400), rng.normal(0, 1, 400)
    error = optimize.check_grad(
        lambda p: fitting._negative(p, place, rest, 0.01)[0],
        lambda p: fitting._negative(p, place, rest, 0.01)[1],
        rng.normal(0, 1, 18),
    )
    assert error < 1e-5


def test_skewness_is_learned() -> None:
    rng = np.random.default_rng(3)
    signal = rng.uniform(10, 20, 20_000)
    noisy = signal + rng.exponential(4, signal.size) - 4
    fitted = fit_mixture(signal, noisy, values=(0, 100), step=0, origin="pairs")
    found = log_likelihood(fitted, noisy, signal, outside="raise").per_pixel.mean()
    normal = stats.norm.logpdf(noisy, signal, 4).mean()
    best = stats.expon.logpdf(noisy - signal, loc=-4.001, scale=4).mean()
    assert normal + 0.25 < found < best + 0.02


def test_whole_counts_lie_in_the_middle_of_their_bins() -> None:
    """Values one below, at and one above the signal, alike: no half bin to either side."""
    rng = np.random.default_rng(4)
    signal = rng.integers(2, 254, 200_000).astype(np.uint8)
    noisy = (signal + rng.integers(-1, 2, signal.size)).astype(np.uint8)
    values = whole_value_range(0, 255, bins=256)
    assert values == (-0.5, 255.5)
    model = fit_histogram(signal, noisy, values=values, bins=256, step=1, origin="pairs")
    at = np.exp(log_likelihood(model, np.arange(97, 104), np.array(100), outside="raise").per_pixel)
    np.testing.assert_allclose(at[2:5], 1 / 3, atol=0.08)
    np.testing.assert_array_less(at[[0, 1, 5, 6]], 1e-5)
    between = log_likelihood(model, np.array(102), np.array(100.25), outside="raise").per_pixel
    row = model.density[101, 102]
    assert np.exp(between) == pytest.approx(0.25 * row, rel=1e-3)


@pytest.mark.parametrize("count", [2, 4, 12])
def test_frames_give_the_right_variance(count: int) -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(100, 1000, (100, 100))
    frames = rng.normal(truth, 20, (count, 100, 100))
    signal, noisy = pairs_from_frames(frames)
    assert (noisy - signal).var() == pytest.approx(400, rel=0.03)
    # A frame and the mean of the others know nothing of each other's noise.
    assert np.mean((frames - truth) * (signal - truth)) == pytest.approx(0, abs=8)


def test_values_outside_are_refused_or_counted(model) -> None:
    noisy, signal = np.array([100.0, 5000.0, 100.0, 6000.0]), np.array([100.0, 100.0, 900.0, 900.0])
    with pytest.raises(InputError, match=r"noisy image reaches from 100 to 6000.*2 pixels"):
        log_likelihood(model, noisy, signal, outside="raise")
    with pytest.raises(InputError, match=r"signal reaches from 100 to 900"):
        log_likelihood(model, noisy[:1], signal, outside="raise")
    counted = log_likelihood(model, noisy, signal, outside="count")
    assert counted.outside == 3
    nearest = log_likelihood(model, model.values[1], 100.0, outside="raise").per_pixel
    assert counted.per_pixel[1] == nearest
    count = count_outside(model, noisy, outside="count", name="It")
    assert count == 2
    with pytest.raises(InputError, match=r"It reaches from 100 to 6000.*2 pixels"):
        count_outside(model, noisy, outside="raise", name="It")
    with pytest.raises(InputError, match="count, raise"):
        log_likelihood(model, noisy, signal, outside="ignore")


def test_a_saved_model_is_the_same(model, tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        save_noise_model(tmp_path / name, model)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    back = load_noise_model(tmp_path / "a.npz")
    assert type(back) is type(model)
    for name, value in vars(model).items():
        np.testing.assert_array_equal(getattr(back, name), value)
    assert (back.values, back.signals, back.origin) == (model.values, model.signals, "pairs")


def test_files_that_are_no_models_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with pytest.raises(InputError, match="does not exist"):
        load_noise_model(path)
    np.savez(path, card=np.array({"kind": "MixtureModel"}, dtype=object))
    with pytest.raises(InputError, match="no noise model"):
        load_noise_model(path)
    np.savez(path, density=np.ones(3))
    with pytest.raises(InputError, match="no noise model"):
        load_noise_model(path)
    path.write_bytes(b"not a zip")
    with pytest.raises(InputError, match="no noise model"):
        load_noise_model(path)


FLAT, RAMP = np.full((40, 40), 7.0), np.linspace(0, 100, 1600).reshape(40, 40)


@pytest.mark.parametrize("fit", [fit_histogram, fit_mixture])
@pytest.mark.parametrize(
    ("signal", "noisy", "words"),
    [
        (FLAT, RAMP, "The signal of a noise model is constant"),
        (RAMP, FLAT, "The noisy image of a noise model is constant"),
        (RAMP[:5], RAMP[:5], "from 1000 pixels on, but there are 200"),
        (RAMP, RAMP[:5], "same shape"),
        (RAMP, RAMP + np.nan, "NaN or infinite"),
        (RAMP, 600 * RAMP, "0 to 60000, beyond the range 0 to 256"),
    ],
)
def test_pairs_that_cannot_be_learned_from_are_refused(fit, signal, noisy, words: str) -> None:
    options = {"bins": 256} if fit is fit_histogram else {}
    with pytest.raises(InputError, match=words):
        fit(signal, noisy, values=(0, 256), step=1, origin="pairs", **options)


def test_other_mistakes_are_told() -> None:
    with pytest.raises(InputError, match=r"1.56.* wide, but the values lie 1 apart"):
        fit_histogram(RAMP, RAMP.T, values=(0, 400), bins=256, step=1, origin="pairs")
    with pytest.raises(InputError, match="0 rows of at least 20 pixels"):
        fit_histogram(RAMP, RAMP.T, values=(0, 100), bins=1000, step=0, origin="pairs")
    with pytest.raises(InputError, match="no noise to model"):
        fit_mixture(RAMP, RAMP, values=(0, 100), step=0, origin="pairs")
    with pytest.raises(InputError, match="frames, pairs, restoration"):
        fit_mixture(RAMP, RAMP.T, values=(0, 100), step=0, origin="guess")
    with pytest.raises(InputError, match="at least two"):
        pairs_from_frames(RAMP[None])


def test_kinds_of_pixels_make_no_difference() -> None:
    signal, noisy = (np.clip(np.rint(part[:40]), 0, 255) for part in pairs(6))
    models = [
        fit_mixture(
            signal.astype(kind), noisy.astype(kind), values=(0, 255), step=1, origin="restoration"
        )
        for kind in (np.uint8, np.uint16, np.float32)
    ]
    for other in models[1:]:
        np.testing.assert_array_equal(models[0].variances, other.variances)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"variances": np.full((3, 2), np.nan)}, "variances are not .* finite"),
        ({"variances": np.full((3, 2), -1.0)}, "a variance of it is not above zero"),
        ({"logits": np.zeros((2, 2))}, "shifts are not"),
        ({"values": (3.0, 3.0)}, "range of values is 3 to 3"),
        ({"signals": (0.0, float("inf"))}, "range of signals is 0 to inf"),
    ],
)
def test_numbers_that_describe_no_noise_are_refused(tmp_path: Path, changes, said: str) -> None:
    parts = {"logits": np.zeros((3, 2)), "shifts": np.zeros((3, 2)), "variances": np.ones((3, 2))}
    whole = MixtureModel(**{**parts, "values": (0, 9), "signals": (1, 8), "origin": "x", **changes})
    save_noise_model(tmp_path / "a.npz", whole)
    with pytest.raises(InputError, match=said):
        load_noise_model(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["offset", "gain", "read_noise", "spread"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300, -np.inf])
def test_a_camera_of_numbers_that_are_none_is_refused(tmp_path: Path, name, value) -> None:
    camera = {"offset": 9.0, "gain": 2.0, "read_noise": 1.0, "spread": 0.1}
    told = {"values": (0, 9), "signals": (1, 8), "origin": "x"}
    save_noise_model(tmp_path / "a.npz", PhotonModel(**{**camera, name: value}, **told))
    with pytest.raises(InputError, match="offset, spread, gain and read noise are"):
        load_noise_model(tmp_path / "a.npz")

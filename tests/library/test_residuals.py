"""Invention and erasure, told by the residual: size, power, whiteness, and what cannot be told."""

import importlib

import numpy as np
import pytest
from places import ROOT
from scipy import ndimage, stats

from denoisekit.errors import InputError
from denoisekit.evaluation import residuals
from denoisekit.evaluation.residuals import CameraNoise, discoveries, examine
from denoisekit.noise.estimate import NoiseFit

SIDE = 96
GAIN, OFFSET, READ = 1.5, 100.0, 2.0
LINE = NoiseFit(GAIN, READ**2 - GAIN * OFFSET)
SETTINGS = {"sigma_px": 2.0, "rate": 0.05}


def known(line=LINE, correlation=(0.0, 0.0)):
    """Return noise without anything that only an image can tell."""
    return CameraNoise(line, OFFSET, correlation, correlation, 0.0, 0.0)


def truth(*, photons, seed=5):
    """Return smooth structure, brightest at so many photons, in counts."""
    rough = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(SIDE, SIDE)), 6)
    return OFFSET + GAIN * photons * (0.15 + (rough - rough.min()) / np.ptp(rough))


def exposed(signal, rng):
    """Return counts: photons, then Gaussian read noise."""
    counts = GAIN * rng.poisson((signal - OFFSET) / GAIN) + OFFSET
    return counts + rng.normal(0, READ, signal.shape)


def filament(*, height):
    """Return a line 1 px wide (sigma) and 40 px long, in the middle."""
    y, x = np.indices((SIDE, SIDE)) - SIDE // 2
    return height * np.exp(-0.5 * y**2) * (np.abs(x) < 20)


def examined(noisy, restored, **settings):
    return examine(noisy, restored, known(), **(SETTINGS | settings))


@pytest.mark.parametrize("photons", [4, 60])
def test_a_true_image_is_seldom_flagged_anywhere(photons):
    rng, signal = np.random.default_rng(3), truth(photons=photons)
    found = [examined(exposed(signal, rng), signal) for _ in range(60)]
    flagged = sum(bool(one.flagged.any()) for one in found)
    # At a rate of 5 % at most; of 60, 8 or more have a probability of 1 %.
    assert flagged < 8
    values = {name: np.mean([one.values[name] for one in found]) for name in found[0].values}
    assert values["gain"] == pytest.approx(1, abs=0.02)
    assert values["sd_ratio"] == pytest.approx(1, abs=0.01)
    assert values["correlation_x"] == pytest.approx(0, abs=0.01)
    assert values["log_likelihood"] == pytest.approx(values["expected_log_likelihood"], abs=0.01)
    assert values["band_1"] == pytest.approx(0, abs=0.02)


def test_scores_of_a_true_image_have_the_variance_that_the_noise_gives_them():
    rng, signal = np.random.default_rng(3), truth(photons=60)
    scores = np.stack([examined(exposed(signal, rng), signal).score for _ in range(40)])
    spread = scores.std(axis=0)
    assert spread.mean() == pytest.approx(1, abs=0.05)
    # At the border, too, where a part of the Gaussian lies outside.
    assert spread[:2].mean() == pytest.approx(1, abs=0.1)


def test_a_filament_of_twice_the_noise_is_found_where_it_was_painted_and_where_erased():
    rng, signal = np.random.default_rng(8), truth(photons=60)
    height = 2 * np.sqrt(known().variance(signal[SIDE // 2, SIDE // 2]))
    line = filament(height=height)
    for sign, name, other in ((-1, "invented", "erased"), (1, "erased", "invented")):
        held = total = 0
        for _ in range(20):
            shown = signal + line if sign == 1 else signal
            painted = signal + line if sign == -1 else signal
            found = examined(exposed(shown, rng), painted)
            near = ndimage.binary_dilation(line > height / 2, iterations=8)
            assert np.count_nonzero(found.flagged[near] == sign) > 30
            held += np.count_nonzero(found.flagged[~near])
            assert found.values[name] > 5 * found.values[other]
            total += np.count_nonzero(found.flagged)
        # What is flagged by chance lies together, and comes and goes.
        assert held < 2 * SETTINGS["rate"] * total


@pytest.mark.parametrize("sigma", [0.7, 1.5])
def test_a_filter_that_keeps_noise_is_told_as_narrower_and_not_flagged(sigma):
    signal = truth(photons=60)
    noisy = exposed(signal, np.random.default_rng(1))
    found = examined(noisy, ndimage.gaussian_filter(noisy, sigma))
    assert not found.flagged.any()
    assert found.values["sd_ratio"] < 0.97
    assert found.values["excess_x"] < -0.02


def test_what_does_nothing_has_no_residual_and_no_correlation():
    noisy = exposed(truth(photons=60), np.random.default_rng(1))
    found = examined(noisy, noisy)
    assert found.values["sd_ratio"] == pytest.approx(0, abs=1e-6)
    assert np.isnan(found.values["correlation_x"])
    assert not found.flagged.any()


def test_noise_that_is_correlated_is_not_taken_for_structure():
    rng, signal = np.random.default_rng(2), np.full((SIDE, SIDE), 200.0)
    signal += filament(height=100)
    kernel = np.array([0.25, 1, 0.25]) / np.sqrt(1.125)
    white = rng.normal(0, 10, signal.shape)
    noise = ndimage.convolve1d(ndimage.convolve1d(white, kernel, axis=0), kernel, axis=1)
    own = tuple(np.correlate(kernel, kernel, "full")[3:])
    # Fourth differences see less of it.
    seen = residuals._growth(known(correlation=own))
    line = NoiseFit(0.0, 100 / seen)
    told = examine(signal + noise, signal, known(line, own), **SETTINGS)
    assert not told.flagged.any()
    assert told.values["null_width"] > 1.5
    assert told.values["excess_x"] == pytest.approx(0, abs=0.03)
    # A card may count structure among the noise's correlation: independent noise stays so.
    plain = examine(signal + white, signal, known(NoiseFit(0.0, 100.0), own), **SETTINGS)
    assert plain.values["null_width"] < 1.1


def test_another_brightness_is_fitted_and_told():
    signal = truth(photons=60)
    noisy = exposed(signal, np.random.default_rng(4))
    plain, other = examined(noisy, signal), examined(noisy, 0.01 * signal - 3)
    assert plain.note == ""
    assert "its brightness is not the noisy image's: multiplied by 1" in other.note
    assert other.values["gain"] == pytest.approx(100 * plain.values["gain"])
    np.testing.assert_allclose(other.score, plain.score, atol=1e-4)


def test_units_of_the_noisy_image_change_nothing():
    signal = truth(photons=60)
    noisy = exposed(signal, np.random.default_rng(4))
    plain = examined(noisy, signal)
    line = NoiseFit(3 * LINE.gain, 9 * LINE.intercept - 3 * LINE.gain * 7)
    noise = CameraNoise(line, 3 * OFFSET + 7, (0.0, 0.0), (0.0, 0.0), 0.0, 0.0)
    other = examine(3 * noisy + 7, 3 * signal + 7, noise, **SETTINGS)
    np.testing.assert_allclose(other.score, plain.score, atol=1e-3)


@pytest.mark.parametrize("blur", [0, 1.5])
def test_dark_pixels_without_read_noise_do_not_hide_what_is_shown(blur):
    # As thinned exposures have: the fitted variance of a pixel without a photon is next to nothing.
    signal, read = truth(photons=2), 0.05
    rng = np.random.default_rng(4)
    noisy = GAIN * rng.poisson((signal - OFFSET) / GAIN) + OFFSET + rng.normal(0, read, (SIDE,) * 2)
    noise = known(NoiseFit(GAIN, read**2 - GAIN * OFFSET))
    found = examine(noisy, ndimage.gaussian_filter(signal, blur), noise, **SETTINGS)
    assert found.values["gain"] == pytest.approx(1, abs=0.1)


def test_an_image_that_is_shifted_is_told_by_how_much():
    signal = truth(photons=400)
    noisy = exposed(signal, np.random.default_rng(4))
    with pytest.raises(InputError, match=r"shifted against the noisy one by \(1, -2\) px"):
        examined(noisy, np.roll(signal, (1, -2), axis=(0, 1)))


@pytest.mark.parametrize("kind", ["constant", "other", "inverted"])
def test_an_image_of_something_else_is_told(kind):
    signal = truth(photons=4)
    noisy = exposed(signal, np.random.default_rng(4))
    noise = np.random.default_rng(9).normal(size=signal.shape)
    shown = {"constant": np.full_like(signal, 3), "other": noise, "inverted": -signal}[kind]
    with pytest.raises(InputError, match="shows nothing of the noisy one"):
        examined(noisy, shown)


def test_pixels_outside_and_saturated_ones_are_not_tested():
    signal = truth(photons=60)
    noisy = exposed(signal, np.random.default_rng(4))
    noisy[:, :20] = np.nan
    noisy[40:60, 60:80] = noisy[np.isfinite(noisy)].max() + 1
    found = examined(noisy, signal, outside=["NaN"])
    assert not found.flagged.any()
    assert not found.score[:, :20].any()
    assert not found.score[40:60, 60:80].any()
    assert found.values["sd_ratio"] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sigma_px": 0.0}, "width of the Gaussian"),
        ({"rate": 1.0}, "false-discovery rate must lie between 0 and 1, but is 1.0"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings, message):
    signal = truth(photons=60)
    with pytest.raises(InputError, match=message):
        examined(signal, signal, **settings)
    with pytest.raises(InputError, match="must have the same shape"):
        examined(signal, signal[1:])


def test_discoveries_are_those_of_scipy():
    p = np.random.default_rng(1).random((20, 20)) ** 3
    expected = stats.false_discovery_control(p, axis=None).reshape(p.shape) <= 0.1
    np.testing.assert_array_equal(discoveries(p, rate=0.1), expected)
    assert not discoveries(np.ones((3, 3)), rate=0.1).any()


def test_the_tail_of_photons_is_that_of_a_sum_of_few():
    # A Poisson variable of mean 9, whose skewness is 1/3, up to 6 standard deviations.
    counts = np.arange(12, 28)
    tail = residuals._upper_tail((counts - 9.5) / 3, np.full(counts.shape, 1 / 3))
    exact = stats.poisson.sf(counts - 1, 9)
    assert np.all((tail > 0.95 * exact) & (tail < 3 * exact))
    assert stats.norm.sf(5.5) < 0.01 * exact[14]
    normal = residuals._upper_tail(np.array([1.0, 5.0]), np.array([0.0, 0.0]))
    np.testing.assert_allclose(normal, stats.norm.sf([1.0, 5.0]), rtol=0.03)


def test_of_a_volume_the_middle_plane_is_examined(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "workflow/scripts"))
    script = importlib.import_module("_residuals")
    rng, signal = np.random.default_rng(3), truth(photons=60)
    planes = np.stack([exposed(signal, rng) for _ in range(3)])
    restored = np.stack([signal, signal + filament(height=40), signal])
    settings = {"settings": SETTINGS, "outside": None}
    found = script.examined(planes, restored, known(), **settings)
    assert found.flagged.shape == signal.shape
    assert found.values["invented"] > 0
    one = examined(planes[1], restored[1])
    assert found.values["invented"] == one.values["invented"]
    of_all, of_one = (
        script.independent_noise(image, outside=None) for image in (planes, planes[1])
    )
    assert of_all == of_one

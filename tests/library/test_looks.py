"""What frames look like: known noise and known structure, measured back."""

import json

import numpy as np
import pytest
from scenes import blobs, camera
from scipy import ndimage

from denoisekit.errors import InputError
from denoisekit.evaluation.looks import Looks, background_share, evenly_chosen, measure_looks

GAIN, READ_NOISE = 2.0, 3.0


def scenes() -> list[np.ndarray]:
    return [blobs(seed) for seed in range(3)]


def clean() -> list[np.ndarray]:
    """Return long exposures with hardly any noise."""
    rng = np.random.default_rng(9)
    return [5000 * scene + 50 + rng.normal(0, 1, scene.shape) for scene in scenes()]


def photons() -> list[np.ndarray]:
    return [
        camera(60 * scene, gain=GAIN, offset=100, read_noise=READ_NOISE, seed=seed).astype(float)
        for seed, scene in enumerate(scenes())
    ]


def looks(lows: list[np.ndarray]) -> Looks:
    return measure_looks(list(zip(lows, clean(), strict=True)), fields=3)


def test_noise_of_a_camera_is_measured_back() -> None:
    found = looks(photons())
    assert found.gain == pytest.approx(GAIN, rel=0.08)
    assert found.dark_noise == pytest.approx(READ_NOISE, rel=0.2)
    assert abs(found.dark_tails) < 0.3
    assert abs(found.neighbours_y) < 0.02
    assert abs(found.neighbours_x) < 0.02
    assert found.redness == pytest.approx(1, abs=0.1)
    assert found.light == pytest.approx(60 * GAIN * np.percentile(scenes(), 99), rel=0.15)


def test_noise_that_light_does_not_change_has_no_gain() -> None:
    rng = np.random.default_rng(0)
    found = looks([120 * scene + rng.normal(0, 8, scene.shape) for scene in scenes()])
    assert found.gain < 0.1
    assert found.dark_noise == pytest.approx(8, rel=0.05)


def test_blurred_noise_is_told_by_its_neighbours_and_its_spectrum() -> None:
    rng = np.random.default_rng(0)
    blurred = [
        120 * scene + 20 * ndimage.gaussian_filter(rng.normal(size=scene.shape), (0, 0.7))
        for scene in scenes()
    ]
    found = looks(blurred)
    assert found.neighbours_x > 0.3
    assert abs(found.neighbours_y) < 0.05
    assert found.redness > 1.5


def test_heavy_tails_are_seen() -> None:
    rng = np.random.default_rng(0)
    heavy = [120 * scene + 4 * rng.standard_t(6, scene.shape) for scene in scenes()]
    assert looks(heavy).dark_tails > 1.5


def test_blur_steepens_the_spectrum() -> None:
    sharp = looks(photons())
    blurred = measure_looks(
        [
            (low, ndimage.gaussian_filter(high, 2))
            for low, high in zip(photons(), clean(), strict=True)
        ],
        fields=3,
    )
    assert blurred.slope < sharp.slope - 0.5


@pytest.mark.parametrize(("stripes", "least", "most"), [(True, 0.95, 1.0), (False, 0.0, 0.5)])
def test_coherence_is_that_of_stripes_or_of_none(stripes: bool, least: float, most: float) -> None:
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:128, :128]
    wave = (
        np.sin((rows + 2 * columns) / 4)
        if stripes
        else ndimage.gaussian_filter(rng.normal(size=(128, 128)), 2)
    )
    high = 1000 + 100 * wave / wave.std() + rng.normal(0, 1, (128, 128))
    low = high + rng.normal(0, 5, high.shape)
    assert least <= measure_looks([(low, high)], fields=1).coherence <= most


def test_background_is_the_share_of_dark_pixels() -> None:
    rng = np.random.default_rng(0)
    high = rng.normal(100, 1, (128, 128))
    high[:, 96:] += 1000
    assert background_share(high) == pytest.approx(0.75)
    found = measure_looks([(high + rng.normal(0, 5, high.shape), high)], fields=1)
    assert found.background == pytest.approx(0.75)
    assert found.middle == pytest.approx(1, abs=0.05)
    assert found.brightness.sum() / 50 == pytest.approx(1)


def power_law(exponent: float, seed: int, side: int = 256) -> np.ndarray:
    """Return noise of mean 0 and standard deviation 1 whose power falls as frequency**exponent."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side))
    frequency[0, 0] = np.inf
    spectrum = np.fft.fft2(rng.normal(size=(side, side))) * frequency ** (exponent / 2)
    image = np.fft.ifft2(spectrum).real
    return image / image.std()


def high_alone(highs: list[np.ndarray]) -> Looks:
    """Measure long exposures; the short ones have noise only."""
    rng = np.random.default_rng(7)
    pairs = [(0.1 * high + rng.normal(0, 5, high.shape), high) for high in highs]
    return measure_looks(pairs, fields=len(pairs))


@pytest.mark.parametrize("exponent", [-2.0, -3.0])
def test_slope_is_the_exponent_of_the_spectrum(exponent: float) -> None:
    found = high_alone([1000 + 100 * power_law(exponent, seed) for seed in range(4)])
    assert found.slope == pytest.approx(exponent, abs=0.1)
    band = (found.frequency > 0.05) & (found.frequency < 0.3)
    expected = (found.frequency / found.frequency[0]) ** exponent
    ratio = found.signal_spectrum[band] / expected[band]
    np.testing.assert_allclose(ratio / ratio.mean(), 1, atol=0.25)


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_long_noise_is_its_share_of_the_range(share: float) -> None:
    rng = np.random.default_rng(1)
    ramp = 1000 * np.tile(np.linspace(0, 1, 256), (256, 1))
    # Its variance grows with the light, and in the middle of the range it is what is to be found.
    spread = 1000 * share * np.sqrt(0.5 + ramp / 1000)
    highs = [ramp + spread * rng.normal(size=ramp.shape) for _ in range(2)]
    bottom, top = np.percentile(highs, (0.1, 99))
    expected = 1000 * share * np.sqrt(0.5 + (bottom + top) / 2000) / (top - bottom)
    assert high_alone(highs).long_noise == pytest.approx(expected, rel=0.05)


def test_brightness_of_a_ramp_is_even() -> None:
    rng = np.random.default_rng(1)
    ramp = np.linspace(0, 1000, 256**2).reshape(256, 256) + rng.normal(0, 0.1, (256, 256))
    found = high_alone([ramp])
    # The range is from the 0.1 to the 99 percentile; what lies beyond counts at its ends.
    np.testing.assert_allclose(found.brightness[1:-1], 0.989, atol=0.01)
    assert found.brightness[[0, -1]] == pytest.approx([0.989 + 0.05, 0.989 + 0.5], abs=0.01)
    assert found.background == pytest.approx(0.1, abs=0.002)
    assert found.middle == pytest.approx(0.555, abs=0.002)


def test_transfer_is_the_cameras_line() -> None:
    rng = np.random.default_rng(3)
    light = np.tile(np.linspace(-20, 60, 256).clip(0), (256, 1))
    lows = [GAIN * rng.poisson(light) + rng.normal(100, READ_NOISE, light.shape) for _ in "abcd"]
    highs = [light + rng.normal(0, 0.1, light.shape) for _ in lows]
    transfer = measure_looks(list(zip(lows, highs, strict=True)), fields=4).transfer
    weights = 1 / (GAIN * transfer.means + READ_NOISE**2)
    slope, offset = np.polyfit(transfer.means, transfer.variances, 1, w=weights)
    assert slope == pytest.approx(GAIN, rel=0.03)
    assert offset == pytest.approx(READ_NOISE**2, rel=0.1)


@pytest.mark.parametrize(
    ("count", "chosen"), [(3, [0, 1, 2]), (16, range(16)), (17, range(0, 17, 2))]
)
def test_few_are_chosen_evenly(count: int, chosen: list[int]) -> None:
    assert list(evenly_chosen(range(count), at_most=16)) == list(chosen)


def test_a_card_holds_all() -> None:
    found = looks(photons())
    again = Looks.from_card(json.loads(json.dumps(found.card())))
    assert again.gain == found.gain
    assert (again.pairs, again.fields) == (3, 3)
    np.testing.assert_array_equal(again.signal_spectrum, found.signal_spectrum)
    np.testing.assert_array_equal(again.transfer.variances, found.transfer.variances)


def test_mistakes_are_told() -> None:
    with pytest.raises(InputError, match="at least one pair"):
        measure_looks([], fields=0)
    with pytest.raises(InputError, match="at least 64 pixels a side"):
        measure_looks([(np.ones((32, 128)), np.ones((32, 128)))], fields=1)

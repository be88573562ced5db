"""Scores without a truth: thinned parts are as two exposures, and errors come out as they are."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from denoisekit.errors import InputError
from denoisekit.evaluation.without_truth import error_against, masked_error
from denoisekit.noise import thinning
from denoisekit.noise.thinning import Light

GAIN, OFFSET, READ_NOISE = 2.5, 100.0, 3.0
#: Where variance = gain * (mean - offset) + read_noise**2 is zero.
LIGHT = Light(GAIN, OFFSET - READ_NOISE**2 / GAIN)


def scene(photons: float, side: int = 192) -> np.ndarray:
    """Return mean photons: smooth structure on a ground of a quarter of its mean."""
    drawn = gaussian_filter(np.random.default_rng(0).gamma(0.3, 1, (side, side)), 2)
    return photons * (0.25 + 0.75 * drawn / drawn.mean())


def exposed(light: np.ndarray, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    value = OFFSET + GAIN * rng.poisson(light) + rng.normal(0, READ_NOISE, light.shape)
    return np.round(value)


def smoothed(image: np.ndarray) -> np.ndarray:
    return gaussian_filter(image.astype(float), 1.5)


def thinned(image: np.ndarray, kept: float = 0.5, *, light: Light = LIGHT) -> thinning.Parts:
    return thinning.thin(image, light, kept=kept, rng=np.random.default_rng(2), name="a")


@pytest.mark.parametrize("kept", [0.5, 0.2])
def test_parts_keep_the_mean_have_their_shares_of_noise_and_share_none(kept):
    light = scene(40)
    image = exposed(light)
    parts, truth = thinned(image, kept), OFFSET + GAIN * light
    noise = [part - truth for part in (parts.kept, parts.rest)]
    for own, share, told in zip(
        noise, (kept, 1 - kept), (parts.kept_variance, parts.rest_variance), strict=True
    ):
        # Each has the photons of its share, in units that are larger by one over it.
        expected = (GAIN**2 * light.mean() + READ_NOISE**2) / share
        assert own.mean() == pytest.approx(0, abs=4 * np.sqrt(expected / own.size))
        assert own.var() == pytest.approx(expected, rel=0.04)
        assert told == pytest.approx(expected, rel=0.04)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 4 / np.sqrt(light.size)
    assert parts.photons == pytest.approx(
        kept * (light.mean() + (READ_NOISE / GAIN) ** 2), rel=0.02
    )


def test_parts_of_pure_photons_are_poissons_own():
    # Thinned counts are Poisson again: variance and mean are equal, at any light.
    counts = np.random.default_rng(0).poisson(3.0, (256, 256)).astype(float)
    parts = thinned(counts, 0.3, light=Light(1.0, 0.0))
    kept = parts.kept * 0.3
    assert np.allclose(kept, np.round(kept), atol=1e-4)
    assert kept.mean() == pytest.approx(0.9, rel=0.02)
    assert kept.var() == pytest.approx(0.9, rel=0.03)
    assert np.allclose(kept + 0.7 * parts.rest, counts, atol=1e-4)


@pytest.mark.parametrize("photons", [5, 40])
def test_the_rest_of_the_light_tells_the_true_error(photons):
    light = scene(photons)
    parts, truth = thinned(exposed(light)), OFFSET + GAIN * light
    restored = smoothed(parts.kept)
    estimate = error_against(restored, parts.rest, variance=parts.rest_variance)
    true = np.mean((restored - truth) ** 2)
    spread = np.std((restored - parts.rest) ** 2) / np.sqrt(light.size)
    assert estimate == pytest.approx(true, abs=3 * spread)
    # The whole image is no such measure: its noise is in what was restored.
    whole = smoothed(exposed(light))
    variance = GAIN**2 * light.mean() + READ_NOISE**2
    same = error_against(whole, exposed(light), variance=variance)
    assert same < np.mean((whole - truth) ** 2) - 3 * spread


def test_a_second_frame_tells_the_true_error():
    light = scene(20)
    truth, restored = OFFSET + GAIN * light, smoothed(exposed(light))
    other = exposed(light, seed=5)
    variance = GAIN**2 * light.mean() + READ_NOISE**2 + 1 / 12
    estimate = error_against(restored, other, variance=variance)
    spread = np.std((restored - other) ** 2) / np.sqrt(light.size)
    assert estimate == pytest.approx(np.mean((restored - truth) ** 2), abs=3 * spread)


def test_hidden_pixels_tell_the_error_of_restoring_without_them_and_their_noise():
    light = np.full((192, 192), 30.0)
    image = exposed(light)
    variance = GAIN**2 * 30 + READ_NOISE**2 + 1 / 12
    spread = 4 * variance * np.sqrt(2 / light.size)
    # Restored to what it is shown: the mean of four neighbours, whose noise is a quarter.
    shown = masked_error(lambda pixels: pixels, image, period=4)
    assert shown == pytest.approx(variance * 5 / 4, abs=2 * spread)
    constant = masked_error(
        lambda pixels: np.full_like(pixels, OFFSET + GAIN * 30), image, period=3
    )
    assert constant == pytest.approx(variance, abs=spread)


def test_the_light_is_measured_by_the_images_own_noise():
    taken = [exposed(scene(40), seed=seed) for seed in (1, 2)]
    # Of another setting, and one whose noise falls with the light, which none does that counts.
    images = {"a": taken[0], "b": taken[1], "c": 4 * taken[0], "d": 1000 - taken[0]}
    light = thinning.measure_light({name: (lambda p=p: p) for name, p in images.items()})
    assert light.keys() == {"a", "b", "c"}
    assert light["a"] == light["b"]
    assert light["a"].gain == pytest.approx(GAIN, rel=0.1)
    assert light["a"].zero == pytest.approx(LIGHT.zero, abs=4)
    assert light["c"].gain == pytest.approx(4 * GAIN, rel=0.15)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (exposed(scene(40)) + 0.5, "a has values that are no counts .* neither averaged nor resc"),
        (exposed(scene(40)) - 200, "of its pixels below 96.4, where its noise says that there is"),
        (np.full((8, 8), np.nan), "a has values that are no counts"),
    ],
)
def test_what_are_no_counts_is_one_sentence(image, words):
    with pytest.raises(InputError, match=words):
        thinned(image)


@pytest.mark.parametrize("kept", [0.0, 1.0])
def test_a_share_lies_between_none_and_all(kept):
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        thinned(exposed(scene(5)), kept)


@pytest.mark.parametrize("period", [1, 300])
def test_hidden_pixels_have_neighbours_that_are_shown(period):
    with pytest.raises(InputError, match="must be from 2 px to"):
        masked_error(smoothed, scene(5), period=period)

"""What is no image is found, and rules no number; what is one is left alone."""

import numpy as np
import pytest
from scenes import blobs, camera, moved
from scipy import ndimage
from scipy.special import erf
from skimage.metrics import peak_signal_noise_ratio

from denoisekit import filters
from denoisekit.datasets.registration import align, estimate_shift, pair_quality
from denoisekit.errors import InputError
from denoisekit.evaluation.conventions import score_all, why_undefined
from denoisekit.images.normalization import percentile_normalizer
from denoisekit.noise import usable
from denoisekit.noise.card import measure_noise_card
from denoisekit.noise.usable import _median_around, find, repaired
from denoisekit.training import patches

OPTIONS = {"nlm": {"patch_size": 5, "patch_distance": 6}}
HOT = [(116, 44), (10, 100), (150, 150)]
CAMERA = {"gain": 2.0, "offset": 100, "read_noise": 2}


def scene(side: int = 192, seed: int = 1) -> np.ndarray:
    return 1 + 35 * blobs(seed, side)


def shot(side: int = 192, seed: int = 1, light: float = 1.0) -> np.ndarray:
    return camera(light * scene(side), **CAMERA, seed=seed)


def with_hot(image: np.ndarray, value: float = 4000) -> np.ndarray:
    hot = image.copy()
    hot[tuple(np.transpose(HOT))] = value
    return hot


def with_border(image: np.ndarray, value: float = 0) -> np.ndarray:
    image = image.copy()
    image[..., :20, :] = image[..., :, :24] = value
    return image


def points(sigma: float, offset: float) -> np.ndarray:
    """Return points of light as pixels of a camera gather them, in whole counts."""

    def across(middle: float) -> np.ndarray:
        edges = (np.arange(97) - 0.5 - middle) / (np.sqrt(2) * sigma)
        return np.diff(erf(edges)) / 2

    places = np.random.default_rng(0).integers(5, 91, (12, 2)) + offset
    light = 5 + sum(3000 * np.outer(across(y), across(x)) for y, x in places)
    return camera(light, **CAMERA, seed=2)


def amplified(photons: float) -> np.ndarray:
    """Return single photons as an EMCCD shows them: heights fall off exponentially."""
    rng = np.random.default_rng(0)
    counts = rng.gamma(np.maximum(rng.poisson(photons, (256, 256)), 1e-9), 200)
    return np.rint(counts + rng.normal(100, 5, counts.shape)).astype(np.uint16)


def poisson(mean: float) -> np.ndarray:
    return np.random.default_rng(0).poisson(mean * blobs(2), (256, 256)).astype(np.uint16)


def saturated_object() -> np.ndarray:
    image = shot()
    image[:40, 60:100] = 900
    return np.minimum(ndimage.gaussian_filter(image, 1.5) * 2, 900).astype(np.uint16)


SOUND = {
    "camera": shot(),
    "dim": shot(light=0.05),
    "bright": shot(light=50),
    "clipped": np.maximum(shot().astype(int) - 104, 0).astype(np.uint16),
    "saturated": saturated_object(),
    "flat": np.full((64, 64), 7),
    "mask": scene() > 10,
    "smooth cell": np.where(np.hypot(*np.indices((96, 96)) - 48) < 40, 50 + scene(96), 0),
    "squares": np.kron(np.random.default_rng(0).random((12, 12)) > 0.8, np.full((8, 8), 90.0)),
    "noiseless": np.where(blobs(3) > 0.05, blobs(3), 0),
    **{f"counts {mean:g}": poisson(mean) for mean in (0.002, 0.035, 0.1, 1, 5)},
    "even counts": np.random.default_rng(0).poisson(0.035, (256, 256)),
    **{f"amplified {mean:g}": amplified(mean) for mean in (0.01, 0.1)},
    **{
        f"points {sigma:g} {offset:g}": points(sigma, offset)
        for sigma in (0.4, 0.5, 0.7, 1.2)
        for offset in (0.0, 0.25, 0.5)
    },
}


@pytest.mark.parametrize("kind", SOUND)
def test_nothing_is_found_in_what_is_an_image(kind: str) -> None:
    found = find(SOUND[kind], name="x")
    assert not found.any
    assert repaired(SOUND[kind], found) is SOUND[kind]


@pytest.mark.parametrize("value", [0, 400, 4000, 65535])
@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_hot_and_dead_pixels_are_found_wherever_they_lie(value: float, kind: type) -> None:
    image = shot(light=0.3)
    places = [(0, 0), (191, 100), (60, 191), (20, 150), (21, 40)]
    image[tuple(np.transpose(places))] = value
    found = find(image.astype(kind), name="x")
    assert {tuple(place) for place in np.argwhere(found.points)} == set(places)
    assert not found.outside.any()
    clean = repaired(image.astype(kind), found)
    assert clean.dtype == kind
    assert np.abs(clean.astype(float) - shot(light=0.3)).max() < 30


def test_the_track_of_a_cosmic_ray_is_found_whole() -> None:
    image = shot()
    track = [(50 + n, 60 + n // 2) for n in range(8)]
    image[tuple(np.transpose(track))] = 2000
    assert {tuple(place) for place in np.argwhere(find(image, name="x").points)} == set(track)


def rounded(image: np.ndarray) -> np.ndarray:
    y, x = np.indices(image.shape)
    return np.hypot(y - 96, x - 96) > 94


def turned(image: np.ndarray) -> np.ndarray:
    return ndimage.rotate(np.ones(image.shape), 10, reshape=False, order=0) == 0


def drifted(image: np.ndarray) -> np.ndarray:
    lines = np.zeros(image.shape, dtype=bool)
    lines[:2] = lines[:, -1] = True
    return lines


@pytest.mark.parametrize(
    ("cut", "value"),
    [(rounded, 0), (turned, 0), (drifted, 0), (rounded, 65535), (drifted, 65535)],
)
def test_the_outside_of_a_field_is_found(cut, value: int) -> None:
    image = shot()
    area = cut(image)
    image[area] = value
    np.testing.assert_array_equal(find(image, name="x").outside, area)


def test_values_named_are_outside_wherever_they_lie() -> None:
    image = shot().astype(np.float32)
    image[:20], image[100, 100] = np.nan, -1
    found = find(image, outside=["NaN", -1], name="x")
    assert found.outside.sum() == 20 * 192 + 1
    with pytest.raises(InputError, match=r"x has 3840 pixels that are NaN .*outside: \[NaN\]"):
        find(image, name="x")
    with pytest.raises(InputError, match="x has 3840 pixels"):
        find(image, outside=[-1], name="x")
    assert not find(with_border(shot()), outside=[], name="x").any
    with pytest.raises(InputError, match="x has no pixel that does not lie outside"):
        find(np.zeros((40, 40)), outside=[0], name="x")


@pytest.mark.parametrize("name", ["gaussian", "nlm", "tv"])
def test_hot_pixels_move_no_filters_error(name: str) -> None:
    truth, image = 100 + 2 * scene(), shot()
    away = ndimage.distance_transform_edt(~(with_hot(image) != image)) > 3

    def error(noisy: np.ndarray) -> float:
        pixels = filters.get(name)(noisy, **OPTIONS.get(name, {})).pixels
        return float(np.sqrt(np.mean((pixels - truth)[away] ** 2)))

    assert error(with_hot(image)) == pytest.approx(error(image), rel=0.01)


def test_filters_return_what_is_outside_as_it_is_and_are_as_strong_within() -> None:
    image = shot()
    plain, cut = (filters.get("gaussian")(one) for one in (image, with_border(image)))
    outside = with_border(image) == 0
    assert (cut.pixels[outside] == 0).all()
    assert cut.settings["sigma"] == pytest.approx(plain.settings["sigma"], rel=0.15)
    np.testing.assert_allclose(cut.pixels[40:, 44:], plain.pixels[40:, 44:], atol=3)
    nowhere = with_border(image.astype(np.float32), np.nan)
    named = filters.get("gaussian")(nowhere, outside=["NaN"]).pixels
    np.testing.assert_array_equal(np.isnan(named), outside)
    np.testing.assert_allclose(named[~outside], cut.pixels[~outside], atol=1e-3)


def test_doing_nothing_keeps_hot_pixels() -> None:
    image = with_hot(shot())
    np.testing.assert_array_equal(filters.get("noisy")(image).pixels, image)


@pytest.mark.parametrize("frames", [1, 4])
def test_a_noise_card_is_that_of_the_image(frames: int) -> None:
    stack = np.stack([shot(256, seed=seed) for seed in range(frames)])
    plain, hot, cut = (
        measure_noise_card(one, has_pairs=False)
        for one in (
            stack,
            with_hot(stack.transpose(1, 2, 0)).transpose(2, 0, 1),
            with_border(stack),
        )
    )
    assert hot.gain == pytest.approx(plain.gain, rel=0.02)
    assert cut.gain == pytest.approx(2, rel=0.12)
    assert cut.row_share < 0.02
    assert cut.lowest > 80
    assert (plain.odd, plain.outside) == (0, 0)
    assert hot.odd == 3 * frames
    assert hot.highest == plain.highest
    assert cut.outside == pytest.approx(1 - 236 / 256 * 232 / 256)
    assert {plain.advice.method, hot.advice.method, cut.advice.method} == {"pretrained"}


def exposures(y: float, x: float) -> tuple[np.ndarray, np.ndarray]:
    light = scene(256, seed=4)
    inside = (slice(32, -32),) * 2
    low = camera(moved(light, -y, -x)[inside], **CAMERA, seed=1)
    return low, camera(100 * light[inside], **CAMERA, seed=2)


@pytest.mark.parametrize("harm", [lambda image: with_hot(image, 65535), with_border])
def test_neither_hot_pixels_nor_a_border_hide_a_shift(harm) -> None:
    low, high = (harm(image) for image in exposures(3.3, -2.2))
    shift = estimate_shift(low, high)
    assert shift.significant
    assert (shift.y, shift.x) == pytest.approx((3.3, -2.2), abs=0.15)
    quality = pair_quality(*align(low, high, shift))
    assert quality.gain == pytest.approx(100, rel=0.05)
    assert quality.low_max < 65535
    assert quality.high_max < 65535
    assert quality.low_hot == quality.high_hot == (3 if harm is not with_border else 0)
    assert (quality.outside > 0.1) == (harm is with_border)


def test_scores_are_of_what_is_an_image() -> None:
    truth, low = 100.0 + 2 * scene(), shot().astype(float)
    image = ndimage.gaussian_filter(low, 1)
    names = ["care", "truth-range", "scale-invariant", "fmd"]
    plain = score_all(truth, image, low=low, conventions=names)
    hot = score_all(truth, image, low=with_hot(low), conventions=names)
    for name, scores in plain.items():
        assert hot[name] == pytest.approx(scores, rel=1e-3)
    nowhere = with_border(low, np.nan)
    cut = score_all(truth, image, low=nowhere, conventions=["truth-range"], outside=["NaN"])
    part = truth[20:, 24:], image[20:, 24:]
    expected = peak_signal_noise_ratio(*part, data_range=np.ptp(part[0]))
    assert cut["truth-range"]["psnr"] == pytest.approx(expected, rel=1e-12)
    within = score_all(*part, low=low[20:, 24:], conventions=["truth-range"])["truth-range"]
    assert cut["truth-range"]["ssim"] == pytest.approx(within["ssim"], abs=0.02)
    assert not why_undefined(truth, low=nowhere, convention="truth-range", outside=["NaN"])


def test_patches_hold_the_field_alone_and_no_hot_pixel() -> None:
    low, high = with_border(with_hot(shot())), shot(seed=9, light=20)
    cut = patches.extract_patches(
        low, high, patch_size=32, count=40, rng=np.random.default_rng(0), name="cell"
    )
    assert (cut.positions >= [20, 24]).all()
    assert cut.low.max() < 4
    places = patches.random_positions(
        low,
        patch_size=32,
        count=4000,
        rng=np.random.default_rng(0),
        name="cell",
        field=~find(low, name="cell").outside,
    )
    np.testing.assert_array_equal(places.min(axis=0), [20, 24])
    np.testing.assert_array_equal(places.max(axis=0), [160, 160])


def test_an_exposure_without_signal_is_named_before_training() -> None:
    dark = np.zeros((192, 192), np.uint16)
    dark[10, 10], dark[50, 30] = 1, 2
    with pytest.raises(InputError, match=r"cell 3, in its low exposure, has the same value, 0,"):
        patches.extract_patches(
            dark, shot(), patch_size=32, count=4, rng=np.random.default_rng(0), name="cell 3"
        )


def test_a_range_that_is_rounding_alone_is_no_signal() -> None:
    noise = np.random.default_rng(0).normal(size=(64, 64))
    with pytest.raises(InputError, match="x has the same value, 1000"):
        percentile_normalizer(1000 + 1e-5 * noise, percentiles=(2, 99.8), name="x")


def test_images_can_be_normalised_alike_by_what_is_an_image() -> None:
    movie = np.stack([shot(seed=seed) for seed in range(3)])
    usable = np.ones(movie.shape, dtype=bool)
    usable[1] = False
    two = percentile_normalizer(movie[[0, 2]], percentiles=(2, 99.8), name="x")
    of_mask = percentile_normalizer(movie, percentiles=(2, 99.8), name="x", usable=usable)
    assert of_mask == two


@pytest.mark.parametrize("photons", [0.01, 0.035, 0.1])
@pytest.mark.parametrize("name", ["gaussian", "tv"])
def test_strengths_for_few_photons_are_near_the_best(name: str, photons: float) -> None:
    truth = scene(256)
    truth *= photons / truth.mean()
    counts = np.random.default_rng(0).poisson(truth)
    best = min(
        np.sqrt(np.mean((ndimage.gaussian_filter(counts.astype(float), sigma) - truth) ** 2))
        for sigma in np.geomspace(0.4, 8, 20)
    )
    pixels = filters.get(name)(counts).pixels
    assert np.sqrt(np.mean((pixels - truth) ** 2)) < 1.6 * best
    assert pixels.mean() == pytest.approx(counts.mean(), rel=1e-4)
    scaled = filters.get(name)(0.3 * counts).pixels
    np.testing.assert_allclose(scaled, 0.3 * pixels, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("shape", [(5, 7), (64, 65), (129, 40), (200, 3)])
def test_the_median_around_is_scipys_in_bands_of_rows(shape):
    pixels = np.random.default_rng(0).normal(size=shape)
    along = ndimage.median_filter(pixels, size=(1, 5), mode="mirror")
    expected = ndimage.median_filter(along, size=(5, 1), mode="mirror")
    np.testing.assert_array_equal(_median_around(pixels), expected)


def test_what_was_found_is_told_again_of_the_same_pixels_alone(monkeypatch):
    usable._LATEST.clear()
    looked_at, find_points = [], usable._odd_points
    monkeypatch.setattr(
        usable, "_odd_points", lambda *given: looked_at.append(1) or find_points(*given)
    )
    image = with_hot(shot())
    first, again = find(image, name="The image"), find(image.copy(), name="Another")
    assert (len(looked_at), np.count_nonzero(again.points)) == (1, len(HOT))
    assert first.points is again.points
    with pytest.raises(ValueError, match="read-only"):
        first.points[0] = True
    image[HOT[0]] = 120
    assert np.count_nonzero(find(image, name="The image").points) == len(HOT) - 1
    assert np.count_nonzero(find(image, outside=[120], name="The image").outside) > 0
    assert find(image.astype(np.float32), name="The image").outside.sum() == 0
    for seed in range(usable._REMEMBERED + 1):
        find(shot(seed=seed), name="The image")
    assert len(usable._LATEST) == usable._REMEMBERED

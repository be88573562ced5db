"""Noise described without the truth, where the truth is known."""

import json

import numpy as np
import pytest
from scenes import blobs, camera
from scipy import ndimage

from denoisekit.errors import InputError
from denoisekit.noise import fitting
from denoisekit.noise.card import (
    NoiseCard,
    advise,
    disagreement,
    measure_noise_card,
    warning,
)
from denoisekit.noise.estimate import noise_between_frames


def card(frames: np.ndarray, **options) -> NoiseCard:
    return measure_noise_card(frames, **{"has_pairs": False, **options})


def scene(seed: int) -> np.ndarray:
    return 20 + 200 * blobs(seed)


def shot(seed: int, **options) -> np.ndarray:
    settings = {"gain": 2.4, "offset": 100, "read_noise": 4, "seed": seed, **options}
    return camera(scene(0), **settings)


def filtered(weights: np.ndarray, seed: int) -> np.ndarray:
    """Return noise of variance 1 that was white before a filter."""
    noise = np.random.default_rng(seed).normal(size=(256, 256))
    return ndimage.convolve(noise, weights / np.sqrt((weights**2).sum()), mode="wrap")


TRIANGLE = np.array([1.0, 2.0, 1.0])


def test_independent_noise_of_a_camera() -> None:
    found = card(shot(1), pixels=10**9, offset=100)
    assert found.advice.method == "pn2v"
    assert found.advice.mask == (0, 0)
    np.testing.assert_allclose([*found.correlation_x, *found.correlation_y], 0, atol=0.2)
    assert found.gain == pytest.approx(2.4, rel=0.15)
    mean = 100 + 2.4 * scene(0).mean()
    truth = 2.4 * (mean - 100) + 16
    assert found.gain * mean + found.intercept == pytest.approx(truth, rel=0.15)
    assert found.read_noise == pytest.approx(4, abs=3)
    assert found.row_noise < 0.5
    assert found.column_noise < 0.5
    assert found.saturated == found.floored == 0
    assert card(shot(1)).read_noise is None


def test_bright_structure_is_not_taken_for_correlated_noise() -> None:
    found = card(camera(10 * scene(1), gain=2.4, offset=100, read_noise=4, seed=1))
    np.testing.assert_allclose([*found.correlation_x, *found.correlation_y], 0, atol=0.15)
    assert found.advice.method == "pretrained"


def test_frames_of_a_static_field_leave_no_structure() -> None:
    frames = np.stack([shot(seed) for seed in range(4)])
    found = card(frames)
    assert found.frames == 4
    np.testing.assert_allclose([*found.correlation_x, *found.correlation_y], 0, atol=0.06)
    assert found.gain == pytest.approx(2.4, rel=0.1)
    assert noise_between_frames(frames[0], frames[1]).variances.min() > 0


def test_noise_correlated_both_ways() -> None:
    """The triangle's autocorrelation is 1, 2/3 and 1/6 at 0, 1 and 2 pixels."""
    image = 500 * blobs(0) + 20 * filtered(np.outer(TRIANGLE, TRIANGLE), 1)
    found = card(image)
    for axis in (found.correlation_x, found.correlation_y):
        np.testing.assert_allclose(axis, [2 / 3, 1 / 6], atol=0.08)
    mean = image.mean()
    assert found.gain * mean + found.intercept == pytest.approx(400, rel=0.25)
    assert found.advice.method == "structn2v"
    assert found.advice.mask == (2, 2)
    assert "PN2V" in found.advice.reason


@pytest.mark.parametrize("axis", [0, 1])
def test_noise_correlated_along_one_axis(axis: int) -> None:
    weights = TRIANGLE[None] if axis else TRIANGLE[:, None]
    found = card(500 * blobs(0) + 20 * filtered(weights, 2))
    along, across = found.correlation_y, found.correlation_x
    if axis:
        along, across = across, along
    np.testing.assert_allclose(along, [2 / 3, 1 / 6], atol=0.08)
    np.testing.assert_allclose(across, 0, atol=0.08)
    assert found.advice.method == "structn2v"
    assert found.advice.mask == ((0, 2) if axis else (2, 0))


def test_offsets_of_rows_and_columns() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(0, 20, (256, 1))
    found = card(shot(4) + rows)
    assert found.row_noise == pytest.approx(20, rel=0.2)
    assert found.column_noise < 2
    assert found.advice.method == "structn2v"
    assert found.advice.mask == (0, 5)
    turned = card((shot(4) + rows).T)
    assert turned.column_noise == pytest.approx(found.row_noise)
    assert turned.advice.mask == (5, 0)


def test_oversharpened_noise_is_correlated_too() -> None:
    found = card(500 * blobs(0) + 20 * filtered(np.array([[-1.0, 2.0, -1.0]]), 5))
    assert found.correlation_x[0] == pytest.approx(-2 / 3, abs=0.12)
    assert found.advice.method == "structn2v"


def test_ends_of_the_range_are_counted() -> None:
    image = np.clip(shot(6), 150, 700)
    found = card(image)
    assert (found.lowest, found.highest) == (150, 700)
    assert found.saturated == np.mean(image == 700) > 0.0004
    assert found.floored == np.mean(image == 150) > 0.001


def test_advice_with_pairs_and_with_few_pixels() -> None:
    assert card(shot(7), has_pairs=True).advice.method == "supervised"
    few = card(shot(7), pixels=8_000_000)
    assert few.advice.method == "pretrained"
    assert "on so few pixels (8 million; 50 are enough)" in few.advice.reason


def test_no_filter_of_planes_is_advised_for_volumes() -> None:
    noise = {"correlations": ((0.0, 0.0), (0.0, 0.0)), "lines": (0.0, 0.0), "has_pairs": False}
    found = [
        advise(**noise, pixels=pixels, volumes=volumes).method
        for pixels in (8_000_000, 80_000_000)
        for volumes in (False, True)
    ]
    assert found == ["pretrained", "vst-bm3d", "pn2v", "pn2v"]


def test_the_same_card_comes_back_from_a_file() -> None:
    found = card(shot(1), offset=100)
    assert NoiseCard.from_card(json.loads(json.dumps(found.card()))) == found


def test_who_takes_noise_for_independent_is_warned() -> None:
    assert warning(card(shot(1)), line=None) is None
    along_x = card(500 * blobs(0) + 20 * filtered(TRIANGLE[None], 2), has_pairs=True)
    for line in (None, "vertical"):
        said = warning(along_x, line=line)
        assert "has a correlation of 0.6" in said
        assert "no line of them is hidden along x:" in said
    for line in ("horizontal", "both"):
        assert warning(along_x, line=line) is None
    both = card(500 * blobs(0) + 20 * filtered(np.outer(TRIANGLE, TRIANGLE), 1))
    assert "along x or y:" in warning(both, line=None)
    assert "along y:" in warning(both, line="horizontal")
    rows = card(shot(4) + np.random.default_rng(3).normal(0, 20, (256, 1)))
    assert rows.row_share > 0.25 > rows.column_share
    assert "whole rows share" in warning(rows, line=None)
    assert warning(rows, line="horizontal") is None


def test_independent_noise_is_never_taken_for_correlated() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        found = card(rng.normal(100, 5, (200, 200)))
        np.testing.assert_allclose([found.correlation_x[0], found.correlation_y[0]], 0, atol=0.3)


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_kinds_of_pixels_make_no_difference(kind: type) -> None:
    image = np.rint(shot(8) / 4)
    assert image.max() < 255
    assert card(image.astype(kind)) == card(image.astype(np.uint8))


def test_the_card_scales_with_the_image() -> None:
    first, scaled = card(shot(9)), card(3.0 * shot(9))
    assert scaled.gain == pytest.approx(3 * first.gain)
    assert scaled.intercept == pytest.approx(9 * first.intercept)
    assert scaled.correlation_x == pytest.approx(first.correlation_x)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.ones((128, 128)), "constant"),
        (np.full((128, 128), np.nan), "NaN or infinite"),
        (np.ones((32, 128)), "32 x 128"),
        (shot(1)[:128, :128], "Only 49 tiles of 32 x 32 pixels"),
        (np.ones((1, 1, 128, 128)), "1 x 1 x 128 x 128"),
        (np.stack([shot(1)] * 3), "3 frames are copies"),
        (
            np.where(np.arange(128 * 128).reshape(128, 128) % 9 < 4, 9, 255),
            "beside a saturated one",
        ),
    ],
)
def test_frames_that_cannot_be_measured_are_refused(frames: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        card(frames)


def test_a_noise_model_of_another_gain_is_told() -> None:
    found = card(np.stack([shot(seed) for seed in range(4)]))
    signal = np.linspace(100, 700, 20_000)
    rng = np.random.default_rng(0)
    for gain, said in ((2.4, False), (12.0, True), (0.5, True)):
        noisy = rng.normal(signal, np.sqrt(gain * (signal - 100) + 16))
        model = fitting.fit_mixture(
            signal, noisy, values=(-200, 1200), step=0, origin="restoration"
        )
        sentence = disagreement(found, model, borrowed=False)
        assert (sentence is not None) == said
    assert "the data set's own noise card has" in sentence
    elsewhere = fitting.fit_mixture(
        signal + 5000, noisy + 5000, values=(4000, 7000), step=0, origin="restoration"
    )
    assert "the noise model holds for signals from 5100 to 5700" in disagreement(
        found, elsewhere, borrowed=True
    )


def test_a_dropped_frame_is_left_out() -> None:
    frames = np.stack([shot(seed) for seed in range(4)])
    dropped = np.insert(frames, 2, 0, axis=0)
    assert card(dropped) == card(frames)

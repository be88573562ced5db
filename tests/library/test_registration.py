"""Displacements found and applied, and pairs judged."""

import numpy as np
import pytest
from scenes import blobs, camera, moved

from denoisekit.datasets.registration import (
    Shift,
    align,
    estimate_shift,
    image_quality,
    pair_quality,
)
from denoisekit.errors import InputError

MARGIN = 48


def exposures(
    seed: int, y: float, x: float, *, photons: float, side: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high, the low one to be moved by (y, x) to lie on the high one."""
    scene = blobs(seed, side + 2 * MARGIN)
    inside = (slice(MARGIN, -MARGIN),) * 2
    settings = {"gain": 2.4, "offset": 100, "read_noise": 1.5}
    low = camera(photons * moved(scene, -y, -x)[inside], **settings, seed=seed)
    high = camera(100 * photons * scene[inside], **settings, seed=seed + 1000)
    return low, high


def sure(y: float, x: float) -> Shift:
    return Shift(y=y, x=x, error=0.0, confidence=100.0, significant=True)


@pytest.mark.parametrize("photons", [60, 8])
@pytest.mark.parametrize(("y", "x"), [(0.3, -0.4), (1.7, 2.3), (-5.5, 0.25), (20.25, -33.6)])
def test_known_shifts_are_recovered(y: float, x: float, photons: float) -> None:
    found = estimate_shift(*exposures(1, y, x, photons=photons))
    assert found.significant
    assert np.hypot(found.y - y, found.x - x) < 0.1


def test_error_tells_how_far_the_estimate_is_off() -> None:
    found = [estimate_shift(*exposures(seed, 2.4, -1.3, photons=3)) for seed in range(8)]
    off = np.array([[shift.y - 2.4, shift.x + 1.3] for shift in found])
    typical = np.sqrt(np.mean([shift.error**2 for shift in found]))
    assert 0.4 < np.sqrt(np.mean(np.sum(off**2, axis=1))) / typical < 2.5


@pytest.mark.parametrize("photons", [60, 3])
def test_aligned_pairs_are_left_alone(photons: float) -> None:
    for seed in range(4):
        low, high = exposures(seed, 0, 0, photons=photons)
        shift = estimate_shift(low, high)
        assert not shift.significant
        assert shift.confidence > 8
        same_low, same_high = align(low, high, shift)
        np.testing.assert_array_equal(same_low, low)
        np.testing.assert_array_equal(same_high, high)


def test_noise_and_unrelated_images_are_never_significant() -> None:
    rng = np.random.default_rng(0)
    for side in (64, 128, 256):
        for _ in range(8):
            noise = rng.poisson(5, (side, side)), rng.poisson(100, (side, side))
            assert not estimate_shift(*noise).significant
    for seed in range(6):
        low, _ = exposures(seed, 0, 0, photons=30)
        _, high = exposures(seed + 50, 0, 0, photons=30)
        assert not estimate_shift(low, high).significant


def test_a_pattern_of_the_camera_does_not_hide_a_shift() -> None:
    low, high = exposures(3, 2.5, -1.5, photons=30)
    pattern = np.random.default_rng(9).normal(0, 3, low.shape)
    found = estimate_shift(low + pattern, high + pattern)
    assert np.hypot(found.y - 2.5, found.x + 1.5) < 0.1


@pytest.mark.parametrize(("y", "x"), [(3, -5), (-2, 0), (0, 7)])
def test_whole_pixels_are_moved_without_interpolation(y: int, x: int) -> None:
    scene = np.random.default_rng(0).integers(0, 1000, (50, 60)).astype(np.uint16)
    low, high = align(scene, np.roll(scene, (y, x), axis=(0, 1)), sure(y, x))
    assert low.shape == (50 - abs(y), 60 - abs(x))
    assert low.dtype == np.uint16
    np.testing.assert_array_equal(low, high)


def test_fractions_are_interpolated_and_nothing_is_padded() -> None:
    rows, columns = np.mgrid[:64, :80].astype(float)

    def plane(y: np.ndarray, x: np.ndarray) -> np.ndarray:
        return 500 + 3 * y - 2 * x

    taken = plane(rows + 2.3, columns - 4.6)
    low, high = align(taken, plane(rows, columns), sure(2.3, -4.6))
    assert low.shape == high.shape == (64 - 3, 80 - 5)
    assert high.dtype == np.float32
    np.testing.assert_array_equal(low, taken[:-3, 5:])
    inner = (slice(6, -6),) * 2
    np.testing.assert_allclose(low[inner], high[inner], atol=0.01)


def test_alignment_undoes_a_shift() -> None:
    scene = 1000 * blobs(5)
    inside = (slice(40, -40),) * 2
    low, high = align(moved(scene, -3.4, 1.7)[inside], scene[inside], sure(3.4, -1.7))
    inner = (slice(8, -8),) * 2
    np.testing.assert_allclose(low[inner], high[inner], atol=5.0)


def test_gain_and_offset_between_exposures() -> None:
    low, high = exposures(2, 0, 0, photons=10)
    quality = pair_quality(low, high)
    # high = 100 * 2.4 * photons + 100 and low = 2.4 * photons + 100
    assert quality.gain == pytest.approx(100, rel=0.03)
    assert quality.offset == pytest.approx(100 - 100 * 100, rel=0.03)
    assert (quality.low_min, quality.high_max) == (low.min(), high.max())
    assert quality.correlation == pytest.approx(
        np.corrcoef(low.ravel().astype(float), high.ravel().astype(float))[0, 1]
    )


def test_gain_withstands_debris() -> None:
    low, high = exposures(2, 0, 0, photons=10)
    low = low.copy()
    low[:20, :20] = 2000
    assert pair_quality(low, high).gain == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize(
    ("top", "dtype"), [(255, np.uint8), (200, np.uint8), (4095, np.uint16), (200.0, float)]
)
def test_saturated_pixels_are_counted(top: float, dtype: type) -> None:
    image = np.random.default_rng(0).exponential(top / 16, (64, 64)).astype(dtype)
    assert pair_quality(image, image[::-1]).low_saturated == 0
    image[:8, :8] = top
    assert pair_quality(image, image[::-1]).low_saturated == 64 / 64**2


def test_mistakes_are_told_in_a_sentence() -> None:
    image = blobs(0, 64)
    with pytest.raises(InputError, match="same shape"):
        estimate_shift(image, image[:32])
    with pytest.raises(InputError, match="high exposure is constant"):
        estimate_shift(image, np.ones_like(image))
    with pytest.raises(InputError, match="16 x 64"):
        estimate_shift(image[:16], image[:16])
    with pytest.raises(InputError, match="NaN"):
        pair_quality(image, np.where(image > 0.5, np.nan, image))


def test_an_image_without_a_truth_has_a_range_and_no_gain():
    image = np.arange(64.0).reshape(8, 8)
    quality = image_quality(image)
    assert (quality.low_min, quality.low_max, quality.low_saturated) == (0, 63, 0)
    assert np.isnan([quality.gain, quality.correlation, quality.high_saturated]).all()

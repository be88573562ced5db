"""BM3D between the variance-stabilising transform and its inverse."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scenes import blobs, camera

from denoisekit import filters
from denoisekit.errors import InputError
from denoisekit.evaluation.metrics import rmse

restore = filters.get("vst-bm3d")


def exposure(photons: float, side: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected counts of a scene and its noisy picture."""
    truth = photons * blobs(0, side)
    return 100 + 2.4 * truth, camera(truth, gain=2.4, offset=100, read_noise=2, seed=0)


@pytest.mark.parametrize("photons", [8, 60])
def test_it_comes_closer_to_the_truth_than_a_blur(photons: float) -> None:
    truth, noisy = exposure(photons)
    restored = restore(noisy)
    assert rmse(truth, restored.pixels) < 0.95 * rmse(truth, filters.get("gaussian")(noisy).pixels)
    assert rmse(truth, restored.pixels) < 0.4 * rmse(truth, noisy)
    assert restored.settings["noise_gain"] == pytest.approx(2.4, rel=0.3)
    assert restored.settings["stabilised"] == 1


def test_the_brightness_of_few_photons_is_kept() -> None:
    photons = np.tile(np.linspace(1, 9, 128), (128, 1))
    noisy = camera(photons, gain=2.4, offset=100, read_noise=2, seed=0)
    restored = (restore(noisy).pixels - 100) / 2.4
    for columns in (slice(0, 32), slice(32, 96), slice(96, 128)):
        # The plain inverse would be a quarter of a photon too dark.
        assert restored[:, columns].mean() == pytest.approx(photons[:, columns].mean(), abs=0.12)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_neither_type_nor_units_matter(dtype: type) -> None:
    _, noisy = exposure(30, side=64)
    assert noisy.max() < 256
    expected = restore(noisy.astype(np.uint16)).pixels
    np.testing.assert_allclose(restore(noisy.astype(dtype)).pixels, expected, atol=1e-3)
    scaled = restore(0.01 * noisy - 7).pixels
    np.testing.assert_allclose(100 * (scaled + 7), expected, atol=0.05)


def test_noise_that_is_even_is_left_as_it_is() -> None:
    truth = 1000 * np.tile(np.arange(64) // 16, (64, 1)).astype(float)
    restored = restore(truth + np.random.default_rng(0).normal(0, 20, truth.shape))
    assert np.abs(restored.pixels - truth).mean() < 3


def test_two_at_a_time_give_the_same_bytes_as_one_after_another() -> None:
    images = [exposure(30, side)[1][:33] for side in (32, 45, 64, 77)]
    alone = [restore(image).pixels for image in images]
    with ThreadPoolExecutor(2) as pool:
        together = [filtered.pixels for filtered in pool.map(restore, images)]
    for image, one, other in zip(images, alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.shape == image.shape
        assert one.dtype == np.float32
        assert np.isfinite(one).all()


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((40, 40)), "constant"),
        (np.eye(31), "from 32 pixels a side on, but it has 31 x 31"),
        (np.zeros((4, 40, 40)), "needs 5 planes of a stack or more, but this one has 4 x 40 x 40"),
        (np.zeros((2, 5, 40, 40)), "and for stacks, but this one has 2 x 5 x 40 x 40 pixels"),
    ],
)
def test_what_it_cannot_restore_is_told(image: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        restore(image)


@pytest.mark.parametrize("package", ["bmnd", "bm3d"])
def test_the_packages_agree(package: str) -> None:
    pytest.importorskip(package, reason=f"the package {package} is not installed")
    truth, noisy = exposure(30)
    ours, theirs = restore(noisy).pixels, restore(noisy, package=package).pixels
    error = rmse(truth, theirs)
    assert 20 * np.log10(rmse(truth, ours) / error) < 0.1
    assert rmse(ours, theirs) < 0.4 * error


def test_only_images_are_given_to_the_authors_package() -> None:
    with pytest.raises(InputError, match="of two dimensions, but this one has 6 x 40 x 40 pixels"):
        restore(np.zeros((6, 40, 40)), package="bm3d")


def test_planes_of_a_stack_help_each_other() -> None:
    truth = 100 + 2.4 * 8 * np.stack([blobs(0, 48)] * 8)
    noisy = camera((truth - 100) / 2.4, gain=2.4, offset=100, read_noise=2, seed=0)
    together, alone = restore(noisy), restore(noisy[4])
    assert together.pixels.shape == noisy.shape
    assert together.settings["noise_gain"] == pytest.approx(2.4, rel=0.2)
    assert rmse(truth[4], together.pixels[4]) < 0.7 * rmse(truth[4], alone.pixels)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bm3d", None)
    with pytest.raises(InputError, match=r"package: bm3d .* 'pip install bm3d'"):
        restore(exposure(30)[1], package="bm3d")


def test_a_package_that_it_has_not_is_refused() -> None:
    with pytest.raises(InputError, match="one of bm3d, bmnd"):
        restore(exposure(30)[1], package="bm5d")

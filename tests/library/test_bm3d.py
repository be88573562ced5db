"""Block matching by itself: noise of the standard deviation 1."""

import numpy as np
import pytest
from skimage import data

from denoisekit.evaluation.metrics import rmse
from denoisekit.filters._bm3d import bm3d, haar, wavelets


def exposure(contrast: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a photograph and its picture, whose noise is white."""
    truth = data.camera()[150:262, 200:312].astype(np.float64)
    truth *= contrast / truth.std()
    return truth, truth + np.random.default_rng(0).standard_normal(truth.shape)


@pytest.mark.parametrize("contrast", [1, 4])
def test_it_restores_as_its_authors_program_does(contrast: float) -> None:
    package = pytest.importorskip("bm3d", reason="the package bm3d is not installed")
    truth, noisy = exposure(contrast)
    theirs = rmse(truth, package.bm3d(noisy, 1.0))
    # In dB; on other images ours is ahead by as much.
    assert 20 * np.log10(rmse(truth, bm3d(noisy)) / theirs) < 0.15


def test_an_offset_changes_nothing() -> None:
    _, noisy = exposure(4)
    np.testing.assert_allclose(bm3d(noisy + 1e4) - 1e4, bm3d(noisy), atol=5e-3)


def test_a_ramp_and_a_step_stay() -> None:
    truth = np.tile(np.where(np.arange(48) < 20, 0.0, 60.0), (40, 1)) + np.arange(40)[:, None]
    noisy = truth + np.random.default_rng(1).standard_normal(truth.shape)
    assert rmse(truth, bm3d(noisy)) < 0.35


@pytest.mark.parametrize("shape", [(32, 32), (32, 47), (50, 33)])
def test_the_last_pixels_are_restored_too(shape: tuple[int, int]) -> None:
    restored = bm3d(np.random.default_rng(2).standard_normal(shape))
    assert restored.shape == shape
    assert np.abs(restored).max() < 1


def test_the_first_transform_is_the_biorthogonal_wavelet() -> None:
    pywt = pytest.importorskip("pywt", reason="PyWavelets is not installed")
    with pytest.warns(UserWarning, match="boundary"):
        spectra = [
            np.concatenate(pywt.wavedec(unit, "bior1.5", "periodization", 3)) for unit in np.eye(8)
        ]
    rows = np.array(spectra).T
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    # Each of its rows is one of ours, but for its sign.
    likeness = np.abs(rows @ wavelets().T)
    np.testing.assert_allclose(likeness.max(axis=1), 1, atol=1e-6)
    assert len(set(likeness.argmax(axis=1))) == 8


@pytest.mark.parametrize("size", [2, 16, 32])
def test_the_transform_over_blocks_keeps_noise_white(size: int) -> None:
    np.testing.assert_allclose(haar(size) @ haar(size).T, np.eye(size), atol=1e-6)
    np.testing.assert_allclose(haar(size)[0], 1 / np.sqrt(size), atol=1e-6)

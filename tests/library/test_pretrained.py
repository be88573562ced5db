"""The network that comes with denoisekit, trained on simulated structures alone."""

import hashlib
import runpy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scenes import blobs, camera

from denoisekit import filters
from denoisekit.errors import InputError
from denoisekit.evaluation.metrics import rmse
from denoisekit.files import read_json
from denoisekit.filters import pretrained

restore = filters.get("pretrained")


def exposure(photons: float, side: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected counts of a scene and its noisy picture."""
    truth = photons * blobs(0, side)
    return 100 + 2.4 * truth, camera(truth, gain=2.4, offset=100, read_noise=2, seed=0)


@pytest.mark.parametrize("photons", [8, 60])
def test_it_comes_closer_to_the_truth_than_a_blur(photons: float) -> None:
    truth, noisy = exposure(photons)
    restored = restore(noisy)
    assert rmse(truth, restored.pixels) < 0.9 * rmse(truth, filters.get("gaussian")(noisy).pixels)
    assert restored.pixels.dtype == np.float32
    assert restored.settings["noise_gain"] == pytest.approx(2.4, rel=0.3)


def test_the_brightness_of_few_photons_is_kept() -> None:
    photons = np.tile(np.linspace(1, 9, 128), (128, 1))
    noisy = camera(photons, gain=2.4, offset=100, read_noise=2, seed=0)
    restored = (restore(noisy).pixels - 100) / 2.4
    for columns in (slice(0, 32), slice(32, 96), slice(96, 128)):
        expected = photons[:, columns].mean()
        assert restored[:, columns].mean() == pytest.approx(expected, abs=0.2)


def test_neither_units_nor_orientation_matter() -> None:
    _, noisy = exposure(30, side=64)
    expected = restore(noisy).pixels
    scaled = restore(0.01 * noisy - 7).pixels
    np.testing.assert_allclose(100 * (scaled + 7), expected, atol=0.05)
    turned = restore(np.rot90(noisy)).pixels
    np.testing.assert_allclose(np.rot90(turned, -1), expected, atol=0.05)


def test_the_weights_are_small_and_those_of_the_card() -> None:
    path = Path(pretrained._WEIGHTS)
    card = read_json(path.with_suffix(".json"))
    assert path.stat().st_size < 5_000_000
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert found == card["sha256"] == pretrained._SHA256
    assert "no real image" in card["trained_on"]


@pytest.fixture
def not_loaded() -> Iterator[None]:
    pretrained._network.cache_clear()
    yield
    pretrained._network.cache_clear()


@pytest.mark.usefixtures("not_loaded")
def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "pretrained.safetensors"
    other.write_bytes(b"other")
    monkeypatch.setattr(pretrained, "_WEIGHTS", other)
    with pytest.raises(InputError, match="is not the file that this version of denoisekit came"):
        restore(exposure(30, side=64)[1])


def test_a_stack_is_refused() -> None:
    with pytest.raises(InputError, match="of two dimensions, but this one has 4 x 40 x 40 pixels"):
        restore(np.zeros((4, 40, 40)))


def test_what_it_was_trained_on_has_noise_of_variance_one_around_the_target() -> None:
    path = Path(__file__).resolve().parents[2] / "benchmarks/pretrain.py"
    noisy_pair = runpy.run_path(str(path))["noisy_pair"]
    rng = np.random.default_rng(0)
    clean = np.full((64, 64), 0.8)
    noise = np.array([np.subtract(*noisy_pair(clean, rng)) for _ in range(60)])
    # The fit is unsure: by 10 % in the variance, one patch from another.
    assert np.median(noise.var(axis=(1, 2))) == pytest.approx(1, abs=0.1)
    assert abs(np.median(noise.mean(axis=(1, 2)))) < 0.03

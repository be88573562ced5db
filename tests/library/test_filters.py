"""Filters: found by name, fair to themselves, without the truth."""

import subprocess
import sys

import numpy as np
import pytest
from scenes import blobs, camera
from scipy import ndimage

from denoisekit import filters
from denoisekit.errors import InputError
from denoisekit.evaluation.conventions import score
from denoisekit.filters import _calibration, gaussian, tv
from denoisekit.noise.estimate import estimate_noise

OPTIONS = {
    "nlm": {"patch_size": 5, "patch_distance": 6},
    "zs-n2n": {"steps": 5, "patch_size": 64},
}
SMOOTHING = ("gaussian", "nlm", "tv")
# They restore what lies between planes (test_isotropic.py), make planes (test_projection.py), or
# make images sharper (test_deconvolution.py).
OF_STACKS = ("cubic", "projection", "richardson-lucy")
STRENGTH = {"gaussian": "sigma", "nlm": "h", "tv": "weight"}


def restore(name: str, image: np.ndarray) -> filters.Filtered:
    return filters.get(name)(image, **OPTIONS.get(name, {}))


def exposure(photons: float, seed: int = 0, side: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """Return a truth and its noisy picture."""
    truth = blobs(seed, side)
    return truth, camera(photons * truth, gain=2.4, offset=100, read_noise=2, seed=seed)


def psnr(truth: np.ndarray, pixels: np.ndarray) -> float:
    return score(truth, pixels, low=pixels, convention="care")["psnr"]


def test_names_are_the_modules() -> None:
    names = ["cubic", "gaussian", "nlm", "noisy", "pretrained", "projection", "richardson-lucy"]
    assert filters.names() == [*names, "tv", "vst-bm3d", "zs-n2n"]


def test_listing_filters_loads_none_of_them() -> None:
    code = (
        "import sys; from denoisekit import filters; filters.names(); "
        "assert 'skimage' not in sys.modules and 'denoisekit.filters.tv' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_doing_nothing_is_exact() -> None:
    _, noisy = exposure(10)
    restored = restore("noisy", noisy)
    np.testing.assert_array_equal(restored.pixels, noisy)
    assert restored.pixels.dtype == np.float32
    assert restored.settings == {}


@pytest.mark.parametrize("name", SMOOTHING)
@pytest.mark.parametrize(("photons", "margin"), [(8, 4.0), (60, 3.0)])
def test_noise_is_removed(name: str, photons: float, margin: float) -> None:
    truth, noisy = exposure(photons)
    assert psnr(truth, restore(name, noisy).pixels) > psnr(truth, noisy) + margin


@pytest.mark.parametrize("module", [gaussian, tv])
@pytest.mark.parametrize("photons", [8, 60])
def test_strength_is_close_to_the_best_there_is(module: object, photons: float) -> None:
    truth, noisy = exposure(photons, seed=3)
    measured = estimate_noise(noisy)
    smooth = getattr(module, "_blur", None) or module._minimise  # type: ignore[attr-defined]
    image = noisy.astype(float)
    best = max(
        psnr(truth, _calibration._run(image, smooth, measured, strength))
        for strength in np.geomspace(0.4, 4, 15)
    )
    assert psnr(truth, module.restore(noisy).pixels) > best - 0.5  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["gaussian", "tv"])
def test_more_noise_calls_for_more_strength(name: str) -> None:
    strengths = [restore(name, exposure(photons)[1]).settings for photons in (400, 20, 1.5)]
    values = [settings[STRENGTH[name]] for settings in strengths]
    assert values == sorted(values)
    assert values[-1] > 1.5 * values[0]


def test_blur_is_the_gaussian_it_says() -> None:
    _, noisy = exposure(1.5)
    restored = restore("gaussian", noisy)
    assert restored.settings["stabilised"] == 0
    expected = ndimage.gaussian_filter(noisy.astype(float), restored.settings["sigma"])
    np.testing.assert_allclose(restored.pixels, expected, rtol=1e-5)


@pytest.mark.parametrize("name", SMOOTHING)
def test_units_do_not_matter(name: str) -> None:
    _, noisy = exposure(30)
    plain = restore(name, noisy)
    scaled = restore(name, 0.01 * noisy.astype(float) - 7)
    np.testing.assert_allclose(scaled.pixels, 0.01 * plain.pixels - 7, atol=1e-3)
    for key in (STRENGTH[name], "stabilised"):
        assert scaled.settings[key] == pytest.approx(plain.settings[key], rel=1e-3)


@pytest.mark.parametrize("name", SMOOTHING)
def test_shape_type_and_repetition(name: str) -> None:
    _, noisy = exposure(30)
    odd = noisy[:77, :101]
    first, second = restore(name, odd), restore(name, odd)
    assert first.pixels.shape == (77, 101)
    assert first.pixels.dtype == np.float32
    assert np.isfinite(first.pixels).all()
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.settings == second.settings


def test_a_large_image_is_calibrated_where_its_structure_is() -> None:
    image = np.zeros((1100, 600))
    image[512:1024, :512] = blobs(0, 512)
    assert _calibration._most_structured(image) == (slice(512, 1024), slice(0, 512))


def test_the_brightness_of_dim_and_bright_pixels_is_kept() -> None:
    truth, noisy = exposure(3, side=256)
    expected = 100 + 2.4 * 3 * truth
    for name in SMOOTHING:
        restored = restore(name, noisy).pixels
        assert restored.mean() == pytest.approx(expected.mean(), abs=0.15)


@pytest.mark.parametrize("name", [name for name in filters.names() if name not in OF_STACKS])
@pytest.mark.parametrize(
    ("image", "words"), [(np.ones((64, 64)), "constant"), (np.full((64, 64), np.nan), "NaN")]
)
def test_images_without_signal_are_refused(name: str, image: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        restore(name, image)


def test_unknown_names_and_options_are_refused() -> None:
    with pytest.raises(InputError, match="cubic, gaussian, nlm, noisy, pretrained, "):
        filters.get("median")
    with pytest.raises(InputError, match="nlm"):
        filters.get("nlm")(np.eye(64))
    with pytest.raises(InputError, match="strength"):
        filters.get("tv")(np.eye(64), strength=3)

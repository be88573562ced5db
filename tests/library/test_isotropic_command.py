"""`denoise --isotropic`: one stack restored between its planes, by a network of its own."""

import numpy as np
import pytest
import tifffile
from commands import call
from test_isotropic import stack

from denoisekit.cli import _isotropic
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_volume

ASKED = ("denoise", "a.tif", "--isotropic", "--psf", "0.11", "0.32")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = {"epochs": 1, "steps_per_epoch": 2, "batch_size": 2}
    monkeypatch.setattr(_isotropic, "_SETTINGS", _isotropic._SETTINGS | short)
    monkeypatch.setattr(_isotropic, "_PATCHES", 8)
    write_image("a.tif", stack(planes=8, side=64).planes, pixel_size_um=0.1, axes="ZYX")
    return tmp_path


def test_a_stack_comes_back_on_isotropic_voxels_with_both_directions_beside(here):
    said, _ = call(*ASKED, "--z-spacing", "0.4")
    assert "a.tif -> denoised/a.tif (8 planes to 29, 0.1 um apart, in" in said
    for path in ("denoised/a.tif", "denoised/directions/a.tif"):
        restored = read_volume(path)
        assert restored.pixels.shape == (29, 64, 64)
        assert np.isfinite(restored.pixels).all()
        assert restored.spacing_um == pytest.approx(restored.pixel_size_um) == pytest.approx(0.1)
    said, _ = call(*ASKED, "--z-spacing", "0.4")
    assert "are kept" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (ASKED, "a.tif does not tell how far its planes lie apart, which is not guessed"),
        ((*ASKED, "--z-spacing", "0.05"), "so that it is finer along z than across"),
        ((*ASKED[:3], "--z-spacing", "0.4"), "--isotropic needs the point spread function"),
        ((*ASKED[:4], "0.4", "0.3", "--z-spacing", "0.4"), "is narrower than the 0.4 um"),
        ((*ASKED[:4], "0.11", "9", "--z-spacing", "0.4"), "is wider than a patch"),
        ((*ASKED, "--psf-lateral", "0.1"), "leave one of them out"),
        (
            (*ASKED[:3], "--psf-lateral", "0.1", "--z-spacing", "0.4"),
            "along z cannot be told from the stack",
        ),
        ((*ASKED, "--turned", "--z-spacing", "0.4"), "has no --turned"),
        (("denoise", "a.tif", "--filter", "tv", "--z-spacing", "1"), "are for --isotropic"),
    ],
)
def test_what_is_missing_or_cannot_be_is_told_before_anything_is_trained(here, options, told):
    _, error = call(*options, code=1)
    assert told in error
    assert not (here / "denoised/a.tif").exists()


def test_a_size_that_is_given_goes_before_the_files_and_is_told(here):
    planes = tifffile.imread("a.tif")
    write_image("a.tif", planes, pixel_size_um=0.1, spacing_um=0.3, axes="ZYX")
    _, error = call(*ASKED, "--z-spacing", "0.4")
    assert "tells a z spacing of 0.3 um, but 0.4 um was given, which is taken" in error


def test_noise_and_movies_are_told(here):
    noise = np.random.default_rng(0).integers(0, 255, (8, 64, 64)).astype(np.uint8)
    write_image("a.tif", noise, pixel_size_um=0.1, spacing_um=0.4, axes="ZYX")
    _, error = call(*ASKED, code=1)
    assert "a.tif shows no structure" in error
    write_image("a.tif", np.stack([noise, noise]), pixel_size_um=0.1, axes="TZYX")
    _, error = call(*ASKED, "--z-spacing", "0.4", code=1)
    assert "holds 2 stacks of 8 planes, but --isotropic restores one stack" in error

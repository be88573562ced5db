"""Richardson-Lucy of planes: what it keeps, and how often it iterates without the truth."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import ndimage

from denoisekit import filters
from denoisekit.errors import InputError
from denoisekit.filters import richardson_lucy
from denoisekit.simulate import synthetic

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "config/synthetic.yaml").read_text(encoding="utf-8"))
OPTIONS = {"sigma_um": 0.105, "pixel_size_um": 0.03}


def image(photons=300, upsampled=1, structure="tubules", seed=1):
    settings = {
        **CONFIG["datasets"][structure]["simulate"],
        **{"train_images": 0, "test_images": 1, "size": 96, "pixel_size_um": 0.03},
        **{
            "photons": [photons, photons],
            "psf_um": [0.105, 0.105],
            "upsampled": upsampled,
        },
    }
    (pair,) = synthetic.get(structure)(settings, seed)
    return pair


def restore(pixels, **options):
    return filters.get("richardson-lucy")(pixels, **{**OPTIONS, "iterations": 10, **options})


def correlation(first, second):
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def test_light_is_kept_and_nothing_falls_below_the_dark():
    pixels = image().low
    for iterations in (1, 10, 50):
        found = restore(pixels, iterations=iterations)
        dark = np.percentile(pixels, 2)
        assert found.pixels.dtype == np.float32
        assert found.settings == {"iterations": iterations}
        assert found.pixels.min() >= dark - 1e-3
        expected = np.maximum(pixels - dark, 0).sum()
        assert (found.pixels.astype(float) - dark).sum() == pytest.approx(expected, rel=1e-5)


def test_values_of_any_camera_come_back_in_its_units():
    pixels = image().low.astype(np.float64)
    one, other = restore(pixels).pixels, restore(3 * pixels + 500).pixels
    np.testing.assert_allclose(other, 3 * one + 500, rtol=1e-4)


def test_a_background_stays_flat_up_to_the_corner():
    pixels = np.full((64, 64), 50.0)
    pixels[30, 30] = 500
    found = restore(ndimage.gaussian_filter(pixels, 3.5), iterations=50).pixels
    assert found[:3, :3].min() == pytest.approx(50, rel=1e-3)


def test_the_image_becomes_sharper_and_nearer_to_the_truth():
    pair = image()
    found = restore(pair.low, iterations=30).pixels
    assert correlation(found, pair.high) > correlation(pair.low, pair.high) + 0.05


@pytest.mark.parametrize(("photons", "structure"), [(30, "tubules"), (150, "granules")])
def test_iterations_are_chosen_near_the_best_there_are(photons, structure):
    pair = image(photons, structure=structure)
    chosen = restore(pair.low, iterations="auto")
    oracle = max(
        correlation(restore(pair.low, iterations=number).pixels, pair.high)
        for number in (10, 30, 70)
    )
    assert correlation(chosen.pixels, pair.high) > oracle - 0.02
    assert 1 < chosen.settings["iterations"] <= richardson_lucy.MOST


def test_more_light_is_given_more_iterations():
    few, many = (
        restore(image(photons).low, iterations="auto").settings["iterations"]
        for photons in (15, 400)
    )
    assert few < many


def test_the_choice_is_the_same_every_time():
    pixels = image(40).low
    first, second = (restore(pixels, iterations="auto").pixels for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("factor", [2, 3])
def test_enlarged_images_are_refused_where_photons_decide(factor):
    pixels = image(100).low.astype(float)[:60, :60]
    places = np.meshgrid(*[np.arange(0, 59, 1 / factor)] * 2, indexing="ij")
    larger = np.rint(ndimage.map_coordinates(pixels, places, order=1)).astype(np.uint16)
    with pytest.raises(InputError, match="noise of neighbouring pixels is alike"):
        restore(larger, iterations="auto", pixel_size_um=0.03 / factor)
    assert restore(larger).settings == {"iterations": 10}


def test_sharp_images_of_white_noise_are_not_refused():
    rng = np.random.default_rng(0)
    for sigma, light in ((1.0, 1000), (2.0, 5000), (4.0, 20_000)):
        spots = ndimage.gaussian_filter(rng.random((128, 128)) ** 20, sigma)
        pixels = rng.poisson(light * spots / spots.max()).astype(float)
        assert not richardson_lucy.is_correlated(pixels, sigma_px=sigma)


@pytest.mark.parametrize(
    ("pixels", "options", "sentence"),
    [
        (
            np.full((40, 40), 7.0),
            {"iterations": "auto"},
            "does not tell how it counts photons",
        ),
        (
            np.ones((40, 40)),
            {"sigma_um": None},
            "without the width of its point spread function",
        ),
        (
            np.ones((12, 40, 40)),
            {},
            "deconvolves planes, but was given an image of 12 x 40 x 40",
        ),
    ],
)
def test_what_cannot_be_deconvolved_is_told(pixels, options, sentence):
    with pytest.raises(InputError) as error:
        richardson_lucy.restore(pixels, **{**OPTIONS, "iterations": 5, **options})
    assert sentence in str(error.value)


def test_stacks_between_planes_choose_no_iterations(tmp_path):
    with pytest.raises(InputError, match="interpolated photons cannot be shared out"):
        richardson_lucy.restore(np.ones((4, 4, 4)), iterations="auto", sparse=object())

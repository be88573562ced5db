"""Thinned data sets: pairs as any, from a folder of registered ones."""

import numpy as np
import pytest
from test_without_truth import GAIN, READ_NOISE, exposed, scene

from denoisekit.datasets.thinned import count_photons, write_thinned
from denoisekit.errors import InputError
from denoisekit.files import write_table
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_image, read_volume

SETTINGS = {"of": "cells", "kept": 0.25, "beside": "rest", "seed": 3}
COLUMNS = ["image", "split", "field", "series", "low", "high", "page", "region", "channel"]
COLUMNS += ["scene", "depth", "stack", "blank"]


def registered(folder, images, *, truth=True):
    """Write registered pairs: photons at a tenth of them a photon a pixel, one is no count."""
    rows = []
    for name, pixels in images.items():
        write_image(folder / f"low/{name}.tif", pixels.astype(np.float32), pixel_size_um=0.1)
        write_image(folder / f"high/{name}.tif", pixels.astype(np.float32), pixel_size_um=0.1)
        row = dict.fromkeys(COLUMNS, "") | {"image": name, "split": "test", "field": name}
        rows.append(row | {"low": "l", "high": "h" if truth else "", "blank": "no"})
    write_table(folder / "pairs.tsv", rows)
    return folder


@pytest.fixture
def told():
    return []


@pytest.fixture
def thin(tmp_path, told):
    def thinned(taken, *, truth=True, **settings):
        folder = registered(tmp_path / "registered", taken, truth=truth)
        return write_thinned(
            folder, tmp_path / "thinned", SETTINGS | settings, report=lambda t, **_: told.append(t)
        )

    return thinned


def images(count=3):
    return {f"image-{n}": exposed(scene(40), seed=n) for n in range(count)}


def test_what_is_kept_lies_beside_the_rest(thin):
    taken = images()
    rows, lights = thin(taken)
    assert [row["image"] for row in rows] == [row["image"] for row in lights] == list(taken)
    low, high = (read_image(rows[1][part]).pixels for part in ("low", "high"))
    # Together they are the image: its quarter and its rest, but for the rounding of photons.
    whole = 0.25 * low + 0.75 * high
    assert np.abs(whole - taken["image-1"]).max() < 2 * GAIN
    assert low.var() > high.var() > taken["image-1"].var()
    assert lights[1]["gain"] == pytest.approx(GAIN, rel=0.15)
    assert lights[1]["kept_variance"] == pytest.approx(3 * lights[1]["rest_variance"], rel=0.1)


def test_volumes_are_thinned_as_such(tmp_path, told):
    taken = np.stack([exposed(scene(40), seed=n) for n in range(3)]).astype(np.float32)
    folder = tmp_path / "registered"
    sizes = {"pixel_size_um": 0.1, "spacing_um": 0.4}
    for kind in ("low", "high"):
        write_image(folder / f"{kind}/a.tif", taken, **sizes, axes="ZYX")
    row = dict.fromkeys(COLUMNS, "") | {"image": "a", "split": "test", "field": "a"}
    row |= {"series": "volume", "low": "l", "high": "h", "blank": "no"}
    write_table(folder / "pairs.tsv", [row])
    rows, lights = write_thinned(
        folder, tmp_path / "thinned", SETTINGS, report=lambda line, **_: told.append(line)
    )
    low, high = (read_volume(rows[0][part]) for part in ("low", "high"))
    assert low.pixels.shape == high.pixels.shape == taken.shape
    assert (low.pixel_size_um, low.spacing_um) == (pytest.approx(0.1), pytest.approx(0.4))
    assert np.abs(0.25 * low.pixels + 0.75 * high.pixels - taken).max() < 2 * GAIN
    assert lights[0]["gain"] == pytest.approx(GAIN, rel=0.15)


def test_an_image_is_thinned_alike_whatever_others_are(thin, tmp_path):
    thin(images())
    first = read_image(tmp_path / "thinned/low/image-2.tif").pixels
    rows, _ = thin(images(), images=2)
    assert [row["image"] for row in rows] == ["image-0", "image-2"]
    again = read_image(rows[1]["low"]).pixels
    # Of the same photons, but for the camera, which two images measure otherwise than three.
    assert np.corrcoef(first.ravel(), again.ravel())[0, 1] > 0.9


def test_beside_the_long_exposure_that_is_the_truth_as_it_is(thin):
    rows, _ = thin(images(1), beside="truth")
    assert np.array_equal(read_image(rows[0]["high"]).pixels, images(1)["image-0"])
    with pytest.raises(InputError, match="image-0 has no long exposure to be the truth; say 'besi"):
        thin(images(1), beside="truth", truth=False)


def test_images_that_are_no_counts_are_left_out_and_told(thin, told):
    taken = images(2) | {"floats": images(1)["image-0"] / 7, "falling": 1000 - images(1)["image-0"]}
    edge = images(1)["image-0"].copy()
    edge[:, :20] = 0
    rows, _ = thin(taken | {"edge": edge})
    assert [row["image"] for row in rows] == ["image-0", "image-1"]
    warned = [text for text in told if text.startswith("warning: ")]
    assert "floats has values that are no counts" in warned[0]
    assert "The noise of falling cannot be measured, or does not grow with the light" in warned[1]
    assert "edge has 3840 pixels outside of the field" in warned[2]


def test_without_any_image_that_can_be_thinned_there_is_one_sentence(thin):
    with pytest.raises(InputError, match="No image to test on can be thinned: floats has values"):
        thin({"floats": images(1)["image-0"] / 7})


def test_photons_are_counted_by_the_images_own_noise(tmp_path):
    folder = registered(tmp_path, images())
    counted = count_photons(folder, name="cells")
    # Of 40, and what read noise has the variance of.
    assert list(counted.values()) == pytest.approx([40 + (READ_NOISE / GAIN) ** 2] * 3, rel=0.12)
    registered(tmp_path, {"falling": 1000 - images(1)["image-0"]})
    with pytest.raises(InputError, match="The photons of falling of cells cannot be counted"):
        count_photons(tmp_path, name="cells")

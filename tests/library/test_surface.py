"""The surface that a sheet lies on in a stack, and the command that projects it."""

import numpy as np
import pytest
import tifffile
from commands import call
from scipy import ndimage

from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_image
from denoisekit.images.surface import find_surface, project_along

WIDTHS = {"smoothing_px": (1, 2, 2), "surface_px": 6, "reach_planes": 3}


def sheet(*, planes=20, side=96, middle=9.0, bend=4.0, seed=0):
    """Return a stack of a bent sheet of membranes with noise and bright balls below, and truth.

    The truth is how deep the sheet lies, (Y, X), and what is on it.
    """
    rng = np.random.default_rng(seed)
    height = ndimage.gaussian_filter(rng.normal(size=(side, side)), 20, mode="wrap")
    height = middle + bend * height / np.abs(height).max()
    grown = ndimage.distance_transform_edt(rng.random((side, side)) > 0.006)
    membranes = np.exp(-((ndimage.gaussian_laplace(grown, 2) + 0.5) ** 2) / 0.05)
    membranes = 0.2 + membranes / membranes.max()
    depth = np.arange(planes)[:, None, None] - height
    light = 60 * membranes * np.exp(-(depth**2) / 2)
    light[-2:, 30:36, 30:36] += 90
    return rng.poisson(4 + light).astype(np.uint16) + np.uint16(100), height, membranes


STACK, HEIGHT, SHOWN = sheet()


def test_a_sheet_is_found_under_noise_and_beside_brighter_things():
    surface = find_surface(STACK, **WIDTHS)
    error = np.abs(surface.height - HEIGHT)
    assert np.median(error) < 0.4
    assert np.quantile(error, 0.95) < 1.2
    # A bright thing in the last planes, more than seven from the sheet, draws it a little.
    assert error[30:36, 30:36].max() < 2
    plane = project_along(STACK, surface.height, half_planes=1)
    alike = {
        name: np.corrcoef(image.ravel(), SHOWN.ravel())[0, 1]
        for name, image in (("surface", plane), ("max", STACK.max(0)), ("mean", STACK.mean(0)))
    }
    assert alike["surface"] > max(alike["max"], alike["mean"]) + 0.02
    assert plane.dtype == np.uint16


def test_gain_and_offset_move_no_surface():
    surface = find_surface(STACK, **WIDTHS)
    other = find_surface(30 + 7.0 * STACK, **WIDTHS)
    np.testing.assert_allclose(other.height, surface.height, atol=1e-6)
    np.testing.assert_allclose(other.spread, surface.spread, atol=1e-6)


def test_a_stack_of_one_bright_plane_gives_exactly_that_plane_and_its_depth():
    stack = np.zeros((9, 16, 16), np.float32)
    stack[6] = np.random.default_rng(0).uniform(1, 2, (16, 16))
    surface = find_surface(stack, smoothing_px=(0, 0, 0), surface_px=2, reach_planes=1)
    np.testing.assert_allclose(surface.height, 6)
    np.testing.assert_allclose(surface.spread, 0)
    for half in (0, 1):
        assert np.array_equal(project_along(stack, surface.height, half_planes=half), stack[6])
    # Around all planes, it is the maximum; past an end there is nothing more.
    assert np.array_equal(project_along(STACK, HEIGHT, half_planes=20), STACK.max(axis=0))


def test_the_spread_is_larger_where_depths_disagree():
    stack = np.zeros((12, 40, 80), np.float32)
    stack[6, :, :40] = 1
    rows = np.random.default_rng(0).integers(4, 9, size=(40, 40))
    np.put_along_axis(stack[:, :, 40:], rows[None], 1, axis=0)
    surface = find_surface(stack, smoothing_px=(0, 0, 0), surface_px=3, reach_planes=5)
    assert surface.spread[:, :25].max() < 0.01
    # A uniform choice of five planes has a standard deviation of the root of 2.
    assert surface.spread[:, 55:].mean() == pytest.approx(2**0.5, rel=0.15)


@pytest.mark.parametrize(
    ("stack", "sentence"),
    [
        (STACK[:3], "stacks of 5 planes or more, but this one is 3 x 96 x 96"),
        (STACK[0], "of 5 planes or more, but this one is 96 x 96"),
        (np.ones((6, 8, 8)), "The stack is constant"),
        (np.where(STACK > 150, np.nan, 1.0), "NaN or infinite"),
        # Of noise alone, too, the smoothed stack is brightest at its ends.
        (np.random.default_rng(0).poisson(50, (20, 96, 96)), "of its 20 planes, so that the sheet"),
        (sheet(middle=1.0, bend=4.0)[0], "brightest in the first of its 20 planes"),
        (STACK[:9], "brightest in the last of its 9 planes"),
    ],
)
def test_a_stack_without_its_sheet_is_told(stack, sentence):
    with pytest.raises(InputError, match=sentence):
        find_surface(stack, **WIDTHS)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the stack, of planes 0.5 um apart, and a second channel, turned over in y."""
    monkeypatch.chdir(tmp_path)
    both = np.stack([STACK, STACK[:, ::-1]], axis=1)
    options = {"imagej": True, "resolution": (5, 5)}
    metadata = {"axes": "ZCYX", "spacing": 0.5, "unit": "um"}
    tifffile.imwrite(tmp_path / "two.tif", both, metadata=metadata, **options)
    write_image(tmp_path / "a.tif", STACK, pixel_size_um=0.2, spacing_um=0.5, axes="ZYX")
    write_image(tmp_path / "no.tif", STACK, pixel_size_um=None, axes="ZYX")
    return tmp_path


def test_the_command_writes_a_plane_its_depth_in_um_and_how_sure_that_is(here):
    names = {"output": "plane.tif", "height": "height.tif", "spread": "spread.tif"}
    words = [word for name, file in names.items() for word in (f"--{name}", file)]
    call("project", "a.tif", *words)
    made = {name: read_image(here / file) for name, file in names.items()}
    assert made["output"].pixels.dtype == np.uint16
    assert all(image.pixel_size_um == pytest.approx(0.2) for image in made.values())
    surface = find_surface(
        STACK, smoothing_px=(1, 2, 2), surface_px=10, reach_planes=4
    )  # 0.5 and 0.4, 2 and 2 um
    np.testing.assert_allclose(made["height"].pixels, 0.5 * surface.height, rtol=1e-5)
    np.testing.assert_allclose(made["spread"].pixels, 0.5 * surface.spread, rtol=1e-5)
    expected = project_along(STACK, surface.height, half_planes=1)
    assert np.array_equal(made["output"].pixels, expected)
    assert "plane.tif is there already" in call("project", "a.tif", *words, code=1)[1]
    # Another channel along the same surface.
    call("project", "two.tif", "--channel", 1, "--along", "height.tif", "--output", "second.tif")
    second = project_along(STACK[:, ::-1], surface.height, half_planes=1)
    assert np.array_equal(read_image(here / "second.tif").pixels, second)


def test_the_command_takes_maximum_and_mean_and_the_frames_of_a_movie(here):
    for how, expected in (("maximum", STACK.max(axis=0)), ("mean", STACK.mean(axis=0))):
        call("project", "no.tif", "--how", how, "--output", f"{how}.tif")
        np.testing.assert_allclose(read_image(here / f"{how}.tif").pixels, expected, rtol=1e-6)
    movie = np.stack([STACK, STACK[:, ::-1], STACK])
    options = {"pixel_size_um": 0.2, "spacing_um": 0.5, "axes": "TZYX"}
    write_image(here / "movie.tif", movie, **options)
    call("project", "movie.tif", "--output", "planes.tif", "--height", "heights.tif")
    with tifffile.TiffFile(here / "planes.tif") as file:
        assert (file.series[0].axes, file.series[0].shape) == ("TYX", (3, 96, 96))
        planes = file.asarray()
    assert np.array_equal(planes[0], planes[2])
    again = ["--along", "heights.tif", "--output", "again.tif"]
    call("project", "movie.tif", *again)
    assert np.array_equal(tifffile.imread(here / "again.tif"), planes)
    call("project", "a.tif", "--output", "plane.tif", "--height", "one.tif")
    few = ["--along", "one.tif", "--output", "few.tif"]
    assert "has depths of 1 frames" in call("project", "movie.tif", *few, code=1)[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no.tif"], "no.tif does not tell the size of its voxels; give --z-um"),
        (["no.tif", "--z-um", "0.5"], "give --pixel-um, the side of a pixel"),
        (["two.tif"], "has the channels"),
        (["flat.tif"], "has the axes YX, but a sheet is projected out of stacks with an axis Z"),
        (["thin.tif"], "thin.tif: A surface is found in stacks of 5 planes or more"),
        (["a.tif", "--along", "flat.tif"], "The surface has 40 x 50 pixels, but the stack is"),
    ],
)
def test_what_cannot_be_projected_is_told_in_one_sentence(here, words, sentence):
    write_image(here / "flat.tif", np.ones((40, 50), np.float32), pixel_size_um=0.2)
    write_image(here / "thin.tif", STACK[:4], pixel_size_um=0.2, spacing_um=0.5, axes="ZYX")
    assert sentence in call("project", *words, "--output", "plane.tif", code=1)[1]
    assert not (here / "plane.tif").exists()


def test_the_files_own_voxels_go_first_and_that_is_said(here):
    words = ["--z-um", "2", "--pixel-um", "0.2", "--height", "h.tif", "--output", "plane.tif"]
    told = call("project", "a.tif", *words)[1]
    assert "a.tif tells 0.5 um itself, which is taken instead of --z-um." in told
    assert "--pixel-um" not in told
    assert np.median(read_image(here / "h.tif").pixels) == pytest.approx(4.5, abs=0.6)


def test_depths_are_asked_of_a_surface_alone(here):
    for words in (["--how", "mean", "--height", "h.tif"], ["--how", "mean", "--along", "h.tif"]):
        call("project", "a.tif", "--output", "plane.tif", *words, code=2)

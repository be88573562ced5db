import functools
import sys

import numpy as np
import pytest
import tifffile

from denoisekit.errors import InputError
from denoisekit.images import reading, stacks
from denoisekit.images.image import write_image
from denoisekit.images.metadata import Scale

RNG = np.random.default_rng(0)


def pixels(*shape):
    return RNG.integers(0, 60000, (*shape, 20, 30)).astype(np.uint16)


def copy(source, folder, *, volumes=False):
    """Write every part of a stack into a new one, and return both files' descriptions."""
    target = folder / reading.file_name(source)
    open_file = functools.partial(reading.opened, unnamed="Z" if volumes else "T")
    with open_file(source) as stack, stacks.created(target, like=stack) as written:
        for place in stack.places(volumes=volumes):
            written[place] = stack.read(place)
    with open_file(target) as again:
        return target, stack, again


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize(
    ("axes", "shape", "volumes"),
    [("YX", (), False), ("TYX", (3,), False), ("TZCYX", (2, 3, 2), True), ("ZCYX", (3, 2), True)],
)
def test_imagej_stacks_are_copied_with_axes_and_scale(tmp_path, axes, shape, volumes, compression):
    first = pixels(*shape)
    source = tmp_path / "in" / "a.tif"
    source.parent.mkdir()
    told = {"axes": axes, "unit": "micron", "spacing": 0.3, "finterval": 2.5, "Info": "Exposure 10"}
    options = {"imagej": True, "resolution": (10, 5), "compression": compression}
    tifffile.imwrite(source, first, metadata=told, **options)
    target, stack, again = copy(source, tmp_path, volumes=volumes)
    assert target.name == "a.tif"
    assert stack.axes == again.axes == axes
    assert again.scale == stack.scale
    scale = again.scale
    assert (scale.height_um, scale.width_um) == pytest.approx((0.2, 0.1))
    assert (scale.spacing_um, scale.interval_s) == (0.3, 2.5)
    np.testing.assert_array_equal(tifffile.imread(target), first)
    with tifffile.TiffFile(target) as tiff:
        assert tiff.imagej_metadata["Info"] == "Exposure 10"
        assert tiff.series[0].dtype == np.float32


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_ome_tiffs_keep_scale_and_channel_names_in_any_order_of_axes(tmp_path, compression):
    first = pixels(2, 2, 3)
    told = {
        "axes": "CTZYX",
        **{"PhysicalSizeX": 100.0, "PhysicalSizeXUnit": "nm"},
        **{"PhysicalSizeY": 0.2, "PhysicalSizeZ": 0.5},
        **{"TimeIncrement": 250.0, "TimeIncrementUnit": "ms"},
        "Channel": {"Name": ["GFP", "561"]},
    }
    source = tmp_path / "in.ome.tif"
    tifffile.imwrite(source, first, ome=True, metadata=told, compression=compression)
    target, stack, again = copy(source, tmp_path / "out", volumes=True)
    assert target.name == "in.ome.tif"
    assert stack.axes == again.axes == "CTZYX"
    assert stack.scale == again.scale == Scale(0.2, 0.1, 0.5, 0.25, ("GFP", "561"))
    np.testing.assert_array_equal(tifffile.imread(target), first)
    assert reading.read_image(target, page=0, channel="561").pixel_size_um == pytest.approx(0.1)


def test_an_order_of_axes_that_imagej_has_not_is_kept_by_ome(tmp_path):
    first = pixels(2, 3)
    source = tmp_path / "in" / "a.tif"
    source.parent.mkdir()
    tifffile.imwrite(source, first, metadata={"axes": "CZYX"}, photometric="minisblack")
    target, _, again = copy(source, tmp_path)
    assert (again.axes, again.ome) == ("CZYX", True)
    np.testing.assert_array_equal(tifffile.imread(target), first)


def test_a_stack_too_large_for_imagej_becomes_a_big_ome_tiff(tmp_path, monkeypatch):
    monkeypatch.setattr(stacks, "_IMAGEJ_BYTES", 4000)
    source = tmp_path / "in" / "a.tif"
    source.parent.mkdir()
    write_image(source, pixels(3), pixel_size_um=0.1, axes="TYX")
    target, _, again = copy(source, tmp_path)
    assert (again.axes, again.ome) == ("TYX", True)
    assert again.scale.width_um == pytest.approx(0.1)
    with tifffile.TiffFile(target) as tiff:
        assert tiff.is_bigtiff


@pytest.mark.parametrize(("volumes", "axes"), [(False, "TYX"), (True, "ZYX")])
def test_pages_that_are_called_nothing_are_frames_or_planes(tmp_path, volumes, axes):
    tifffile.imwrite(tmp_path / "a.tif", pixels(4), photometric="minisblack")
    with reading.opened(tmp_path / "a.tif", unnamed="Z" if volumes else "T") as stack:
        assert stack.axes == axes


def test_a_plane_is_read_without_the_others(tmp_path, monkeypatch):
    first = pixels(6)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, first, compression="zlib", photometric="minisblack")
    with reading.opened(path) as stack:
        monkeypatch.setattr(tifffile.TiffPageSeries, "asarray", None)
        np.testing.assert_array_equal(stack.read((4,)), first[4])
        assert stack.name((4,)) == f"{path} (T 4)"


def write_bad(folder):
    with tifffile.TiffWriter(folder / "two.tif") as tiff:
        tiff.write(np.zeros((20, 30), np.uint8))
        tiff.write(np.zeros((40, 30), np.uint8))
    grey = {"photometric": "minisblack"}
    tifffile.imwrite(folder / "last.tif", pixels(2, 3), metadata={"axes": "TRYX"}, **grey)
    tifffile.imwrite(folder / "movie.tif", pixels(3), imagej=True, metadata={"axes": "TYX"})
    whole = (folder / "movie.tif").read_bytes()
    (folder / "cut.tif").write_bytes(whole[: len(whole) // 2])
    tifffile.imwrite(folder / "plain.tif", pixels(3), metadata=None, **grey)
    whole = (folder / "plain.tif").read_bytes()
    (folder / "cut-plain.tif").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "text.tif").write_text("no image")
    (folder / "a.nd2").write_text("no image")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none.tif", "none.tif does not exist"),
        ("two.tif", "holds 2 images of their own"),
        ("last.tif", "has the axes TRYX, but Y and X must come last"),
        ("cut.tif", "cut.tif cannot be read as an image"),
        ("cut-plain.tif", "cut-plain.tif cannot be read as an image"),
        ("text.tif", "text.tif cannot be read as an image"),
        ("a.nd2", r"bioio and bioio_nd2, which is not installed; .*denoisekit\[bioio\].*bioio-nd2"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(tmp_path, monkeypatch, name, sentence):
    monkeypatch.setitem(sys.modules, "bioio", None)
    write_bad(tmp_path)
    with pytest.raises(InputError, match=sentence), reading.opened(tmp_path / name):
        pass


def test_volumes_need_an_axis_z(tmp_path):
    write_bad(tmp_path)
    expected = pytest.raises(InputError, match=r"has the axes TYX, but volumes with an axis Z")
    with reading.opened(tmp_path / "movie.tif", unnamed="Z") as stack, expected:
        stack.places(volumes=True)


def test_a_page_that_is_damaged_is_named(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels(3), compression="zlib", photometric="minisblack")
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages[2].dataoffsets[0]
    content[at : at + 40] = bytes(40)
    path.write_bytes(content)
    with reading.opened(path) as stack:
        stack.read((1,))
        with pytest.raises(InputError, match=r"a.tif \(T 2\) cannot be read"):
            stack.read((2,))

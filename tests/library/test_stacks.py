import sys
import types

import numpy as np
import pytest
import tifffile

from denoisekit.errors import InputError
from denoisekit.images import stacks
from denoisekit.images.image import read_image, write_image
from denoisekit.images.metadata import Scale

RNG = np.random.default_rng(0)


def pixels(*shape):
    return RNG.integers(0, 60000, (*shape, 20, 30)).astype(np.uint16)


def copy(source, folder, *, volumes=False):
    """Write every part of a stack into a new one, and return both files' descriptions."""
    target = folder / stacks.file_name(source)
    reading = stacks.opened(source, volumes=volumes)
    with reading as stack, stacks.created(target, like=stack) as written:
        for place in stack.places(volumes=volumes):
            written[place] = stack.read(place)
    with stacks.opened(target, volumes=volumes) as again:
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
    assert read_image(target, page=0).pixel_size_um == pytest.approx(0.1)


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
    with stacks.opened(tmp_path / "a.tif", volumes=volumes) as stack:
        assert stack.axes == axes


def test_a_plane_is_read_without_the_others(tmp_path, monkeypatch):
    first = pixels(6)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, first, compression="zlib", photometric="minisblack")
    with stacks.opened(path, volumes=False) as stack:
        monkeypatch.setattr(tifffile.TiffPageSeries, "asarray", None)
        np.testing.assert_array_equal(stack.read((4,)), first[4])
        assert stack.name((4,)) == f"{path} (T 4)"


def write_bad(folder):
    tifffile.imwrite(folder / "colour.tif", np.zeros((20, 30, 3), np.uint8), photometric="rgb")
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
        ("colour.tif", "is in colour; save one grey channel"),
        ("two.tif", "holds 2 images of their own"),
        ("last.tif", "has the axes TRYX, but Y and X must come last"),
        ("cut.tif", "cut.tif cannot be read as an image"),
        ("cut-plain.tif", "cut-plain.tif cannot be read as an image"),
        ("text.tif", "text.tif cannot be read as an image"),
        ("a.nd2", r"bioio, which is not installed; .*pip install bioio bioio-nd2"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(tmp_path, monkeypatch, name, sentence):
    monkeypatch.setitem(sys.modules, "bioio", None)
    write_bad(tmp_path)
    with pytest.raises(InputError, match=sentence), stacks.opened(tmp_path / name, volumes=False):
        pass


def test_volumes_need_an_axis_z(tmp_path):
    write_bad(tmp_path)
    reading = stacks.opened(tmp_path / "movie.tif", volumes=True)
    expected = pytest.raises(InputError, match=r"has the axes TYX, but volumes with an axis Z")
    with reading as stack, expected:
        stack.places(volumes=True)


def test_a_page_that_is_damaged_is_named(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels(3), compression="zlib", photometric="minisblack")
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages[2].dataoffsets[0]
    content[at : at + 40] = bytes(40)
    path.write_bytes(content)
    with stacks.opened(path, volumes=False) as stack:
        stack.read((1,))
        with pytest.raises(InputError, match=r"a.tif \(T 2\) cannot be read"):
            stack.read((2,))


class Dask:
    def __init__(self, pixels):
        self.pixels = pixels

    def compute(self):
        return self.pixels


class BioImage:
    """As much of bioio's class as is used, over pixels of two times and two channels."""

    stored = pixels(2, 2, 1)
    scenes = ("0",)
    dims = types.SimpleNamespace(order="TCZYX", T=2, C=2, Z=1, Y=20, X=30)
    physical_pixel_sizes = types.SimpleNamespace(Z=None, Y=0.1, X=0.1)
    channel_names = ("GFP", "RFP")
    time_interval = None

    def __init__(self, path):
        assert path.is_file()

    def get_image_dask_data(self, order, *, T, C, Z):
        assert order == "YX"
        return Dask(self.stored[T, C, Z])


def test_what_bioio_cannot_read_is_told_with_the_reader_to_install(tmp_path, monkeypatch):
    def refuse(path):
        raise ValueError(f"no plugin for {path}")

    monkeypatch.setitem(sys.modules, "bioio", types.SimpleNamespace(BioImage=refuse))
    (tmp_path / "a.zarr").mkdir()
    expected = pytest.raises(InputError, match=r"reader is not installed; .*bioio-ome-zarr")
    with expected, stacks.opened(tmp_path / "a.zarr", volumes=False):
        pass


def test_names_that_do_not_fit_the_channels_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(BioImage, "channel_names", ("GFP",))
    monkeypatch.setitem(sys.modules, "bioio", types.SimpleNamespace(BioImage=BioImage))
    (tmp_path / "a.nd2").write_text("")
    _, _, again = copy(tmp_path / "a.nd2", tmp_path)
    assert again.scale.channels is None


def test_other_formats_are_read_by_bioio(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bioio", types.SimpleNamespace(BioImage=BioImage))
    (tmp_path / "a.nd2").write_text("")
    target, stack, again = copy(tmp_path / "a.nd2", tmp_path)
    assert target.name == "a.ome.tif"
    assert stack.axes == again.axes == "TCYX"
    assert again.scale == Scale(0.1, 0.1, None, None, ("GFP", "RFP"))
    np.testing.assert_array_equal(tifffile.imread(target), BioImage.stored[:, :, 0])

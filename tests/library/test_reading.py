"""What strangers' files hold, and that studies and the command are told the same of it."""

import os
import shutil

import numpy as np
import pytest
import tifffile
from image_sets import write_positions, write_set
from skimage.io import imsave

from denoisekit.errors import InputError
from denoisekit.images import reading
from denoisekit.images.metadata import unit_name
from denoisekit.images.stacks import created

RNG = np.random.default_rng(0)


def pixels(*shape, dtype=np.uint16):
    return RNG.integers(1, 60000, (*shape, 20, 30)).astype(dtype)


def written(path, content, **options):
    tifffile.imwrite(path, content, **options)
    return path


def described(path, **options):
    with reading.opened(path, **options) as stack:
        planes = [stack.read(place) for place in stack.places(volumes=False)]
        return stack, np.stack(planes)


# Units.


@pytest.mark.parametrize(
    ("unit", "size_um"),
    [
        *(("\\\\u00B5m", 0.2), ("\\\\u00b5m", 0.2), ("\N{MICRO SIGN}m", 0.2), ("micron", 0.2)),
        *(("microns", 0.2), ("micrometer", 0.2), ("Micrometre", 0.2), ("um", 0.2)),
        *(("nm", 2e-4), ("mm", 200.0), ("cm", 2e3), ("inch", 5080.0), ("Angstrom", 2e-5)),
        *(("pixel", None), ("", None)),
    ],
)
def test_imagej_units_are_known_however_they_are_spelt(tmp_path, unit, size_um):
    unit = unit.encode().decode("unicode_escape") if "\\\\" in unit else unit
    text = f"ImageJ=1.54f\nunit={unit}\nmin=0.0\nmax=255.0\n".encode("latin-1")
    path = written(
        *(tmp_path / "a.tif", pixels()),
        **{"resolution": (5, 5), "resolutionunit": 1, "metadata": None, "description": text},
    )
    stack, _ = described(path)
    expected = None if size_um is None else pytest.approx(size_um)
    assert stack.scale.width_um == stack.scale.height_um == expected
    assert stack.told == ()


def test_a_unit_that_is_not_known_is_told_and_never_guessed(tmp_path):
    options = {"imagej": True, "resolution": (5, 5), "metadata": {"unit": "furlong"}}
    stack, _ = described(written(tmp_path / "a.tif", pixels(), **options))
    assert stack.scale.width_um is None
    (told,) = stack.told
    assert "gives a length in the unit 'furlong', which is not known here" in told


def test_each_axis_has_its_own_unit(tmp_path):
    told = {
        **{"axes": "ZYX", "PhysicalSizeX": 65, "PhysicalSizeXUnit": "nm"},
        **{"PhysicalSizeY": 0.13, "PhysicalSizeYUnit": "\N{MICRO SIGN}m"},
        **{"PhysicalSizeZ": 3000, "PhysicalSizeZUnit": "\N{ANGSTROM SIGN}"},
    }
    stack, _ = described(written(tmp_path / "a.ome.tif", pixels(3), ome=True, metadata=told))
    assert stack.scale.width_um == pytest.approx(0.065)
    assert stack.scale.height_um == pytest.approx(0.13)
    assert stack.scale.spacing_um == pytest.approx(0.3)
    assert "has pixels of 0.13 x 0.065 um (Y, X), which are not square" in stack.told[0]


def test_a_size_of_nothing_is_none(tmp_path):
    told = {"axes": "YX", "PhysicalSizeX": 0.0, "PhysicalSizeY": -1.0}
    stack, _ = described(written(tmp_path / "a.ome.tif", pixels(), ome=True, metadata=told))
    assert (stack.scale.width_um, stack.scale.height_um) == (None, None)


def test_a_micro_sign_in_utf8_that_was_read_as_latin1_is_one():
    assert unit_name("\N{MICRO SIGN}m".encode().decode("latin-1")) == "um"


def test_plurals_and_both_micro_signs_are_one():
    for unit in ("\N{GREEK SMALL LETTER MU}m", "\N{MICRO SIGN}m", "\\u00B5m", "um"):
        assert unit_name(unit) == "um"
    assert unit_name("ms") == "ms"
    assert unit_name("Seconds") == "second"


# Axes.


def test_the_channels_of_a_hyperstack_are_no_frames(tmp_path):
    movie = pixels(4, 2)
    path = written(tmp_path / "two.tif", movie, imagej=True, metadata={"axes": "TCYX"})
    expected = pytest.raises(InputError, match="has the channels 0, 1; choose one as 'channel'")
    with expected:
        reading.read_image(path, page=1)
    np.testing.assert_array_equal(reading.read_image(path, page=1, channel=1).pixels, movie[1, 1])
    stack, planes = described(path, channel="0")
    assert (stack.axes, stack.shape) == ("TYX", (4, 20, 30))
    np.testing.assert_array_equal(planes, movie[:, 0])


def test_channels_that_were_stored_last_are_told(tmp_path):
    path = written(tmp_path / "cl.tif", RNG.integers(0, 9, (128, 128, 5)).astype(np.uint16))
    with pytest.raises(InputError, match="128 x 5 px, which look like 5 channels"):
        described(path)


def test_stage_positions_are_scenes_and_chosen(tmp_path):
    frames = pixels(4)
    write_positions(tmp_path / "a.tif", frames)
    with pytest.raises(InputError, match=r"2 images .*: 0 \(left, TYX 2 x 20 x 30\), 1 \(right"):
        described(tmp_path / "a.tif")
    for scene in (1, "1", "right"):
        _, planes = described(tmp_path / "a.tif", scene=scene)
        np.testing.assert_array_equal(planes, frames[1::2])
    with pytest.raises(InputError, match="has no one scene 'middle'"):
        described(tmp_path / "a.tif", scene="middle")


def test_a_preview_is_no_frame(tmp_path):
    movie = pixels(3)
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(movie, photometric="minisblack", metadata=None)
        small = np.zeros((5, 7, 3), np.uint8)
        tiff.write(small, photometric="rgb", subfiletype=1, metadata=None)
    stack, planes = described(tmp_path / "a.tif")
    assert stack.axes == "TYX"
    np.testing.assert_array_equal(planes, movie)


def test_tiffs_are_known_by_their_content(tmp_path):
    movie = pixels(3)
    for name in ("a.stk", "a.btf", "a.dat", "a"):
        written(tmp_path / "made.tif", movie, photometric="minisblack").rename(tmp_path / name)
        np.testing.assert_array_equal(described(tmp_path / name)[1], movie)
    (tmp_path / "wrong.png").write_bytes(written(tmp_path / "b.tif", movie[0]).read_bytes())
    np.testing.assert_array_equal(reading.read_image(tmp_path / "wrong.png").pixels, movie[0])


# Colours.


def test_a_picture_in_colour_is_grey_only_if_its_colours_are_equal(tmp_path):
    grey = pixels(dtype=np.uint8)
    equal, unlike = np.stack([grey] * 3, -1), np.stack([grey, grey // 2, grey // 3], -1)
    for name, options in (("a.png", {}), ("a.tif", {"photometric": "rgb"})):
        save = (lambda *a, **_: imsave(*a, check_contrast=False)) if name == "a.png" else written
        save(tmp_path / name, equal, **options)
        stack, planes = described(tmp_path / name)
        assert stack.axes == "YX"
        assert "its colours are equal: it is read as one grey image" in stack.told[0]
        np.testing.assert_array_equal(planes[0], grey)
        save(tmp_path / name, unlike, **options)
        with pytest.raises(InputError, match=r"is in colour, with the channels 0 \(red\), 1"):
            reading.read_image(tmp_path / name)
        green = reading.read_image(tmp_path / name, channel="green").pixels
        np.testing.assert_array_equal(green, grey // 2)


def test_a_movie_that_turns_coloured_is_told(tmp_path):
    movie = np.stack([pixels(3, dtype=np.uint8)] * 3, -1)
    movie[2, ..., 1] //= 2
    path = written(tmp_path / "a.tif", movie, photometric="rgb")
    with reading.opened(path) as stack:
        stack.read((0,))
        with pytest.raises(InputError, match="but in colour in plane 2 of 3"):
            stack.read((2,))


def test_imagejs_48_bit_composite_is_three_grey_channels(tmp_path):
    first = pixels()
    text = "ImageJ=1.53c\nchannels=3\nmode=composite\n"
    options = {"photometric": "rgb", "metadata": None, "description": text}
    path = written(tmp_path / "a.tif", np.stack([first] * 3, -1), **options)
    stack, planes = described(path)
    assert (stack.axes, stack.coloured) == ("CYX", False)
    np.testing.assert_array_equal(planes, np.stack([first] * 3))


# Sets of files.


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("binary_only", [False, True])
def test_a_set_of_files_is_one_image_whichever_is_named(tmp_path, binary_only):
    frames = pixels(6)
    parts = write_set(tmp_path, frames, binary_only=binary_only)
    for part in parts:
        stack, planes = described(part)
        assert (stack.axes, stack.scale.width_um) == ("TYX", pytest.approx(0.065))
        np.testing.assert_array_equal(planes, frames)
    assert reading.without_members(parts) == parts[:1]
    names = [str(part) for part in parts]
    assert reading.with_members(names[1:]) in (names[::-1], names[1:] + names[:1])
    assert reading.with_members(["b.tif", "b.tif"]) == ["b.tif"]
    parts[1 - binary_only].unlink()
    missing = parts[1 - binary_only].name
    with pytest.raises(InputError, match=f"one of a set of files .*{missing} is missing"):
        described(parts[binary_only])


def test_a_renamed_file_that_names_itself_alone_is_read(tmp_path):
    told = {"axes": "TYX", "Channel": {"Name": ["GFP"]}}
    path = written(tmp_path / "a.ome.tif", pixels(3), ome=True, metadata=told)
    path.rename(tmp_path / "b.ome.tif")
    assert described(tmp_path / "b.ome.tif")[0].axes == "TYX"


# Damage, and what is none.


def test_metadata_that_were_cut_off_are_told(tmp_path):
    """Bio-Formats writes them at the end: without them, eight planes are of no known axes."""
    planes, place = pixels(8), "<TiffData/>"
    root = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    text = (
        f'<?xml version="1.0"?>{root}<Image ID="Image:0"><Pixels ID="Pixels:0" '
        'DimensionOrder="XYZTC" Type="uint16" SizeX="30" SizeY="20" SizeC="1" SizeT="2" SizeZ="4">'
        f'<Channel ID="Channel:0"/>{place}</Pixels></Image></OME>'
    )
    path = written(
        tmp_path / "a.ome.tif", planes, metadata=None, photometric="minisblack", description="x"
    )
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["ImageDescription"].overwrite(text)
    assert described(path)[0].axes == "TZYX"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"cannot be read .*270.*; it may be damaged or cut short"):
        described(path)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("metadata", [None, {"axes": "TYX"}])
def test_a_movie_that_was_cut_short_is_no_shorter_movie(tmp_path, compression, metadata):
    options = {"compression": compression, "metadata": metadata, "photometric": "minisblack"}
    path = written(tmp_path / "a.tif", pixels(6), **options)
    path.write_bytes(path.read_bytes()[: -path.stat().st_size // 3])
    with pytest.raises(InputError, match=r"damaged|cut short"):
        described(path)


def test_a_list_of_pages_that_runs_in_a_circle_is_no_shorter_movie(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as file:
        for frame in pixels(4):
            file.write(frame, contiguous=False, metadata=None, photometric="minisblack")
    with tifffile.TiffFile(path) as tiff:
        first, *_, last = (page.offset for page in tiff.pages)
    content = bytearray(path.read_bytes())
    tags = int.from_bytes(content[last : last + 2], "little")
    after = last + 2 + 12 * tags
    content[after : after + 4] = first.to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"circular.*may be damaged"):
        described(path)


@pytest.mark.parametrize("told", ['SizeT="2000000000"', 'SizeT="1"><TiffData FirstT="2000000000"/'])
def test_an_ome_tiff_tells_of_no_more_planes_than_it_has_bytes(tmp_path, told):
    text = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="30" '
        f'SizeY="20" SizeC="1" SizeZ="1" {told}><Channel ID="Channel:0"/><TiffData/></Pixels>'
        "</Image></OME>"
    )
    path = written(tmp_path / "a.ome.tif", pixels(), metadata=None, description=text)
    with pytest.raises(InputError, match="tells of 2000000000 planes, more than bytes"):
        described(path)


def test_a_pipe_is_no_image_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.tif")
    with pytest.raises(InputError, match="is a pipe or a device"):
        described(tmp_path / "a.tif")


@pytest.mark.parametrize(("order", "told"), [(1, 0), (-1, 1)])
def test_a_palette_that_does_not_go_from_dark_to_bright_is_told(tmp_path, order, told):
    colours = np.stack([np.arange(256)[::order] * 256] * 3).astype(np.uint16)
    path = written(tmp_path / "a.tif", pixels(dtype=np.uint8), colormap=colours)
    assert sum("palette" in sentence for sentence in described(path)[0].told) == told


@pytest.mark.parametrize("options", [{}, {"tile": (32, 32)}])
def test_a_tiff_of_jpegs_is_refused_unless_they_lose_nothing(tmp_path, options):
    content = pixels(dtype=np.uint8)
    path = written(tmp_path / "a.tif", content, compression="jpeg", **options)
    with pytest.raises(InputError, match=r"a\.tif is a TIFF of JPEGs, whose"):
        described(path)
    options |= {"compression": "jpeg", "compressionargs": {"lossless": True}}
    path = written(tmp_path / "b.tif", content, **options)
    assert described(path)[0].told == ()
    np.testing.assert_array_equal(reading.read_image(path).pixels, content)


def test_a_jpeg_that_does_not_say_its_kind_is_taken_for_one_that_loses(tmp_path):
    content = pixels(dtype=np.uint8)
    options = {"compression": "jpeg", "compressionargs": {"lossless": True}}
    path = written(tmp_path / "a.tif", content, **options)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\xff\xc3", b"\x00\x00", 1))
    with pytest.raises(InputError, match=r"a\.tif is a TIFF of JPEGs"):
        described(path)


@pytest.mark.parametrize("way", ["jpeg2000", "jpegxr", "jpegxl", "lerc"])
def test_a_compression_that_may_lose_something_is_told(tmp_path, way):
    path = written(tmp_path / "a.tif", pixels(dtype=np.uint8), compression=way)
    (sentence,) = described(path)[0].told
    assert "a.tif is compressed by" in sentence
    assert "may have changed noise" in sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (pixels() > 30000, "is a mask of 1 bit, not one of grey values"),
        (pixels().astype(np.complex64), "is an image of complex numbers"),
    ],
)
def test_what_has_no_grey_values_is_named(tmp_path, content, sentence):
    with pytest.raises(InputError, match=f"a.tif {sentence}"):
        described(written(tmp_path / "a.tif", content))


def test_damaged_is_said_of_damage_alone(tmp_path):
    (tmp_path / "notes.tif").write_text("no image")
    (tmp_path / "empty.tif").write_text("")
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 and so on")
    (tmp_path / "folder.tif").mkdir()
    for name, sentence in (
        ("notes.tif", "is no TIFF, PNG, ND2, CZI, LIF or OME-Zarr"),
        ("empty.tif", "since it is empty"),
        ("a.jpg", "is a JPEG, whose compression has changed noise"),
        ("folder.tif", "is a folder, not an image"),
    ):
        with pytest.raises(InputError, match=sentence) as found:
            described(tmp_path / name)
        assert "be damaged" not in str(found.value)


def test_a_file_that_is_cut_while_it_is_open_ends_in_a_sentence(tmp_path):
    path = written(tmp_path / "a.tif", pixels(3), imagej=True, metadata={"axes": "TYX"})
    with reading.opened(path) as stack:
        os.truncate(path, 600)
        with pytest.raises(
            InputError, match=r"a.tif \(T 2\) cannot be read .*the file ends in frame 2"
        ):
            stack.read((2,))


def test_a_file_that_was_replaced_is_opened_anew(tmp_path):
    first, second = pixels(), pixels()
    path = written(tmp_path / "a.tif", first)
    np.testing.assert_array_equal(reading.read_image(path).pixels, first)
    written(tmp_path / "b.tif", second)
    shutil.move(tmp_path / "b.tif", path)
    np.testing.assert_array_equal(reading.read_image(path).pixels, second)


# What is written.


def test_how_channels_are_shown_is_kept(tmp_path):
    lut = np.stack([np.arange(256), np.zeros(256), np.zeros(256)]).astype(np.uint8)
    told = {"axes": "CYX", "Ranges": (1.0, 9.0, 2.0, 8.0), "LUTs": [lut, lut[::-1]]}
    told |= {"mode": "composite", "Labels": ["a", "b"], "min": 1.0, "max": 9.0}
    path = written(tmp_path / "a.tif", pixels(2), imagej=True, metadata=told)
    for channel, ranges in ((None, (1.0, 9.0, 2.0, 8.0)), (1, (2.0, 8.0))):
        target = tmp_path / f"{channel}.tif"
        with reading.opened(path, channel=channel) as stack, created(target, like=stack) as array:
            array[:] = 1
        with tifffile.TiffFile(target) as tiff:
            kept = tiff.imagej_metadata
        assert kept["Ranges"] == ranges
        luts = kept["LUTs"] if channel is None else [kept["LUTs"]]
        np.testing.assert_array_equal(luts[-1], lut[::-1])
        assert kept["Labels"][-1] == "b"


def test_the_colours_of_omes_channels_are_kept(tmp_path):
    told = {"axes": "CYX", "Channel": {"Name": ["GFP", "RFP"], "Color": [16711935, -16776961]}}
    path = written(tmp_path / "a.ome.tif", pixels(2), ome=True, metadata=told)
    with reading.opened(path) as stack, created(tmp_path / "b.ome.tif", like=stack) as array:
        array[:] = 1
    assert described(tmp_path / "b.ome.tif")[0].scale == stack.scale
    assert stack.scale.colours == (16711935, -16776961)


@pytest.mark.parametrize("kind", ["pages", "ome", "one"])
def test_a_copy_that_made_room_first_and_was_interrupted_is_told(tmp_path, kind):
    frames = np.random.default_rng(0).integers(90, 300, (6, 64, 64)).astype(np.uint16)
    path = tmp_path / ("a.ome.tif" if kind == "ome" else "a.tif")
    with tifffile.TiffWriter(path) as file:
        if kind == "pages":
            for frame in frames:
                file.write(frame, contiguous=False, metadata=None, photometric="minisblack")
        else:
            file.write(frames, metadata={"axes": "TYX"}, photometric="minisblack")
    whole = path.read_bytes()
    with reading.opened(path) as stack:
        assert stack.planes == 6
    first = len(whole) // 6 + 900
    for written in (first, len(whole) // 2):
        path.write_bytes(whole[:written] + bytes(len(whole) - written))
        with pytest.raises(InputError, match="may be damaged or cut short"), reading.opened(path):
            pass

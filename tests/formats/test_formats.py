"""Files in the formats of microscopes' makers, written by other programs and read by bioio.

These need an environment of their own (`make formats`), since bioio asks for other versions of what
Snakemake needs.
"""

import os
import re
import struct

import numpy as np
import pytest

from denoisekit.datasets import folders
from denoisekit.errors import InputError
from denoisekit.images import reading

pytest.importorskip("bioio")
RNG = np.random.default_rng(0)


def pixels(*leading):
    return RNG.integers(1, 60000, (*leading, 24, 32)).astype(np.uint16)


def described(path, **options):
    with reading.opened(path, **options) as stack:
        planes = [stack.read(place) for place in stack.places(volumes=False)]
        return stack, np.stack(planes)


def write_czi(path, stack, *, scale_um=(0.2, 0.2), scenes=1):
    """Write (scene, T, Z, C, Y, X) pixels."""
    from pylibCZIrw import czi

    with czi.create_czi(str(path)) as file:
        for scene, t, z, c in np.ndindex(*stack.shape[:4]):
            options = {"scene": scene, "location": (100 * scene, 0)} if scenes > 1 else {}
            place = {"T": t, "Z": z, "C": c}
            file.write(stack[scene, t, z, c][..., None], plane=place, **options)
        if scale_um:
            x, y = (side * 1e-6 for side in scale_um)
            file.write_metadata(scale_x=x, scale_y=y, scale_z=5e-7, channel_names={0: "A", 1: "B"})


def test_czi_channels_planes_and_scale(tmp_path):
    stack = pixels(1, 1, 3, 2)
    write_czi(tmp_path / "a.czi", stack)
    opened, planes = described(tmp_path / "a.czi", channel=1)
    assert opened.axes == "ZYX"
    assert (opened.scale.width_um, opened.scale.spacing_um) == pytest.approx((0.2, 0.5))
    np.testing.assert_array_equal(planes, stack[0, 0, :, 1])
    with pytest.raises(InputError, match="has the channels 0"):
        reading.read_image(tmp_path / "a.czi")


def test_a_czi_without_scale_has_no_pixel_size(tmp_path):
    write_czi(tmp_path / "a.czi", pixels(1, 1, 1, 1), scale_um=None)
    opened, _ = described(tmp_path / "a.czi")
    assert opened.scale.width_um is None


def test_czi_scenes_of_which_the_metadata_do_not_tell_are_no_single_image(tmp_path):
    write_czi(tmp_path / "a.czi", pixels(2, 1, 1, 1), scenes=2)
    with pytest.raises(InputError, match="holds 2 scenes, but its metadata tell of 1"):
        described(tmp_path / "a.czi")


def write_zarr(path, stack, *, unit):
    import zarr

    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    group.create_array("0", data=stack, chunks=(1, 1, 24, 32))
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}]
    axes += [{"name": name, "type": "space", "unit": unit} for name in "yx"]
    transform = [{"type": "scale", "scale": [1.0, 1.0, 65.0, 65.0]}]
    levels = [{"path": "0", "coordinateTransformations": transform}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": levels}]


@pytest.mark.parametrize(("unit", "size_um"), [("nanometer", 0.065), ("micrometer", 65.0)])
def test_ome_zarr_lengths_are_in_its_own_unit(tmp_path, unit, size_um):
    stack = pixels(3, 2)
    write_zarr(tmp_path / "a.zarr", stack, unit=unit)
    opened, planes = described(tmp_path / "a.zarr", channel=0)
    assert (opened.axes, opened.scale.width_um) == ("TYX", pytest.approx(size_um))
    np.testing.assert_array_equal(planes, stack[:, 0])


@pytest.mark.parametrize("taken_away", [0, 2])
def test_chunks_of_an_ome_zarr_that_are_not_there_are_told(tmp_path, taken_away):
    write_zarr(tmp_path / "a.zarr", pixels(3, 2), unit="nanometer")
    for chunk in sorted((tmp_path / "a.zarr/0").glob("0.*"))[:taken_away]:
        chunk.unlink()
    opened, _ = described(tmp_path / "a.zarr", channel=0)
    told = [sentence for sentence in opened.told if "chunks" in sentence]
    assert len(told) == bool(taken_away)
    assert all(f"lacks {taken_away} of its chunks" in sentence for sentence in told)


def write_lif(path, scenes):
    """Write scenes of (Z, Y, X) pixels as Leica's format: XML, then a block of memory for each."""

    def chunk(*parts):
        content = b"".join(parts)
        return struct.pack("<II", 0x70, len(content)) + content

    def text(words):
        return b"\x2a" + struct.pack("<I", len(words)) + words.encode("utf-16-le")

    elements = ""
    for number, stack in enumerate(scenes):
        z, y, x = stack.shape
        sides = zip((1, 2, 3), (x, y, z), (2, 2 * x, 2 * x * y), strict=True)
        dimensions = "".join(
            f'<DimensionDescription DimID="{i}" NumberOfElements="{n}" Origin="0" '
            f'Length="{(n - 1) * 1e-7}" Unit="m" BitInc="0" BytesInc="{step}"/>'
            for i, n, step in sides
        )
        elements += (
            f'<Element Name="scene{number}" Visibility="1" UniqueID="u{number}"><Data><Image>'
            '<ImageDescription><Channels><ChannelDescription DataType="0" ChannelTag="0" '
            'Resolution="16" NameOfMeasuredQuantity="" Min="0" Max="65535" Unit="" LUTName="Green" '
            'IsLUTInverted="0" BytesInc="0" BitInc="0"/></Channels>'
            f"<Dimensions>{dimensions}</Dimensions></ImageDescription></Image></Data>"
            f'<Memory Size="{stack.nbytes}" MemoryBlockID="MemBlock_{number}"/></Element>'
        )
    xml = (
        '<LMSDataContainerHeader Version="2"><Element Name="a.lif" UniqueID="root" '
        'Visibility="1"><Data><Experiment/></Data>'
        f'<Memory Size="0" MemoryBlockID="MemBlock_root"/><Children>{elements}</Children>'
        "</Element></LMSDataContainerHeader>"
    )
    with path.open("wb") as file:
        file.write(chunk(text(xml)))
        for number, stack in enumerate(scenes):
            name = text(f"MemBlock_{number}")
            file.write(chunk(b"\x2a" + struct.pack("<Q", stack.nbytes) + name))
            file.write(stack.astype("<u2").tobytes())


def test_lif_scenes_are_chosen_by_name(tmp_path):
    scenes = [pixels(3), pixels(3)]
    write_lif(tmp_path / "a.lif", scenes)
    with pytest.raises(InputError, match=r"holds 2 images .*scene0"):
        described(tmp_path / "a.lif")
    opened, planes = described(tmp_path / "a.lif", scene=1)
    assert opened.axes == "ZYX"
    assert opened.scale.width_um == pytest.approx(0.1, rel=0.1)
    np.testing.assert_array_equal(planes, scenes[1])


def write_nd2(path, frames, *, calibrated=True, compression=2):
    """Write single planes of Nikon's format: chunks of names and content, and a map of these."""

    def item(name, kind, content):
        label = f"{name}\0".encode("utf-16-le")
        return bytes([kind, len(label) // 2]) + label + content

    def level(name, items):
        head = 2 + 2 * (len(name) + 1) + 12
        content = b"".join(items)
        size = struct.pack("<IQ", len(items), head + len(content))
        return item(name, 11, size) + content + bytes(8 * len(items))

    def numbers(**values):
        return [item(name, 3, struct.pack("<I", value)) for name, value in values.items()]

    count, height, width = frames.shape
    sides = {"uiWidth": width, "uiWidthBytes": 2 * width, "uiHeight": height, "uiComp": 1}
    bits = {"uiBpcInMemory": 16, "uiBpcSignificant": 16, "uiSequenceCount": count}
    bits["eCompression"] = compression
    times = [item(name, 6, bytes(8)) for name in ("dStart", "dPeriod", "dDuration")]
    series = [level("uLoopPars", numbers(uiCount=count) + times), *numbers(eType=1)]
    probe = level("pFluorescentProbe", [level("m_ExcitationSpectrum", numbers(uiCount=0))])
    channel = level("sPlaneNew", [level("a0", [*numbers(uiCompCount=1), probe])])
    size = struct.pack("<d", 0.2 if calibrated else 0)
    picture = [
        *(item("bCalibrated", 1, bytes([calibrated])), item("dCalibration", 6, size)),
        level("sPicturePlanes", [*numbers(uiCount=1), channel]),
    ]
    told = {
        "ImageAttributesLV!": level("SLxImageAttributes", numbers(**sides, **bits)),
        "ImageMetadataSeqLV|0!": level("SLxPictureMetadata", picture),
        "ImageMetadataLV!": level("SLxExperiment", series),
    }
    chunks = {name.encode(): content for name, content in told.items()}
    chunks[b"CustomData|AcqTimesCache!"] = np.arange(count, dtype="<f8").tobytes()
    for number, frame in enumerate(frames):
        time = struct.pack("<d", number)
        chunks[f"ImageDataSeq|{number}!".encode()] = time + frame.astype("<u2").tobytes()
    places = {}
    with path.open("wb") as file:

        def chunk(name, content, room):
            places[name] = (file.tell(), len(content))
            file.write(struct.pack("<IIQ", 0x0ABECEDA, room, len(content)))
            file.write(name.ljust(room, b"\0") + content)

        chunk(b"ND2 FILE SIGNATURE CHUNK NAME01!", b"Ver3.0".ljust(64, b"\0"), 32)
        for name, content in chunks.items():
            chunk(name, content, 4072)
        listed = [name + struct.pack("<QQ", *places[name]) for name in chunks]
        end, start = b"ND2 CHUNK MAP SIGNATURE 0000001!", file.tell()
        last = end + struct.pack("<Q", start)
        chunk(b"ND2 FILEMAP SIGNATURE NAME 0001!", b"".join(listed) + last, 32)


def test_nd2_frames_are_read_one_by_one(tmp_path):
    frames = pixels(3)
    write_nd2(tmp_path / "a.nd2", frames)
    opened, planes = described(tmp_path / "a.nd2")
    assert (opened.axes, opened.scale.width_um) == ("TYX", pytest.approx(0.2))
    np.testing.assert_array_equal(planes, frames)


def test_an_nd2_without_scale_has_no_pixel_size(tmp_path):
    write_nd2(tmp_path / "a.nd2", pixels(2), calibrated=False)
    opened, _ = described(tmp_path / "a.nd2")
    assert (opened.scale.width_um, opened.scale.spacing_um) == (None, None)


def test_an_nd2_that_lost_something_is_refused(tmp_path):
    write_nd2(tmp_path / "a.nd2", pixels(2), compression=1)
    with pytest.raises(InputError, match=r"a.nd2 is an ND2 of compressed images, whose compress"):
        described(tmp_path / "a.nd2")


@pytest.mark.parametrize(
    ("way", "told"), [(1, "is a CZI of JPEGs, whose"), (4, "by JPEGXR, which may")]
)
def test_a_czi_that_may_have_lost_something_is_told_or_refused(tmp_path, way, told):
    write_czi(tmp_path / "a.czi", pixels(1, 1, 1, 1))
    content = (tmp_path / "a.czi").read_bytes()
    # An entry: its kind, of what pixels, where, in which part, and by what compressed.
    entries = list(re.finditer(rb"DV\x01\0\0\0.{8}\0{4}(\0{4})", content, re.DOTALL))
    assert entries
    changed = bytearray(content)
    for entry in entries:
        changed[slice(*entry.span(1))] = struct.pack("<i", way)
    (tmp_path / "a.czi").write_bytes(changed)
    if way == 1:
        with pytest.raises(InputError, match=told):
            reading.open_stack(tmp_path / "a.czi")
    else:
        assert told in " ".join(reading.open_stack(tmp_path / "a.czi").told)


def test_what_loses_nothing_is_read_without_a_word(tmp_path):
    write_czi(tmp_path / "a.czi", pixels(1, 1, 1, 1))
    write_nd2(tmp_path / "a.nd2", pixels(1))
    for kind in ("czi", "nd2"):
        assert not reading.open_stack(tmp_path / f"a.{kind}").told


WRITTEN = {
    "nd2": lambda path, stack: write_nd2(path, stack),
    "lif": lambda path, stack: write_lif(path, [stack]),
    "czi": lambda path, stack: write_czi(path, stack[None, :, None, None]),
    "zarr": lambda path, stack: write_zarr(path, stack[:, None], unit="micrometer"),
}


@pytest.mark.parametrize("left", [0, 0.3, 0.7])
@pytest.mark.parametrize("kind", WRITTEN)
def test_a_file_that_is_cut_while_it_is_read_is_one_sentence(tmp_path, kind, left):
    # Frames of several pages of memory, so that a map of one would reach beyond the file's end.
    frames = RNG.integers(1, 60000, (6, 200, 200)).astype(np.uint16)
    path = tmp_path / f"a.{kind}"
    WRITTEN[kind](path, frames)
    with reading.opened(path) as stack:
        places = stack.places(volumes=False)
        np.testing.assert_array_equal(stack.read(places[0]), frames[0])
        for file in [path] if path.is_file() else path.glob("0/[1-9]*"):
            os.truncate(file, int(file.stat().st_size * left))

        def read_on():
            for number, place in enumerate(places):
                np.testing.assert_array_equal(stack.read(place), frames[number])

        with pytest.raises(InputError, match=f"a.{kind} .*cannot be read as an image"):
            read_on()


def test_a_damaged_file_is_one_sentence(tmp_path):
    for suffix in ("nd2", "czi", "lif"):
        (tmp_path / f"a.{suffix}").write_bytes(b"no image at all" * 50)
        with pytest.raises(InputError, match=f"a.{suffix} cannot be read as an image"):
            described(tmp_path / f"a.{suffix}")


def test_a_study_lists_them_by_their_axes(tmp_path):
    write_czi(tmp_path / "monday.czi", pixels(1, 4, 1, 2))
    found = folders.find(f"{tmp_path}/*", None, where="a")
    rows = folders.list_rows(found, pages="movie", test=None, where="a", channel=1)
    assert [row["image"] for row in rows] == [f"monday-p00{page}" for page in range(4)]

"""Files in the formats of microscopes' makers, written by other programs and read by bioio.

These need an environment of their own (`make formats`), since bioio asks for other versions of what
Snakemake needs.
"""

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

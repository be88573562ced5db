"""What a publication's archive holds becomes stacks: files of a pattern, and arrays of patches."""

import io
import zipfile

import numpy as np
import pytest
import tifffile

from denoisekit.datasets import catalogues, published
from denoisekit.errors import InputError
from denoisekit.images.reading import open_stack, read_image, read_volume

TREE = {
    "archive": "a.tar",
    "count": 2,
    "stacks": {"low": {"files": "A/C1/C1_*.tif", "channel": 3}, "high": {"files": "A/GT/*_x.tif"}},
}
NAMES = ["A/C1/C1_10.tif", "A/C1/C1_9.tif", "A/C1/C1_live.tif", "A/GT/9_x.tif", "A/GT/10_x.tif"]
PATCHES = np.random.default_rng(0).standard_normal((150, 1, 4, 6, 5)).astype(np.float32)


def level(name):
    return catalogues.files_of({"files": {"t": TREE}})[f"t/{name}"]


def test_files_of_one_name_get_one_number_in_its_natural_order():
    assert published.members(NAMES, level("low"), where="a.tar") == {
        "A/C1/C1_9.tif": "1.tif",
        "A/C1/C1_10.tif": "2.tif",
    }
    assert published.members(NAMES, level("high"), where="a.tar") == {
        "A/GT/9_x.tif": "1.tif",
        "A/GT/10_x.tif": "2.tif",
    }


@pytest.mark.parametrize(
    "more", [["A/C1/deep/C1_11.tif"], ["A/C1/._C1_11.tif"], ["A/C1/C1_11.png"], ["B/A/GT/11_x.tif"]]
)
def test_files_that_only_look_like_those_of_a_pattern_are_none(more):
    assert len(published.members([*NAMES, *more], level("low"), where="a.tar")) == 2


def test_more_or_fewer_files_are_told_with_what_is_there():
    told = r"a\.tar holds 1 files whose names go together \(2 of A/C1/C1_\*\.tif, 2 of A/GT/\*_x"
    with pytest.raises(InputError, match=told + r"\.tif\), but the catalogue says 2; complete"):
        published.members(NAMES[1:], level("low"), where="a.tar")


def test_a_tree_and_arrays_are_entries_of_a_catalogue(tmp_path):
    arrays = {"archive": "a.tar", "npz": "A/p.npz", "count": 9, "arrays": {"low": "X", "high": "Y"}}
    files = catalogues.files_of({"files": {"t": TREE, "p": arrays}})
    assert list(files) == ["t/low", "t/high", "p"]
    assert catalogues.stacks_of(files["t/low"]) == {"1.tif": "", "2.tif": ""}
    assert catalogues.stacks_of(files["p"]) == {"low.tif": "X", "high.tif": "Y"}
    (tmp_path / "A/GT").mkdir(parents=True)
    (tmp_path / "A/p.npz").touch()
    there = {name: catalogues.is_unpacked(entry, folder=tmp_path) for name, entry in files.items()}
    assert there == {"t/low": False, "t/high": True, "p": True}


@pytest.mark.parametrize("options", [{}, {"imagej": True, "metadata": {"axes": "TZYX"}}])
def test_one_channel_of_a_file_becomes_a_stack(tmp_path, options):
    pixels = np.arange(4 * 3 * 6 * 5, dtype=np.uint16).reshape(4, 3, 6, 5)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", **options)
    named = {"name": "a.tif in x.tar", "channel": 2}
    shape = published.take_stack(tmp_path / "a.tif", tmp_path / "2.tif", **named)
    assert shape == (3, 6, 5)
    np.testing.assert_array_equal(read_volume(tmp_path / "2.tif").pixels, pixels[2])
    for channel, what in ((4, "channel 4"), (None, "one image")):
        with pytest.raises(InputError, match=rf"a\.tif in x\.tar has the axes .* of which {what}"):
            published.take_stack(
                tmp_path / "a.tif", tmp_path / "x.tif", name="a.tif in x.tar", channel=channel
            )
    assert not (tmp_path / "x.tif").exists()


def test_a_channel_that_the_file_names_is_taken_by_its_number(tmp_path):
    pixels = np.arange(3 * 4 * 6 * 5, dtype=np.uint16).reshape(3, 4, 6, 5)
    metadata = {"axes": "ZCYX", "spacing": 0.5, "unit": "um"}
    options = {"imagej": True, "resolution": (5, 5), "metadata": metadata}
    tifffile.imwrite(tmp_path / "a.tif", pixels, **options)
    published.take_stack(tmp_path / "a.tif", tmp_path / "1.tif", channel=1, name="a")
    taken = open_stack(tmp_path / "1.tif")
    np.testing.assert_array_equal(taken.read((slice(None),)), pixels[:, 1])
    assert (taken.scale.spacing_um, taken.scale.width_um) == (0.5, pytest.approx(0.2))


def test_a_movie_of_channels_is_not_cut_to_its_first_frame(tmp_path):
    pixels = np.zeros((2, 3, 4, 6, 5), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels, imagej=True, metadata={"axes": "TZCYX"})
    with pytest.raises(InputError, match="channel 1 cannot be taken"):
        published.take_stack(tmp_path / "a.tif", tmp_path / "1.tif", channel=1, name="a")


def test_a_plane_stays_a_plane(tmp_path):
    pixels = np.random.default_rng(0).random((1, 6, 5)).astype(np.float32)
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    assert published.take_stack(tmp_path / "a.tif", tmp_path / "1.tif", channel=None, name="a") == (
        *(6, 5),
    )
    np.testing.assert_array_equal(read_image(tmp_path / "1.tif").pixels, pixels[0])


@pytest.mark.parametrize("packed", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint16])
def test_patches_become_a_movie_of_volumes(tmp_path, packed, kind):
    packed(tmp_path / "p.npz", X=(PATCHES * 100).astype(kind), axes=np.array("SCZYX"))
    options = {"count": 150, "name": "p.npz"}
    shape = published.take_array(tmp_path / "p.npz", "X", tmp_path / "low.tif", **options)
    assert shape == (150, 4, 6, 5)
    stack = open_stack(tmp_path / "low.tif")
    assert (stack.axes, stack.dtype) == ("TZYX", np.float32)
    expected = (PATCHES * 100).astype(kind).astype(np.float32)[:, 0]
    for at in (0, 63, 64, 149):
        np.testing.assert_array_equal(
            read_volume(tmp_path / "low.tif", number=at).pixels, expected[at]
        )


def test_patches_of_planes_become_a_movie(tmp_path):
    np.savez(tmp_path / "p.npz", Y=PATCHES[:, :, :1])
    options = {"count": 150, "name": "p.npz"}
    shape = published.take_array(tmp_path / "p.npz", "Y", tmp_path / "high.tif", **options)
    assert shape == (150, 6, 5)
    plane = read_image(tmp_path / "high.tif", page=149).pixels
    np.testing.assert_array_equal(plane, PATCHES[149, 0, 0])


def damaged(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def cut_short(path):
    file = io.BytesIO()
    np.save(file, PATCHES)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("X.npy", file.getvalue()[:-1000])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda p: np.savez(p, Y=PATCHES), r"p\.npz has no array 'X', but Y\.npy; correct"),
        (lambda p: np.savez(p, X=PATCHES[1:]), "is 149 x 1 x 4 x 6 x 5, not 150 planes or volumes"),
        (lambda p: np.savez(p, X=PATCHES[:, 0, 0, 0]), "is 150 x 5, not 150 planes or volumes"),
        (lambda p: np.savez(p, X=np.asfortranarray(PATCHES)), "column by column, not of numbers"),
        (lambda p: np.savez(p, X=PATCHES.astype(object)), "is of object, not of numbers"),
        (lambda p: np.savez(p, X=PATCHES * np.nan), "not finite in its patches 0 to 63; get it"),
        (damaged, r"p\.npz cannot be unpacked .* damaged or cut short"),
        (cut_short, r"has 71000 bytes, but is said to be 150 x 1 x 4 x 6 x 5 of float32"),
    ],
)
def test_what_is_not_an_array_of_patches_is_told(tmp_path, spoil, told):
    np.savez(tmp_path / "p.npz", X=PATCHES)
    spoil(tmp_path / "p.npz")
    with pytest.raises(InputError, match=told):
        published.take_array(tmp_path / "p.npz", "X", tmp_path / "low.tif", count=150, name="p.npz")
    assert not (tmp_path / "low.tif").exists()


def test_bytes_that_were_changed_are_told(tmp_path):
    np.savez_compressed(tmp_path / "p.npz", X=PATCHES)
    content = bytearray((tmp_path / "p.npz").read_bytes())
    content[len(content) // 2] ^= 255
    (tmp_path / "p.npz").write_bytes(content)
    with pytest.raises(InputError, match="cannot be unpacked"):
        published.take_array(tmp_path / "p.npz", "X", tmp_path / "low.tif", count=150, name="p.npz")

import imageio.v3 as iio
import numpy as np
import pytest
from skimage.io import imsave

from denoisekit.datasets import pictures
from denoisekit.errors import InputError


def write_png(path, pixels):
    imsave(path, pixels, check_contrast=False)


@pytest.mark.parametrize("channels", [[0], [1], [0, 2], [0, 1, 2]])
def test_the_one_live_channel_of_a_picture_is_read(tmp_path, channels):
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    colour = np.zeros((8, 8, 3), np.uint8)
    colour[..., channels] = grey[..., None]
    write_png(tmp_path / "a.png", colour)
    np.testing.assert_array_equal(pictures.read_picture(tmp_path / "a.png"), grey)


def test_a_picture_in_true_colour_is_an_error(tmp_path):
    colour = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    write_png(tmp_path / "a.png", colour)
    with pytest.raises(InputError, match="3 of its colour channels that are not black differ"):
        pictures.read_picture(tmp_path / "a.png")


def test_a_black_picture_is_an_error(tmp_path):
    write_png(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(InputError, match="shows nothing: all of its colour channels are black"):
        pictures.read_picture(tmp_path / "a.png")


def test_a_damaged_picture_is_one_sentence(tmp_path):
    write_png(tmp_path / "a.png", np.eye(64, dtype=np.uint8))
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"a\.png cannot be read as a picture"):
        pictures.read_picture(tmp_path / "a.png")


def test_a_display_stretch_is_undone():
    counts = np.random.default_rng(0).integers(110, 190, (64, 64))
    darkest, brightest = counts.min(), counts.max()
    stretched = np.round(255 * (counts - darkest) / (brightest - darkest)).astype(np.uint8)
    undone = pictures.undo_stretch(stretched, offset=int(darkest))
    assert undone.dtype == np.uint16
    np.testing.assert_array_equal(undone, counts)


def test_a_stretch_that_joined_counts_cannot_be_undone():
    with pytest.raises(InputError, match="All 256 grey levels occur"):
        pictures.undo_stretch(np.arange(256, dtype=np.uint8), offset=100)


def frames(**pixels):
    """PNG files of pixels, by name."""
    files = {}
    for name, page in pixels.items():
        files[f"{name}.png"] = iio.imwrite("<bytes>", page, extension=".png")
    return files


GREY = np.arange(72, dtype=np.uint8).reshape(8, 9)


def test_frames_are_stacked_in_the_order_of_their_numbers():
    names = ["a2b10", "a10b1", "a2b9", "b1"]
    files = frames(**{name: GREY + number for number, name in enumerate(names)})
    files |= {".hidden.png": b"", "notes.txt": b""}
    pixels, order = pictures.stack_pictures(files, count=4, name="raw/1")
    assert order == ["a2b9.png", "a2b10.png", "a10b1.png", "b1.png"]
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, np.stack([GREY + number for number in (2, 0, 1, 3)]))


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (frames(a=GREY), "^raw/1 must hold 2 PNG files, but holds 1; complete it"),
        (frames(a=GREY, b=GREY, c=GREY), "^raw/1 must hold 2 PNG files, but holds 3; complete it"),
        (frames(a=GREY, b=np.stack([GREY] * 3, axis=2)), r"b\.png of raw/1 must be grey, but is"),
        (frames(a=GREY, b=GREY[1:]), r"b\.png of raw/1 is 7 x 9 pixels of uint8, but a\.png is"),
        (frames(a=GREY, b=GREY.astype(np.uint16)), r"of uint16, but a\.png is 8 x 9 of uint8; pag"),
        (frames(a=GREY) | {"b.png": b"no"}, r"b\.png of raw/1 cannot be read as a picture"),
    ],
)
def test_frames_that_make_no_stack_are_told_in_one_sentence(files, sentence):
    with pytest.raises(InputError, match=sentence):
        pictures.stack_pictures(files, count=2, name="raw/1")

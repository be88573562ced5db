import numpy as np
import pytest
from skimage.io import imsave

from denoisekit import pictures
from denoisekit._checks import InputError


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

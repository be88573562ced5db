import numpy as np
import pytest
import tifffile
from skimage.io import imsave

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.images.image import pixels_sha256, write_image
from denoisekit.images.reading import open_stack, read_image


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 60000, (20, 30)).astype(np.uint16)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_images_come_back_with_their_pixel_size(tmp_path, pixels, dtype):
    path = tmp_path / "a/b.tif"
    write_image(path, pixels.astype(dtype), pixel_size_um=0.108)
    image = read_image(path)
    np.testing.assert_array_equal(image.pixels, pixels.astype(dtype))
    assert image.pixels.dtype == dtype
    assert image.pixel_size_um == pytest.approx(0.108, rel=1e-6)


def test_imagej_finds_axes_and_pixel_size(tmp_path, pixels):
    path = tmp_path / "movie.tif"
    write_image(path, np.stack([pixels, pixels, pixels]), pixel_size_um=0.25, axes="TYX")
    with tifffile.TiffFile(path) as tiff:
        assert tiff.series[0].axes == "TYX"
        assert tiff.imagej_metadata["frames"] == 3
        assert tiff.imagej_metadata["unit"] == "um"
        above, below = tiff.pages[0].tags["XResolution"].value
        assert above / below == pytest.approx(4)


def test_one_page_of_a_stack_and_a_region(tmp_path, pixels):
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, np.stack([pixels, pixels + 1]), photometric="minisblack")
    region = (slice(3, 9), slice(10, 30))
    image = read_image(path, page=1, region=region)
    np.testing.assert_array_equal(image.pixels, (pixels + 1)[region])


def test_grey_png(tmp_path, pixels):
    imsave(tmp_path / "a.png", pixels, check_contrast=False)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").pixels, pixels)


def bad_images(folder, pixels):
    tifffile.imwrite(folder / "stack.tif", np.stack([pixels] * 3), photometric="minisblack")
    colours = np.stack([pixels, pixels // 2, pixels // 3], -1)
    tifffile.imwrite(folder / "colour.tif", colours, photometric="rgb")
    tifffile.imwrite(folder / "one.tif", pixels)
    whole = (folder / "one.tif").read_bytes()
    (folder / "cut.tif").write_bytes(whole[: len(whole) // 2])
    (folder / "text.tif").write_text("not an image")


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("none.tif", {}, "none.tif does not exist"),
        ("text.tif", {}, "text.tif cannot be read as an image"),
        ("cut.tif", {}, "cut.tif is cut short or damaged"),
        ("colour.tif", {}, r"is in colour, with the channels 0 \(red\), 1 \(green\), 2"),
        ("stack.tif", {}, r"has 3 pages \(TYX\); say which one in the column 'page'"),
        ("stack.tif", {"page": 3}, "has 3 pages, counted from 0, but page 3 is asked"),
        ("one.tif", {"region": (slice(0, 20), slice(5, 31))}, "reaches to 20 x 31, outside of"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(tmp_path, pixels, name, options, sentence):
    bad_images(tmp_path, pixels)
    with pytest.raises(InputError, match=sentence):
        read_image(tmp_path / name, **options)


def test_a_file_that_failed_half_way_is_not_left_behind(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("old")
    with pytest.raises(TypeError), files.replacing(path) as temporary:
        temporary.write_bytes("half")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_tables_keep_every_digit(tmp_path):
    rows = [{"image": "a", "value": 0.1 + 0.2}, {"image": "b", "value": 1 / 3}]
    files.write_table(tmp_path / "t.tsv", rows)
    back = files.read_table(tmp_path / "t.tsv")
    assert [float(row["value"]) for row in back] == [row["value"] for row in rows]


def test_unreadable_tables_are_refused(tmp_path):
    (tmp_path / "latin.tsv").write_bytes("image\tsplit\nmöwe\ttest\n".encode("latin-1"))
    with pytest.raises(InputError, match="save it as tab-separated text in UTF-8"):
        files.read_table(tmp_path / "latin.tsv")
    with pytest.raises(InputError, match="does not exist"):
        files.read_table(tmp_path / "none.tsv")


def test_pixels_have_one_sum_whatever_file_they_lie_in(pixels):
    assert pixels_sha256(pixels) == pixels_sha256(np.asfortranarray(pixels))
    assert pixels_sha256(pixels) != pixels_sha256(pixels.T)


def test_an_array_is_created_whole_and_filled_in_place(tmp_path):
    array = files.create_array(tmp_path / "patches.npy", shape=(3, 4))
    array[1] = 7
    array.flush()
    np.testing.assert_array_equal(np.load(tmp_path / "patches.npy")[:, 0], [0, 7, 0])
    assert (tmp_path / "patches.npy").stat().st_blocks * 512 >= 3 * 4 * 4


def test_pages_are_counted_without_reading_pixels(tmp_path):
    path = tmp_path / "long.tif"
    tifffile.imwrite(path, np.zeros((300, 8, 8), np.uint16), photometric="minisblack")
    assert open_stack(path).planes == 300
    (tmp_path / "cut.tif").write_bytes(path.read_bytes()[:5])
    with pytest.raises(InputError, match=r"cut.tif cannot be read as an image"):
        open_stack(tmp_path / "cut.tif")


def test_an_imagej_stack_in_one_block_is_read_frame_by_frame(tmp_path):
    """ImageJ writes stacks of more than 4 GB with one page that tells of all frames."""
    text = "ImageJ=1.53t\nimages=3\nframes=3\nloop=false\n"
    frames = np.arange(3 * 64, dtype=np.uint16).reshape(3, 8, 8)
    path = tmp_path / "big.tif"
    tifffile.imwrite(path, frames[0], description=text, metadata=None)
    with path.open("ab") as file:
        file.write(frames[1:].tobytes())
    np.testing.assert_array_equal(read_image(path, page=2).pixels, frames[2])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"big.tif cannot be read as an image .*corrupted file"):
        read_image(path, page=0)

"""What must hold for every file, image, tile and displacement, not only for chosen ones."""

import io as bytes_io

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scenes import blobs, camera, moved
from skimage.io import imsave

from denoisekit import files
from denoisekit.datasets import pair_table, registration
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_image
from denoisekit.restoring import inference
from denoisekit.training import patches

SIDES = st.integers(1, 24)
SHAPES = st.tuples(SIDES, SIDES)
KINDS = st.sampled_from([np.uint8, np.uint16, np.float32])
PICTURE = (np.arange(30 * 41).reshape(30, 41) * 37 % 251).astype(np.uint8)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("files") / "image.tif"


@st.composite
def images(draw):
    kind, shape = draw(KINDS), draw(SHAPES)
    options = {"allow_nan": False, "allow_infinity": False} if kind is np.float32 else {}
    elements = {"elements": st.floats(width=32, **options)} if options else {}
    return draw(arrays(kind, shape, **elements))


@given(pixels=images(), pixel_size_um=st.none() | st.floats(1e-3, 10))
def test_every_image_comes_back_as_it_was(file, pixels, pixel_size_um):
    write_image(file, pixels, pixel_size_um=pixel_size_um)
    image = read_image(file)
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.pixels.dtype == pixels.dtype
    assert image.pixel_size_um == (
        None if pixel_size_um is None else pytest.approx(pixel_size_um, rel=1e-4)
    )


def stack(compression):
    file = bytes_io.BytesIO()
    pages = np.stack([PICTURE, PICTURE // 2, PICTURE // 3])
    tifffile.imwrite(file, pages, photometric="minisblack", compression=compression)
    return file.getvalue()


STACKS = {name: stack(name) for name in ("none", "zlib")}


def tried(read):
    """Return what was read and no sentence, or nothing and the sentence that the user is told."""
    try:
        return read(), None
    except InputError as error:
        return None, str(error)


@given(
    kind=st.sampled_from(sorted(STACKS)),
    share=st.floats(0, 1),
    page=st.integers(min_value=0, max_value=2),
)
def test_a_truncated_tiff_gives_the_right_pixels_or_one_sentence(file, kind, share, page):
    whole = STACKS[kind]
    file.write_bytes(whole[: int(share * len(whole))])
    found, sentence = tried(lambda: read_image(file, page=page).pixels)
    if sentence:
        assert str(file) in sentence
    else:
        np.testing.assert_array_equal(found, PICTURE // (page + 1))


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_png_with_a_flipped_bit_gives_the_right_pixels_or_one_sentence(file, place, bit):
    file = file.with_suffix(".png")
    imsave(file, PICTURE, check_contrast=False)
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    file.write_bytes(content)
    found, sentence = tried(lambda: read_image(file).pixels)
    if sentence:
        assert str(file) in sentence
    else:
        np.testing.assert_array_equal(found, PICTURE)


@given(content=st.binary(max_size=300))
def test_any_bytes_in_a_table_give_pairs_or_one_sentence(file, content):
    table = file.with_suffix(".tsv")
    table.write_bytes(b"image\tsplit\tlow\thigh\n" + content)
    rows, sentence = tried(
        lambda: pair_table.parse_pairs(files.read_table(table), table=str(table))
    )
    if sentence:
        assert str(table) in sentence
    else:
        assert all(pair.split in ("train", "test") for pair in rows)


@given(
    shape=st.tuples(st.integers(16, 60), st.integers(16, 60)),
    size=st.integers(4, 16),
    count=st.integers(1, 20),
    gain=st.floats(0.01, 1000),
    offset=st.floats(-1000, 1000),
    seed=st.integers(0, 2**32),
)
def test_patches_lie_inside_and_do_not_depend_on_units(shape, size, count, gain, offset, seed):
    high = np.random.default_rng(seed).random(shape) ** 4 + 0.01

    def cut(low):
        rng = np.random.default_rng(seed)
        return patches.extract_patches(low, high, patch_size=size, count=count, rng=rng, name="x")

    plain, scaled = cut(high), cut(gain * high + offset)
    assert plain.low.shape == (count, size, size)
    assert plain.positions.min() >= 0
    assert np.all(plain.positions + size <= shape)
    np.testing.assert_array_equal(plain.low, plain.high)
    resolution = np.finfo(np.float32).eps * (abs(offset) + gain) / gain / np.ptp(high)
    np.testing.assert_allclose(scaled.low, plain.low, atol=1e-4 + 50 * resolution, rtol=1e-4)


@given(
    fields=st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=30),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 1000),
)
def test_no_field_is_on_both_sides_of_the_split(fields, fraction, seed):
    names = [str(number) for number in range(len(fields))]
    sides = patches.split_images(names, fields, validation_fraction=fraction, seed=seed)
    assert set(sides.values()) == {"training", "validation"}
    if len(set(fields)) > 1:
        of_field = {(field, sides[name]) for name, field in zip(names, fields, strict=True)}
        assert len(of_field) == len(set(fields))


@given(
    units=st.lists(st.integers(1, 30), min_size=2, max_size=3),
    tile=st.integers(1, 100),
    stride=st.sampled_from([1, 2, 4, 8]),
    reach=st.integers(0, 50),
)
def test_tiles_keep_every_pixel_once_and_see_the_networks_reach(units, tile, stride, reach):
    shape = tuple(stride * unit for unit in units)
    kept = np.zeros(shape, int)
    for inner, outer in inference._tiles(shape, [tile] * len(shape), stride, reach):
        kept[inner] += 1
        for i, o, side in zip(inner, outer, shape, strict=True):
            assert o.start % stride == o.stop % stride == 0
            assert o.start == 0 or i.start - o.start >= reach
            assert o.stop == side or o.stop - i.stop >= reach
    assert np.all(kept == 1)


@given(y=st.floats(-12, 12), x=st.floats(-12, 12), seed=st.integers(0, 50))
def test_every_displacement_is_found_and_undone(y, x, seed):
    margin, scene = 16, blobs(seed, 160)
    inside = (slice(margin, -margin),) * 2
    high = 4000 * scene[inside]
    photons = 60 * moved(scene, -y, -x)[inside]
    low = camera(photons, gain=2.0, offset=100, read_noise=1.5, seed=seed).astype(float)
    shift = registration.estimate_shift(low, high)
    assert np.hypot(shift.y - y, shift.x - x) < 0.15
    aligned_low, aligned_high = registration.align(low, high, shift)
    assert aligned_low.shape == aligned_high.shape
    if shift.significant:
        again = registration.estimate_shift(aligned_low, aligned_high)
        assert not again.significant

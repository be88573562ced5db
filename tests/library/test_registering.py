"""A folder of registered pairs, as arrays in and files out; what comes back from it is whole."""

import os
import resource
import tracemalloc

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from denoisekit.datasets import folders, pair_table
from denoisekit.datasets.registered import (
    normalised_together,
    read_exposure,
    read_registered,
    read_restored,
    registered_pairs,
    restored_to,
)
from denoisekit.datasets.registering import Treatment, register
from denoisekit.errors import InputError
from denoisekit.files import read_table
from denoisekit.images.reading import open_stack

RNG = np.random.default_rng(0)
IMAGEJ = {"unit": "um", "spacing": 0.5, "finterval": 2.5, "Info": "Exposure 10", "min": 3.0}


def frame(shape=(64, 80)):
    spots = np.zeros(shape)
    for y, x in RNG.integers(4, min(shape) - 4, (40, 2)):
        spots[y, x] += RNG.uniform(500, 3000)
    return np.round(ndimage.gaussian_filter(spots, 1.5) + RNG.normal(100, 2, shape))


def frames(*leading):
    stack = [frame() for _ in range(int(np.prod(leading)))]
    return np.reshape(stack, (*leading, 64, 80)).astype(np.uint16)


def write(path, pixels, axes, **told):
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"imagej": True, "resolution": (10, 10), "metadata": {"axes": axes, **IMAGEJ, **told}}
    tifffile.imwrite(path, pixels, **options)


def rows_of(folder, pages, *, high=None, test=None, **choice):
    found = folders.find(f"{folder}/low/*", high and f"{folder}/{high}/*", where="a")
    listed = folders.list_rows(found, pages=pages, test=test, where="a", **choice)
    return pair_table.parse_pairs(listed, table="pairs.tsv")


def registered(folder, rows, *, apply=True, blank="pass"):
    said = []
    treatment = Treatment(apply=apply, blank=blank)
    register(
        rows, folder / "registered", treatment=treatment, report=lambda line, **_: said.append(line)
    )
    return folder / "registered", said


def restore(folder, into):
    """Write every test image back as it is, and ten more below."""
    with restored_to(into, registered=folder, pixel_size_um=0.3) as put:
        for pair in registered_pairs(folder, split="test"):
            pixels = read_exposure(folder, pair.image, "low").pixels.astype(np.float32)
            put(pair.image, pixels)
            put(pair.image, pixels + 10, "scale")


@pytest.mark.parametrize(
    ("axes", "leading", "pages", "names"),
    [
        ("TYX", (3,), "movie", ["m-p000", "m-p002"]),
        ("ZYX", (3,), "z-stack", ["m-p000", "m-p002"]),
        ("TZYX", (2, 3), "movie", ["m-t000-z000", "m-t001-z002"]),
    ],
)
def test_a_stack_comes_back_as_one_file_with_its_axes_and_metadata(
    tmp_path, axes, leading, pages, names
):
    pixels = frames(*leading)
    write(tmp_path / "low/m.tif", pixels, axes)
    folder, _ = registered(tmp_path, rows_of(tmp_path, pages))
    images = [pair.image for pair in read_registered(folder)]
    assert [images[0], images[-1]] == names
    restore(folder, tmp_path / "out")
    written = sorted(
        str(path.relative_to(tmp_path / "out")) for path in tmp_path.glob("out/**/*.*")
    )
    assert written == ["m.tif", "scale/m.tif"]
    source, back = open_stack(tmp_path / "low/m.tif"), open_stack(tmp_path / "out/m.tif")
    assert (back.axes, back.shape, back.dtype) == (axes, pixels.shape, np.float32)
    assert back.scale == source.scale
    assert (back.notes["Info"], back.notes["min"]) == ("Exposure 10", 3.0)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out/m.tif"), pixels)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out/scale/m.tif"), pixels + 10)
    for image, plane in zip(images, pixels.reshape(-1, 64, 80), strict=True):
        restored = read_restored(folder, tmp_path / "out", image)
        np.testing.assert_array_equal(restored.pixels, plane)
        assert restored.pixel_size_um == pytest.approx(0.1)


def test_pages_that_are_fields_come_back_one_by_one(tmp_path):
    write(tmp_path / "low/m.tif", frames(3), "ZYX")
    folder, _ = registered(tmp_path, rows_of(tmp_path, "fields"))
    restore(folder, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.tif")) == [
        f"m-p00{page}.tif" for page in range(3)
    ]


def test_a_pixel_size_that_no_file_tells_is_the_studys(tmp_path):
    (tmp_path / "low").mkdir()
    tifffile.imwrite(tmp_path / "low/m.tif", frames(3), photometric="minisblack")
    folder, _ = registered(tmp_path, rows_of(tmp_path, "z-stack"))
    restore(folder, tmp_path / "out")
    stack = open_stack(tmp_path / "out/m.tif")
    assert (stack.axes, stack.scale.width_um) == ("ZYX", pytest.approx(0.3))


def test_a_chosen_channel_comes_back_alone_with_its_name(tmp_path):
    both = frames(3, 2)
    told = {"axes": "TCYX", "Channel": {"Name": ["GFP", "RFP"]}, "PhysicalSizeX": 0.2}
    (tmp_path / "low").mkdir()
    tifffile.imwrite(tmp_path / "low/m.ome.tif", both, ome=True, metadata=told)
    with pytest.raises(InputError, match=r"channels 0 \(GFP\), 1 \(RFP\); choose one as 'channel'"):
        rows_of(tmp_path, "movie")
    folder, _ = registered(tmp_path, rows_of(tmp_path, "movie", channel="RFP"))
    restore(folder, tmp_path / "out")
    (file,) = (tmp_path / "out").glob("*.tif")
    back = open_stack(file)
    assert (back.axes, back.scale.channels, back.scale.width_um) == ("TYX", ("RFP",), 0.2)
    np.testing.assert_array_equal(tifffile.imread(file), both[:, 1])


@pytest.mark.parametrize(
    ("axes", "pages"), [("ZYX", "movie"), ("TYX", "z-stack"), ("TZYX", "z-stack")]
)
def test_what_the_file_says_of_its_axes_and_the_study_contradicts_is_told(tmp_path, axes, pages):
    write(tmp_path / "low/m.tif", frames(*(2,) * (len(axes) - 2)), axes)
    with pytest.raises(InputError, match=f"says that its axes are {axes}, but 'pages' .* {pages};"):
        rows_of(tmp_path, pages)


def test_frames_that_moved_are_cut_to_what_all_of_them_share(tmp_path):
    """Each frame of the short exposures is displaced by its own shift against the one truth."""
    field = ndimage.gaussian_filter(RNG.normal(0, 1, (120, 140)), 1.5) * 400 + 800
    shifts = [(0, 0), (3, -2), (-4, 5)]
    low = [field[20 + y : 100 + y, 20 + x : 110 + x] for y, x in shifts]
    high = [field[20:100, 20:110]] * 3
    write(tmp_path / "low/m.tif", np.array(low).astype(np.uint16), "TYX")
    write(tmp_path / "high/m.tif", np.array(high).astype(np.uint16), "TYX")
    folder, _ = registered(tmp_path, rows_of(tmp_path, "movie", high="high", test=["m"]))
    found = [
        (float(row["shift_y"]), float(row["shift_x"])) for row in read_table(folder / "quality.tsv")
    ]
    assert np.abs(np.array(found) - shifts).max() < 0.1
    for exposure in ("low", "high"):
        stack = open_stack(folder / exposure / "m.tif")
        # A pixel more on either side where the displacement is no whole number.
        lost = np.array((80, 90)) - stack.shape[1:]
        assert stack.shape[0] == 3
        assert (lost >= (3 + 4, 2 + 5)).all()
        assert (lost <= (3 + 4 + 2, 2 + 5 + 2)).all()
    for pair in read_registered(folder):
        one, other = (read_exposure(folder, pair.image, name).pixels for name in ("low", "high"))
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.999


def blank_movie(folder):
    pixels = frames(4)
    pixels[2] = 7
    write(folder / "low/m.tif", pixels, "TYX")
    return pixels


def test_a_blank_frame_is_passed_through_and_neither_learned_from_nor_scored(tmp_path):
    pixels = blank_movie(tmp_path)
    folder, said = registered(tmp_path, rows_of(tmp_path, "movie"))
    assert any(
        "'m-p002'" in line and "is blank, 7 everywhere: it is passed" in line for line in said
    )
    assert [pair.image for pair in read_registered(folder)] == ["m-p000", "m-p001", "m-p003"]
    assert [row["blank"] for row in read_table(folder / "pairs.tsv")] == ["no", "no", "yes", "no"]
    restore(folder, tmp_path / "out")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out/m.tif"), pixels)
    np.testing.assert_array_equal(
        read_restored(folder, tmp_path / "out", "m-p003").pixels, pixels[3]
    )
    beside = tifffile.imread(tmp_path / "out/scale/m.tif")
    assert np.isnan(beside[2]).all()
    np.testing.assert_array_equal(beside[3], pixels[3] + 10.0)


def test_registering_says_how_far_it_is_from_the_first_image_on(tmp_path):
    write(tmp_path / "low/m.tif", frames(3), "TYX")
    _, said = registered(tmp_path, rows_of(tmp_path, "movie"))
    assert said[0] == "reading m-p002, 1 of 3"
    assert [line.partition(":")[0] for line in said[3:]] == [
        f"registered m-p00{number}, {number + 1} of 3" for number in range(3)
    ]


def test_a_blank_frame_is_left_out_or_stops_where_the_study_says_so(tmp_path):
    pixels = blank_movie(tmp_path)
    folder, _ = registered(tmp_path, rows_of(tmp_path, "movie"), blank="skip")
    restore(folder, tmp_path / "out")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out/m.tif"), pixels[[0, 1, 3]])
    with pytest.raises(InputError, match="is blank, 7 everywhere: it can be neither trained on"):
        registered(tmp_path, rows_of(tmp_path, "movie"), blank="stop")


def test_images_that_all_are_blank_are_no_data_set(tmp_path):
    write(tmp_path / "low/m.tif", np.full((3, 64, 80), 5, np.uint16), "TYX")
    with pytest.raises(InputError, match="All 3 images have one value everywhere"):
        registered(tmp_path, rows_of(tmp_path, "movie"))


def test_more_stacks_than_files_may_be_open(tmp_path):
    pixels = [frames(2) for _ in range(30)]
    pixels[7][1] = 7
    for number, movie in enumerate(pixels):
        write(tmp_path / f"low/{number:02}.tif", movie, "TYX")
    folder, _ = registered(tmp_path, rows_of(tmp_path, "movie"))
    # Those of reading that are kept open are eight.
    most = len(os.listdir("/proc/self/fd")) + 16
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        restore(folder, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    for number, movie in enumerate(pixels):
        np.testing.assert_array_equal(tifffile.imread(tmp_path / f"out/{number:02}.tif"), movie)
    assert np.isnan(tifffile.imread(tmp_path / "out/scale/07.tif")[1]).all()


def test_a_movie_is_never_in_memory_as_a_whole(tmp_path):
    """Frames are read and written one by one; what is allocated stays that of a few."""
    write(tmp_path / "low/m.tif", np.tile(frames(1), (300, 1, 1)), "TYX")
    rows = rows_of(tmp_path, "movie")
    tracemalloc.start()
    folder, _ = registered(tmp_path, rows)
    restore(folder, tmp_path / "out")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 300 * 64 * 80 * 2


@pytest.mark.parametrize(
    ("axes", "leading", "pages", "normalize", "groups"),
    [
        ("TYX", (3,), "movie", None, 1),
        ("TYX", (3,), "movie", "plane", 0),
        ("ZYX", (3,), "z-stack", None, 0),
        ("ZYX", (3,), "z-stack", "movie", 1),
        ("TZYX", (2, 3), "movie", None, 3),
        ("TZYX", (2, 3), "movie", "movie", 1),
    ],
)
def test_what_is_normalised_together(tmp_path, axes, leading, pages, normalize, groups):
    write(tmp_path / "low/m.tif", frames(*leading), axes)
    write(tmp_path / "low/n.tif", frames(1)[0], "YX")
    folder, _ = registered(tmp_path, rows_of(tmp_path, pages))
    together = normalised_together(folder, normalize=normalize)
    assert len({tuple(names) for names in together.values()}) == groups
    assert "n" not in together
    assert all(image in names for image, names in together.items())

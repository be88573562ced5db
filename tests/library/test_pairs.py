from contextlib import nullcontext

import numpy as np
import pytest
import tifffile
from skimage.io import imsave

from denoisekit.datasets import leakage, pair_images, pair_table, pairs
from denoisekit.datasets.registered import registered_row
from denoisekit.errors import InputError


def row(**changes):
    return {"image": "a", "split": "train", "low": "l.tif", "high": "h.tif", **changes}


def table_row(pair):
    """Return a registered pair's row without what a user's table has not."""
    row = {name: str(value) for name, value in registered_row(pair).items()}
    return {name: row[name] for name in row if name not in ("stack", "blank")}


def parse(*rows):
    return pair_table.parse_pairs(rows, table="pairs.tsv")


def test_a_row_with_every_column(monkeypatch):
    monkeypatch.setenv("DATA", "/images")
    (pair,) = parse(
        row(low="${DATA}/l.tif", high="$DATA/h.tif", page="3", region="0:64, 8:72", field="cell")
        | {"shift_y": "0.5", "shift_x": "-1"}
    )
    assert (pair.low, pair.high, pair.page) == ("/images/l.tif", "/images/h.tif", 3)
    assert pair.region == (slice(0, 64), slice(8, 72))
    assert pairs.region_text(pair.region) == "0:64,8:72"
    assert pair.field == "cell"
    assert pair.known_shift == (0.5, -1.0)


def test_a_range_of_pages_is_a_row_per_page():
    changes = {"field": "cell", "series": "movie", "region": "0:64,8:72"}
    short = parse(row(image="b", page="8:11", **changes), row(page="0: 2"))
    names = {"b-08": "8", "b-09": "9", "b-10": "10"}
    long = [row(image=image, page=page, **changes) for image, page in names.items()]
    assert short == parse(*long, row(image="a-0", page="0"), row(image="a-1", page="1"))
    assert [pair.field for pair in short] == ["cell"] * 3 + ["a-0", "a-1"]
    assert pairs.is_movie(short[:3])
    assert parse(*map(table_row, short)) == short


def test_the_pages_of_a_z_stack_lie_at_different_depths():
    planes = parse(row(split="test", page="0:3", series="z-stack"))
    assert [pair.depth for pair in planes] == [0, 1, 2]
    assert pairs.frames_of_scenes(planes, scenes=1, at_most=8) == [planes[:1]]
    frames = parse(row(split="test", page="0:3", series="movie"))
    assert pairs.frames_of_scenes(frames, scenes=4, at_most=8) == [frames]


def test_the_pages_of_a_movie_are_of_one_field_though_none_is_named():
    assert {pair.field for pair in parse(row(page="0:3", series="movie"))} == {"a"}


def test_without_a_field_every_row_is_one():
    assert [pair.field for pair in parse(row(), row(image="b"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "pairs.tsv has no rows"),
        (
            [{"image": "a", "split": "train"}],
            "lacks the columns low; it needs image, split, low and may",
        ),
        ([row(exposure="1")], "unknown columns exposure; allowed are image, split"),
        ([row(), row()], "names the image 'a' in the lines 2 and 3"),
        ([row(), row(image="A")], "names the image 'A' in the lines 2 and 3, in any case"),
        ([row(image="a" * 201)], "letters, digits, .* 200 at most, but is 'aaa"),
        ([row(image="a/b")], "line 2: the image's name becomes a file name"),
        ([row(split="val")], "line 2: split must be train or test, but is 'val'"),
        ([row(series="stack")], "series must be movie, z-stack or empty, but is 'stack'"),
        ([row(page="first")], "page must be a whole number from 0, or a range .* but is 'first'"),
        ([row(page="0-9")], "page must be a whole number from 0, or a range .* but is '0-9'"),
        ([row(page="5:5")], "line 2: a range of pages must have its start before its stop, but is"),
        ([row(page="8:11"), row(image="a-09")], "names the image 'a-09' in the lines 2 and 3"),
        ([row(region="0-64,0-64")], "region must be y0:y1,x0:x1"),
        ([row(region="64:0,0:64")], "each start before its stop"),
        ([row(low="$NO_SUCH_FOLDER/l.tif")], "environment variable NO_SUCH_FOLDER, which is not"),
        ([row(shift_y="up", shift_x="1")], "must be numbers of px, but are 'up' and '1'"),
        ([row(high="")], "the training image 'a' has no high exposure, but networks learn from"),
        (
            [row(split="test"), row(image="b", split="test", high="")],
            r"has 2 rows to test on, of which 1 have no high exposure \('b' is the first\)",
        ),
        ([row(low="h.tif", high="h.tif")], "h.tif is named as the low and as the high exposure"),
        ([{**row(), "low": None}], "has not as many columns as the header"),
    ],
)
def test_mistakes_are_told_in_one_sentence(rows, sentence):
    with pytest.raises(InputError, match=sentence):
        parse(*rows)


def test_missing_files_and_splits_are_told():
    rows = parse(row(), row(image="b"))
    with pytest.raises(InputError, match=r"names the file l.tif \(and 1 more\), which does not"):
        pair_table.check_files(rows, provided=[], table="pairs.tsv")
    pair_table.check_files(rows, provided=["l.tif", "h.tif"], table="pairs.tsv")
    with pytest.raises(InputError, match=r"does not exist; its source provides h\.tif"):
        pair_table.check_files(rows, provided=["h.tif"], table="pairs.tsv")
    with pytest.raises(InputError, match="no row whose split is 'test', but the study tests on it"):
        pairs.check_split(rows, split="test", table="pairs.tsv")


def test_frames_of_a_movie_are_one_scene_and_tiles_are_many():
    frames = [row(image=f"f{i}", field="movie", page=str(i)) for i in range(3)]
    tiles = [row(image=f"t{i}", field="cell", region=f"0:9,{i}:{i + 9}") for i in range(2)]
    assert [pair.field for pair in pairs.scenes(parse(*frames, *tiles))] == [
        "movie",
        "cell",
        "cell",
    ]


def test_frames_that_are_measured_together_show_one_scene():
    movie = [row(image=f"f{i}", field="m", page=str(i), split="test") for i in range(3)]
    tiles = [row(image=f"t{i}", field="cell", region=f"0:9,{i}:{i + 9}") for i in range(2)]

    def together(*rows, scenes=1):
        found = pairs.frames_of_scenes(parse(*rows), scenes=scenes, at_most=4)
        return [[pair.image for pair in frames] for frames in found]

    assert together(*tiles, *movie) == [["f0", "f1", "f2"]]
    assert together(*tiles, *movie, scenes=2) == [["f0", "f1"], ["t1"]]
    assert together(*tiles, scenes=3) == [["t0"], ["t1"]]
    assert together(*(row(image=name) for name in "abcde"), scenes=3) == [["a"], ["c"], ["e"]]


def apart(train, test, guard=44):
    trained, tested = parse(row(image="t", **train), row(image="u", split="test", **test))
    leakage.check_apart([trained], [tested], guard_px=guard)


def test_regions_apart_by_the_guard_band_pass():
    apart({"region": "0:100,0:100"}, {"region": "144:200,0:100"})
    apart({"region": "0:100,150:200"}, {"region": "0:100,0:100"})
    apart({"page": "0"}, {"page": "1"})
    apart({"low": "x.tif", "high": "y.tif"}, {})


@pytest.mark.parametrize(
    ("train", "test", "sentence"),
    [
        ({}, {}, "are the same picture"),
        ({"low": "other.tif"}, {"region": "0:9,0:9"}, "are the same picture"),
        ({"page": "0"}, {}, "are the same picture"),
        ({"region": "0:100,0:100"}, {"region": "90:200,0:100"}, "at least 44 px apart"),
        ({"region": "0:100,0:100"}, {"region": "143:200,0:100"}, "at least 44 px apart"),
    ],
)
def test_training_on_what_is_tested_is_refused(train, test, sentence):
    with pytest.raises(InputError, match=sentence):
        apart(train, test)


def test_without_a_truth_there_is_one_file_and_one_exposure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pixels = np.arange(-36, 36, dtype=np.int16).reshape(8, 9)
    file = "l.tif"
    tifffile.imwrite(file, pixels)
    rows = parse({"image": "a", "split": "test", "low": file})
    assert not pairs.has_truth(rows)
    assert pairs.has_truth(parse(row(split="test")))
    assert rows[0].files == (file,)
    low, high = pair_images.read_pair(rows[0])
    assert high is None
    assert low.pixels.dtype == np.float32
    np.testing.assert_array_equal(low.pixels, pixels)
    assert pair_table.parse_pairs([table_row(rows[0])], table="pairs.tsv") == rows


@pytest.mark.parametrize("suffix", ["tif", "png"])
def test_a_single_page_is_the_truth_of_every_page(tmp_path, suffix):
    movie = np.arange(3 * 72, dtype=np.uint8).reshape(3, 8, 9)
    files = {"low": str(tmp_path / "l.tif"), "high": str(tmp_path / f"h.{suffix}")}
    tifffile.imwrite(files["low"], movie, photometric="minisblack")
    (tifffile.imwrite if suffix == "tif" else imsave)(files["high"], movie[0] + 1)
    for page, pair in enumerate(parse(row(page="0:3", **files))):
        low, high = pair_images.read_pair(pair)
        np.testing.assert_array_equal(low.pixels, movie[page])
        np.testing.assert_array_equal(high.pixels, movie[0] + 1)


def test_a_truth_of_some_pages_needs_them_all(tmp_path):
    movie = np.arange(3 * 72, dtype=np.uint8).reshape(3, 8, 9)
    files = {"low": str(tmp_path / "l.tif"), "high": str(tmp_path / "h.tif")}
    for file, pages in zip(files.values(), (movie, movie[:2] + 1), strict=True):
        tifffile.imwrite(file, pages, photometric="minisblack")
    *_, last = parse(row(page="0:3", **files))
    with pytest.raises(InputError, match=r"h\.tif has 2 pages, counted from 0, but page 2 is ask"):
        pair_images.read_pair(last)


def test_a_file_under_two_names_is_one_file(tmp_path):
    (tmp_path / "h.tif").touch()
    (tmp_path / "link.tif").symlink_to(tmp_path / "h.tif")
    with pytest.raises(InputError, match="same picture"):
        apart(
            {"high": str(tmp_path / "h.tif")}, {"low": "m.tif", "high": str(tmp_path / "link.tif")}
        )


@pytest.mark.parametrize(
    ("low", "sentence"),
    [
        (np.full((8, 9), np.nan), "NaN or infinite"),
        (np.arange(80.0).reshape(8, 10), r"are 8 x 10 and 8 x 9 pixels"),
    ],
)
def test_unsound_pairs_are_refused(tmp_path, low, sentence):
    files = {"low": str(tmp_path / "l.tif"), "high": str(tmp_path / "h.tif")}
    tifffile.imwrite(files["low"], low.astype(np.float32))
    tifffile.imwrite(files["high"], np.arange(72, dtype=np.float32).reshape(8, 9))
    (pair,) = parse(row(**files))
    with pytest.raises(InputError, match=sentence):
        pair_images.read_pair(pair)


MOVIE = [
    row(image=f"frame-{page}", page=str(page), field="a", series="movie") for page in (0, 1, 2, 5)
]


@pytest.mark.parametrize(
    ("rows", "movie"),
    [
        (MOVIE, True),
        (MOVIE[:1], False),
        (MOVIE[::-1], False),
        ([{**frame, "series": "z-stack"} for frame in MOVIE], False),
        ([{**frame, "series": ""} for frame in MOVIE], False),
        ([MOVIE[0], {**MOVIE[1], "field": "another"}], False),
        ([MOVIE[0], {**MOVIE[1], "low": "another.tif"}], False),
        ([{**frame, "page": ""} for frame in MOVIE], False),
        ([{**f, "page": "0", "region": f"{i}:9,0:9"} for i, f in enumerate(MOVIE)], False),
        ([{**f, "region": f"{i}:9,0:9"} for i, f in enumerate(MOVIE)], False),
    ],
    ids=[
        "movie",
        "single",
        "reversed",
        "z-stack",
        "no-series",
        "fields",
        "files",
        "no-pages",
        "tiles",
        "tiles-of-pages",
    ],
)
def test_a_movie_is_pages_in_order_of_a_stack_that_is_said_to_be_one(rows, movie):
    assert pairs.is_movie(parse(*rows)) is movie


def test_the_next_image_of_the_same_place():
    rows = [
        row(image="a", field="1"),
        row(image="b", field="2"),
        row(image="c", field="1"),
        row(image="d", field="1"),
    ]
    assert pairs.next_of_field(parse(*rows)) == {"a": "c", "c": "d", "d": "a", "b": "b"}
    with pytest.raises(InputError, match=r"t.tsv: 'b' is the only image of its place"):
        pairs.check_repeated(parse(*rows), table="t.tsv")
    pairs.check_repeated(parse(*(rows[n] for n in (0, 2, 3))), table="t.tsv")


@pytest.mark.parametrize(("column", "same"), [("scene", False), ("channel", True)])
def test_two_channels_of_one_field_are_one_picture_and_two_scenes_are_not(column, same):
    train, test = parse(
        row(image="a", split="train", **{column: "0"}),
        row(image="b", split="test", **{column: "1"}),
    )
    expected = pytest.raises(InputError, match="are the same picture") if same else nullcontext()
    with expected:
        leakage.check_apart([train], [test], guard_px=0)


def test_frames_of_a_movie_are_in_the_order_of_their_pages_and_of_one_channel():
    movie = {"field": "cell", "series": "movie"}
    rows = [
        row(image="late", page="2", **movie),
        row(image="first", page="0", **movie),
        row(image="other", page="0", channel="1", **movie),
        row(image="second", page="1", **movie),
    ]
    found = pairs.movies(parse(*rows), table="t.tsv")
    assert found == {"first": ["first", "second", "late"], "other": ["other"]}
    files = [row(image=name, low=f"{name}.tif", **movie) for name in ("b", "a", "c")]
    assert pairs.movies(parse(*files), table="t.tsv") == {"b": ["b", "a", "c"]}
    with pytest.raises(InputError, match=r"t.tsv: 'a' is no frame of a movie"):
        pairs.movies(parse(row()), table="t.tsv")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"page": "0:99999999999"}, "page has 11 digits; give at most 7"),
        ({"shift_y": "nan", "shift_x": "1"}, "must be numbers of px, but are 'nan' and '1'"),
        ({"shift_y": "1", "shift_x": "inf"}, "must be numbers of px, but are '1' and 'inf'"),
    ],
)
def test_numbers_without_bounds_are_told(cells, said):
    row = {"image": "a", "split": "train", "low": "a.tif", "high": "b.tif", **cells}
    with pytest.raises(InputError, match=said):
        pair_table.parse_pairs([row], table="pairs.tsv")


def test_exposures_whose_contrast_float32_does_not_hold_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pixels = np.arange(4096, dtype=np.uint32).reshape(64, 64)
    for name, offset in (("l.tif", 0), ("h.tif", 2**31)):
        tifffile.imwrite(name, pixels + np.uint32(offset))
    (pair,) = parse(row())
    told = r"high exposure of 'a' .* from 2147483648 to 2147487743, which 32-bit"
    with pytest.raises(InputError, match=told):
        pair_images.read_pair(pair)
    (pair,) = parse(row(split="test", high=""))
    np.testing.assert_array_equal(pair_images.read_pair(pair)[0].pixels, pixels)

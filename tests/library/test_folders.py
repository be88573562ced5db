import numpy as np
import pytest
import tifffile

from denoisekit.datasets import folders, pair_table, pairs
from denoisekit.datasets.folders import Found
from denoisekit.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Make files of one page, or of as many as are asked for."""

    def make(*names, pages=1, dtype=np.uint16):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".png":
                path.touch()
            else:
                stack = np.zeros((pages, 8, 8), dtype)
                tifffile.imwrite(path, stack, photometric="minisblack")
        return tmp_path

    return make


def names(found):
    return [item.name for item in found]


def test_files_are_paired_by_what_the_star_stands_for(folder, monkeypatch):
    base = folder("low/b.tif", "low/a 1.tif", "high/a 1.png", "high/b.png", "low/notes.txt")
    monkeypatch.setenv("MINE", str(base))
    found = folders.find("$MINE/low/*.tif", "${MINE}/high/*.png", where="here")
    assert found[0] == Found("a-1", f"{base}/low/a 1.tif", f"{base}/high/a 1.png")
    assert names(found) == ["a-1", "b"]


@pytest.mark.parametrize(
    ("files", "low", "high"),
    [
        (["a_low.tif", "a_high.tif"], "*_low.tif", "*_high.tif"),
        (["a/low.tif", "a/high.tif"], "*/low.tif", "*/high.tif"),
        (["1ms/a.tif", "100ms/a.TIFF"], "1ms/*", "100ms/*"),
        (["[1] ms/a.tif", "h/a.tif"], "[1] ms/*.tif", "h/*"),
    ],
)
def test_a_pattern_may_stand_anywhere_in_a_path(folder, files, low, high):
    base = folder(*files)
    (found,) = folders.find(f"{base}/{low}", f"{base}/{high}", where="here")
    assert found == Found("a", *(f"{base}/{file}" for file in files))


def test_a_name_may_hold_dots_and_images_may_lack_a_truth(folder):
    base = folder("cell.2.tif", "cell.1.png", ".hidden.tif", "notes.txt")
    found = folders.find(f"{base}/*", None, where="here")
    assert names(found) == ["cell.1", "cell.2"]
    assert found[0].high is None


@pytest.mark.parametrize(
    ("files", "low", "high", "sentence"),
    [
        (["a.tif"], "a.tif", None, r"here.low must hold one '\*', which stands for the image's"),
        (["a.tif"], "**/*.tif", None, r"must hold one '\*'"),
        (["a.txt"], "*", None, r"here.low \('.*/\*'\) matches no TIFF or PNG file; give the path"),
        (["a.tif", "a.png"], "*", None, "two files of one name, .*a.png and .*a.tif; take one"),
        (["a b.tif", "a+b.tif"], "*", None, "2 images whose name would be 'a-b'"),
        (
            ["l/a.tif", "l/b.tif", "l/c.tif", "h/a.tif"],
            *("l/*", "h/*"),
            r"here: the pattern '.*/h/\*' finds no partner of .*l/b.tif \(and 1 more\)",
        ),
        (
            ["l/a.tif", "h/a.tif", "h/b.tif"],
            *("l/*", "h/*"),
            r"the pattern '.*/l/\*' finds no partner of .*h/b.tif; '\*' must stand for the same",
        ),
        (["a.tif"], "*", "*", "here: .*a.tif is named as the low and as the high exposure"),
    ],
)
def test_wrong_patterns_are_told_in_one_sentence(folder, files, low, high, sentence):
    base = folder(*files)
    high = high and f"{base}/{high}"
    with pytest.raises(InputError, match=sentence):
        folders.find(f"{base}/{low}", high, where="here")


@pytest.fixture
def found(folder):
    """A single frame, and a stack of three pages."""
    base = folder("low/one.tif", "high/one.tif")
    folder("low/stack.tif", "high/stack.tif", pages=3)
    return folders.find(f"{base}/low/*.tif", f"{base}/high/*.tif", where="here")


def split(found, pages, test):
    rows = folders.list_rows(found, pages=pages, test=test, where="here")
    parsed = pair_table.parse_pairs(rows, table="pairs.tsv")
    return {pair.image: (pair.split, pair.page, pair.field) for pair in parsed}


def test_pages_are_images_of_one_field_or_of_many(found):
    assert split(found, "movie", ["stack"]) == {
        "one": ("train", None, "one"),
        "stack-p000": ("test", 0, "stack"),
        "stack-p001": ("test", 1, "stack"),
        "stack-p002": ("test", 2, "stack"),
    }
    fields = split(found, "fields", ["stack-p00[12]", "one"])
    assert [row[0] for row in fields.values()] == ["test", "train", "test", "test"]
    assert [row[2] for row in fields.values()] == list(fields)


def test_a_fraction_of_the_fields_is_drawn_with_the_seed(found, folder):
    base = folder(*(f"{kind}/{i}.tif" for kind in ("short", "long") for i in range(20)))
    many = folders.find(f"{base}/short/*", f"{base}/long/*", where="here")
    drawn = [split(many, "fields", {"fraction": 0.2, "seed": seed}) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sum(row[0] == "test" for row in drawn[0].values()) == 4
    frames = split(found, "movie", {"fraction": 0.9, "seed": 0})
    assert len({row[0] for image, row in frames.items() if image != "one"}) == 1
    assert {row[0] for row in frames.values()} == {"train", "test"}


@pytest.mark.parametrize(
    ("pages", "series"), [("movie", "movie"), ("z-stack", "z-stack"), ("fields", "")]
)
def test_only_a_stack_is_a_movie_or_a_z_stack(found, pages, series):
    rows = folders.list_rows(found, pages=pages, test=["stack"], where="here")
    assert [row["series"] for row in rows] == ["", series, series, series]
    tested = [pair for pair in pair_table.parse_pairs(rows, table="") if pair.split == "test"]
    assert pairs.is_movie(tested) == (pages == "movie")


def test_names_that_leave_nothing_are_told_before_a_file_is_opened():
    items = [Found(name, f"{name}.tif", None) for name in ("one", "two")]
    both = ["train", "test"]
    for test, split in (([], "test"), (["*"], "train"), (["one", "t*"], "train")):
        with pytest.raises(InputError, match=f"here.test leaves no image to {split} on, but the"):
            folders.check_test(items, test, splits=both, where="here")
        folders.check_test(items, test, splits=[s for s in both if s != split], where="here")
    for test in (["one"], {"fraction": 0.5, "seed": 0}, None):
        folders.check_test(items, test, splits=both, where="here")


def test_without_a_truth_all_is_for_testing(folder):
    base = folder("movie.tif", pages=2)
    rows = folders.list_rows(
        folders.find(f"{base}/*", None, where=""), pages="movie", test=None, where=""
    )
    assert [(row["image"], row["split"], row["high"]) for row in rows] == [
        ("movie-p000", "test", ""),
        ("movie-p001", "test", ""),
    ]


def test_splits_that_cannot_be_made_are_told(found, folder):
    with pytest.raises(InputError, match="names 'two', but no image is called so; there are one,"):
        split(found, "fields", ["one", "two"])
    with pytest.raises(InputError, match="a fraction of the fields, but there is only 'stack'"):
        split(found[1:], "movie", {"fraction": 0.5, "seed": 0})
    base = folder("high/one.tif", pages=2)
    with pytest.raises(
        InputError, match=r"low/one.tif has 1 pages \(TYX\), but its high .* has 2 \(TYX\); each"
    ):
        split(found, "fields", [])
    assert (base / "high/one.tif").exists()

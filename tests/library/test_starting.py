"""A study that is written from somebody's own images."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
import yaml
from commands import call
from scenes import blobs, camera

from denoisekit.images.image import write_image
from denoisekit.study import check, template
from denoisekit.study.shipped import schemas

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (ROOT / template.TEMPLATE).read_text(encoding="utf-8")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Folders of six pairs that belong together, and of one new image; pixels are told."""
    monkeypatch.chdir(tmp_path)
    for at in range(6):
        scene = blobs(at, 96)
        for kind, light in (("low", 20), ("high", 400)):
            pixels = camera(light * scene, gain=2.4, offset=100, read_noise=2, seed=at)
            (tmp_path / kind).mkdir(exist_ok=True)
            write_image(tmp_path / kind / f"cell {at}.tif", pixels, pixel_size_um=0.125)
    (tmp_path / "new").mkdir()
    movie = np.stack([pixels, pixels])
    write_image(tmp_path / "new/a.tif", movie, pixel_size_um=0.125, axes="TYX")
    return tmp_path


def written(path="mine.yaml"):
    content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    check.check(content, schemas=schemas(), file=path)
    return content


def test_a_study_of_pairs_is_written_with_what_the_files_tell(here):
    said, told = call("init", "low", "high", "new", "--output", "mine.yaml")
    content = written()
    assert (content["study"], content["title"]) == ("mine", "mine")
    assert content["datasets"] == {
        "pairs": {
            "pixel_size_um": 0.125,
            "folder": {
                **{"low": "low/*", "high": "high/*"},
                **{"test": {"fraction": 0.2, "seed": 0}, "pages": "fields"},
            },
        },
        "new": {"pixel_size_um": 0.125, "folder": {"low": "new/*", "pages": "movie"}},
    }
    given = yaml.safe_load(TEMPLATE)
    for key in given.keys() - {"study", "title", "datasets"}:
        assert content[key] == given[key]
    assert "<--" not in Path("mine.yaml").read_text(encoding="utf-8")
    assert said.splitlines()[-1].endswith("then: denoisekit run mine.yaml")
    rows = [line.split("\t") for line in said.splitlines()[1:-1]]
    assert [row[0] for row in rows] == [f"cell-{at}" for at in range(6)]
    assert [row[1] for row in rows].count("test") == 1
    assert told == ""


def test_without_new_images_the_study_has_none(here):
    call("init", "low", "high", "--output", "mine.yaml")
    content = written()
    for part in ("datasets", "test_sets", "experiments"):
        assert list(content[part]) == ["pairs"]
    assert "no long exposure" not in Path("mine.yaml").read_text(encoding="utf-8")


def test_pairs_that_do_not_belong_together_are_named(here):
    for at in (0, 2):
        (here / f"high/cell {at}.tif").rename(here / f"high/{at}")
    (here / "high/0").rename(here / "high/cell 2.tif")
    (here / "high/2").rename(here / "high/cell 0.tif")
    _, told = call("init", "low", "high", "--output", "mine.yaml")
    assert "Warning: pairs, " in told
    assert "cell-0" in told
    assert "do not correlate" in told


def test_what_the_files_do_not_tell_is_asked_for(here):
    write_image(here / "new/b.tif", np.ones((64, 64), np.uint16), pixel_size_um=None)
    _, told = call("init", "low", "high", "new", "--output", "mine.yaml", code=1)
    assert told == (
        "Error: Side of a pixel in µm? The files tell several (0.125 µm, or none). Say it with "
        "--pixel-size."
    )
    tifffile.imwrite(here / "new/a.tif", np.ones((3, 64, 64), np.uint16), photometric="minisblack")
    options = ["--output", "mine.yaml", "--pixel-size", "0.2"]
    _, told = call("init", "low", "high", "new", *options, code=1)
    assert (
        "Pages of a stack, as of new/a.tif: fields, movie or z-stack? Say it with --pages" in told
    )
    assert not Path("mine.yaml").exists()


def test_no_file_is_written_over_and_what_is_missing_is_told(here):
    Path("mine.yaml").touch()
    assert (
        "mine.yaml is there already"
        in call("init", "low", "high", "--output", "mine.yaml", code=1)[1]
    )
    (here / "high/cell 3.tif").unlink()
    assert "finds no partner of low/cell 3.tif" in call("init", "low", "high", code=1)[1]


def test_any_name_of_a_folder_is_kept(here):
    own = template.Own(('my: "cells" #1/*', "high/*"), "movie")
    text = template.fill(TEMPLATE, study="x", pixel_size_um=0.1, pairs=own, new=own)
    folders = {name: one["folder"] for name, one in yaml.safe_load(text)["datasets"].items()}
    assert folders["pairs"]["low"] == folders["new"]["low"] == 'my: "cells" #1/*'
    assert {folder["pages"] for folder in folders.values()} == {"movie"}

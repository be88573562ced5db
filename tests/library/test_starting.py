"""A study that is written from somebody's own images."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
import yaml
from commands import PN2V, UNET, call
from scenes import blobs, camera
from skimage.io import imsave

from denoisekit.cli import _before
from denoisekit.datasets import folders
from denoisekit.images.image import write_image
from denoisekit.noise import words
from denoisekit.noise.card import measure_noise_card
from denoisekit.study import check, template
from denoisekit.study.shipped import schemas
from denoisekit.training import pace
from denoisekit.training.loop import Trained

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


def test_images_are_not_all_open_at_once(here, monkeypatch):
    held = []

    def fill(*arguments, **options):
        held.append(len(os.listdir("/proc/self/fd")))
        return filled(*arguments, **options)

    filled = template.fill
    monkeypatch.setattr(template, "fill", fill)
    before = len(os.listdir("/proc/self/fd"))
    call("init", "low", "high", "new", "--output", "mine.yaml")
    assert held[0] <= before + 3


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
    text = template.fill(TEMPLATE, study="x", pixel_size_um=0.1, choice={}, pairs=own, new=own)
    folders = {name: one["folder"] for name, one in yaml.safe_load(text)["datasets"].items()}
    assert folders["pairs"]["low"] == folders["new"]["low"] == 'my: "cells" #1/*'
    assert {folder["pages"] for folder in folders.values()} == {"movie"}


def test_what_explains_a_key_of_the_template_stays(here):
    own = template.Own(("low/*", "high/*"), "fields")
    text = template.fill(TEMPLATE, study="x", pixel_size_um=0.1, choice={}, pairs=own, new=own)
    assert "# which to test on" in text
    assert "# pages of a stack" in text
    assert "<--" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("low", "high", "patterns"),
    [
        (["a_1ms.tif", "b_1ms.tif"], ["a_99ms.tif", "b_99ms.tif"], ("*_1ms.tif", "*_99ms.tif")),
        (["low_a.tif", "low_b.png"], ["high_a.tif", "high_b.tif"], ("low_*", "high_*")),
        (["cell1.tif", "cell2.tif"], ["cell1.tif", "cell2.tif"], ("*", "*")),
        # One that is missing is told of as such.
        (["a.tif", "b.tif"], ["a.tif"], ("*", "*")),
        (["1000.tif", "1002.tif"], ["1001.tif", "1003.tif"], ("*", "*")),
        (["a_1ms.tif", "_1ms.tif"], ["a_99ms.tif", "_99ms.tif"], ("*", "*")),
        (["a_1ms.tif", "b_1ms.png"], ["a_99ms.tif", "b_99ms.tif"], ("*", "*")),
    ],
)
def test_names_that_begin_or_end_otherwise_are_matched_by_what_is_between(
    tmp_path, monkeypatch, low, high, patterns
):
    monkeypatch.chdir(tmp_path)
    for folder, names in (("l", low), ("h", high)):
        Path(folder).mkdir()
        for name in names:
            Path(folder, name).touch()
    expected = (f"l/{patterns[0]}", f"h/{patterns[1]}")
    assert folders.patterns("l", "h") == expected
    assert folders.patterns("l/*.tif", "h") == ("l/*.tif", "h/*")


def test_patterns_are_taken_as_they_are_and_one_channel_of_several_files(here):
    for kind in ("low", "high"):
        for at in range(6):
            file = here / kind / f"cell {at}.tif"
            both = np.stack([np.ones((96, 96), np.uint16), tifffile.imread(file)])
            tifffile.imwrite(here / f"{at}-{kind}.tif", both, imagej=True, metadata={"axes": "CYX"})
    words = ("init", "*-low.tif", "*-high.tif", "--output", "mine.yaml", "--pixel-size", 0.1)
    _, told = call(*words, code=1)
    assert told == (
        "Error: Which channel of 0-low.tif, and of all others: 0, 1? Say it with --channel."
    )
    said, _ = call(*words, "--channel", "1")
    pairs = written()["datasets"]["pairs"]
    assert (pairs["channel"], pairs["pixel_size_um"]) == ("1", 0.1)
    assert "Wrote mine.yaml, with *-low.tif beside *-high.tif." in said
    assert "pairs\t6\t0" in call("check", "mine.yaml")[0]
    # A file that lacks the channel is named.
    Path("mine.yaml").unlink()
    tifffile.imwrite(here / "3-high.tif", both[1])
    _, told = call(*words, "--channel", "1", code=1)
    assert "3-high.tif has no one channel '1'" in told


def test_pictures_of_8_bit_and_an_empty_field_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for at in range(4):
        scene = blobs(at, 192) if at else np.zeros((192, 192))
        for kind, light in (("low", 2), ("high", 20)):
            pixels = camera(light * scene, gain=2, offset=30, read_noise=2, seed=at)
            Path(kind).mkdir(exist_ok=True)
            imsave(f"{kind}/{at}.png", pixels.clip(0, 255).astype(np.uint8), check_contrast=False)
    _, told = call("init", "low", "high", "--output", "mine.yaml", "--pixel-size", 0.1)
    assert "(0) show no structure above the noise in the long exposure" in told
    said, told = call("check", "mine.yaml")
    assert "(0) show no structure above the noise in the long exposure" in told
    # The empty field does not stand for the others' noise.
    assert "Noise of pairs: Measured on 3, 1, 2. The noise grows with the light" in said
    assert "pairs\t4\t1" in said


def swap(folder, one, other):
    """Give two files of a folder each other's names."""
    (folder / one).rename(folder / "kept")
    (folder / other).rename(folder / one)
    (folder / "kept").rename(folder / other)


def test_a_study_is_checked_with_its_images_before_it_is_run(here):
    call("init", "low", "high", "new", "--output", "mine.yaml")
    swap(here / "high", "cell 0.tif", "cell 1.tif")
    said, told = call("check", "mine.yaml")
    assert said.splitlines()[:4] == [
        "mine.yaml is sound.",
        "data set\timages\tto look at",
        "pairs\t6\t2",
        "new\t2\t0",
    ]
    assert "of 5 (cell-0, cell-1) have exposures that do not correlate" in told
    assert "Noise of pairs: It cannot be told of cell-" in said
    # 3 networks of 34 epochs of 50 steps; registered, and as patches, with their 4 bytes each.
    assert ": 3 networks of 1700 steps, " in said
    assert "in 4 steps of each method on patches of noise" in said
    copies, patches = (2 * 6 + 2) * 96**2 * 2, 5 * 200 * 2 * 64**2 * 4
    assert f"copies of your images {copies / 1e6:.2g} MB, patches {patches / 1e6:.2g} MB" in said
    assert said.splitlines()[-1] == "Look at the pairs: results/mine/before.html"
    page = Path("results/mine/before.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64,") == 2 * 6 + 2
    assert page.count('class="doubtful"') == 2
    assert re.findall(r"<strong>(cell-\d)</strong>", page)[:2] == ["cell-0", "cell-1"]
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)


def test_stacks_with_a_sheet_are_checked_beside_planes(here, monkeypatch):
    config = yaml.safe_load((ROOT / "config/projection.yaml").read_text(encoding="utf-8"))
    rows = ["image\tsplit\tlow\thigh"]
    for at, split in enumerate(("train", "train", "test")):
        stack = np.stack(
            [camera(20 * blobs(at, 96), gain=2, offset=90, read_noise=2, seed=z) for z in range(7)]
        )
        write_image(here / f"s{at}.tif", stack, pixel_size_um=0.2, spacing_um=0.5, axes="ZYX")
        write_image(here / f"p{at}.tif", stack.max(axis=0), pixel_size_um=0.2)
        rows.append(f"s{at}\t{split}\ts{at}.tif\tp{at}.tif")
    regions = ("region", "0:80,0:96", "", "")
    rows = [f"{row}\t{region}" for row, region in zip(rows, regions, strict=True)]
    (here / "pairs.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    own = {"pixel_size_um": 0.2, "z_spacing_um": 0.5, "target": "plane", "pairs": "pairs.tsv"}
    config["datasets"] = {"wing": own}
    del config["segmentation"], config["published"], config["methods"]["true-surface"]
    (here / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    seen = set()

    def measured(_, *, sides, steps, stacked):
        seen.add((sides, stacked))
        return 3.0

    monkeypatch.setattr(pace, "seconds_per_step", measured)
    said, _ = call("check", "mine.yaml")
    assert seen == {((64, 64), 7), ((64, 64), 1)}
    assert "wing\t3\t0" in said
    page = Path("results/projection/before.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64,") == 3


def test_the_page_before_a_run_shows_names_as_text(here):
    call("init", "low", "high", "--output", "mine.yaml")
    text = Path("mine.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(text.replace('title: "mine"', 'title: "<script>"'), "utf-8")
    call("check", "mine.yaml")
    page = Path("results/mine/before.html").read_text(encoding="utf-8")
    assert "Before the run: &lt;script&gt;" in page
    assert "<script" not in page


def test_a_study_of_unfit_pairs_ends_its_check_as_its_run_after_the_page_is_there(here):
    call("init", "low", "high", "--output", "mine.yaml")
    for one, other in ((0, 1), (2, 3), (4, 5)):
        swap(here / "high", f"cell {one}.tif", f"cell {other}.tif")
    _, told = call("check", "mine.yaml", code=1)
    assert "datasets.pairs.folder: most pairs to train on are unfit: 5 of 5" in told
    assert Path("results/mine/before.html").is_file()
    text = Path("mine.yaml").read_text(encoding="utf-8")
    accepted = text.replace("  pairs:\n    pixel", "  pairs:\n    accept_pairs: true\n    pixel", 1)
    Path("mine.yaml").write_text(accepted, encoding="utf-8")
    call("check", "mine.yaml")


def test_a_copy_of_what_is_trained_on_is_told_before_the_run(here):
    call("init", "low", "high", "--output", "mine.yaml")
    rows = folders.list_rows(
        folders.find("low/*", "high/*", where="x"),
        pages="fields",
        test={"fraction": 0.2, "seed": 0},
        where="x",
    )
    (tested,) = (row for row in rows if row["split"] == "test")
    trained = next(row for row in rows if row["split"] == "train")
    for kind in ("low", "high"):
        pixels = tifffile.imread(here / tested[kind])
        write_image(here / trained[kind], pixels[::-1], pixel_size_um=0.125)
    _, told = call("check", "mine.yaml", code=1)
    assert f"The test image {tested['image']!r} of pairs shows the same scene as the" in told
    assert f"training image {trained['image']!r}" in told


def test_an_image_that_is_smaller_than_a_patch_is_told_before_the_run(here):
    call("init", "low", "high", "--output", "mine.yaml")
    for kind in ("low", "high"):
        write_image(here / f"{kind}/small.tif", np.ones((48, 96), np.uint8), pixel_size_um=0.125)
    text = Path("mine.yaml").read_text(encoding="utf-8")
    named = text.replace("test: {fraction: 0.2, seed: 0}", 'test: ["cell*1"]')
    Path("mine.yaml").write_text(named, encoding="utf-8")
    _, told = call("check", "mine.yaml", code=1)
    assert "The image 'small' is 48 x 96 px, smaller than a patch of 64 px" in told


@pytest.mark.parametrize("study", ["quickstart", "real-sample"])
def test_a_study_whose_images_are_not_there_is_told_its_time_alone(here, monkeypatch, study):
    monkeypatch.setattr(pace, "seconds_per_step", lambda *_, **__: 3.0)
    said, told = call("check", f"config/{study}.yaml")
    assert "Disk: not told, since no image of the study is there yet." in said
    assert re.search(
        r"Time: training takes about \d0? (hours|days) while the machine is as busy as just now:",
        said,
    )
    assert not Path("results").exists()
    assert told == ""


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ("isotropic", {("isotropic", (64, 64), 1), ("isotropic", (64, 64), 1)}),
        # A stack's 24 planes are projected; a U-Net of planes is given its maximum.
        ("projection", {("projection", (64, 64), 24), ("maximum-unet", (64, 64), 1)}),
        ("volumes", {("laplace", (16, 48, 48), 1), ("laplace-planes", (16, 48, 48), 1)}),
    ],
)
def test_a_step_is_measured_of_what_each_network_is_given(here, monkeypatch, study, expected):
    config = yaml.safe_load((ROOT / f"config/{study}.yaml").read_text(encoding="utf-8"))
    networks = {
        (m["loss"], m["objective"], str(m)): n for n, m in config["methods"].items() if "loss" in m
    }
    seen = set()

    def measured(settings, *, sides, steps, stacked):
        method = settings["method"]
        seen.add((networks[method["loss"], method["objective"], str(method)], sides, stacked))
        return 3.0

    monkeypatch.setattr(pace, "seconds_per_step", measured)
    call("check", f"config/{study}.yaml")
    assert expected <= seen


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (59, "less than a minute"),
        (61, "about 1 minute"),
        (1700, "about 30 minutes"),
        (3600 * 2.4, "about 2 hours"),
        (86400 * 16, "about 20 days"),
    ],
)
def test_a_duration_is_told_to_one_digit(seconds, said):
    assert _before._rounded(seconds) == said


@pytest.mark.parametrize(
    ("method", "network", "sides"),
    [
        ({"loss": "laplace", "objective": "supervised"}, "unet", (16, 16)),
        ({"loss": "pn2v", "objective": "noise2void"}, "pn2v-unet", (16, 16)),
        ({"loss": "mse", "objective": "neighbours", "frames": 3}, "unet", (16, 16)),
        ({"loss": "mae", "objective": "supervised", "dims": 2}, "unet", (8, 16, 16)),
        ({"loss": "mae", "objective": "supervised"}, "unet", (8, 16, 16)),
    ],
    ids=["scale", "samples", "frames", "planes", "volumes"],
)
def test_steps_of_every_kind_of_network_are_measured(method, network, sides):
    training = yaml.safe_load(TEMPLATE)["training"] | {"batch_size": 1}
    chosen = {"unet": UNET, "pn2v-unet": PN2V}[network]
    settings = {"method": method, "network": chosen, "training": training}
    assert pace.seconds_per_step(settings, sides=sides, steps=1) > 0


def test_a_long_step_is_told_by_that_of_a_single_patch(monkeypatch):
    taken = []

    def train(network, objective, patches, *_, **options):
        taken.append(count := len(patches.low))
        assert options["settings"].batch_size == count
        return Trained({}, {}, 1, [{"seconds": 1.0 * count}, {"seconds": 7.0 * count}])

    monkeypatch.setattr(pace.loop, "train", train)
    training = yaml.safe_load(TEMPLATE)["training"]
    method = {"loss": "mae", "objective": "supervised"}
    for batch, expected, seen in ((4, 12, [1]), (3, 9, [1, 3])):
        settings = {"method": method, "network": UNET, "training": training | {"batch_size": batch}}
        assert pace.seconds_per_step(settings, sides=(16, 16), steps=2) == expected
        assert taken == seen
        taken.clear()


def test_steps_of_a_projection_are_measured_on_stacks():
    training = yaml.safe_load(TEMPLATE)["training"] | {"batch_size": 1}
    chosen = UNET | {"architecture": "projection-unet", "projection_depth": 1}
    settings = {
        "method": {"loss": "mae", "objective": "supervised"},
        "network": chosen | {"projection_filters": 2},
        "training": training,
    }
    assert pace.seconds_per_step(settings, sides=(16, 16), steps=1, stacked=5) > 0


def test_the_noise_is_told_in_words(here):
    flat = np.full((192, 192), 500.0)
    noise = np.random.default_rng(0).normal(0, 20, flat.shape)
    noise[:, 1:] += noise[:, :-1]
    card = measure_noise_card(flat + noise, has_pairs=False)
    light, neighbours, *_, advice = words.sentences(card)
    assert light.startswith("The noise does not grow with the light")
    assert neighbours.startswith("Neighbouring pixels share much of their noise (correlation 0.5")
    assert advice.startswith("Advice: structn2v. ")
    striped = replace(card, row_share=0.2, saturated=0.01, odd=3)
    said = " ".join(words.sentences(striped))
    assert "Whole rows share 20% of the noise's variance" in said
    assert "1.00% of the pixels are saturated: how bright they were is lost." in said
    assert "3 pixels are hot or dead, and are left out." in said

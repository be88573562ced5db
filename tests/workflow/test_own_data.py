"""A folder of one's own images, of every kind that is promised, from template to tables."""

import csv
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
import yaml
from calls import call
from skimage.io import imsave

from denoisekit.images.reading import open_stack, read_image
from denoisekit.statistics import tables, without_truth

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")
PIXEL_SIZE_UM = 0.25


class Camera:
    """Takes pictures of squares under a short and a long exposure."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def pair(self, shape=(80, 96)):
        high = np.full(shape, 10.0)
        for y, x in self.rng.integers(6, min(shape) - 6, (40, 2)):
            high[y - 3 : y + 3, x - 3 : x + 3] += self.rng.uniform(20, 80)
        return self.rng.poisson(high / 4) + self.rng.normal(5, 0.5, shape), high

    def stack(self, pages):
        return (np.stack(part) for part in zip(*(self.pair() for _ in range(pages)), strict=True))


def write(path, pixels, dtype, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    if np.issubdtype(dtype, np.unsignedinteger):
        pixels = np.clip(np.round(pixels), 0, np.iinfo(dtype).max)
    if path.suffix == ".png":
        imsave(path, pixels.astype(dtype), check_contrast=False)
    else:
        tifffile.imwrite(path, pixels.astype(dtype), photometric="minisblack", **options)


def write_images(folder):
    """Write pairs and images without a long exposure: all kinds of files that are promised."""
    camera = Camera()
    for name, dtype, shape in (
        ("cell 1.tif", np.uint8, (80, 96)),
        ("cell 2.tif", np.uint16, (120, 70)),
        ("cell 3.png", np.uint8, (64, 200)),
        ("cell 4.png", np.uint16, (80, 80)),
        ("packed.tif", np.uint16, (80, 80)),
    ):
        options = {"compression": "lzw"} if name == "packed.tif" else {}
        for exposure, pixels in zip(("low", "high"), camera.pair(shape), strict=True):
            write(folder / exposure / name, pixels, dtype, **options)
    low, high = camera.pair()
    write(folder / "low/subtracted.tif", low - 40, np.float32)
    write(folder / "high/subtracted.tiff", high - 500, np.float64)
    for exposure, pixels in zip(("low", "high"), camera.stack(5), strict=True):
        write(folder / exposure / "plate.tif", pixels, np.uint16)
    write(folder / "new/one.png", camera.pair()[0], np.uint8)
    write(folder / "new/float.tif", camera.pair()[0] / 100 - 1, np.float32)
    resolution = {"imagej": True, "resolution": (1 / PIXEL_SIZE_UM, 1 / PIXEL_SIZE_UM)}
    movie, _ = camera.stack(3)
    told = {"unit": "um", "axes": "TYX", "finterval": 2.5, "Info": "Exposure 10"}
    write(folder / "new/movie.tif", movie, np.uint16, metadata=told, **resolution)


def shorten(file):
    """Set the training of a study's file to a few steps, and nothing else."""
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["training"] |= {"epochs": 1, "steps_per_epoch": 4}
    config["patches"]["per_image"] = 8
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def call_line(line, folder):
    """Run one line of the guide and return what it printed."""
    words = shlex.split(line)
    if words[0] == "snakemake":
        words = [sys.executable, "-m", *words]
    elif words[0] == "denoisekit":
        words = [sys.executable, "-m", "denoisekit", *words[1:]]
    return call(words, folder=folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What is there once every command of the guide has been called, in its order."""
    house = tmp_path_factory.mktemp("house")
    for part in ("Snakefile", "config", "envs", "profiles", "src", "workflow"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, house / part)
    write_images(house / "my-images")
    blocks = re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL)
    for line in "".join(blocks).splitlines():
        call_line(line, house)
        if line.startswith("cp"):
            shorten(house / line.split()[-1])
    return house / "results/own-pairs"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_every_file_is_in_the_pair_table(results):
    table = rows(results / "pairs/pairs/pairs.tsv")
    plates = [f"plate-p00{page}" for page in range(5)]
    assert [row["image"] for row in table] == [
        *("cell-1", "cell-2", "cell-3", "cell-4"),
        "packed",
        *plates,
        "subtracted",
    ]
    assert sum(row["split"] == "test" for row in table) == 2
    assert table[-1]["high"] == "my-images/high/subtracted.tiff"


def test_pairs_are_scored_and_images_without_a_truth_are_not(results):
    pairs, new = rows(results / "tables/experiments.tsv")
    assert (pairs["truth"], pairs["test_images"], pairs["test_fields"]) == ("yes", "2", "2")
    assert (new["truth"], new["test_images"], new["test_fields"]) == ("no", "5", "3")
    for name in ("scores", "summary", "comparisons"):
        table = rows(results / f"tables/{name}.tsv")
        assert {row.get("experiment", "pairs") for row in table} == {"pairs"}, name
    scores = rows(results / "tables/scores.tsv")
    assert {row["test_set"] for row in scores} == {"pairs"}
    conventions = {row["convention"] for row in scores}
    assert {"care", "calibrated"} <= conventions
    assert len(scores) == 2 * 8 * len(conventions) * 4
    assert all(np.isfinite(float(row["value"])) for row in scores)
    assert not (results / "scores/new").exists()


@pytest.mark.parametrize("run", ["noisy", "tv", "pairs.laplace.seed0"])
@pytest.mark.parametrize(
    ("image", "axes", "pixel_size_um"),
    [("one", "YX", 0.1), ("float", "YX", 0.1), ("movie", "TYX", PIXEL_SIZE_UM)],
)
def test_restored_images_have_the_units_and_the_pixel_size_of_their_input(
    results, run, image, axes, pixel_size_um
):
    stack = open_stack(results / "restored/new" / run / f"{image}.tif")
    assert (stack.axes, stack.shape[-2:], stack.dtype) == (axes, (80, 96), np.float32)
    assert stack.scale.width_um == pytest.approx(pixel_size_um, rel=1e-5)
    restored = np.stack([stack.read(place) for place in stack.places(volumes=False)])
    low = tifffile.imread(results / "registered/new/low" / f"{image}.tif")
    assert abs(restored.mean() - low.mean()) < low.std()
    if run == "noisy":
        np.testing.assert_array_equal(restored.squeeze(), low.astype(np.float32))


def test_a_movie_comes_back_whole_with_what_its_file_told(results):
    for run in ("noisy", "tv", "pairs.laplace.seed0"):
        folder = results / "restored/new" / run
        assert not list(folder.glob("movie-*"))
        assert len(list(folder.rglob("movie.tif"))) == 1 + ("laplace" in run)
        stack = open_stack(folder / "movie.tif")
        assert (stack.axes, stack.shape) == ("TYX", (3, 80, 96))
        assert (stack.scale.interval_s, stack.notes["Info"]) == (2.5, "Exposure 10")


def test_the_page_shows_both(results):
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Without a truth: new." in page
    assert 'id="experiment-pairs"' in page
    assert 'id="experiment-new"' in page
    assert "results/own-pairs/restored/new/" in page
    for kind in ("png", "pdf"):
        assert (results / f"figures/restored-new.{kind}").stat().st_size > 1000
        assert not (results / f"figures/montage-new.{kind}").exists()


def planned(house):
    line = "snakemake --cores all --configfile config/mine.yaml --dry-run"
    return set(re.findall(r"^(\w+) +\d+$", call_line(line, house), re.MULTILINE)) - {"total"}


@pytest.fixture
def house(results):
    """The folder of the finished study, in which a test may add images and change its file."""
    house = results.parents[1]
    file, before = house / "config/mine.yaml", set(house.rglob("my-images/*/*"))
    text = file.read_text(encoding="utf-8")
    yield house
    file.write_text(text, encoding="utf-8")
    for added in set(house.rglob("my-images/*/*")) - before:
        added.unlink()


def test_a_corrected_pixel_size_trains_nothing_anew(house):
    file = house / "config/mine.yaml"
    assert planned(house) == set()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("pixel_size_um: 0.1", "pixel_size_um: 0.2"), encoding="utf-8")
    rules = planned(house)
    assert {"predict", "filter", "measure_sharpness", "draw_montage", "prepare_viewer"} <= rules
    assert not {"list_pairs", "register", "extract_patches", "train", "check_apart"} & rules


@pytest.mark.parametrize(("exposures", "trains"), [(["low", "high"], True), (["new"], False)])
def test_an_added_image_trains_anew_where_its_data_set_is_trained_on(house, exposures, trains):
    for exposure, pixels in zip(exposures, Camera().pair(), strict=False):
        write(house / "my-images" / exposure / "added.tif", pixels, np.uint16)
    rules = planned(house)
    assert {"list_pairs", "register", "predict", "filter"} <= rules
    assert ("train" in rules) == trains


def test_what_images_hold_counts_and_their_dates_do_not(house):
    image = house / "my-images/low/cell 2.tif"
    content, status = image.read_bytes(), image.stat()
    for seconds in (2e9, 4e9):
        os.utime(image, (seconds, seconds))
        assert planned(house) == set()
    try:
        shutil.copy(house / "my-images/low/cell 1.tif", image)
        os.utime(image, (1e9, 1e9))
        assert {"register", "train", "predict"} <= planned(house)
    finally:
        image.write_bytes(content)
        os.utime(image, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert planned(house) == set()


def test_pairs_to_train_on_and_images_to_restore_make_a_study(tiny, tmp_path, snakemake):
    write_images(tmp_path / "mine")
    low, high = (f"mine/{exposure}/*" for exposure in ("low", "high"))
    folders = {
        "pairs": {"low": low, "high": high, "test": [], "pages": "fields"},
        "new": {"low": "mine/new/*", "pages": "movie"},
    }
    tiny["datasets"] = {name: {"pixel_size_um": 0.1, "folder": folders[name]} for name in folders}
    tiny["train_sets"] = {"pairs": {"dataset": "pairs", "patch_size": 32}}
    tiny["test_sets"] = {"new": {"dataset": "new"}}
    tiny["experiments"] = {"N": {"train_set": "pairs", "test_set": "new", "description": "-"}}
    tiny["methods"].pop("laplace")
    tiny["statistics"]["references"] = ["mae"]
    snakemake(tiny)
    results = tmp_path / "results/tiny"
    assert {path.name for path in (results / "tables").iterdir()} == {
        "experiments.tsv",
        "noise.tsv",
        "residuals.tsv",
    }
    assert len(list((results / "restored/new/pairs.mae.seed0").glob("*.tif"))) == 3
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Without a truth: N." in page
    assert "Mean scores" not in page


def filters_alone(tiny, folder):
    """Make the tiny study one of a folder that filters restore."""
    tiny["datasets"] = {"mine": {"pixel_size_um": 0.1, "folder": folder}}
    tiny["train_sets"] = {"mine": {"dataset": "mine", "patch_size": 32}}
    tiny["test_sets"] = {"mine": {"dataset": "mine"}}
    tiny["experiments"] = {"E": {"train_set": "mine", "test_set": "mine", "description": "-"}}
    tiny["methods"] = {name: {"filter": name} for name in ("noisy", "gaussian")}
    tiny["statistics"]["references"] = ["noisy"]
    del tiny["published"]


def test_filters_alone_need_no_images_to_train_on(tiny, tmp_path, snakemake):
    write_images(tmp_path / "mine")
    # The clock of a microscope may run ahead.
    os.utime(tmp_path / "mine/low/packed.tif", (4e9, 4e9))
    names = {"low": "mine/low/*", "high": "mine/high/*"}
    folder = {"pages": "movie", "test": ["*"]} | names
    filters_alone(tiny, folder)
    snakemake(tiny)
    results = tmp_path / "results/tiny"
    assert (results / "tables/summary.tsv").exists()
    assert len(list((results / "restored/mine/gaussian").glob("*.tif"))) == 7
    assert (results / "report.html").stat().st_size > 0


def test_the_template_of_images_alone_restores_them_all(tmp_path, snakemake):
    write_images(tmp_path / "my-images")
    template = (ROOT / "config/own-images.yaml").read_text(encoding="utf-8")
    said = snakemake(yaml.safe_load(template))
    results = tmp_path / "results/own-images"
    assert "\n  new: Without a truth no method can be chosen by its scores.\n" in said
    assert "\nThe page: results/own-images/report.html\n" in said
    assert sorted(path.name for path in (results / "restored/new").iterdir()) == [
        *("gaussian", "nlm", "noisy", "pretrained", "tv")
    ]
    assert len(list((results / "restored/new/tv").glob("*.tif"))) == 3
    ranked = tables.read(results / "tables/without-truth.tsv", without_truth.RANKED)
    assert sorted(ranked["method"]) == ["gaussian", "nlm", "noisy", "pretrained", "tv"]
    assert set(ranked["experiment"]) == {"halves"}
    light = tables.read(results / "thinned/halves/light.tsv", {})
    noisy = ranked.set_index("method").loc["noisy"]
    # The noisy input's error is its own noise, that of a half, if less by what bringing contrasts
    # together takes of it.
    assert 0.4 < noisy["error"] < 1
    assert noisy["gain_db"] == 0 < ranked["gain_db"].max()
    assert len(light) == noisy["images"]
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "In halves there is no truth: photons of each image were shared out" in page
    assert "No network was trained." in page
    assert "Training: " not in page
    assert not (results / "models").exists()


def test_the_template_of_a_movie_restores_it_by_networks_that_see_no_truth(tmp_path, snakemake):
    pages, _ = Camera().stack(4)
    write(tmp_path / "my-movie/monday.tif", pages, np.uint16)
    template = yaml.safe_load((ROOT / "config/own-movie.yaml").read_text(encoding="utf-8"))
    snakemake(template, "--until", "gather_noise")
    results = tmp_path / "results/own-movie"
    assert (results / "tables/noise.tsv").exists()
    assert not (results / "models").exists()
    template["training"] |= {"epochs": 1, "steps_per_epoch": 4}
    template["patches"]["per_image"] = 8
    snakemake(template)
    runs = {path.name: path for path in (results / "restored/movie").iterdir()}
    assert runs.keys() == {"noisy", "nlm", "movie.n2v.seed0", "movie.pn2v.seed0"}
    for page in range(4):
        restored = read_image(runs["movie.pn2v.seed0"] / "monday.tif", page=page).pixels
        assert abs(restored.mean() - pages[page].mean()) < pages[page].std()
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Without a truth: movie." in page
    assert "In halves there is no truth: photons of each image were shared out" in page
    ranked = tables.read(results / "tables/without-truth.tsv", without_truth.RANKED)
    assert sorted(ranked["method"]) == ["n2v", "nlm", "noisy", "pn2v"]
    assert (results / "noise_models/movie/bootstrapped.seed0.npz").exists()


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ({"low": "no/*"}, "datasets.mine.folder.low ('no/*') matches no TIFF or PNG file; give"),
        ({"test": {"fraction": 0.2}}, "datasets.mine.folder.test lacks the key 'seed'"),
        ({"test": ["ten"]}, "datasets.mine.folder.test names 'ten', but no image is called so"),
        ({"pages": "slices"}, "pages must be one of movie, z-stack, fields, but is 'slices'"),
        ({"test": ["*"]}, "datasets.mine.folder.test leaves no image to train on, but the study"),
        ({"test": []}, "datasets.mine.folder.test leaves no image to test on, but the study"),
        ({"low": "mine/low/pla*", "high": "mine/high/pla*", "test": ["*-p*"]}, None),
    ],
)
def test_mistakes_in_a_folder_are_told_before_training(tiny, tmp_path, snakemake, folder, sentence):
    write_images(tmp_path / "mine")
    whole = {"low": "mine/low/*", "high": "mine/high/*", "test": ["plate*"], "pages": "fields"}
    tiny["datasets"] = {"mine": {"pixel_size_um": 0.1, "folder": whole | folder}}
    tiny["train_sets"] = {"mine": {"dataset": "mine", "patch_size": 32}}
    tiny["test_sets"] = {"mine": {"dataset": "mine"}}
    tiny["experiments"] = {"E": {"train_set": "mine", "test_set": "mine", "description": "-"}}
    output = snakemake(tiny, "results/tiny/patches/mine/low.npy", succeeds=False)
    late = "registered/mine/pairs.tsv has no row whose split is 'train', but the study trains on it"
    assert (sentence or late) in output
    assert "Traceback" not in output


def test_one_channel_of_a_movie_with_a_dropped_frame_comes_back_whole(tiny, tmp_path, snakemake):
    """Two colours of one scene: only the chosen one is listed, restored and measured."""
    pages, _ = Camera().stack(6)
    both = np.stack([pages, 3 * pages], axis=1)
    both[2] = 0
    told = {"metadata": {"axes": "TCYX", "finterval": 2.5}, "imagej": True}
    write(tmp_path / "mine/monday.tif", both, np.uint16, **told)
    folder = {"low": "mine/*", "pages": "movie"}
    filters_alone(tiny, folder)
    output = snakemake(tiny, succeeds=False)
    assert "monday.tif has the channels 0, 1; choose one as 'channel' of the data set" in output
    tiny["datasets"]["mine"]["channel"] = 1
    output = snakemake(tiny)
    assert "'monday-p002' (mine/monday.tif) is blank, 0 everywhere: it is passed through" in output
    results = tmp_path / "results/tiny"
    stack = open_stack(results / "restored/mine/noisy/monday.tif")
    assert (stack.axes, stack.scale.interval_s) == ("TYX", 2.5)
    np.testing.assert_array_equal(
        tifffile.imread(results / "restored/mine/noisy/monday.tif"),
        tifffile.imread(tmp_path / "mine/monday.tif")[:, 1],
    )
    restored = tifffile.imread(results / "restored/mine/gaussian/monday.tif")
    assert (restored[2] == 0).all()
    assert [row["image"] for row in rows(results / "restored/mine/gaussian/strengths.tsv")] == [
        f"monday-p00{page}" for page in (0, 1, 3, 4, 5)
    ]

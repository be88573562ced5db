"""A whole run of networks that look at several frames of a movie."""

import csv
import json

import numpy as np
import pytest
import tifffile
import yaml
from calls import call
from scipy.ndimage import gaussian_filter, shift
from tiny import ROOT, TINY, command, run
from typer.testing import CliRunner

from denoisekit import provenance
from denoisekit.cli import app
from denoisekit.restoring import model_folder

SIDE, FRAMES = 96, 7
METHODS = {
    "noisy": {"filter": "noisy"},
    "gaussian": {"filter": "gaussian"},
    "five": {
        **{"network": "small", "objective": "supervised", "loss": "laplace", "frames": 5},
        "normalization": "photons",
    },
    "around": {"network": "small", "objective": "neighbours", "loss": "mse", "frames": 3},
    "n2v": {
        **{"network": "small", "objective": "noise2void", "loss": "mse"},
        "masking": {"percent": 3, "neighbourhood": 5, "replacement": "neighbour"},
        "normalization": "photons",
    },
}


def write_movies(folder):
    """Write movies that move by half a pixel a frame, one of them stretched, and their table."""
    rng, rows = np.random.default_rng(0), []
    for field in range(3):
        scene = gaussian_filter(rng.normal(size=(2 * SIDE, 2 * SIDE)), 3)
        scene = 100 + 30 * scene / scene.std()
        clean = np.stack([shift(scene, (0, t / 2), order=1)[:SIDE, SIDE:] for t in range(FRAMES)])
        clean = np.clip(clean, 10, 200)
        noisy = rng.poisson(clean).astype(float) * (3 if field == 2 else 1)
        low, high = (folder / f"{field}-{kind}.tif" for kind in ("low", "high"))
        for path, pixels in ((low, noisy), (high, clean)):
            metadata = {"axes": "TYX"}
            tifffile.imwrite(
                path, np.rint(pixels).astype(np.uint16), imagej=True, metadata=metadata
            )
        split = "test" if field == 0 else "train"
        rows.append([f"cell-{field}", split, low, high, f"0:{FRAMES}", f"cell-{field}", "movie"])
    with (folder / "pairs.tsv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["image", "split", "low", "high", "page", "field", "series"])
        writer.writerows(rows)


def study(folder):
    """Return the study of these movies."""
    plain = {key: value for key, value in TINY.items() if key != "published"}
    family = {**TINY["statistics"]["family"], "conventions": ["care"]}
    return {
        **plain,
        "study": "movies",
        "datasets": {"cells": {"pixel_size_um": 0.1, "pairs": str(folder / "pairs.tsv")}},
        "train_sets": {"cells": {"dataset": "cells", "patch_size": 16}},
        "test_sets": {"cells": {"dataset": "cells"}},
        "experiments": {"C": {"train_set": "cells", "test_set": "cells", "description": "Cells"}},
        "methods": METHODS,
        "networks": {
            "small": {"architecture": "unet", "depth": 1, "kernel_size": 3, "first_filters": 4}
        },
        "conventions": ["care"],
        "statistics": {**TINY["statistics"], "references": ["five"], "family": family},
    }


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("movies")
    write_movies(folder)
    run(ROOT, folder / "run", config=study(folder))
    return folder, folder / "run/results/movies"


def model(results, method):
    return results / f"models/cells/{method}/seed0"


def test_patches_are_windows_of_the_movie_beside_what_the_middle_is_to_become(done):
    patches = done[1] / "patches/cells"
    low, high = (np.load(patches / "own-frames3" / f"{name}.npy") for name in ("low", "high"))
    assert low.shape == (len(high), 2, 16, 16)
    assert np.all((low - high[:, None]).std(axis=(2, 3)) > 5)
    whole = np.load(patches / "matched-photons-frames5/low.npy")
    assert whole.shape[1:] == (5, 16, 16)
    frames = {row["image"] for row in table(patches / "own-frames3/positions.tsv")}
    assert frames == {f"cell-{field}-{t}" for field in (1, 2) for t in range(1, FRAMES - 1)}


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_a_frame_is_restored_from_those_around_it(done):
    folder, results = done
    noisy = tifffile.imread(folder / "0-low.tif").astype(np.float32)
    restored = tifffile.imread(results / "restored/cells/cells.around.seed0/cell-0.tif")
    # Small images tell little of their noise, of which it is told.
    around, five = (
        model_folder.open(model(results, method), device="cpu", note=str)
        for method in ("around", "five")
    )
    np.testing.assert_allclose(restored[3], around(noisy[2:5]), rtol=1e-4)
    np.testing.assert_allclose(restored[0], around(noisy[[1, 0, 1]]), rtol=1e-4)
    changed = noisy[2:5].copy()
    changed[1] += 50
    np.testing.assert_array_equal(around(noisy[2:5]), around(changed))
    assert not np.allclose(five(noisy[1:6]), five(noisy[[1, 2, 3, 4, 0]]))


def test_the_command_restores_a_movie_as_its_study_does(done, tmp_path):
    folder, results = done
    for method in ("five", "around"):
        words = ["denoise", str(folder / "0-low.tif"), "--model", str(model(results, method))]
        said = CliRunner().invoke(app, [*words, "--output", str(tmp_path / method)])
        assert said.exit_code == 0, said.output
        ours = tifffile.imread(tmp_path / method / "0-low.tif")
        study_s = tifffile.imread(results / f"restored/cells/cells.{method}.seed0/cell-0.tif")
        np.testing.assert_allclose(ours, study_s, rtol=1e-4)


def test_a_single_image_is_refused_by_the_command(done, tmp_path):
    folder, results = done
    tifffile.imwrite(tmp_path / "one.tif", tifffile.imread(folder / "0-low.tif")[0])
    words = ["denoise", str(tmp_path / "one.tif"), "--model", str(model(results, "five"))]
    said = CliRunner().invoke(app, [*words, "--output", str(tmp_path / "out")])
    assert said.exit_code == 1
    assert "one.tif has 1 frame, but the network looks at 5 at a time ('frames')" in said.output


def test_hidden_pixels_are_learned_in_common_units_where_these_are_asked_for(done):
    patches = done[1] / "patches/cells/none-photons"
    card = json.loads((model(done[1], "n2v") / "card.json").read_text(encoding="utf-8"))
    assert card["patches_sha256"] == provenance.folder_sha256(patches)
    subsets = np.array([row["image"][:6] for row in table(patches / "positions.tsv")])
    low = np.load(patches / "low.npy")
    # One movie was stretched threefold; in common units both have the noise of photons.
    plain, stretched = (low[subsets == f"cell-{field}"] for field in (1, 2))
    assert stretched.mean() == pytest.approx(plain.mean(), rel=0.3)


def test_a_study_of_single_images_names_what_is_no_movie(tmp_path):
    write_movies(tmp_path)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(pairs.read_text().replace("\tmovie", "\t"), encoding="utf-8")
    said = run_fails(tmp_path, study(tmp_path))
    assert "'cell-1-0' is no frame of a movie" in said or "'cell-0-0' is no frame" in said


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ({"normalization": "percentiles"}, "each image is taken by itself; use 'photons'"),
        ({"objective": "noise2noise", "normalization": "photons"}, "take 'neighbours'"),
        ({"network": "chain", "normalization": "photons"}, "take one of nafnet, unet"),
    ],
)
def test_settings_that_cannot_be_with_frames_are_named(tmp_path, method, sentence):
    write_movies(tmp_path)
    config = study(tmp_path)
    config["networks"]["chain"] = {"architecture": "dncnn", "layers": 3, "filters": 4}
    config["methods"] = {**METHODS, "five": {**METHODS["five"], **method, "loss": "mse"}}
    assert sentence in run_fails(tmp_path, config)


def run_fails(folder, config):
    (folder / "study.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return call(command(ROOT, folder, "--dry-run"), folder=ROOT, succeeds=False)

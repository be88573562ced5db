"""Methods from outside of a study: images that are given, and commands of other programs."""

import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import bench
import numpy as np
import places
import pytest
import tifffile
import yaml
from calls import call
from scipy.ndimage import gaussian_filter, median_filter
from test_stale import jobs
from tiny import ROOT, command, run

from denoisekit.restoring import model_folder

RESTORING = {"lay_out", "run_command", "take_restored"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A folder in which the study has run, in `run`, and its config."""
    folder = tmp_path_factory.mktemp("bench")
    bench.write(folder)
    config = bench.study(folder)
    plugin = shutil.copytree(ROOT / "tests/plugin", folder / "plugin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(plugin), prepend=os.pathsep)
        run(ROOT, folder / "run", config=config)
        yield folder, config


def restored(folder, name):
    return tifffile.imread(folder / f"run/results/bench/restored/cells/{name}/field-0-1.tif")


def test_what_a_command_made_is_what_was_asked(done):
    folder, _ = done
    noisy = tifffile.imread(folder / "images/0-low.tif")[1].astype(np.float32)
    np.testing.assert_allclose(restored(folder, "tool"), gaussian_filter(noisy, 2), rtol=1e-5)
    best = gaussian_filter(noisy, 1)
    np.testing.assert_allclose(restored(folder, "cells.trained.seed0"), best, rtol=1e-5)
    np.testing.assert_allclose(restored(folder, "given"), gaussian_filter(noisy, 1.5) / 255, 1e-4)


def test_a_command_that_trains_sees_no_truth_of_what_it_is_tested_on(done):
    plain = done[0] / "run/results/bench/plain/cells"
    assert not (plain / "test/high").exists()
    trained = {path.stem for path in (plain / "train/high").iterdir()}
    assert trained == {path.stem for path in (plain / "train/low").iterdir()}
    assert not trained & {path.stem for path in (plain / "test/low").iterdir()}
    log = done[0] / "run/results/bench/logs/run_command/cells/cells.trained.seed0.log"
    assert "sigma 1 of 8 pairs, seed 0" in log.read_text(encoding="utf-8")


def test_a_network_of_elsewhere_restores_as_it_does_by_itself(done):
    noisy = tifffile.imread(done[0] / "images/0-low.tif")[1]
    alone = model_folder.open(done[0] / "elsewhere", device="cpu")(noisy)
    np.testing.assert_allclose(restored(done[0], "elsewhere"), alone, rtol=1e-4)


def test_plug_ins_restore_train_and_score(done):
    results = done[0] / "run/results/bench"
    noisy = tifffile.imread(done[0] / "images/0-low.tif")[1].astype(np.float32)
    np.testing.assert_allclose(restored(done[0], "median"), median_filter(noisy, 5))
    card = json.loads((results / "models/cells/learned/seed0/card.json").read_text("utf-8"))
    assert card["versions"]["denoisekit-example"] == "1.2"
    assert len(re.findall("denoisekit-example 1.2 [0-9a-f]{16}", card["code"])) == 2
    assert card["parameters"] == 4 * 9 + 4 + 4 * 9 + 1
    scores = bench.rows(results / "tables/scores.tsv")
    medae = [float(row["value"]) for row in scores if row["metric"] == "medae"]
    assert len(medae) == 2 * 8 * 4
    assert all(0 < value < 100 for value in medae)
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "denoisekit-example 1.2" in page


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("median.py", "\n", "\n\n"), ("METADATA", "Version: 1.2", "Version: 1.3")],
    ids=["its-code", "its-version"],
)
def test_a_changed_plug_in_wakes_what_it_takes_part_in(done, file, old, new):
    folder, config = done
    (path,) = (folder / "plugin").rglob(file)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        _, rules = jobs(run(ROOT, folder / "run", "-n", config=config))
    finally:
        path.write_text(text, encoding="utf-8")
    assert {"filter", "train", "score"} <= rules
    assert not rules & {"register", "run_command", "take_restored", "extract_frames"}


def test_they_are_scored_and_told_as_from_outside(done):
    results = done[0] / "run/results/bench"
    kinds = {row["method"]: row["kind"] for row in bench.rows(results / "tables/summary.tsv")}
    outside = {"given", "elsewhere", "tool", "trained"}
    assert {name for name, kind in kinds.items() if kind == "outside"} == outside
    assert kinds["gaussian"] == "filter"
    scores = bench.rows(results / "tables/scores.tsv")
    best = {
        (row["method"], row["convention"]): float(row["value"])
        for row in scores
        if (row["image"], row["metric"]) == ("field-0-1", "psnr")
    }
    # A fit of gain and offset allows for other units; numbers as they are do not.
    assert best["given", "care"] > best["noisy", "care"] + 3
    assert best["tool", "care"] > best["noisy", "care"] + 3
    page = (results / "report.html").read_text(encoding="utf-8")
    for sentence in (
        "restored outside of this study",
        "a network that another study trained",
        "restored by another program, which this study called",
        "given gives 4 of 4 images in other units than their inputs",
    ):
        assert sentence in page


def test_the_record_names_what_they_are_made_of(done):
    record = (done[0] / "run/results/bench/ro-crate-metadata.json").read_text(encoding="utf-8")
    for method in ("given", "elsewhere", "tool", "trained"):
        assert f"What {method} is made of" in record


def test_what_a_study_made_tells_no_place_and_no_user(done):
    """Its images, its table and its methods' files are given by absolute paths."""
    folder, results = done[0], done[0] / "run/results/bench"
    # From the run's folder the way to this program's may spell it out.
    words = places.private(folder, os.path.relpath(sys.prefix, folder / "run").lstrip("./"))
    made = [file for file in results.rglob("*") if file.is_file() and "logs" not in file.parts]
    assert [
        told
        for file in made
        for told in places.telling(file.relative_to(results), file.read_bytes(), words)
    ] == []
    (images,) = {row["low"] for row in bench.rows(results / "registered/cells/pairs.tsv")[:4]}
    assert images == "../images/0-low.tif"


def test_a_stranger_s_package_is_run_only_where_it_is_trusted(done, tmp_path):
    pytest.importorskip("bioimageio.core", reason="bioimageio.core is not installed")
    folder, config = done
    package = export(folder / "elsewhere", folder / "images/0-low.tif", tmp_path / "theirs.zip")
    shutil.copytree(folder / "run", tmp_path / "run")
    target = "results/bench/restored/cells/theirs"

    def restore(method, **options):
        methods = {**config["methods"], "theirs": {"model": str(package), **method}}
        text = yaml.safe_dump({**config, "methods": methods})
        (tmp_path / "run/study.yaml").write_text(text, encoding="utf-8")
        return call(command(ROOT, tmp_path / "run", target), folder=ROOT, **options)

    said = restore({}, succeeds=False)
    assert "holds no model of denoisekit" in said
    assert "'trust: true'" in said
    assert "which the study trusts" in restore({"trust": True})
    noisy = tifffile.imread(folder / "images/0-low.tif")[1]
    alone = model_folder.open(folder / "elsewhere", device="cpu", precision="full")(noisy)
    made = tifffile.imread(tmp_path / "run" / target / "field-0-1.tif")
    np.testing.assert_allclose(made, alone, rtol=1e-4)


def export(model, image, package):
    """Export a network, and take away what tells that it is of this program."""
    words = ["export", model, package, "--image", image, "--author", "A. Name"]
    words += ["--license", "CC-BY-4.0", "--trained-on", "Cells."]
    call([sys.executable, "-m", "denoisekit", *map(str, words)], folder=ROOT)
    with zipfile.ZipFile(package) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    told = yaml.safe_load(parts["rdf.yaml"])
    del told["attachments"]
    parts["rdf.yaml"] = yaml.safe_dump(told).encode()
    with zipfile.ZipFile(package, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)
    return package


def test_a_folder_is_no_package_to_trust(done, tmp_path):
    folder, config = done
    theirs = {"model": str(folder / "elsewhere"), "trust": True}
    methods = {**config["methods"], "theirs": theirs}
    said = planned(tmp_path / "run", {**config, "methods": methods})
    assert "which is no package to trust; name a .zip" in said


# What is edited, and which runs are taken anew.
@pytest.mark.parametrize(
    ("file", "taken", "called"),
    [
        ("given/field-0-2.tif", {"given"}, set()),
        ("tool.py", {"tool"}, {"tool"}),
        ("tool.yaml", {"tool"}, {"tool"}),
        ("elsewhere/card.json", {"elsewhere"}, set()),
    ],
)
def test_an_edited_file_wakes_what_is_made_of_it(done, file, taken, called):
    folder, config = done
    path = folder / file
    old, status = path.read_bytes(), path.stat()
    path.write_bytes(old + b"\n")
    try:
        said, rules = jobs(run(ROOT, folder / "run", "-n", config=config))
    finally:
        path.write_bytes(old)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert {words.split()[2] for words in said if words.startswith("Taking")} == taken
    made = [words for words in said if "with the command of" in words]
    assert {words.split()[-1].rstrip(".") for words in made} == called
    assert not rules & {"register", "filter", "lay_out"}


def test_another_command_runs_again_alone(done):
    folder, config = done
    tool = config["methods"]["tool"]["command"].replace("} 2", "} 3")
    tool = {**config["methods"]["tool"], "command": tool}
    methods = {**config["methods"], "tool": tool}
    said, rules = jobs(run(ROOT, folder / "run", "-n", config={**config, "methods": methods}))
    assert {words.split()[2] for words in said if words.startswith("Taking")} == {"tool"}
    assert "run_command" in rules


def planned(folder, config):
    """What a dry run says of a study that cannot be planned."""
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    said = call(command(ROOT, folder, "-n"), folder=ROOT, succeeds=False)
    assert "Traceback" not in said
    return said


def test_a_study_without_its_images_stops_before_all_work(done, tmp_path):
    _, config = done
    empty = {**config["methods"], "given": {"images": f"{tmp_path}/none/{{image}}.tif"}}
    said = planned(tmp_path / "run", {**config, "methods": empty})
    assert "methods.given.images finds no restored image of the test set 'cells'" in said


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("missing", "The method given has no restored image of 1 of 4: field-0-3; that of"),
        ("shape", "is 60 x 64 pixels, but the registered image field-0-3 is 64 x 64; restore"),
        ("finite", "field-0-3.tif has 1 pixels that are NaN or infinite"),
    ],
)
def test_images_that_do_not_fit_are_told_by_name(done, tmp_path, edit, told):
    folder, config = done
    given = shutil.copytree(folder / "given", tmp_path / "given")
    last = given / "field-0-3.tif"
    pixels = tifffile.imread(last)
    last.unlink()
    if edit == "shape":
        tifffile.imwrite(last, pixels[:60])
    elif edit == "finite":
        pixels[3, 4] = np.nan
        tifffile.imwrite(last, pixels)
    shutil.copytree(folder / "run", tmp_path / "run")
    methods = {**config["methods"], "given": {"images": str(given / "{image}.tif")}}
    config = {**config, "methods": methods}
    target = "results/bench/restored/cells/given"
    (tmp_path / "run/study.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    call(command(ROOT, tmp_path / "run", target), folder=ROOT, succeeds=False)
    log = Path(tmp_path, "run/results/bench/logs/take_restored/cells/given.log")
    assert told in log.read_text(encoding="utf-8")

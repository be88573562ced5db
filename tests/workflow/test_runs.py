"""The tiny study from start to end, and what runs again after a change."""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import yaml
from calls import call
from rocrate.rocrate import ROCrate
from tiny import ROOT, TINY, command, run

from denoisekit.cli.bundle import bundle
from denoisekit.datasets.leakage import MATCHES
from denoisekit.datasets.registration import QUALITY
from denoisekit.errors import InputError
from denoisekit.figures.training import HISTORY
from denoisekit.images import reading
from denoisekit.provenance import file_sha256
from denoisekit.published import audit
from denoisekit.statistics import (
    calibration,
    comparisons,
    conventions,
    residuals,
    scores,
    sharpness,
)
from denoisekit.statistics.tables import read
from denoisekit.study import unfinished
from denoisekit.study.design import Study

PAGE = [sys.executable, "-m", "denoisekit", "page", "study.yaml"]


def start_and_kill(house, folder, *arguments, until):
    """Run Snakemake in the background until a condition holds, and kill all of it."""
    process = subprocess.Popen(
        command(house, folder, *arguments),
        cwd=house,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while not until() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def planned(output):
    """The number of jobs per rule that a dry run announces."""
    rows = re.search(r"Job stats:\n(.*?)\n\n", output, re.DOTALL)
    if rows is None:
        assert "Nothing to be done" in output
        return {}
    return {name: int(count) for name, count in re.findall(r"(\w+) +(\d+)", rows.group(1))}


@pytest.fixture
def append(finished):
    """Add text at the end of files of the house, for one test."""
    originals = {}

    def add(name, text):
        path = finished[0] / name
        originals[path] = path.read_text(encoding="utf-8")
        path.write_text(originals[path] + text, encoding="utf-8")

    yield add
    for path, text in originals.items():
        path.write_text(text, encoding="utf-8")


def tables(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted((folder / "results/tiny").rglob("tables/**/*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_everything_that_is_promised_is_there(finished):
    results = finished[1] / "results/tiny"
    for name in (
        "report.html",
        "verdict.txt",
        "methods.md",
        "references.bib",
        "tables/summary.tsv",
        "tables/comparisons.tsv",
        "tables/audit.tsv",
        "tables/conventions.tsv",
        "tables/sharpness.tsv",
        "tables/noise.tsv",
        "noise_cards/actin-movie.json",
        "figures/conventions.png",
        "figures/sharpness-AAS.png",
        "figures/calibration-AAS.pdf",
        "figures/profile-AM.png",
        "figures/flicker-AA.laplace.gif",
        "figures/montage-AA.png",
        "figures/figure-1-AA.pdf",
        "restored/actin/actin.laplace.seed0/scale/test-000.tif",
        "models/actin/mae/seed0/best.safetensors",
    ):
        assert (results / name).stat().st_size > 0, name
    lines = (results / "tables/scores.tsv").read_text(encoding="utf-8").splitlines()
    runs, images, defined, metrics = {"actin": 4, "actin-movie": 6}, 3, 4, 4
    assert len(lines) == 1 + sum(runs.values()) * images * defined * metrics
    left_out = (results / "tables/conventions-left-out.tsv").read_text(encoding="utf-8")
    for convention in ("range255", "truth-range", "fmd", "fmd-matlab"):
        assert left_out.count(f"\t{convention}\t") == len(runs)


def test_results_are_bundled_without_images_and_as_the_run_left_them(finished, tmp_path):
    results = finished[1] / "results/tiny"
    for name in ("a.zip", "b.zip"):
        bundle(results, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        names = set(packed.namelist())
        assert packed.read("report.html") == (results / "report.html").read_bytes()
    assert {"verdict.txt", "methods.md", "tables/scores.tsv", "figures/montage-AA.pdf"} <= names
    assert "models/actin/mae/seed0/card.json" in names
    assert not [name for name in names if Path(name).suffix in (".tif", ".safetensors")]
    with zipfile.ZipFile(results / "tables.zip") as packed:
        packed_tables = set(packed.namelist())
    assert packed_tables == {name for name in names if name.startswith("tables/")}
    table = results / "tables/summary.tsv"
    content = table.read_bytes()
    table.write_bytes(content + b"\n")
    try:
        with pytest.raises(InputError, match=r"summary\.tsv is not what the run left"):
            bundle(results, tmp_path / "c.zip")
    finally:
        table.write_bytes(content)
    assert not (tmp_path / "c.zip").exists()


def interrupt(house, folder, *, once):
    """Run Snakemake until a file is there, and stop it and its jobs as Ctrl-C does."""
    process = subprocess.Popen(
        command(house, folder),
        cwd=house,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # What runs tests in the background may ignore Ctrl-C, and hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 300
    while not once.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    return process.communicate(timeout=300)[0]


def test_a_run_that_stops_leaves_a_page_of_what_is_there_and_the_study_ends_as_unbroken(
    finished, tmp_path
):
    house, folder = finished[0], tmp_path / "run"
    shutil.copytree(finished[1], folder)
    results = folder / "results/tiny"
    page, left = results / "report.html", results / "unfinished.html"
    whole = page.read_bytes()
    log = results / "logs/write_report.log"
    for path in (page, log, *results.glob("benchmarks/*_r*n*.tsv")):
        if path.stem in ("report", "write_report", "describe_run"):
            path.unlink()
    before = planned(run(house, folder, "--dry-run"))

    told = call(PAGE, folder=folder)
    assert "Unfinished: 4 of 4 networks, 10 of 10 restored sets, 10 of 10 scored sets." in told
    assert planned(run(house, folder, "--dry-run")) == before
    text = left.read_text(encoding="utf-8")
    assert "<title>Unfinished: 4 of 4" in text
    assert text.count("<td>trained</td>") == 4
    assert text.count("data:image/png") == 3 * 5
    assert "Which method" not in text
    assert "report.html</code> beside" not in text

    left.unlink()
    said = interrupt(house, folder, once=log)
    assert "What is there so far: results/tiny/unfinished.html" in said
    assert not page.exists()

    (folder / "study.yaml").write_text(
        yaml.safe_dump({**TINY, "seeds": [0, 1], "training": {**TINY["training"], "epochs": 3}})
    )
    assert "Unfinished: 0 of 8 networks" in call(PAGE, folder=folder)
    assert "to be trained" in left.read_text(encoding="utf-8")

    run(house, folder)
    assert page.read_bytes() == whole
    assert not left.exists()
    assert "The page: results/tiny/report.html" in call(PAGE, folder=folder)


def test_what_is_damaged_or_gone_is_left_out_or_said(finished, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    shutil.copytree(finished[1] / "results", folder / "results")
    monkeypatch.chdir(folder)
    results = unfinished.Path("results/tiny")
    network = "models/actin/mae/seed0"
    files = {
        str(path): True
        for pattern in ("models/*/*/*/*", "restored/*/*", "scores/*/*.tsv", "registered/*")
        for path in results.glob(pattern)
    }
    current = {**files, str(results / "report.html"): False}

    def text():
        told = unfinished.write(Study(TINY), results, current)
        assert told[-1] == "What is there so far: results/tiny/unfinished.html"
        return (results / "unfinished.html").read_text(encoding="utf-8")

    whole = text()
    assert whole.count("data:image/png") == 15
    assert "is of an earlier run" in whole
    damaged = ["history.tsv", "validation.tsv"]
    for path in [
        *(results / network / name for name in damaged),
        *results.glob("restored/actin-movie/*/*.tif"),
    ]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    found = text()
    assert "trained, its history cannot be read" in found
    assert found.count("cannot be read") == 2
    assert found.count("data:image/png") == 9
    for name in ("models", "scores", "restored", "registered"):
        shutil.rmtree(results / name)
        text()
    current = {str(results / "report.html"): False}
    checkpoint = results / "checkpoints/actin/mae/seed0/state.safetensors"
    checkpoint.parent.mkdir(parents=True)
    for content, said in (
        (b"", "what is kept cannot be read"),
        (b"\xff" * 40, "what is kept cannot be read"),
        (head('{"history": [{"step": 4, "seconds": 1, "validation_loss": 0.5}]}'), "4 of 8 steps"),
    ):
        checkpoint.write_bytes(content)
        assert said in text()
    assert "nothing is there yet" in text()
    # Where the study's own page is current, there is no other.
    assert unfinished.write(Study(TINY), results, {str(results / "report.html"): True}) == []
    assert not (results / "unfinished.html").exists()
    # A run of some other file is none of the study.
    assert unfinished.write(Study(TINY), results, {"results/tiny/checks/apart.tsv": False}) == []


def head(facts):
    """The head of a safetensors file that holds these facts."""
    text = unfinished.json.dumps({"__metadata__": {"facts": facts}}).encode()
    return unfinished.struct.pack("<Q", len(text)) + text


def test_the_notebook_opens_what_a_study_left(finished, monkeypatch, capsys):
    folder = finished[1]
    notebook = json.loads((ROOT / "docs/look.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(folder)
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            code = "".join(cell["source"]).replace("results/quickstart", "results/tiny")
            exec(compile(code, "look.ipynb", "exec"), names)
    scored = read(folder / "results/tiny/tables/scores.tsv", scores.SCORES)
    keys = ["actin", "actin", "laplace", "care", "psnr", names["name"]]
    columns = ["train_set", "test_set", "method", "convention", "metric", "image"]
    (value,) = scored[(scored[columns] == keys).all(axis=1)]["value"]
    assert names["scores"]["psnr"] == pytest.approx(value, abs=1e-6)
    assert "% of the truth lies in intervals of 90 %" in capsys.readouterr().out


def test_simulated_images_are_one_stack_to_other_programs(finished):
    pairs = (finished[1] / "results/tiny/simulated/actin/pairs.tsv").read_text(encoding="utf-8")
    for name in ("low", "high"):
        path = finished[1] / f"results/tiny/simulated/actin/{name}.tif"
        with reading.opened(path) as stack:
            assert stack.shape[:-2] == (len(pairs.splitlines()) - 1,)


def test_the_run_is_described_as_a_workflow_run_crate(finished):
    results = finished[1] / "results/tiny"
    text = (results / "ro-crate-metadata.json").read_text(encoding="utf-8")
    for told in (text, (results / "settings.yaml").read_text(encoding="utf-8")):
        assert not re.search(r"(?m)(^|[\s\"'(])/\w", told), "an absolute path"
        assert platform.node() not in told
    crate = ROCrate(results)
    listed = [entity for entity in crate.data_entities if not entity.id.startswith("ni:")]
    for entity in listed:
        path = results / entity.id
        assert path.is_dir() if entity.type == "Dataset" else path.is_file(), entity.id
        if path.is_file():
            assert entity["sha256"] == file_sha256(path), entity.id
    hashed = {entity.id for entity in listed if entity.get("sha256")}
    models = {str(path.relative_to(results)) for path in (results / "models").rglob("*.*")}
    figures = {str(path.relative_to(results)) for path in (results / "figures").iterdir()}
    assert {"report.html", "verdict.txt", "settings.yaml", *models, *figures} <= hashed
    assert {
        f"tables/{name}.{kind}" for name in ("summary", "audit") for kind in ("tsv", "md")
    } <= hashed
    assert "restored/actin/actin.mae.seed0/" in {entity.id for entity in listed}
    action = crate.get("#run")
    assert action["startTime"] < action["endTime"]
    assert crate.mainEntity["programmingLanguage"]["name"] == "Snakemake"
    seeds = {part["name"]: part["value"] for part in action["object"] if "seed" in part.id}
    assert seeds["datasets.actin-movie.simulate.seed"] == 2
    read = {part["name"] for part in action["object"]}
    assert {"The study's settings", "printed_means.csv"} <= read
    ran = yaml.safe_load((results / "settings.yaml").read_text(encoding="utf-8"))
    assert ran == {**TINY, "published": "loss-functions"}
    assert (results / "code/src/denoisekit/study/crate.py").is_file()


def test_the_snakemake_report_holds_every_figure_and_table_with_its_caption(finished, tmp_path):
    run(*finished, "--report", str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        text = archive.read("report/report.html").decode()
        held = {Path(name).name for name in archive.namelist()}
    results = finished[1] / "results/tiny"
    for folder, kind in (("figures", "png"), ("tables", "tsv"), ("tables/paper", "md")):
        assert {path.name for path in (results / folder).glob(f"*.{kind}")} <= held
    assert {"report.html", "ro-crate-metadata.json"} <= held
    for fact in ("var workflow_desc = ", "var results = {"):
        start = text.index(fact) + len(fact.removesuffix("{"))
        told, _ = json.JSONDecoder().raw_decode(text, start)
        assert "System Message" not in str(told)
    for name, entry in told.items():
        assert entry["caption"], name
        assert entry["labels"], name


def test_a_second_run_does_nothing(finished):
    assert planned(run(*finished, "-n")) == {}


def test_a_changed_loss_retrains_that_loss_only(finished, append):
    append("src/denoisekit/losses/mae.py", "FACTOR = 2\n")
    jobs = planned(run(*finished, "-n"))
    assert jobs["train"] == 2
    assert jobs["predict"] == jobs["score"] == 3
    assert not {"simulate", "register", "extract_patches", "filter", "check_apart"} & set(jobs)


def test_a_changed_filter_filters_with_it_only(finished, append):
    append("src/denoisekit/filters/gaussian.py", "FACTOR = 2\n")
    jobs = planned(run(*finished, "-n"))
    assert jobs["filter"] == jobs["score"] == 2
    assert "train" not in jobs


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("src/denoisekit/training/loop.py", "# A comment.\n"),
        ("src/denoisekit/evaluation/metrics.py", "\n\n"),
        ("workflow/scripts/train.py", "# A comment.\n"),
        ("src/denoisekit/_checks.py", "SENTENCE = 'wording of errors'\n"),
        ("src/denoisekit/__init__.py", "__version__ = '9.9'\n"),
        ("src/denoisekit/files.py", "\n\ndef not_used():\n    return 1\n"),
        ("src/denoisekit/losses/mse.py", "FACTOR = 2  # no method of this study uses it\n"),
    ],
)
def test_what_changes_no_number_runs_nothing(finished, append, name, text):
    append(name, text)
    assert planned(run(*finished, "-n")) == {}


def test_jobs_are_looked_for_when_one_has_ended_unless_a_rate_was_asked_for(finished, tmp_path):
    # Its figures stay the same, and how long they took does not.
    shutil.copytree(finished[1], tmp_path / "run")
    several = ["--cores", "1", "--forcerun", "draw_montage", "--until", "draw_montage"]
    looked = []
    for asked in ([], ["--max-jobs-per-timespan", "99/1s"]):
        said = run(finished[0], tmp_path / "run", *several, "--verbose", *asked)
        assert said.count("(Rule: draw_montage)") == 3
        looked.append(said.count("Ready jobs: "))
    assert looked[0] == 3 < looked[1]


def test_an_added_method_computes_that_method_only(finished):
    config = {
        **TINY,
        "methods": {**TINY["methods"], "mse": {**TINY["methods"]["mae"], "loss": "mse"}},
    }
    jobs = planned(run(*finished, "-n", config=config))
    assert jobs["train"] == 2
    assert jobs["predict"] == jobs["score"] == 3
    assert not {"simulate", "register", "extract_patches", "filter", "check_apart"} & set(jobs)


def test_an_added_data_set_trains_nothing_anew(finished):
    extra = {**TINY["datasets"]["actin"]}
    config = {
        **TINY,
        "datasets": {**TINY["datasets"], "more": extra},
        "test_sets": {**TINY["test_sets"], "more": {"dataset": "more"}},
        "experiments": {
            **TINY["experiments"],
            "X": {"train_set": "actin", "test_set": "more", "description": "-"},
        },
    }
    jobs = planned(run(*finished, "-n", config=config))
    assert jobs["predict"] == 2
    assert "train" not in jobs


def test_changed_training_settings_retrain_but_cut_no_patches(finished):
    config = {**TINY, "training": {**TINY["training"], "epochs": 3}}
    jobs = planned(run(*finished, "-n", config=config))
    assert jobs["train"] == 4
    assert "extract_patches" not in jobs


def test_changed_percentiles_are_noted_beside_networks_that_stay(finished):
    folder = finished[1] / "results/tiny/models/actin/mae/seed0"
    noted = json.loads((folder / "prediction.json").read_text(encoding="utf-8"))
    assert noted == {key: TINY["prediction"][key] for key in ("weights", "percentiles")}
    config = {**TINY, "prediction": {**TINY["prediction"], "percentiles": [1, 99]}}
    jobs = planned(run(*finished, "-n", config=config))
    assert jobs["note_prediction"] == 1
    assert "train" not in jobs


def test_a_changed_inset_draws_only_what_has_one(finished):
    jobs = planned(run(*finished, "-n", config={**TINY, "figures": {"inset_px": 32}}))
    assert set(jobs) == {"draw_montage", "write_report", "describe_run", "all", "total"}


def test_a_killed_run_completes_to_the_same_tables(finished, tmp_path):
    house, folder = finished[0], tmp_path / "killed"
    folder.mkdir()
    (folder / "study.yaml").write_text(yaml.safe_dump(TINY, sort_keys=False), encoding="utf-8")
    models = folder / "results/tiny/models"
    start_and_kill(house, folder, until=lambda: list(models.rglob("card.json")))
    assert not (folder / "results/tiny/report.html").exists()
    run(house, folder, "--unlock")
    unbroken = tables(finished[1])
    # The paper's tables are one folder.
    asked = {path if path.parent.name == "tables" else path.parent for path in unbroken}
    run(house, folder, *sorted(map(str, asked)))
    assert tables(folder) == unbroken


def test_a_killed_training_goes_on_to_the_same_weights(finished, tmp_path):
    config = {
        **TINY,
        "methods": {
            **TINY["methods"],
            "adversarial": {
                **TINY["methods"]["mae"],
                "loss": "adversarial",
                "options": {"weight": 0.01, "first_filters": 4},
            },
        },
        "training": {**TINY["training"], "epochs": 30, "steps_per_epoch": 25},
    }
    house, whole, killed = finished[0], tmp_path / "whole", tmp_path / "killed"
    model = "results/tiny/models/actin/adversarial/seed0"
    weights = [f"{model}/{name}.safetensors" for name in ("best", "last")]
    run(house, whole, *weights, config=config)
    shutil.copytree(whole, killed)
    shutil.rmtree(killed / model)
    state = killed / "results/tiny/checkpoints/actin/adversarial/seed0/state.safetensors"
    start_and_kill(house, killed, *weights, until=state.is_file)
    assert not (killed / model / "last.safetensors").exists()
    run(house, killed, "--unlock", config=config)
    run(house, killed, *weights, config=config)
    log = killed / "results/tiny/logs/train/actin/adversarial/seed0.log"
    assert re.search(r"interrupted and goes on after epoch \d+\n", log.read_text())
    for name in weights:
        assert (killed / name).read_bytes() == (whole / name).read_bytes()
    rows = [
        [
            line.split("\t")[:-1]
            for line in (folder / model / "history.tsv").read_text().splitlines()
        ]
        for folder in (killed, whole)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 31
    assert not state.parent.exists()


def test_tables_have_the_columns_that_their_definitions_say(finished):
    results = finished[1] / "results/tiny"
    for name, columns in {
        "tables/scores.tsv": scores.SCORES,
        "scores/actin/noisy.tsv": scores.SCORES,
        "tables/experiments.tsv": scores.EXPERIMENTS,
        # Images of 64 px are too small for one metric.
        "tables/summary.tsv": [name for name in scores.summary_columns() if name != "ms-ssim"],
        "tables/comparisons.tsv": comparisons.COLUMNS,
        "tables/conventions.tsv": conventions.COLUMNS,
        "checks/conventions/actin.tsv": conventions.CHECKS,
        "sharpness/actin/noisy.tsv": sharpness.MEASURED,
        "sharpness/actin/noisy.curves.tsv": sharpness.CURVES,
        "tables/sharpness.tsv": sharpness.AVERAGED,
        "tables/calibration.tsv": calibration.AVERAGED,
        "calibration/actin/actin.laplace.seed0.tsv": calibration.MEASURED,
        "tables/residuals.tsv": residuals.MEASURED,
        "residuals/actin-movie.tsv": residuals.MEASURED,
        "tables/audit.tsv": audit.COLUMNS,
        "checks/apart.tsv": MATCHES,
        "registered/actin/quality.tsv": QUALITY,
        "models/actin/mae/seed0/history.tsv": HISTORY,
    }.items():
        header, *_ = (results / name).read_text(encoding="utf-8").splitlines()
        assert header.split("\t") == list(columns), name


def test_images_whose_noise_is_not_known_are_told_and_not_tested(finished):
    results = finished[1] / "results/tiny"
    rows = read(results / "tables/residuals.tsv", residuals.MEASURED)
    assert rows["tested"].eq("no").all()
    assert rows["note"].str.startswith("Only ").all()
    assert rows["invented"].isna().all()
    # The truth tells the brightness all the same.
    assert rows["truth_gain"].notna().all()
    assert "Not tested of actin: 3 images restored by " in (results / "report.html").read_text()


def test_logs_show_progress(finished):
    log = finished[1] / "results/tiny/logs/train/actin/mae/seed0.log"
    assert re.search(r"epoch 2/2, step 8: loss [\d.]+, validation [\d.]+", log.read_text())


def test_filters_alone_make_a_study(finished, tmp_path):
    methods = {name: TINY["methods"][name] for name in ("noisy", "gaussian")}
    statistics = {**TINY["statistics"], "references": ["noisy"]}
    config = {**TINY, "methods": methods, "statistics": statistics}
    config["experiments"] = {"AA": TINY["experiments"]["AA"]}
    del config["published"]
    run(finished[0], tmp_path / "filters", config=config)
    results = tmp_path / "filters/results/tiny"
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Gaussian" in page
    assert not (results / "models").exists()

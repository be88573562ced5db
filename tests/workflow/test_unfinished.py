"""A run that stops leaves a page of what is there so far, which changes nothing of the study."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import yaml
from calls import call
from tiny import TINY, command, run

from denoisekit.study import unfinished
from denoisekit.study.design import Study

PAGE = [sys.executable, "-m", "denoisekit.cli", "page", "study.yaml"]


def plan(house, folder):
    told = run(house, folder, "--dry-run")
    return re.search(r"Job stats:\n(.*?)\n\n", told, re.DOTALL)[1]


def interrupt(house, folder, *, once):
    """Run Snakemake until a file is there, and stop it and its jobs as Ctrl-C does."""
    process = subprocess.Popen(
        command(house, folder),
        cwd=house,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
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
    before = plan(house, folder)

    told = call(PAGE, folder=folder)
    assert "Unfinished: 4 of 4 networks, 10 of 10 restored sets, 10 of 10 scored sets." in told
    assert plan(house, folder) == before
    text = left.read_text(encoding="utf-8")
    assert "<title>Unfinished: 4 of 4" in text
    assert text.count("<td>trained</td>") == 4
    assert text.count("data:image/png") == 3 * 5 + 1
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
    assert whole.count("data:image/png") == 16
    assert "is of an earlier run" in whole
    damaged = ["history.tsv", "validation.tsv"]
    for path in [
        *(results / network / name for name in damaged),
        *results.glob("scores/actin/*.tsv"),
        *results.glob("restored/actin-movie/*/*.tif"),
    ]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    found = text()
    assert "trained, its history cannot be read" in found
    assert found.count("cannot be read") > 4
    assert found.count("data:image/png") == 6
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

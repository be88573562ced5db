"""The command that runs a study, and what a run ends with."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from commands import call

from denoisekit import computing
from denoisekit.cli import _show
from denoisekit.cli import run as running
from denoisekit.study import ending

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "config" / "own-images.yaml"
FAILED = """\
Error in rule train:
    message: Training.
    jobid: 3
    log: logs/train/a.log (check log file(s) for error details)
Error in rule score:
    log: logs/score/b.log, logs/gone.log (check log file(s) for error details)
Error in rule train:
    log: logs/train/a.log (check log file(s) for error details)
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("train/a.log", "12:00 step 1\nError: The disk is full.\n"),
        ("score/b.log", "Traceback (most recent call last):\nValueError: x\n"),
    ):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def results(here):
    folder = here / "results" / "own-images"
    (folder / "tables").mkdir(parents=True)
    for at, name in enumerate(("tables/scores.tsv", "report.html", "verdict.txt")):
        (folder / name).write_text("AA: Use TV.\n", encoding="utf-8")
        os.utime(folder / name, (1000 + at, 1000 + at))
    return folder


def snakemake(monkeypatch, *lines, code=0):
    """Let a program stand for Snakemake that writes lines and ends with a code."""
    program = f"import sys; print({chr(10).join(lines)!r}, file=sys.stderr); sys.exit({code})"
    monkeypatch.setattr(
        running, "snakemake_command", lambda *_, **__: [sys.executable, "-c", program]
    )


def test_a_run_that_succeeds_ends_with_verdicts_and_the_page(results):
    said = ending.succeeded(results)
    assert said == ["Which method?", "  AA: Use TV.", f"The page: {results / 'report.html'}"]


def test_no_verdict_is_given_of_a_page_that_is_older_than_a_table(results):
    os.utime(results / "tables/scores.tsv", (2000, 2000))
    (said,) = ending.succeeded(results)
    assert said.endswith("is older than the tables; run the whole study for its verdicts.")
    (results / "verdict.txt").unlink()
    assert ending.succeeded(results) == []


def test_a_run_that_fails_ends_with_each_jobs_own_sentence_once(here):
    (here / "run.log").write_text(FAILED, encoding="utf-8")
    assert ending.failed([here / "run.log"]) == [
        "Error: The disk is full.",
        "Error: a job failed, and logs/score/b.log says how.",
    ]
    assert ending.failed_by("Nothing to be done.") == []


def test_a_file_that_snakemake_cannot_write_is_told_as_one_of_a_job(here):
    text = f"WorkflowError:\nOSError: [Errno 28] No space left on device\n{FAILED}"
    said = ending.failed_by(text)
    assert len(said) == 2
    assert said[1].startswith("Error: A file of the run cannot be written or read (No space left")
    named = "OSError: [Errno 28] No space left on device: 'results/x.tsv'"
    (said,) = ending.failed_by(named)
    assert said.startswith("Error: results/x.tsv cannot be written or read (No space left")
    assert ending.failed_by("OSError: [Errno 32] Broken pipe") == []


def test_a_job_that_was_killed_is_told_as_such(here):
    killed = "Command 'python score.py' died with <Signals.SIGKILL: 9>.\n"
    first, rule, second = FAILED.partition("Error in rule score:")
    said = ending.failed_by(f"{first}{killed}{rule}{second}")
    assert said[0] == "Error: The disk is full."
    assert said[1].startswith("Error: a job was ended by SIGKILL, as systems do where memory is sh")
    assert said[1].endswith("run fewer jobs at once ('--cores'); its log is logs/score/b.log.")


def test_the_command_ends_with_the_verdict_last(results, monkeypatch):
    snakemake(monkeypatch, "3 of 9 steps (33%) done", "[train a b] epoch 2 of 3")
    said, told = call("run", STUDY)
    assert said.splitlines()[-2:] == [
        "  AA: Use TV.",
        "The page: results/own-images/report.html",
    ]
    # That study trains nothing.
    assert "Training on" not in told


def test_the_command_ends_with_the_failed_sentences_last(here, monkeypatch):
    snakemake(monkeypatch, FAILED, "Complete log(s): x", code=1)
    _, told = call("run", STUDY, code=1)
    assert told == ("Error: The disk is full. Error: a job failed, and logs/score/b.log says how.")
    snakemake(monkeypatch, "WorkflowError:", "No space.", code=1)
    assert call("run", STUDY, code=1)[1].endswith("WorkflowError: No space.")


def test_progress_is_told_of_steps_and_of_what_a_job_says(capsys):
    told, log = [], []
    lines = ["rule train:\n", "3 of 9 steps (33%) done\n", "[train a b] epoch 2\n", "[Sun] x\n"]
    lines += ["Job 12: Scoring tv on actin.\n", "[validate a b] warning: TV is better.\n"]
    running._tell_each(lines, log, lambda *words: told.append(words))
    assert told == [("Starting", 3, 9), ("train a b: epoch 2", 3, 9), ("Scoring tv on actin", 3, 9)]
    assert log == [line.rstrip() for line in lines]
    assert capsys.readouterr().err == "Warning: TV is better.\n"


def test_a_long_step_leaves_room_for_the_bar(monkeypatch):
    shown = io.StringIO()
    shown.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with _show.progress() as tell:
        tell("a step of which there is a great deal to say, " * 5, 36, 86)
    assert "36/86" in shown.getvalue()


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_study_that_snakemake_would_run_as_a_program_is_refused_before_it(
    here, monkeypatch, command
):
    monkeypatch.setattr(running, "_follow", lambda _: pytest.fail("Snakemake was started"))
    study = here / "study.yaml"
    study.write_text(f"__use_yte__: true\n{STUDY.read_text()}", encoding="utf-8")
    _, told = call(command, study, code=1)
    assert f"{study} has the key __use_yte__, with which Snakemake runs" in told


def test_what_a_run_needs_is_told(here, monkeypatch):
    _, told = call("run", here / "none.yaml", code=1)
    assert "none.yaml" in told
    monkeypatch.setattr(running.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(running.InputError, match="needs Snakemake, which is not installed"):
        running.snakemake_command(STUDY, "all")


@pytest.mark.parametrize("card", [True, False])
def test_what_is_trained_on_is_told(monkeypatch, card):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(computing, "_has_bfloat16", lambda device: True)
    monkeypatch.setattr(computing.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(computing.shutil, "which", lambda name: name if card else None)
    idle = "; no CUDA in this torch although an Nvidia card is there" if card else ""
    assert computing.describe("mixed") == f"2 cores, bfloat16{idle}"


def test_modules_in_the_folder_of_a_study_are_not_taken(tmp_path):
    (tmp_path / "yaml.py").write_text("raise SystemExit('taken')\n", encoding="utf-8")
    command = running.snakemake_command(STUDY, "all")
    start = command[: command.index("--snakefile")]
    subprocess.run([*start, "--version"], cwd=tmp_path, check=True)

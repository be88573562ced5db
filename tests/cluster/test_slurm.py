"""A study runs through a real Slurm, and what goes wrong there is said and can be mended."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from calls import call
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"
SCRIPT = ROOT / "tests" / "cluster" / "slurm.sh"
SCORES = "results/tiny/tables/scores.tsv"

pytestmark = pytest.mark.cluster

# Snakemake, asking Slurm every second, where its executor waits longer each time.
SNAKEMAKE = """
import asyncio
from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
RemoteExecutor.sleep = lambda self: asyncio.sleep(1)
main()
"""


def control(command, folder):
    subprocess.run([SCRIPT, command, folder], check=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """The folder of a Slurm that is up."""
    for program in ("slurmctld", "slurmd", "munged"):
        if shutil.which(program) is None and not Path("/usr/sbin", program).exists():
            pytest.skip(f"{program} is not installed; Debian has it in slurm-wlm and munge")
    if os.geteuid() != 0:
        pytest.skip("only root can bring up a Slurm")
    # One Slurm at a time, also where several tests run at once.
    with FileLock(Path(tempfile.gettempdir(), "denoisekit-slurm.lock"), timeout=1200):
        yield from bring_up(tmp_path_factory.mktemp("slurm"))


def bring_up(folder):
    log = folder / "up.log"
    with log.open("w") as file:
        done = subprocess.run([SCRIPT, "up", folder], stdout=file, stderr=subprocess.STDOUT)
    if done.returncode == 3:
        pytest.skip(log.read_text())
    try:
        assert done.returncode == 0, log.read_text()
        yield folder
    finally:
        control("down", folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a study of two networks and two filters."""
    config = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    for part in ("datasets", "train_sets", "test_sets"):
        del config[part]["actin-movie"]
    config["experiments"] = {"AA": config["experiments"]["AA"]}
    config["conventions"] = ["care", "hagen"]
    del config["methods"]["gaussian"]
    config["methods"]["bm3d"] = {"filter": "vst-bm3d", "options": {"package": "bm3d"}}
    del config["published"]
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return folder


def command(folder, *, profile):
    words = [sys.executable, "-c", SNAKEMAKE, "--snakefile", str(ROOT / "Snakefile")]
    words += ["--directory", str(folder), "--configfile", str(folder / "study.yaml")]
    words += ["--workflow-profile", str(ROOT / "profiles" / profile), "--latency-wait", "5"]
    return [*words, "--max-status-checks-per-second", "1", SCORES]


def jobs(*arguments):
    """The jobs that Slurm knows, their numbers and what Snakemake calls them."""
    output = subprocess.check_output(["squeue", "-h", "-o", "%i %k %T %l", *arguments], text=True)
    return [line.split() for line in output.splitlines()]


def devices(slurm):
    """The device that each GPU job had, in the order of their start."""
    file = slurm / "gpus.tsv"
    return [line.split("\t") for line in file.read_text().splitlines()] if file.exists() else []


def wait(process, until):
    deadline = time.monotonic() + 600
    while not until():
        assert process.poll() is None, "the run ended before its time"
        assert time.monotonic() < deadline, "the run hangs"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def monkeypatch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def story(slurm, folder, monkeypatch):
    """Two runs of one command: in the first, all goes wrong that can go wrong."""
    words = command(folder, profile="slurm")
    hold, log = slurm / "hold", folder / "first.log"
    # A node without a package, as far as Python can tell.
    absent = folder / "absent"
    absent.mkdir()
    (absent / "bm3d.py").write_text("raise ModuleNotFoundError(name='bm3d')\n")
    hold.touch()
    monkeypatch.setenv("PATH", f"{slurm}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{absent}:{os.environ.get('PYTHONPATH', '')}")
    with log.open("w") as file:
        process = subprocess.Popen(words, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait(process, lambda: len(devices(slurm)) == 2)
        at_once = jobs("-p", "gpu", "-t", "R")
        (limited,) = [number for number, name, *_ in at_once if "laplace" in name]
        call(["scontrol", "update", f"JobId={limited}", "EndTime=now+2"], folder=folder)
        wait(process, lambda: len(devices(slurm)) == 3)
        again = jobs("-p", "gpu", "-t", "R")
        control("stop-controller", slurm)
        silent = subprocess.run(["squeue"], capture_output=True, text=True)
        control("start-controller", slurm)
        hold.unlink()
        process.wait(timeout=600)
    finally:
        hold.unlink(missing_ok=True)
        process.kill()
        process.wait()
    submitted = jobs("-t", "all")
    shutil.rmtree(absent)
    second = call(words, folder=ROOT)
    return SimpleNamespace(
        at_once=at_once,
        again=again,
        silent=silent.stderr,
        submitted=submitted,
        status=process.returncode,
        first=log.read_text(),
        second=second,
        devices=devices(slurm),
    )


def test_gpu_jobs_run_at_once_on_devices_of_their_own(story):
    assert len(story.at_once) == 2
    assert sorted(device for _, device in story.devices[:2]) == ["0", "1"]


def test_a_job_past_its_time_limit_says_so_and_gets_twice_the_time(story):
    assert re.search(r"SLURM-job '\d+' failed, SLURM status is: 'TIMEOUT'", story.first)
    limits = {name: limit for _, name, _, limit in story.again}
    assert limits["rule_train_wildcards_actin_laplace_0"] == "16:00:00"
    assert limits["rule_train_wildcards_actin_mae_0"] == "8:00:00"


def test_a_failing_job_shows_its_reason_and_stops_nothing_else(story):
    assert story.status == 1
    assert "The option package: bm3d of the filter vst-bm3d needs that package" in story.first
    assert "Traceback" not in story.first
    states = Counter((name, state) for _, name, state, _ in story.submitted)
    assert states["rule_filter_wildcards_actin_bm3d", "FAILED"] == 2
    for method in ("laplace", "mae"):
        assert states[f"rule_predict_wildcards_actin_actin_{method}_0", "COMPLETED"] == 1


def test_a_restart_of_the_controller_loses_no_job(story):
    assert "Unable to contact slurm controller" in story.silent
    assert len({name for _, name, *_ in story.again}) == 2
    # Two trainings and the one that was too slow, and nothing else.
    assert sum(name.startswith("rule_train") for _, name, *_ in story.submitted) == 3


def test_the_same_command_completes_the_run(story, folder):
    assert "Training on" not in story.second
    lines = (folder / SCORES).read_text(encoding="utf-8").splitlines()
    runs, images, conventions, metrics = 4, 3, 2, 4
    assert len(lines) == 1 + runs * images * conventions * metrics


def test_short_jobs_share_a_job_of_slurm(story):
    (scores,) = re.findall(r"Group job scores.*?\n\n.*?submitted", story.second, re.DOTALL)
    assert len(re.findall(r"Scoring \S+ on actin\.", scores)) == 4


def test_the_generic_profile_gives_the_same_scores(story, folder):
    before = (folder / SCORES).read_bytes()
    shutil.rmtree(folder / "results/tiny/scores")
    (folder / SCORES).unlink()
    output = call(command(folder, profile="cluster-generic"), folder=ROOT)
    assert "Submitted group job" in output
    assert "Training on" not in output
    assert (folder / SCORES).read_bytes() == before

"""A full disk, a read-only folder and two runs in one folder end in clear words."""

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from calls import call

ROOT = Path(__file__).resolve().parents[2]
TARGET = "results/tiny/tables/scores.tsv"


def command(folder):
    return [
        *[sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")],
        *["--directory", str(folder), "--configfile", str(folder / "study.yaml"), "--cores", "2"],
        TARGET,
    ]


@pytest.fixture
def folder(tmp_path, tiny):
    """A folder with a study of filters alone, which is quick."""
    tiny["methods"] = {name: tiny["methods"][name] for name in ("noisy", "gaussian")}
    tiny["statistics"]["references"] = ["noisy"]
    tiny.pop("published", None)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(tiny, sort_keys=False), encoding="utf-8")
    return tmp_path


@pytest.fixture
def in_namespace(folder):
    """Run shell lines where file systems may be mounted and nobody else sees them."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"]).returncode:
        pytest.skip("this system lets no one mount a file system of their own")

    def run(script):
        words = ["unshare", "-rm", "bash", "-c", script, "bash", str(folder), *command(folder)]
        output = call(words, folder=ROOT)
        assert "Traceback" not in output, output[-4000:]
        return output

    return run


FULL_DISK = """
folder=$1; shift
mkdir -p "$folder/results" && mount -t tmpfs -o size=250k tmpfs "$folder/results"
"$@"; echo "first ended with $?"
mount -o remount,size=200m "$folder/results"
"$@"; echo "second ended with $?"
"""


def test_a_full_disk_is_one_sentence_and_more_space_goes_on(in_namespace):
    output = in_namespace(FULL_DISK)
    first, second = output.split("first ended with ")
    # It is the work that does not fit, whichever job comes first, not the plan.
    assert re.search(r"Error in rule \w+", first)
    assert "cannot be written or read (No space left on device); free some space" in first
    assert second.startswith("1")
    assert "second ended with 0" in second


READ_ONLY = """
folder=$1; shift
mkdir -p "$folder/results" && mount -t tmpfs -o ro tmpfs "$folder/results"
"$@"; echo "ended with $?"
"""


def test_a_read_only_folder_stops_the_plan(in_namespace):
    output = in_namespace(READ_ONLY)
    assert "results/tiny cannot be written to" in output
    assert "ended with 1" in output
    assert "Job stats" not in output


def test_a_file_in_place_of_the_results_stops_the_plan(folder, tiny, snakemake):
    (folder / "results").write_text("mine")
    output = snakemake(tiny, "-n", succeeds=False)
    assert f"{folder / 'results'} is a file; move it out of the way" in output
    assert "Traceback" not in output


def test_a_second_run_in_one_folder_waits_for_nobody_and_harms_nothing(folder):
    options = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    deadline = time.monotonic() + 120
    with subprocess.Popen(command(folder), **options) as first:
        while not list((folder / ".snakemake" / "locks").glob("*")):
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # The first stands still, so that it cannot end before the second begins.
        first.send_signal(signal.SIGSTOP)
        try:
            second = subprocess.run(command(folder), timeout=300, check=False, **options)
        finally:
            first.send_signal(signal.SIGCONT)
        output, _ = first.communicate(timeout=600)
    assert first.returncode == 0, output[-4000:]
    assert second.returncode != 0
    assert "Directory cannot be locked" in second.stdout
    assert "Traceback" not in second.stdout
    assert (folder / TARGET).stat().st_size > 0

"""The list of hashes names what requirements.txt does, and `make` installs by it where asked."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def versions(name):
    """Return the versions that a file of requirements names, by names as pip compares them."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    return {re.sub("[-_.]+", "-", each[1]).lower(): each[2] for each in found if each}


def test_the_hashed_versions_are_those_that_are_tested():
    asked = versions("requirements.txt")
    assert len(asked) > 100
    del asked["torch"]
    assert versions("requirements-hashes.txt") == asked


def test_each_version_has_hashes():
    text = (ROOT / "requirements-hashes.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\w)", re.sub("^#.*\n", "", text, flags=re.MULTILINE)):
        first, *hashes = entry.rstrip().split(" \\\n    ")
        assert "==" in first
        assert hashes
        assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", each) for each in hashes), first


@pytest.mark.parametrize("asked", [True, False])
def test_hashes_come_before_what_they_are_to_guard(asked):
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    words = ["make", "--dry-run", "--always-make", "environment", *["HASHES=1"] * asked]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    installs = [line for line in done.stdout.splitlines() if "pip install" in line]
    assert ("--require-hashes" in installs[0]) == asked
    assert "-r requirements.txt" in installs[asked]

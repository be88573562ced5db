"""A clone that was moved makes its environment anew, and one that stays where it is does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path):
    """A folder with what an installation hangs on, in which an empty environment was made."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    made = [sys.executable, "-m", "venv", "--without-pip", ".venv"]
    subprocess.run(made, cwd=folder, check=True)
    (folder / ".venv/.installed").touch()
    return folder


def planned(folder):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    words = ["make", "--dry-run", "environment", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout


def test_an_environment_that_stays_is_kept(clone):
    assert "pip install" not in planned(clone)


def test_an_environment_whose_clone_was_moved_is_made_anew(clone):
    moved = clone.rename(clone.with_name("another name"))
    said = planned(moved)
    assert f"its environment, of {clone}/.venv, is made anew" in said
    assert said.index("rm -rf .venv") < said.index("-m venv .venv") < said.index("pip install")


def test_one_that_another_program_made_is_let_be(clone):
    (clone / ".venv/pyvenv.cfg").write_text("uv = 0.9\n", encoding="utf-8")
    assert "pip install" not in planned(clone)

from pathlib import Path

import pytest
import yaml
from blind import study, write_frames
from tiny import copy_house, run

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"


@pytest.fixture
def tiny():
    """The tiny study's config, to be changed freely."""
    return yaml.safe_load(TINY.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A house and a folder in which the tiny study has run: whoever changes them, changes back.

    The scripts of its jobs are kept, which hold all that Snakemake told them.
    """
    base = tmp_path_factory.mktemp("tiny")
    house, folder = copy_house(base / "house"), base / "run"
    run(house, folder, "--skip-script-cleanup")
    return house, folder


@pytest.fixture(scope="session")
def finished_blind(tmp_path_factory):
    """A folder in which the study of noisy images has run, on `images` in `run`; its config."""
    folder = tmp_path_factory.mktemp("blind")
    write_frames(folder / "images")
    config = study(folder / "images")
    run(ROOT, folder / "run", config=config)
    return folder, config

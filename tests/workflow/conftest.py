from pathlib import Path

import pytest
import yaml
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

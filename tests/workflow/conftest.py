from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"


@pytest.fixture
def tiny():
    """The tiny study's config, to be changed freely."""
    return yaml.safe_load(TINY.read_text(encoding="utf-8"))

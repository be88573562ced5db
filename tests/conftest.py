import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real microscope images, which the repository does not carry."""
    folder = os.environ.get("DENOISEKIT_SAMPLE_DATA")
    if not folder:
        pytest.skip("DENOISEKIT_SAMPLE_DATA does not name a folder of real images")
    return Path(folder)

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run, and none called slow on a busy machine.
settings.register_profile(
    "gate",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("gate")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real microscope images, which the repository does not carry."""
    folder = os.environ.get("DENOISEKIT_SAMPLE_DATA")
    if not folder:
        pytest.skip("DENOISEKIT_SAMPLE_DATA does not name a folder of real images")
    return Path(folder)

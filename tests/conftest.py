import os
import sys
from pathlib import Path

import pytest
import yaml
from calls import call
from hypothesis import HealthCheck, settings

# Where several tests run at once they share the cores; torch and NumPy look when first imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, and none called slow on a busy machine.
settings.register_profile(
    "gate",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("gate")

ROOT = Path(__file__).resolve().parents[1]


# Those run Snakemake for minutes: begun first, they leave no core idle at the end.
LONG = [ROOT / "tests" / name for name in ("cluster", "real", "workflow")]
# Those share two finished runs, which one worker makes once.
SHARING = [
    f"tests/workflow/test_{name}.py"
    for name in ("runs", "stale", "self_supervised", "fingerprint_mutations")
]


def pytest_collection_modifyitems(items):
    """Begin with the tests that take long, first of all those that one worker has to itself."""
    items.sort(key=lambda item: not any(map(item.path.is_relative_to, LONG)))
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in SHARING)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each worker whole files, and one of them all that share a run."""
    from xdist.scheduler import LoadFileScheduling

    class Shared(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "sharing" if file in SHARING else file

    return Shared(config, log)


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real microscope images, which the repository does not carry."""
    folder = os.environ.get("DENOISEKIT_SAMPLE_DATA")
    if not folder:
        pytest.skip("DENOISEKIT_SAMPLE_DATA does not name a folder of real images")
    return Path(folder)


@pytest.fixture
def snakemake(tmp_path):
    """Run Snakemake on a config in a folder of its own and return what it printed."""
    # A study's paths begin where Snakemake runs.
    (tmp_path / "config").symlink_to(ROOT / "config")

    def run(config, *arguments, succeeds=True):
        file = tmp_path / "study.yaml"
        file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--directory", str(tmp_path), "--configfile", str(file), "--cores", "2"]
        return call([*command, *arguments], folder=ROOT, succeeds=succeeds)

    return run

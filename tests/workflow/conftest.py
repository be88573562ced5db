import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"


@pytest.fixture
def tiny():
    """The tiny study's config, to be changed freely."""
    return yaml.safe_load(TINY.read_text(encoding="utf-8"))


@pytest.fixture
def snakemake(tmp_path):
    """Run Snakemake on a config in a folder of its own and return what it printed."""

    def run(config, *arguments, succeeds=True):
        file = tmp_path / "study.yaml"
        file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--directory", str(tmp_path), "--configfile", str(file), "--cores", "2"]
        done = subprocess.run(
            [*command, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        assert (done.returncode == 0) == succeeds, done.stdout[-6000:]
        return done.stdout

    return run

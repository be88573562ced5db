"""The tiny study, and how it is run in a copy of the house."""

import shutil
import sys
from pathlib import Path

import yaml
from calls import call

ROOT = Path(__file__).resolve().parents[2]
PARTS = ["Snakefile", "config", "envs", "profiles", "src", "workflow"]
TINY = yaml.safe_load((ROOT / "tests/workflow/tiny.yaml").read_text(encoding="utf-8"))
TINY["published"] = str(ROOT / TINY["published"])


def copy_house(folder):
    """Copy what a run needs, so that a test may change the code."""
    folder.mkdir()
    for part in PARTS:
        source = ROOT / part
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        copy = shutil.copytree if source.is_dir() else shutil.copy
        options = {"ignore": ignored} if source.is_dir() else {}
        copy(source, folder / part, **options)
    return folder


def command(house, folder, *arguments):
    file = folder / "study.yaml"
    return [
        *[sys.executable, "-m", "snakemake", "--snakefile", str(house / "Snakefile")],
        *["--directory", str(folder), "--configfile", str(file), "--cores", "2", *arguments],
    ]


def run(house, folder, *arguments, config=TINY):
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return call(command(house, folder, *arguments), folder=house)

"""Kill a study at random moments, go on each time, and compare its tables with an unbroken run's.

Usage: python benchmarks/kills.py config/quickstart.yaml --kills 20 --seed 0 --like FOLDER

FOLDER is a working directory in which the same study has run unbroken. Prints when each kill came
and what was finished by then, and ends with 1 if a table differs or a finished file was lost.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def command(config: Path, folder: Path, *options: str) -> list[str]:
    """Return the command that runs, or unlocks, the study in a folder."""
    return [
        *[sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")],
        *["--directory", str(folder), "--configfile", str(config), "--cores", "all", *options],
    ]


def run(config: Path, folder: Path, *, seconds: float | None) -> bool:
    """Run the study, kill it and all it started after some seconds, and say whether it ended."""
    with (folder / "output.log").open("ab") as log:
        process = subprocess.Popen(
            command(config, folder), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            if process.wait(timeout=seconds):
                raise SystemExit(f"The study failed by itself; {folder / 'output.log'} says why.")
            return True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    subprocess.run(command(config, folder, "--unlock"), cwd=ROOT, check=True, capture_output=True)
    return False


def finished(folder: Path) -> set[Path]:
    """Return the scores and weights that lie in a folder whole."""
    results = folder / "results"
    kinds = ("*/scores/**/*.tsv", "*/models/**/*.safetensors")
    return {path for kind in kinds for path in results.glob(kind) if not path.name.startswith(".")}


def tables(folder: Path, study: str) -> dict[str, bytes]:
    """Return the content of a study's tables by name."""
    root = folder / "results" / study / "tables"
    return {path.name: path.read_bytes() for path in sorted(root.glob("*.tsv"))}


def main() -> int:
    """Kill, go on and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--longest", type=float, default=60, help="longest time between kills in s")
    parser.add_argument("--like", type=Path, required=True)
    options = parser.parse_args()
    config, study = options.config.resolve(), yaml.safe_load(options.config.read_text())["study"]
    rng, start, lost = random.Random(options.seed), time.monotonic(), 0
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    # A study's paths begin where Snakemake runs.
    (folder / "config").symlink_to(ROOT / "config")
    for number in range(1, options.kills + 1):
        before = finished(folder)
        if run(config, folder, seconds=rng.uniform(3, options.longest)):
            print(f"the study ended before kill {number}")
            break
        lost += len(before - finished(folder))
        print(
            f"kill {number} after {time.monotonic() - start:.0f} s: {len(finished(folder))} files"
        )
    run(config, folder, seconds=None)
    mine, theirs = tables(folder, study), tables(options.like, study)
    different = [name for name in theirs if mine.get(name) != theirs[name]]
    print(f"finished files lost: {lost}; tables that differ: {different or 'none'}")
    return int(lost > 0 or bool(different))


if __name__ == "__main__":
    sys.exit(main())

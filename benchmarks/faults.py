"""Break runs in many ways, go on each time, and compare with what an unbroken run gives.

Usage: python benchmarks/faults.py --trials 100 --seed 0 [--only denoise-kills ...]

The study has a simulated data set, a folder of images, two filters and a network; `denoise`
restores three movies by that network, `export` packs it. Each campaign breaks one of these in one
way as many times as asked: signals at random moments, files that may not grow beyond a random size,
two runs at once, dates that lie. Then the same command is given again, and what it leaves is held
against an unbroken run's, byte by byte. Allowed are the same bytes, after one sentence where a run
could tell; prints a table of what came, and ends with 1 if there was anything else.
"""

import argparse
import functools
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
import yaml

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-c", "from denoisekit.cli import app; app(prog_name='denoisekit')"]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
TOLD = ("Error: ", "Stopped by ")
DECADE = 3e8


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, and what it wrote to its standard error."""

    code: int
    told: str


def run(
    words: list[str],
    folder: Path,
    *,
    seconds: float | None = None,
    number: int = signal.SIGKILL,
    most_bytes: int | None = None,
) -> Ended:
    """Run a command, send its group a signal after some seconds, and bound the files it writes."""

    def bound() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    process = subprocess.Popen(
        words,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=bound,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    try:
        _, told = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, number)
        _, told = process.communicate()
    return Ended(process.returncode, told)


def digests(folder: Path, pattern: str) -> dict[str, str]:
    """Return the sha256 of the files below a folder, of archives that of all they hold."""
    found = {}
    for path in sorted(folder.glob(pattern)):
        if not path.is_file() or path.name.startswith("."):
            continue
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                # The description has the time at which it was made.
                names = [name for name in packed.namelist() if name != "rdf.yaml"]
                content = b"".join(packed.read(name) for name in sorted(names))
        else:
            content = path.read_bytes()
        found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


def told_badly(ended: Ended) -> str | None:
    """Say what is wrong with how a command ended, or None."""
    if "Traceback" in ended.told:
        return "traceback"
    sentences = [line for line in ended.told.splitlines() if line.startswith(TOLD)]
    if ended.code > 0 and len(sentences) != 1:
        return f"{len(sentences)} sentences"
    return None


class Campaigns:
    """A folder with a finished study and what the commands gave unbroken."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder, self.rng = folder, rng
        noise = np.random.default_rng(0)
        for number in range(3):
            movie = noise.poisson(60, (4, 96, 96)).astype(np.uint16)
            for place in ("images", "mine"):
                path = folder / place / f"{number}.tif"
                path.parent.mkdir(parents=True, exist_ok=True)
                tifffile.imwrite(path, movie, imagej=True, metadata={"axes": "TYX"})
        config = yaml.safe_load((ROOT / "tests/workflow/tiny.yaml").read_text(encoding="utf-8"))
        for kind in ("datasets", "train_sets", "test_sets"):
            config[kind].pop("actin-movie")
        config["datasets"]["mine"] = {
            "pixel_size_um": 0.1,
            "folder": {"low": str(folder / "mine/*"), "pages": "movie"},
        }
        config["test_sets"]["mine"] = {"dataset": "mine"}
        config["experiments"] = {
            "AA": {"train_set": "actin", "test_set": "actin", "description": "Simulated"},
            "AN": {"train_set": "actin", "test_set": "mine", "description": "A folder"},
        }
        config["methods"].pop("laplace")
        config["statistics"]["references"] = ["mae"]
        del config["published"]
        (folder / "study.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        self.whole = folder / "whole"
        self.whole.mkdir()
        self.seconds = {}
        for name in ("study", "denoise", "export"):
            start = time.monotonic()
            ended = run(self.words(name, self.whole), self.whole)
            self.seconds[name] = time.monotonic() - start
            if ended.code:
                raise SystemExit(f"{name} failed by itself:\n{ended.told}")

    def words(self, name: str, folder: Path, *options: str) -> list[str]:
        """Return a command that works in a folder."""
        model = str(self.whole / "results/tiny/models/actin/mae/seed0")
        if name == "denoise":
            return [*COMMAND, "denoise", str(self.folder / "images"), "--model", model]
        if name == "export":
            told = ["--author", "A", "--license", "MIT", "--trained-on", "Cells.", "--overwrite"]
            image = str(self.folder / "images/0.tif")
            return [*COMMAND, "export", model, "a.zip", "--image", image, *told]
        return [
            *[sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")],
            *["--directory", str(folder), "--configfile", str(self.folder / "study.yaml")],
            *["--cores", "1", "--rerun-incomplete", *options],
        ]

    def compared(self, name: str, folder: Path) -> str:
        """Give a command again until its end, and say whether it left what an unbroken one did."""
        if name == "study":
            run(self.words(name, folder, "--unlock"), folder)
        ended = run(self.words(name, folder), folder)
        if ended.code:
            print(f"{name} did not go on:\n{ended.told[-2000:]}", flush=True)
            return "lost"
        pattern = {
            "study": "results/tiny/[rst]*/**/*.t*",
            "denoise": "denoised/*.tif",
            "export": "a.zip",
        }
        mine, theirs = (digests(place, pattern[name]) for place in (folder, self.whole))
        different = sorted(key for key in {*mine, *theirs} if mine.get(key) != theirs.get(key))
        if different:
            print(f"{name} gave other files: {different[:5]}", flush=True)
            return "other bytes"
        there = folder.rglob(".*") if name != "study" else ()
        hidden = [path.name for path in there if path.name != ".denoised.tsv"]
        return f"left {hidden}" if hidden else "same bytes"

    def kills(self, name: str, folder: Path) -> str:
        """Send a signal at a random moment, and go on."""
        number = self.rng.choice(SIGNALS)
        seconds = self.rng.uniform(0, self.seconds[name])
        ended = run(self.words(name, folder), folder, seconds=seconds, number=number)
        if name != "study" and (bad := told_badly(ended)):
            print(f"{number.name} after {seconds:.2f} s:\n{ended.told[-2000:]}", flush=True)
            return bad
        return self.compared(name, folder)

    def study_kills(self, folder: Path) -> str:
        """Kill a study five times on its way, and go on."""
        for _ in range(5):
            seconds = self.rng.uniform(0, self.seconds["study"] / 2)
            run(self.words("study", folder), folder, seconds=seconds)
            run(self.words("study", folder, "--unlock"), folder)
        return self.compared("study", folder)

    def full(self, name: str, folder: Path) -> str:
        """Let no file grow beyond a random size, and go on without that."""
        largest = max(path.stat().st_size for path in self.whole.rglob("*") if path.is_file())
        most = int(largest ** self.rng.uniform(0.3, 1))
        ended = run(self.words(name, folder), folder, most_bytes=most)
        if name != "study" and (bad := told_badly(ended)):
            print(f"at most {most} bytes:\n{ended.told[-2000:]}", flush=True)
            return bad
        return self.compared(name, folder)

    def twice(self, name: str, folder: Path) -> str:
        """Start a command twice, the second at a random moment of the first."""
        first = subprocess.Popen(
            self.words(name, folder),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        time.sleep(self.rng.uniform(0, self.seconds[name]))
        ended = run(self.words(name, folder), folder)
        if first.wait() and not ended.code:
            print(f"the first {name} failed, and the second did not", flush=True)
        if name != "study":
            return told_badly(ended) or self.compared(name, folder)
        if ended.code and "cannot be locked" not in ended.told:
            print(f"the second study:\n{ended.told[-2000:]}", flush=True)
            return "no word of the lock"
        if ended.code and first.returncode:
            return "both failed"
        return self.compared(name, folder)

    def clock(self, folder: Path) -> str:
        """Move the dates of images by up to ten years between two runs of a study."""
        for path in (self.folder / "mine").iterdir():
            date = time.time() + self.rng.uniform(-DECADE, DECADE)
            os.utime(path, (date, date))
        planned = subprocess.run(
            self.words("study", self.whole, "--dry-run"),
            cwd=self.whole,
            capture_output=True,
            text=True,
            check=False,
        )
        if "Nothing to be done" not in planned.stdout + planned.stderr:
            return "runs again"
        return "same bytes"

    def all(self) -> dict[str, Callable[[Path], str]]:
        """Return the campaigns by name."""
        found: dict[str, Any] = {"study-kills": self.study_kills, "study-dates": self.clock}
        for name in ("denoise", "export"):
            for kind in ("kills", "full", "twice"):
                found[f"{name}-{kind}"] = functools.partial(getattr(self, kind), name)
        found["study-full"] = functools.partial(self.full, "study")
        found["study-twice"] = functools.partial(self.twice, "study")
        return found


def main() -> int:
    """Run the campaigns, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, required=True, help="of each campaign")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--only", nargs="+", help="campaigns; all if not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        campaigns = Campaigns(Path(name), random.Random(options.seed))
        known, came = campaigns.all(), Counter[tuple[str, str]]()
        for number in range(options.trials):
            for campaign in options.only or known:
                folder = Path(name, f"{campaign}-{number}")
                folder.mkdir()
                came[campaign, known[campaign](folder)] += 1
                shutil.rmtree(folder)
            # In turns, and told after each, so that a run that is stopped has something of all.
            for (kind, outcome), count in sorted(came.items()):
                print(f"| {kind} | {outcome} | {count} |", flush=True)
    return int(any(outcome != "same bytes" for _, outcome in came))


if __name__ == "__main__":
    sys.exit(main())

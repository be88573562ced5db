"""Read what only the page shows: pictures to compare, and how long jobs took."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from _benchmarks import read_benchmarks
from denoisekit import files
from denoisekit.report.viewer import Scene


def read_scene(folder: Path) -> Scene:
    """Read the pictures that the viewer shows of an experiment."""
    pictures = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.png"))}
    return Scene(card=files.read_json(folder / "card.json"), pictures=pictures)


def read_jobs(folder: Path, *, names: Collection[str]) -> pd.DataFrame:
    """Read Snakemake's benchmarks of a study; `names` are as `read_benchmarks` wants them."""
    rows = []
    for (rule, *job), measured, _ in read_benchmarks(folder, names=names):
        memory = pd.to_numeric(measured["max_rss"], errors="coerce")
        rows.append([rule, "/".join(job), float(measured["s"]), memory])
    return pd.DataFrame(rows, columns=["rule", "job", "seconds", "memory_mb"])

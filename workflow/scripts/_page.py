"""Read what only the page shows: pictures to compare, and how long jobs took."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from denoisekit import io
from denoisekit.report.viewer import Scene


def read_scene(folder: Path) -> Scene:
    """Read the pictures that the viewer shows of an experiment."""
    pictures = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.png"))}
    return Scene(card=io.read_json(folder / "card.json"), pictures=pictures)


def read_jobs(folder: Path, *, names: Collection[str]) -> pd.DataFrame:
    """Read Snakemake's benchmarks, a file per job in a folder per rule; not the page's own.

    Benchmarks of what a study no longer has stay there: `names` are the words that the others'
    paths are made of.
    """
    rows = []
    for path in sorted(folder.rglob("*.tsv")):
        rule, *job = path.relative_to(folder).with_suffix("").parts
        if rule == "write_report" or not {rule, *job} <= set(names):
            continue
        (measured,) = io.read_table(path)
        memory = pd.to_numeric(measured["max_rss"], errors="coerce")
        rows.append([rule, "/".join(job), float(measured["s"]), memory])
    return pd.DataFrame(rows, columns=["rule", "job", "seconds", "memory_mb"])

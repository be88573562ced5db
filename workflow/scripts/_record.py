"""Keep what a study ran with: its code, its settings and seeds, and what it took."""

import shutil
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from _benchmarks import read_benchmarks
from denoisekit.provenance import without_places


def copy_code(shipped: Path, target: Path) -> None:
    """Copy the workflow and the library, as they are, changes without a commit included."""
    # An installed library has the workflow in it.
    ignored = shutil.ignore_patterns("__pycache__", ".*", "shipped")
    for part in ("workflow", "envs"):
        shutil.copytree(shipped / part, target / part, ignore=ignored)
    library = Path(find_spec("denoisekit").origin).parent
    shutil.copytree(library, target / "src" / "denoisekit", ignore=ignored)
    shutil.copy(shipped / "Snakefile", target)


def settings_text(config: Mapping[str, Any]) -> str:
    """Return a study as YAML; absolute paths, which tell of a machine, are cut to their ends."""
    said = (
        "# The settings that ran, all files and options merged; of absolute paths the last name.\n"
    )
    return said + yaml.safe_dump(without_places(config), sort_keys=False, allow_unicode=True)


def seeds(config: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every seed of a study by its name in the settings, such as ``patches.seed``."""
    for key, value in config.items():
        if key in ("seed", "seeds", "more_seeds"):
            yield f"{above}{key}", value
        elif isinstance(value, Mapping):
            yield from seeds(value, f"{above}{key}.")


def times(folder: Path, *, names: Collection[str]) -> tuple[datetime, datetime, dict[str, float]]:
    """Return when the first job began and the last ended, and what all of them took."""
    jobs = list(read_benchmarks(folder, names=names))
    ended = [path.stat().st_mtime for _, _, path in jobs]
    seconds = [float(measured["s"]) for _, measured, _ in jobs]
    # Jobs that end at once are gone before their memory is measured.
    memory = [job["max_rss"] for _, job, _ in jobs if job["max_rss"][:1].isdigit()]
    usage = {
        "jobs": len(jobs),
        "seconds of all jobs": round(sum(seconds), 2),
        "most memory of a job in MB": max(map(float, memory), default=0.0),
    }
    began = min(end - took for end, took in zip(ended, seconds, strict=True))
    return datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(max(ended), UTC), usage

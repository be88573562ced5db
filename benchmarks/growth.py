"""Measure how the cost of a study grows with what it is asked for.

Usage: python benchmarks/growth.py [--only pairs side ...] [--folder kept/]

For each thing that may grow (pairs to train on and to test on, side of an image, networks, planes
of a volume, frames of a movie) a small study of simulated images runs whole, on one core, at three
sizes, each the same multiple of the one before. Training takes the same few steps in each, since
its length is asked for by itself, and simulating is left out. Of seconds and of bytes in results,
``a + b x^p`` goes through the three sizes: p is the exponent, and what one more costs is what the
last step added, shared out. Prints a table, and stages whose seconds grow clearly faster than in
proportion.
"""

import argparse
import copy
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from denoisekit.files import read_table

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = ("simulate", "train")
# Jobs of a second vary by some tenths of it: of a stage that grows by less, nothing can be told.
LEAST_SECONDS = 3.0
STEEP = 1.2
CAMERA = {
    **{"gain": 2.2, "offset": 100, "read_noise": 1.6, "read_noise_spread": 0, "pixel_offset": 0},
    **{"column_offset": 0, "row_noise": 0, "bits": 16},
}
Sizes = tuple[int, int, int]


def base() -> dict[str, Any]:
    """Return the smallest study that all grow from: stills, a network and three filters."""
    still = {
        **{"structure": "actin", "size": 192, "train_images": 4, "test_images": 4},
        **{"movie_frames": 0, "exposures_ms": [1, 100], "light": 20, "light_spread": 0.2},
        **{"background": 0.5, "camera": CAMERA, "max_shift_px": 0, "seed": 1},
        "optics": {
            **{"numerical_aperture": 1.3, "refractive_index": 1.406, "emission_um": 0.6},
            "spherical_waves": 0.08,
        },
        "motion": {
            **{"flow_um_per_s": 0.05, "wander_um_per_s": 0, "frame_interval_s": 0.5},
            **{"pair_delay_s": 0.01, "bleaching_per_s": 0.001},
        },
    }
    return {
        **{"study": "growth", "title": "Growth", "description": "-"},
        "datasets": {"cells": {"pixel_size_um": 0.108, "simulate": still}},
        "train_sets": {"cells": {"dataset": "cells", "patch_size": 32}},
        "test_sets": {"cells": {"dataset": "cells"}},
        "experiments": {"AA": {"train_set": "cells", "test_set": "cells", "description": "-"}},
        "methods": {
            "noisy": {"filter": "noisy"},
            "gaussian": {"filter": "gaussian"},
            "nlm": {"filter": "nlm", "options": {"patch_size": 5, "patch_distance": 6}},
            "laplace": {"network": "unet", "objective": "supervised", "loss": "laplace"},
        },
        "networks": {
            "unet": {"architecture": "unet", "depth": 1, "kernel_size": 3, "first_filters": 8}
        },
        "seeds": [0],
        "patches": {"per_image": 20, "validation_fraction": 0.2, "seed": 0},
        "training": {
            **{"epochs": 1, "steps_per_epoch": 10, "batch_size": 4, "learning_rate": 0.002},
            **{"schedule": {"name": "plateau", "factor": 0.5, "patience": 10}, "augment": False},
            "precision": "mixed",
        },
        "prediction": {
            **{"weights": "last", "percentiles": [2, 99.8], "tile": 512, "precision": "mixed"}
        },
        "conventions": ["care", "hagen"],
        "statistics": {
            **{"references": ["laplace"], "alpha": 0.05, "margins": {"psnr": 0.1}},
            "family": {
                **{"experiments": "all", "methods": "all", "metrics": ["psnr"]},
                "conventions": ["care"],
            },
        },
        "figures": {"inset_px": 32},
    }


def simulated(study: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Change what is simulated."""
    study["datasets"]["cells"]["simulate"] |= changes
    return study


def networks(study: dict[str, Any], count: int) -> dict[str, Any]:
    """Train so many networks."""
    return study | {"seeds": list(range(count))}


def planes(study: dict[str, Any], count: int) -> dict[str, Any]:
    """Take volumes of so many planes."""
    light = {key: study["datasets"]["cells"]["simulate"][key] for key in ("light", "background")}
    study["datasets"]["cells"] |= {
        **{"pixel_size_um": 0.15, "z_spacing_um": 0.4},
        "simulate": {
            **light,
            **{"structure": "nuclei", "shape": [count, 128, 128], "train_images": 4},
            **{"test_images": 4, "exposures_ms": [1, 60], "light_spread": 0.2, "camera": CAMERA},
            "nuclei": {"per_1000_um3": 25, "radius_um": [0.9, 1.5], "touching": 0.5},
            "optics": {"lateral_sigma_um": 0.16, "axial_sigma_um": 0.45},
            "seed": 1,
        },
    }
    study["train_sets"]["cells"]["patch_size"] = [8, 32, 32]
    study["methods"]["nlm"]["options"] = {"patch_size": 3, "patch_distance": 2}
    return study


GROWN: dict[str, tuple[str, Sizes, Callable[[dict[str, Any], int], dict[str, Any]]]] = {
    "pairs": ("pair to train on", (4, 16, 64), lambda s, n: simulated(s, train_images=n)),
    "tests": ("pair to test on", (4, 16, 64), lambda s, n: simulated(s, test_images=n)),
    "side": ("pixel of a side", (192, 384, 768), lambda s, n: simulated(s, size=n)),
    "networks": ("network", (1, 4, 16), networks),
    "planes": ("plane of a volume", (12, 48, 192), planes),
    "frames": (
        "frame of a movie",
        (4, 16, 64),
        lambda s, n: simulated(s, structure="dendra", test_images=0, movie_frames=n),
    ),
}


def run(study: Mapping[str, Any], folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Run a study on one core, and return seconds by stage, and totals."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    words = [
        *[sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")],
        *["--directory", str(folder), "--configfile", str(folder / "study.yaml")],
        *["--cores", "1", "--quiet", "all"],
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"A study failed:\n{done.stderr[-3000:]}")
    results = folder / "results/growth"
    seconds: dict[str, float] = defaultdict(float)
    memory = {}
    for path in (results / "benchmarks").rglob("*.tsv"):
        stage = path.relative_to(results / "benchmarks").parts[0].removesuffix(".tsv")
        if not stage.startswith(LEFT_OUT):
            (row,) = read_table(path)
            seconds[stage] += float(row["s"])
            memory[path] = float(row["max_rss"].replace("NA", "nan").replace("-", "nan"))
    files = [path for path in results.rglob("*") if path.is_file()]
    totals = {
        "seconds": sum(seconds.values()),
        "MB": sum(path.stat().st_size for path in files) / 1e6,
        "memory": max(value for value in memory.values() if not math.isnan(value)),
    }
    return dict(seconds), totals


def growth(costs: tuple[float, float, float], sizes: Sizes) -> tuple[float, float]:
    """Return the exponent of ``a + b x^p`` through three sizes, and what one more costs."""
    first, second = costs[1] - costs[0], costs[2] - costs[1]
    grows = first > 0 and second > 0
    exponent = math.log(second / first, sizes[1] / sizes[0]) if grows else math.nan
    return exponent, second / (sizes[2] - sizes[1])


def told(value: float, unit: str = "") -> str:
    """Return a number to two digits, or a dash."""
    return "–" if math.isnan(value) else f"{value:.2g}{unit}"


def main() -> None:
    """Run all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=GROWN, default=list(GROWN))
    parser.add_argument(
        "--folder", type=Path, help="where to keep the runs; thrown away if not given"
    )
    options = parser.parse_args()
    rows, steep = [], []
    with tempfile.TemporaryDirectory() as temporary:
        place = options.folder or Path(temporary)
        for name in options.only:
            unit, sizes, grow = GROWN[name]
            found = []
            for size in sizes:
                study = grow(copy.deepcopy(base()), size)
                found.append(run(study, (place / f"{name}-{size}").absolute()))
                print(f"{name} {size}: {found[-1][1]['seconds']:.1f} s", file=sys.stderr)
            stages, totals = zip(*found, strict=True)
            seconds, size_mb = (tuple(one[key] for one in totals) for key in ("seconds", "MB"))
            exponent, each = growth(seconds, sizes)
            bytes_exponent, mb_each = growth(size_mb, sizes)
            rows.append(
                f"| {unit} | {', '.join(map(str, sizes))} | "
                f"{', '.join(f'{value:.0f}' for value in seconds)} | {told(each)} | "
                f"{told(exponent)} | {told(1000 * mb_each)} | {told(bytes_exponent)} | "
                f"{', '.join(format(one['memory'], '.0f') for one in totals)} |"
            )
            for stage in stages[2]:
                costs = tuple(one.get(stage, 0.0) for one in stages)
                power, _ = growth(costs, sizes)
                added = costs[2] - costs[1]
                if added >= LEAST_SECONDS and power > STEEP * (1 + (name == "side")):
                    spent = ", ".join(f"{cost:.1f}" for cost in costs)
                    steep.append(f"- {unit}: `{stage}`, {power:.1f} ({spent} s)")
    print(
        "| one more | sizes | seconds of jobs | s each | exponent | kB each | exponent | most MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))
    print("\n" + ("\n".join(steep) or "No stage grows faster than in proportion."))


if __name__ == "__main__":
    main()

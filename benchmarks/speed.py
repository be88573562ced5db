"""Measure how fast this machine trains, restores, filters, scores and plans.

Usage: python benchmarks/speed.py [--only NAME ...]

Every case runs in a process of its own, one after another. Each is added to
benchmarks/results/<machine>.json and .md, with the share that it reaches of what the machine can do
at best.
"""

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cases
import machine

RESULTS = Path(__file__).with_name("results")


def measure(case: Callable[..., dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
    """Run a case in this process, and add the process's peak memory."""
    row = case(**options)
    return {**row, "peak_mb": row.get("peak_mb", machine.peak_mb())}


def measure_apart(case: Callable[..., dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
    """Run a case in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, case, options).result()


def shares(row: dict[str, Any], ceiling: dict[str, float]) -> dict[str, Any]:
    """Add the share of the ceilings that a case reaches, where it counts operations."""
    if "flops" not in row:
        return row
    flops, moved = row["flops"] / row["seconds"], row["bytes"] / row["seconds"]
    return {
        **row,
        "tflop_per_s": round(flops / 1e12, 3),
        "share_of_flops": round(flops / ceiling[row["computed_in"]], 3),
        "gb_per_s": round(moved / 1e9, 2),
        "share_of_bytes": round(moved / ceiling["bytes"], 3),
    }


def table(facts: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Return all that was measured as Markdown."""
    lines = [f"# {facts['name']}", ""]
    lines += [f"- {key}: {value}" for key, value in facts.items() if key != "name"]
    lines += [
        "",
        "| case | time | per second | peak memory | of the machine's FLOP/s | of its bytes/s |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        shared = [row.get(key) for key in ("share_of_flops", "share_of_bytes")]
        share = ["" if value is None else f"{value:.0%}" for value in shared]
        rate = f"{row['count'] / row['seconds']:.3g} {row['unit']}" if "unit" in row else ""
        cells = [row["case"], duration(row["seconds"]), rate, f"{row['peak_mb']:.0f} MB", *share]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def duration(seconds: float) -> str:
    """Return seconds as text, in the unit that reads best."""
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def main() -> None:
    """Measure all cases, or those named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="measure only the cases with these words in their name, and write nothing",
    )
    chosen = parser.parse_args().only
    ceiling = measure_apart(machine.ceiling, {})
    facts = {**machine.describe(), "date": date.today().isoformat()}
    for key in ("float32", "bfloat16", "float16", "bytes"):
        facts[f"at best, {key}"] = f"{ceiling[key] / 1e12:.3g} T/s"
    RESULTS.mkdir(exist_ok=True)
    path, rows = RESULTS / facts["file"], []
    for name, case, options in cases.all_cases():
        if not all(word in name for word in chosen):
            continue
        row = shares({"case": name, **measure_apart(case, options)}, ceiling)
        rows.append(row)
        print(f"{name}: {duration(row['seconds'])}, {row['peak_mb']:.0f} MB", flush=True)
        if not chosen:
            path.with_suffix(".json").write_text(
                json.dumps({"machine": facts, "cases": rows}, indent=1)
            )
            path.with_suffix(".md").write_text(table(facts, rows))


if __name__ == "__main__":
    main()

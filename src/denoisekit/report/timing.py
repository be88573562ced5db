"""Say how long the jobs of a run took, from Snakemake's benchmarks."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label
from denoisekit.study.runs import Run

_SLOWEST = 5
_RESTORING = ("filter", "predict", "predict_posterior", "run_command", "apply_model", "run_package")


def timing_sentences(jobs: pd.DataFrame) -> list[str]:
    """Say what all jobs took together, and which took longest.

    Parameters
    ----------
    jobs
        rule, job (its path under the rule, or empty), seconds and memory_mb, a row per job.
    """
    if jobs.empty:
        return []
    total = jobs["seconds"].sum()
    by_rule = jobs.groupby("rule")["seconds"].sum().sort_values(ascending=False)
    slowest = jobs.nlargest(_SLOWEST, "seconds", keep="first")
    named = [
        f"{' '.join(filter(None, (row.rule, row.job)))} ({row.seconds:,.0f} s)"
        for row in slowest.itertuples()
    ]
    return [
        f"The last runs of the {len(jobs):,} jobs before this page took {_duration(total)} in sum, "
        f"{by_rule.iloc[0] / max(total, 1e-9):.0%} of it in {by_rule.index[0]}.",
        f"The slowest: {listed(named)}.",
    ]


def timing_table(jobs: pd.DataFrame) -> Table:
    """Set the seconds of the jobs, rule by rule, those that took most first."""
    grouped = jobs.groupby("rule")
    frame = pd.DataFrame(
        {
            "Jobs": grouped.size(),
            "Seconds in all": grouped["seconds"].sum(),
            "Median (s)": grouped["seconds"].median(),
            "Longest (s)": grouped["seconds"].max(),
            "Most memory (MB)": grouped["memory_mb"].max(),
        }
    )
    frame = frame.sort_values("Seconds in all", ascending=False)
    formats = dict.fromkeys(("Seconds in all", "Median (s)", "Longest (s)"), fixed(1))
    return Table(
        "Seconds of the jobs, by rule",
        frame.rename_axis("Rule").reset_index(),
        formats | dict.fromkeys(("Jobs", "Most memory (MB)"), "{:,.0f}".format),
        notes=(
            "Wall-clock seconds, from Snakemake's benchmark of every job.",
            "Of a training that was interrupted, its last part alone.",
        ),
    )


def methods_timing(
    jobs: pd.DataFrame,
    *,
    cards: Mapping[tuple[str, str, str], Mapping[str, Any]],
    experiments: pd.DataFrame,
) -> Table:
    """Set how long each method trained a network, and how long it took to restore an image.

    Parameters
    ----------
    jobs
        As `timing_sentences` takes them.
    cards
        Cards of the models by train set, method and seed.
    experiments
        The table of experiments, which says how many images a test set has.
    """
    trained = pd.DataFrame(
        [[method, card["device"], card["seconds"]] for (_, method, _), card in cards.items()],
        columns=["method", "device", "seconds"],
    ).groupby("method", sort=False)
    images = dict(zip(experiments["test_set"], experiments["test_images"], strict=True))
    restored = jobs[jobs["rule"].isin(_RESTORING)]
    # A job is called <test set>/<run>.
    test_set, run = restored["job"].str.split("/").str[0], restored["job"].str.split("/").str[1]
    per_image = restored["seconds"] / test_set.map(images)
    per_image = per_image.groupby(run.map(lambda name: Run.parse(name).method))
    frame = pd.DataFrame(
        {
            "Networks": trained.size(),
            "Trained on": trained["device"].agg(lambda names: listed(sorted(set(names)))),
            "Training (s)": trained["seconds"].median(),
            "Restoring an image (s)": per_image.median(),
        }
    ).drop(index="noisy", errors="ignore")
    frame.index = frame.index.map(method_label)
    formats = {"Networks": fixed(0), "Training (s)": fixed(0), "Restoring an image (s)": fixed(2)}
    members = "An ensemble takes the seconds of all its networks together."
    return Table(
        "Seconds of each method, medians",
        frame.rename_axis("Method").reset_index(),
        formats,
        notes=(
            "Restoring: the seconds of a job, its start among them, over its images; with few "
            "images the start is most of it.",
            *([members] if "predict_ensemble" in set(jobs["rule"]) else []),
        ),
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "under 1 s"

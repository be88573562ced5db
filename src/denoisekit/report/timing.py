"""Say how long the jobs of a run took, from Snakemake's benchmarks."""

import pandas as pd

from denoisekit.typeset import Table, fixed, listed

_SLOWEST = 5


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


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "under 1 s"

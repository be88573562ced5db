"""Read the scores of every run, where there are any."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from denoisekit.statistics import scores, tables


def read_runs(files: Any, settings: Mapping[str, Any]) -> pd.DataFrame | None:
    """Read the scores of every run, if there are any; `settings` as those of tables of scores."""
    if not files.scores:
        return None
    return scores.runs_by_experiment(
        tables.read(files.scores, scores.SCORES),
        tables.read(files.experiments, scores.EXPERIMENTS),
        methods=settings["methods"],
        outside=settings["outside"],
    )

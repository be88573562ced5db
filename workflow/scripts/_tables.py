"""Read the tables that a study may lack."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from denoisekit.published import noise_regimes
from denoisekit.statistics import (
    calibration,
    comparisons,
    controls,
    conventions,
    dose,
    looks,
    residuals,
    scores,
    segmentation,
    sharpness,
    tables,
    without_truth,
)

_COLUMNS = {
    "summary": scores.SUMMARY,
    "comparisons": comparisons.COLUMNS,
    "compared": conventions.COLUMNS,
    "left_out": conventions.CHECKS,
    "sharpness": sharpness.AVERAGED,
    "calibration": calibration.AVERAGED,
    "residuals": residuals.MEASURED,
    "isotropy": sharpness.AVERAGED,
    "controls": controls.MEASURED,
    "segmentation": segmentation.AVERAGED,
    "segmentation_tests": comparisons.COLUMNS,
    "without_truth": without_truth.RANKED,
    "least_light": dose.LEAST,
    "looks": looks.COLUMNS,
    "regimes": noise_regimes.COLUMNS,
}


def read_tables(files: Any) -> dict[str, pd.DataFrame | None]:
    """Read tables by name; those that a study lacks, as one without any truth scores, are None."""
    return {
        name: tables.read(files[name], columns) if files[name] else None
        for name, columns in _COLUMNS.items()
    }


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

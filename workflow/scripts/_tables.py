"""Read the tables that a study may lack."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from denoisekit.published import care, noise_regimes
from denoisekit.statistics import (
    calibration,
    comparisons,
    controls,
    conventions,
    dose,
    looks,
    ranges,
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
    "depth": sharpness.AVERAGED,
    "resolution": sharpness.AVERAGED,
    "controls": controls.MEASURED,
    "segmentation": segmentation.AVERAGED,
    "segmentation_tests": comparisons.COLUMNS,
    "without_truth": without_truth.RANKED,
    "least_light": dose.LEAST,
    "looks": looks.COLUMNS,
    "ranges": ranges.COLUMNS,
    "regimes": noise_regimes.COLUMNS,
    "claims": care.COLUMNS,
}


def read_tables(
    files: Any, names: Collection[str] = tuple(_COLUMNS)
) -> dict[str, pd.DataFrame | None]:
    """Read tables by name; those that a study lacks, as one without any truth scores, are None."""
    return {
        name: tables.read(files[name], _COLUMNS[name]) if files[name] else None for name in names
    }

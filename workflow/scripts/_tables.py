"""Read the tables that a study may lack."""

from collections.abc import Collection, Mapping
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


def read_tables(files: Any, names: Collection[str] | None = None) -> dict[str, pd.DataFrame | None]:
    """Read tables by name, or all; those that a study lacks, as one without truth, are None."""
    columns: dict[str, Mapping[str, type]] = {
        "summary": scores.summary_columns(),
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
    return {
        name: tables.read(files[name], columns[name]) if files[name] else None
        for name in (columns if names is None else names)
    }

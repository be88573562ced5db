"""Read the tables that a study may lack."""

from collections.abc import Sequence
from pathlib import Path
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


def read_units(folders: Sequence[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """Read how images from outside of the study count against their inputs, by test set and run."""
    return {
        (folder.parent.name, folder.name): tables.read(folder / "units.tsv", {})
        for folder in map(Path, folders)
    }

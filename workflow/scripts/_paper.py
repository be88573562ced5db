"""Read what the paper's tables are made from, for the scripts that show them."""

from pathlib import Path
from typing import Any

import pandas as pd

from denoisekit.published import audit, loss_functions
from denoisekit.statistics import comparisons, tables
from denoisekit.statistics.scores import EXPERIMENTS, SCORES, by_experiment


def read_printed(files: list[str]) -> dict[str, pd.DataFrame]:
    """Read a paper's tables by name, every cell as the text that was printed."""
    return {Path(file).stem: pd.read_csv(file, dtype=str, keep_default_na=False) for file in files}


def read_published(files: list[str]) -> loss_functions.Published:
    """Read the printed numbers, and their audit; p-values stay as they are printed."""
    *printed, audited = files
    return loss_functions.Published.from_printed(
        read_printed(printed), audit=tables.read(audited, audit.COLUMNS)
    )


def read_study(files: Any, settings: dict[str, Any]) -> loss_functions.Study:
    """Read this study's scores and comparisons in its main convention."""
    convention, methods = settings["convention"], settings["methods"]
    experiments = tables.read(files.experiments, EXPERIMENTS)
    scores = by_experiment(tables.read(files.scores, SCORES), experiments, methods=methods)
    tests = tables.read(files.comparisons, comparisons.COLUMNS)
    return loss_functions.Study(
        experiments=experiments[experiments["truth"] == "yes"],
        scores=scores[scores["convention"] == convention],
        comparisons=tests[tests["convention"] == convention],
        methods=methods,
        convention=convention,
    )

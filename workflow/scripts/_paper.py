"""Read what the paper's tables are made from, for the scripts that show them."""

from pathlib import Path
from typing import Any

import pandas as pd

from denoisekit.published import loss_functions
from denoisekit.statistics import tables
from denoisekit.statistics.scores import by_experiment


def read_printed(files: list[str]) -> dict[str, pd.DataFrame]:
    """Read a paper's tables by name, every cell as the text that was printed."""
    return {Path(file).stem: pd.read_csv(file, dtype=str, keep_default_na=False) for file in files}


def read_published(files: list[str]) -> loss_functions.Published:
    """Read the printed numbers, and their audit; p-values stay as they are printed."""
    *printed, audit = files
    frames = {Path(file).stem: pd.read_csv(file, dtype={"p_value": str}) for file in printed}
    return loss_functions.Published(
        experiments=frames["experiments"],
        per_image=frames["per_image_scores"],
        means=frames["printed_means"],
        p_values=frames["printed_p_values"],
        deltas=frames["printed_deltas"],
        audit=tables.read(audit),
    )


def read_study(files: Any, settings: dict[str, Any]) -> loss_functions.Study:
    """Read this study's scores and comparisons in its main convention."""
    convention, methods = settings["convention"], settings["methods"]
    experiments = tables.read(files.experiments)
    scores = by_experiment(tables.read(files.scores), experiments, methods=methods)
    comparisons = tables.read(files.comparisons)
    return loss_functions.Study(
        experiments=experiments[experiments["truth"] == "yes"],
        scores=scores[scores["convention"] == convention],
        comparisons=comparisons[comparisons["convention"] == convention],
        methods=methods,
        convention=convention,
    )

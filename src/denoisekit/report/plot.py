"""One plot of all methods and experiments: differences from the reference, with intervals."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from denoisekit.evaluation.metrics import MAIN
from denoisekit.statistics.wording import ARBITRARY, difference_text, method_label, metric_name

_INPUT = "noisy"
_MARGIN = 0.04


def plot_values(
    comparisons: pd.DataFrame,
    *,
    convention: str,
    reference: str,
    descriptions: Mapping[str, str],
    arbitrary: Collection[str],
) -> dict[str, Any]:
    """Return what the plot's template draws: a panel per experiment, a line per method.

    Places are in per cent of one scale that all panels share. The noisy input, which lies far off,
    is left out.

    Parameters
    ----------
    comparisons
        As `denoisekit.statistics.comparisons.compare` returns them.
    convention, reference
        Which of them are shown.
    descriptions
        What each experiment is.
    arbitrary
        Methods whose loss sees no brightness.
    """
    rows = comparisons[
        (comparisons["convention"] == convention)
        & (comparisons["metric"] == MAIN)
        & (comparisons["reference"] == reference)
        & (comparisons["method"] != _INPUT)
    ]
    ends = rows[["mean_difference", "difference_low", "difference_high"]]
    least, most = min(0.0, ends.min(axis=None)), max(0.0, ends.max(axis=None))
    width = (most - least) or 1.0

    def place(value: float) -> float:
        return round(100 * (_MARGIN + (1 - 2 * _MARGIN) * (value - least) / width), 2)

    return {
        "reference": method_label(reference),
        "metric": metric_name(MAIN),
        "zero": place(0.0),
        "scale": [difference_text(value, MAIN) for value in (least, most)],
        "panels": [
            {
                "experiment": name,
                "description": descriptions[name],
                "lines": [_line(row, place, arbitrary) for row in group.itertuples()],
            }
            for name, group in rows.groupby("experiment", sort=False)
        ],
    }


def _line(row: Any, place: Any, arbitrary: Collection[str]) -> dict[str, Any]:
    low, high = row.difference_low, row.difference_high
    known = pd.notna(low)
    text = difference_text(row.mean_difference, MAIN)
    return {
        "label": method_label(row.method) + f" {ARBITRARY}" * (row.method in arbitrary),
        "at": place(row.mean_difference),
        "low": place(low) if known else None,
        "high": place(high) if known else None,
        "text": text,
        "title": f"{text} ({difference_text(low, MAIN)} to {difference_text(high, MAIN)})"
        if known
        else f"{text}, without an interval",
    }

"""Figure of what methods make of less and less light."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from denoisekit.evaluation.metrics import METRICS
from denoisekit.figures._parts import STYLE, method_colour, method_legend, plain
from denoisekit.statistics.wording import metric_label

_LABELS = {
    "resolution_1_7_px": "Resolution, FRC 1/7 (px) ↓",
    "coverage_90": "Truth in 90 % intervals",
}
_NOMINAL = {"coverage_90": 0.9}
# So high stands the mark of each further method's least light, in shares of the panel.
_STEP = 0.045


def draw_dose(
    means: pd.DataFrame,
    least: pd.DataFrame,
    *,
    settings: Mapping[str, Any],
    methods: Sequence[str],
) -> Figure:
    """Draw every quantity against the photons per pixel, a line per method.

    Parameters
    ----------
    means, least
        Rows of one sweep of `denoisekit.statistics.dose.average` and `least_light`.
    settings
        The sweep's ``metric``, which has the large panel, and its ``limit``.
    methods
        The methods in their order, the control first.

    Returns
    -------
    matplotlib.figure.Figure
        Bars are twice the standard error over images; marks at the foot of the large panel are the
        least light with which a method reaches the limit (dashed), with its interval.
    """
    first = settings["metric"]
    others = [name for name in dict.fromkeys(means["quantity"]) if name != first]
    rows = max(1, int(np.ceil(len(others) / 2)))
    figure = Figure(figsize=(10.5, max(4.2, 2.3 * rows + 0.6)), layout="constrained")
    grid = figure.add_gridspec(rows, 4)
    main = figure.add_subplot(grid[:, :2])
    _draw(main, means[means["quantity"] == first], methods)
    main.set_ylabel(metric_label(first), **STYLE)
    _draw_least(main, least, settings["limit"], methods)
    for place, name in enumerate(others):
        axis = figure.add_subplot(grid[place // 2, 2 + place % 2], sharex=main)
        _draw(axis, means[means["quantity"] == name], methods)
        axis.set_title(metric_label(name) if name in METRICS else _LABELS[name], **STYLE)
        if name in _NOMINAL:
            axis.axhline(_NOMINAL[name], color="0.3", linestyle="--", linewidth=0.9)
        if name == "resolution_1_7_px":
            axis.set_yscale("log")
            _plain_numbers(axis.yaxis)
    for axis in figure.axes:
        axis.set_xlabel("Photons per pixel", **STYLE)
        _plain_numbers(axis.xaxis)
    method_legend(figure, methods, shown=set(means["method"]))
    return figure


def _plain_numbers(axis: XAxis | YAxis) -> None:
    """Write the numbers of a logarithmic axis as they are, and not as powers."""
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(LogFormatter())
    axis.set_tick_params(which="minor", labelsize=8)


def _draw(axis: Axes, rows: pd.DataFrame, methods: Sequence[str]) -> None:
    axis.set_xscale("log")
    for place, method in enumerate(methods):
        own = rows[rows["method"] == method].sort_values("photons")
        axis.errorbar(
            own["photons"],
            own["mean"],
            yerr=2 * own["error"].fillna(0),
            color=method_colour(place),
            marker="o",
            markersize=3.5,
            linewidth=1.4,
            elinewidth=0.8,
        )
    plain(axis)


def _draw_least(axis: Axes, least: pd.DataFrame, limit: float, methods: Sequence[str]) -> None:
    axis.axhline(limit, color="0.3", linestyle="--", linewidth=1)
    known = least[least["photons"].notna()].set_index("method")
    level = axis.get_xaxis_transform()
    for number, (method, row) in enumerate(known.iterrows()):
        colour, height = method_colour(list(methods).index(method)), 0.03 + number * _STEP
        style = {"color": colour, "transform": level, "clip_on": False}
        axis.plot([row["low"], row["high"]], [height] * 2, linewidth=2, **style)
        axis.plot(row["photons"], height, marker="D", markersize=5, **style)
        axis.plot([row["photons"]] * 2, [0, height], linewidth=0.6, linestyle=":", **style)

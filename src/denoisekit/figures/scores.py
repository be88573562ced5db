"""Figures of scores: every image by method, and score conventions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.figures._parts import RING, method_colour, method_legend, plain
from denoisekit.statistics.wording import method_label, metric_label, metric_name

#: Images of an experiment whose scores are joined by lines; those of more cannot be told apart.
MOST_JOINED = 300


def draw_scores(
    scores: pd.DataFrame, *, experiment: str, metrics: Sequence[str], methods: Sequence[str]
) -> Figure:
    """Draw an experiment's scores, a panel per metric.

    Parameters
    ----------
    scores
        Scores of one convention as `denoisekit.statistics.scores.by_experiment` returns them.
    experiment, metrics
        What to draw.
    methods
        The study's, in their order, which decides the colours; those of the experiment are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        A point per image and method, joined by a thin line per image where there are no more than
        `MOST_JOINED`; a bar marks the mean.
    """
    width = max(4.2, 0.8 * len(methods)) * len(metrics)
    figure = Figure(figsize=(width, 3.8), layout="constrained")
    for axis, metric in zip(np.ravel(figure.subplots(1, len(metrics))), metrics, strict=True):
        chosen = scores[(scores["experiment"] == experiment) & (scores["metric"] == metric)]
        wide = chosen.pivot(index="image", columns="method", values="value")
        wide = wide[[name for name in methods if name in wide]]
        faint = max(0.08, min(0.6, 6 / len(wide)))
        places = np.arange(len(wide.columns))
        if len(wide) <= MOST_JOINED:
            axis.plot(places, wide.to_numpy().T, color="0.5", linewidth=0.7, alpha=faint, zorder=1)
        for place, method in enumerate(wide):
            colour = method_colour(methods.index(method))
            axis.plot(
                np.full(len(wide), place), wide[method], "o", color=colour, markersize=4, alpha=0.7
            )
            mean = wide[method].mean()
            axis.plot([place - 0.3, place + 0.3], [mean, mean], color="black", linewidth=2)
        axis.set_xticks(places, [method_label(name) for name in wide], rotation=35, ha="right")
        axis.set_ylabel(metric_label(metric))
        axis.grid(axis="y", color="0.9")
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def draw_conventions(compared: pd.DataFrame, *, metrics: Sequence[str], main: str) -> Figure:
    """Draw every method's mean score and rank in every convention.

    Parameters
    ----------
    compared
        As `denoisekit.statistics.conventions.compare_conventions` returns it.
    metrics
        What to draw.
    main
        The convention whose ranking the others are held against.

    Returns
    -------
    matplotlib.figure.Figure
        A column per experiment, two rows per metric, a line per method: its means, and its ranks,
        where a ring marks a rank that is not the one in `main`.
    """
    experiments = list(dict.fromkeys(compared["experiment"]))
    methods = list(dict.fromkeys(compared["method"]))
    conventions = list(dict.fromkeys(compared["convention"]))
    rows = [(metric, column) for metric in metrics for column in ("mean", "rank")]
    size = (max(1.9 * len(experiments), 4.5) + 0.5, 3.9 * len(metrics) + 1.2)
    figure = Figure(figsize=size, layout="constrained")
    grid = {"squeeze": False, "sharex": True, "sharey": "row"}
    grid["height_ratios"] = [1.4, 1] * len(metrics)
    axes = figure.subplots(len(rows), len(experiments), **grid)
    groups = compared.groupby(["experiment", "metric", "method"])
    for (experiment, metric, method), group in groups:
        for row, column in enumerate(rows):
            if column[0] == metric:
                axis = axes[row, experiments.index(experiment)]
                places = group["convention"].map(conventions.index)
                style = {"color": method_colour(methods.index(method)), "markersize": 3.5}
                axis.plot(places, group[column[1]], "o-", linewidth=1.2, **style)
                moved = (group["rank_change"] != 0) & (column[1] == "rank")
                axis.plot(places[moved], group[column[1]][moved], **RING)
    for (metric, column), line in zip(rows, axes, strict=True):
        rank = column == "rank"
        line[0].set_ylabel(f"rank by {metric_name(metric)}" if rank else metric_label(metric))
        if rank:
            line[0].set_yticks(range(1, len(methods) + 1))
            line[0].invert_yaxis()
    for experiment, line in zip(experiments, axes.T, strict=True):
        line[0].set_title(experiment, fontsize=10)
        line[-1].set_xticks(range(len(conventions)), conventions, rotation=50, ha="right")
    for axis in axes.flat:
        axis.margins(x=0.15)
        plain(axis)
    ring = Line2D([], [], **RING, label=f"rank differs from that in {main}")
    method_legend(figure, methods, ring, shown=methods)
    return figure

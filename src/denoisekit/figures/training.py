"""Figure of learning curves."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.figures._parts import STYLE, method_colour
from denoisekit.statistics.wording import method_label

#: Columns of the history of a training.
HISTORY = {
    **{"epoch": int, "step": int},
    **dict.fromkeys(("learning_rate", "loss", "validation_loss", "seconds"), float),
}


def draw_learning_curves(
    histories: Mapping[tuple[str, str, str], pd.DataFrame],
) -> Figure:
    """Draw the training loss (dashed) and the validation loss (solid) of every model.

    Parameters
    ----------
    histories
        By train set, method and seed: a table with the columns `HISTORY`.

    Returns
    -------
    matplotlib.figure.Figure
        A panel per train set (rows) and method (columns), since losses differ in units; every panel
        has its own scale. Seeds are drawn over each other.
    """
    train_sets = list(dict.fromkeys(key[0] for key in histories))
    methods = list(dict.fromkeys(key[1] for key in histories))
    size = (2.6 * len(methods) + 0.4, 1.9 * len(train_sets) + 0.5)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(train_sets), len(methods), squeeze=False, sharex="row")
    for (train_set, method, _), history in histories.items():
        column = methods.index(method)
        axis = axes[train_sets.index(train_set), column]
        style = {"color": method_colour(column + 1), "linewidth": 1.3}
        axis.plot(history["step"], history["loss"], "--", **style)
        axis.plot(history["step"], history["validation_loss"], "-", **style)
    for row, train_set in enumerate(train_sets):
        axes[row, 0].set_ylabel(f"loss, {train_set}", **STYLE)
    for column, method in enumerate(methods):
        axes[0, column].set_title(method_label(method), **STYLE)
        axes[-1, column].set_xlabel("step", **STYLE)
    for axis in axes.flat:
        axis.tick_params(labelsize=8)
        axis.grid(color="0.92")
        axis.spines[["top", "right"]].set_visible(False)
        if not axis.lines:
            axis.set_axis_off()
    handles = [
        Line2D([], [], color="0.3", linestyle=style, label=label)
        for style, label in (("--", "training"), ("-", "validation"))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8)
    return figure

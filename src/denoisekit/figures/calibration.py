"""Figures of calibration: reliability and sparsification curves."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.figures._parts import COLOURS, STYLE, method_colour, plain
from denoisekit.statistics.wording import method_label

_REMOVED_BY = {
    "scale": ("scale", COLOURS[0], "-"),
    "disagreement": ("disagreement", COLOURS[3], "--"),
    "spread": ("spread of the means", COLOURS[2], "-."),
    "oracle": ("the error itself: the best", "black", ":"),
}


def draw_calibration(curves: pd.DataFrame, *, methods: Sequence[str]) -> Figure:
    """Draw a reliability diagram of all methods, and sparsification curves of each.

    Parameters
    ----------
    curves
        The rows of one experiment of what `denoisekit.statistics.calibration.curves` returns.
    methods
        The study's, in their order, which decides the colours.

    Returns
    -------
    matplotlib.figure.Figure
        What share of pixels central intervals hold over what they should (dashed: as predicted;
        solid: after calibration), then a panel per method: the error that is left over the share
        of pixels that was removed.
    """
    shown = [name for name in methods if name in set(curves["method"])]
    figure = Figure(figsize=(4.4 * (1 + len(shown)), 4.4), layout="constrained")
    first, *others = figure.subplots(1, 1 + len(shown))
    _draw_reliability(first, curves, {name: methods.index(name) for name in shown})
    for axis, name in zip(others, shown, strict=True):
        _draw_sparsification(axis, curves[curves["method"] == name], name)
    top = max(axis.get_ylim()[1] for axis in others)
    for axis in others:
        axis.set_ylim(0, top)
    return figure


def _draw_reliability(axis: Axes, curves: pd.DataFrame, places: dict[str, int]) -> None:
    axis.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    handles = []
    for name, place in places.items():
        own, colour = curves[curves["method"] == name], method_colour(place)
        for curve, dash in (("coverage", "--"), ("calibrated_coverage", "-")):
            course = own[own["curve"] == curve]
            axis.plot(course["place"], course["value"], dash, color=colour, linewidth=1.4)
        handles.append(Line2D([], [], color=colour, linewidth=2, label=method_label(name)))
    handles += [
        Line2D([], [], color="0.3", linestyle="--", label="as predicted"),
        Line2D([], [], color="0.3", label="after calibration"),
    ]
    axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axis.set(xlabel="share of pixels that intervals should hold", ylabel="share that they hold")
    axis.set_title("Reliability", fontsize=11)
    axis.legend(handles=handles, frameon=False, loc="upper left", **STYLE)
    plain(axis)


def _draw_sparsification(axis: Axes, curves: pd.DataFrame, method: str) -> None:
    axis.axhline(1, color="0.6", linewidth=0.8)
    for curve, (label, colour, dash) in _REMOVED_BY.items():
        course = curves[curves["curve"] == curve]
        if len(course):
            # Without any pixel removed all error is left.
            x, y = [0, *course["place"]], [1, *course["value"]]
            axis.plot(x, y, dash, color=colour, linewidth=1.4, label=label)
    axis.set(xlim=(0, 1), xlabel="share of pixels removed, the most uncertain first")
    axis.set(ylabel="mean error left / that of all", ylim=(0, None))
    axis.set_title(f"Sparsification, {method_label(method)}", fontsize=11)
    axis.legend(title="removed by", title_fontsize=9, frameon=False, loc="lower left", **STYLE)
    plain(axis)

"""Figures of calibration: reliability and sparsification curves, line profiles with a band."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.evaluation.profiles import Line, Profile
from denoisekit.figures._parts import (
    COLOURS,
    STYLE,
    method_colour,
    plain,
    scale_bar,
    show,
    stretched,
)
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
    figure = Figure(figsize=(4.4 * (1 + len(shown)), 5), layout="constrained")
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
    below = {"loc": "upper left", "bbox_to_anchor": (0, -0.14), "ncols": 2}
    axis.legend(title="removed by", title_fontsize=9, frameon=False, **below, **STYLE)
    plain(axis)


def draw_profile(
    truth: np.ndarray,
    profiles: Mapping[str, Profile],
    *,
    image: str,
    line: Line,
    level: float,
    methods: Sequence[str],
    pixel_size_um: float | None,
) -> Figure:
    """Draw truth, input and restored image along a line, with the band of what is predicted.

    Parameters
    ----------
    truth
        The long exposure, (Y, X), which the line is drawn into.
    profiles
        What each method predicts along the line, whose interval is of the given level.
    image
        Its name.
    line
        Where.
    level
        What share of pixels the band should hold, 0 to 1.
    methods
        The study's, in their order, which decides the colours.
    pixel_size_um
        Side of a pixel; None if unknown, and then places are in px.

    Returns
    -------
    matplotlib.figure.Figure
        The truth with the line, and a panel per method, all in fractions of the truth's range.
    """
    figure = Figure(figsize=(13, max(3.6, 2.7 * len(profiles))), layout="constrained")
    whole, right = figure.subfigures(1, 2, width_ratios=[1, 2.4])
    _draw_line(whole.subplots(), truth, image, line, pixel_size_um)
    unit, pixel = ("px", 1.0) if pixel_size_um is None else ("µm", pixel_size_um)
    x = np.arange(line.columns.start, line.columns.stop) * pixel
    axes = right.subplots(len(profiles), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, (name, course) in zip(axes, profiles.items(), strict=True):
        colour = method_colour(methods.index(name))
        axis.plot(x, course.noisy, color="0.6", linewidth=0.8, label="input")
        band = f"{100 * level:g} % interval{_calibrated(course.temperature)}"
        style = {"color": colour, "alpha": 0.3, "linewidth": 0}
        axis.fill_between(x, course.low, course.high, label=band, **style)
        axis.plot(x, course.mean, color=colour, linewidth=1.4, label=method_label(name))
        axis.plot(x, course.truth, ":", color="black", linewidth=1.2, label="truth")
        axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), **STYLE)
        plain(axis)
    axes[-1].set(xlabel=f"along the row ({unit})", xlim=(x[0], x[-1]))
    right.supylabel("intensity / truth's range", **STYLE)
    return figure


def _draw_line(
    axis: Axes, truth: np.ndarray, image: str, line: Line, pixel_size_um: float | None
) -> None:
    show(axis, stretched(truth))
    scale_bar(axis, truth.shape, pixel_size_um)
    ends = (line.columns.start, line.columns.stop - 1)
    axis.plot(ends, [line.row] * 2, color=COLOURS[1], linewidth=1.2)
    place = f"row {line.row}, columns {ends[0]} to {ends[1]}"
    axis.set_title(f"Truth, image {image}:\n{place}", **STYLE)


def _calibrated(temperature: float) -> str:
    if math.isnan(temperature):
        return "\nas predicted: nothing was\nkept to calibrate it"
    return f"\nafter calibration\n(scale × {temperature:.2f})"

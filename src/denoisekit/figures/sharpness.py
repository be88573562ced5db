"""Figure of sharpness: line widths, edges and spectra against the truth's."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.figures._parts import method_colour, method_legend, plain
from denoisekit.statistics.wording import method_label

_THIN = {"-": {}, "--": {"linewidth": 0.8}}
_LINE_PX = 5


def draw_sharpness(
    averaged: pd.DataFrame, curves: pd.DataFrame, *, methods: Sequence[str]
) -> Figure:
    """Draw how sharp the methods' images are, against the truth, in four panels, of volumes five.

    Parameters
    ----------
    averaged
        The rows of one experiment of what `denoisekit.statistics.sharpness.average` returns.
    curves
        Mean curves of the experiment's runs: method, curve, pixel_size_um (may be NaN), place,
        value and truth_value.
    methods
        The study's, in their order, which decides the colours; those of the experiment are drawn.

    Returns
    -------
    matplotlib.figure.Figure
        Spectra relative to the truth's (solid: the coherent part; dashed: all), Fourier ring
        correlation, mean course across lines, and widths of lines and edges; of volumes, Fourier
        shell correlation along z (solid) and across (dashed).
    """
    volumes = curves["curve"].str.startswith("shells_").any()
    figure = Figure(figsize=(16.8 if volumes else 13.5, 3.9), layout="constrained")
    spectra, correlation, line, widths, *shells = figure.subplots(1, 5 if volumes else 4)
    pixel = curves["pixel_size_um"].iloc[0]
    length, pixel = ("px", 1.0) if pd.isna(pixel) else ("µm", pixel)
    courses = {
        key: group.groupby("place")[["value", "truth_value"]].mean()
        for key, group in curves.groupby(["curve", "method"])
    }
    colours = {
        method: method_colour(place)
        for place, method in enumerate(methods)
        if ("line", method) in courses
    }
    for method, colour in colours.items():
        style = {"color": colour, "linewidth": 1.3}
        for axis, curve, dash, scale in (
            (spectra, "total", "--", 1 / pixel),
            (spectra, "coherent", "-", 1 / pixel),
            (correlation, "correlation", "-", 1 / pixel),
            (line, "line", "-", pixel),
        ):
            course = courses[curve, method]["value"]
            axis.plot(course.index * scale, course, dash, **style | _THIN[dash])
    course = courses["line", next(iter(colours))]["truth_value"]
    line.plot(course.index * pixel, course, ":", color="black", linewidth=2)
    spectra.axhline(1, color="black", linestyle=":", linewidth=2)
    spectra.set(ylim=(0, 2), ylabel="amplitude / truth's (solid: the true part)")
    _draw_thresholds(correlation)
    correlation.set(ylim=(-0.1, 1.05), ylabel="Fourier ring correlation with the truth")
    line.set(xlabel=f"across the line ({length})", ylabel="mean of the truth's strongest lines")
    line.set_xlim(-_LINE_PX * pixel, _LINE_PX * pixel)
    _draw_widths(widths, averaged, colours, length)
    for axis in shells:
        _draw_shells(axis, courses, colours)
    for axis in (spectra, correlation):
        axis.set_xlabel(f"spatial frequency (1/{length})")
    for axis in figure.axes:
        plain(axis)
    truth = Line2D([], [], color="black", linestyle=":", linewidth=2, label="Truth")
    method_legend(figure, methods, truth, shown=colours)
    return figure


def _draw_thresholds(axis: Axes) -> None:
    for threshold, name in ((1 / 7, "1/7"), (1 / 2, "1/2")):
        axis.axhline(threshold, color="0.6", linewidth=0.8)
        axis.annotate(name, (0, threshold), fontsize=8, color="0.4")


def _draw_shells(
    axis: Axes, courses: Mapping[tuple[str, str], pd.DataFrame], colours: Mapping[str, str]
) -> None:
    """Draw how far volumes agree with the truth along z and across."""
    for method, colour in colours.items():
        for sector, dash in (("axial", "-"), ("lateral", "--")):
            course = courses.get((f"shells_{sector}", method))
            if course is not None:
                style = {"color": colour, "linewidth": 1.3, **_THIN[dash]}
                axis.plot(course.index, course["value"], dash, **style)
    _draw_thresholds(axis)
    axis.set(
        ylim=(-0.1, 1.05),
        xlabel="spatial frequency (1/µm)",
        ylabel="Fourier shell correlation (solid: along z)",
    )


def _draw_widths(
    axis: Axes, averaged: pd.DataFrame, colours: Mapping[str, str], length: str
) -> None:
    """Draw the mean widths with their standard deviations over images, and the truth's."""
    places = np.arange(len(colours))
    unit = "um" if length == "µm" else "px"
    for quantity, marker, label in (("line", "o", "lines, FWHM"), ("edge", "s", "edges, 10–90 %")):
        rows = averaged[averaged["quantity"] == f"{quantity}_width_{unit}"].set_index("method")
        rows = rows.loc[list(colours)]
        each = zip(places, colours.values(), rows["mean"], rows["sd"], strict=True)
        for place, colour, mean, sd in each:
            style = {"color": colour, "marker": marker, "markersize": 5}
            axis.errorbar(place, mean, None if pd.isna(sd) else sd, linewidth=1, **style)
        truth = rows["truth_value"].iloc[0]
        axis.axhline(truth, color="black", linestyle=":", linewidth=2)
        axis.plot([], [], marker, color="0.3", label=label)
    axis.set_xticks(places, [method_label(name) for name in colours], rotation=50, ha="right")
    axis.set(ylabel=f"width ({length})", ylim=(0, None))
    axis.legend(fontsize=8, frameon=False, loc="lower left")

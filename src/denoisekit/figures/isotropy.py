"""Figure of isotropy: power along z and across, by spatial frequency, against the truth's."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.figures._parts import method_colour, method_legend, plain

_LEAST = 1e-3


def draw_isotropy(averaged: pd.DataFrame, *, methods: Sequence[str]) -> Figure:
    """Draw power along z, power across, and the one over the other, a line per method.

    Parameters
    ----------
    averaged
        The rows of one experiment of what `denoisekit.statistics.sharpness.average` makes of
        `denoisekit.evaluation.isotropy.measure`.
    methods
        What to draw and in which order.

    Returns
    -------
    matplotlib.figure.Figure
        Left and in the middle, power over the truth's of the same direction (dotted: 1); right, the
        power along z over that across, and the truth's own, dotted.
    """
    figure = Figure(figsize=(12, 4), layout="constrained")
    axes = figure.subplots(1, 3)
    panels = (
        ("axial", "ratio", "power along z / truth's"),
        ("lateral", "ratio", "power across / truth's"),
        ("ratio", "mean", "power along z / across"),
    )
    for axis, (kind, column, label) in zip(axes, panels, strict=True):
        rows = averaged[averaged["quantity"].str.startswith(f"{kind}_")]
        places = rows["quantity"].str.partition("_")[2].astype(float) + 0.025
        rows = rows.assign(place=places)
        for number, method in enumerate(methods):
            own = rows[rows["method"] == method].sort_values("place")
            style = {"color": method_colour(number), "linewidth": 1.4}
            axis.plot(own["place"], own[column].clip(lower=_LEAST), **style)
        if kind == "ratio":
            own = rows[rows["method"] == methods[0]].sort_values("place")
            axis.plot(own["place"], own["truth_value"], ":", color="black", linewidth=2)
        else:
            axis.axhline(1, color="black", linestyle=":", linewidth=2)
        axis.set_yscale("log")
        axis.set(xlabel="spatial frequency (1/px)", ylabel=label)
        plain(axis)
    truth = Line2D([], [], color="black", linestyle=":", linewidth=2, label="Truth")
    method_legend(figure, methods, truth, shown=set(averaged["method"]))
    return figure

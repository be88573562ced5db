"""Figure of ranges: numbers of measured images among those of simulated ones."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from denoisekit.figures._parts import COLOURS, plain
from denoisekit.statistics.ranges import QUANTITIES


def draw_ranges(simulated: pd.DataFrame, measured: pd.DataFrame) -> Figure:
    """Draw the distribution of each number over simulated images, and where measured ones lie.

    Parameters
    ----------
    simulated, measured
        Numbers of frames, with the columns `denoisekit.statistics.ranges.FRAMES`.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each quantity: a histogram of simulated images, and a line for each measured
        one, red where it lies outside.
    """
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplots(2, 3).ravel()
    values: Mapping[str, tuple[pd.Series, pd.Series]] = {
        name: (
            simulated.loc[simulated["quantity"] == name, "value"],
            measured.loc[measured["quantity"] == name, "value"],
        )
        for name in QUANTITIES
    }
    for axis, (name, (known, found)) in zip(axes, values.items(), strict=True):
        axis.hist(known, bins=20, color="0.7")
        for value in found:
            inside = known.min() <= value <= known.max()
            axis.axvline(value, color=COLOURS[0] if inside else COLOURS[3], linewidth=2)
        axis.set_xlabel(QUANTITIES[name], fontsize=8)
        axis.set_ylabel("simulated images", fontsize=8)
        plain(axis)
    return figure

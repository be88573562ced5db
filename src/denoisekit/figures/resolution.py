"""Figures of resolution: pairs of lines, widths, and what blurred restorations lack."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.evaluation.resolution import RAYLEIGH, reblur
from denoisekit.figures._parts import (
    MONTAGE_STYLE,
    bare,
    method_colour,
    method_legend,
    plain,
    scale_bar,
    show,
    stretched,
)
from denoisekit.statistics.resolution import DIP
from denoisekit.statistics.wording import method_label

# The ends of the colours of what is left, in shares of the widefield image's range.
_LEFT = 0.15


def draw_resolution(averaged: pd.DataFrame, *, methods: Sequence[str]) -> Figure:
    """Draw dips between lines by their distance, or widths of lines, and what is left unexplained.

    Parameters
    ----------
    averaged
        The rows of one experiment of what `denoisekit.statistics.sharpness.average` makes of
        `denoisekit.evaluation.resolution.measure`.
    methods
        What to draw and in which order.

    Returns
    -------
    matplotlib.figure.Figure
        Left, dips by distance, with the truth's dotted and Rayleigh's limit dashed, or widths, with
        the truth's dotted; right, re-blurred errors, likewise.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    dips = averaged[averaged["quantity"].str.startswith(DIP)]
    if len(dips):
        _draw_dips(left, dips, methods)
    else:
        _draw_points(left, averaged, methods, quantity="fwhm_um", label="width of lines (µm)")
    _draw_points(
        right, averaged, methods, quantity="error", label="left once blurred again (of the range)"
    )
    truth = Line2D([], [], color="black", linestyle=":", linewidth=2, label="Truth")
    method_legend(figure, methods, truth, shown=set(averaged["method"]))
    return figure


def _draw_dips(axis: Axes, dips: pd.DataFrame, methods: Sequence[str]) -> None:
    dips = dips.assign(apart=dips["quantity"].str.removeprefix(DIP).astype(float))
    for number, method in enumerate(methods):
        own = dips[dips["method"] == method].sort_values("apart")
        axis.plot(own["apart"], own["mean"], "o-", color=method_colour(number), markersize=4)
    own = dips[dips["method"] == methods[0]].sort_values("apart")
    axis.plot(own["apart"], own["truth_value"], ":", color="black", linewidth=2)
    axis.axhline(RAYLEIGH, color="0.5", linestyle="--", linewidth=1)
    axis.set(xlabel="distance of the two lines (µm)", ylabel="middle / lower top")
    plain(axis)


def _draw_points(
    axis: Axes, averaged: pd.DataFrame, methods: Sequence[str], *, quantity: str, label: str
) -> None:
    rows = averaged[averaged["quantity"] == quantity].set_index("method")
    for number, method in enumerate(methods):
        if method in rows.index:
            mean, spread = rows.loc[method, ["mean", "sd"]].astype(float)
            bar = spread if np.isfinite(spread) else 0
            axis.errorbar(number, mean, bar, fmt="o", color=method_colour(number), capsize=3)
    if len(rows):
        axis.axhline(rows["truth_value"].iloc[0], color="black", linestyle=":", linewidth=2)
    axis.set_xticks([])
    axis.set(ylabel=label, ylim=(0, None))
    plain(axis)


def draw_reblurred(
    widefield: np.ndarray,
    truth: np.ndarray,
    restored: Mapping[str, np.ndarray],
    *,
    pixel_size_um: float | None,
) -> Figure:
    """Draw what is left of a widefield image once each restored one is blurred to be like it.

    Parameters
    ----------
    widefield, truth
        (Y, X), each in its own units.
    restored
        By method, likewise.
    pixel_size_um
        Side of a pixel, for the scale bar; None for none.

    Returns
    -------
    matplotlib.figure.Figure
        A column for the widefield image, one for each method and one for the truth: above, the
        image between its own 0.1 and 99.9 percentiles; below, what is left, in shares of the
        widefield image's range, and its root mean square (RSE) with the correlation (RSP).
    """
    columns = {**{method_label(name): image for name, image in restored.items()}, "Truth": truth}
    figure = Figure(figsize=(2.6 * (1 + len(columns)), 5.6), layout="constrained")
    axes = figure.subplots(2, 1 + len(columns), squeeze=False)
    show(axes[0, 0], np.clip(stretched(widefield), 0, 1))
    axes[0, 0].set_title("Widefield", **MONTAGE_STYLE)
    scale_bar(axes[0, 0], widefield.shape, pixel_size_um)
    axes[1, 0].axis("off")
    drawn = None
    for (name, image), (above, below) in zip(columns.items(), axes.T[1:], strict=True):
        show(above, np.clip(stretched(image), 0, 1))
        above.set_title(name, **MONTAGE_STYLE)
        found = reblur(widefield, image)
        drawn = below.imshow(found.left, cmap="RdBu_r", vmin=-_LEFT, vmax=_LEFT)
        below.set_xlabel(f"RSE {found.error:.3f}, RSP {found.correlation:.3f}", fontsize=9)
        bare(below)
    figure.colorbar(drawn, ax=axes[1, 0], location="left", shrink=0.8, label="left / range")
    return figure

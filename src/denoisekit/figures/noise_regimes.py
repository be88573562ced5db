"""Figure of PSNR by noise regime, beside the printed values."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from denoisekit.figures._parts import COLOURS, RING, STYLE, plain
from denoisekit.published.printed import REGIMES, STARRED
from denoisekit.statistics.wording import method_label, metric_label, score_text

_DOT = {"linestyle": "none", "marker": "o", "markersize": 4.5, "color": COLOURS[0]}


def draw_regimes(compared: pd.DataFrame) -> Figure:
    """Draw mean scores by noise regime, this study's beside the printed ones.

    Parameters
    ----------
    compared
        As `denoisekit.published.noise_regimes.beside_printed` returns it.

    Returns
    -------
    matplotlib.figure.Figure
        A row of panels per kind of images (and one more for printed starred scores), a column per
        regime, or a row alone for one regime. A panel has a line per method: a dot is this study's
        mean, a ring the printed one. Methods differ by far less than regimes, hence no common
        scale.
    """
    numbers = {name: pd.to_numeric(compared[name]) for name in ("printed", "printed_two_sem")}
    compared = compared.assign(**numbers, starred=compared["convention"] == STARRED)
    kinds = [
        key
        for key, group in compared.groupby(["dataset", "starred"], sort=False)
        if not key[1] or group[["printed", "psnr"]].notna().any().all()
    ]
    regimes = [name for name in REGIMES[:-1] if name in set(compared["noise_regime"])]
    methods = [name for name in dict.fromkeys(compared["method"]) if name != "noisy"]
    shape = (len(kinds), len(regimes)) if len(regimes) > 1 else (1, len(kinds))
    size = (2.1 * shape[1] + 1.4, (0.24 * len(methods) + 0.9) * shape[0] + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = iter(figure.subplots(*shape, squeeze=False, sharey=True).flat)
    for dataset, starred in kinds:
        for regime in regimes:
            chosen = (compared["dataset"] == dataset) & (compared["starred"] == starred)
            rows = compared[chosen & (compared["noise_regime"] == regime)]
            axis = next(axes)
            _draw_regime(axis, rows, methods)
            title = f"{dataset}{'*' if starred else ''}, {regime}"
            for noisy in rows.loc[rows["method"] == "noisy", "psnr"].dropna()[:1]:
                title += f"\nnoisy input {score_text(noisy, 'psnr')}"
            axis.set_title(title, **STYLE)
    for row in figure.axes[:: shape[1]]:
        row.set_yticks(range(len(methods)), [method_label(name) for name in methods])
        row.set_ylim(len(methods) - 0.5, -0.5)
    for axis in figure.axes[-shape[1] :]:
        axis.set_xlabel(metric_label("psnr"), **STYLE)
    handles = [Line2D([], [], **_DOT, label="this study"), Line2D([], [], **RING, label="printed")]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, **STYLE)
    return figure


def _draw_regime(axis: Axes, rows: pd.DataFrame, methods: Sequence[str]) -> None:
    """Draw a dot and a ring per method, of the convention that is printed if there are several."""
    columns = ["psnr", "two_sem", "printed", "printed_two_sem"]
    ordered = rows.sort_values("printed", na_position="last", kind="stable")
    first = ordered.groupby("method")[columns].first().reindex(methods)
    places = range(len(methods))
    for mean, error, style in zip(columns[::2], columns[1::2], (_DOT, RING), strict=True):
        axis.errorbar(first[mean], places, xerr=first[error].fillna(0), ecolor="0.5", **style)
    plain(axis)
    axis.grid(axis="x", color="0.9")

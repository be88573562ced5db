"""Figure of image statistics: simulated frames beside measured ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denoisekit.evaluation.display import most_detailed
from denoisekit.evaluation.looks import Looks
from denoisekit.figures._parts import COLOURS, STYLE, plain, scale_bar, show
from denoisekit.noise.estimate import fit_noise
from denoisekit.statistics.looks import QUANTITIES, number_text


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a pair of frames (Y, X), and what all frames look like."""

    low: np.ndarray
    high: np.ndarray
    pixel_size_um: float | None
    looks: Looks


def draw_looks(simulated: Side, measured: Side) -> Figure:
    """Draw simulated frames beside measured ones, and what both were measured to look like.

    Returns
    -------
    matplotlib.figure.Figure
        Above, short and long exposures cut to one size, each shown between its own 0.1 and 99
        percentiles. In the middle, noise variance over light with the fitted lines, spectra of the
        noise and of the long exposures, and how bright the pixels of these are. Below, numbers.
    """
    sides = {"simulated": simulated, "measured": measured}
    figure = Figure(figsize=(12.5, 8.2), layout="constrained")
    frames, curves, below = figure.subfigures(3, 1, height_ratios=[3.3, 2.9, 1.4])
    side_px = min(min(side.low.shape) for side in sides.values())
    axes = iter(frames.subplots(1, 4))
    for exposure in ("low", "high"):
        for name, side in sides.items():
            axis = next(axes)
            window = most_detailed(side.high, side_px)
            image = getattr(side, exposure)[window]
            bottom, top = np.percentile(image, (0.1, 99))
            show(axis, (image - bottom) / max(top - bottom, 1e-12))
            axis.set_title(f"{'Short' if exposure == 'low' else 'Long'} exposure, {name}", **STYLE)
            scale_bar(axis, image.shape, side.pixel_size_um)
    transfer, noise, signal, brightness = curves.subplots(1, 4)
    for place, (name, side) in enumerate(sides.items()):
        style = {"color": COLOURS[place], "label": name}
        _draw_transfer(transfer, side.looks, **style)
        noise.plot(side.looks.frequency, side.looks.noise_spectrum, **style)
        signal.semilogy(side.looks.frequency, side.looks.signal_spectrum, **style)
        brightness.stairs(side.looks.brightness, np.linspace(0, 1, 51), **style)
    transfer.set(xlabel="light above the dark (counts)", ylabel="noise variance (counts²)")
    noise.set(xlabel="cycles per pixel", ylabel="noise power / its mean", ylim=(0, None))
    signal.set(xlabel="cycles per pixel", ylabel="power of the long exposures")
    brightness.set(xlabel="long exposure (fraction of range)", ylabel="density", yscale="log")
    for axis in (transfer, noise, signal, brightness):
        plain(axis)
        axis.legend(fontsize=8, frameon=False)
    _draw_numbers(below.subplots(), sides)
    return figure


def _draw_transfer(axis: Axes, looks: Looks, *, color: str, label: str) -> None:
    """Draw groups of pixels, and the line that is fitted to them."""
    groups, fit = looks.transfer, fit_noise(looks.transfer)
    axis.plot(groups.means, groups.variances, ".", color=color, alpha=0.35, markersize=3)
    ends = np.array([0, groups.means.max()])
    axis.plot(ends, fit.gain * ends + fit.intercept, color=color, label=label)


def _draw_numbers(axis: Axes, sides: Mapping[str, Side]) -> None:
    axis.set_axis_off()
    names = list(QUANTITIES)
    table = axis.table(
        [[number_text(q, getattr(side.looks, q)) for q in names] for side in sides.values()],
        rowLabels=list(sides),
        colLabels=[QUANTITIES[q].short for q in names],
        loc="center",
        cellLoc="center",
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    table.scale(1, 1.3)

"""Draw figures from images and tables. Every function returns a Figure and saves nothing.

Colours are Okabe and Ito's, which readers with any colour vision can tell apart; images are grey
and error maps run along matplotlib's perceptually uniform ``inferno``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from denoisekit.display import fit_to_input, most_detailed
from denoisekit.looks import Looks
from denoisekit.metrics import fit_to_truth
from denoisekit.noise import fit_noise
from denoisekit.noise_models import NoiseModel, log_likelihood, variance
from denoisekit.published import REGIMES, STARRED
from denoisekit.realism import QUANTITIES, number_text
from denoisekit.typeset import method_label, metric_label

#: Okabe and Ito's colours without black and yellow, which vanishes on white.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
_FRAME = "#E69F00"
_STYLE = {"fontsize": 9}
_MONTAGE_STYLE = {"fontsize": 11}
_RING = {
    **{"linestyle": "none", "marker": "o", "markersize": 8, "markerfacecolor": "none"},
    **{"color": "black", "markeredgewidth": 0.9},
}
_DOT = {"linestyle": "none", "marker": "o", "markersize": 4.5, "color": COLOURS[0]}
_THIN = {"-": {}, "--": {"linewidth": 0.8}}
_LINE_PX = 5
_OUTLINE = [withStroke(linewidth=1.5, foreground="black")]
_NICE_LENGTHS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True)
class Panel:
    """One restored image of a montage and the lines of text above it."""

    title: str
    pixels: np.ndarray


def draw_exposures(high: np.ndarray, low: np.ndarray, *, pixel_size_um: float | None) -> Figure:
    """Draw Figure 1: the long exposure on the left, the short one on the right.

    Parameters
    ----------
    high, low
        Images (Y, X) of one field, each shown between its own 0.1 and 99.9 percentiles.
    pixel_size_um
        Side of a pixel, for the scale bar; None for no bar.
    """
    shown = {"Long exposure": _stretched(high), "Short exposure": _stretched(low)}
    return _pair(shown, pixel_size_um)


def draw_restoration(
    truth: np.ndarray, restored: np.ndarray, *, method: str, pixel_size_um: float | None
) -> Figure:
    """Draw Figure 2: the truth on the left, a restored image on the right, on one grey scale.

    The restored image is fitted to the truth as CARE's score does.
    """
    scaled, fitted = fit_to_truth(truth, restored)
    mean = _mean_on_scale(truth)
    name = f"Restored ({method_label(method)})"
    return _pair({"Truth (long exposure)": scaled + mean, name: fitted + mean}, pixel_size_um)


def draw_montage(
    truth: np.ndarray, panels: Sequence[Panel], *, inset_px: int, pixel_size_um: float | None
) -> Figure:
    """Draw every method's restoration of one image: whole, a part of it, and its error.

    Parameters
    ----------
    truth
        The long exposure, (Y, X).
    panels
        The short exposure first, then the restored images; all are fitted to the truth.
    inset_px
        Side of the zoomed part in pixels; it is laid where the truth has most detail.
    pixel_size_um
        Side of a pixel, for the scale bars; None for no bars.

    Returns
    -------
    matplotlib.figure.Figure
        A column per panel and one for the truth; rows: whole image with the part framed, the part,
        and ``|restored - truth|`` in fractions of the truth's range, on one colour scale that ends
        at the 99.5 percentile of the restored images' errors.
    """
    mean = _mean_on_scale(truth)
    scaled = fit_to_truth(truth, truth)[0]
    fitted = [fit_to_truth(truth, panel.pixels)[1] for panel in panels]
    errors = [np.abs(image - scaled) for image in fitted]
    top = max(np.percentile(error, 99.5) for error in errors[1:] or errors)
    window = most_detailed(scaled, inset_px)
    images = [*fitted, scaled]
    titles = [*(panel.title for panel in panels), "Truth"]
    figure = Figure(figsize=(1.75 * len(images) + 0.6, 6.4), layout="constrained")
    axes = figure.subplots(3, len(images), squeeze=False)
    for column, (image, title) in enumerate(zip(images, titles, strict=True)):
        whole, part, error = axes[:, column]
        _show(whole, image + mean)
        whole.set_title(title, **_MONTAGE_STYLE)
        _frame(whole, window)
        _show(part, image[window] + mean)
        _colour_spines(part)
        if column < len(errors):
            shown = error.imshow(errors[column], cmap="inferno", vmin=0, vmax=top)
            _bare(error)
        else:
            error.set_axis_off()
    _scale_bar(axes[0, -1], truth.shape, pixel_size_um)
    _scale_bar(axes[1, -1], scaled[window].shape, pixel_size_um)
    for name, axis in zip(("Whole image", "Detail", "Error"), axes[:, 0], strict=True):
        axis.set_ylabel(name, **_MONTAGE_STYLE)
    bar = figure.colorbar(shown, cax=axes[2, -1].inset_axes((0.1, 0.04, 0.09, 0.9)), extend="max")
    bar.set_label("|image − truth|\n(fraction of range)", **_MONTAGE_STYLE)
    bar.ax.tick_params(labelsize=9)
    return figure


def draw_restored(
    low: np.ndarray, panels: Sequence[Panel], *, inset_px: int, pixel_size_um: float | None
) -> Figure:
    """Draw every method's restoration of one image that has no truth: whole, and a part of it.

    Parameters
    ----------
    low
        The short exposure, (Y, X).
    panels
        The short exposure first, then the restored images. Each is fitted to the short exposure by
        least squares (gain and offset), since some losses leave the brightness open.
    inset_px
        Side of the zoomed part in pixels; it is laid where the mean of the restored images has most
        detail.
    pixel_size_um
        Side of a pixel, for the scale bars; None for no bars.

    Returns
    -------
    matplotlib.figure.Figure
        A column per panel; rows: whole image with the part framed, and the part. All are on one
        grey scale, between the 0.1 and 99.9 percentiles of the mean of the restored images.
    """
    fitted = [fit_to_input(low, panel.pixels) for panel in panels]
    mean = np.mean(fitted[1:] or fitted, axis=0)
    bottom, top = np.percentile(mean, (0.1, 99.9))
    window = most_detailed(mean, inset_px)
    heights = (low.shape[0] / low.shape[1], 1)
    size = (1.75 * max(len(panels), 2) + 0.3, 1.75 * sum(heights) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(2, len(panels), squeeze=False, height_ratios=heights)
    for (whole, part), image, panel in zip(axes.T, fitted, panels, strict=True):
        image = (image - bottom) / max(top - bottom, 1e-12)
        _show(whole, image)
        whole.set_title(panel.title, **_MONTAGE_STYLE)
        _frame(whole, window)
        _show(part, image[window])
        _colour_spines(part)
    _scale_bar(axes[0, -1], low.shape, pixel_size_um)
    _scale_bar(axes[1, -1], mean[window].shape, pixel_size_um)
    for name, axis in zip(("Whole image", "Detail"), axes[:, 0], strict=True):
        axis.set_ylabel(name, **_MONTAGE_STYLE)
    return figure


def draw_scores(
    scores: pd.DataFrame, *, experiment: str, metrics: Sequence[str], methods: Sequence[str]
) -> Figure:
    """Draw an experiment's scores, a panel per metric.

    Parameters
    ----------
    scores
        Scores of one convention as `denoisekit.tables.by_experiment` returns them.
    experiment, metrics, methods
        What to draw and in which order.

    Returns
    -------
    matplotlib.figure.Figure
        A point per image and method, joined by a thin line per image; a bar marks the mean.
    """
    width = max(4.2, 0.8 * len(methods)) * len(metrics)
    figure = Figure(figsize=(width, 3.8), layout="constrained")
    for axis, metric in zip(np.ravel(figure.subplots(1, len(metrics))), metrics, strict=True):
        chosen = scores[(scores["experiment"] == experiment) & (scores["metric"] == metric)]
        wide = chosen.pivot(index="image", columns="method", values="value")[list(methods)]
        faint = max(0.08, min(0.6, 6 / len(wide)))
        places = np.arange(len(methods))
        axis.plot(places, wide.to_numpy().T, color="0.5", linewidth=0.7, alpha=faint, zorder=1)
        for place, method in enumerate(methods):
            colour = _colour(place)
            axis.plot(
                np.full(len(wide), place), wide[method], "o", color=colour, markersize=4, alpha=0.7
            )
            mean = wide[method].mean()
            axis.plot([place - 0.3, place + 0.3], [mean, mean], color="black", linewidth=2)
        axis.set_xticks(places, [method_label(name) for name in methods], rotation=35, ha="right")
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
        As `denoisekit.conventions.compare_conventions` returns it.
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
                style = {"color": _colour(methods.index(method)), "markersize": 3.5}
                axis.plot(places, group[column[1]], "o-", linewidth=1.2, **style)
                moved = (group["rank_change"] != 0) & (column[1] == "rank")
                axis.plot(places[moved], group[column[1]][moved], **_RING)
    for (metric, column), line in zip(rows, axes, strict=True):
        rank = column == "rank"
        line[0].set_ylabel(f"rank by {method_label(metric)}" if rank else metric_label(metric))
        if rank:
            line[0].set_yticks(range(1, len(methods) + 1))
            line[0].invert_yaxis()
    for experiment, line in zip(experiments, axes.T, strict=True):
        line[0].set_title(experiment, fontsize=10)
        line[-1].set_xticks(range(len(conventions)), conventions, rotation=50, ha="right")
    for axis in axes.flat:
        axis.margins(x=0.15)
        _plain(axis)
    ring = Line2D([], [], **_RING, label=f"rank differs from that in {main}")
    _method_legend(figure, methods, ring)
    return figure


def draw_regimes(compared: pd.DataFrame) -> Figure:
    """Draw mean scores by noise regime, this study's beside the printed ones.

    Parameters
    ----------
    compared
        As `denoisekit.fmd.beside_printed` returns it.

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
                title += f"\nnoisy input {noisy:.2f} dB"
            axis.set_title(title, **_STYLE)
    for row in figure.axes[:: shape[1]]:
        row.set_yticks(range(len(methods)), [method_label(name) for name in methods])
        row.set_ylim(len(methods) - 0.5, -0.5)
    for axis in figure.axes[-shape[1] :]:
        axis.set_xlabel("PSNR (dB)", **_STYLE)
    handles = [Line2D([], [], **_DOT, label="this study"), Line2D([], [], **_RING, label="printed")]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, **_STYLE)
    return figure


def _draw_regime(axis: Axes, rows: pd.DataFrame, methods: Sequence[str]) -> None:
    """Draw a dot and a ring per method, of the convention that is printed if there are several."""
    columns = ["psnr", "two_sem", "printed", "printed_two_sem"]
    ordered = rows.sort_values("printed", na_position="last", kind="stable")
    first = ordered.groupby("method")[columns].first().reindex(methods)
    places = range(len(methods))
    for mean, error, style in zip(columns[::2], columns[1::2], (_DOT, _RING), strict=True):
        axis.errorbar(first[mean], places, xerr=first[error].fillna(0), ecolor="0.5", **style)
    _plain(axis)
    axis.grid(axis="x", color="0.9")


def draw_sharpness(
    averaged: pd.DataFrame, curves: pd.DataFrame, *, methods: Sequence[str]
) -> Figure:
    """Draw how sharp the methods' images are, against the truth, in four panels.

    Parameters
    ----------
    averaged
        The rows of one experiment of what `denoisekit.sharper.average` returns.
    curves
        Mean curves of the experiment's runs: method, curve, pixel_size_um (may be NaN), place,
        value and truth_value.
    methods
        What to draw and in which order.

    Returns
    -------
    matplotlib.figure.Figure
        Spectra relative to the truth's (solid: the coherent part; dashed: all), Fourier ring
        correlation, mean course across lines, and widths of lines and edges.
    """
    figure = Figure(figsize=(13.5, 3.9), layout="constrained")
    spectra, correlation, line, widths = figure.subplots(1, 4)
    pixel = curves["pixel_size_um"].iloc[0]
    length, pixel = ("px", 1.0) if pd.isna(pixel) else ("µm", pixel)
    courses = {
        key: group.groupby("place")[["value", "truth_value"]].mean()
        for key, group in curves.groupby(["curve", "method"])
    }
    for place, method in enumerate(methods):
        style = {"color": _colour(place), "linewidth": 1.3}
        for axis, curve, dash, scale in (
            (spectra, "total", "--", 1 / pixel),
            (spectra, "coherent", "-", 1 / pixel),
            (correlation, "correlation", "-", 1 / pixel),
            (line, "line", "-", pixel),
        ):
            course = courses[curve, method]["value"]
            axis.plot(course.index * scale, course, dash, **style | _THIN[dash])
    course = courses["line", methods[0]]["truth_value"]
    line.plot(course.index * pixel, course, ":", color="black", linewidth=2)
    spectra.axhline(1, color="black", linestyle=":", linewidth=2)
    spectra.set(ylim=(0, 2), ylabel="amplitude / truth's (solid: the true part)")
    for threshold, name in ((1 / 7, "1/7"), (1 / 2, "1/2")):
        correlation.axhline(threshold, color="0.6", linewidth=0.8)
        correlation.annotate(name, (0, threshold), fontsize=8, color="0.4")
    correlation.set(ylim=(-0.1, 1.05), ylabel="Fourier ring correlation with the truth")
    line.set(xlabel=f"across the line ({length})", ylabel="mean of the truth's strongest lines")
    line.set_xlim(-_LINE_PX * pixel, _LINE_PX * pixel)
    _draw_widths(widths, averaged, methods, length)
    for axis in (spectra, correlation):
        axis.set_xlabel(f"spatial frequency (1/{length})")
    for axis in figure.axes:
        _plain(axis)
    truth = Line2D([], [], color="black", linestyle=":", linewidth=2, label="Truth")
    _method_legend(figure, methods, truth)
    return figure


def _draw_widths(axis: Axes, averaged: pd.DataFrame, methods: Sequence[str], length: str) -> None:
    """Draw the mean widths with their standard deviations over images, and the truth's."""
    places = np.arange(len(methods))
    unit = "um" if length == "µm" else "px"
    for quantity, marker, label in (("line", "o", "lines, FWHM"), ("edge", "s", "edges, 10–90 %")):
        rows = averaged[averaged["quantity"] == f"{quantity}_width_{unit}"].set_index("method")
        rows = rows.loc[list(methods)]
        for place, mean, sd in zip(places, rows["mean"], rows["sd"], strict=True):
            style = {"color": _colour(place), "marker": marker, "markersize": 5}
            axis.errorbar(place, mean, None if pd.isna(sd) else sd, linewidth=1, **style)
        truth = rows["truth_value"].iloc[0]
        axis.axhline(truth, color="black", linestyle=":", linewidth=2)
        axis.plot([], [], marker, color="0.3", label=label)
    axis.set_xticks(places, [method_label(name) for name in methods], rotation=50, ha="right")
    axis.set(ylabel=f"width ({length})", ylim=(0, None))
    axis.legend(fontsize=8, frameon=False, loc="lower left")


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
            _show(axis, (image - bottom) / max(top - bottom, 1e-12))
            axis.set_title(f"{'Short' if exposure == 'low' else 'Long'} exposure, {name}", **_STYLE)
            _scale_bar(axis, image.shape, side.pixel_size_um)
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
        _plain(axis)
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


def _plain(axis: Axes) -> None:
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", color="0.9")
    axis.spines[["top", "right"]].set_visible(False)


def _method_legend(figure: Figure, methods: Sequence[str], *more: Line2D) -> None:
    handles = [
        Line2D([], [], color=_colour(place), linewidth=2, label=method_label(method))
        for place, method in enumerate(methods)
    ]
    handles += more
    columns = min(len(handles), max(3, int(figure.get_figwidth() / 1.6)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, **_STYLE)


@dataclass(frozen=True)
class PixelView:
    """One pixel of an image, and what is known of its signal, in the image's units.

    Attributes
    ----------
    detail
        The part of the noisy image around it, (Y, X).
    y, x
        Where the pixel is in that part.
    observed
        Its noisy value.
    samples, weights
        Of the prior, and how much each counts in the posterior.
    signals, log_likelihoods
        Evenly spaced signals, and how likely each makes the noisy value.
    mmse, prior_mean
        The posterior's mean, and the prior's.
    truth
        The signal, if it is known.
    """

    detail: np.ndarray
    y: int
    x: int
    observed: float
    samples: np.ndarray
    weights: np.ndarray
    signals: np.ndarray
    log_likelihoods: np.ndarray
    mmse: float
    prior_mean: float
    truth: float | None


def draw_posterior(pixel: PixelView, model: NoiseModel, *, pixel_size_um: float | None) -> Figure:
    """Draw what is known of a pixel's signal, and the noise model that it is known by.

    Parameters
    ----------
    pixel
        The pixel.
    model
        The noise model that gave the samples their weights.
    pixel_size_um
        Side of a pixel, for the scale bar; None for no bar.

    Returns
    -------
    matplotlib.figure.Figure
        The noisy detail with the pixel marked; histograms of its prior and its posterior, the
        likelihood of its value over the signal, brought to the same area, and its values; the noise
        model: how likely each value is (up) for each signal (across), relative to the signal's most
        likely one, within the signals that it was learned from.
    """
    figure = Figure(figsize=(13, 4.3), layout="constrained")
    detail, signal, noise = figure.subplots(1, 3, width_ratios=[1, 1.55, 1.1])
    _show(detail, _stretched(pixel.detail))
    square = (slice(pixel.y - 1, pixel.y + 2), slice(pixel.x - 1, pixel.x + 2))
    _frame(detail, square)
    detail.set_title("Noisy image, detail", **_MONTAGE_STYLE)
    _scale_bar(detail, pixel.detail.shape, pixel_size_um)
    _draw_signal(signal, pixel)
    _draw_noise_model(noise, model, observed=pixel.observed)
    return figure


def _draw_signal(axis: Axes, pixel: PixelView) -> None:
    """Draw prior, likelihood and posterior over the signal, and the values of the pixel."""
    prior, likelihood, posterior = COLOURS[0], COLOURS[2], COLOURS[3]
    marks = [("noisy value", pixel.observed, "black", "--")]
    marks += [("prior mean", pixel.prior_mean, prior, "-"), ("MMSE", pixel.mmse, posterior, "-")]
    if pixel.truth is not None:
        marks.append(("truth", pixel.truth, "black", ":"))
    low, high = pixel.signals[[0, -1]]
    bins = np.linspace(low, high, 31)
    style = {"bins": bins, "density": True, "histtype": "stepfilled", "alpha": 0.45}
    axis.hist(pixel.samples, color=prior, label="prior: from its surroundings", **style)
    label = "posterior: from both"
    axis.hist(pixel.samples, weights=pixel.weights, color=posterior, label=label, **style)
    curve = np.exp(pixel.log_likelihoods - pixel.log_likelihoods.max())
    curve /= np.trapezoid(curve, pixel.signals)
    axis.plot(pixel.signals, curve, color=likelihood, label="likelihood of its noisy value")
    for name, value, colour, dash in marks:
        axis.axvline(value, color=colour, linestyle=dash, label=f"{name}: {value:.4g}")
    axis.set(xlabel="signal of the marked pixel", ylabel="density")
    axis.set_title("What is known of one pixel", **_MONTAGE_STYLE)
    _plain(axis)
    axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)


def _draw_noise_model(axis: Axes, model: NoiseModel, *, observed: float) -> None:
    """Draw a noise model as an image, with the line on which a value is the signal."""
    ends = np.array(model.signals)
    spread = 4 * np.sqrt(variance(model, ends))
    low, high = np.clip((ends[0] - spread[0], ends[1] + spread[1]), *model.values)
    signals, values = np.linspace(*ends, 256), np.linspace(low, high, 256)
    logs = log_likelihood(model, values[:, None], signals, outside="count").per_pixel
    extent = (*ends, low, high)
    axis.imshow(
        np.exp(logs - logs.max(axis=0)), cmap="Greys", origin="lower", extent=extent, aspect="auto"
    )
    axis.plot(ends, ends, color=COLOURS[0], linewidth=1, label="value = signal")
    axis.axhline(observed, color="black", linestyle="--", linewidth=1, label="marked pixel's value")
    axis.set(xlabel="signal", ylabel="noisy value", xlim=ends, ylim=(low, high))
    origin = {"frames": "repeated frames", "restoration": "a restoration"}
    title = f"Noise model, learned from {origin.get(model.origin, model.origin)}"
    axis.set_title(title, **_MONTAGE_STYLE)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)


def draw_learning_curves(
    histories: Mapping[tuple[str, str, str], pd.DataFrame],
) -> Figure:
    """Draw the training loss (dashed) and the validation loss (solid) of every model.

    Parameters
    ----------
    histories
        By train set, method and seed: a table with the columns step, loss and validation_loss.

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
        style = {"color": _colour(column + 1), "linewidth": 1.3}
        axis.plot(history["step"], history["loss"], "--", **style)
        axis.plot(history["step"], history["validation_loss"], "-", **style)
    for row, train_set in enumerate(train_sets):
        axes[row, 0].set_ylabel(f"loss, {train_set}", **_STYLE)
    for column, method in enumerate(methods):
        axes[0, column].set_title(method_label(method), **_STYLE)
        axes[-1, column].set_xlabel("step", **_STYLE)
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


def _colour(place: int) -> str:
    """Return grey for the first place (the noisy input), then the colours, each round darker."""
    if place == 0:
        return "0.35"
    round_, within = divmod(place - 1, len(COLOURS))
    return to_hex([part * 0.55**round_ for part in to_rgb(COLOURS[within])])


def _pair(images: Mapping[str, np.ndarray], pixel_size_um: float | None) -> Figure:
    figure = Figure(figsize=(8.4, 4.5), layout="constrained")
    axes = figure.subplots(1, 2)
    for axis, (title, image) in zip(axes, images.items(), strict=True):
        _show(axis, image)
        axis.set_title(title, fontsize=11)
    _scale_bar(axes[0], image.shape, pixel_size_um)
    return figure


def _stretched(image: np.ndarray) -> np.ndarray:
    low, high = np.percentile(image, (0.1, 99.9))
    return (image - low) / max(high - low, 1e-12)


def _mean_on_scale(truth: np.ndarray) -> float:
    """Return the truth's mean on the scale where its 0.1 and 99.9 percentiles are 0 and 1."""
    return float(_stretched(np.asarray(truth, np.float64)).mean())


def _show(axis: Axes, image: np.ndarray) -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    _bare(axis)


def _bare(axis: Axes) -> None:
    axis.set_xticks([])
    axis.set_yticks([])


def _frame(axis: Axes, window: tuple[slice, slice]) -> None:
    rows, columns = window
    corner = (columns.start - 0.5, rows.start - 0.5)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor=_FRAME, linewidth=1.2))


def _colour_spines(axis: Axes) -> None:
    axis.spines[:].set_color(_FRAME)
    axis.spines[:].set_linewidth(1.2)


def _scale_bar(axis: Axes, shape: tuple[int, ...], pixel_size_um: float | None) -> None:
    """Draw a bar of a round length, under a third of the image's width, at the lower right.

    Without a pixel size there is none.
    """
    if pixel_size_um is None:
        return
    height, width = shape
    fitting = [length for length in _NICE_LENGTHS if length <= 0.3 * width * pixel_size_um]
    length_um = fitting[-1] if fitting else _NICE_LENGTHS[0]
    right, y = 0.95 * width, 0.93 * height
    left = right - length_um / pixel_size_um
    axis.plot(
        [left, right],
        [y, y],
        color="white",
        linewidth=3,
        solid_capstyle="butt",
        path_effects=[withStroke(linewidth=4.5, foreground="black")],
    )
    label = axis.text((left + right) / 2, y - 0.03 * height, f"{length_um:g} µm", color="white")
    label.set(ha="center", va="bottom", fontsize=9, path_effects=_OUTLINE)
    axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))

"""Figures of images: exposures, restorations, montages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denoisekit.evaluation.display import Sections, fit_to_input, most_detailed
from denoisekit.evaluation.scaling import affine_fit, fit_to_truth
from denoisekit.figures._parts import (
    MONTAGE_STYLE,
    bare,
    colour_spines,
    framed,
    scale_bar,
    show,
    stretched,
)
from denoisekit.statistics.wording import method_label

_SIDE = 1.75
_DOTTED = {"color": "white", "linestyle": ":", "linewidth": 0.9}
# Of sections beside the width of a panel: of taller ones all is shown, but narrower.
_TALLEST = 2.0


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
    shown = {"Long exposure": stretched(high), "Short exposure": stretched(low)}
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
    truth: np.ndarray,
    panels: Sequence[Panel],
    *,
    inset_px: int,
    pixel_size_um: float | None,
    sections: Sections | None = None,
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
    sections
        Where images are the middle planes of volumes.

    Returns
    -------
    matplotlib.figure.Figure
        A column per panel and one for the truth; rows: whole image with the part framed, the part,
        of volumes a section along z through its dotted row, in which the plane that is shown is
        dotted, and ``|restored - truth|`` in fractions of the truth's range, on one colour scale
        that ends at the 99.5 percentile of the restored images' errors.
    """
    mean = _mean_on_scale(truth)
    scaled = fit_to_truth(truth, truth)[0]
    fits = [affine_fit(scaled, panel.pixels) for panel in panels]
    fitted = [
        gain * np.asarray(p.pixels, np.float64) + at
        for p, (gain, at) in zip(panels, fits, strict=True)
    ]
    errors = [np.abs(image - scaled) for image in fitted]
    top = max(np.percentile(error, 99.5) for error in errors[1:] or errors)
    window = most_detailed(scaled, inset_px)
    images = [*fitted, scaled]
    titles = [*(panel.title for panel in panels), "Truth"]
    heights = [1.0, 1.0, *([_height(sections)] if sections else []), 1.0]
    size = (_SIDE * len(images) + 0.6, 6.4 + _SIDE * sum(heights[2:-1]))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(heights), len(images), squeeze=False, height_ratios=heights)
    if sections:
        to_scale = [*fits, affine_fit(scaled, truth)]
        _draw_sections(axes[1], axes[2], sections, to_scale, added=mean)
    for column, (image, title) in enumerate(zip(images, titles, strict=True)):
        whole, part, error = axes[[0, 1, -1], column]
        show(whole, image + mean)
        whole.set_title(title, **MONTAGE_STYLE)
        framed(whole, window)
        show(part, image[window] + mean)
        colour_spines(part)
        if column < len(errors):
            shown = error.imshow(errors[column], cmap="inferno", vmin=0, vmax=top)
            bare(error)
        else:
            error.set_axis_off()
    scale_bar(axes[0, -1], truth.shape, pixel_size_um)
    scale_bar(axes[1, -1], scaled[window].shape, pixel_size_um)
    _name_rows(axes, "Whole image", "Detail", *(["Along z"] if sections else []), "Error")
    bar = figure.colorbar(shown, cax=axes[-1, -1].inset_axes((0.1, 0.04, 0.09, 0.9)), extend="max")
    bar.set_label("|image − truth|\n(fraction of range)", **MONTAGE_STYLE)
    bar.ax.tick_params(labelsize=9)
    return figure


def detail_without_truth(
    low: np.ndarray, panels: Sequence[Panel], inset_px: int
) -> tuple[slice, slice]:
    """Return rows and columns of the part that `draw_restored` shows, whose arguments these are."""
    return most_detailed(
        _mean_restored([fit_to_input(low, one.pixels) for one in panels]), inset_px
    )


def _mean_restored(fitted: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of the restored images, which come after the short exposure."""
    return np.asarray(np.mean(fitted[1:] or fitted, axis=0))


def draw_restored(
    low: np.ndarray,
    panels: Sequence[Panel],
    *,
    inset_px: int,
    pixel_size_um: float | None,
    sections: Sections | None = None,
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
    sections
        Where images are the middle planes of volumes.

    Returns
    -------
    matplotlib.figure.Figure
        A column per panel; rows: whole image with the part framed, the part, and of volumes a
        section along z through its dotted row. All are on one grey scale, between the 0.1 and 99.9
        percentiles of the mean of the restored images.
    """
    fitted = [fit_to_input(low, panel.pixels) for panel in panels]
    mean = _mean_restored(fitted)
    bottom, top = np.percentile(mean, (0.1, 99.9))
    window = most_detailed(mean, inset_px)
    heights = [low.shape[0] / low.shape[1], 1, *([_height(sections)] if sections else [])]
    size = (_SIDE * max(len(panels), 2) + 0.3, _SIDE * sum(heights) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(heights), len(panels), squeeze=False, height_ratios=heights)
    if sections:
        width = max(top - bottom, 1e-12)
        fits = [affine_fit(low, panel.pixels) for panel in panels]
        to_scale = [(gain / width, (at - bottom) / width) for gain, at in fits]
        _draw_sections(axes[1], axes[2], sections, to_scale, added=0)
    for (whole, part, *_), image, panel in zip(axes.T, fitted, panels, strict=True):
        image = (image - bottom) / max(top - bottom, 1e-12)
        show(whole, image)
        whole.set_title(panel.title, **MONTAGE_STYLE)
        framed(whole, window)
        show(part, image[window])
        colour_spines(part)
    scale_bar(axes[0, -1], low.shape, pixel_size_um)
    scale_bar(axes[1, -1], mean[window].shape, pixel_size_um)
    _name_rows(axes, "Whole image", "Detail", *(["Along z"] if sections else []))
    return figure


def _name_rows(axes: np.ndarray, *names: str) -> None:
    for name, axis in zip(names, axes[:, 0], strict=True):
        axis.set_ylabel(name, **MONTAGE_STYLE)


def _draw_sections(
    details: Sequence[Axes],
    axes: Sequence[Axes],
    sections: Sections,
    to_scale: Sequence[tuple[float, float]],
    *,
    added: float,
) -> None:
    """Draw a row of sections, and dot where they and the planes above them cross.

    Each is brought to the planes' grey scale by its gain and offset, and what is `added` to all.
    """
    rows = sections.window[0]
    for detail, axis, image, (gain, offset) in zip(
        details, axes, sections.images, to_scale, strict=True
    ):
        show(axis, gain * np.asarray(image, np.float64) + offset + added)
        axis.set_aspect(sections.aspect)
        colour_spines(axis)
        axis.axhline(len(image) // 2, **_DOTTED)
        detail.axhline((rows.stop - rows.start) // 2, **_DOTTED)


def _pair(images: Mapping[str, np.ndarray], pixel_size_um: float | None) -> Figure:
    figure = Figure(figsize=(8.4, 4.5), layout="constrained")
    axes = figure.subplots(1, 2)
    for axis, (title, image) in zip(axes, images.items(), strict=True):
        show(axis, image)
        axis.set_title(title, fontsize=11)
    scale_bar(axes[0], image.shape, pixel_size_um)
    return figure


def _mean_on_scale(truth: np.ndarray) -> float:
    """Return the truth's mean on the scale where its 0.1 and 99.9 percentiles are 0 and 1."""
    return float(stretched(np.asarray(truth, np.float64)).mean())


def _height(sections: Sections) -> float:
    """Return how high sections are drawn beside their width: at their true aspect, bounded."""
    planes, columns = sections.images[0].shape
    return min(planes * sections.aspect / columns, _TALLEST)

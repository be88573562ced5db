"""Figure of the objects that a segmentation finds in what every method restored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from skimage.segmentation import find_boundaries

from denoisekit.figures._parts import (
    COLOURS,
    MONTAGE_STYLE,
    scale_bar,
    show,
    stretched,
)

_LABELLED, _FOUND = COLOURS[5], COLOURS[1]
_COLUMNS = 4
# Outlines are drawn this many times finer than pixels, so that they hide little.
_FINER = 4


@dataclass(frozen=True)
class Panel:
    """A restored image, (Y, X), under its title, and the objects found in it, (Y, X)."""

    title: str
    image: np.ndarray
    found: np.ndarray


def draw_segmentation(
    truth: np.ndarray, labels: np.ndarray, panels: Sequence[Panel], *, pixel_size_um: float
) -> Figure:
    """Draw labelled objects, and those found in what every method restored.

    Parameters
    ----------
    truth
        (Y, X), the long exposure or, where there is none, the noisy image.
    labels
        (Y, X), the objects that are there.
    panels
        One for each method.
    pixel_size_um
        Side of a pixel, for the scale bar.

    Returns
    -------
    matplotlib.figure.Figure
        The labelled image first; then of each method its image, each between its own 0.1 and 99.9
        percentiles, with outlines of labelled objects in blue and of found ones in orange.
    """
    rows = -(-(len(panels) + 1) // _COLUMNS)
    figure = Figure(figsize=(2.7 * _COLUMNS, 3.0 * rows), layout="constrained")
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    _draw(axes[0], truth, {_LABELLED: labels}, "Labelled")
    scale_bar(axes[0], truth.shape, pixel_size_um)
    for axis, panel in zip(axes[1:], panels, strict=False):
        outlines = {_LABELLED: labels, _FOUND: panel.found}
        _draw(axis, panel.image, outlines, panel.title)
    for axis in axes[len(panels) + 1 :]:
        axis.axis("off")
    return figure


def _draw(axis: Axes, image: np.ndarray, outlines: dict[str, np.ndarray], title: str) -> None:
    show(axis, stretched(image))
    height, width = image.shape
    for colour, objects in outlines.items():
        finer = objects.repeat(_FINER, axis=0).repeat(_FINER, axis=1)
        edges = find_boundaries(finer, mode="inner")
        shown = np.ma.masked_where(~edges, np.ones(edges.shape))
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        axis.imshow(shown, cmap=ListedColormap([colour]), extent=extent, interpolation="nearest")
    axis.set_title(title, **MONTAGE_STYLE)

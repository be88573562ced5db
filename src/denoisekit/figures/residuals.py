"""Figure of residuals: what was invented and erased in one image, by every method."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from denoisekit.evaluation.display import dark_outside
from denoisekit.evaluation.residuals import Residual
from denoisekit.figures._parts import MONTAGE_STYLE, bare, scale_bar, show, stretched
from denoisekit.images.image import plane_of
from denoisekit.statistics.residuals import share_text
from denoisekit.statistics.wording import method_label

# Invented, erased: orange and blue, told apart by colour-blind people, too.
_COLOURS = {-1: "#E69F00", 1: "#56B4E9"}
_MAP = LinearSegmentedColormap.from_list("residual", ["#D55E00", "white", "#0072B2"])
_TOP = 6


@dataclass(frozen=True)
class Panel:
    """One restored image, (Y, X), what lies above it, and what its residual tells, if anything."""

    title: str
    pixels: np.ndarray
    residual: Residual | None


def panel(method: str, restored: np.ndarray, found: Residual | str) -> Panel:
    """Return the panel of a method; a text says why its residual was not tested."""
    if isinstance(found, str):
        said = textwrap.shorten(f"not tested: {found}", 110)
        return Panel("\n".join([method_label(method), *textwrap.wrap(said, 24)]), restored, None)
    invented, erased = (share_text(found.values[name]) for name in ("invented", "erased"))
    title = f"{method_label(method)}\ninvented {invented}\nerased {erased}"
    return Panel(title, restored, found)


def draw_residuals(panels: Sequence[Panel], *, image: str, pixel_size_um: float | None) -> Figure:
    """Draw every method's restoration of one image, and where its residual is no noise.

    Parameters
    ----------
    panels
        One per method.
    image
        Its name.
    pixel_size_um
        Side of a pixel, for the scale bar; None for no bar.

    Returns
    -------
    matplotlib.figure.Figure
        A column per panel. Above, the restored image with what was invented framed in orange and
        what was erased in blue; below, the averaged residual in standard deviations. Of volumes
        it is the middle plane.
    """
    figure = Figure(figsize=(2.1 * len(panels) + 0.8, 5.7), layout="constrained")
    figure.suptitle(image, **MONTAGE_STYLE)
    axes = figure.subplots(2, len(panels), squeeze=False)
    shown = None
    for column, one in enumerate(panels):
        above, below = axes[:, column]
        show(above, stretched(dark_outside(one.pixels)))
        above.set_title(one.title, **MONTAGE_STYLE)
        bare(below)
        if one.residual is None:
            below.set_axis_off()
            continue
        shown = below.imshow(plane_of(one.residual.score), cmap=_MAP, vmin=-_TOP, vmax=_TOP)
        for sign, colour in _COLOURS.items():
            marked = plane_of(one.residual.flagged) == sign
            if marked.any():
                above.contour(marked, levels=[0.5], colors=[colour], linewidths=1)
    scale_bar(axes[0, -1], panels[-1].pixels.shape, pixel_size_um)
    axes[0, 0].set_ylabel("Restored", **MONTAGE_STYLE)
    axes[1, 0].set_ylabel("Averaged residual", **MONTAGE_STYLE)
    if shown is not None:
        below = {"location": "bottom", "shrink": min(1, 2 / len(panels)), "aspect": 40}
        bar = figure.colorbar(shown, ax=list(axes[1]), extend="both", **below)
        bar.set_label("standard deviations of noise", **MONTAGE_STYLE)
    return figure

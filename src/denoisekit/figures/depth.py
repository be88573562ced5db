"""Figure of depths: the true surface of a sheet, those found, and how far they are off."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from denoisekit.figures._parts import MONTAGE_STYLE, bare, scale_bar
from denoisekit.statistics.wording import method_label

# The ends of the colours of what is off, in um, unless errors are larger.
_LEAST_OFF_UM = 0.5


def draw_depth(
    known_um: np.ndarray, found_um: Mapping[str, np.ndarray], *, pixel_size_um: float | None
) -> Figure:
    """Draw the true depth of a sheet, what each method found, and the difference.

    Parameters
    ----------
    known_um
        (Y, X), in micrometres from the first plane.
    found_um
        By method, likewise.
    pixel_size_um
        Side of a pixel, for the scale bar; None for none.

    Returns
    -------
    matplotlib.figure.Figure
        A column for the true surface and one for each method: above, depths in the same colours;
        below, what is found minus what is true, with the mean error.
    """
    columns = 1 + len(found_um)
    figure = Figure(figsize=(max(2.8 * columns, 6), 5.4), layout="constrained")
    axes = figure.subplots(2, columns, squeeze=False)
    ends = {"vmin": known_um.min(), "vmax": known_um.max(), "cmap": "viridis"}
    drawn = axes[0, 0].imshow(known_um, **ends)
    axes[0, 0].set_title("True surface", **MONTAGE_STYLE)
    scale_bar(axes[0, 0], known_um.shape, pixel_size_um)
    bare(axes[0, 0])
    axes[1, 0].axis("off")
    figure.colorbar(drawn, ax=axes[0, 0], location="left", shrink=0.8, label="depth (µm)")
    off = {method: found - known_um for method, found in found_um.items()}
    most = max([_LEAST_OFF_UM, *(np.percentile(np.abs(one), 98) for one in off.values())])
    for method, (above, below) in zip(found_um, axes.T[1:], strict=True):
        above.imshow(found_um[method], **ends)
        above.set_title(method_label(method), **MONTAGE_STYLE)
        drawn = below.imshow(off[method], cmap="RdBu_r", vmin=-most, vmax=most)
        below.set_xlabel(f"mean error {np.abs(off[method]).mean():.2f} µm", fontsize=9)
        bare(above)
        bare(below)
    figure.colorbar(drawn, ax=axes[1, 0], location="left", shrink=0.8, label="found - true (µm)")
    return figure

"""Figure of controls: pure noise and a flat field, as every method restores them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from denoisekit.figures._parts import MONTAGE_STYLE, bare
from denoisekit.statistics.wording import method_label

_NAMES = {"noise": "Pure noise", "flat": "Flat field"}
# A corner is shown, in which single pixels can be seen, and what is made of borders.
_SHOWN_PX = 128


def draw_controls(
    made: Mapping[str, np.ndarray], restored: Mapping[str, Mapping[str, np.ndarray]]
) -> Figure:
    """Draw control images and what methods make of them.

    Parameters
    ----------
    made
        An image (Y, X) of each of `denoisekit.evaluation.controls.KINDS`.
    restored
        By method, the same restored.

    Returns
    -------
    matplotlib.figure.Figure
        A row per kind and a column per method: the upper left 128 px, from one standard deviation
        of the kind's noise below each image's own mean to one above.
    """
    figure = Figure(figsize=(1.9 * len(restored) + 0.6, 4.4), layout="constrained")
    axes = figure.subplots(len(made), len(restored), squeeze=False)
    for row, (kind, image) in enumerate(made.items()):
        spread = float(image.std())
        for column, (method, images) in enumerate(restored.items()):
            axis = axes[row, column]
            middle = float(images[kind].mean())
            ends = {"vmin": middle - spread, "vmax": middle + spread}
            shown = images[kind][:_SHOWN_PX, :_SHOWN_PX]
            axis.imshow(shown, cmap="gray", **ends)
            bare(axis)
            if row == 0:
                axis.set_title(method_label(method), **MONTAGE_STYLE)
        axes[row, 0].set_ylabel(_NAMES[kind], **MONTAGE_STYLE)
    return figure

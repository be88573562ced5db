"""Parts that figures share: styles, colours, scale bars, legends."""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from denoisekit.statistics.wording import method_label

#: Okabe and Ito's colours without black and yellow, which vanishes on white.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
_FRAME = "#E69F00"
STYLE = {"fontsize": 9}
MONTAGE_STYLE = {"fontsize": 11}
RING = {
    **{"linestyle": "none", "marker": "o", "markersize": 8, "markerfacecolor": "none"},
    **{"color": "black", "markeredgewidth": 0.9},
}
_OUTLINE = [withStroke(linewidth=1.5, foreground="black")]
_NICE_LENGTHS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


def plain(axis: Axes) -> None:
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", color="0.9")
    axis.spines[["top", "right"]].set_visible(False)


def method_legend(
    figure: Figure, methods: Sequence[str], *more: Line2D, shown: Collection[str]
) -> None:
    handles = [
        Line2D([], [], color=method_colour(place), linewidth=2, label=method_label(method))
        for place, method in enumerate(methods)
        if method in shown
    ]
    handles += more
    columns = min(len(handles), max(3, int(figure.get_figwidth() / 1.6)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, **STYLE)


def method_colour(place: int) -> str:
    """Return grey for the first place (the noisy input), then the colours, each round darker."""
    if place == 0:
        return "0.35"
    round_, within = divmod(place - 1, len(COLOURS))
    return to_hex([part * 0.55**round_ for part in to_rgb(COLOURS[within])])


def stretched(image: np.ndarray) -> np.ndarray:
    low, high = np.percentile(image, (0.1, 99.9))
    return (image - low) / max(high - low, 1e-12)


def show(axis: Axes, image: np.ndarray) -> None:
    axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    bare(axis)


def bare(axis: Axes) -> None:
    axis.set_xticks([])
    axis.set_yticks([])


def framed(axis: Axes, window: tuple[slice, slice]) -> None:
    rows, columns = window
    corner = (columns.start - 0.5, rows.start - 0.5)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    axis.add_patch(Rectangle(corner, *size, fill=False, edgecolor=_FRAME, linewidth=1.2))


def colour_spines(axis: Axes) -> None:
    axis.spines[:].set_color(_FRAME)
    axis.spines[:].set_linewidth(1.2)


def scale_bar(axis: Axes, shape: tuple[int, ...], pixel_size_um: float | None) -> None:
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

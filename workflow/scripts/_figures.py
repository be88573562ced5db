"""Save a figure, or frames of one that moves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from denoisekit import files


def save(figure: Figure, output: Any) -> None:
    """Write a figure as PNG and as PDF, without the date, so that it can be compared."""
    with files.replacing(output.png) as temporary:
        figure.savefig(temporary, dpi=150)
    with files.replacing(output.pdf) as temporary:
        figure.savefig(temporary, dpi=200, metadata={"CreationDate": None})


def save_frames(frames: Sequence[np.ndarray], path: str, *, milliseconds: int) -> None:
    """Write pictures (Y, X) of 8 bits as a GIF, twice as large, each shown for some time."""
    first, *others = (
        Image.fromarray(pixels).resize([2 * side for side in pixels.shape[::-1]], 0)
        for pixels in frames
    )
    options = {"save_all": True, "append_images": others, "duration": milliseconds, "loop": 0}
    with files.replacing(path) as temporary:
        first.save(temporary, "GIF", **options)

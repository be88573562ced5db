"""The short exposures of a data set whose noise stands for that of all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np

from denoisekit.datasets import pairs, verdicts
from denoisekit.datasets.pairs import Pair
from denoisekit.images.image import plane_of


def read(
    rows: Sequence[Pair],
    quality: Iterable[Mapping[str, Any]],
    *,
    read_low: Callable[[Pair], np.ndarray],
    fields: int,
    at_most: int,
) -> tuple[list[str], list[np.ndarray]]:
    """Read frames of some fields that show structure, of volumes the middle plane.

    Parameters
    ----------
    rows, quality
        Pairs, and the table of quality that tells of them.
    read_low
        Reads a pair's short exposure.
    fields, at_most
        How many fields, and how many frames of all of them.

    Returns
    -------
    images
        Names of those that were taken.
    stacks
        Of each field its frames, (T, Y, X); frames of another shape than the first are left out.
    """
    images, stacks = list[str](), []
    shown = verdicts.showing(rows, quality)
    for frames in pairs.frames_of_scenes(shown, scenes=fields, at_most=at_most):
        planes = [plane_of(read_low(pair)) for pair in frames]
        # Registration cuts frames to what their pairs share.
        alike = [plane.shape == planes[0].shape for plane in planes]
        images += compress((pair.image for pair in frames), alike)
        stacks.append(np.stack(list(compress(planes, alike))))
    return images, stacks

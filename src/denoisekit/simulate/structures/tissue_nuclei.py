"""Nuclei of the cells of a tissue, each well inside of its cell's membranes."""

import numpy as np

from denoisekit.simulate.cells import Region
from denoisekit.simulate.scene import Emitters, SmoothField, points
from denoisekit.simulate.tissue import SAMPLE, lay_out, places

__all__ = ["SAMPLE", "draw_of_sample"]

_STEP_UM = 0.1
_GAP_UM = 0.7
_EDGE_UM = 0.08
_TEXTURE_UM = (0.6, 2.0)
_FIELDS, _CONTRAST = 4, 0.4
_FOCUS = 0


def draw_of_sample(
    rng: np.random.Generator, sample: np.random.Generator, region: Region
) -> list[Emitters]:
    """Return nuclei, textured, that end a gap from the borders of their cells."""
    yx = places(region, step_um=_STEP_UM)
    from_border, brightness = lay_out(sample, region).at(yx)
    inside = 1 / (1 + np.exp((_GAP_UM - from_border) / _EDGE_UM))
    yx, shown = yx[inside > 0.01], inside[inside > 0.01]
    # Of the waves of one field alone the texture would be a lattice.
    fields = [SmoothField(rng, scale_um=_TEXTURE_UM)(yx) for _ in range(_FIELDS)]
    texture = np.exp(_CONTRAST * np.sum(fields, axis=0) / np.sqrt(_FIELDS))
    weight = brightness[inside > 0.01] * shown * texture * _STEP_UM**2
    return [points(yx, weight, np.full(len(yx), _FOCUS, np.int8))]

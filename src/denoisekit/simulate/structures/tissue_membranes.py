"""Membranes between the cells of a tissue."""

import numpy as np

from denoisekit.simulate.cells import Region
from denoisekit.simulate.scene import Emitters, points
from denoisekit.simulate.tissue import SAMPLE, lay_out, places

__all__ = ["SAMPLE", "draw_of_sample"]

_STEP_UM = 0.06
_WIDTH_UM = 0.12
_FOCUS = 0


def draw_of_sample(
    rng: np.random.Generator, sample: np.random.Generator, region: Region
) -> list[Emitters]:
    """Return thin membranes along the borders of all cells, as bright as these are."""
    yx = places(region, step_um=_STEP_UM)
    from_border, brightness = lay_out(sample, region).at(yx)
    near = from_border < 3 * _WIDTH_UM
    yx, from_border, brightness = yx[near], from_border[near], brightness[near]
    yx = yx + rng.uniform(-_STEP_UM / 2, _STEP_UM / 2, size=yx.shape)
    weight = brightness * np.exp(-((from_border / _WIDTH_UM) ** 2)) * _STEP_UM**2
    return [points(yx, weight, np.full(len(yx), _FOCUS, np.int8))]

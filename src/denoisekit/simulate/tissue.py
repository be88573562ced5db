"""A tissue of small cells, of which structures in different colours are drawn.

What is drawn of one tissue excludes each other: each tells where the other is not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from denoisekit.simulate.cells import Region

#: What structures that are drawn of a tissue call their sample.
SAMPLE = "tissue"
_CELL_UM = 5.5
_JITTER = 0.3
_MARGIN_UM = 2 * _CELL_UM
_SPREAD = 0.3


@dataclass(frozen=True)
class Tissue:
    """Cells that fill the plane: their centres, (N, 2), in micrometres, and how bright each is."""

    centres: np.ndarray
    brightness: np.ndarray

    def at(self, yx: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how far positions, (M, 2) in um, lie from a border, and the brightness there.

        The brightness is that of the cell; on a border it is the mean of both cells'.
        """
        distance, nearest = KDTree(self.centres).query(yx, k=2)
        from_border = (distance[:, 1] - distance[:, 0]) / 2
        share = np.clip(from_border, 0, 0.5)[:, None] * (1, -1) + 0.5
        return from_border, np.sum(self.brightness[nearest] * share, axis=1)


def lay_out(rng: np.random.Generator, region: Region) -> Tissue:
    """Return a tissue that fills a region: a hexagonal lattice of cells, each put off a little."""
    low, high = region.low_um - _MARGIN_UM, region.high_um + _MARGIN_UM
    rows = np.arange(low, high, _CELL_UM * np.sqrt(3) / 2)
    steps = np.arange(low, high, _CELL_UM)
    centres = np.array([(y, x + _CELL_UM / 2 * (i % 2)) for i, y in enumerate(rows) for x in steps])
    centres += rng.uniform(-_CELL_UM / 2, _CELL_UM / 2, size=2)
    centres += _JITTER * _CELL_UM * rng.uniform(-1, 1, size=centres.shape)
    return Tissue(centres, np.exp(_SPREAD * rng.standard_normal(len(centres))))


def places(region: Region, *, step_um: float) -> np.ndarray:
    """Return a grid of positions, (N, 2), that fills a region."""
    steps = np.arange(region.low_um, region.high_um, step_um)
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)

"""Cells that express the photoconvertible protein Dendra2."""

import numpy as np
from scipy.spatial import Voronoi

from denoisekit.simulate.cells import Cell, Region, body_light
from denoisekit.simulate.scene import (
    SPACING_UM,
    Emitters,
    SmoothField,
    planes_of,
    scatter,
    strokes,
    worms,
)


def draw(rng: np.random.Generator, cell: Cell, region: Region) -> list[Emitters]:
    """Return the Dendra2 of one cell.

    Which fusion was imaged in the original study is not known. Assumed here is Dendra2 in its
    green state (emission near 507 nm) that fills the cytoplasm and is enriched in the endoplasmic
    reticulum, a net of tubules dense around the nucleus, and in vesicles that wander. The nucleus
    is dim.

    References
    ----------
    Gurskaya et al. 2006, doi:10.1038/nbt1191 (Dendra).
    """
    return [
        _reticulum(rng, cell, region),
        _vesicles(rng, cell, region),
        body_light(cell, region, light=1.0, nucleus=0.6, plane=3),
        body_light(cell, region, light=1.0, nucleus=0.4, plane=2),
    ]


def _reticulum(rng: np.random.Generator, cell: Cell, region: Region) -> Emitters:
    """Return tubules along the borders of a random tiling, finer near the nucleus."""
    seeds = scatter(rng, low_um=region.low_um, high_um=region.high_um, per_um2=1.1)
    crowd = SmoothField(rng, scale_um=(5.0, 20.0))
    share = np.exp(-1.2 * cell.depth(seeds) ** 2 + 0.3 * crowd(seeds))
    seeds = seeds[rng.random(len(seeds)) < share]
    tiling = Voronoi(seeds)
    edges = np.array([ridge for ridge in tiling.ridge_vertices if min(ridge) >= 0])
    first, second = tiling.vertices[edges[:, 0]], tiling.vertices[edges[:, 1]]
    length = np.hypot(*(second - first).T)
    sound = length < 6.0
    first, second, length = first[sound], second[sound], length[sound]
    steps = int(np.ceil(length.max(initial=1.0) / SPACING_UM))
    along = np.arange(steps) * SPACING_UM / length[:, None]
    bow = rng.normal(0, 0.12, size=len(length))[:, None] * np.sin(np.pi * along)
    across = (second - first)[:, None] * along[..., None]
    sideways = bow[..., None] * (second - first)[:, None, ::-1] * (1, -1)
    yx = first[:, None] + across + sideways
    light = 0.3 * np.exp(rng.normal(0, 0.25, size=len(length)))
    shown = (along < 1) & (cell.depth(yx) < 0.97) & (cell.nucleus(yx) > 1)
    weight = light[:, None] * np.exp(0.4 * crowd(yx)) * shown * SPACING_UM
    return strokes(yx, weight, planes_of(rng, len(length), shares=(0.45, 0.35, 0.2, 0.0)))


def _vesicles(rng: np.random.Generator, cell: Cell, region: Region) -> Emitters:
    """Return vesicles, round or drawn out into short tubes, each a body of its own."""
    start = scatter(rng, low_um=region.low_um, high_um=region.high_um, per_um2=0.3)
    depth = cell.depth(start)
    share = np.exp(-2 * depth**2) * (depth < 0.95) * (cell.nucleus(start) > 1.05)
    start = start[rng.random(len(start)) < share]
    count = len(start)
    length = np.clip(0.25 * np.exp(rng.normal(0, 0.9, size=count)), 0.1, 3.0)
    angle = rng.uniform(0, 2 * np.pi, size=count)
    yx, along = worms(rng, start, angle, length, persistence_um=2.0)
    width = 0.1 * np.exp(rng.normal(0, 0.4, size=(4, count, 1, 1)))
    places = yx + width * rng.normal(size=(4, *yx.shape))
    light = 0.25 * np.exp(rng.normal(0, 0.6, size=count)) * np.sqrt(length / 0.25) / length
    weight = np.broadcast_to(light[:, None] * (along < 1) * SPACING_UM / 4, (4, *along.shape))
    body = np.arange(1, count + 1, dtype=np.int32)
    plane = planes_of(rng, count, shares=(0.6, 0.3, 0.1, 0.0))
    return strokes(
        places.reshape(-1, *yx.shape[1:]),
        weight.reshape(-1, along.shape[1]),
        np.tile(plane, 4),
        np.tile(body, 4),
    )

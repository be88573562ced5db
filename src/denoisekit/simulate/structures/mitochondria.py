"""Mitochondria of an adherent cell, as a dye of their membranes shows them."""

import numpy as np

from denoisekit.simulate.cells import Cell, Region, body_light
from denoisekit.simulate.scene import SPACING_UM, Emitters, SmoothField, planes_of, strokes, worms

_AROUND = 10
_PITCH_UM = 1.15


def draw(rng: np.random.Generator, cell: Cell, region: Region) -> list[Emitters]:
    """Return the mitochondria of one cell.

    Curved tubules from round to long, some of them branched, dense around the nucleus and sparse
    towards the edge, lying roughly along the spokes of the cell. The dye sits in the membranes, so
    that swollen ones look hollow. Nucleus and cytoplasm are dim; the nucleoli show.
    """
    start = _spaced(rng, region)
    crowd = SmoothField(rng, scale_um=(6.0, 25.0))
    turning = SmoothField(rng, scale_um=(30.0, 100.0))
    depth = cell.depth(start)
    share = 1.1 * np.exp(-3.5 * depth**2 + 0.4 * crowd(start)) * (depth < 0.95)
    start = start[rng.random(len(start)) < share]
    spokes = np.arctan2(*(start - cell.centre).T)
    angle = spokes + 0.5 * turning(start) + rng.normal(0, 0.3, size=len(start))
    angle += np.pi * rng.integers(0, 2, size=len(start))
    length = np.clip(1.6 * np.exp(rng.normal(0, 0.7, size=len(start))), 0.7, 14.0)
    yx, along = worms(rng, start, angle, length, persistence_um=3.0)
    yx, along, length, body = _with_branches(rng, yx, along, length)
    tubules = _tubules(rng, cell, yx, along, length, body)
    return [
        tubules,
        _nucleoli(rng, cell),
        body_light(cell, region, light=0.4, nucleus=1.5, plane=3),
        body_light(cell, region, light=0.5, nucleus=2.5, plane=2),
    ]


def _spaced(rng: np.random.Generator, region: Region) -> np.ndarray:
    """Return (N, 2) points at random that keep some distance from each other."""
    steps = np.arange(region.low_um, region.high_um, _PITCH_UM)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return grid + rng.uniform(-0.4, 0.4, size=grid.shape) * _PITCH_UM


def _with_branches(
    rng: np.random.Generator, yx: np.ndarray, along: np.ndarray, length: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return curves, positions along them, lengths and bodies, side branches added to some."""
    body = np.arange(1, len(yx) + 1, dtype=np.int32)
    parents = np.flatnonzero((length > 2.5) & (rng.random(len(length)) < 0.3))
    place = (rng.uniform(0.2, 1.0, size=len(parents)) * length[parents] / SPACING_UM).astype(int)
    place = np.minimum(place, yx.shape[1] - 1)
    reach = np.clip(length[parents] * rng.uniform(0.3, 0.9, size=len(parents)), 0.7, None)
    angle = rng.uniform(0, 2 * np.pi, size=len(parents))
    branch, branch_along = worms(rng, yx[parents, place], angle, reach, persistence_um=3.0)
    steps = min(yx.shape[1], branch.shape[1])
    pad = ((0, 0), (0, yx.shape[1] - steps))
    branch = np.pad(branch[:, :steps], (*pad, (0, 0)))
    branch_along = np.pad(branch_along[:, :steps], pad, constant_values=2.0)
    return (
        np.concatenate([yx, branch]),
        np.concatenate([along, branch_along]),
        np.concatenate([length, reach]),
        np.concatenate([body, body[parents]]),
    )


def _tubules(
    rng: np.random.Generator,
    cell: Cell,
    yx: np.ndarray,
    along: np.ndarray,
    length: np.ndarray,
    body: np.ndarray,
) -> Emitters:
    """Return closed tubes around curves: their membranes, seen in projection."""
    count = len(along)
    swollen = rng.random(count) < np.clip(1.4 - 0.3 * length, 0.1, 0.85)
    radius = np.where(swollen, rng.uniform(0.25, 0.55, size=count), rng.uniform(0.1, 0.2, count))
    arc = along * length[:, None]
    cap = np.where(swollen, length / 2, radius)[:, None]
    end = np.minimum(arc, length[:, None] - arc) / cap
    closed = np.sqrt(np.clip(1 - (1 - np.clip(end, 0, 1)) ** 2, 0, 1))
    bulge = 1 + 0.25 * np.sin(arc * rng.uniform(2, 6, (count, 1)) + rng.uniform(0, 6, (count, 1)))
    profile = radius[:, None] * closed * bulge
    heading = np.gradient(yx, axis=1)
    normal = np.stack([heading[..., 1], -heading[..., 0]], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-12
    light = 0.8 * np.exp(rng.normal(0, 0.25, size=count) - 0.7 * cell.depth(yx[:, 0]) ** 2)
    light *= radius / 0.2
    shown = (along < 1) & (cell.nucleus(yx) > 1)
    turns = (np.arange(_AROUND) + 0.5) / _AROUND * np.pi
    places, weights = [], []
    for turn in turns:
        jitter = rng.normal(0, 0.02, size=profile.shape)
        places.append(yx + normal * (profile * np.cos(turn) + jitter)[..., None])
        weights.append(light[:, None] * shown * SPACING_UM / _AROUND)
    plane = planes_of(rng, count, shares=(0.8, 0.15, 0.05, 0.0))
    return strokes(
        np.concatenate(places),
        np.concatenate(weights),
        np.tile(plane, _AROUND),
        np.tile(body, _AROUND),
    )


def _nucleoli(rng: np.random.Generator, cell: Cell) -> Emitters:
    of = np.repeat(np.arange(len(cell.nuclei)), rng.integers(4, 10, size=len(cell.nuclei)))
    centre = np.stack([nucleus.centre for nucleus in cell.nuclei])[of]
    start = centre + rng.normal(0, 3.0, size=(len(of), 2))
    angle = rng.uniform(0, 2 * np.pi, size=len(of))
    length = rng.uniform(0.3, 2.0, size=len(of))
    yx, along = worms(rng, start, angle, length, persistence_um=1.0)
    places = [yx + rng.normal(0, 0.25, size=yx.shape) for _ in range(4)]
    weight = np.tile(0.5 * (along < 1) * SPACING_UM, (4, 1))
    return strokes(np.concatenate(places), weight, np.zeros(4 * len(of), np.int8))

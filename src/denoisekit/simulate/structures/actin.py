"""Actin of an adherent cell, as phalloidin shows it."""

from dataclasses import dataclass

import numpy as np

from denoisekit.simulate.cells import Cell, Region, body_light
from denoisekit.simulate.scene import (
    SPACING_UM,
    Emitters,
    SmoothField,
    keep,
    planes_of,
    points,
    scatter,
    strokes,
    worms,
)

_REACH_UM = 20.0
_STRIDE = 10
_FUZZ_UM = 0.08
_SPOT_EMITTERS = 16


@dataclass(frozen=True)
class _Family:
    """Stress fibres of one direction.

    By how much they are turned from the fan, how many start per area, their median length, light
    and thickness, and how patchily their light lies.
    """

    turn: float
    per_um2: float
    length_um: float
    light: float
    thickness_um: float
    patchiness: float


class _Fan:
    """Directions of stress fibres, which spread out from a tip of the cell and bend a little."""

    def __init__(self, rng: np.random.Generator, cell: Cell) -> None:
        along = np.array([np.sin(cell.axis), np.cos(cell.axis)])
        self._tip = cell.centre - rng.choice([-1, 1]) * rng.uniform(90, 250) * along
        self._bend = SmoothField(rng, scale_um=(40.0, 200.0))

    def __call__(self, yx: np.ndarray) -> np.ndarray:
        """Return the direction in radians from the x axis at (..., 2) positions."""
        return np.arctan2(*np.moveaxis(yx - self._tip, -1, 0)) + 0.12 * self._bend(yx)


def draw(rng: np.random.Generator, cell: Cell, region: Region) -> list[Emitters]:
    """Return the actin of one cell.

    Stress fibres fan out from a tip of the cell, crossed at some angle by fewer and dimmer ones;
    each is a bundle of strands that part and join. They end before the edge, in a dim lamella of
    short filaments that point outwards. Between the fibres lies a dim mesh, here and there a focus
    from which fibres radiate, and bright spots; the edge is lined with a faint rim, and the body's
    unfocused light lies over everything.
    """
    patchiness = SmoothField(rng, scale_um=(10.0, 50.0))
    fan = _Fan(rng, cell)
    crossing = rng.choice([-1, 1]) * rng.uniform(0.4, 1.4)
    families = [
        _Family(0.0, 0.16, length_um=16, light=0.8, thickness_um=0.24, patchiness=0.3),
        _Family(crossing, 0.03, length_um=10, light=0.5, thickness_um=0.2, patchiness=0.8),
        _Family(0.0, 0.25, length_um=8, light=0.3, thickness_um=0.12, patchiness=0.4),
        _Family(crossing, 0.12, length_um=6, light=0.25, thickness_um=0.08, patchiness=0.6),
    ]
    parts = [_stress_fibres(rng, cell, region, fan, patchiness, f) for f in families]
    parts += [
        _mesh(rng, cell, region),
        _foci(rng, cell, region),
        _rim(rng, cell),
        _spots(rng, cell, region, per_um2=0.15, light=0.07),
        _spots(rng, cell, region, per_um2=0.03, light=0.6),
        body_light(cell, region, light=2.8, nucleus=1.0, plane=3),
        body_light(cell, region, light=2.2, nucleus=0.8, plane=2),
    ]
    return parts


def _stress_fibres(
    rng: np.random.Generator,
    cell: Cell,
    region: Region,
    fan: _Fan,
    patchiness: SmoothField,
    family: _Family,
) -> Emitters:
    seeds = scatter(
        rng,
        low_um=region.low_um - _REACH_UM,
        high_um=region.high_um + _REACH_UM,
        per_um2=family.per_um2,
    )
    seeds = seeds[cell.depth(seeds) < 0.95]
    count = len(seeds)
    length = family.length_um * np.exp(rng.normal(0, 0.5, size=count))
    length = np.clip(length, 4.0, 2 * _REACH_UM)
    light = family.light * np.exp(rng.normal(0, 0.4, size=count))
    thickness = family.thickness_um * np.exp(rng.normal(0, 0.4, size=count))
    strands = np.clip(np.rint(thickness * 25), 1, 8).astype(int)
    of = np.repeat(np.arange(count), strands)
    tilt = rng.normal(0, 0.09, size=count)[of] + rng.normal(0, 0.01, size=len(of))
    sideways = thickness[of] * rng.normal(size=len(of))
    yx = _streamlines(
        seeds[of],
        sideways,
        length[of],
        family.turn + tilt,
        fan,
        forward=rng.choice([-1.0, 1.0], size=count)[of],
    )
    arc = np.arange(yx.shape[1]) * SPACING_UM
    drawn = (arc < length[of][:, None]) & region.holds(yx)
    number, arc, yx = of[np.nonzero(drawn)[0]], arc[np.nonzero(drawn)[1]], yx[drawn]
    yx = yx + _FUZZ_UM * rng.standard_normal(yx.shape)
    weight = (light / np.sqrt(strands))[number] * _taper(arc / length[number])
    weight *= _beads(rng, number, arc, count=count)
    weight *= np.exp(family.patchiness * (patchiness(yx) - 0.5 * family.patchiness))
    plane = planes_of(rng, count, shares=(0.75, 0.2, 0.05, 0.0))[number]
    depth = cell.depth(yx)
    # The lamella, beyond four fifths of the way to the edge, has few of them.
    weight *= 0.1 + 0.9 / (1 + np.exp((depth + 0.1 * patchiness(yx) - 0.8) / 0.03))
    within = depth < 1
    return keep(points(yx, weight * SPACING_UM, plane), within)


def _streamlines(
    seeds: np.ndarray,
    sideways: np.ndarray,
    length: np.ndarray,
    turn: np.ndarray,
    fan: _Fan,
    *,
    forward: np.ndarray,
) -> np.ndarray:
    """Return (N, S, 2) curves that follow the fan's direction at each place, plus `turn`."""
    heading = turn + fan(seeds)
    position = seeds + sideways[:, None] * np.stack([np.cos(heading), -np.sin(heading)], axis=-1)
    stride = (forward * SPACING_UM * _STRIDE)[:, None]
    nodes = [position]
    for _ in range(int(np.ceil(length.max(initial=0) / (SPACING_UM * _STRIDE)))):
        heading = turn + fan(position)
        position = position + stride * np.stack([np.sin(heading), np.cos(heading)], axis=-1)
        nodes.append(position)
    corners = np.stack(nodes, axis=1)[:, :, None]
    part = (np.arange(_STRIDE) / _STRIDE)[:, None]
    curves = corners[:, :-1] * (1 - part) + corners[:, 1:] * part
    return curves.reshape(len(seeds), -1, 2)


def _taper(along: np.ndarray) -> np.ndarray:
    """Return brightness along a curve: full for most of it, fading at both ends, 0 beyond."""
    return np.where(along < 1, np.abs(np.sin(np.pi * along)), 0)


def _beads(
    rng: np.random.Generator, number: np.ndarray, arc: np.ndarray, *, count: int
) -> np.ndarray:
    """Return the uneven brightness along `count` fibres: patches, and beads of alpha-actinin."""
    light = np.ones(len(arc))
    for height, periods in ((0.1, (1.0, 1.4)), (0.15, (2.5, 5.0)), (0.2, (6.0, 12.0))):
        pace = 2 * np.pi / rng.uniform(*periods, size=count)
        phase = rng.uniform(0, 2 * np.pi, size=count)
        light += height * np.cos(arc * pace[number] + phase[number])
    return light


def _mesh(rng: np.random.Generator, cell: Cell, region: Region) -> Emitters:
    start = scatter(rng, low_um=region.low_um, high_um=region.high_um, per_um2=4.0)
    depth = cell.depth(start)
    start, depth = start[depth < 0.97], depth[depth < 0.97]
    count = len(start)
    length = rng.uniform(0.5, 4.0, size=count)
    spread = np.where(depth < 0.7, np.pi, 0.6)
    angle = np.arctan2(*(start - cell.centre).T) + spread * rng.uniform(-1, 1, size=count)
    yx, along = worms(rng, start, angle, length, persistence_um=3.0)
    light = 0.09 * np.exp(rng.normal(0, 0.7, size=count))
    weight = light[:, None] * _taper(along) * SPACING_UM
    return strokes(yx, weight, planes_of(rng, count, shares=(0.6, 0.3, 0.1, 0.0)))


def _foci(rng: np.random.Generator, cell: Cell, region: Region) -> Emitters:
    centres = scatter(rng, low_um=region.low_um, high_um=region.high_um, per_um2=1 / 3000)
    centres = centres[cell.depth(centres) < 0.9]
    arms = rng.integers(40, 90, size=len(centres))
    of = np.repeat(np.arange(len(centres)), arms)
    strength = np.exp(rng.normal(0, 0.4, size=len(centres)))[of]
    length = rng.uniform(3.0, 18.0, size=len(of)) * np.sqrt(strength)
    angle = rng.uniform(0, 2 * np.pi, size=len(of))
    start = centres[of] + rng.normal(0, 0.8, size=(len(of), 2))
    yx, along = worms(rng, start, angle, length, persistence_um=60.0)
    fading = np.where(along < 1, np.exp(-3 * along), 0)
    weight = 0.8 * strength[:, None] * fading * SPACING_UM
    return strokes(yx, weight, planes_of(rng, len(of), shares=(0.7, 0.3, 0.0, 0.0)))


def _rim(rng: np.random.Generator, cell: Cell) -> Emitters:
    yx = cell.outline(12000)
    step = np.hypot(*(yx - np.roll(yx, 1, axis=0)).T)
    light = 0.15 * np.exp(0.9 * SmoothField(rng, scale_um=(4.0, 20.0))(yx))
    parts = [yx + rng.normal(0, 0.12, size=yx.shape) for _ in range(4)]
    return strokes(np.stack(parts), np.tile(light * step / 4, (4, 1)), np.zeros(4, np.int8))


def _spots(
    rng: np.random.Generator, cell: Cell, region: Region, *, per_um2: float, light: float
) -> Emitters:
    """Return patches of actin, each a body of its own that wanders in a living cell."""
    centre = scatter(rng, low_um=region.low_um, high_um=region.high_um, per_um2=per_um2)
    centre = centre[cell.depth(centre) < 0.95]
    count = len(centre)
    size = rng.uniform(0.05, 0.2, size=(count, 1, 1))
    yx = centre[:, None] + size * rng.normal(size=(count, _SPOT_EMITTERS, 2))
    each = light * np.exp(rng.normal(0, 0.6, size=(count, 1))) / _SPOT_EMITTERS
    return strokes(
        yx,
        np.repeat(each, _SPOT_EMITTERS, axis=1),
        planes_of(rng, count, shares=(0.6, 0.3, 0.1, 0.0)),
        np.arange(1, count + 1, dtype=np.int32),
    )

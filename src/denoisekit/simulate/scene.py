"""What is in the sample: emitters, drawn from curves and areas, and how they move.

A scene is a list of weighted points in micrometres, which move by any fraction of a pixel. They
are spread over a grid twice as fine as the camera's by a function whose blur the microscope takes
out again, so that a point looks the same wherever in a pixel it lies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from denoisekit.simulate.optics import FINER, MARGIN_PX

DEFOCUS_UM = (0.0, 0.4, 0.9, 2.5)
"""Distances from focus of the planes that emitters lie in."""

SPACING_UM = 0.07
"""Distance between emitters along a curve: two thirds of a pixel."""

_STIFFNESS_UM = 0.3
_FLOW_PERIOD_S = 120.0
_FLOW_SCALE_UM = (8.0, 25.0)
_WANDER_PERIOD_S = 20.0
_WANDER_SPREAD = 0.5


@dataclass(frozen=True)
class Emitters:
    """Points of light.

    Attributes
    ----------
    yx
        (N, 2) positions in micrometres; the field's first pixel is centred on (0, 0).
    weight
        (N,) light of each, in arbitrary units.
    plane
        (N,) index into `DEFOCUS_UM`.
    body
        (N,) number of the body that a point belongs to. Points of one body wander together;
        those of body 0 only flow with the cell.
    """

    yx: np.ndarray
    weight: np.ndarray
    plane: np.ndarray
    body: np.ndarray


def join(parts: Iterable[Emitters]) -> Emitters:
    """Return emitters together, bodies other than 0 renumbered so as to stay apart."""
    parts = list(parts)
    bodies, used = [], 0
    for part in parts:
        bodies.append(np.where(part.body > 0, part.body + used, 0))
        used += int(part.body.max(initial=0))
    return Emitters(
        yx=np.concatenate([part.yx for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        plane=np.concatenate([part.plane for part in parts]),
        body=np.concatenate(bodies),
    )


def keep(emitters: Emitters, chosen: np.ndarray) -> Emitters:
    """Return the emitters for which `chosen`, (N,) bool, is true."""
    return Emitters(
        yx=emitters.yx[chosen],
        weight=emitters.weight[chosen],
        plane=emitters.plane[chosen],
        body=emitters.body[chosen],
    )


class SmoothField:
    """A random function of the plane of mean 0 and variance 1 that varies over a given scale.

    Parameters
    ----------
    rng
        Draws the waves that are summed.
    scale_um
        Shortest and longest wavelength, in micrometres.
    """

    _WAVES = 6

    def __init__(self, rng: np.random.Generator, *, scale_um: tuple[float, float]) -> None:
        shortest, longest = np.log(scale_um)
        wavelength = np.exp(rng.uniform(shortest, longest, size=self._WAVES))
        direction = rng.uniform(0, 2 * np.pi, size=self._WAVES)
        self._phase = rng.uniform(0, 2 * np.pi, size=self._WAVES)
        waves = np.stack([np.sin(direction), np.cos(direction)])
        self._waves = 2 * np.pi * waves / wavelength

    def __call__(self, yx: np.ndarray) -> np.ndarray:
        """Return the values, (...), at positions (..., 2) in micrometres."""
        total = sum(
            np.cos(yx[..., 0] * wy + yx[..., 1] * wx + phase)
            for (wy, wx), phase in zip(self._waves.T, self._phase, strict=True)
        )
        return total * np.sqrt(2 / self._WAVES)


class Motion:
    """How a living cell moves: all of it flows, and its bodies wander.

    Both speeds stay the same on average, while the displacements stay bounded, so that a long
    movie neither stops nor tears its cell apart. Each body wanders with a period and a phase of its
    own, so that they are never all back at once.

    Parameters
    ----------
    rng
        Draws directions and speeds.
    emitters
        What moves.
    flow_um_per_s
        Root mean square speed of the smooth flow that carries everything.
    wander_um_per_s
        Root mean square speed of each body relative to the flow.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        emitters: Emitters,
        *,
        flow_um_per_s: float,
        wander_um_per_s: float,
    ) -> None:
        self.still = flow_um_per_s == wander_um_per_s == 0
        self._emitters = emitters
        if self.still:
            return
        flows = [[SmoothField(rng, scale_um=_FLOW_SCALE_UM) for _ in "yx"] for _ in range(2)]
        self._flow = flow_um_per_s * np.stack(
            [np.stack([along(emitters.yx) for along in flow], axis=-1) for flow in flows]
        )
        bodies = int(emitters.body.max(initial=0))
        self._wander = wander_um_per_s * rng.standard_normal((2, bodies + 1, 2))
        self._wander[:, 0] = 0
        spread = _WANDER_SPREAD * rng.standard_normal((bodies + 1, 1))
        self._wander_period = _WANDER_PERIOD_S * np.exp(spread)

    def at(self, time_s: float) -> Emitters:
        """Return the emitters where they are at a time in seconds."""
        if self.still:
            return self._emitters
        flow = _swing(self._flow, time_s, _FLOW_PERIOD_S)
        wander = _swing(self._wander, time_s, self._wander_period)
        moved = self._emitters.yx + flow
        moved += wander[self._emitters.body]
        return replace(self._emitters, yx=moved)


def _swing(velocities: np.ndarray, time_s: float, period_s: float | np.ndarray) -> np.ndarray:
    """Return the displacement at a time, if velocity swings between the two that are given."""
    first, second = velocities
    pace = 2 * np.pi / period_s
    swing = first * np.sin(pace * time_s) + second * (1 - np.cos(pace * time_s))
    return swing / (pace * np.sqrt(2))


def deposit(emitters: Emitters, *, pixel_size_um: float, grid: tuple[int, int]) -> np.ndarray:
    """Return light (plane, Y, X) on the microscope's grid.

    Every point is spread over the 3 x 3 nearest places by a quadratic B-spline.

    Parameters
    ----------
    emitters
        Points of light.
    pixel_size_um
        Side of a camera pixel in micrometres.
    grid
        (Y, X) of `denoisekit.simulate.optics.Microscope`; points outside are dropped.
    """
    position = [FINER * (along / pixel_size_um + MARGIN_PX) for along in emitters.yx.T]
    within = [(at > 0.5) & (at < side - 1.5) for at, side in zip(position, grid, strict=True)]
    inside = np.flatnonzero(within[0] & within[1])
    position, weight = [at[inside] for at in position], emitters.weight[inside]
    nearest = [np.rint(at).astype(np.intp) for at in position]
    y, x = (_spline(at - near) for at, near in zip(position, nearest, strict=True))
    centre = (emitters.plane[inside] * np.intp(grid[0]) + nearest[0]) * grid[1] + nearest[1]
    light = np.zeros(len(DEFOCUS_UM) * grid[0] * grid[1])
    for dy in (-1, 0, 1):
        row = weight * y[dy + 1]
        for dx in (-1, 0, 1):
            np.add.at(light, centre + (dy * grid[1] + dx), row * x[dx + 1])
    return light.reshape(-1, *grid)


def _spline(off: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the quadratic B-spline's shares of the places before, at and after the nearest one."""
    return (0.5 - off) ** 2 / 2, 0.75 - off**2, (0.5 + off) ** 2 / 2


def worms(
    rng: np.random.Generator,
    start: np.ndarray,
    angle: np.ndarray,
    length: np.ndarray,
    *,
    persistence_um: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return random curves that bend like worm-like chains.

    Parameters
    ----------
    rng
        Draws the bends.
    start, angle, length
        (N, 2) first points, (N,) first directions in radians from the x axis, (N,) lengths; all in
        micrometres.
    persistence_um
        Length over which a curve forgets its direction.

    Returns
    -------
    yx : numpy.ndarray
        (N, S, 2) points `SPACING_UM` apart.
    along : numpy.ndarray
        (N, S) relative position along the curve; points above 1 lie beyond its end.
    """
    steps = max(2, int(np.ceil(length.max(initial=0) / SPACING_UM)))
    bends = rng.standard_normal((len(start), steps)) * np.sqrt(SPACING_UM / persistence_um)
    bends = gaussian_filter1d(bends, _STIFFNESS_UM / SPACING_UM, axis=1, mode="constant")
    heading = angle[:, None] + np.cumsum(bends, axis=1)
    moves = SPACING_UM * np.stack([np.sin(heading), np.cos(heading)], axis=-1)
    along = np.arange(1, steps + 1) * SPACING_UM / length[:, None]
    return start[:, None] + np.cumsum(moves, axis=1), along


def points(yx: np.ndarray, weight: np.ndarray, plane: np.ndarray) -> Emitters:
    """Return points (N, 2) with weights and planes as emitters that only flow with the cell."""
    return Emitters(yx, weight, plane, np.zeros(len(yx), np.int32))


def strokes(
    yx: np.ndarray, weight: np.ndarray, plane: np.ndarray, body: np.ndarray | None = None
) -> Emitters:
    """Return curves (N, S, 2) with weights (N, S), planes (N,) and bodies (N,) as emitters."""
    steps = yx.shape[1]
    shown = weight.ravel() > 0
    numbers = np.zeros(len(yx), np.int32) if body is None else body
    return Emitters(
        yx=yx.reshape(-1, 2)[shown],
        weight=weight.ravel()[shown],
        plane=np.repeat(plane, steps)[shown],
        body=np.repeat(numbers, steps)[shown],
    )


def scatter(
    rng: np.random.Generator, *, low_um: float, high_um: float, per_um2: float
) -> np.ndarray:
    """Return (N, 2) points at random in a square of the plane, a given number per area."""
    count = int((high_um - low_um) ** 2 * per_um2)
    return rng.uniform(low_um, high_um, size=(count, 2))


def planes_of(rng: np.random.Generator, count: int, *, shares: Sequence[float]) -> np.ndarray:
    """Return (count,) planes drawn with the given shares."""
    return rng.choice(len(shares), size=count, p=shares).astype(np.int8)

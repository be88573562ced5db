"""Where the cells lie, what their outlines are, and how they fill with light."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from denoisekit.simulate.scene import Emitters, points

_CELL_SPACING_UM = 190.0
_BODY_STEP_UM = 0.2
_OUTLINE_ANGLES = np.linspace(0, 2 * np.pi, 1441)


@dataclass(frozen=True)
class Region:
    """The square that is drawn, from `low_um` to `high_um` along both axes."""

    low_um: float
    high_um: float

    def holds(self, yx: np.ndarray) -> np.ndarray:
        """Return, for (..., 2) positions in micrometres, whether they lie inside."""
        y, x = ((along > self.low_um) & (along < self.high_um) for along in np.moveaxis(yx, -1, 0))
        return y & x


@dataclass(frozen=True)
class Nucleus:
    """An ellipse: centre (2,) and half-axes in micrometres, and the angle of the longer one."""

    centre: np.ndarray
    radii: np.ndarray
    axis: float

    def depth(self, yx: np.ndarray) -> np.ndarray:
        """Return, for (..., 2) positions, 0 at the centre and 1 on the envelope."""
        dy, dx = np.moveaxis(yx - self.centre, -1, 0)
        sine, cosine = np.sin(self.axis), np.cos(self.axis)
        long, short = self.radii
        return np.hypot((dx * cosine + dy * sine) / long, (dy * cosine - dx * sine) / short)


class Cell:
    """A spread adherent cell: concave edges between a few corners, and one or two nuclei.

    Parameters
    ----------
    rng
        Draws its shape.
    centre
        (2,) its centre in micrometres, (y, x).
    """

    def __init__(self, rng: np.random.Generator, *, centre: np.ndarray) -> None:
        self.centre = centre
        self.axis = rng.uniform(0, np.pi)
        self._reach = _outline(rng, axis=self.axis)
        self.nuclei = _nuclei(rng, centre=centre, axis=self.axis)

    def depth(self, yx: np.ndarray) -> np.ndarray:
        """Return, for (..., 2) positions, 0 at the centre, 1 on the outline, above 1 outside."""
        dy, dx = np.moveaxis(yx - self.centre, -1, 0)
        return np.hypot(dy, dx) / self._radius(np.arctan2(dy, dx))

    def nucleus(self, yx: np.ndarray) -> np.ndarray:
        """Return, for (..., 2) positions, 0 at a nucleus' centre and 1 on its envelope."""
        return np.min([nucleus.depth(yx) for nucleus in self.nuclei], axis=0)

    def outline(self, count: int) -> np.ndarray:
        """Return (count, 2) points around the outline."""
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        direction = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
        return self.centre + self._radius(angle)[:, None] * direction

    def _radius(self, angle: np.ndarray) -> np.ndarray:
        return np.interp(np.mod(angle, 2 * np.pi), _OUTLINE_ANGLES, self._reach)


def _nuclei(rng: np.random.Generator, *, centre: np.ndarray, axis: float) -> list[Nucleus]:
    """Return one nucleus, or now and then two that touch."""
    count = 1 + int(rng.random() < 0.25)
    place = centre + rng.normal(0, 4.0, size=2)
    towards = rng.uniform(0, 2 * np.pi)
    apart = 8.5 * (count - 1) * np.array([np.sin(towards), np.cos(towards)])
    return [
        Nucleus(
            centre=place + side * apart,
            radii=rng.uniform((10.0, 8.0), (13.0, 9.5)),
            axis=axis + rng.normal(0, 0.3),
        )
        for side in (-1, 1)[:count]
    ]


def _outline(rng: np.random.Generator, *, axis: float) -> np.ndarray:
    """Return the distance from centre to outline, in micrometres, at `_OUTLINE_ANGLES`."""
    corners = int(rng.integers(4, 8))
    at = (np.arange(corners) + rng.uniform(-0.2, 0.2, size=corners)) * 2 * np.pi / corners
    reach = 82 * np.exp(rng.normal(0, 0.2, size=corners)) * (1 + 0.3 * np.cos(2 * (at - axis)))
    inward = rng.uniform(0.05, 0.3, size=corners)
    after = np.searchsorted(at, _OUTLINE_ANGLES, side="right")
    here, there = (after - 1) % corners, after % corners
    gap = np.mod(at[there] - at[here], 2 * np.pi)
    passed = np.mod(_OUTLINE_ANGLES - at[here], 2 * np.pi)
    chord = reach[here] * reach[there] * np.sin(gap)
    chord /= reach[here] * np.sin(passed) + reach[there] * np.sin(gap - passed)
    share = passed / gap
    radius = chord * (1 - inward[here] * 4 * share * (1 - share))
    rounded = gaussian_filter1d(radius[:-1], 8, mode="wrap")
    return np.append(rounded, rounded[0]) + _ruffles(rng, _OUTLINE_ANGLES)


def _ruffles(rng: np.random.Generator, angle: np.ndarray) -> np.ndarray:
    """Return the small waves of a cell's edge, in micrometres."""
    waves = np.arange(9, 120, 3)
    phase = rng.uniform(0, 2 * np.pi, size=len(waves))
    return np.sum(9 / waves * np.cos(waves * angle[:, None] + phase), axis=1)


def draw_cells(rng: np.random.Generator, *, field_um: float) -> list[Cell]:
    """Return the cells of a field of view.

    A field much smaller than a cell sees part of one, chosen by its whereabouts: near the nucleus,
    in the periphery, or across the edge. A large field sees several.

    Parameters
    ----------
    rng
        Draws the cells.
    field_um
        Side of the field in micrometres.
    """
    cells: list[Cell] = []
    middle = np.full(2, field_um / 2)
    spread = max(65.0, field_um / 2 - 45)
    for _ in range(max(1, round((field_um / _CELL_SPACING_UM) ** 2))):
        for _ in range(50):
            centre = middle + rng.uniform(-spread, spread, size=2)
            near = min((np.hypot(*(centre - c.centre)) for c in cells), default=np.inf)
            if near > 0.5 * _CELL_SPACING_UM:
                cells.append(Cell(rng, centre=centre))
                break
    return cells


def body_light(cell: Cell, region: Region, *, light: float, nucleus: float, plane: int) -> Emitters:
    """Return the diffuse light of a cell's body.

    Parameters
    ----------
    cell
        The cell.
    region
        What is drawn.
    light
        Light per square micrometre where the cell is thickest.
    nucleus
        Light of the nucleus relative to the cytoplasm around it.
    plane
        Index into `DEFOCUS_UM` of the plane that the light comes from.
    """
    steps = np.arange(region.low_um, region.high_um, _BODY_STEP_UM)
    yx = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    depth = cell.depth(yx)
    yx, depth = yx[depth < 1], depth[depth < 1]
    thickness = 0.1 + 0.9 * np.exp(-3 * depth**2)
    envelope = 1 / (1 + np.exp((cell.nucleus(yx) - 1) / 0.03))
    weight = light * thickness * (1 + (nucleus - 1) * envelope) * _BODY_STEP_UM**2
    return points(yx, weight, np.full(len(yx), plane, np.int8))

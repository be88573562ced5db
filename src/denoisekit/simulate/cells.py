"""Where the cells lie, what their outlines are, and how they fill with light."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from denoisekit.simulate.scene import Emitters

_CELL_SPACING_UM = 130.0
_BODY_STEP_UM = 0.1


@dataclass(frozen=True)
class Region:
    """The square that is drawn, from `low_um` to `high_um` along both axes."""

    low_um: float
    high_um: float


class Cell:
    """A spread adherent cell: concave edges between a few corners, and a nucleus.

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
        self._outline = _outline(rng, axis=self.axis)
        self.nucleus_radii = rng.uniform((7.0, 5.5), (10.0, 7.5))
        self.nucleus_axis = self.axis + rng.normal(0, 0.3)
        self.nucleus_centre = centre + rng.normal(0, 3.0, size=2)

    def depth(self, yx: np.ndarray) -> np.ndarray:
        """Return, for (..., 2) positions, 0 at the centre, 1 on the outline, above 1 outside."""
        dy, dx = np.moveaxis(yx - self.centre, -1, 0)
        return np.hypot(dy, dx) / self._outline(np.mod(np.arctan2(dy, dx), 2 * np.pi))

    def nucleus(self, yx: np.ndarray) -> np.ndarray:
        """Return, for (..., 2) positions, 0 at the nucleus' centre and 1 on its envelope."""
        dy, dx = np.moveaxis(yx - self.nucleus_centre, -1, 0)
        sine, cosine = np.sin(self.nucleus_axis), np.cos(self.nucleus_axis)
        long, short = self.nucleus_radii
        return np.hypot((dx * cosine + dy * sine) / long, (dy * cosine - dx * sine) / short)

    def outline(self, count: int) -> np.ndarray:
        """Return (count, 2) points around the outline."""
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        direction = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
        return self.centre + self._outline(angle)[:, None] * direction


def _outline(rng: np.random.Generator, *, axis: float) -> CubicSpline:
    """Return the distance from centre to outline as a function of angle."""
    corners = int(rng.integers(4, 8))
    angle = np.arange(corners) + rng.uniform(-0.25, 0.25, size=corners)
    angle *= 2 * np.pi / corners
    reach = 38 * np.exp(rng.normal(0, 0.2, size=corners))
    reach *= 1 + 0.3 * np.cos(2 * (angle - axis))
    between = (angle + np.append(angle[1:], angle[0] + 2 * np.pi)) / 2
    waist = np.minimum(reach, np.roll(reach, -1)) * rng.uniform(0.6, 0.85, size=corners)
    angle = np.ravel(np.column_stack([angle, between]))
    radius = np.ravel(np.column_stack([reach, waist]))
    shifted = np.append(angle, angle[0] + 2 * np.pi)
    spline = CubicSpline(shifted, np.append(radius, radius[0]), bc_type="periodic")
    even = np.linspace(0, 2 * np.pi, 361)
    wavy = spline(even) + _ruffles(rng, even)
    return CubicSpline(even, np.append(wavy[:-1], wavy[0]), bc_type="periodic")


def _ruffles(rng: np.random.Generator, angle: np.ndarray) -> np.ndarray:
    """Return the small waves of a cell's edge, in micrometres."""
    waves = np.arange(9, 40, 3)
    phase = rng.uniform(0, 2 * np.pi, size=len(waves))
    return np.sum(6 / waves * np.cos(waves * angle[:, None] + phase), axis=1)


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
    spread = max(26.0, field_um / 2 - 25)
    for _ in range(max(1, round((field_um / _CELL_SPACING_UM) ** 2))):
        for _ in range(50):
            centre = middle + rng.uniform(-spread, spread, size=2)
            near = min((np.hypot(*(centre - c.centre)) for c in cells), default=np.inf)
            if near > 0.5 * _CELL_SPACING_UM:
                cells.append(Cell(rng, centre=centre))
                break
    return cells


def body_light(cell: Cell, region: Region, *, plane: int, nucleus: float) -> Emitters:
    """Return the diffuse light of a cell's body, about 1 per square micrometre where it is thick.

    Parameters
    ----------
    cell
        The cell.
    region
        What is drawn.
    plane
        Index into `DEFOCUS_UM` of the plane that the light comes from.
    nucleus
        Light of the nucleus relative to the cytoplasm around it.
    """
    steps = np.arange(region.low_um, region.high_um, _BODY_STEP_UM)
    yx = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    depth = cell.depth(yx)
    yx, depth = yx[depth < 1], depth[depth < 1]
    thickness = 0.15 + 0.85 * (1 - depth**2) ** 1.5
    envelope = 1 / (1 + np.exp((cell.nucleus(yx) - 1) / 0.03))
    weight = thickness * (1 + (nucleus - 1) * envelope) * _BODY_STEP_UM**2
    return Emitters(
        yx=yx,
        weight=weight,
        plane=np.full(len(yx), plane, np.int8),
        body=np.zeros(len(yx), np.int32),
    )

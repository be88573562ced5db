"""Stacks whose planes lie farther apart than pixels: where planes lie, and what lies between them.

Voxel j of an isotropic grid lies at z = j px and plane k of the stack at z = k step, both counted
from the middle of the first plane, so that the grid is neither stretched nor shifted against the
stack. (`scipy.ndimage.zoom`, which CSBDeep 0.8.1 uses, lays the middles of the first and of the
last plane on those of the first and of the last of round(planes * step) voxels.)
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.interpolate import CubicSpline

from denoisekit._checks import finite
from denoisekit.errors import InputError

# Neighbouring pixels of an image share this much at least; those of pure noise do by chance.
_LEAST_CORRELATION = 0.02
_CHANCE = 5.0
_HAIR_PX = 0.01


@dataclass(frozen=True)
class Sparse:
    """A stack whose planes lie farther apart than its pixels, and where it is to be restored.

    Attributes
    ----------
    planes
        (Z, Y, X), in any unit.
    step
        How many pixels two planes lie apart.
    at
        Where along z it is to be restored, in px from the first plane.
    lateral_px, axial_px
        Standard deviations of its point spread function within planes and along z, in px.
    compared
        Whether it is restored to be compared with planes of its own, which are blurred along z.
    """

    planes: np.ndarray
    step: float
    at: np.ndarray
    lateral_px: float
    axial_px: float
    compared: bool

    @property
    def missing_px(self) -> float:
        """Standard deviation, in px, of the blur along z that planes do not show.

        Variances of blurs add up: of the axial one, the planes have the lateral one already.
        """
        return math.sqrt(self.axial_px**2 - self.lateral_px**2)

    def read_off(self, volume: np.ndarray) -> np.ndarray:
        """Return a stack that was restored and sharpened, at the places where it is asked for.

        Parameters
        ----------
        volume
            (Z, Y, X) on isotropic voxels from the first plane on. Where the stack is `compared`, it
            is blurred along z as planes are, or what was sharpened would count as an error.

        Returns
        -------
        np.ndarray
            (at, Y, X) float32, between voxels by linear interpolation.
        """
        seen = volume
        if self.compared:
            seen = ndimage.gaussian_filter(volume, (self.missing_px, 0, 0), mode="reflect")
        return linear(seen, self.at)


def isotropic_grid(planes: int, step: float) -> np.ndarray:
    """Return where the voxels of an isotropic stack lie, in px: from the first plane to the last.

    Parameters
    ----------
    planes
        How many there are.
    step
        How many pixels they lie apart.
    """
    # Sizes in files are rounded: a hair beyond the last plane counts as there.
    return np.arange(math.floor((planes - 1) * step + _HAIR_PX) + 1, dtype=np.float64)


def linear(planes: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return a stack between its planes by linear interpolation, as viewers show it.

    Parameters
    ----------
    planes
        (Z, ...) in any unit.
    positions
        Where, counted in planes from 0; none lies outside.

    Returns
    -------
    np.ndarray
        (positions, ...) float32.
    """
    last = len(planes) - 1
    below = np.clip(np.floor(positions).astype(int), 0, max(last - 1, 0))
    share = np.clip(positions - below, 0, 1).reshape(-1, *(1,) * (planes.ndim - 1))
    upper = planes[np.minimum(below + 1, last)]
    return ((1 - share) * planes[below] + share * upper).astype(np.float32)


def cubic(planes: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return a stack between its planes by a cubic spline through them ("not a knot").

    The parameters and what is returned are those of `linear`.
    """
    spline = CubicSpline(np.arange(len(planes)), planes.astype(np.float64), axis=0)
    return spline(positions).astype(np.float32)


def check_structure(planes: np.ndarray, *, name: str) -> None:
    """Raise InputError if nothing is to be seen in a stack but noise that differs pixel by pixel.

    Parameters
    ----------
    planes
        (Z, Y, X) in any unit.
    name
        What to call it in an error.
    """
    finite(planes, name=name)
    centred = planes.astype(np.float64) - planes.mean(axis=(-2, -1), keepdims=True)
    variance = float(np.mean(centred**2))
    along = [
        float(np.mean(centred[..., 1:, :] * centred[..., :-1, :])),
        float(np.mean(centred[..., 1:] * centred[..., :-1])),
    ]
    least = max(_LEAST_CORRELATION, _CHANCE / math.sqrt(planes.size))
    if variance == 0 or max(along) < least * variance:
        found = max(along) / variance if variance else 0.0
        raise InputError(
            f"{name} shows no structure: neighbouring pixels of its planes correlate by "
            f"{found:.3f}, as those of pure noise do; give another stack."
        )

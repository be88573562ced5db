"""The surface on which a sheet of cells lies in a stack, and the sheet as one plane.

Where a stack is much brighter at one depth than at others, that depth is the sheet's; between such
places the surface is smooth. Nothing is learned (after Blasse et al. 2017, PreMosa, doi
10.1093/bioinformatics/btx313, and EpiTools, Heller et al. 2016, doi 10.1016/j.devcel.2015.12.012).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from denoisekit._checks import finite, not_constant, shape_text
from denoisekit.errors import InputError

# As many planes must lie above each other as a depth can be told among.
_FEWEST_PLANES = 5
# This share of places, those with the clearest maximum along z, tells the surface.
_CLEAR = 0.25
# How much smoother the first surface is, so that what is bright elsewhere draws it less.
_FIRST = 3
# Where more of these are brightest in the stack's first or last plane, the sheet leaves the stack.
_MOST_AT_END = 0.15
# Around each pixel, planes are compared with a truth within a Gaussian of this standard deviation.
_AROUND_PX = 6.0


@dataclass(frozen=True)
class Surface:
    """A smooth surface in a stack.

    Attributes
    ----------
    height
        (Y, X) how deep it lies, in planes from the first one, which is 0.
    spread
        (Y, X) root mean square distance from it, in planes, of the depths that it was found by:
        where it is large, the surface is a guess.
    """

    height: np.ndarray
    spread: np.ndarray


def find_surface(
    stack: np.ndarray, *, smoothing_px: Sequence[float], surface_px: float, reach_planes: float
) -> Surface:
    """Find the smooth surface on which a stack is brightest.

    Parameters
    ----------
    stack
        (Z, Y, X).
    smoothing_px
        Standard deviations, along z, y and x, of a Gaussian that takes the noise away first.
    surface_px
        Of one along y and x that makes the surface smooth.
    reach_planes
        How far from the surface a second look takes depths for the sheet's.

    Returns
    -------
    Surface
        Whatever the stack's gain and offset.

    Raises
    ------
    InputError
        If the stack has too few planes, is constant or not finite, or is brightest in its first or
        last plane at many places, as one that the sheet leaves.
    """
    if stack.ndim != 3 or len(stack) < _FEWEST_PLANES:
        raise InputError(
            f"A surface is found in stacks of {_FEWEST_PLANES} planes or more, but this one is "
            f"{shape_text(stack)}; give all planes through the sheet."
        )
    finite(stack, name="The stack")
    not_constant(stack, name="The stack")
    smooth = ndimage.gaussian_filter(stack.astype(np.float64), smoothing_px, mode="nearest")
    clear = smooth.max(axis=0) - smooth.mean(axis=0)
    depths = smooth.argmax(axis=0)
    places = clear >= np.quantile(clear, 1 - _CLEAR)
    _check_inside(depths[places], len(stack))
    first = _smoothed(depths, places, _FIRST * surface_px)
    # What is bright elsewhere, as in a cuticle, is left out now.
    planes = np.arange(len(stack))[:, None, None]
    near = np.abs(planes - first) <= max(reach_planes, 1)
    depths = np.where(near, smooth, -np.inf).argmax(axis=0)
    height = _smoothed(depths, places, surface_px)
    squared = _smoothed((depths - height) ** 2, places, surface_px)
    return Surface(height, np.sqrt(squared))


def _smoothed(values: np.ndarray, known: np.ndarray, sigma_px: float) -> np.ndarray:
    """Return values smoothed over the plane, those that are not known taken from the nearest."""
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled = values[tuple(nearest)].astype(np.float64)
    return np.asarray(ndimage.gaussian_filter(filled, sigma_px, mode="nearest"))


def _check_inside(depths: np.ndarray, planes: int) -> None:
    for name, plane in (("first", 0), ("last", planes - 1)):
        share = np.mean(depths == plane)
        if share > _MOST_AT_END:
            raise InputError(
                f"At {share:.0%} of the places that tell the surface the stack is brightest in the "
                f"{name} of its {planes} planes, so that the sheet seems to leave it; give more "
                "planes there, or take the maximum."
            )


def check_sheet_inside(stack: np.ndarray, plane: np.ndarray) -> None:
    """Raise InputError if a sheet, as its truth shows it, leaves a stack.

    Parameters
    ----------
    stack
        (Z, Y, X), at any light.
    plane
        (Y, X), the sheet. At each place, the depth is that of the plane which goes best with it.
    """
    if len(stack) < _FEWEST_PLANES:
        raise InputError(
            f"A sheet is looked for in stacks of {_FEWEST_PLANES} planes or more, but this one is "
            f"{shape_text(stack)}; give all planes through the sheet."
        )
    truth = _without_level(plane)
    alike = np.stack([_around(_without_level(one) * truth) for one in stack])
    clear = alike.max(axis=0) - alike.mean(axis=0)
    _check_inside(alike.argmax(axis=0)[clear >= np.quantile(clear, 1 - _CLEAR)], len(stack))


def _without_level(plane: np.ndarray) -> np.ndarray:
    values = plane.astype(np.float64)
    return values - _around(values)


def _around(plane: np.ndarray) -> np.ndarray:
    return np.asarray(ndimage.gaussian_filter(plane, _AROUND_PX, mode="nearest"))


def project_along(stack: np.ndarray, height: np.ndarray, *, half_planes: int) -> np.ndarray:
    """Return the brightest pixel of the planes around a surface, at each place.

    Parameters
    ----------
    stack
        (Z, Y, X); it may be of another channel than that which the surface was found in.
    height
        (Y, X), in planes; the nearest plane is taken.
    half_planes
        How many planes above and below it are looked at, too.

    Returns
    -------
    np.ndarray
        (Y, X), of the stack's type.

    Raises
    ------
    InputError
        If the stack's planes do not have the size of the surface.
    """
    if stack.shape[1:] != height.shape:
        raise InputError(
            f"The surface has {shape_text(height)} pixels, but the stack is {shape_text(stack)}; "
            "both must show one field."
        )
    middle = np.clip(np.rint(height).astype(int), 0, len(stack) - 1)
    around = [
        np.take_along_axis(stack, np.clip(middle + step, 0, len(stack) - 1)[None], axis=0)[0]
        for step in range(-half_planes, half_planes + 1)
    ]
    return np.asarray(np.max(around, axis=0))

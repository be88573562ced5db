"""Make a stack a plane without learning: its mean, or what lies on a surface in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from denoisekit._checks import one_of
from denoisekit.errors import InputError
from denoisekit.filters import nlm as nonlocal_means
from denoisekit.filters._calibration import Filtered
from denoisekit.images.surface import Surface, find_surface, project_along

# What each way of making a plane needs to be told.
_NEEDED = {
    "mean": (),
    "surface": ("half_planes", "smoothing_um", "surface_um", "reach_um"),
    "known-surface": ("half_planes", "height_um"),
}


def restore(
    image: np.ndarray,
    *,
    how: str,
    smoothing_um: Sequence[float] | None = None,
    surface_um: float | None = None,
    reach_um: float | None = None,
    half_planes: int | None = None,
    nlm: Mapping[str, Any] | None = None,
    stack: np.ndarray | None = None,
    voxel_um: tuple[float, float] | None = None,
    height_um: np.ndarray | None = None,
    usable: np.ndarray | None = None,
) -> Filtered:
    """Return the plane of a stack's sheet, and beside it how deep a surface lies that was found.

    Parameters
    ----------
    image
        The maximum of the stack along z; not used.
    how
        ``mean`` of all planes; ``surface``, what is brightest around the one that is found; or
        ``known-surface``, around the true one.
    smoothing_um, surface_um, reach_um
        As `find_surface` takes them, but in micrometres, smoothing along z and across.
    half_planes
        As `project_along` takes it.
    nlm
        Options of non-local means, by which the plane is filtered then; without it, it is not.
    stack
        (Z, Y, X).
    voxel_um
        How far its planes lie apart, and the side of a pixel.
    height_um
        (Y, X), the true surface, of simulated stacks alone.
    usable
        Not used: nothing lies outside of the field of such stacks.

    Raises
    ------
    InputError
        If there is no stack, an option or the true surface is missing, or no surface is found.
    """
    one_of(how, list(_NEEDED), name="How the filter 'projection' makes a plane")
    if stack is None or voxel_um is None:
        raise InputError(
            "The filter 'projection' makes planes of stacks, but this image is none; give its data "
            "set 'target: plane', or take another filter."
        )
    given: dict[str, Any] = {
        **{"half_planes": half_planes, "smoothing_um": smoothing_um, "surface_um": surface_um},
        **{"reach_um": reach_um, "height_um": height_um},
    }
    missing = [name for name in _NEEDED[how] if given[name] is None]
    if missing:
        raise InputError(
            f"The filter 'projection' with 'how: {how}' needs {missing[0]!r}; give it among its "
            "'options'."
        )
    depths: dict[str, np.ndarray] = {}
    if how == "mean":
        plane = stack.mean(axis=0, dtype=np.float64)
    elif how == "surface":
        found = _found(stack, given, *voxel_um)
        plane = project_along(stack, found.height, half_planes=given["half_planes"])
        depths = {
            name: (voxel_um[0] * planes).astype(np.float32) for name, planes in vars(found).items()
        }
    else:
        height = given["height_um"] / voxel_um[0]
        plane = project_along(stack, height, half_planes=given["half_planes"])
    plane = plane.astype(np.float32)
    made = Filtered(plane, {}) if nlm is None else nonlocal_means.restore(plane, **nlm)
    return replace(made, beside=depths)


def _found(
    stack: np.ndarray, widths: Mapping[str, Any], apart_um: float, pixel_um: float
) -> Surface:
    """Return the surface that is found in a stack, in planes."""
    along, across = widths["smoothing_um"]
    return find_surface(
        stack,
        smoothing_px=(along / apart_um, across / pixel_um, across / pixel_um),
        surface_px=widths["surface_um"] / pixel_um,
        reach_planes=widths["reach_um"] / apart_um,
    )

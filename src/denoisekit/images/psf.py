"""Measure a point spread function: the widths of the Gaussian that is fitted to a bead."""

import numpy as np
from scipy.optimize import curve_fit

from denoisekit.errors import InputError
from denoisekit.images.voxels import Psf

_FWHM = 2 * np.sqrt(2 * np.log(2))


def measure_psf(
    pixels: np.ndarray, *, pixel_size_um: float | None, spacing_um: float | None, name: str
) -> Psf:
    """Fit a Gaussian to a stack that shows a point spread function, or a bead that is small to it.

    The Gaussian on a constant is fitted by least squares around the brightest voxel, within three
    times the half-widths at half maximum that are found there.

    Parameters
    ----------
    pixels
        (Z, Y, X) in any unit, of which the brightest spot is taken.
    pixel_size_um, spacing_um
        Side of a pixel, and how far planes lie apart.
    name
        What to call it in an error.

    Returns
    -------
    Psf
        Its lateral width is the root of the product of those along y and x.

    Raises
    ------
    InputError
        If its voxels have no size, or it has no spot to which a Gaussian can be fitted.
    """
    if pixel_size_um is None or spacing_um is None:
        raise InputError(
            f"The point spread function {name} does not tell the size of its voxels, which is not "
            "guessed; write pixel size and spacing into the file, or give its widths."
        )
    if pixels.ndim != 3 or min(pixels.shape) < 5:
        raise InputError(
            f"The point spread function {name} must have 5 planes, rows and columns at least, but "
            f"is {' x '.join(map(str, pixels.shape))}; give a larger one, or its widths."
        )
    values = pixels.astype(np.float64)
    peak = np.unravel_index(int(np.argmax(values)), values.shape)
    level = float(np.median(values))
    halves = [_half_width(values, peak, axis, level) for axis in range(3)]
    where = tuple(
        slice(max(0, p - int(np.ceil(3 * half))), p + int(np.ceil(3 * half)) + 1)
        for p, half in zip(peak, halves, strict=True)
    )
    grid = np.indices(values.shape)[(slice(None), *where)].reshape(3, -1)
    start = [values[peak] - level, level, *map(float, peak), *(2 * h / _FWHM for h in halves)]
    try:
        found, _ = curve_fit(_gaussian, grid, values[where].ravel(), start, maxfev=2000)
    except RuntimeError as error:
        raise InputError(_no_spot(name)) from error
    inside = all(0 <= c < side for c, side in zip(found[2:5], values.shape, strict=True))
    if found[0] <= 0 or not inside:
        raise InputError(_no_spot(name))
    z, y, x = np.abs(found[5:]) * [spacing_um, pixel_size_um, pixel_size_um]
    return Psf(float(np.sqrt(y * x)), float(z))


def _no_spot(name: str) -> str:
    return (
        f"No Gaussian can be fitted to the point spread function {name}; give a stack of one bead, "
        "or the widths."
    )


def _half_width(values: np.ndarray, peak: tuple[np.intp, ...], axis: int, level: float) -> float:
    """Return how far from the peak the profile along an axis falls to half, in voxels."""
    profile = np.moveaxis(values, axis, -1)[tuple(p for a, p in enumerate(peak) if a != axis)]
    below = np.flatnonzero(profile <= (profile[peak[axis]] + level) / 2)
    return float(np.abs(below - peak[axis]).min()) if len(below) else len(profile) / 2


def _gaussian(grid: np.ndarray, height: float, level: float, *rest: float) -> np.ndarray:
    centre, sigma = np.array(rest[:3])[:, None], np.array(rest[3:])[:, None]
    return height * np.exp(-0.5 * np.sum(((grid - centre) / sigma) ** 2, axis=0)) + level

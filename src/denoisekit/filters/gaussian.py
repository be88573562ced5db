"""Gaussian blur."""

from functools import partial

import numpy as np
from scipy import ndimage

from denoisekit.filters._calibration import Filtered, restore_calibrated


def restore(
    image: np.ndarray, *, aspect: float | None = None, usable: np.ndarray | None = None
) -> Filtered:
    """Blur an image with a Gaussian whose width is chosen from the image alone.

    Parameters
    ----------
    image
        Noisy pixels in any unit, (Y, X) or (Z, Y, X), 32 or more along y and x.
    aspect
        Of a volume, how many pixels its planes lie apart: the blur is as many times narrower in
        planes, and so as wide along all axes in the sample. None where it is not known, or for a
        plane.
    usable
        Where the noise is to be learned, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings name the blur's ``sigma`` in pixels along y and x.

    Raises
    ------
    InputError
        If the image's noise cannot be estimated.
    """
    blur = partial(_blur, aspect=1 if aspect is None else aspect)
    return restore_calibrated(
        image, blur, usable=usable, strength="sigma", weakest=0.4, strongest=8.0
    )


def _blur(image: np.ndarray, sigma: float, *, aspect: float = 1) -> np.ndarray:
    along_z = [sigma / aspect] * (image.ndim - 2)
    return ndimage.gaussian_filter(image, [*along_z, sigma, sigma])

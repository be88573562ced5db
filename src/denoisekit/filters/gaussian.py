"""Gaussian blur."""

import numpy as np
from scipy import ndimage

from denoisekit.filters._calibration import Filtered, restore_calibrated


def restore(image: np.ndarray, *, usable: np.ndarray | None = None) -> Filtered:
    """Blur an image with a Gaussian whose width is chosen from the image alone.

    Parameters
    ----------
    image
        Noisy pixels in any unit, 32 a side or more.
    usable
        Where the noise is to be learned, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings name the blur's ``sigma`` in pixels.

    Raises
    ------
    InputError
        If the image's noise cannot be estimated.
    """
    return restore_calibrated(
        image, _blur, usable=usable, strength="sigma", weakest=0.4, strongest=8.0
    )


def _blur(image: np.ndarray, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(image, sigma)

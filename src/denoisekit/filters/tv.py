"""Total variation."""

import math

import numpy as np
from skimage.restoration import denoise_tv_chambolle

from denoisekit.filters._calibration import Filtered, restore_calibrated


def restore(image: np.ndarray, *, usable: np.ndarray | None = None) -> Filtered:
    """Smooth an image by total variation with a weight chosen from the image alone.

    Parameters
    ----------
    image
        Noisy pixels in any unit, (Y, X) or (Z, Y, X), 32 or more along y and x. Between planes of a
        volume, a difference counts as between pixels beside each other, however far they lie apart.
    usable
        Where the noise is to be learned, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings name the ``weight``, in standard deviations of the noise.

    Raises
    ------
    InputError
        If the image's noise cannot be estimated.

    References
    ----------
    .. [1] A. Chambolle, "An algorithm for total variation minimization and applications",
       J. Math. Imaging Vis. 20 (2004), doi:10.1023/B:JMIV.0000011325.36760.1e.
    """
    return restore_calibrated(
        image, _minimise, usable=usable, strength="weight", weakest=0.3, strongest=10.0
    )


def _minimise(image: np.ndarray, weight: float) -> np.ndarray:
    # The dual variable is bound by the weight and moves in equal steps, so the steps it needs grow
    # with the weight. On micrographs stopping here scores above full convergence, which leaves
    # terraces, and unlike a tolerance it makes the result a smooth function of the weight.
    steps = math.ceil(6 * weight)
    return denoise_tv_chambolle(image, weight=weight, eps=0, max_num_iter=steps)

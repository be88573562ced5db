"""Non-local means."""

import numpy as np
from skimage.restoration import denoise_nl_means

from denoisekit.filters._calibration import Filtered, restore_calibrated
from denoisekit.filters._nonlocal import nonlocal_means


def restore(
    image: np.ndarray,
    *,
    patch_size: int,
    patch_distance: int,
    aspect: float | None = None,
    usable: np.ndarray | None = None,
) -> Filtered:
    """Average pixels of similar patches, with a strength chosen from the image alone.

    Parameters
    ----------
    image
        Noisy pixels in any unit, (Y, X) or (Z, Y, X), 32 or more along y and x.
    patch_size
        Side of the patches that are compared, in pixels along y and x.
    patch_distance
        How far from a pixel similar patches are sought, likewise.
    aspect
        Of a volume, how many pixels its planes lie apart: along z, patches and search are as many
        times shorter in planes, rounded. None where it is not known, or for a plane.
    usable
        Where the noise is to be learned, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings name ``h``, how unlike patches may be, in standard deviations of the noise.

    Raises
    ------
    InputError
        If the image's noise cannot be estimated.

    References
    ----------
    .. [1] A. Buades, B. Coll, J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005,
       doi:10.1109/CVPR.2005.38.
    """
    along_z = 1 if aspect is None else aspect
    patch = (2 * round((patch_size / along_z - 1) / 2) + 1, patch_size, patch_size)
    distance = (round(patch_distance / along_z), patch_distance, patch_distance)

    def average(noisy: np.ndarray, h: float) -> np.ndarray:
        if noisy.ndim == 3:
            return nonlocal_means(noisy, patch=patch, distance=distance, h=h)
        return denoise_nl_means(
            noisy,
            patch_size=patch_size,
            patch_distance=patch_distance,
            h=h,
            sigma=1.0,
            fast_mode=True,
        )

    return restore_calibrated(
        image, average, usable=usable, strength="h", weakest=0.3, strongest=2.4
    )

"""Non-local means."""

import numpy as np
from skimage.restoration import denoise_nl_means

from denoisekit.filters._calibration import Filtered, restore_calibrated


def restore(
    image: np.ndarray,
    *,
    patch_size: int,
    patch_distance: int,
    usable: np.ndarray | None = None,
) -> Filtered:
    """Average pixels of similar patches, with a strength chosen from the image alone.

    Parameters
    ----------
    image
        Noisy pixels in any unit, 32 a side or more.
    patch_size
        Side of the patches that are compared, in pixels.
    patch_distance
        How far from a pixel similar patches are sought, in pixels.
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

    def average(noisy: np.ndarray, h: float) -> np.ndarray:
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

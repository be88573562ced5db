"""Do nothing: the control that every way of restoring must beat."""

import numpy as np

from denoisekit import _checks
from denoisekit.filters._calibration import Filtered


def restore(image: np.ndarray, *, usable: np.ndarray | None = None) -> Filtered:
    """Return the image as it is.

    Parameters
    ----------
    image
        Noisy pixels in any unit.
    usable
        Not used: nothing is learned.

    Raises
    ------
    InputError
        If the image is constant or not finite.
    """
    _checks.finite(image, name="The image to restore")
    _checks.not_constant(image, name="The image to restore")
    return Filtered(image.astype(np.float32), {})

"""A cubic spline through the planes of a stack that lie too far apart."""

import numpy as np

from denoisekit.errors import InputError
from denoisekit.filters._calibration import Filtered
from denoisekit.images import sparse as geometry


def restore(
    image: np.ndarray,
    *,
    sparse: geometry.Sparse | None = None,
    usable: np.ndarray | None = None,
) -> Filtered:
    """Return a stack between its planes by a cubic spline through them.

    Parameters
    ----------
    image
        The stack as it is between its planes by linear interpolation; not used.
    sparse
        Its planes, and where it is to be restored.
    usable
        Not used: nothing is learned.

    Raises
    ------
    InputError
        If no planes are given.
    """
    if sparse is None:
        raise InputError(
            f"The filter cubic restores what lies between planes, but of this image of "
            f"{' x '.join(map(str, image.shape))} px none are left out; take another filter."
        )
    return Filtered(geometry.cubic(sparse.planes, sparse.at / sparse.step), {})

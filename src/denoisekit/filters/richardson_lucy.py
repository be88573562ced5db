"""Richardson-Lucy deconvolution along z, of a stack whose planes lie too far apart."""

import numpy as np
from scipy import ndimage

from denoisekit.errors import InputError
from denoisekit.filters._calibration import Filtered
from denoisekit.images import sparse as geometry

# CARE normalises by it, too: what is darker is taken for the camera's offset and background.
_DARK_PERCENTILE = 2.0
_SMALLEST = 1e-12


def restore(
    image: np.ndarray,
    *,
    iterations: int,
    sparse: geometry.Sparse | None = None,
    usable: np.ndarray | None = None,
) -> Filtered:
    """Take from a stack the blur along z that its planes do not show.

    The stack is interpolated linearly onto isotropic voxels, what lies below the second percentile
    of its planes is taken off and cut, and Richardson-Lucy undoes a Gaussian along z alone; the
    percentile is added again.

    Parameters
    ----------
    image
        The stack as it is between its planes by linear interpolation; not used.
    iterations
        How many; noise grows with each.
    sparse
        Its planes, where it is to be restored, and how wide its point spread function is.
    usable
        Not used: nothing is learned.

    Raises
    ------
    InputError
        If no planes are given.

    References
    ----------
    .. [1] W. H. Richardson, "Bayesian-based iterative method of image restoration", Journal of the
       Optical Society of America 62, 1972, doi:10.1364/JOSA.62.000055.
    .. [2] L. B. Lucy, "An iterative technique for the rectification of observed distributions",
       Astronomical Journal 79, 1974, doi:10.1086/111605.
    """
    if sparse is None:
        raise InputError(
            "The filter richardson-lucy sharpens stacks whose planes lie too far apart, but of "
            f"this image of {' x '.join(map(str, image.shape))} px none are left out; take another "
            "filter."
        )
    grid = geometry.isotropic_grid(len(sparse.planes), sparse.step)
    dense = geometry.linear(sparse.planes, grid / sparse.step).astype(np.float64)
    dark = float(np.percentile(sparse.planes, _DARK_PERCENTILE))
    sharp = deconvolved(
        np.maximum(dense - dark, 0), sigma=(sparse.missing_px, 0, 0), iterations=iterations
    )
    return Filtered(sparse.read_off(sharp + dark), {"iterations": iterations})


def deconvolved(
    image: np.ndarray,
    *,
    sigma: tuple[float, ...],
    iterations: int,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Undo a Gaussian blur by Richardson-Lucy.

    At the borders images go on as their mirror, so that the blur keeps the sum of all pixels and is
    its own transpose. From the first iteration on, what is returned has as large a sum as the
    image, no pixel below zero, and after each a Poisson likelihood that is not less than before.

    Parameters
    ----------
    image
        Not below zero, any number of axes.
    sigma
        Standard deviation of the blur along each axis in px, 0 for none.
    iterations
        How many.
    start
        What to begin with, not below zero; None for the image's mean everywhere.
    """
    estimate = np.full(image.shape, image.mean()) if start is None else start.astype(np.float64)
    for _ in range(iterations):
        seen = ndimage.gaussian_filter(estimate, sigma, mode="reflect")
        ratio = np.divide(image, seen, out=np.zeros_like(seen), where=seen > _SMALLEST)
        estimate = estimate * ndimage.gaussian_filter(ratio, sigma, mode="reflect")
    return estimate

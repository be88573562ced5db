"""One minus the structural similarity, which the loss-function paper tried.

Source: Wang et al. 2004, doi 10.1109/TIP.2003.819861; as `skimage.metrics.structural_similarity`
computes it with a Gaussian window of sigma 1.5, population covariance, where the window fits.
"""

from functools import cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from denoisekit._checks import positive
from denoisekit.losses import Function
from denoisekit.losses._axes import along, as_matrix

PROBABILISTIC = False

_SIGMA = 1.5
_RADIUS = 5


def build(*, data_range: float) -> Function:
    """Return ``1 - mean SSIM``.

    Parameters
    ----------
    data_range
        Range of the normalised images that the stabilising constants refer to; about 1.
    """
    positive(data_range, name="The data range of the SSIM loss")
    low, high = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2

    def ssim(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        mean_p, mean_t = _windowed(prediction), _windowed(truth)
        variance_p = _windowed(prediction**2) - mean_p**2
        variance_t = _windowed(truth**2) - mean_t**2
        covariance = _windowed(prediction * truth) - mean_p * mean_t
        luminance = (2 * mean_p * mean_t + low) / (mean_p**2 + mean_t**2 + low)
        structure = (2 * covariance + high) / (variance_p + variance_t + high)
        return 1 - (luminance * structure).mean()

    return ssim


def _windowed(images: torch.Tensor) -> torch.Tensor:
    for axis in range(2, images.ndim):
        images = along(images, axis, _window_matrix)
    return images


@cache
def _window_matrix(side: int, device: torch.device) -> torch.Tensor:
    blurred = gaussian_filter1d(np.eye(side), _SIGMA, axis=0, radius=_RADIUS)
    return as_matrix(blurred[_RADIUS:-_RADIUS].T, device)

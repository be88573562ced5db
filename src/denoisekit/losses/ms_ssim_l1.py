"""Multi-scale structural similarity with mean absolute error, which the loss-function paper tried.

Source: Zhao et al. 2017, doi 10.1109/TCI.2016.2644865: scales by the width of the window instead of
the size of the image, so that patches of 64 px have five. The paper weights the absolute error by
the widest window around each pixel; over all pixels of a patch that is its mean, taken here.
"""

import torch

from denoisekit._checks import positive
from denoisekit.errors import InputError
from denoisekit.losses import Function
from denoisekit.losses._axes import blur

PROBABILISTIC = False

_SIGMAS = (0.5, 1.0, 2.0, 4.0, 8.0)


def build(*, alpha: float, data_range: float) -> Function:
    """Return ``alpha * (1 - MS-SSIM) + (1 - alpha) * mean |prediction - truth|``.

    Parameters
    ----------
    alpha
        Share of the structural similarity, 0 to 1; Zhao et al. take 0.84.
    data_range
        Range of the normalised images that the stabilising constants refer to; about 1.
    """
    positive(data_range, name="The data range of the MS-SSIM loss")
    if not 0 <= alpha <= 1:
        raise InputError(f"alpha of the loss ms-ssim-l1 must lie in 0 to 1, but is {alpha:g}.")
    low, high = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2

    def ms_ssim_l1(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        similarity = torch.ones_like(truth)
        for sigma in _SIGMAS:
            mean_p, mean_t = blur(prediction, sigma), blur(truth, sigma)
            variance_p = blur(prediction**2, sigma) - mean_p**2
            variance_t = blur(truth**2, sigma) - mean_t**2
            covariance = blur(prediction * truth, sigma) - mean_p * mean_t
            similarity = similarity * (2 * covariance + high) / (variance_p + variance_t + high)
        luminance = (2 * mean_p * mean_t + low) / (mean_p**2 + mean_t**2 + low)
        absolute = (prediction - truth).abs().mean()
        return alpha * (1 - (luminance * similarity).mean()) + (1 - alpha) * absolute

    return ms_ssim_l1

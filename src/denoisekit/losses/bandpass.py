"""Mean absolute difference of band-passed images.

Source: Nguyen, Hagen and Ventura, "Deep Learning for Denoising of Fluorescence Microscopy Images",
with sigmas 0.5 and 5 px. A difference of Gaussians does not see a constant, so nothing ties a
network trained on it to the right brightness; scores that are not affine-invariant show that.
"""

from functools import cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from denoisekit._checks import InputError

PROBABILISTIC = False


def build(*, low_sigma: float, high_sigma: float):
    """Return ``mean |DoG(prediction) - DoG(truth)|`` with DoG = G(low_sigma) - G(high_sigma).

    Parameters
    ----------
    low_sigma, high_sigma
        Standard deviations in px, the first below the second.
    """
    if not 0 < low_sigma < high_sigma:
        raise InputError(
            "The bandpass loss needs 0 < low_sigma < high_sigma, but they are "
            f"{low_sigma:g} and {high_sigma:g}."
        )

    def bandpass(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        difference = prediction - truth
        return (_blur(difference, low_sigma) - _blur(difference, high_sigma)).abs().mean()

    return bandpass


def _blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur all spatial axes as `scipy.ndimage.gaussian_filter` does, one matrix product each."""
    for axis in range(2, images.ndim):
        matrix = _blur_matrix(images.shape[axis], sigma).to(images)
        images = (images.movedim(axis, -1) @ matrix).movedim(-1, axis)
    return images


@cache
def _blur_matrix(side: int, sigma: float) -> torch.Tensor:
    return torch.from_numpy(gaussian_filter1d(np.eye(side), sigma, axis=1).astype(np.float32))

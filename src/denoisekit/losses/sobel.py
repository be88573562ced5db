"""Mean absolute difference of Sobel derivatives, which the loss-function paper tried.

The paper does not say how it used the operator. Ours compares the derivatives along every axis, in
value per px (the operator's sums divided by 8 in 2D); like the bandpass loss it sees no brightness.
"""

from functools import cache

import numpy as np
import torch
from scipy.ndimage import correlate1d

from denoisekit.losses import Function
from denoisekit.losses._axes import along, as_matrix

PROBABILISTIC = False
SEES_BRIGHTNESS = False


def build() -> Function:
    """Return the mean over axes and pixels of ``|S(prediction) - S(truth)|``."""
    return _sobel


def _sobel(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    difference = prediction - truth
    axes = range(2, difference.ndim)
    return torch.stack([_derivative(difference, axis).abs().mean() for axis in axes]).mean()


def _derivative(images: torch.Tensor, axis: int) -> torch.Tensor:
    for other in range(2, images.ndim):
        images = along(images, other, _difference_matrix if other == axis else _smoothing_matrix)
    return images


@cache
def _difference_matrix(side: int, device: torch.device) -> torch.Tensor:
    return as_matrix(correlate1d(np.eye(side), [-0.5, 0, 0.5], axis=0).T, device)


@cache
def _smoothing_matrix(side: int, device: torch.device) -> torch.Tensor:
    return as_matrix(correlate1d(np.eye(side), [0.25, 0.5, 0.25], axis=0).T, device)

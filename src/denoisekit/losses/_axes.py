"""Linear filters as one matrix product per spatial axis."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

Matrix = Callable[[int], torch.Tensor]


def along(images: torch.Tensor, axis: int, matrix: Matrix) -> torch.Tensor:
    """Multiply one axis of images by the matrix, (inputs, outputs), for that axis's side."""
    weights = matrix(images.shape[axis]).to(images)
    return (images.movedim(axis, -1) @ weights).movedim(-1, axis)


def blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur all spatial axes of (N, C, *spatial) as `scipy.ndimage.gaussian_filter` does."""
    for axis in range(2, images.ndim):
        images = along(images, axis, lambda side: _blur_matrix(side, sigma))
    return images


@cache
def _blur_matrix(side: int, sigma: float) -> torch.Tensor:
    return as_matrix(gaussian_filter1d(np.eye(side), sigma, axis=1))


def as_matrix(array: np.ndarray) -> torch.Tensor:
    """Return an array as float32."""
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))

"""Linear filters as one matrix product per spatial axis."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

Matrix = Callable[[int, torch.device], torch.Tensor]


def along(images: torch.Tensor, axis: int, matrix: Matrix) -> torch.Tensor:
    """Multiply one axis of images by the matrix, (inputs, outputs), for that axis's side.

    `matrix` is to keep what it has made for a side and a device: a copy from the host to a GPU
    waits for all work there, and cannot be recorded.
    """
    weights = matrix(images.shape[axis], images.device).to(images.dtype)
    return (images.movedim(axis, -1) @ weights).movedim(-1, axis)


def blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur all spatial axes of (N, C, *spatial) as `scipy.ndimage.gaussian_filter` does."""
    for axis in range(2, images.ndim):
        images = along(images, axis, partial(_blur_matrix, sigma))
    return images


@cache
def _blur_matrix(sigma: float, side: int, device: torch.device) -> torch.Tensor:
    return as_matrix(gaussian_filter1d(np.eye(side), sigma, axis=1), device)


def as_matrix(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """Return an array as float32 on a device."""
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).to(device)

"""Median filter."""

import numpy as np
from scipy.ndimage import median_filter

from denoisekit.filters import Filtered


def restore(image: np.ndarray, *, usable: np.ndarray | None = None, size: int = 3) -> Filtered:
    """Filter an image (Y, X) by the median of squares of a side in px."""
    return Filtered(median_filter(image, size).astype(np.float32), {"size": size})

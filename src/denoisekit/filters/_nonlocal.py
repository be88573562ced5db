"""Non-local means of volumes, with patches and a search of its own length along each axis."""

import itertools
from collections.abc import Iterator

import numpy as np
from scipy.ndimage import uniform_filter

# Patches that are more unlike count nothing.
_MOST_UNLIKE = 5.0


def nonlocal_means(
    image: np.ndarray, *, patch: tuple[int, ...], distance: tuple[int, ...], h: float
) -> np.ndarray:
    """Average the pixels of patches that are alike.

    Patches weigh exp(-d) by the mean d of their squared differences, less 2 for the noise of both,
    over h squared. scikit-image has patches that are as long along all axes.

    Parameters
    ----------
    image
        Any number of axes; noise of the standard deviation 1.
    patch
        Lengths of a patch in px, odd.
    distance
        How far along each axis patches are compared, in px.
    h
        How unlike patches may be, in standard deviations of the noise.

    References
    ----------
    .. [1] A. Buades, B. Coll, J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005,
       doi:10.1109/CVPR.2005.38.
    """
    pixels = image.astype(np.float32)
    total, weights = pixels.copy(), np.ones_like(pixels)
    for here, there in _overlaps(pixels.shape, distance):
        first, second = pixels[here], pixels[there]
        unlike = uniform_filter((first - second) ** 2, patch)
        # The noise of two pixels makes them unlike by 2.
        unlike = np.maximum(unlike - 2, 0) / np.float32(h**2)
        weight = np.where(unlike < _MOST_UNLIKE, np.exp(-unlike), 0)
        total[here] += weight * second
        total[there] += weight * first
        weights[here] += weight
        weights[there] += weight
    return (total / weights).astype(image.dtype)


def _overlaps(
    shape: tuple[int, ...], distance: tuple[int, ...]
) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Yield where an image and itself moved by each step overlap; of opposite steps one."""
    for step in itertools.product(*(range(-reach, reach + 1) for reach in distance)):
        if step <= (0,) * len(step) or any(abs(s) >= n for s, n in zip(step, shape, strict=True)):
            continue
        yield (
            tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, shape, strict=True)),
            tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(step, shape, strict=True)),
        )

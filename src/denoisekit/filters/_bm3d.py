"""BM3D of images: block matching, and shrinking of the blocks' common spectrum.

Similar blocks are stacked, transformed together and shrunk, first by a hard threshold, then, where
the first result tells which blocks are alike and what their spectrum is, by Wiener's factors. All
blocks of a strip are matched and transformed at once.

Numbers are the authors': blocks of 8 px every 3 px, looked for up to 19 px away, a threshold of
2.7, biorthogonal wavelets first and cosines then, a Haar transform over 16 and 32 blocks. No block
is left out for being too unlike: of structure that nothing resembles, the transform over blocks
keeps what each has of its own.
"""

from collections.abc import Iterator

import numpy as np
from scipy.fft import dct
from scipy.linalg import block_diag

_SIDE = 8
_EVERY = 3
_REACH = 19
_THRESHOLD = 2.7
_BLOCKS = (16, 32)
# Blocks that are matched at once: some hundred megabytes.
_AT_ONCE = 4096
# Low-pass of the biorthogonal wavelet 1.5; its high-pass is a difference of two.
_LOW = np.array([3, -3, -22, 22, 128, 128, 22, -22, -3, 3]) / 256


def bm3d(image: np.ndarray) -> np.ndarray:
    """Restore an image whose noise is white, of the standard deviation 1.

    Parameters
    ----------
    image
        (Y, X), 32 px or more along both.

    Returns
    -------
    numpy.ndarray
        float32, of the same shape.

    References
    ----------
    .. [1] K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image denoising by sparse 3-D
       transform-domain collaborative filtering", IEEE Trans. Image Process. 16 (2007),
       doi:10.1109/TIP.2007.901238.
    """
    # Distances are sums of squares in float32, which an offset would use up.
    mean = float(np.mean(image, dtype=np.float64))
    noisy = (image - mean).astype(np.float32)
    basic = _pass(noisy, None, wavelets(), _BLOCKS[0])
    return _pass(noisy, basic, _cosines(), _BLOCKS[1]) + np.float32(mean)


def _pass(
    noisy: np.ndarray, basic: np.ndarray | None, transform: np.ndarray, blocks: int
) -> np.ndarray:
    """Shrink by a threshold, or by what a first result tells, and average overlapping blocks."""
    width = noisy.shape[1]
    # Of blocks as rows: both axes at once.
    forward = np.kron(transform, transform).T.astype(np.float32)
    back = np.linalg.inv(np.kron(transform, transform)).T.astype(np.float32)
    over = haar(blocks)
    taper = np.outer(*(np.kaiser(_SIDE, 2),) * 2).astype(np.float32).ravel()
    inside = (np.arange(_SIDE)[:, None] * width + np.arange(_SIDE)).ravel()
    total, weight = np.zeros(noisy.size), np.zeros(noisy.size)
    for corners in _alike(noisy if basic is None else basic, blocks):
        at = corners[..., None] + inside
        spectrum = over @ (noisy.ravel()[at] @ forward)
        if basic is None:
            kept = np.abs(spectrum) > _THRESHOLD
            kept[:, 0, 0] = True
            factor = kept.astype(np.float32)
        else:
            power = np.square(over @ (basic.ravel()[at] @ forward))
            factor = power / (power + 1)
        clean = (over.T @ (spectrum * factor)) @ back
        trust = taper / np.square(factor).sum((1, 2))[:, None, None]
        rows = slice(at.min(), at.max() + 1)
        place = (at - rows.start).ravel()
        total[rows] += np.bincount(place, (clean * trust).ravel())
        weight[rows] += np.bincount(place, np.broadcast_to(trust, clean.shape).ravel())
    return (total / weight).reshape(noisy.shape).astype(np.float32)


def _alike(image: np.ndarray, blocks: int) -> Iterator[np.ndarray]:
    """Yield where the blocks most like each other one start, itself first, (places, blocks).

    Places are of the flattened image, strip by strip.
    """
    rows, columns = map(_places, image.shape)
    at_once = max(_AT_ONCE // len(columns), 1)
    for first in range(0, len(rows), at_once):
        strip = rows[first : first + at_once]
        distances, steps = _distances(image, strip, columns)
        nearest = np.argpartition(distances, blocks - 1, axis=1)[:, :blocks]
        order = np.argsort(np.take_along_axis(distances, nearest, 1), axis=1, kind="stable")
        moved = steps[np.take_along_axis(nearest, order, 1)]
        own = (strip[:, None] * image.shape[1] + columns).reshape(-1, 1)
        yield own + moved[..., 0] * image.shape[1] + moved[..., 1]


def _distances(
    image: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return squared distances of blocks to all around, (places, steps), and (y, x) of steps."""
    side = np.arange(-_REACH, _REACH + 1)
    # Itself comes first of what is equal.
    steps = np.array(
        sorted(((y, x) for y in side for x in side), key=lambda step: np.abs(step).sum())
    )
    found = np.full((len(steps), len(rows), len(columns)), np.inf, np.float32)
    for step, into in zip(steps, found, strict=True):
        fits = [
            (places + by >= 0) & (places + by <= size - _SIDE)
            for places, by, size in zip((rows, columns), step, image.shape, strict=True)
        ]
        if all(fit.any() for fit in fits):
            chosen = rows[fits[0]], columns[fits[1]]
            own = tuple(slice(places[0], places[-1] + _SIDE) for places in chosen)
            moved = tuple(
                slice(part.start + by, part.stop + by) for part, by in zip(own, step, strict=True)
            )
            squares = np.square(image[own] - image[moved])
            for axis, places in enumerate(chosen):
                squares = _sums(squares, places - places[0], axis)
            into[np.ix_(*fits)] = squares
    return found.reshape(len(steps), -1).T.copy(), steps


def _sums(values: np.ndarray, starts: np.ndarray, axis: int) -> np.ndarray:
    """Sum as many values as a block has, from each start on."""
    parts = (np.take(values, starts + offset, axis) for offset in range(_SIDE))
    total = next(parts)
    for part in parts:
        total += part
    return total


def _places(size: int) -> np.ndarray:
    places = np.arange(0, size - _SIDE + 1, _EVERY)
    return places if places[-1] == size - _SIDE else np.append(places, size - _SIDE)


def _cosines() -> np.ndarray:
    return dct(np.eye(_SIDE), norm="ortho", axis=0)


def wavelets() -> np.ndarray:
    """Return the biorthogonal wavelet transform 1.5 of one block, (8, 8), rows of length 1."""
    transform = np.eye(_SIDE)
    size = _SIDE
    while size > 1:
        level = np.zeros((size, size))
        for place in range(size // 2):
            for offset, weight in enumerate(_LOW):
                level[place, (2 * place + offset - 4) % size] += weight
            level[size // 2 + place, [2 * place, 2 * place + 1]] = 1, -1
        transform = block_diag(level, np.eye(_SIDE - size)) @ transform
        size //= 2
    return transform / np.linalg.norm(transform, axis=1, keepdims=True)


def haar(size: int) -> np.ndarray:
    """Return the Haar transform of a power of two, (size, size) float32, orthonormal."""
    matrix = np.ones((1, 1))
    while len(matrix) < size:
        sums, differences = np.kron(matrix, [1, 1]), np.kron(np.eye(len(matrix)), [1, -1])
        matrix = np.vstack([sums, differences]) / np.sqrt(2)
    return matrix.astype(np.float32)

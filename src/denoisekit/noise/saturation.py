"""Find saturated pixels: those at the ceiling of what a camera or a file can hold."""

import numpy as np

_FEWEST = 16
_TIMES_NEXT = 4


def saturated(pixels: np.ndarray) -> np.ndarray:
    """Mark saturated pixels: those that reach the ceiling of their image.

    The ceiling is the highest value at which pixels pile up: 16 or more, at least four times as
    many as have the next lower value, and at least 16 times as many as lie above it. So a 12-bit
    camera's ceiling is found in a 16-bit file, a clipped image's in floats, and a hot pixel above
    it does not hide it. Where nothing piles up, the ceiling of integers is the largest value of
    their type, were it a single pixel that has it; floats have none, and a lone brightest pixel is
    not saturated.

    Parameters
    ----------
    pixels
        An image, or images of one camera at one setting, in any shape; of integers in the type
        they were recorded in, without which its largest value is unknown.

    Returns
    -------
    numpy.ndarray
        bool, same shape.
    """
    values, counts = np.unique(pixels, return_counts=True)
    above = counts[::-1].cumsum()[::-1] - counts
    piled_up = counts[1:] >= np.maximum(_TIMES_NEXT * counts[:-1], _FEWEST)
    piled_up &= counts[1:] >= _FEWEST * above[1:]
    if piled_up.any():
        return pixels >= values[1:][piled_up][-1]
    if np.issubdtype(pixels.dtype, np.integer):
        return pixels == np.iinfo(pixels.dtype).max
    return np.zeros(pixels.shape, dtype=bool)


def saturated_share(pixels: np.ndarray) -> float:
    """Return the share of saturated pixels, as `saturated` marks them."""
    return float(saturated(pixels).mean())

"""Depth: how far the surface that a projection tells lies from that of the sheet."""

import math

import numpy as np

from denoisekit._checks import finite, same_shape


def measure(
    known_um: np.ndarray, found_um: np.ndarray, spread_um: np.ndarray
) -> dict[str, tuple[float, float]]:
    """Return how far depths are from the true ones, and whether their spread tells where.

    Parameters
    ----------
    known_um, found_um
        (Y, X), how deep the sheet lies, in micrometres.
    spread_um
        (Y, X), the standard deviation that is told of each depth found.

    Returns
    -------
    dict
        ``error_um``, the mean distance without its sign; ``median_um``, the median; ``bias_um``,
        the mean of what is found minus what is true; ``spread_um``, the mean spread; and ``told``,
        Pearson's correlation of spread and distance, NaN where either is the same everywhere. Each
        beside NaN, since the truth has none of them.
    """
    same_shape(known_um, found_um, names=("The true surface", "the surface that was found"))
    finite(found_um, name="The surface that was found")
    off = found_um.astype(np.float64) - known_um
    distance = np.abs(off)
    values = {
        "error_um": distance.mean(),
        "median_um": np.median(distance),
        "bias_um": off.mean(),
        "spread_um": spread_um.mean(),
        "told": _correlation(spread_um.astype(np.float64), distance),
    }
    return {name: (float(value), math.nan) for name, value in values.items()}


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if first.std() == 0 or second.std() == 0:
        return math.nan
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])

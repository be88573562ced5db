"""Restore a stack whose planes lie too far apart, section by section, along both directions.

Sources: Weigert et al. 2018, doi 10.1038/s41592-018-0216-7; CSBDeep 0.8.1,
models/care_isotropic.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import ndimage

from denoisekit._checks import one_of
from denoisekit.images.normalization import percentile_normalizer
from denoisekit.images.sparse import Sparse, isotropic_grid, linear
from denoisekit.networks import Network
from denoisekit.restoring.inference import TileSize, predict

#: How the two directions are joined.
COMBINATIONS = ("arithmetic", "geometric")


@dataclass(frozen=True)
class Directions:
    """What a network makes of a stack's sections of both directions.

    Attributes
    ----------
    mean
        (Z, Y, X) float32, both joined, in the stack's units.
    disagreement
        The difference of the two without its sign, in the same units: where they tell unlike
        things, one of them at least is wrong.
    """

    mean: np.ndarray
    disagreement: np.ndarray

    def read_off(self, stack: Sparse) -> "Directions":
        """Return both where a stack is asked for, the mean as `Sparse.read_off` tells."""
        return Directions(stack.read_off(self.mean), linear(self.disagreement, stack.at))


def restore_isotropic(
    network: Network,
    stack: Sparse,
    *,
    percentiles: tuple[float, float],
    tile: TileSize,
    precision: str,
    device: str,
    name: str,
    combine: str,
    as_published: bool,
) -> Directions:
    """Restore a stack on isotropic voxels, from its first plane to its last.

    The stack is interpolated linearly along z, every section along z and x and every one along z
    and y is restored by itself, and the two are joined.

    Parameters
    ----------
    network
        Of planes, trained on `denoisekit.training.isotropic.cut_patches`, on the device.
    stack
        Its planes are normalised together.
    percentiles, tile, precision, device
        As `denoisekit.restoring.inference.restore` takes them.
    name
        What to call the stack in an error.
    combine
        ``arithmetic``, or ``geometric``: the root of the product of what is not below zero, in
        which faint structure is lost.
    as_published
        Whether the stack is zoomed corner by corner, as CSBDeep 0.8.1 does: its voxels are then
        ``step * (Z - 1) / (round(Z * step) - 1)`` px apart, and not one.

    Raises
    ------
    InputError
        If there is no signal, or sections are smaller than the network's stride.
    """
    one_of(combine, COMBINATIONS, name="How the two directions are joined")
    normalizer = percentile_normalizer(stack.planes, percentiles=percentiles, name=name)
    dense = normalizer.apply(interpolated(stack.planes, stack.step, as_published=as_published))

    restore = partial(predict, network, tile=tile, precision=precision, device=device, name=name)

    def sections(volume: np.ndarray) -> np.ndarray:
        """Return what the network makes of the sections (W, Z) of a volume (N, W, Z)."""
        return np.stack([restore(one[None])[0] for one in volume])

    along_x = sections(dense.transpose(1, 2, 0)).transpose(2, 0, 1)
    along_y = sections(dense.transpose(2, 1, 0)).transpose(2, 1, 0)
    joined = _JOINED[combine](along_x, along_y)
    apart = normalizer.undo_scale(np.abs(along_x - along_y))
    return Directions(normalizer.undo(joined), apart)


def interpolated(planes: np.ndarray, step: float, *, as_published: bool) -> np.ndarray:
    """Return a stack on voxels as far apart along z as pixels, or nearly so as published.

    The parameters are those of `restore_isotropic`.
    """
    if as_published:
        return np.asarray(ndimage.zoom(planes.astype(np.float32), (step, 1, 1), order=1))
    return linear(planes, isotropic_grid(len(planes), step) / step)


def _arithmetic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first + second) / 2


def _geometric(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.maximum(first, 0) * np.maximum(second, 0)))


_JOINED: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "arithmetic": _arithmetic,
    "geometric": _geometric,
}

"""Restore the plane of a sheet that lies in a stack, and tell how deep it lies.

Sources: Weigert et al. 2018, doi 10.1038/s41592-018-0216-7; CSBDeep 0.8.1,
models/care_projection.py.
"""

from dataclasses import dataclass

import numpy as np

from denoisekit._checks import contrast, finite, shape_text
from denoisekit.errors import InputError
from denoisekit.images.normalization import percentile_normalizer
from denoisekit.networks.projection_unet import ProjectionUNet
from denoisekit.noise.usable import find, repaired
from denoisekit.restoring.inference import TileSize, predict
from denoisekit.restoring.model import Model

_SAME_SIZE = 0.01


@dataclass(frozen=True)
class Projected:
    """What a network makes of a stack.

    Attributes
    ----------
    restored
        (Y, X) float32 in the stack's units.
    projected
        The plane before it was restored, the stack's weighted mean along z: as noisy as the weights
        leave it, and dim where they do not agree on a depth.
    height
        How deep the sheet lies, in planes from the first one, which is 0: the mean by the weights.
    spread
        Standard deviation of that, in planes: where it is large, the depth is a guess.
    """

    restored: np.ndarray
    projected: np.ndarray
    height: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Projector:
    """Project stacks with a trained network: called with one, it returns what it makes of it.

    Attributes
    ----------
    model
        Of a network that makes planes of stacks.
    percentiles, tile, precision
        As `restore_projection` takes them.
    """

    model: Model
    percentiles: tuple[float, float]
    tile: TileSize
    precision: str

    def __call__(self, stack: np.ndarray, name: str, *, spacing_um: float) -> Projected:
        """Return what the network makes of a stack, (Z, Y, X), of planes so far apart.

        Raises
        ------
        InputError
            As of `check_spacing` and `restore_projection`.
        """
        self.check_spacing(spacing_um, name=name)
        return restore_projection(
            self.network,
            stack,
            percentiles=self.percentiles,
            tile=self.tile,
            precision=self.precision,
            device=self.model.device,
            name=name,
        )

    @property
    def network(self) -> ProjectionUNet:
        """The model's network."""
        network = self.model.network
        assert isinstance(network, ProjectionUNet)
        return network

    @property
    def spacing_um(self) -> float:
        """How far the planes lie apart that it was trained on."""
        return float(self.model.card["units"]["z_spacing_um"])

    def check_spacing(self, spacing_um: float, *, name: str) -> None:
        """Raise InputError unless planes lie as far apart as those of the training."""
        learned = self.spacing_um
        if abs(spacing_um - learned) > _SAME_SIZE * learned:
            raise InputError(
                f"The planes of {name} lie {spacing_um:.4g} um apart, but the network was trained "
                f"on stacks of {learned:.4g} um; give such, or train one on stacks like these."
            )


def restore_projection(
    network: ProjectionUNet,
    stack: np.ndarray,
    *,
    percentiles: tuple[float, float],
    tile: TileSize,
    precision: str,
    device: str,
    name: str,
) -> Projected:
    """Project the sheet of a stack into a plane, and restore that.

    Parameters
    ----------
    network
        On the device.
    stack
        (Z, Y, X) in any unit, of any number of planes, as far apart as those of the training. It
        is normalised as a whole.
    percentiles, tile, precision, device
        As `denoisekit.restoring.inference.restore` takes them; the tile is of y and x, and whole
        along z.
    name
        What to call the stack in an error.

    Raises
    ------
    InputError
        If it is no stack, has no signal, pixels outside of its field, or planes that are smaller
        than the network's stride.
    """
    if stack.ndim != 3 or len(stack) < 2:
        raise InputError(
            f"{name} is {shape_text(stack)}, but a sheet is projected out of stacks of two planes "
            "or more, (Z, Y, X); give all planes through it."
        )
    finite(stack, name=name)
    contrast(stack, name=name)
    found = find(stack, name=name)
    if found.outside.any():
        raise InputError(
            f"{name} has {found.text}; a sheet is projected out of whole planes: cut the stack to "
            "its field."
        )
    image = repaired(stack, found)
    normalizer = percentile_normalizer(image, percentiles=percentiles, name=name)
    normalised = normalizer.apply(image)
    restored, (projected, height, spread) = (
        predict(part, normalised, tile=tile, precision=precision, device=device, name=name)
        for part in (network, network.sheet)
    )
    planes = normalizer.undo(restored[0]), normalizer.undo(projected)
    if not all(np.isfinite(part).all() for part in (*planes, height, spread)):
        raise InputError(
            f"The network made NaN or infinite numbers of {name}, which it is not fit to restore; "
            "look at its training, or at the stack's range."
        )
    return Projected(*planes, height, spread)

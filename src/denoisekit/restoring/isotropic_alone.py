"""Train a network on one stack's own planes, and restore that stack with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from denoisekit import losses
from denoisekit.computing import find_device, seed_everything
from denoisekit.errors import InputError
from denoisekit.images.sparse import Sparse, isotropic_grid
from denoisekit.networks import build
from denoisekit.restoring.inference import TileSize
from denoisekit.restoring.isotropic import Directions, restore_isotropic
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.isotropic import cut_patches, recipe_of
from denoisekit.training.patches import ImagePatches
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import AlongOneAxis

_VALIDATING = 0.1


@dataclass(frozen=True)
class Training:
    """How a network is trained on one stack, to restore that stack.

    Attributes
    ----------
    network
        As `denoisekit.networks.build` takes it.
    settings
        Length, rate and schedule.
    side
        Of the patches, in px.
    count
        How many patches are cut; one of ten validates.
    percentiles, tile, precision
        As `denoisekit.restoring.inference.restore` takes them.
    seed
        Decides weights, patches and their order.
    """

    network: Mapping[str, Any]
    settings: Settings
    side: int
    count: int
    percentiles: tuple[float, float]
    tile: TileSize
    precision: str
    seed: int


def restore_alone(
    stack: Sparse, *, training: Training, name: str, report: Callable[[str], None]
) -> Directions:
    """Train a network on a stack's own planes, and restore the stack with it, as corrected.

    Parameters
    ----------
    stack
        Where it is to be restored is not looked at: it is on isotropic voxels.
    training
        How the network is trained.
    name
        What to call the stack in an error.
    report
        Is told the progress after every epoch.

    Returns
    -------
    Directions
        On isotropic voxels, from the first plane to the last.

    Raises
    ------
    InputError
        If the stack is too thin for the network, shows nothing but noise, or patches are too small
        for it; before anything is trained.
    """
    device = find_device()
    seed_everything(training.seed, threads=torch.get_num_threads())
    network = build(training.network, dims=2, probabilistic=False, channels=1)
    voxels = len(isotropic_grid(len(stack.planes), stack.step))
    if voxels < network.stride:
        raise InputError(
            f"{name} is {voxels} voxels thick where these are as long along z as across, but the "
            f"network needs {network.stride}, its stride; take a thicker stack."
        )
    patches = cut_patches(
        stack,
        recipe_of(stack, as_published=False, name=name),
        side=training.side,
        count=training.count,
        rng=np.random.default_rng(training.seed),
        name=name,
    )
    trained = loop.train(
        network,
        AlongOneAxis(losses.get("mae", {})),
        *_split(patches, validation_fraction=_VALIDATING, seed=training.seed),
        settings=training.settings,
        seed=training.seed,
        device=device,
        report=report,
        images=[name] * len(patches.low),
    )
    network.load_state_dict(trained.last)
    return restore_isotropic(
        network,
        stack,
        percentiles=training.percentiles,
        tile=training.tile,
        precision=training.precision,
        device=device,
        name=name,
        combine="arithmetic",
        as_published=False,
    )


def _split(patches: ImagePatches, *, validation_fraction: float, seed: int) -> list[PatchPairs]:
    """Return the patches to train on, and those to validate on, which may overlap."""
    count = len(patches.low)
    chosen = min(max(1, round(validation_fraction * count)), count - 1)
    order = np.random.default_rng(seed).permutation(count)
    parts = order[chosen:], order[:chosen]
    return [PatchPairs(patches.low[part], patches.high[part]) for part in parts]

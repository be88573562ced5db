"""Do the work with denoisekit."""

from functools import partial

import torch
from work import (
    BATCH,
    STEPS,
    VOLUME_BATCH,
    VOLUME_STEPS,
    image,
    patches,
    time_work,
    volume,
    volume_patches,
)

from denoisekit import losses, networks
from denoisekit.computing import find_device, seed_everything
from denoisekit.machine import take_large_pages
from denoisekit.restoring import inference
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

DEVICE = find_device()
# As every job and command does.
take_large_pages()


# The loss-function paper's network, with CARE's probabilistic output, and CSBDeep's of volumes.
PLANES = {"architecture": "unet", "depth": 2, "kernel_size": 5, "first_filters": 32}
VOLUMES = {**PLANES, "kernel_size": 3}


def network(*, dims: int) -> torch.nn.Module:
    """Return the network of planes or of volumes."""
    seed_everything(0, threads=torch.get_num_threads())
    settings = PLANES if dims == 2 else VOLUMES
    return networks.build(settings, dims=dims, probabilistic=dims == 2).to(DEVICE)


def train(*, volumes: bool = False):
    """Train for an epoch, which ends with a batch of validation."""
    batch = volume_patches() if volumes else patches()
    steps = VOLUME_STEPS if volumes else STEPS
    settings = Settings(
        epochs=1,
        steps_per_epoch=steps,
        batch_size=VOLUME_BATCH if volumes else BATCH,
        learning_rate=4e-4,
        schedule={"name": "plateau", "factor": 0.5, "patience": 10},
        augment=False,
        precision="mixed",
    )
    options = {"settings": settings, "seed": 0, "device": DEVICE, "report": lambda line: None}
    unet, pairs = network(dims=3 if volumes else 2), PatchPairs(batch, batch)
    loss = Supervised(losses.get("mae" if volumes else "laplace", {}))
    return partial(loop.train, unet, loss, pairs, pairs, **options), steps


def restore(pixels, tile):
    """Restore an image or a volume, its normalisation included."""
    options = {"percentiles": (2, 99.8), "precision": "mixed", "device": DEVICE, "name": "image"}
    unet = network(dims=pixels().ndim)
    return partial(inference.restore, unet, pixels(), tile=tile, **options), 1


time_work(
    {
        **{"train": train, "train-volumes": partial(train, volumes=True)},
        "volume": partial(restore, volume, (None, 256, 256)),
        **{"whole": partial(restore, image, 2048), "tiles": partial(restore, image, 512)},
    }
)

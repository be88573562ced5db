"""Do the work with denoisekit."""

from functools import partial

import torch
from work import BATCH, STEPS, image, patches, time_work

from denoisekit import losses, networks
from denoisekit.computing import find_device, seed_everything
from denoisekit.restoring import inference
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

DEVICE = find_device()


def network() -> torch.nn.Module:
    """Return the loss-function paper's network, with CARE's probabilistic output."""
    seed_everything(0, threads=torch.get_num_threads())
    settings = {"architecture": "unet", "depth": 2, "kernel_size": 5, "first_filters": 32}
    return networks.build(settings, dims=2, probabilistic=True).to(DEVICE)


def train():
    """Train for an epoch, which ends with a batch of validation."""
    pairs = PatchPairs(patches(), patches())
    settings = Settings(
        epochs=1,
        steps_per_epoch=STEPS,
        batch_size=BATCH,
        learning_rate=4e-4,
        schedule={"name": "plateau", "factor": 0.5, "patience": 10},
        augment=False,
        precision="mixed",
    )
    options = {"settings": settings, "seed": 0, "device": DEVICE, "report": lambda line: None}
    unet, loss = network(), Supervised(losses.get("laplace", {}))
    return partial(loop.train, unet, loss, pairs, pairs, **options), STEPS


def restore(tile: int):
    """Restore an image, its normalisation included."""
    options = {"percentiles": (2, 99.8), "precision": "mixed", "device": DEVICE, "name": "image"}
    return partial(inference.restore, network(), image(), tile=tile, **options), 1


time_work({"train": train, "whole": partial(restore, 2048), "tiles": partial(restore, 512)})

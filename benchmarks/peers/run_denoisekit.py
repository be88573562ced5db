"""Do the work with denoisekit."""

from functools import partial

import torch
from work import BATCH, STEPS, image, patches, time_work

from denoisekit import inference, losses, networks, objectives, seeding, training

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def network() -> torch.nn.Module:
    """Return the loss-function paper's network, with CARE's probabilistic output."""
    seeding.seed_everything(0, threads=torch.get_num_threads())
    settings = {"architecture": "unet", "depth": 2, "kernel_size": 5, "first_filters": 32}
    return networks.build(settings, dims=2, probabilistic=True).to(DEVICE)


def train():
    """Train for an epoch, which ends with a batch of validation."""
    pairs = training.PatchPairs(patches(), patches())
    settings = training.Settings(
        epochs=1,
        steps_per_epoch=STEPS,
        batch_size=BATCH,
        learning_rate=4e-4,
        schedule={"name": "plateau", "factor": 0.5, "patience": 10},
        augment=False,
        precision="mixed",
    )
    options = {"settings": settings, "seed": 0, "device": DEVICE, "report": lambda line: None}
    unet, loss = network(), objectives.Supervised(losses.get("laplace", {}))
    return partial(training.train, unet, loss, pairs, pairs, **options), STEPS


def restore(tile: int):
    """Restore an image, its normalisation included."""
    options = {"percentiles": (2, 99.8), "precision": "mixed", "device": DEVICE, "name": "image"}
    return partial(inference.restore, network(), image(), tile=tile, **options), 1


time_work({"train": train, "whole": partial(restore, 2048), "tiles": partial(restore, 512)})

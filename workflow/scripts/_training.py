"""Train a network as a script was told, and write what the training leaves."""

from collections.abc import Callable
from typing import Any

import torch

from _card import describe
from denoisekit import checkpoints, io, models, networks, seeding, training
from denoisekit.normalization import Normalizer
from denoisekit.objectives import Objective

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def train(
    snakemake: Any,
    report: Callable[..., None],
    *,
    objective: Objective,
    probabilistic: bool,
    patches: list[training.PatchPairs] | list[training.NoisyPatches],
    normalizer: Normalizer | None,
) -> None:
    """Train a network, and write its weights, its history and its card."""
    settings, output = snakemake.params.settings, snakemake.output
    card, seed = describe(snakemake, DEVICE), int(snakemake.wildcards.seed)
    checkpoint = checkpoints.Checkpoint(snakemake.params.checkpoint, identity=card, report=report)
    seeding.seed_everything(seed, threads=snakemake.threads)
    network = networks.build(settings["network"], dims=patches[0].dims, probabilistic=probabilistic)
    report(f"training {models.count_parameters(network)} parameters on the {DEVICE}")
    trained = training.train(
        network,
        objective,
        *patches,
        settings=training.Settings(**settings["training"]),
        seed=seed,
        device=DEVICE,
        report=report,
        state=checkpoint.load(),
        keep=checkpoint.keep,
    )
    models.save_weights(output.best, trained.best)
    models.save_weights(output.last, trained.last)
    io.write_table(output.history, trained.history)
    counts = dict(zip(("training_patches", "validation_patches"), map(len, patches), strict=True))
    found = {
        "dims": patches[0].dims,
        "probabilistic": probabilistic,
        "normalizer": vars(normalizer) if normalizer else None,
        "parameters": models.count_parameters(network),
        **counts,
        "best_epoch": trained.best_epoch,
        "seconds": trained.history[-1]["seconds"],
    }
    io.write_json(output.card, card | found)
    checkpoint.remove()

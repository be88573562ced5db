"""Train a network as a script was told, and write what the training leaves."""

from collections.abc import Callable
from typing import Any

import torch

from _card import describe
from denoisekit import files, networks
from denoisekit.computing import seed_everything
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring import weights
from denoisekit.training import batches, checkpoints, loop, objectives
from denoisekit.training.settings import Settings

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def train(
    snakemake: Any,
    report: Callable[..., None],
    *,
    objective: objectives.Objective,
    probabilistic: bool,
    patches: list[batches.PatchPairs] | list[batches.NoisyPatches],
    normalizer: Normalizer | None,
) -> None:
    """Train a network, and write its weights, its history and its card."""
    settings, output = snakemake.params.settings, snakemake.output
    card, seed = describe(snakemake, DEVICE), int(snakemake.wildcards.seed)
    checkpoint = checkpoints.Checkpoint(snakemake.params.checkpoint, identity=card, report=report)
    seed_everything(seed, threads=snakemake.threads)
    network = networks.build(settings["network"], dims=patches[0].dims, probabilistic=probabilistic)
    report(f"training {weights.count_parameters(network)} parameters on the {DEVICE}")
    trained = loop.train(
        network,
        objective,
        *patches,
        settings=Settings(**settings["training"]),
        seed=seed,
        device=DEVICE,
        report=report,
        state=checkpoint.load(),
        keep=checkpoint.keep,
    )
    weights.save_weights(output.best, trained.best)
    weights.save_weights(output.last, trained.last)
    files.write_table(output.history, trained.history)
    counts = dict(zip(("training_patches", "validation_patches"), map(len, patches), strict=True))
    found = {
        "dims": patches[0].dims,
        "probabilistic": probabilistic,
        "normalizer": vars(normalizer) if normalizer else None,
        "parameters": weights.count_parameters(network),
        **counts,
        "best_epoch": trained.best_epoch,
        "seconds": trained.history[-1]["seconds"],
    }
    files.write_json(output.card, card | found)
    checkpoint.remove()

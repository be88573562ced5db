"""Train a network as a script was told, and write what the training leaves."""

from collections.abc import Callable, Mapping
from typing import Any

from denoisekit import files
from denoisekit.computing import find_device, seed_everything
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring import weights
from denoisekit.training import batches, checkpoints, loop, objectives, settings


def train(
    output: Any,
    report: Callable[..., None],
    *,
    card: Mapping[str, Any],
    checkpoint: str,
    objective: objectives.Objective,
    probabilistic: bool,
    patches: list[batches.PatchPairs] | list[batches.NoisyPatches],
    images: list[str],
    normalizer: Normalizer | None,
    units: Mapping[str, Any],
) -> None:
    """Train the network that a card describes, on patches of `images`; write what it leaves."""
    device, seed = find_device(), int(card["seed"])
    state = checkpoints.Checkpoint(checkpoint, identity=card, report=report)
    seed_everything(seed, threads=card["threads"])
    planes = patches[0].dims == 3 and card["method"].get("dims") == 2
    built = {"dims": 2 if planes else patches[0].dims, "probabilistic": probabilistic}
    network = weights.build({**card, **built})
    patches[0].check_sides(network.stride, dims=built["dims"])
    report(f"training {weights.count_parameters(network)} parameters on the {device}")
    told = {"seed": seed, "device": device, "report": report, "images": images}
    trained = loop.train(
        network,
        objective,
        *patches,
        settings=settings.Settings(**card["training"]),
        state=state.load(),
        keep=state.keep,
        planes=planes,
        **told,
    )
    weights.save_weights(output.best, trained.best)
    weights.save_weights(output.last, trained.last)
    files.write_table(output.history, trained.history)
    found = {
        **(built | ({"planes": True} if planes else {})),
        "normalizer": vars(normalizer) if normalizer else None,
        "units": units,
        "parameters": weights.count_parameters(network),
        **dict(zip(("training_patches", "validation_patches"), map(len, patches), strict=True)),
        "best_epoch": trained.best_epoch,
        "seconds": trained.history[-1]["seconds"],
    }
    files.write_json(output.card, {**card, **found})
    state.remove()

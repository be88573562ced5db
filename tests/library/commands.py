"""Call the command as a user does, with networks that nobody trained."""

import numpy as np
import torch
from typer.testing import CliRunner

from denoisekit import files, networks
from denoisekit.cli import app
from denoisekit.restoring import weights

RNG = np.random.default_rng(0)
UNET = {"architecture": "unet", "depth": 1, "kernel_size": 3, "first_filters": 2}
PN2V = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 2, "outputs": 6}


def call(*words, code=0):
    """Run the command, see that it ends with a code and no traceback, return its outputs."""
    done = CliRunner().invoke(app, [str(word) for word in words], prog_name="denoisekit")
    assert done.exit_code == code, (done.output, done.exception)
    assert "Traceback" not in done.output
    return done.stdout, " ".join(done.stderr.split())


def make_model(
    folder, settings=UNET, *, dims=2, normalizer=None, probabilistic=False, seed=None, loss="mae"
):
    """Leave an untrained network as a training would, and return it."""
    torch.manual_seed(3 if seed is None else seed)
    network = networks.build(settings, dims=dims, probabilistic=probabilistic)
    weights.save_weights(folder / "last.safetensors", network.state_dict())
    card = {
        "train_set": "cells",
        "method": {"network": "tiny", "objective": "supervised", "loss": loss},
        "network": settings,
        "training": {"epochs": 2},
        "dims": dims,
        "probabilistic": probabilistic,
        "normalizer": vars(normalizer) if normalizer else None,
        "parameters": weights.count_parameters(network),
        "seconds": 1.5,
    } | ({} if seed is None else {"seed": str(seed)})
    files.write_json(folder / "card.json", card)
    return network.eval()


def noisy(*shape):
    return RNG.poisson(50, shape).astype(np.uint16)

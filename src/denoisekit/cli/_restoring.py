"""Make of a model's folder a function that restores pixels."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from denoisekit import inference, likelihoods, models, noise_models, posterior
from denoisekit._checks import InputError
from denoisekit.cli import _models
from denoisekit.normalization import Normalizer

_PRECISION = "mixed"


def load(
    folder: Path, *, name: Path, weights: str, device: str
) -> tuple[torch.nn.Module, dict[str, Any]]:
    """Load the network of a model's folder, and its card; errors call the folder by a name."""
    card = _models.read_card(folder)
    file = folder / f"{weights}.safetensors"
    if not file.is_file():
        raise InputError(f"{name / file.name} does not exist; copy the whole folder of the model.")
    return models.load(file, card, device=device), card


def restorer(
    model: Path,
    *,
    weights: str | None,
    percentiles: tuple[float, float] | None,
    tile: int,
    noise_model: Path | None,
) -> tuple[Callable[[np.ndarray, str], np.ndarray], bool]:
    """Return what restores an image of a name, and whether images must be volumes."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with _models.opened(model) as folder:
        weights, percentiles = _models.read_prediction(
            folder, weights=weights, percentiles=percentiles
        )
        network, card = load(folder, name=model, weights=weights, device=device)
    normalizer = Normalizer(**card["normalizer"]) if card["normalizer"] else None
    options = {"tile": tile, "precision": _PRECISION, "device": device}
    samples = card["network"].get("outputs", 1) > 1
    _check_noise_model(model, noise_model, samples=samples)
    if not samples:

        def restore(pixels: np.ndarray, name: str) -> np.ndarray:
            """Return what the network predicts."""
            return inference.restore(
                network,
                pixels,
                percentiles=percentiles,
                normalizer=normalizer,
                name=name,
                **options,
            ).mean

        return restore, card["dims"] == 3

    noise = noise_models.load_noise_model(noise_model)
    likelihood = likelihoods.of_model(noise, device=device)

    def restore_samples(pixels: np.ndarray, name: str) -> np.ndarray:
        """Return the posterior's mean."""
        outside = noise_models.count_outside(noise, pixels, outside="count", name=name)
        if outside:
            low, high = noise.values
            print(
                f"Note: {outside} pixels of {name} lie outside of the noise model's range, "
                f"{low:g} to {high:g}.",
                file=sys.stderr,
            )
        return posterior.restore(
            network,
            pixels,
            normalizer=normalizer,
            log_likelihood=likelihood,
            levels=(),
            name=name,
            **options,
        ).mmse

    return restore_samples, card["dims"] == 3


def _check_noise_model(model: Path, noise_model: Path | None, *, samples: bool) -> None:
    if samples and noise_model is None:
        raise InputError(
            f"{model} is a network of PN2V, which restores with a model of the camera's noise; "
            "give the one that it was trained with, such as "
            "results/<study>/noise_models/<train set>/<name>.npz, as --noise-model."
        )
    if noise_model is not None and not samples:
        raise InputError(
            f"{model} restores without a noise model; leave --noise-model {noise_model} out."
        )

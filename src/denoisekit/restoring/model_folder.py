"""Model folders: find trained networks, read their cards, and restore images with them."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from denoisekit import files
from denoisekit._checks import one_of
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.noise.models import count_outside, load_noise_model
from denoisekit.restoring import inference, likelihoods, posterior
from denoisekit.restoring import weights as weights_file

PACKAGE = ".zip"
# How a study restores with a model that lies there; and how CARE does, for a model without it.
PREDICTION = "prediction.json"
_CARE = {"weights": "last", "percentiles": [2, 99.8]}
_NEEDED = ("network", "dims", "probabilistic")


def find(folder: Path) -> list[Path]:
    """Return the folders of all models in a folder and those below it."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; name one that a study has left its results in.")
    found = sorted(card.parent for card in folder.rglob("card.json"))
    models = [place for place in found if list(place.glob("*.safetensors"))]
    if not models:
        raise InputError(
            f"{folder} holds no trained model; models lie in "
            "results/<study>/models/<train set>/<method>/seed<k>/."
        )
    return models


def read_card(folder: Path) -> dict[str, Any]:
    """Read a model's card; an InputError if there is none, or it does not describe a network."""
    path = folder / "card.json"
    if not path.is_file():
        raise InputError(
            f"{folder} holds no card.json and thus no model; name a folder such as "
            "results/<study>/models/<train set>/<method>/seed0 ('denoisekit models' lists them)."
        )
    card = _read(path)
    missing = [key for key in _NEEDED if not isinstance(card, dict) or key not in card]
    if missing:
        raise InputError(
            f"{path} does not tell the model's {', '.join(missing)}; copy the model anew."
        )
    # Cards without this entry are older than networks that were trained on fixed numbers.
    return {"normalizer": None, **card}


def read_prediction(
    folder: Path, *, weights: str | None, percentiles: tuple[float, float] | None
) -> tuple[str, tuple[float, float]]:
    """Return the weights and percentiles to restore with: those given, or else the study's."""
    path = folder / PREDICTION
    told = _CARE | (_read(path) if path.is_file() else {})
    weights = weights or told["weights"]
    one_of(weights, ("last", "best"), name="The model's weights")
    low, high = percentiles or told["percentiles"]
    if not 0 <= low < high <= 100:
        raise InputError(
            f"The percentiles must rise and lie between 0 and 100, but are {low:g} and {high:g}."
        )
    return weights, (low, high)


def _read(path: Path) -> Any:
    try:
        return files.read_json(path)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); copy the model anew.") from error


@contextmanager
def opened(model: Path) -> Iterator[Path]:
    """Give a model's folder: the one named, or one that its package is unpacked into."""
    if model.suffix.lower() != PACKAGE:
        yield model
        return
    from denoisekit.restoring import bioimageio

    if not model.is_file():
        raise InputError(f"{model} does not exist.")
    with tempfile.TemporaryDirectory() as folder:
        bioimageio.unpack(model, folder)
        yield Path(folder)


_PRECISION = "mixed"


def load(
    folder: Path, *, name: Path, weights: str, device: str
) -> tuple[torch.nn.Module, dict[str, Any]]:
    """Load the network of a model's folder, and its card; errors call the folder by a name."""
    card = read_card(folder)
    file = folder / f"{weights}.safetensors"
    if not file.is_file():
        raise InputError(f"{name / file.name} does not exist; copy the whole folder of the model.")
    return weights_file.load(file, card, device=device), card


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
    with opened(model) as folder:
        weights, percentiles = read_prediction(folder, weights=weights, percentiles=percentiles)
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

    noise = load_noise_model(noise_model)
    likelihood = likelihoods.of_model(noise, device=device)

    def restore_samples(pixels: np.ndarray, name: str) -> np.ndarray:
        """Return the posterior's mean."""
        outside = count_outside(noise, pixels, outside="count", name=name)
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

"""Find trained models, and read what their cards say."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from denoisekit import io
from denoisekit._checks import InputError, one_of

PACKAGE = ".zip"
# How a study restores with a model that lies there; and how CARE does, for a model without it.
PREDICTION = "prediction.json"
_CARE = {"weights": "last", "percentiles": [2, 99.8]}
_NEEDED = ("network", "dims", "probabilistic")


class Weights(StrEnum):
    """Which of a training's weights."""

    LAST = "last"
    BEST = "best"


WeightsOption = Annotated[
    Weights | None,
    typer.Option(
        help="Those of the last epoch, or of the best validation loss; the study's choice if not "
        "given, or else the last."
    ),
]
PercentilesOption = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="LOW HIGH",
        help="What images are normalised by, where the network was not trained on fixed numbers; "
        "the study's if not given, or else CARE's, 2 and 99.8.",
    ),
]


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
    one_of(weights, Weights, name="The model's weights")
    low, high = percentiles or told["percentiles"]
    if not 0 <= low < high <= 100:
        raise InputError(
            f"The percentiles must rise and lie between 0 and 100, but are {low:g} and {high:g}."
        )
    return weights, (low, high)


def _read(path: Path) -> Any:
    try:
        return io.read_json(path)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); copy the model anew.") from error


@contextmanager
def opened(model: Path) -> Iterator[Path]:
    """Give a model's folder: the one named, or one that its package is unpacked into."""
    if model.suffix.lower() != PACKAGE:
        yield model
        return
    from denoisekit import modelzoo

    if not model.is_file():
        raise InputError(f"{model} does not exist.")
    with tempfile.TemporaryDirectory() as folder:
        modelzoo.unpack(model, folder)
        yield Path(folder)

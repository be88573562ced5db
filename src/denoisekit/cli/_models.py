"""Find trained models, and read what their cards say."""

import json
from pathlib import Path
from typing import Any

from denoisekit import io
from denoisekit._checks import InputError

_NEEDED = ("network", "dims", "probabilistic", "normalizer")


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
    try:
        card = io.read_json(path)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); copy the model anew.") from error
    missing = [key for key in _NEEDED if not isinstance(card, dict) or key not in card]
    if missing:
        raise InputError(
            f"{path} does not tell the model's {', '.join(missing)}; copy the model anew."
        )
    return card

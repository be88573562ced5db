"""``denoisekit models``: which networks are there, and how they were trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from denoisekit.cli import _show

EXAMPLES = """\b
Example:
  denoisekit models results/quickstart
"""


def models(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A study's results.")],
) -> None:
    """List the trained networks below a folder, with what their cards say.

    A narrow terminal shows a part of that; a pipe and a wide one all.
    """
    from denoisekit.restoring import model_folder

    found = model_folder.find(folder)
    rows = [_row(model_folder.read_card(place), place) for place in found]
    narrow = ("folder", "loss", "network", "axes", "epochs", "normalised by")
    _show.table(rows, title=f"{len(found)} trained networks", narrow=narrow)


def _row(card: Mapping[str, Any], place: Path) -> dict[str, Any]:
    method, training = card.get("method", {}), card.get("training", {})
    normalizer = card["normalizer"]
    return {
        "train set": card.get("train_set", ""),
        "objective": method.get("objective", ""),
        "loss": method.get("loss", ""),
        "network": card["network"]["architecture"],
        "axes": {2: "YX", 3: "ZYX"}[card["dims"]],
        "parameters": card.get("parameters", ""),
        "patches": card.get("training_patches", ""),
        "epochs": training.get("epochs", ""),
        "seconds": f"{card['seconds']:.0f}" if "seconds" in card else "",
        "normalised by": "percentiles"
        if normalizer is None
        else f"{normalizer['low']:g} to {normalizer['high']:g}",
        "folder": place,
    }

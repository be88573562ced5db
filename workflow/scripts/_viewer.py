"""Write the pictures of an image that the page's viewer shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import _uncertainty_maps
from _shown import Shown
from denoisekit.evaluation.display import display, display_without_truth, maps_together
from denoisekit.evaluation.metrics import HEADLINE
from denoisekit.files import write_json


def write_scene(
    folder: Path,
    shown: Shown,
    files: Any,
    *,
    settings: Mapping[str, Any],
    members: Mapping[str, Sequence[str]],
) -> None:
    """Write the pictures of an image and what the viewer says of them; `files` names folders.

    `members` are the runs that the methods with a predicted scale are made of.
    """
    low = shown.exposure(files.registered, "low")
    restored = {name: shown.restored(files, name) for name in shown.runs if name != "noisy"}
    scored, side_px = bool(files.scores), settings["side_px"]
    if scored:
        truth = shown.exposure(files.registered, "high").pixels
        made = display(truth, low.pixels, restored, side_px=side_px)
    else:
        made = display_without_truth(low.pixels, restored, side_px=side_px)
    folder.mkdir(parents=True)
    pictures = {f"image-{name}": pixels for name, pixels in made.images.items()}
    pictures |= {f"error-{name}": pixels for name, pixels in made.errors.items()}
    if made.truth is not None:
        pictures["truth"] = made.truth
    found = _uncertainty_maps.read(shown, files, members, level=settings["level"], gains=made.gains)
    tops = {"error": made.error_top}
    for kind, maps in found.items():
        drawn, tops[kind] = maps_together(maps, made.window)
        pictures |= {f"{kind}-{name}": pixels for name, pixels in drawn.items()}
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    card = {
        "image": shown.image,
        "window": [end for part in made.window for end in (part.start, part.stop)],
        "whole": low.pixels.shape,
        "pixel_size_um": low.pixel_size_um,
        "tops": tops,
        "methods": [
            {"name": name, "run": run}
            | {metric: shown.scores[run, metric] for metric in HEADLINE if scored}
            for name, run in shown.runs.items()
        ],
    }
    write_json(folder / "card.json", card)

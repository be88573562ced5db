"""Write the pictures of an image that the page's viewer shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import _uncertainty_maps
from _shown import Shown
from denoisekit.evaluation.display import (
    dark_outside,
    display,
    display_without_truth,
    maps_together,
    view_of,
    views,
)
from denoisekit.evaluation.metrics import HEADLINE
from denoisekit.files import write_json


def write_scene(
    folder: Path,
    shown: Shown,
    files: Any,
    *,
    settings: Mapping[str, Any],
    members: Mapping[str, Sequence[str]],
    planes: int,
) -> None:
    """Write the pictures of an image and what the viewer says of them; `files` names folders.

    `members` are the runs that the methods with a predicted scale are made of; of a volume, so many
    `planes` are shown, and sections along z where they are more than the middle one.
    """
    low = shown.whole_exposure(files.registered, "low")
    noisy = dark_outside(low.pixels)
    restored = (
        (name, dark_outside(shown.whole(files, name).pixels))
        for name in shown.runs
        if name != "noisy"
    )
    scored, side_px = bool(files.scores), settings["side_px"]
    if scored:
        truth = dark_outside(shown.whole_exposure(files.registered, "high").pixels)
        made = display(truth, noisy, restored, side_px=side_px)
    else:
        made = display_without_truth(noisy, restored, side_px=side_px)
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
    seen = views(low.pixels.shape, planes=planes)
    spacing, side = low.spacing_um or settings["z_spacing_um"], low.pixel_size_um
    aspect = spacing / side if spacing and side else 1.0
    for name, pixels in pictures.items():
        for view in seen:
            cut = Image.fromarray(view_of(pixels, view, aspect=aspect))
            cut.save(folder / f"{name}{view and '@'}{view}.png")
    card = {
        "image": shown.image,
        "window": [end for part in made.window for end in (part.start, part.stop)],
        "whole": low.pixels.shape[-2:],
        "views": seen,
        "pixel_size_um": low.pixel_size_um,
        "tops": tops,
        "methods": [
            {"name": name, "run": run}
            | {metric: shown.scores[run, metric] for metric in HEADLINE if scored}
            for name, run in shown.runs.items()
        ],
    }
    write_json(folder / "card.json", card)

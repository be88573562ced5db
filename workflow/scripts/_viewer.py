"""Write the pictures of an image that the page's viewer shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import _pictures
from _shown import Shown
from denoisekit.evaluation.display import view_of, views
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
    made = _pictures.make(shown, files, settings=settings, members=members)
    spacing = made.low.spacing_um or settings["z_spacing_um"]
    side = made.low.pixel_size_um or shown.pixel_size_um
    aspect = spacing / side if spacing and side else 1.0
    seen = views(made.low.pixels.shape, planes=planes)
    folder.mkdir(parents=True)
    for name, pixels in made.pictures.items():
        for view in seen:
            cut = Image.fromarray(view_of(pixels, view, aspect=aspect))
            cut.save(folder / f"{name}{view and '@'}{view}.png")
    card = {
        "image": shown.image,
        "window": [end for part in made.window for end in (part.start, part.stop)],
        "whole": made.low.pixels.shape[-2:],
        "views": seen,
        "pixel_size_um": side,
        "tops": made.tops,
        "methods": [
            {"name": name, "run": run}
            | {metric: shown.scores[run, metric] for metric in HEADLINE if files.scores}
            for name, run in shown.runs.items()
        ],
    }
    write_json(folder / "card.json", card)

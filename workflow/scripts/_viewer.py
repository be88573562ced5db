"""Write the pictures of an image that the page's viewer shows, and read those of all images."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import _mixtures
from _shown import Shown
from denoisekit.datasets.registered import read_restored
from denoisekit.evaluation.display import display, display_without_truth, maps_together
from denoisekit.evaluation.metrics import HEADLINE
from denoisekit.files import read_json, write_json
from denoisekit.report.viewer import PLACES, Scene


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
    scored = bool(files.scores)
    if scored:
        truth = shown.exposure(files.registered, "high").pixels
        made = display(truth, low.pixels, restored, side_px=settings["side_px"])
    else:
        made = display_without_truth(low.pixels, restored, side_px=settings["side_px"])
    folder.mkdir(parents=True)
    pictures = {f"image-{name}": pixels for name, pixels in made.images.items()}
    pictures |= {f"error-{name}": pixels for name, pixels in made.errors.items()}
    if made.truth is not None:
        pictures["truth"] = made.truth
    tops = {"error": made.error_top}
    for kind, maps in _uncertainties(shown, files, members, settings["level"], made.gains).items():
        drawn, tops[kind] = maps_together(maps, made.window)
        pictures |= {f"{kind}-{name}": pixels for name, pixels in drawn.items()}
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    rows, columns = made.window
    card = {
        "image": shown.image,
        "window": [rows.start, rows.stop, columns.start, columns.stop],
        "whole": low.pixels.shape,
        "pixel_size_um": low.pixel_size_um,
        "tops": tops,
        "methods": [
            {"name": name, "run": run}
            | {metric: shown.scores[run, metric] for metric in HEADLINE if scored}
            for name, run in ((name, shown.runs[name]) for name in settings["methods"])
        ],
    }
    write_json(folder / "card.json", card)


def _uncertainties(
    shown: Shown,
    files: Any,
    members: Mapping[str, Sequence[str]],
    level: float,
    gains: Mapping[str, float],
) -> dict[str, dict[str, np.ndarray]]:
    """Return maps of interval width, in fractions of the range shown, and of disagreement."""
    folders = {Path(folder).name: Path(folder) for folder in files.restored}
    found: dict[str, dict[str, np.ndarray]] = {}
    for method, runs in members.items():
        run = folders[shown.runs[method]]
        field = ~np.isnan(read_restored(files.registered, run, shown.image).pixels)
        mixture = _mixtures.read(
            files.registered, [folders[name] for name in runs], shown.image, chosen=field
        )
        low, high = mixture.interval(level)
        width = np.full(field.shape, np.nan)
        width[field] = abs(gains[method]) * (high - low)
        found.setdefault("width", {})[method] = width
        if (run / "disagreement").is_dir():
            pixels = read_restored(files.registered, run / "disagreement", shown.image).pixels
            found.setdefault("disagreement", {})[method] = pixels
    return found


def read_scenes(folders: Sequence[str]) -> dict[str, Scene]:
    """Read what the viewer shows, by experiment and, but for the median, place: ``AA, best``."""
    scenes = {}
    for experiment in map(Path, folders):
        for place in PLACES:
            folder = experiment / place
            if folder.exists():
                name = experiment.name if place == "median" else f"{experiment.name}, {place}"
                pictures = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.png"))}
                scenes[name] = Scene(card=read_json(folder / "card.json"), pictures=pictures)
    return scenes

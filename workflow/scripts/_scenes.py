"""Read the pictures that the page's viewer shows, as `_viewer` wrote them."""

from collections.abc import Sequence
from pathlib import Path

from denoisekit.files import read_json
from denoisekit.report.viewer import PLACES, Scene


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

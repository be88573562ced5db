"""Choose the image that figures and the viewer show, and read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.datasets.registered import read_exposure, read_restored, registered_pairs
from denoisekit.datasets.verdicts import showing
from denoisekit.evaluation.display import dark_outside
from denoisekit.files import read_table
from denoisekit.images.image import Image, plane_of
from denoisekit.statistics import scores, tables


@dataclass(frozen=True)
class Shown:
    """An experiment's image; runs of the first seed by method; pixel size for files without."""

    image: str
    runs: dict[str, str]
    scores: pd.Series
    pixel_size_um: float | None

    def exposure(self, registered: str, exposure: str) -> Image:
        """Read the plane of the low or the high exposure."""
        read = read_exposure(registered, self.image, exposure)
        return Image(dark_outside(plane_of(read.pixels)), read.pixel_size_um or self.pixel_size_um)

    def restored(self, files: Any, method: str) -> np.ndarray:
        """Read the plane of the image that a method restored; `files` names the folders."""
        return dark_outside(plane_of(self.whole(files, method).pixels))

    def whole(self, files: Any, method: str) -> Image:
        """Read all planes of the image as a method restored it."""
        folder = next(path for path in files.restored if Path(path).name == self.runs[method])
        return read_restored(files.registered, folder, self.image)


def choose_shown(files: Any, params: Any, *, experiment: str, place: str | None = None) -> Shown:
    """Choose the image of an experiment that shows structure: by its scores, or the first one.

    `params` has ``runs`` by method, ``settings`` (of which ``place`` may be told) and sizes.
    """
    quality = read_table(Path(files.registered, "quality.tsv"))
    candidates = showing(registered_pairs(files.registered, split="test"), quality)
    if not files.get("scores"):
        return Shown(candidates[0].image, params.runs, pd.Series(dtype=float), params.pixel_size_um)
    scored = tables.read(files.scores, scores.SCORES)
    image, values = scores.typical_scores(
        scored[scored["image"].isin([pair.image for pair in candidates])],
        tables.read(files.experiments, scores.EXPERIMENTS),
        experiment=experiment,
        method=params.settings["reference"],
        convention=params.settings["convention"],
        place=place or params.settings.get("place", "median"),
    )
    return Shown(image, params.runs, values, params.pixel_size_um)

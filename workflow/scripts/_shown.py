"""Choose the image that figures and the viewer show, and read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.datasets.registered import read_exposure, read_restored, registered_pairs
from denoisekit.datasets.verdicts import showing
from denoisekit.files import read_table
from denoisekit.images.image import Image
from denoisekit.statistics import scores, tables


@dataclass(frozen=True)
class Shown:
    """The image that stands for an experiment: that of the reference's median score, if any.

    `runs` are those of the first seed, by method; `pixel_size_um` is for files that tell none.
    """

    image: str
    runs: dict[str, str]
    scores: pd.Series
    pixel_size_um: float

    def exposure(self, registered: str, exposure: str) -> Image:
        """Read the low or the high exposure."""
        image = read_exposure(registered, self.image, exposure)
        return Image(image.pixels, image.pixel_size_um or self.pixel_size_um)

    def restored(self, files: Any, method: str) -> np.ndarray:
        """Read the image as a method restored it; `files` names the folders."""
        folder = next(folder for folder in files.restored if Path(folder).name == self.runs[method])
        return read_restored(files.registered, folder, self.image).pixels


def choose_shown(
    files: Any, *, experiment: str, runs: dict[str, str], settings: dict, pixel_size_um: float
) -> Shown:
    """Choose the image of an experiment that shows structure: by its scores, or the first one.

    `files` names the folder ``registered`` and the tables; ``place`` of `settings` may be another.
    """
    quality = read_table(Path(files.registered, "quality.tsv"))
    candidates = showing(registered_pairs(files.registered, split="test"), quality)
    if not files.get("scores"):
        return Shown(candidates[0].image, runs, pd.Series(dtype=float), pixel_size_um)
    scored = tables.read(files.scores, scores.SCORES)
    image, values = scores.typical_scores(
        scored[scored["image"].isin([pair.image for pair in candidates])],
        tables.read(files.experiments, scores.EXPERIMENTS),
        experiment=experiment,
        method=settings["reference"],
        convention=settings["convention"],
        place=settings.get("place", "median"),
    )
    return Shown(image, runs, values, pixel_size_um)

"""Choose the image that figures and the viewer show, and read it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.datasets.registered import read_exposure, read_restored, registered_pairs
from denoisekit.evaluation.display import dark_outside
from denoisekit.images.image import Image
from denoisekit.statistics import scores, tables


@dataclass(frozen=True)
class Shown:
    """The image that stands for an experiment: on which the reference has its median score, if any.

    `runs` names each method's run of the first seed; `scores` are those of the image, by run and
    metric. `pixel_size_um` holds where a file does not tell its own.
    """

    image: str
    runs: dict[str, str]
    scores: pd.Series
    pixel_size_um: float

    def exposure(self, registered: str, exposure: str) -> Image:
        """Read the low or the high exposure."""
        image = read_exposure(registered, self.image, exposure)
        return Image(dark_outside(image.pixels), image.pixel_size_um or self.pixel_size_um)

    def restored(self, files: Any, method: str) -> np.ndarray:
        """Read the image as a method restored it; `files` names the folders."""
        folder = next(folder for folder in files.restored if Path(folder).name == self.runs[method])
        return dark_outside(read_restored(files.registered, folder, self.image).pixels)


def choose_shown(
    files: Any, *, experiment: str, runs: dict[str, str], settings: dict, pixel_size_um: float
) -> Shown:
    """Choose the image of an experiment: by its scores, or the first one where there are none.

    `files` names the folder ``registered``, and the tables ``scores`` and ``experiments``.
    """
    if not files.get("scores"):
        pair, *_ = registered_pairs(files.registered, split="test")
        return Shown(pair.image, runs, pd.Series(dtype=float), pixel_size_um)
    image, values = scores.typical_scores(
        tables.read(files.scores, scores.SCORES),
        tables.read(files.experiments, scores.EXPERIMENTS),
        experiment=experiment,
        method=settings["reference"],
        convention=settings["convention"],
    )
    return Shown(image, runs, values, pixel_size_um)

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
from denoisekit.images.image import Image, flat_view
from denoisekit.statistics import scores, tables


@dataclass(frozen=True)
class Shown:
    """An experiment's image; runs of the first seed by method; sizes for files that tell none."""

    image: str
    runs: dict[str, str]
    scores: pd.Series
    sizes: dict[str, float | None]

    def exposure(self, registered: str, exposure: str) -> Image:
        """Read the low or the high exposure."""
        image = read_exposure(registered, self.image, exposure)
        pixels = dark_outside(flat_view(image, **self.sizes))
        return Image(pixels, image.pixel_size_um or self.sizes["pixel_size_um"])

    def restored(self, files: Any, method: str) -> np.ndarray:
        """Read the image as a method restored it; `files` names the folders."""
        folder = next(folder for folder in files.restored if Path(folder).name == self.runs[method])
        restored = read_restored(files.registered, folder, self.image)
        return dark_outside(flat_view(restored, **self.sizes))


def choose_shown(
    files: Any, params: Any, *, experiment: str, place: str | None = None, section: bool = False
) -> Shown:
    """Choose the image of an experiment that shows structure: by its scores, or the first one.

    `files` names the folder ``registered`` and the tables, `params` the ``runs`` by method, the
    ``settings`` and the sizes; ``place`` of the settings, or `place`, may be another than the
    median of the scores. With `section`, a section along z lies below a volume's plane.
    """
    sizes = {"pixel_size_um": params.pixel_size_um}
    sizes |= {"z_spacing_um": params.z_spacing_um} if section else {}
    settings = params.settings
    tested = registered_pairs(files.registered, split="test")
    candidates = showing(tested, read_table(Path(files.registered, "quality.tsv")))
    if not files.get("scores"):
        return Shown(candidates[0].image, params.runs, pd.Series(dtype=float), sizes)
    scored = tables.read(files.scores, scores.SCORES)
    image, values = scores.typical_scores(
        scored[scored["image"].isin([pair.image for pair in candidates])],
        tables.read(files.experiments, scores.EXPERIMENTS),
        experiment=experiment,
        method=settings["reference"],
        convention=settings["convention"],
        place=place or settings.get("place", "median"),
    )
    return Shown(image, params.runs, values, sizes)

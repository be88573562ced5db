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
        side = image.pixel_size_um or self.sizes["pixel_size_um"]
        return Image(dark_outside(flat_view(image, **self.sizes)), side)

    def restored(self, files: Any, method: str) -> np.ndarray:
        """Read the image as a method restored it; `files` names the folders."""
        folder = next(path for path in files.restored if Path(path).name == self.runs[method])
        restored = read_restored(files.registered, folder, self.image)
        return dark_outside(flat_view(restored, **self.sizes))


def choose_shown(files: Any, params: Any, *, experiment: str, place: str | None = None) -> Shown:
    """Choose the image of an experiment that shows structure: by its scores, or the first one.

    `params` has ``runs`` by method, ``settings`` (their ``place`` is the median of the scores if
    not told) and sizes: ``section_um`` where a section along z lies below a volume's plane.
    """
    sizes = {"pixel_size_um": params.pixel_size_um, "z_spacing_um": params.get("section_um")}
    tested = registered_pairs(files.registered, split="test")
    candidates = showing(tested, read_table(Path(files.registered, "quality.tsv")))
    if not files.get("scores"):
        return Shown(candidates[0].image, params.runs, pd.Series(dtype=float), sizes)
    scored = tables.read(files.scores, scores.SCORES)
    image, values = scores.typical_scores(
        scored[scored["image"].isin([pair.image for pair in candidates])],
        tables.read(files.experiments, scores.EXPERIMENTS),
        experiment=experiment,
        method=params.settings["reference"],
        convention=params.settings["convention"],
        place=place or params.settings.get("place", "median"),
    )
    return Shown(image, params.runs, values, sizes)

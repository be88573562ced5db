"""Read what methods predict of the image that figures show, beside its truth."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import _mixtures
from _shown import Shown, choose_shown
from denoisekit.datasets.registered import read_exposure
from denoisekit.evaluation.uncertainty import LaplaceMixture
from denoisekit.images.image import Image, plane_of
from denoisekit.noise import usable
from denoisekit.statistics import calibration, tables


@dataclass(frozen=True)
class PredictedImage:
    """Both exposures, which of their pixels are an image, and of each method what it predicts.

    `shown` says which it is; of a volume it is the middle plane. Mixtures are of the usable pixels;
    temperatures are those learned for their runs.
    """

    shown: Shown
    low: Image
    high: Image
    usable: np.ndarray
    mixtures: dict[str, LaplaceMixture]
    temperatures: dict[str, float]


def read(files: Any, params: Any, *, experiment: str) -> PredictedImage:
    """Read the image that an experiment shows.

    `files` names folders and tables; `params` is as `choose_shown` takes them, with the runs that a
    method is made of as its ``members``.
    """
    shown, outside = choose_shown(files, params, experiment=experiment), params.outside
    low, high = (shown.exposure(files.registered, exposure) for exposure in ("low", "high"))
    whole = [read_exposure(files.registered, shown.image, name).pixels for name in ("high", "low")]
    chosen = usable.of_all(whole, outside=outside, name=f"The image {shown.image}")
    in_plane = np.zeros_like(chosen)
    plane_of(in_plane)[...] = True
    folders = {Path(folder).name: folder for folder in files.members}
    mixtures = {
        method: _mixtures.read(
            files.registered, [folders[run] for run in runs], shown.image, chosen=chosen & in_plane
        )
        for method, runs in params.members.items()
    }
    learned = calibration.temperatures(
        [tables.read(path, calibration.MEASURED) for path in files.measured]
    )
    factors = {method: learned[shown.runs[method]] for method in params.members}
    return PredictedImage(shown, low, high, plane_of(chosen), mixtures, factors)

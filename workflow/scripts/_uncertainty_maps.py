"""Read how wide the intervals of an image are, and how far the members of ensembles disagree."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import _mixtures
from _shown import Shown
from denoisekit.datasets.registered import read_restored


def read(
    shown: Shown,
    files: Any,
    members: Mapping[str, Sequence[str]],
    *,
    level: float,
    gains: Mapping[str, float],
) -> dict[str, dict[str, np.ndarray]]:
    """Return maps of interval width and of disagreement, as large as the image, by kind and method.

    `files` names folders; `members` are the runs that a method is made of. Widths are those of the
    interval of a level, times the methods' `gains`; outside of the field both are NaN.
    """
    folders = {Path(one).name: Path(one) for one in (*files.restored, *files.members)}
    found: dict[str, dict[str, np.ndarray]] = {}
    for method, runs in members.items():
        run = folders[shown.runs[method]]
        restored = read_restored(files.registered, run, shown.image)
        field = ~np.isnan(restored.pixels)
        mixture = _mixtures.read(
            files.registered, [folders[name] for name in runs], shown.image, chosen=field
        )
        low, high = mixture.interval(level)
        width = np.full(field.shape, np.nan)
        width[field] = abs(gains[method]) * (high - low)
        found.setdefault("width", {})[method] = width
        if (run / "disagreement").is_dir():
            beside = read_restored(files.registered, run / "disagreement", shown.image)
            found.setdefault("disagreement", {})[method] = beside.pixels
    return found

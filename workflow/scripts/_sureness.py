"""Say how sure a run is of one image."""

from pathlib import Path

import numpy as np

from denoisekit.datasets.registered import read_restored
from denoisekit.evaluation.residuals import CameraNoise


def sureness(registered: str, folder: Path, image: str, noise: CameraNoise | str) -> dict:
    """Return the mean scale, in standard deviations of the noise, and the mean disagreement.

    NaN where a run has none, and a scale where the noise is not known.
    """

    def mean(name: str) -> float:
        if not (folder / name).is_dir():
            return float("nan")
        return float(np.nanmean(read_restored(registered, folder / name, image).pixels))

    spread = float("nan")
    if not isinstance(noise, str):
        restored = read_restored(registered, folder, image).pixels
        spread = float(np.sqrt(np.nanmean(noise.variance(restored))))
    return {"scale": mean("scale") / spread, "disagreement": mean("disagreement")}

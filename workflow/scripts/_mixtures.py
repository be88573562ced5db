"""Read what networks predict of a test image: the mean and the scale of each member of a run."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from denoisekit.datasets.registered import read_restored
from denoisekit.evaluation.uncertainty import LaplaceMixture


def read(
    registered: str, folders: Iterable[str | Path], image: str, *, chosen: np.ndarray
) -> LaplaceMixture:
    """Return the mixture of the networks that restored to some folders, (M, chosen pixels)."""
    members = list(map(Path, folders))
    means, scales = (
        np.stack([read_restored(registered, folder, image).pixels[chosen] for folder in part])
        for part in (members, [folder / "scale" for folder in members])
    )
    return LaplaceMixture(means, scales)

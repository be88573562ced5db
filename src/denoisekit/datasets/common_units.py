"""Registered images in common units: truths in their short exposures', all in those of one camera.

Learned in units of its own, a truth teaches a network a gain, and truths of unlike gain an average
one, which is right for no image.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from denoisekit.datasets.pairs import evenly
from denoisekit.datasets.registered import read_exposure
from denoisekit.files import read_table
from denoisekit.noise.estimate import NoiseFit
from denoisekit.noise.units import MEASURED_PLANES, Measured, Units, measure
from denoisekit.noise.usable import find, repaired

# Truths whose gains differ more than that have no units in common.
_UNLIKE = 1.5


@dataclass(frozen=True)
class TruthUnits:
    """How long exposures count: ``long = gain * short + offset`` for the mean of the short one."""

    gain: float
    offset: float

    def to_short(self, pixels: np.ndarray) -> np.ndarray:
        """Return a long exposure in its short exposure's units, float32."""
        return ((pixels.astype(np.float64) - self.offset) / self.gain).astype(np.float32)

    def to_long(self, pixels: np.ndarray) -> np.ndarray:
        """Return a short exposure, such as a restored one, in the long one's units, float32."""
        return (self.gain * pixels.astype(np.float64) + self.offset).astype(np.float32)


def truths_of(folder: str | Path, images: Sequence[str]) -> dict[str, TruthUnits]:
    """Return how the long exposure of each image counts, as registration measured it.

    Of an image whose short exposure does not follow the long one (it shows too little), that is the
    median of the others; where none does, nothing is returned.
    """
    table = read_table(Path(folder, "quality.tsv"))
    rows = {row["image"]: (float(row["gain"]), float(row["offset"])) for row in table}
    known = np.array([rows[image] for image in images if np.isfinite(rows[image]).all()])
    if len(known) == 0:
        return {}
    middle = tuple(np.median(known, axis=0).tolist())
    return {
        image: TruthUnits(*(rows[image] if np.isfinite(rows[image]).all() else middle))
        for image in images
    }


def noises_of(
    folder: str | Path,
    groups: Iterable[Sequence[str]],
    *,
    outside: Sequence[float | str] | None,
) -> dict[str, Measured | None]:
    """Return the noise of each short exposure of a folder of registered pairs, by image.

    Parameters
    ----------
    folder
        Of registered pairs.
    groups
        Names of images that are of one movie, of which up to four are measured together, as a movie
        that is restored; or of a single image.
    outside
        As `denoisekit.noise.usable.find` takes it.
    """

    def noise_of(images: Sequence[str]) -> Measured | None:
        planes, usable = [], []
        for image in evenly(images, MEASURED_PLANES):
            pixels = read_exposure(folder, image, "low").pixels
            found = find(pixels, outside=outside, name=image)
            planes.append(repaired(pixels, found))
            usable.append(~found.mask)
        return measure(planes, usable)

    return {image: noise for images in groups for noise in [noise_of(images)] for image in images}


def truth_in_common(
    truths: Mapping[str, TruthUnits], to_common: Mapping[str, Units]
) -> TruthUnits | None:
    """Return how long exposures count against short ones in common units, the median of all.

    None where none is known, or they are unlike: each in units of its own.

    Parameters
    ----------
    truths
        How each long exposure counts against its own short one.
    to_common
        The map to common units of each short one; those of others are taken as common.
    """
    if not truths:
        return None
    maps = {image: to_common.get(image, Units()) for image in truths}
    gains = np.array([one.gain / maps[image].scale for image, one in truths.items()])
    levels = np.array([maps[image].level for image in truths])
    offsets = np.array([one.offset for one in truths.values()]) - gains * levels
    low, high = np.quantile(gains, (0.1, 0.9))
    if high > _UNLIKE * low:
        return None
    return TruthUnits(float(np.median(gains)), float(np.median(offsets)))


def described(
    line: NoiseFit | None, truth: TruthUnits | None
) -> dict[str, dict[str, float] | None]:
    """Return common units as a file or a card keeps them."""
    return {"noise": vars(line) if line else None, "truth": vars(truth) if truth else None}

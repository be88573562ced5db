"""Frames to learn from: each image alone or beside what it is to become, in one unit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from denoisekit.datasets import common_units, pairs
from denoisekit.datasets.registered import read_exposure
from denoisekit.errors import InputError
from denoisekit.noise import units
from denoisekit.noise.estimate import NoiseFit


@dataclass(frozen=True)
class Frames:
    """A folder's images, each alone or with what it is to become.

    Attributes
    ----------
    registered
        The folder of registered pairs.
    partners
        By image, the image and the exposure that it is to become; empty of images alone.
    truths
        By image, how its long exposure counts, where that is brought to the short one's units.
    to_common
        By image, the map to common units.
    line
        The photon-transfer line in common units, where it could be measured.
    truth
        How long exposures count in common units, where there are such and they are alike.
    """

    registered: str
    partners: Mapping[str, tuple[str, str]]
    truths: Mapping[str, common_units.TruthUnits]
    to_common: Mapping[str, units.Units]
    line: NoiseFit | None
    truth: common_units.TruthUnits | None

    @property
    def count(self) -> int:
        """How many pictures there are of each image: one, or two where it is to become another."""
        return 2 if self.partners else 1

    def read(self, image: str) -> tuple[list[np.ndarray], list[str]]:
        """Return an image's pictures in their own units, and what to call them."""
        sources = [(image, "low"), *([self.partners[image]] if self.partners else [])]
        pixels = [read_exposure(self.registered, *source).pixels for source in sources]
        return pixels, [f"The {exposure} exposure of {one}" for one, exposure in sources]

    def in_units(self, image: str, pixels: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return an image's pictures in the units that the network learns in."""
        of_images = [image, *([self.partners[image][0]] if self.partners else [])]
        parts = list(pixels)
        if self.truths:
            parts[1] = self.truths[image].to_short(parts[1])
        return [
            self.to_common[one].common(part) for one, part in zip(of_images, parts, strict=True)
        ]


def gather(
    registered: str,
    rows: Sequence[pairs.Pair],
    *,
    target: str,
    outside: Sequence[float | str] | None,
    report: Callable[..., None],
) -> Frames:
    """Gather a folder's frames, measure their units, and tell of those that are in other ones.

    Parameters
    ----------
    registered
        The folder of registered pairs.
    rows
        Those to learn from.
    target
        What an image is to become: nothing (``none``), the next one of its place (``next``), its
        long exposure in its own units (``clean``) or in the short one's (``matched``); all in
        common units with ``-photons`` behind.
    outside
        As `denoisekit.noise.usable.find` takes it.
    report
        Is told what a person should know.

    Raises
    ------
    InputError
        If truths are to be brought to units that no pair tells.
    """
    kind, _, common = target.partition("-")
    images = [pair.image for pair in rows]
    partners = {
        "none": {},
        "clean": {image: (image, "high") for image in images},
        "next": {a: (b, "low") for a, b in pairs.next_of_field(rows).items()},
    }["clean" if kind == "matched" else kind]
    noises = common_units.noises_of(registered, images, outside=outside)
    line = units.reference_line(list(noises.values()))
    told: list[str | None]
    if common:
        to_common = {
            image: units.map_to_common(noise, line, name=image) for image, noise in noises.items()
        }
        told = [one.note for one in to_common.values()]
    else:
        to_common = {image: units.Units() for image in images}
        told = [units.warning(noise, line, name=image) for image, noise in noises.items()]
    for sentence in filter(None, told):
        report(sentence, at_once=True)
    truths = common_units.truths_of(registered, images) if kind in ("clean", "matched") else {}
    if kind == "matched" and not truths:
        raise InputError(
            f"{registered}/quality.tsv: of no pair to train on does the short exposure follow the "
            "long one, so that the long ones cannot be brought to its units; look at the pairs, or "
            "train with 'normalization: percentiles', which takes each exposure by itself."
        )
    truth = common_units.truth_in_common(truths, to_common)
    matched = truths if kind == "matched" else {}
    return Frames(registered, partners, matched, to_common, line, truth)

"""Frames to learn from: each image, or a window of a movie, beside what it is to become."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from denoisekit._checks import same_shape
from denoisekit.datasets import common_units, pairs
from denoisekit.datasets.registered import read_exposure
from denoisekit.errors import InputError
from denoisekit.images import windows
from denoisekit.noise import units
from denoisekit.noise.estimate import NoiseFit


@dataclass(frozen=True)
class Frames:
    """A folder's images, each alone or with what it is to become.

    Attributes
    ----------
    registered
        The folder of registered pairs.
    shown
        By image that is learned from, the images that the network sees: itself, or the frames
        around it.
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
    shown: Mapping[str, Sequence[str]]
    partners: Mapping[str, tuple[str, str]]
    truths: Mapping[str, common_units.TruthUnits]
    to_common: Mapping[str, units.Units]
    line: NoiseFit | None
    truth: common_units.TruthUnits | None

    @property
    def images(self) -> list[str]:
        """Names of the images that are learned from."""
        return list(self.shown)

    def shapes(self, count: int, sides: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the shape of so many patches by exposure: one, or two with what is to become."""
        frames = len(next(iter(self.shown.values())))
        shapes = {"low": (count, *sides), "high": (count, *sides)}
        if frames > 1:
            shapes["low"] = (count, frames, *sides)
        return {name: shapes[name] for name in ("low", "high")[: 2 if self.partners else 1]}

    def read(self, image: str) -> tuple[list[np.ndarray], list[str]]:
        """Return an image's pictures in their own units, and what to call them."""
        sources = [(one, "low") for one in self.shown[image]]
        sources += [self.partners[image]] if self.partners else []
        pixels = [read_exposure(self.registered, *source).pixels for source in sources]
        names = [f"The {exposure} exposure of {one}" for one, exposure in sources]
        for part, name in zip(pixels, names, strict=True):
            same_shape(pixels[0], part, names=(names[0], name))
        return pixels, names

    def in_units(self, image: str, pixels: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Return an image's pictures by exposure in the units that the network learns in."""
        frames = len(self.shown[image])
        low = [self.to_common[image].common(part) for part in pixels[:frames]]
        found = {"low": np.stack(low) if frames > 1 else low[0]}
        if self.partners:
            (high,) = pixels[frames:]
            high = self.truths[image].to_short(high) if self.truths else high
            found["high"] = self.to_common[self.partners[image][0]].common(high)
        return found


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
        long exposure in its own units (``clean``) or in the short one's (``matched``), or, of the
        frames around it, itself (``own``); all in common units with ``-photons`` behind, and each
        shown as the window of a movie with ``-frames<number>`` behind.
    outside
        As `denoisekit.noise.usable.find` takes it.
    report
        Is told what a person should know.

    Raises
    ------
    InputError
        If truths are to be brought to units that no pair tells, or no movie has as many frames.
    """
    kind, *behind = target.split("-")
    window = next((int(part[6:]) for part in behind if part.startswith("frames")), 1)
    common = "photons" in behind
    shown = _shown(rows, window=window, middle=kind != "own", table=f"{registered}/pairs.tsv")
    images = [pair.image for pair in rows]
    partners = {
        "none": {},
        "clean": {image: (image, "high") for image in images},
        "own": {image: (image, "low") for image in images},
        "next": {a: (b, "low") for a, b in pairs.next_of_field(rows).items()},
    }["clean" if kind == "matched" else kind]
    noises = common_units.noises_of(registered, pairs.taken_together(rows), outside=outside)
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
    return Frames(registered, shown, partners, matched, to_common, line, truth)


def _shown(
    rows: Sequence[pairs.Pair], *, window: int, middle: bool, table: str
) -> dict[str, list[str]]:
    """Return what the network sees of each image, those without whole windows left out."""
    if window == 1:
        return {pair.image: [pair.image] for pair in rows}
    numbers = windows.seen({"frames": window, "objective": "" if middle else "neighbours"})
    found: dict[str, list[str]] = {}
    for name, movie in pairs.movies(rows, table=table).items():
        around = windows.around(movie, window=window, name=f"{table}: the movie of {name}")
        whole = zip(movie, around, strict=True)
        kept = set(windows.complete(movie, window=window))
        found |= {image: [seen[n] for n in numbers] for image, seen in whole if image in kept}
    return found

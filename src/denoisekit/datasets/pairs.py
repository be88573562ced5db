"""Image pairs: a low and a high exposure that belong together, and what they are for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from denoisekit.errors import InputError
from denoisekit.images.reading import Choice, Region

#: What the series of a row is that is a volume by itself.
VOLUME = "volume"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_REGION = re.compile(r"(\d+):(\d+),(\d+):(\d+)")


@dataclass(frozen=True)
class Pair:
    """One row of a pair table; without a truth, `high` is None.

    Attributes
    ----------
    image, split, low, high, region, field, series
        As the table has them; the series of a volume is ``volume``.
    page
        Number of the plane, or of the volume, among those of its channel and scene, or None for the
        only one.
    known_shift
        The displacement that was asked for, (y, x) in px.
    channel, scene
        Which of its files' it is, by name or number, or None for the only one.
    depth
        At which depth of a z-stack or of a movie of z-stacks the plane lies.
    stack
        Name of the file in which the planes of a movie or a z-stack come back together.
    blank
        Whether it has one value everywhere, so that it is neither trained on nor scored.
    """

    image: str
    split: str
    low: str
    high: str | None
    page: int | None
    region: Region | None
    field: str
    series: str
    known_shift: tuple[float, float] | None
    channel: Choice = None
    scene: Choice = None
    depth: int | None = None
    stack: str = ""
    blank: bool = False

    @property
    def is_volume(self) -> bool:
        """Whether it is a volume, (Z, Y, X), and no plane."""
        return self.series == VOLUME

    @property
    def place(self) -> tuple[str, str, int | None]:
        """What of the sample it shows: rows of one field, region and depth show one scene."""
        return self.field, region_text(self.region), self.depth

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it is in: one, or two where there is a truth."""
        return (self.low,) if self.high is None else (self.low, self.high)


def safe_name(text: str, *, otherwise: str) -> str:
    """Return a text as a file's name: with '-' for what is no letter, digit, '.', '_' or '-'."""
    return _UNSAFE.sub("-", text).strip("-._") or otherwise


def has_truth(pairs: Iterable[Pair]) -> bool:
    """Say whether the images to test on have a truth to be scored by."""
    return all(pair.high is not None for pair in pairs if pair.split == "test")


def parse_region(text: str, where: str) -> Region | None:
    """Return the slices that ``y0:y1,x0:x1`` means, or None for an empty text."""
    if not text:
        return None
    match = _REGION.fullmatch(text.replace(" ", ""))
    bounds = [int(number) for number in match.groups()] if match else [0, 0, 0, 0]
    if bounds[0] >= bounds[1] or bounds[2] >= bounds[3]:
        raise InputError(
            f"{where}: region must be y0:y1,x0:x1 in pixels, with each start before its stop, "
            f"but is {text!r}."
        )
    return slice(bounds[0], bounds[1]), slice(bounds[2], bounds[3])


def region_text(region: Region | None) -> str:
    """Return a region as ``y0:y1,x0:x1``, or an empty text for the whole image."""
    return "" if region is None else ",".join(f"{part.start}:{part.stop}" for part in region)


def check_split(pairs: Sequence[Pair], *, split: str, table: str) -> None:
    """Raise InputError if no pair is for training, or none for testing."""
    if not any(pair.split == split for pair in pairs):
        raise InputError(
            f"{table} has no row whose split is {split!r}, but the study {split}s on it; name "
            f"images to {split} on."
        )


def scenes(pairs: Iterable[Pair]) -> list[Pair]:
    """Return one pair per place: the frames of a movie show one scene, tiles do not."""
    return list({pair.place: pair for pair in pairs}.values())


def frames_of_scenes(pairs: Sequence[Pair], *, scenes: int, at_most: int) -> list[list[Pair]]:
    """Return the first frames of at most so many scenes, at most so many frames in all.

    The scenes are evenly spaced over those to test on and then the others, from the first. A scene
    whose rows share no place is a single image.
    """
    places: dict[tuple[str, str, int | None], list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: pair.split != "test"):
        places.setdefault(pair.place, []).append(pair)
    chosen = evenly(list(places.values()), scenes)
    return [frames[: at_most // len(chosen)] for frames in chosen]


def evenly(items: Sequence[Any], count: int) -> list[Any]:
    """Return at most so many items, evenly spaced from the first to the last."""
    places = np.linspace(0, len(items) - 1, min(count, len(items)))
    return [items[round(place)] for place in places]


def next_of_field(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return, for every image, the next one of the same place, and for the last one the first."""
    places: dict[tuple[str, str, int | None], list[str]] = {}
    for pair in pairs:
        places.setdefault(pair.place, []).append(pair.image)
    return {
        image: images[(index + 1) % len(images)]
        for images in places.values()
        for index, image in enumerate(images)
    }


def movies(pairs: Sequence[Pair], *, table: str) -> dict[str, list[str]]:
    """Return the frames of each movie by the name of its first one, in order of time.

    That is the order of their pages in a file, or else of the rows. Channels and scenes of a field
    are movies of their own.

    Raises
    ------
    InputError
        If a pair is no frame of a movie.
    """
    for pair in pairs:
        if pair.series != "movie":
            raise InputError(
                f"{table}: {pair.image!r} is no frame of a movie, but a network looks at the "
                "frames around each ('frames'); give movies alone (series: movie), or take a "
                "network of single images."
            )
    return {images[0]: images for images in taken_together(pairs)}


def taken_together(pairs: Iterable[Pair]) -> list[list[str]]:
    """Return the frames of each movie, as `movies` has them, and every other image alone."""
    groups: dict[Any, list[Pair]] = {}
    for pair in pairs:
        movie = (pair.place, pair.channel, pair.scene)
        groups.setdefault(movie if pair.series == "movie" else pair.image, []).append(pair)
    for frames in groups.values():
        if len({pair.low for pair in frames}) == 1:
            frames.sort(key=lambda pair: pair.page or 0)
    return [[pair.image for pair in frames] for frames in groups.values()]


def check_repeated(pairs: Sequence[Pair], *, table: str) -> None:
    """Raise InputError if an image is the only one of its place, where two are learned from."""
    for image, following in next_of_field(pairs).items():
        if image == following:
            raise InputError(
                f"{table}: {image!r} is the only image of its place, but Noise2Noise learns from "
                "two noisy images of one place; give their rows the same field, or use another "
                "objective."
            )


def is_movie(pairs: Sequence[Pair]) -> bool:
    """Return whether pairs are frames of one movie, in order: pages of one stack that say so."""
    pages = [-1 if pair.page is None else pair.page for pair in pairs]
    same = {(p.series, p.place, p.low, p.high) for p in pairs}
    one = len(same) == 1 and pairs[0].series == "movie"
    return one and len(pages) > 1 and all(a < b for a, b in pairwise(pages))

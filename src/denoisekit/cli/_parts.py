"""Restore the parts of a file: its planes or volumes, one after the other."""

import functools
import hashlib
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit._checks import keeps_contrast
from denoisekit.cli import _show
from denoisekit.cli._planes import Planes
from denoisekit.errors import InputError
from denoisekit.images import reading, stacks, windows
from denoisekit.streaming import in_order
from denoisekit.study.contents import digests

_ENDS = ("lower", "upper")
RestorePart = Callable[[stacks.Place, np.ndarray, str], np.ndarray]


class Blank(StrEnum):
    """What becomes of an image that has parts with one value everywhere."""

    PASS = "pass"
    SKIP = "skip"
    STOP = "stop"


class Skipped(Exception):
    """An image that is left out, and why."""


@dataclass(frozen=True)
class Restored:
    """How much of a file was restored, in words, and the names of its blank parts."""

    parts: str
    blank: list[str]


@dataclass(frozen=True)
class Parts:
    """How the parts of every file are restored.

    Attributes
    ----------
    restore
        What restores one, as `denoisekit.restoring.model_folder.open` returns it.
    normalize
        What is normalised together: ``movie``, ``plane`` or, if None, the frames of a movie.
    outside
        Values of pixels outside of the field; None to find them.
    blank
        What becomes of a file with a part of one value everywhere.
    tell
        Is told how much of a file is done.
    made_by
        What decides what an image is restored to, but the image, as `_finished.recipe` returns it.
    interval
        How much of what is predicted the ends enclose that are written beside the restored image,
        in per cent; None to write that alone.
    """

    restore: Any
    normalize: str | None
    outside: list[float] | None
    blank: Blank
    tell: _show.Progress
    made_by: str
    interval: float | None = None

    @property
    def unnamed(self) -> str:
        """What an axis is that a file does not name."""
        return "Z" if self.restore.model.volumes else "T"

    def restore_file(self, stack: stacks.Stack, target: Path) -> Restored:
        """Restore all parts of a file into another, reading ahead by one."""
        from denoisekit.noise.usable import is_blank

        layers = self._layers
        if stack.coloured or len(layers) > 1:
            stack = stack.grey(how="with --channel")
        volumes = self.restore.model.volumes
        offset = self._offset(stack)
        stack = stack.without(offset)
        places, restore_part = stack.places(volumes=volumes), self._restore_part(stack)
        passed = []
        added = self._added(offset)
        like = stack if len(layers) == 1 else stack.of_channels(layers)
        kind = np.float64 if offset else np.float32
        planes = Planes(target, self._made_by(stack, offset))
        with (
            planes.going_on(),
            stacks.created(target, like=like, dtype=kind, otherwise=planes.left) as restored,
        ):
            parts = in_order(self._reader(stack, places), places, threads=1)
            for done, (place, pixels) in enumerate(zip(places, parts, strict=True), start=1):
                name = stack.name(place)
                itself = pixels[len(pixels) // 2] if self.restore.model.frames > 1 else pixels
                if is_blank(itself, outside=None):
                    if self.blank is not Blank.PASS:
                        planes.forget()
                    tell_blank(self.blank, name, itself.flat[0] + offset)
                    passed.append(part_of(stack, name))
                    restored[place] = self._as_it_is(itself) + added
                elif (before := planes.find(done, pixels, place)) is not None:
                    restored[place] = before
                else:
                    restored[place] = restore_part(place, pixels, name) + added
                planes.add(done, pixels, restored[place])
                self.tell(stack.path.name, done, len(places))
        return counted(len(places), passed, volumes=volumes)

    def _made_by(self, stack: stacks.Stack, offset: float) -> str:
        """Return what decides what a part is restored to, but its pixels.

        Where planes are normalised together, that is all of the file.
        """
        return made_by(stack, self.made_by, offset, whole=self._moves(stack))

    def _moves(self, stack: stacks.Stack) -> bool:
        """Say whether several planes of a file are normalised together."""
        return any(stack.side(axis) > 1 for axis in self._together)

    @property
    def _together(self) -> str:
        """The axes along which planes are normalised together."""
        return axes_together(self.normalize, volumes=self.restore.model.volumes)

    def _offset(self, stack: stacks.Stack) -> float:
        """Return what to take off a file's pixels while they are restored, 0 of most.

        Else 32-bit numbers would not hold the contrast of some plane. What takes images in the
        units of its training, or is told values of them, refuses such a file itself.
        """
        if stack.dtype.itemsize <= 2 or stack.dtype == np.float32:
            return 0.0
        if self.restore.model.normalizer is not None or self.outside:
            return 0.0
        planes = map(stack.read, stack.places(volumes=False))
        found = (float(np.median(plane)) for plane in planes if not keeps_contrast(plane))
        return math.floor(next(found, 0.0))

    def _added(self, offset: float) -> Any:
        """Return what to add to the layers of a restored part: what was taken off its pixels.

        What is written beside images, such as how much networks disagree, has no offset.
        """
        if offset == 0 or len(self._layers) == 1:
            return np.float64(offset) if offset else 0
        layers = np.full(len(self._layers), offset, np.float64)
        layers[len(layers) - len(self.restore.beside) :] = 0
        return layers[:, None, None]

    @property
    def _layers(self) -> list[str]:
        """What is written of a part, a channel each where it is more than the restored image."""
        ends = [] if self.interval is None else [f"{end} {self.interval:g} %" for end in _ENDS]
        return ["restored", *ends, *self.restore.beside]

    def _as_it_is(self, pixels: np.ndarray) -> np.ndarray:
        """Return all layers of a blank part: the networks said nothing of it."""
        if len(self._layers) == 1:
            return pixels
        nothing = np.full(pixels.shape, np.nan, np.float32)
        beside = len(self.restore.beside)
        images = [pixels] * (len(self._layers) - beside)
        return np.stack([*images, *[nothing] * beside], axis=-3)

    def _reader(
        self, stack: stacks.Stack, places: Sequence[stacks.Place]
    ) -> Callable[[stacks.Place], np.ndarray]:
        """Return what reads a part, and the frames around it that the network looks at.

        As in a study, blank planes are no frames of a movie; one is read alone.
        """
        from denoisekit.noise.usable import is_blank

        frames = self.restore.model.frames
        if frames == 1:
            return stack.read
        movies: dict[tuple[Any, ...], list[stacks.Place]] = {}
        for place in places:
            if not is_blank(stack.read(place), outside=None):
                movies.setdefault(others(stack, place, "T"), []).append(place)
        around: dict[stacks.Place, list[stacks.Place]] = {}
        for movie in movies.values():
            found = windows.around(movie, window=frames, name=str(stack.path))
            around |= dict(zip(movie, found, strict=True))
        return lambda place: np.stack([stack.read(one) for one in around.get(place, [place])])

    def _restore_part(self, stack: stacks.Stack) -> RestorePart:
        """Return what restores the parts of a file: the planes of a movie all alike.

        Blank planes are left out of what is measured of the movie.
        """
        from denoisekit.noise.usable import find, is_blank

        volumes = self.restore.model.volumes
        places = stack.places(volumes=volumes)
        axes, moves = self._together, self._moves(stack)
        self._tell_of(stack, together=moves)

        @functools.cache
        def of_all(fixed: tuple[Any, ...]) -> Any:
            group = [place for place in places if others(stack, place, axes) == fixed]
            planes = (p for p in map(stack.read, group) if not is_blank(p, outside=None))
            size = math.prod(stack.shape) * len(group) // len(places)
            name = str(stack.path)
            return self.restore.alike(planes, pixels=size, outside=self.outside, name=name)

        def part(place: stacks.Place, pixels: np.ndarray, name: str) -> np.ndarray:
            """Restore the plane or the volume at a place."""
            chosen = of_all(others(stack, place, axes)) if moves else self.restore
            if len(self._layers) > 1:
                level = None if self.interval is None else self.interval / 100
                chosen = functools.partial(chosen.layers, level=level)
            if self.outside is None:
                return chosen(pixels, name)
            return chosen(pixels, name, unusable=find(pixels, outside=self.outside, name=name))

        return part

    def _tell_of(self, stack: stacks.Stack, *, together: bool) -> None:
        """Say what a person should know of a file."""
        for sentence in stack.told:
            print(f"Note: {sentence}", file=sys.stderr)
        if stack.unnamed and together and self.restore.model.normalises_each_image:
            print(
                f"Note: {stack.path} does not name the axis of its pages, which are taken for the "
                "frames of one movie and normalised together; if they are fields of their own, "
                "give --normalize plane.",
                file=sys.stderr,
            )


def others(stack: stacks.Stack, place: stacks.Place, axes: str) -> tuple[Any, ...]:
    """Return where a part lies along all axes but these."""
    named = zip(stack.axes, place, strict=False)
    return tuple(at for axis, at in named if axis not in axes and isinstance(at, int))


def axes_together(normalize: str | None, *, volumes: bool) -> str:
    """Return the axes along which planes, or volumes, are normalised together."""
    return {None: "T", "movie": "T" if volumes else "TZ", "plane": ""}[normalize]


def made_by(stack: stacks.Stack, recipe: str, *more: object, whole: bool) -> str:
    """Return what decides what a part is restored to, but its pixels; `whole` if that is all."""
    of_all = whole and digests(reading.with_members([str(stack.path)]))
    return hashlib.sha256(repr((recipe, *more, of_all)).encode()).hexdigest()


def tell_blank(blank: Blank, name: str, value: float) -> None:
    """Tell of a blank part, by a warning or as what ends the file."""
    what = f"{name} is blank, {value:.10g} everywhere"
    if blank is Blank.SKIP:
        raise Skipped(what)
    if blank is Blank.STOP:
        raise InputError(f"{what}; leave it out, or let it pass with --blank pass.")
    print(f"Warning: {what}: it is passed through as it is.", file=sys.stderr)


def part_of(stack: stacks.Stack, name: str) -> str:
    """Return which part of a file a name is of, in words."""
    return name.removeprefix(str(stack.path)).strip(" ()") or "all"


def counted(parts: int, blank: list[str], *, volumes: bool) -> Restored:
    """Say how many parts were restored, and which of them were blank."""
    what = f"{parts} {'volume' if volumes else 'plane'}{'s' * (parts > 1)}"
    return Restored(what + f", {len(blank)} of them blank" * bool(blank), blank)

"""Restore the channels of a file jointly, with a network that sees all of them."""

import functools
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from denoisekit.cli import _parts, _show
from denoisekit.cli._planes import Planes
from denoisekit.errors import InputError
from denoisekit.images import stacks
from denoisekit.streaming import in_order

if TYPE_CHECKING:
    from denoisekit.images.normalization import Normalizer
    from denoisekit.restoring.channels import JointRestorer

_Normalizers = Callable[[stacks.Place], "Sequence[Normalizer | None]"]


@dataclass(frozen=True)
class Jointly:
    """How the parts of every file are restored, all channels of one together.

    Attributes
    ----------
    restore
        What restores one, as `denoisekit.restoring.model_folder.open_channels` returns it.
    normalize, outside, blank, tell, made_by
        As `denoisekit.cli._parts.Parts` has them. A part is blank if one of its channels is.
    """

    restore: "JointRestorer"
    normalize: str | None
    outside: list[float] | None
    blank: _parts.Blank
    tell: _show.Progress
    made_by: str

    unnamed = "C"

    def restore_file(self, stack: stacks.Stack, target: Path) -> _parts.Restored:
        """Restore all channels of a file into another, of its axes, reading ahead by one part."""
        from denoisekit.noise.usable import find

        sample = self._sample(stack)
        normalizers = self._normalizers(sample)
        passed = []
        planes = Planes(target, _parts.made_by(stack, self.made_by, whole=self._moves(stack)))
        with (
            planes.going_on(),
            stacks.created(target, like=stack, otherwise=planes.left) as restored,
        ):
            read = in_order(sample.read, sample.places, threads=1)
            for done, (place, images) in enumerate(zip(sample.places, read, strict=True), start=1):
                names, pixels = sample.names(place), np.stack(images)
                blank = _blank(images)
                if blank is not None:
                    if self.blank is not _parts.Blank.PASS:
                        planes.forget()
                    _parts.tell_blank(self.blank, names[blank], images[blank].flat[0])
                    passed.append(_parts.part_of(stack, names[blank]))
                    sample.write(restored, place, images)
                elif (before := planes.find(done, pixels, sample.everywhere(place))) is not None:
                    restored[sample.everywhere(place)] = before
                else:
                    odd = [
                        find(one, outside=self.outside, name=name)
                        for one, name in zip(images, names, strict=True)
                    ]
                    found = self.restore.predict(
                        images, names, unusable=odd, normalizers=normalizers(place)
                    )
                    sample.write(restored, place, [one.mean for one in found])
                planes.add(done, pixels, restored[sample.everywhere(place)])
                self.tell(stack.path.name, done, len(sample.places))
        volumes = self.restore.model.volumes
        return _parts.counted(len(sample.places), passed, volumes=volumes)

    def _sample(self, stack: stacks.Stack) -> "_Sample":
        """Return a file's channels in the network's order; tell how they were matched."""
        for sentence in stack.told:
            print(f"Note: {sentence}", file=sys.stderr)
        wanted, given = self.restore.model.channels, stack.channels
        if len(given) != len(wanted):
            raise InputError(
                f"{stack.path} has {len(given)} channel{'s' * (len(given) != 1)} (axes "
                f"{stack.axes}), but the network restores the channels {', '.join(wanted)} "
                "jointly; give files of these, in this order, along an axis C."
            )
        if sorted(given) == sorted(wanted):
            order = [given.index(name) for name in wanted]
        else:
            order = list(range(len(wanted)))
            for number, (name, own) in enumerate(zip(given, wanted, strict=True)):
                if name in wanted and name != own:
                    raise InputError(
                        f"{stack.path} calls its channel {number} {name!r}, but in its place the "
                        f"network takes {own!r}; name the channels as the network does "
                        f"({', '.join(wanted)}), or not at all."
                    )
            taken = ", ".join(
                f"{number}{f' ({name})' * bool(name)} for {own}"
                for number, (name, own) in enumerate(zip(given, wanted, strict=True))
            )
            print(f"Note: channels of {stack.path} are taken in order: {taken}.", file=sys.stderr)
        return _Sample(stack, order, volumes=self.restore.model.volumes)

    @property
    def _together(self) -> str:
        """The axes along which planes are normalised together."""
        return _parts.axes_together(self.normalize, volumes=self.restore.model.volumes)

    def _moves(self, stack: stacks.Stack) -> bool:
        """Say whether several parts of a file are normalised together."""
        return any(stack.side(axis) > 1 for axis in self._together)

    def _normalizers(self, sample: "_Sample") -> _Normalizers:
        """Return what each channel of a part is normalised by, as of a movie all alike.

        Parts of which a channel is blank are left out of what is measured of the movie.
        """
        if not self._moves(sample.stack):
            return lambda place: [None] * len(sample.order)
        from denoisekit.restoring.inference import Restorer

        restore, axes = self.restore, self._together
        alone = Restorer(restore.model, restore.percentiles, restore.tile, restore.precision)
        first = sample.singles[0]
        sound = [place for place in sample.places if _blank(sample.read(place)) is None]

        @functools.cache
        def of_all(fixed: tuple[Any, ...]) -> "list[Normalizer | None]":
            group = [place for place in sound if _parts.others(first, place, axes) == fixed]
            size = math.prod(first.shape) * len(group) // len(sample.places)
            options: dict[str, Any] = {"pixels": size, "outside": self.outside}
            return [
                alone.alike(map(one.read, group), name=one_name, **options).normalizer
                for one, one_name in zip(sample.singles, sample.called, strict=True)
            ]

        return lambda place: of_all(_parts.others(first, place, axes))


class _Sample:
    """A file's channels in the network's order, read and written part by part."""

    def __init__(self, stack: stacks.Stack, order: Sequence[int], *, volumes: bool) -> None:
        self.stack, self.order = stack, order
        self.singles = [stack.channel(number) for number in order]
        self.places = self.singles[0].places(volumes=volumes)
        self.called = [f"{stack.path} (C {number})" for number in order]

    def read(self, place: stacks.Place) -> list[np.ndarray]:
        """Read a part of every channel."""
        return [single.read(place) for single in self.singles]

    def names(self, place: stacks.Place) -> list[str]:
        """Say in words which part of the file each channel of a place is."""
        return [self.stack.name(self._of(place, number)) for number in self.order]

    def everywhere(self, place: stacks.Place) -> stacks.Place:
        """Return where all channels of a part lie in the file."""
        return self._of(place, slice(None))

    def write(self, into: np.ndarray, place: stacks.Place, images: Sequence[np.ndarray]) -> None:
        """Write a part of every channel where it was read."""
        for number, image in zip(self.order, images, strict=True):
            into[self._of(place, number)] = image

    def _of(self, place: stacks.Place, channel: int | slice) -> stacks.Place:
        at = self.stack.axes.index("C")
        return (*place[:at], channel, *place[at:])


def _blank(images: Sequence[np.ndarray]) -> int | None:
    """Return which channel of a part is blank, None of none."""
    from denoisekit.noise.usable import is_blank

    return next((n for n, one in enumerate(images) if is_blank(one, outside=None)), None)


def open_jointly(models: Sequence[Path], **options: Any) -> "JointRestorer":
    """Open the one network that restores channels jointly; refuse what it has no use for.

    Parameters
    ----------
    models
        The network's folder or package.
    options
        Of the command. All but ``weights``, ``percentiles``, ``turned`` and ``tile`` must be None.

    Raises
    ------
    InputError
        If there are several networks, or an option does not apply.
    """
    from denoisekit.restoring import model_folder

    if len(models) > 1:
        raise InputError(
            f"{models[0]} restores the channels of a sample jointly, and the command restores "
            "with one such network at a time; give each --model by itself."
        )
    taken = {key: options.pop(key) for key in ("weights", "percentiles", "turned", "tile")}
    odd = [name for name, value in options.items() if value is not None]
    odd = [name for name in odd if (name, options[name]) != ("units", "image")]
    if odd:
        raise InputError(
            f"{models[0]} restores the channels of a sample jointly, which has no "
            f"{' and no '.join('--' + name.replace('_', '-') for name in odd)}; leave that out."
        )
    return model_folder.open_channels(models[0], **taken)

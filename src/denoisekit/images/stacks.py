"""Image stacks: planes with named axes that are read one by one, or written in place.

Axes are T, Z and C, in any order and each at most once, before Y and X.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from denoisekit import files
from denoisekit.errors import InputError, remedy
from denoisekit.images.metadata import Scale, chosen, numbered

Place = tuple[int | slice, ...]
Plane = Callable[[int], np.ndarray]
# ImageJ's own order of axes, and the most bytes that its kind of TIFF holds in single pages.
AXES = "TZCYX"
_IMAGEJ_BYTES = 2**32 - 2**25


@dataclass(frozen=True)
class Stack:
    """An open image of planes, none of which is read yet.

    Attributes
    ----------
    path
        Where it lies.
    axes, shape
        One letter and one length per axis; the last two are Y and X.
    dtype
        Of its pixels.
    scale
        What the file tells of the axes.
    ome
        Whether the file's metadata are OME's.
    plane
        Reads a plane by its number among all, in the order of the axes.
    notes
        What ImageJ keeps beside: the free text ``Info``, the planes' ``Labels``, how channels are
        shown (``Ranges``, ``LUTs``, ``min``, ``max``, ``mode``).
    told
        Sentences about the file that a person should read.
    coloured
        Whether its channels are the red, green and blue of a picture.
    unnamed
        Whether the file itself tells no name of the axes before Y and X.
    """

    path: Path
    axes: str
    shape: tuple[int, ...]
    dtype: np.dtype
    scale: Scale
    ome: bool
    plane: Plane
    notes: dict[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    coloured: bool = False
    unnamed: bool = False

    def side(self, axis: str) -> int:
        """Return the length of an axis, 1 if there is none."""
        return dict(zip(self.axes, self.shape, strict=True)).get(axis, 1)

    @property
    def planes(self) -> int:
        """How many planes there are, over all axes before Y and X."""
        return math.prod(self.shape[:-2])

    def line(self, axis: str, planes: int) -> "Stack":
        """Return what describes some of the planes alone, along one axis, to be written anew."""
        notes = {name: value for name, value in self.notes.items() if name != "Labels"}
        shape = (planes, *self.shape[-2:])
        return replace(self, axes=f"{axis}YX", shape=shape, notes=notes)

    def of_channels(self, names: Sequence[str]) -> "Stack":
        """Return what describes the stack with so many channels of these names, to be written anew.

        It has one channel before; what ImageJ keeps of how that is shown goes, and each plane's
        label is its channel's name.
        """
        kept = {name: value for name, value in self.notes.items() if name in ("Info", "min", "max")}
        return replace(
            self,
            axes=f"{self.axes[:-2]}CYX",
            shape=(*self.shape[:-2], len(names), *self.shape[-2:]),
            scale=replace(self.scale, channels=tuple(names), colours=None),
            notes={**kept, "mode": "grayscale", "Labels": list(names) * self.planes},
        )

    @property
    def channels(self) -> list[str]:
        """The names of the channels, empty texts for those without one."""
        count = self.side("C")
        names = self.scale.channels or ()
        return list(names) if len(names) == count else [""] * count

    def channel(self, wanted: str | int) -> "Stack":
        """Return one channel alone, chosen by name or number.

        Raises
        ------
        InputError
            If there is none of that name or number.
        """
        number = chosen(wanted, self.channels, what="channel", where=str(self.path))
        scale = self.scale
        if scale.channels and len(scale.channels) != self.side("C"):
            scale = replace(scale, channels=None)
        if scale.colours and len(scale.colours) != self.side("C"):
            scale = replace(scale, colours=None)
        if "C" not in self.axes:
            return replace(self, scale=scale.of_channel(number))
        at = self.axes.index("C")
        numbers = np.take(self._numbers(), number, axis=at)
        return replace(
            self,
            axes=self.axes.replace("C", ""),
            shape=self.shape[:at] + self.shape[at + 1 :],
            scale=scale.of_channel(number),
            plane=_renumbered(self.plane, numbers),
            notes=_notes_of(self.notes, number, numbers),
            coloured=False,
        )

    def without(self, offset: float) -> "Stack":
        """Return the stack less a number, float64; itself where that is 0."""
        if offset == 0:
            return self
        kind = np.dtype(np.float64)
        return replace(
            self, dtype=kind, plane=lambda number: self.plane(number).astype(kind) - offset
        )

    def grey(self, *, how: str) -> "Stack":
        """Return the stack if it has one channel alone.

        Parameters
        ----------
        how
            How one is chosen, for an error.

        Raises
        ------
        InputError
            If it has several.
        """
        if self.side("C") == 1:
            return self.channel(0)
        what = "is in colour, with the channels" if self.coloured else "has the channels"
        raise InputError(f"{self.path} {what} {numbered(self.channels)}; choose one {how}.")

    def _numbers(self) -> np.ndarray:
        return np.arange(self.planes).reshape(self.shape[:-2])

    def places(self, *, volumes: bool) -> list[Place]:
        """Return where each plane lies, or with `volumes` each stack along Z, in the file's order.

        Raises
        ------
        InputError
            If volumes are asked for and there is no axis Z.
        """
        leading = self.axes[:-2]
        if not volumes:
            return list(np.ndindex(self.shape[:-2]))
        if "Z" not in leading:
            raise InputError(
                f"{self.path} has the axes {self.axes}, but volumes with an axis Z are needed."
            )
        at = leading.index("Z")
        others = [side for axis, side in zip(leading, self.shape, strict=False) if axis != "Z"]
        return [(*i[:at], slice(None), *i[at:]) for i in np.ndindex(*others)]

    def name(self, place: Place) -> str:
        """Say in words which part of the file lies at a place, counted from 0."""
        parts = [
            f"{axis} {at}"
            for axis, at, side in zip(self.axes, place, self.shape, strict=False)
            if isinstance(at, int) and side > 1
        ]
        return f"{self.path} ({', '.join(parts)})" if parts else str(self.path)

    def read(self, place: Place) -> np.ndarray:
        """Read the plane or the volume at a place.

        Raises
        ------
        InputError
            If the file is damaged there.
        """
        numbers = self._numbers()[place]
        with told_if_damaged(self.name(place)):
            planes = [self.plane(int(number)) for number in np.ravel(numbers)]
            return np.reshape(planes, (*np.shape(numbers), *self.shape[-2:]))


def _renumbered(plane: Plane, numbers: np.ndarray) -> Plane:
    flat = numbers.ravel()
    return lambda number: plane(int(flat[number]))


def _notes_of(notes: dict[str, Any], channel: int, numbers: np.ndarray) -> dict[str, Any]:
    """Return ImageJ's notes of one channel, whose planes have these numbers."""
    kept = {name: value for name, value in notes.items() if name != "mode"}
    if labels := kept.get("Labels"):
        planes = numbers.ravel()
        kept["Labels"] = [labels[n] for n in planes] if planes.max() < len(labels) else []
    if ranges := kept.get("Ranges"):
        kept["Ranges"] = tuple(ranges[2 * channel : 2 * channel + 2])
    if luts := kept.get("LUTs"):
        kept["LUTs"] = luts[channel : channel + 1]
    return kept


@contextmanager
def told_if_damaged(name: object) -> Iterator[None]:
    """Turn what is raised over an image file, by a library or a system, into an InputError."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"{name} cannot be read as an image ({error}); "
            f"{remedy(error) or 'it may be damaged or cut short'}."
        ) from error


@dataclass(frozen=True)
class Scene:
    """One of the images of a file, which `stack` opens.

    Attributes
    ----------
    name
        As the file gives it, or an empty text.
    size
        Its axes and lengths in words.
    own
        Whether it is the only one with pixels in the very file that was named, of a set of files.
    """

    name: str
    size: str
    stack: Callable[[], Stack]
    own: bool = False


def _as_ome(stack: Stack, dtype: np.dtype) -> bool:
    ordered = [axis for axis in AXES if axis in stack.axes]
    too_large = dtype.itemsize * math.prod(stack.shape) > _IMAGEJ_BYTES
    unknown_to_imagej = dtype not in (np.uint8, np.uint16, np.float32)
    return stack.ome or too_large or unknown_to_imagej or ordered != list(stack.axes)


@contextmanager
def created(
    path: str | Path, *, like: Stack, dtype: Any = np.float32, otherwise: Path | None = None
) -> Iterator[np.ndarray]:
    """Create a TIFF with a stack's axes, shape and scale, to be filled in place.

    It is one of ImageJ's, or an OME-TIFF where the stack came with OME's metadata, is larger than
    4 GB, or has its axes in another order than ImageJ's. It takes its name if all goes well.

    Parameters
    ----------
    path
        Where to write.
    like
        The stack whose axes, lengths, scale and notes it gets.
    dtype
        Of its pixels.
    otherwise
        What to call the file, beside, if something goes wrong; None to take it away.

    Raises
    ------
    OSError
        If the disk has not that much space left.
    """
    dtype = np.dtype(dtype)
    with files.replacing(path, otherwise=otherwise) as temporary:
        options = _ome_options(like, dtype) if _as_ome(like, dtype) else _imagej_options(like)
        pixels = tifffile.memmap(temporary, shape=like.shape, dtype=dtype, **options)
        files.claim_space(temporary)
        yield pixels
        pixels.flush()


def _ome_options(stack: Stack, dtype: np.dtype) -> dict[str, Any]:
    told: dict[str, Any] = {"axes": stack.axes}
    scale = stack.scale
    for axis, size in zip("YXZ", (scale.height_um, scale.width_um, scale.spacing_um), strict=True):
        if size is not None:
            told |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
    if scale.interval_s is not None:
        told |= {"TimeIncrement": scale.interval_s, "TimeIncrementUnit": "s"}
    kept = {"Name": scale.channels, "Color": scale.colours}
    channels = {k: list(v) for k, v in kept.items() if v and len(v) == stack.side("C")}
    if channels:
        told["Channel"] = channels
    large = dtype.itemsize * math.prod(stack.shape) > _IMAGEJ_BYTES
    return {"ome": True, "bigtiff": large, "photometric": "minisblack", "metadata": told}


def _imagej_options(stack: Stack) -> dict[str, Any]:
    scale = stack.scale
    told: dict[str, Any] = {"axes": stack.axes, **stack.notes}
    if scale.spacing_um is not None:
        told |= {"spacing": scale.spacing_um, "unit": "um"}
    if scale.interval_s is not None:
        told["finterval"] = scale.interval_s
    options: dict[str, Any] = {"imagej": True, "photometric": "minisblack", "metadata": told}
    if scale.width_um is not None and scale.height_um is not None:
        told["unit"] = "um"
        options["resolution"] = (1 / scale.width_um, 1 / scale.height_um)
    return options

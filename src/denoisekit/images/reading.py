"""Read image files: the one way in for studies and the command, part by part and by named axes.

TIFFs of all kinds and grey pictures are read, and by bioio, where it is installed, the formats of
microscopes' makers (ND2, CZI, LIF) and OME-Zarr.
"""

import contextlib
import functools
import math
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from denoisekit._checks import shape_text
from denoisekit.errors import InputError
from denoisekit.images import formats
from denoisekit.images.image import Image
from denoisekit.images.metadata import chosen, notes_on, numbered
from denoisekit.images.stacks import AXES, Scene, Stack, told_if_damaged

Choice = str | int | None
Region = tuple[slice, ...]
# Sides in px up to which the last axis of unnamed pages may be one of channels.
_MOST_CHANNELS = 32


@contextmanager
def opened(
    path: str | Path, *, unnamed: str = "T", channel: Choice = None, scene: Choice = None
) -> Iterator[Stack]:
    """Open an image file to read it part by part.

    Parameters
    ----------
    path
        A TIFF of any kind, known by its content, a grey picture, or what bioio can read.
    unnamed
        What an axis is that the file does not name: ``T`` or ``Z``.
    channel, scene
        Which of several, by its name or its number from 0. Without a channel all come; a scene
        must be chosen where there are several.

    Raises
    ------
    InputError
        If the file is missing, unreadable, incomplete, of several scenes of which none is chosen,
        holds no grey values or has other axes, or if what would read it is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist.")
    with contextlib.ExitStack() as closing:
        with told_if_damaged(path):
            scenes = formats.scenes(path, closing)
            stack = _one(scenes, scene, path).stack()
            stack = _named(stack, unnamed)
            if stack.coloured and channel is None:
                stack = _equal_colours(stack)
            stack = stack if channel is None else stack.channel(channel)
        told = (f"{path} {sentence}." for sentence in notes_on(stack.scale))
        yield replace(stack, told=(*stack.told, *told))


def _one(scenes: Sequence[Scene], wanted: Choice, path: Path) -> Scene:
    """Return the scene that is wanted, or the only one."""
    if wanted is not None:
        return scenes[chosen(wanted, [s.name for s in scenes], what="scene", where=str(path))]
    own = [scene for scene in scenes if scene.own]
    if len(scenes) == 1 or len(own) == 1:
        return (own or scenes)[0]
    listed = numbered([f"{scene.name or 'without a name'}, {scene.size}" for scene in scenes])
    raise InputError(
        f"{path} holds {len(scenes)} images of their own (scenes, positions or sizes): {listed}; "
        "choose one: as 'scene' in a study, or with --scene."
    )


def _named(stack: Stack, unnamed: str) -> Stack:
    """Return the stack with names for the axes that the file left unnamed."""
    axes, side = stack.axes, stack.shape[-2:]
    without = [axis for axis in axes[:-2] if axis in "QI"]
    names = iter({0: "", 1: unnamed, 2: "TZ", 3: "TZC"}.get(len(without), "?" * len(without)))
    named = "".join(next(names) if axis in without else axis for axis in axes[:-2]) + axes[-2:]
    if not named.endswith("YX") or set(named) - set(AXES) or len(set(named)) < len(named):
        raise InputError(
            f"{stack.path} has the axes {axes}, but Y and X must come last, and before them at "
            "most time (T), depth (Z) and channel (C), once each; save it with these axes."
        )
    if without and 2 * side[1] <= side[0] and side[1] <= _MOST_CHANNELS < stack.shape[0]:
        raise InputError(
            f"{stack.path} has {stack.shape[0]} pages of {side[0]} x {side[1]} px, which look like "
            f"{side[1]} channels that were stored last; save it with the channels first (C, Y, X)."
        )
    if stack.dtype.kind not in "uif":
        kind = {"b": "a mask of 1 bit", "c": "an image of complex numbers"}
        raise InputError(
            f"{stack.path} is {kind.get(stack.dtype.kind, f'of {stack.dtype}')}, not one of grey "
            "values; leave it out, or save grey values of 8 or 16 bit or float32."
        )
    return replace(stack, axes=named, unnamed=bool(without))


def _equal_colours(stack: Stack) -> Stack:
    """Return a picture in colour as a grey one if its colours are equal, in every plane."""
    planes = math.prod(stack.shape[:-2]) // stack.side("C")
    singles = [stack.channel(number) for number in range(stack.side("C"))]
    place = next(iter(singles[0].places(volumes=False)))
    first, *others = (single.read(place) for single in singles)
    if any(not np.array_equal(first, other) for other in others):
        return stack

    def plane(number: int) -> np.ndarray:
        """Return the one grey plane, if it is one."""
        first, *others = (single.plane(number) for single in singles)
        if any(not np.array_equal(first, other) for other in others):
            raise InputError(
                f"{stack.path} is grey in its first plane, but in colour in plane {number} of "
                f"{planes}; choose a channel of it."
            )
        return first

    grey = "is stored in colour, but its colours are equal: it is read as one grey image"
    return replace(
        singles[0],
        plane=plane,
        scale=replace(singles[0].scale, channels=None),
        told=(*stack.told, f"{stack.path} {grey}."),
    )


def file_name(path: Path) -> str:
    """Return what a TIFF made from a file is called: ``name.ome.tif`` where its metadata are OME's.

    Only names are looked at, so that two files that would take one name are found without opening.
    """
    stem = Path(path.stem)
    ome = stem.suffix.lower() == ".ome" or path.suffix.lower() in formats.READ_BY_BIOIO
    return f"{stem.stem if stem.suffix.lower() == '.ome' else stem}{'.ome' * ome}.tif"


def open_stack(
    path: str | Path, *, unnamed: str = "T", channel: Choice = None, scene: Choice = None
) -> Stack:
    """Return an open image as `opened` does; of the last few, one is opened once.

    It is closed when no one holds it any more. Several threads may read it at a time.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist.")
    status = path.stat()
    stamp = status.st_mtime_ns, status.st_size, status.st_ino
    return _open_stack(path, stamp, unnamed, channel, scene)


@functools.lru_cache(maxsize=8)
def _open_stack(
    path: Path, stamp: tuple[int, ...], unnamed: str, channel: Choice, scene: Choice
) -> Stack:
    closing = contextlib.ExitStack()
    with contextlib.ExitStack() as failing:
        failing.callback(closing.close)
        stack = closing.enter_context(opened(path, unnamed=unnamed, channel=channel, scene=scene))
        failing.pop_all()
    weakref.finalize(stack, closing.close)
    return stack


def described(path: str | Path, *, scene: Choice = None) -> Stack:
    """Return what a file tells of an image, as `opened` does, for many files; none stays open."""
    with opened(path, scene=scene) as stack:
        return replace(stack, plane=_closed)


def _closed(number: int) -> np.ndarray:
    raise RuntimeError(f"plane {number} of an image that is described alone")


def read_image(
    path: str | Path,
    *,
    page: int | None = None,
    region: Region | None = None,
    channel: Choice = None,
    scene: Choice = None,
) -> Image:
    """Read one grey image of a file.

    Parameters
    ----------
    path
        A file as `opened` takes it.
    page
        Which plane of one channel, counted from 0 in the order of the file's axes. A file of
        several must be told which.
    region
        Slices of Y and X, to cut out of the plane.
    channel, scene
        Which of several, by name or number.

    Raises
    ------
    InputError
        If the file cannot be read or holds several channels, scenes or planes of which none is
        chosen, or if the page or the region lies outside of it.
    """
    stack = open_stack(path, channel=channel, scene=scene)
    stack = stack.grey(how="as 'channel' of the data set or of its row in the pair table")
    if page is None and stack.planes > 1:
        raise InputError(
            f"{path} has {stack.planes} pages ({stack.axes}); say which one in the column 'page' "
            "of the pair table. (If they are the planes of one volume, say how far these lie "
            "apart: 'z_spacing_um' of the data set.)"
        )
    if page is not None and page >= stack.planes:
        raise InputError(
            f"{path} has {stack.planes} pages, counted from 0, but page {page} is asked; correct "
            "the column 'page' of the pair table."
        )
    place = np.unravel_index(page or 0, stack.shape[:-2]) if stack.shape[:-2] else ()
    pixels = stack.read(tuple(map(int, place)))
    return Image(_region_of(pixels, region, path), stack.scale.width_um)


def read_volume(
    path: str | Path,
    *,
    number: int | None = None,
    region: Region | None = None,
    channel: Choice = None,
    scene: Choice = None,
) -> Image:
    """Read one grey volume, (Z, Y, X), of a file.

    Parameters
    ----------
    path, region, channel, scene
        As `read_image` takes them; pages whose axis has no name are planes of one volume.
    number
        Which frame of a movie of volumes, counted from 0. A file of several must be told which.

    Raises
    ------
    InputError
        As `read_image` raises it, or if the file has no axis Z of two planes or more.
    """
    stack = open_stack(path, unnamed="Z", channel=channel, scene=scene)
    stack = stack.grey(how="as 'channel' of the data set or of its row in the pair table")
    if stack.side("Z") < 2:
        raise InputError(
            f"{path} has the axes {stack.axes} and {stack.side('Z')} plane, and so no volume, "
            "which the data set's 'z_spacing_um' says it has; correct the file's axes (in Fiji: "
            "Image > Hyperstacks > Re-order Hyperstack), or leave that key out."
        )
    places = stack.places(volumes=True)
    if number is None and len(places) > 1:
        raise InputError(
            f"{path} has {len(places)} volumes ({stack.axes}); say which one, counted from 0, in "
            "the column 'page' of the pair table."
        )
    if number is not None and number >= len(places):
        raise InputError(
            f"{path} has {len(places)} volumes, counted from 0, but {number} is asked; correct the "
            "column 'page' of the pair table."
        )
    pixels = stack.read(places[number or 0])
    cut = pixels if region is None else np.stack([_region_of(p, region, path) for p in pixels])
    return Image(cut, stack.scale.width_um, stack.scale.spacing_um)


def _region_of(pixels: np.ndarray, region: Region | None, path: str | Path) -> np.ndarray:
    if region is None:
        return pixels
    if any(part.stop > side for part, side in zip(region, pixels.shape, strict=True)):
        stops = " x ".join(str(part.stop) for part in region)
        raise InputError(
            f"The region of {path} reaches to {stops}, outside of the image's "
            f"{shape_text(pixels)} pixels."
        )
    return pixels[region]


def with_members(paths: Sequence[str]) -> list[str]:
    """Return the files, each once, and those that are one image with one of them.

    Only OME-TIFFs, told by their names, are looked into, and only at their headers.
    """
    found: dict[str, None] = {}
    for path in paths:
        ome = ".ome." in Path(path).name.lower()
        found |= dict.fromkeys([path, *map(str, formats.members(Path(path)))] if ome else [path])
    return list(found)


def without_members(paths: Sequence[Path]) -> list[Path]:
    """Return the files without those that are one image with an earlier one of them.

    Only headers are read. An OME-TIFF may lie in a set of files, each of which opens all of it.
    """
    taken: set[Path] = set()
    kept = []
    for path in paths:
        if path.resolve() in taken:
            continue
        kept.append(path)
        taken.update(member.resolve() for member in formats.members(path))
    return kept

"""Read images of many planes part by part, and write such ones that are filled in place.

A stack's axes are at most T, Z and C, in any order, before Y and X. TIFFs of all kinds and grey PNG
are read here; other formats (ND2, CZI, LIF, OME-Zarr) by bioio, where it is installed.
"""

import contextlib
import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.images.image import TIFF, read_image, told_if_damaged
from denoisekit.images.metadata import Scale, imagej_scale, ome_scale

READ_BY_BIOIO = (".nd2", ".czi", ".lif", ".zarr")
SUFFIXES = (*TIFF, ".png", *READ_BY_BIOIO)
Place = tuple[int | slice, ...]
# ImageJ's own order of axes, and the most bytes that its kind of TIFF holds in single pages.
_IMAGEJ_AXES = "TZCYX"
_IMAGEJ_BYTES = 2**32 - 2**25
# What axes are called whose file does not name them, by their number.
_UNNAMED = {False: {0: "", 1: "T", 2: "TZ", 3: "TZC"}, True: {0: "", 1: "Z", 2: "TZ", 3: "TZC"}}


@dataclass(frozen=True)
class Stack:
    """An open file of planes, none of which is read yet.

    Attributes
    ----------
    path
        Where it lies.
    axes, shape
        One letter and one length per axis; the last two are Y and X.
    scale
        What the file tells of them.
    ome
        Whether the file's metadata are OME's.
    notes
        ImageJ's free text ``Info`` and the planes' ``Labels``, where it has them.
    """

    path: Path
    axes: str
    shape: tuple[int, ...]
    scale: Scale
    ome: bool
    plane: Callable[[int], np.ndarray]
    notes: dict[str, Any] = field(default_factory=dict)

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
        numbers = np.arange(math.prod(self.shape[:-2])).reshape(self.shape[:-2])[place]
        try:
            planes = [self.plane(int(number)) for number in np.ravel(numbers)]
        except Exception as error:
            raise InputError(
                f"{self.name(place)} cannot be read ({error}); the file may be damaged or cut "
                "short."
            ) from error
        return np.reshape(planes, (*np.shape(numbers), *self.shape[-2:]))


@contextmanager
def opened(path: str | Path, *, volumes: bool) -> Iterator[Stack]:
    """Open an image file to read it part by part.

    Parameters
    ----------
    path
        A TIFF of any kind, a grey PNG, or what bioio can read.
    volumes
        Whether an axis that the file does not name is Z, rather than T.

    Raises
    ------
    InputError
        If the file is missing, unreadable, in colour, of several images, or has other axes, or if
        what would read it is not installed.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist.")
    with contextlib.ExitStack() as closing:
        with told_if_damaged(path):
            stack = _open(path, volumes, closing)
        yield stack


def _open(path: Path, volumes: bool, closing: contextlib.ExitStack) -> Stack:
    suffix = path.suffix.lower()
    if suffix in TIFF:
        return _of_tiff(path, closing.enter_context(tifffile.TiffFile(path)), volumes)
    if suffix in READ_BY_BIOIO:
        return _of_bioio(path)
    pixels = read_image(path).pixels
    return Stack(path, "YX", pixels.shape, Scale(), False, lambda _: pixels)


class _Complaints(logging.Handler):
    """Keep what tifffile logs of missing pages: it reads the others as if they were all."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.of_pages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "page" in message or "series" in message:
            self.of_pages.append(message)


def _whole(path: Path, tiff: tifffile.TiffFile) -> tifffile.TiffPageSeries:
    """Return the only series of a file that has all its pages."""
    logger, complaints = logging.getLogger("tifffile"), _Complaints()
    logger.addHandler(complaints)
    try:
        series = tiff.series
    finally:
        logger.removeHandler(complaints)
    for complaint in complaints.of_pages:
        raise InputError(
            f"{path} cannot be read as an image ({complaint}); it may be damaged or cut short."
        )
    _check_one(path, len(series))
    return series[0]


def _of_tiff(path: Path, tiff: tifffile.TiffFile, volumes: bool) -> Stack:
    series = _whole(path, tiff)
    axes = _named(path, series.axes, volumes)
    told = tiff.imagej_metadata or {}
    notes: dict[str, Any] = {name: told[name] for name in ("Info", "Labels") if name in told}
    scale = ome_scale(tiff) if tiff.is_ome else imagej_scale(tiff)
    return Stack(path, axes, series.shape, scale, tiff.is_ome, _planes(path, series), notes)


def _check_one(path: Path, images: int) -> None:
    if images != 1:
        raise InputError(
            f"{path} holds {images} images of their own (scenes, positions or sizes); save each as "
            "a file."
        )


def _named(path: Path, axes: str, volumes: bool) -> str:
    """Return the axes with names for those that the file left unnamed."""
    if "S" in axes:
        raise InputError(f"{path} is in colour; save one grey channel.")
    unnamed = [axis for axis in axes[:-2] if axis in "QI"]
    names = iter(_UNNAMED[volumes].get(len(unnamed), "?" * len(unnamed)))
    named = "".join(next(names) if axis in unnamed else axis for axis in axes[:-2]) + axes[-2:]
    if not named.endswith("YX") or set(named) - set(_IMAGEJ_AXES) or len(set(named)) < len(named):
        raise InputError(
            f"{path} has the axes {axes}, but Y and X must come last, and before them at most time "
            "(T), depth (Z) and channel (C), once each."
        )
    return named


def _planes(path: Path, series: tifffile.TiffPageSeries) -> Callable[[int], np.ndarray]:
    """Return what reads a plane by its number, with as little else as the file allows."""
    side = series.shape[-2:]
    if series.dataoffset is not None:
        mapped = tifffile.memmap(path, mode="r").reshape(-1, *side)
        return lambda number: np.array(mapped[number])
    if len(series.pages) == math.prod(series.shape[:-2]):
        # None would be a page that is missing, which `_whole` does not let pass.
        return lambda number: series.pages[number].asarray()  # type: ignore[union-attr]
    whole = series.asarray().reshape(-1, *side)
    return lambda number: whole[number]


def _of_bioio(path: Path) -> Stack:
    try:
        from bioio import BioImage
    except ImportError as error:
        raise InputError(
            f"{path} is read by bioio, which is not installed; install it with its reader (pip "
            f"install bioio bioio-{_reader(path)}), or save the image as a TIFF."
        ) from error
    try:
        image = BioImage(path)
    except Exception as error:
        raise InputError(
            f"bioio cannot read {path}: it is damaged, or its reader is not installed; install "
            f"that (pip install bioio-{_reader(path)}), or save the image as a TIFF."
        ) from error
    _check_one(path, len(image.scenes))
    lengths = {axis: getattr(image.dims, axis) for axis in "TCZ"}
    if "S" in image.dims.order:
        raise InputError(f"{path} is in colour; save one grey channel.")
    axes = "".join(axis for axis, length in lengths.items() if length > 1)
    shape = tuple(lengths[axis] for axis in axes)

    def plane(number: int) -> np.ndarray:
        """Read one plane, and no other."""
        where = dict(zip(axes, map(int, np.unravel_index(number, shape)), strict=True))
        first = dict.fromkeys("TCZ", 0)
        return image.get_image_dask_data("YX", **{**first, **where}).compute()

    sizes = image.physical_pixel_sizes
    interval: Any = getattr(image, "time_interval", None)
    seconds = interval.total_seconds() if hasattr(interval, "total_seconds") else interval
    names = tuple(map(str, image.channel_names or ())) or None
    scale = Scale(sizes.Y, sizes.X, sizes.Z, seconds, names)
    return Stack(path, axes + "YX", (*shape, image.dims.Y, image.dims.X), scale, True, plane)


def _reader(path: Path) -> str:
    return {".zarr": "ome-zarr"}.get(path.suffix.lower(), path.suffix.lower()[1:])


def file_name(path: Path) -> str:
    """Return what a TIFF made from a file is called: ``name.ome.tif`` where its metadata are OME's.

    Only names are looked at, so that two files that would take one name are found without opening.
    """
    stem = Path(path.stem)
    ome = stem.suffix.lower() == ".ome" or path.suffix.lower() in READ_BY_BIOIO
    return f"{stem.stem if stem.suffix.lower() == '.ome' else stem}{'.ome' * ome}.tif"


def _as_ome(stack: Stack) -> bool:
    ordered = [axis for axis in _IMAGEJ_AXES if axis in stack.axes]
    too_large = 4 * math.prod(stack.shape) > _IMAGEJ_BYTES
    return stack.ome or too_large or ordered != list(stack.axes)


@contextmanager
def created(path: str | Path, *, like: Stack) -> Iterator[np.ndarray]:
    """Create a float32 TIFF with a stack's axes, shape and scale, to be filled in place.

    It is one of ImageJ's, or an OME-TIFF where the stack came with OME's metadata, is larger than
    4 GB, or has its axes in another order than ImageJ's. It takes its name if all goes well.

    Raises
    ------
    OSError
        If the disk has not that much space left.
    """
    with files.replacing(path) as temporary:
        options = _ome_options(like) if _as_ome(like) else _imagej_options(like)
        pixels = tifffile.memmap(temporary, shape=like.shape, dtype=np.float32, **options)
        files.claim_space(temporary)
        yield pixels
        pixels.flush()


def _ome_options(stack: Stack) -> dict[str, Any]:
    told: dict[str, Any] = {"axes": stack.axes}
    scale = stack.scale
    for axis, size in zip("YXZ", (scale.height_um, scale.width_um, scale.spacing_um), strict=True):
        if size is not None:
            told |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
    if scale.interval_s is not None:
        told |= {"TimeIncrement": scale.interval_s, "TimeIncrementUnit": "s"}
    if scale.channels and len(scale.channels) == dict(
        zip(stack.axes, stack.shape, strict=True)
    ).get("C", 1):
        told["Channel"] = {"Name": list(scale.channels)}
    large = 4 * math.prod(stack.shape) > _IMAGEJ_BYTES
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

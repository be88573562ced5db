"""Formats of image files: open what a file holds as scenes of `denoisekit.images.stacks`.

What a file is is told by its first bytes, not by its suffix.
"""

import contextlib
import importlib.util
import logging
import math
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from denoisekit._checks import shape_text
from denoisekit.errors import InputError
from denoisekit.images import chunks, metadata
from denoisekit.images.metadata import Scale
from denoisekit.images.stacks import Plane, Scene, Stack

TIFF = (".tif", ".tiff", ".btf", ".tf8", ".stk", ".lsm")
READ_BY_BIOIO = (".nd2", ".czi", ".lif", ".zarr")
SUFFIXES = (*TIFF, ".png", *READ_BY_BIOIO)
_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG_MAGIC, _JPEG_MAGIC = b"\x89PNG", b"\xff\xd8\xff"
_NOTES = ("Info", "Labels", "Ranges", "LUTs", "min", "max", "mode")
_DESCRIPTION = 270
# Zeros in bytes at a file's end that no page's pixels are: more than a writer pads.
_ZEROS = 4096
_RGB = ("red", "green", "blue")
_CHANGED = "whose compression has changed noise and pixels; give the original, as a TIFF or PNG."
# Of ways to compress a page, those of JPEG, and others of which the file does not tell.
_JPEG = {"OJPEG", "JPEG", "JPEG_99", "ALT_JPEG", "JPEG_LOSSY"}
_PERHAPS = {"JPEG2000", "WEBP", "JPEGXR", "JPEGXR_NDPI", "JPEGXL", "LERC", "JETRAW"}
_PERHAPS |= {"APERIO_JP2000_YCBC", "APERIO_JP2000_RGB", "JPEG_2000_LOSSY", "WEBP_DEPRECATED"}
# As blocks of a CZI number them.
_CZI_JPEG, _CZI_JPEG_XR = 1, 4
# The first bytes of a JPEG, in which it says of which kind it is; some kinds lose nothing.
_HEADER = 1 << 16
_LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF}
_KINDS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def scenes(path: Path, closing: contextlib.ExitStack) -> Sequence[Scene]:
    """Open a file's images; what stays open is closed by `closing`.

    Raises
    ------
    InputError
        If the file is incomplete, no image that is known here, or what reads it is not installed.
    """
    if path.suffix.lower() in READ_BY_BIOIO:
        return _by_bioio(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder, not an image.")
    if not path.is_file():
        # Reading from a pipe would wait for ever.
        raise InputError(f"{path} is a pipe or a device, not a file; save its content as a file.")
    with path.open("rb") as file:
        magic = file.read(4)
    if magic in _TIFF_MAGIC:
        return _of_tiff(path, closing)
    if magic == _PNG_MAGIC:
        return [_of_png(path)]
    if magic[:3] == _JPEG_MAGIC:
        raise InputError(f"{path} is a JPEG, {_CHANGED}")
    what = "empty" if not magic else "no TIFF, PNG, ND2, CZI, LIF or OME-Zarr"
    raise InputError(f"{path} cannot be read as an image, since it is {what}.")


def _of_png(path: Path) -> Scene:
    from skimage.io import imread

    with path.open("rb") as file:
        pixels = np.asarray(imread(file))
    if pixels.ndim not in (2, 3):
        raise InputError(f"{path} must be one picture, but is {shape_text(pixels)}.")
    axes, shape, scale, count = _with_channels("YXS"[: pixels.ndim], pixels.shape, Scale(), "RGB")
    planes = np.moveaxis(pixels, 2, 0)[:count] if pixels.ndim == 3 else pixels[None]
    stack = Stack(
        *(path, axes, shape, pixels.dtype, scale, False),
        plane=lambda number: planes[number],
        coloured="C" in axes,
    )
    return Scene("", shape_text(pixels), lambda: stack)


def _with_channels(
    axes: str, shape: tuple[int, ...], scale: Scale, photometric: str
) -> tuple[str, tuple[int, ...], Scale, int]:
    """Take an axis of samples for one of channels, put before Y and X.

    Returns the axes, the shape, the scale with the colours' names, and how many samples are
    channels: a fourth one of a colour, or a second one of grey, is its transparency.
    """
    if "S" not in axes:
        return axes, shape, scale, 1
    at = axes.index("S")
    count = shape[at]
    if photometric in ("RGB", "YCBCR") and count >= 3:
        scale, count = Scale(**{**vars(scale), "channels": _RGB}), 3
    elif count == 2:
        count = 1
    leading = axes.replace("S", "")[:-2]
    sides = [side for axis, side in zip(axes, shape, strict=True) if axis != "S"]
    channel = ("C",) if count > 1 else ()
    return (
        leading + "".join(channel) + "YX",
        (*sides[:-2], *([count] if channel else []), *sides[-2:]),
        scale,
        count,
    )


class _Complaints(logging.Handler):
    """Keep what tifffile logs in this thread of what is missing: it reads the rest as if whole."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.thread = threading.get_ident()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        tag = re.search(r"TiffTag (\d+)", message)
        lost = tag is not None and int(tag[1]) == _DESCRIPTION
        amiss = any(word in message for word in ("page", "series", "circular"))
        if record.thread == self.thread and (lost or amiss):
            self.told.append(message)


@contextlib.contextmanager
def _listening() -> Iterator[list[str]]:
    logger, complaints = logging.getLogger("tifffile"), _Complaints()
    logger.addHandler(complaints)
    try:
        yield complaints.told
    finally:
        logger.removeHandler(complaints)


def _of_tiff(path: Path, closing: contextlib.ExitStack) -> Sequence[Scene]:
    with _listening() as complaints:
        tiff = closing.enter_context(tifffile.TiffFile(path))
        # Several threads may read it.
        tiff.filehandle.set_lock(True)
        images: list[metadata.Document] = []
        named = path
        if tiff.is_ome:
            tiff, path, images = _of_set(tiff, path, closing)
        series = [part for part in tiff.series if not _is_preview(part)]
        if not complaints:
            complaints.extend(_unwritten(tiff))
    for complaint in complaints:
        raise InputError(
            f"{named} cannot be read as an image ({complaint}); it may be damaged or cut short."
        )
    if not series:
        raise InputError(
            f"{named} cannot be read as an image (it has no page); it may be damaged or cut short."
        )
    of_image = images if len(images) == len(series) else []
    return [
        Scene(
            part.name if of_image else "",
            f"{part.axes} {' x '.join(map(str, part.shape))}",
            lambda part=part, number=number: _stack_of(  # type: ignore[misc]
                path, tiff, part, of_image[number] if of_image else None
            ),
            own=bool(of_image) and _lies_alone(named.name, number, of_image),
        )
        for number, part in enumerate(series)
    ]


def _unwritten(tiff: tifffile.TiffFile) -> Iterator[str]:
    """Say what shows that the end of a file, whose size may be right, was never written.

    A copy that makes room first and is interrupted leaves zeros. The list of pages ends where they
    begin, so that the rest would read as a shorter movie.
    """
    last, size = tiff.pages[-1], tiff.filehandle.size
    if not last.dataoffsets:
        yield f"its page {len(tiff.pages) - 1}, the last that it tells of, holds no pixels"
        return
    tiff.filehandle.seek(max(0, size - _ZEROS))
    if any(tiff.filehandle.read(_ZEROS)):
        return
    ends = [
        *(max(map(sum, _parts(page)), default=0) for page in tiff.pages),
        *(part.dataoffset + part.nbytes for part in tiff.series if part.dataoffset is not None),
    ]
    if max(ends) <= size - _ZEROS:
        yield "it ends in zeros that belong to no page"


def _is_preview(series: tifffile.TiffPageSeries) -> bool:
    return bool(series.keyframe.is_reduced)


def _lies_alone(name: str, number: int, images: Sequence[metadata.Document]) -> bool:
    """Say whether a file holds planes of one image, and of no other of its set."""
    holding = [name in metadata.ome_files(image) for image in images]
    return holding[number] and sum(holding) == 1


def _of_set(
    tiff: tifffile.TiffFile, path: Path, closing: contextlib.ExitStack
) -> tuple[tifffile.TiffFile, Path, list[metadata.Document]]:
    """Return the file that tells of all files of an OME-TIFF's set, which must be there."""
    document = metadata.ome_document(tiff)
    elsewhere = document.get("BinaryOnly", {}).get("MetadataFile")
    if elsewhere:
        master = path.with_name(str(elsewhere))
        _check_there([master], path)
        if master.suffix.lower() == ".ome":
            text = master.read_text(encoding="utf-8")
            tiff = closing.enter_context(tifffile.TiffFile(path, omexml=text))
        else:
            tiff, path = closing.enter_context(tifffile.TiffFile(master)), master
        document = metadata.ome_document(tiff)
    images = metadata.ome_images(document)
    members = dict.fromkeys(name for image in images for name in metadata.ome_files(image))
    if len(members) > 1:
        _check_there([path.with_name(name) for name in members], path)
    # One alone may have another name by now.
    there = filter(Path.is_file, map(path.with_name, {path.name, *members}))
    size = sum(file.stat().st_size for file in there)
    # A list of that many would be made before any is looked for.
    if (planes := max(map(metadata.ome_planes, images), default=0)) > size:
        raise InputError(
            f"{path} tells of {planes} planes, more than bytes are there ({size}); it may be "
            "damaged or cut short."
        )
    return tiff, path, images


def _check_there(members: Sequence[Path], path: Path) -> None:
    missing = [member for member in members if not member.is_file()]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise InputError(
            f"{path} is one of a set of files that are one image, of which {missing[0]}{more} is "
            "missing; put it beside, under the name that it had."
        )


def _stack_of(
    path: Path,
    tiff: tifffile.TiffFile,
    series: tifffile.TiffPageSeries,
    image: metadata.Document | None,
) -> Stack:
    told = tiff.imagej_metadata or {}
    composite = told.get("mode") == "composite"
    scale = metadata.tiff_scale(tiff) if image is None else metadata.ome_scale(image)
    photometric = (
        "COMPOSITE" if composite else tifffile.PHOTOMETRIC(series.keyframe.photometric).name
    )
    axes, shape, scale, count = _with_channels(series.axes, series.shape, scale, photometric)
    told_of_loss = _told_of_loss(path, series.keyframe)
    notes = {name: told[name] for name in _NOTES if name in told}
    if isinstance(notes.get("LUTs"), np.ndarray):
        # The only one does not come in a list.
        notes["LUTs"] = [notes["LUTs"]]
    return Stack(
        *(path, axes, shape, np.dtype(series.dtype), scale, image is not None),
        plane=_planes(path, series, count),
        notes=notes,
        told=(
            *told_of_loss,
            *(() if tiff.is_imagej else _told_of_colours(path, series.keyframe)),
        ),
        coloured="S" in series.axes and scale.channels == _RGB,
    )


def _told_of_loss(path: Path, page: Any) -> list[str]:
    """Tell of a compression that may have changed pixels.

    Raises
    ------
    InputError
        If it is known to have changed them.
    """
    way = tifffile.COMPRESSION(page.compression).name
    # A tile of nothing but background may hold no bytes.
    held = [part for part in zip(page.dataoffsets, page.databytecounts, strict=True) if part[1]]
    if way in _JPEG and held:
        page.parent.filehandle.seek(held[0][0])
        if _is_lossy(page.parent.filehandle.read(min(held[0][1], _HEADER))):
            raise InputError(f"{path} is a TIFF of JPEGs, {_CHANGED}")
    return [_perhaps_changed(path, way)] if way in _PERHAPS else []


def _perhaps_changed(path: Path, way: str) -> str:
    return (
        f"{path} is compressed by {way}, which may have changed noise and pixels; if it was "
        "not asked to lose nothing, give the original."
    )


def _is_lossy(jpeg: bytes) -> bool:
    """Tell whether a JPEG is of a kind that changes pixels, as most are, or does not say so."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        if (kind := jpeg[at + 1]) in _KINDS:
            return kind not in _LOSSLESS
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return True


def _told_of_colours(path: Path, page: Any) -> Iterator[str]:
    """Tell of a palette that is none from dark to bright: its numbers are no brightness."""
    if page.photometric != tifffile.PHOTOMETRIC.PALETTE or page.colormap is None:
        return
    brightness = np.sum(page.colormap, axis=0, dtype=float)
    if np.any(np.diff(brightness) < 0):
        yield (
            f"{path} has a palette of colours that do not go from dark to bright, so that its "
            "numbers, which are read, may be no brightness; save grey values if they are none."
        )


def _planes(path: Path, series: tifffile.TiffPageSeries, count: int) -> Plane:
    """Return what reads a plane by its number, with as little else as the file allows."""
    if series.keyframe.compression not in tifffile.TIFF.DECOMPRESSORS:
        raise InputError(
            f"{path} is compressed in a way that is not known here "
            f"({tifffile.COMPRESSION(series.keyframe.compression).name}); save it uncompressed."
        )
    axes, shape = series.axes, series.shape
    before = len(axes) - 2 - ("S" in axes)
    if "S" in axes[:before]:
        raise InputError(
            f"{path} has the axes {axes}, of which the colours (S) must be the first or the last "
            "of a plane's; save it as grey channels."
        )
    frame = _frames(path, series, shape[before:], math.prod(shape[:before]))
    if "S" not in axes:
        return frame
    at = axes[before:].index("S")
    return lambda number: np.take(frame(number // count), number % count, axis=at)


def _frames(
    path: Path, series: tifffile.TiffPageSeries, side: tuple[int, ...], frames: int
) -> Plane:
    """Return what reads the pixels of one page, or of as much of it as is one frame."""
    dtype = np.dtype(series.dtype)
    if series.dataoffset is not None:
        stored = dtype.newbyteorder(series.keyframe.parent.byteorder)
        size, start = dtype.itemsize * math.prod(side), series.dataoffset
        _check_length(path, start + size * frames)

        def read(number: int) -> np.ndarray:
            """Read a frame that lies in the file as it is."""
            # A plain read: a memory map of a file that is cut meanwhile kills the process.
            offset = start + number * size
            pixels = np.fromfile(path, stored, count=math.prod(side), offset=offset)
            if len(pixels) < math.prod(side):
                raise EOFError(f"the file ends in frame {number}")
            return pixels.reshape(side).astype(dtype, copy=False)

        return read
    if len(series.pages) == frames:
        pages = [_whole(path, page) for page in series.pages]
        return lambda number: _pixels(pages[number])
    whole = series.asarray().reshape(frames, *side)
    return lambda number: whole[number]


def _whole(path: Path, page: Any) -> Any:
    """Return a page that is there, and whose file reaches to its end."""
    if page is None:
        raise InputError(f"{path} lacks pages; it may be damaged or cut short.")
    _check_length(_file_of(page), max(map(sum, _parts(page)), default=0))
    return page


def _parts(page: Any) -> Iterator[tuple[int, int]]:
    """Return where in its file the parts of a page begin, and how long they are."""
    return zip(page.dataoffsets, page.databytecounts, strict=True)


def _file_of(page: Any) -> Path:
    return Path(page.parent.filehandle.path)


_OPENING = threading.Lock()


def _pixels(page: Any) -> np.ndarray:
    """Read a page; the files of a set, which may be thousands, are open while they are read."""
    handle = page.parent.filehandle
    if not handle.closed:
        return page.asarray()
    with _OPENING:
        handle.open()
        try:
            return page.asarray()
        finally:
            handle.close()


def _check_length(path: Path, needed: int) -> None:
    there = path.stat().st_size
    if there < needed:
        raise InputError(
            f"{path} is cut short or damaged: its pixels reach to byte {needed}, but it has "
            f"{there}; copy it again."
        )


def _by_bioio(path: Path) -> Sequence[Scene]:
    reader = {".zarr": "ome-zarr"}.get(path.suffix.lower(), path.suffix.lower()[1:])
    needed = ("bioio", f"bioio_{reader.replace('-', '_')}")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"{path} is read by {' and '.join(missing)}, which is not installed; install it (pip "
            f'install "denoisekit[bioio]", or pip install bioio bioio-{reader}), or save the image '
            "as a TIFF."
        )
    from bioio import BioImage

    options = {"reader": _nd2_reader(path)} if path.suffix.lower() == ".nd2" else {}
    image = BioImage(path, **options)
    told: list[str] = []
    if path.suffix.lower() == ".czi":
        _check_scenes_are_told(path, len(image.scenes))
        told = _told_of_czi_loss(path)
    elif path.suffix.lower() == ".nd2":
        told = _told_of_nd2_loss(path)
    return [
        Scene(
            str(name),
            f"scene {number}",
            lambda number=number: _of_bioio(path, image, number, told),  # type: ignore[misc]
        )
        for number, name in enumerate(image.scenes)
    ]


class _Plain:
    """A file that ends in an EOFError where it has not what is asked for, and cannot be mapped.

    It has no name, by which it would be opened anew.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.seek, self.tell, self.close = self._file.seek, self._file.tell, self._file.close

    @property
    def closed(self) -> bool:
        """Whether it is."""
        return self._file.closed

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, or all that are left."""
        content = self._file.read(size)
        if len(content) < size:
            raise EOFError("the file ends within what it tells of")
        return content


def _nd2_reader(path: Path) -> type:
    """Return bioio's reader of ND2, but of a file that is read.

    By itself it maps the file into memory: one that is cut meanwhile kills the process, and a frame
    that is not there any more reads as 0.
    """
    import nd2
    from bioio_nd2 import Reader

    class PlainReader(Reader):  # type: ignore[misc]
        _nd2: Any = None

        @contextlib.contextmanager
        def _open_nd2(self) -> Iterator[Any]:
            if self._nd2 is None:
                self._nd2 = nd2.ND2File(_Plain(path))
            yield self._nd2

        @property
        def physical_pixel_sizes(self) -> Any:
            """The sizes that were calibrated; nd2 gives 1 for others."""
            sizes = super().physical_pixel_sizes
            with self._open_nd2() as file:
                known = file.metadata.channels[0].volume.axesCalibrated
            return type(sizes)(
                *(size if told else None for size, told in zip(sizes, known[::-1], strict=True))
            )

    return PlainReader


def _check_scenes_are_told(path: Path, told: int) -> None:
    """Raise InputError if a CZI holds more scenes than its metadata tell, which bioio goes by."""
    from aicspylibczi import CziFile

    held = max(sides.get("S", (0, 1))[1] for sides in CziFile(path).get_dims_shape())
    if held > told:
        raise InputError(
            f"{path} holds {held} scenes, but its metadata tell of {told}; save each as a file."
        )


def _told_of_czi_loss(path: Path) -> list[str]:
    """Tell of blocks of a CZI whose compression may have changed pixels; refuse JPEGs."""
    from pylibCZIrw import czi

    found: set[int] = set()

    def look(_: int, block: Any) -> bool:
        found.add(block.compressionModeRaw)
        return True

    with czi.open_czi(str(path)) as file:
        file.enumerate_subblocks(look)
    if _CZI_JPEG in found:
        raise InputError(f"{path} is a CZI of JPEGs, {_CHANGED}")
    return [_perhaps_changed(path, "JPEGXR")] if _CZI_JPEG_XR in found else []


def _told_of_nd2_loss(path: Path) -> list[str]:
    """Tell of an ND2 whose compression may have changed pixels; refuse one of which it is known."""
    import nd2

    with nd2.ND2File(_Plain(path)) as file:
        if file.attributes.compressionType == "lossy":
            raise InputError(f"{path} is an ND2 of compressed images, {_CHANGED}")
        return [_perhaps_changed(path, "JPEG2000")] if file.is_legacy else []


def _of_bioio(path: Path, image: Any, scene: int, told: Sequence[str]) -> Stack:
    image.set_scene(scene)
    dims = image.dims
    lengths = {axis: int(getattr(dims, axis)) for axis in dims.order}
    others = [axis for axis, length in lengths.items() if axis not in "TCZYXS" and length > 1]
    if others:
        raise InputError(
            f"{path} has the axes {dims.order}, of which {', '.join(others)} cannot be read here; "
            "save it as a TIFF, with those of T, Z, C, Y and X alone."
        )
    leading = "".join(axis for axis in "TCZ" if lengths.get(axis, 1) > 1)
    samples = "S" * (lengths.get("S", 1) > 1)
    wanted = f"YX{samples}"
    shape = tuple(lengths[axis] for axis in leading + wanted)
    scale = metadata.bioio_scale(image)
    axes, shape, scale, count = _with_channels(leading + wanted, shape, scale, "RGB")
    before = [lengths[axis] for axis in leading]

    def plane(number: int) -> np.ndarray:
        """Read one plane, and no other."""
        image.set_scene(scene)
        where = np.unravel_index(number // count, before) if before else ()
        at = {**dict.fromkeys("TCZ", 0), **dict(zip(leading, map(int, where), strict=True))}
        pixels = image.get_image_dask_data(wanted, **at).compute()
        return pixels[..., number % count] if samples else pixels

    return Stack(
        *(path, axes, shape, np.dtype(image.dtype), scale, True),
        plane=plane,
        told=(*told, *(_told_of_chunks(path, scene) if path.suffix.lower() == ".zarr" else ())),
        coloured=bool(samples) and count == 3,
    )


def _told_of_chunks(path: Path, scene: int) -> tuple[str, ...]:
    """Tell that chunks of an OME-Zarr's image are no files, which reads as pixels of one value."""
    arrays = chunks.arrays(path)
    count = chunks.missing(arrays[scene]) if scene < len(arrays) else 0
    if not count:
        return ()
    return (
        f"{path} lacks {count} of its chunks, which are read as 0: what wrote it left out empty "
        "parts, or its copy was interrupted; look at the image, and copy it again if it should "
        "show something there.",
    )


def members(path: Path) -> list[Path]:
    """Return the files that are one image with a file, itself among them, in the set's order.

    Only headers are read. A file that cannot be read stands for itself.
    """
    try:
        with contextlib.ExitStack() as closing, path.open("rb") as file, _listening():
            if file.read(4) not in _TIFF_MAGIC:
                return [path]
            tiff = closing.enter_context(tifffile.TiffFile(path))
            if not tiff.is_ome:
                return [path]
            _, master, images = _of_set(tiff, path, closing)
            names = {n: None for image in images for n in metadata.ome_files(image)}
            alone = any(_lies_alone(path.name, n, images) for n in range(len(images)))
            if len(names) < 2 or (alone and len(images) > 1):
                return [path]
            return [master.with_name(name) for name in names]
    except Exception:
        return [path]

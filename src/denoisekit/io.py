"""Read and write images, tables and cards.

Every file is written under a temporary name and then renamed, so that a file that exists is whole.
"""

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from denoisekit._checks import InputError, shape_text

Region = tuple[slice, ...]
TIFF = (".tif", ".tiff")

_UNITS_PER_UM = {
    **dict.fromkeys(("um", "micron", "microns", "µm", "μm", "\\u00b5m"), 1.0),
    **{"nm": 1e3, "mm": 1e-3, "cm": 1e-4, "m": 1e-6},
}


@dataclass(frozen=True)
class Image:
    """Pixels of one grey image, (Y, X) or (Z, Y, X), and the side of a pixel in micrometres."""

    pixels: np.ndarray
    pixel_size_um: float | None


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, which takes the name `path` if all goes well.

    The temporary name keeps the suffix, since writers choose a format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(folder: str | Path) -> None:
    """Raise InputError if a folder, or the nearest above it that exists, cannot be written to."""
    folder = Path(folder).absolute()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        raise InputError(f"{folder} cannot be made: {nearest} is a file; move it out of the way.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(
            f"{folder} cannot be written to: {nearest} may not be changed by this user, or lies on "
            "a read-only disk; change its permissions or run in another folder."
        )


@contextmanager
def told_if_damaged(path: Path) -> Iterator[None]:
    """Turn what a library raises over an image file into an InputError."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{path} cannot be read as an image ({error}); it may be damaged or cut short."
        ) from error


def read_image(path: str | Path, *, page: int | None = None, region: Region | None = None) -> Image:
    """Read one grey image from a TIFF (one page of a stack, read lazily) or a PNG.

    Parameters
    ----------
    path
        A TIFF of one or more pages, or a grey PNG.
    page
        Which page of a stack, counted from 0. A file of several pages must be told which.
    region
        Slices of the spatial axes, to cut out of the page.

    Raises
    ------
    InputError
        If the file is missing, unreadable, in colour or a stack without a page, or if the page or
        the region lies outside of it.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist.")
    with told_if_damaged(path):
        image = _read_tiff(path, page) if path.suffix.lower() in TIFF else _read(path)
    if image.pixels.ndim != 2:
        raise InputError(
            f"{path} must hold grey images of two dimensions, but is "
            f"{shape_text(image.pixels)}; give one colour channel or one page."
        )
    if region is None:
        return image
    beyond = [s.stop > side for s, side in zip(region, image.pixels.shape, strict=True)]
    if any(beyond):
        stops = " x ".join(str(s.stop) for s in region)
        raise InputError(
            f"The region of {path} reaches to {stops}, outside of the image's "
            f"{shape_text(image.pixels)} pixels."
        )
    return Image(image.pixels[region], image.pixel_size_um)


def _read_tiff(path: Path, page: int | None) -> Image:
    with tifffile.TiffFile(path) as tiff:
        pages = len(tiff.pages)
        if page is None and pages > 1:
            raise InputError(
                f"{path} has {pages} pages; say which one in the column 'page' of the pair table."
            )
        if page is not None and page >= pages:
            raise InputError(
                f"{path} has {pages} pages, counted from 0, but page {page} is asked; correct the "
                "column 'page' of the pair table."
            )
        chosen = tiff.pages[page or 0]
        return Image(chosen.asarray(), _pixel_size_um(tiff, chosen))


def _read(path: Path) -> Image:
    from skimage.io import imread

    with path.open("rb") as file:
        return Image(np.asarray(imread(file)), None)


def _pixel_size_um(tiff: tifffile.TiffFile, page: Any) -> float | None:
    """Return the pixel's width as the file's OME or ImageJ metadata tell it, or None."""
    if tiff.is_ome:
        return physical_size_um(ome_pixels(tiff), "X")
    return imagej_size_um(tiff, page, "X")


def ome_pixels(tiff: tifffile.TiffFile) -> Mapping[str, Any]:
    """Return the attributes and channels of the first image of an OME-TIFF."""
    image = tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"]
    return (image[0] if isinstance(image, list) else image)["Pixels"]


def physical_size_um(pixels: Mapping[str, Any], axis: str) -> float | None:
    """Return an OME image's distance of neighbours along X, Y or Z, or None if it is not told."""
    size = pixels.get(f"PhysicalSize{axis}")
    per_um = _UNITS_PER_UM.get(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
    return float(size) / per_um if size and per_um else None


def imagej_size_um(tiff: tifffile.TiffFile, page: Any, axis: str) -> float | None:
    """Return an ImageJ TIFF's distance of neighbours along X, Y or Z, or None if it is not told."""
    told = tiff.imagej_metadata or {}
    per_um = _UNITS_PER_UM.get(told.get("unit", ""))
    if axis == "Z":
        return told["spacing"] / per_um if per_um and told.get("spacing") else None
    resolution = page.tags.get(f"{axis}Resolution")
    if per_um is None or resolution is None or resolution.value[0] == 0:
        return None
    pixels, units = resolution.value
    return units / pixels / per_um


def count_pages(path: str | Path) -> int:
    """Count the pages of an image file from its headers.

    Raises
    ------
    InputError
        If a TIFF cannot be read, or holds more images than pages, as ImageJ writes stacks of more
        than 4 GB.
    """
    if Path(path).suffix.lower() not in TIFF:
        return 1
    try:
        with tifffile.TiffFile(path) as tiff:
            pages = len(tiff.pages)
            images = (tiff.imagej_metadata or {}).get("images", pages)
    except Exception as error:
        raise InputError(
            f"{path} cannot be read as an image ({error}); it may be damaged or cut short."
        ) from error
    if images > pages:
        raise InputError(
            f"{path} holds {images} images in a single page, as ImageJ writes stacks of more than "
            "4 GB; save it in smaller parts, or as a BigTIFF."
        )
    return pages


def write_image(
    path: str | Path, pixels: np.ndarray, *, pixel_size_um: float | None, axes: str = "YX"
) -> None:
    """Write an image as a TIFF that ImageJ opens with its axes and pixel size.

    Parameters
    ----------
    path
        Where to write.
    pixels
        8- or 16-bit unsigned integers, or float32.
    pixel_size_um
        Side of a pixel in micrometres; None where it is not known.
    axes
        One letter per dimension of `pixels`, as in ``TYX``.
    """
    options: dict[str, Any] = {"imagej": True, "metadata": {"axes": axes}, "compression": "zlib"}
    if pixel_size_um is not None:
        options["resolution"] = (1 / pixel_size_um, 1 / pixel_size_um)
        options["metadata"]["unit"] = "um"
    with replacing(path) as temporary:
        tifffile.imwrite(temporary, pixels, **options)


def create_array(path: str | Path, *, shape: tuple[int, ...]) -> np.memmap:
    """Create a float32 array in an .npy file, to be filled in place.

    Its space is claimed at once, where the system can, since a disk that fills up later would kill
    the process.

    Raises
    ------
    OSError
        If the disk has not that much space left.
    """
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    claim_space(path)
    return array


def claim_space(path: str | Path) -> None:
    """Claim the disk's space for all of a file that has a length, but holes in place of bytes."""
    if hasattr(os, "posix_fallocate"):  # macOS has none.
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, os.path.getsize(path))


def pixels_sha256(pixels: np.ndarray) -> str:
    """Return the sha256 of an image's shape, kind and values, whatever file it lies in."""
    header = f"{pixels.shape} {pixels.dtype}".encode()
    return hashlib.sha256(header + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def write_table(path: str | Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the same columns as tab-separated values; numbers keep every digit."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_table(path: str | Path) -> list[dict[str, str]]:
    """Read tab-separated values with a header line; every value is a string."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file, delimiter="\t", strict=True))
    except FileNotFoundError as error:
        raise InputError(f"The table {path} does not exist.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"The table {path} cannot be read ({error}); save it as tab-separated text in UTF-8."
        ) from error


def write_json(path: str | Path, content: Any) -> None:
    """Write a card as indented JSON."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Read a card."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_text(path: str | Path, text: str) -> None:
    """Write text in UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")

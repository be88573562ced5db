"""Image input and output: one grey image read from a TIFF or PNG, or written as a TIFF."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from denoisekit._checks import shape_text
from denoisekit.errors import InputError
from denoisekit.files import replacing
from denoisekit.images.metadata import imagej_size_um, ome_pixels, physical_size_um

Region = tuple[slice, ...]
TIFF = (".tif", ".tiff")


@dataclass(frozen=True)
class Image:
    """Pixels of one grey image, (Y, X) or (Z, Y, X), and the side of a pixel in micrometres."""

    pixels: np.ndarray
    pixel_size_um: float | None


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


def pixels_sha256(pixels: np.ndarray) -> str:
    """Return the sha256 of an image's shape, kind and values, whatever file it lies in."""
    header = f"{pixels.shape} {pixels.dtype}".encode()
    return hashlib.sha256(header + np.ascontiguousarray(pixels).tobytes()).hexdigest()

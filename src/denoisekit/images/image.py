"""One grey image: its pixels and the size of a pixel, written as a TIFF."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from denoisekit.files import replacing

_VOLUME_AXES = 3


@dataclass(frozen=True)
class Image:
    """Pixels of one grey image, (Y, X) or (Z, Y, X), and the side of a pixel in micrometres.

    Of a volume, `spacing_um` is how far its planes lie apart.
    """

    pixels: np.ndarray
    pixel_size_um: float | None
    spacing_um: float | None = None


def plane_of(pixels: np.ndarray) -> np.ndarray:
    """Return the middle plane of a volume, (Z, Y, X), or a single plane, (Y, X), as it is."""
    return pixels[len(pixels) // 2] if pixels.ndim == _VOLUME_AXES else pixels


def projected(pixels: np.ndarray) -> np.ndarray:
    """Return a volume's mean along z, (Y, X), or a single plane as it is."""
    return pixels.mean(axis=0, dtype=np.float64) if pixels.ndim == _VOLUME_AXES else pixels


def write_image(
    path: str | Path,
    pixels: np.ndarray,
    *,
    pixel_size_um: float | None,
    spacing_um: float | None = None,
    axes: str = "YX",
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
    spacing_um
        Distance of the planes of a volume in micrometres; None where it is not known.
    axes
        One letter per dimension of `pixels`, as in ``TYX``.
    """
    options: dict[str, Any] = {"imagej": True, "metadata": {"axes": axes}, "compression": "zlib"}
    if pixel_size_um is not None:
        options["resolution"] = (1 / pixel_size_um, 1 / pixel_size_um)
        options["metadata"]["unit"] = "um"
    if spacing_um is not None:
        options["metadata"] |= {"spacing": spacing_um, "unit": "um"}
    with replacing(path) as temporary:
        tifffile.imwrite(temporary, pixels, **options)


def pixels_sha256(pixels: np.ndarray) -> str:
    """Return the sha256 of an image's shape, kind and values, whatever file it lies in."""
    header = f"{pixels.shape} {pixels.dtype}".encode()
    return hashlib.sha256(header + np.ascontiguousarray(pixels).tobytes()).hexdigest()

"""Image metadata: distances of pixels, planes and frames, as OME and ImageJ tell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tifffile

_UNITS_PER_UM = {
    **dict.fromkeys(("um", "micron", "microns", "µm", "μm", "\\u00b5m"), 1.0),
    **{"nm": 1e3, "mm": 1e-3, "cm": 1e-4, "m": 1e-6},
}


def ome_pixels(tiff: tifffile.TiffFile) -> Mapping[str, Any]:
    """Return the attributes and channels of the first image of an OME-TIFF."""
    image = tifffile.xml2dict(tiff.ome_metadata or "")["OME"]["Image"]
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


_SECONDS = {"s": 1.0, "ms": 1e-3, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Scale:
    """What a file tells of its axes, None where it does not.

    Attributes
    ----------
    height_um, width_um
        Sides of a pixel along Y and X.
    spacing_um
        Distance of two planes along Z.
    interval_s
        Time from one frame to the next.
    channels
        Their names.
    """

    height_um: float | None = None
    width_um: float | None = None
    spacing_um: float | None = None
    interval_s: float | None = None
    channels: tuple[str, ...] | None = None


def ome_scale(tiff: tifffile.TiffFile) -> Scale:
    """Return the scale that an OME-TIFF tells."""
    pixels = ome_pixels(tiff)
    channels = pixels.get("Channel") or []
    names = [part.get("Name") for part in (channels if isinstance(channels, list) else [channels])]
    interval = pixels.get("TimeIncrement")
    seconds = _SECONDS.get(pixels.get("TimeIncrementUnit", "s"))
    height, width, spacing = (physical_size_um(pixels, axis) for axis in "YXZ")
    return Scale(
        height,
        width,
        spacing,
        float(interval) * seconds if interval and seconds else None,
        tuple(map(str, names)) if names and None not in names else None,
    )


def imagej_scale(tiff: tifffile.TiffFile) -> Scale:
    """Return the scale that an ImageJ TIFF tells."""
    height, width, spacing = (imagej_size_um(tiff, tiff.pages[0], axis) for axis in "YXZ")
    return Scale(height, width, spacing, (tiff.imagej_metadata or {}).get("finterval"))

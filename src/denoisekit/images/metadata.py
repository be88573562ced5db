"""Image metadata: distances of pixels, planes and frames, as files tell them."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import tifffile

from denoisekit.errors import InputError

Document = Mapping[str, Any]

_UM = {
    **dict.fromkeys(("um", "micron", "micrometer", "micrometre", "mu", "mum"), 1.0),
    **dict.fromkeys(("nm", "nanometer", "nanometre"), 1e-3),
    **dict.fromkeys(("pm", "picometer", "picometre"), 1e-6),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), 1e3),
    **dict.fromkeys(("cm", "centimeter", "centimetre"), 1e4),
    **dict.fromkeys(("dm", "decimeter", "decimetre"), 1e5),
    **dict.fromkeys(("m", "meter", "metre"), 1e6),
    **dict.fromkeys(("inch", "inche", "in", '"'), 25400.0),
    **dict.fromkeys(("angstrom", "ångström", "ångstrom", "å", "ang"), 1e-4),
}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond"), 1e-3),
    **dict.fromkeys(("us", "usec", "microsecond"), 1e-6),
    **dict.fromkeys(("ns", "nanosecond"), 1e-9),
    **dict.fromkeys(("min", "minute"), 60.0),
    **dict.fromkeys(("h", "hr", "hour"), 3600.0),
    **dict.fromkeys(("d", "day"), 86400.0),
}
# What says that no length is known, and is no unit that someone would have to look after.
_NO_UNIT = {"", "pixel", "px", "reference frame", "referenceframe", "null", "none"}
# Numbers by which a part of an OME image tells where its planes lie.
_PLACES = ("IFD", "PlaneCount", "NumPlanes", "FirstZ", "FirstC", "FirstT")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)


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
    colours
        Theirs, as OME's signed RGBA numbers.
    unknown
        Units that are written in the file and mean nothing here: their lengths are not told.
    """

    height_um: float | None = None
    width_um: float | None = None
    spacing_um: float | None = None
    interval_s: float | None = None
    channels: tuple[str, ...] | None = None
    colours: tuple[int, ...] | None = None
    unknown: tuple[str, ...] = field(default=(), compare=False)

    def of_channel(self, number: int) -> "Scale":
        """Return the scale of one channel alone."""
        return replace(
            self,
            channels=None if self.channels is None else (self.channels[number],),
            colours=None if self.colours is None else (self.colours[number],),
        )


class _Lengths:
    """Lengths brought to one unit; units that are not known are remembered."""

    def __init__(self) -> None:
        self.unknown: dict[str, None] = {}

    def um(self, size: Any, unit: Any) -> float | None:
        """Return a length in micrometres, None if there is none or its unit is not known."""
        return self._in(_UM, size, unit)

    def seconds(self, time: Any, unit: Any) -> float | None:
        """Return a time in seconds, likewise."""
        return self._in(_SECONDS, time, unit)

    def _in(self, units: Mapping[str, float], size: Any, unit: Any) -> float | None:
        name = unit_name(unit)
        try:
            length = float(size)
        except (TypeError, ValueError):
            return None
        if not 0 < length < float("inf") or name in _NO_UNIT:
            return None
        if name not in units:
            self.unknown[str(unit)] = None
            return None
        # A quotient where it is exact, as 100 nm are 0.1 um.
        per_unit = units[name]
        return length * per_unit if per_unit >= 1 else length / round(1 / per_unit)


def unit_name(unit: Any) -> str:
    r"""Return a unit's name as it is looked up, however it is spelt.

    Escaped characters (``\u00B5m``) and both micro signs become letters, plurals singulars.
    """
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(unit or "")).strip().lower()
    text = text.replace("µ", "u").replace("μ", "u").replace("\xe2u", "u")
    return text[:-1] if len(text) > 2 and text.endswith("s") else text


def ome_document(tiff: tifffile.TiffFile) -> Document:
    """Return what an OME-TIFF's XML holds below its root."""
    return tifffile.xml2dict(tiff.ome_metadata or "")["OME"]


def ome_images(document: Document) -> list[Document]:
    """Return the images of an OME document, in its order."""
    return _listed(document.get("Image"))


def ome_files(image: Document) -> list[str]:
    """Return the names of the files that an OME image's planes lie in, if it names any."""
    parts = _listed(image["Pixels"].get("TiffData"))
    uuids = (part.get("UUID") for part in parts if isinstance(part, Mapping))
    named = (uuid.get("FileName") for uuid in uuids if isinstance(uuid, Mapping))
    return list(dict.fromkeys(str(name) for name in named if name))


def ome_planes(image: Document) -> int:
    """Return the largest number of planes that any part of an OME image's description tells of."""
    pixels = image["Pixels"]
    parts = [part for part in _listed(pixels.get("TiffData")) if isinstance(part, Mapping)]
    told = [int(part.get(name, 0)) for part in parts for name in _PLACES]
    return max([math.prod(int(pixels.get(f"Size{axis}", 1)) for axis in "ZCT"), *told])


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else [found]


def ome_scale(image: Document) -> Scale:
    """Return the scale that an OME image tells."""
    pixels, lengths = image["Pixels"], _Lengths()
    height, width, spacing = (
        lengths.um(pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        for axis in "YXZ"
    )
    channels = _listed(pixels.get("Channel"))
    names = [channel.get("Name") for channel in channels]
    colours = [channel.get("Color") for channel in channels]
    return Scale(
        height,
        width,
        spacing,
        lengths.seconds(pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit", "s")),
        tuple(map(str, names)) if names and None not in names else None,
        tuple(map(int, colours)) if colours and None not in colours else None,
        tuple(lengths.unknown),
    )


def tiff_scale(tiff: tifffile.TiffFile) -> Scale:
    """Return the scale that a TIFF of ImageJ, MetaMorph or Zeiss tells; of others none is known."""
    if tiff.lsm_metadata:
        return _lsm_scale(tiff.lsm_metadata)
    if tiff.is_stk and tiff.stk_metadata:
        return _stk_scale(tiff.stk_metadata)
    return _imagej_scale(tiff)


def _imagej_scale(tiff: tifffile.TiffFile) -> Scale:
    told, lengths = tiff.imagej_metadata or {}, _Lengths()
    units = {
        "X": told.get("unit"),
        "Y": told.get("yunit", told.get("unit")),
        "Z": told.get("zunit", told.get("unit")),
    }

    def side(axis: str) -> float | None:
        resolution = tiff.pages.first.tags.get(f"{axis}Resolution")
        if resolution is None or 0 in resolution.value:
            return None
        pixels, length = resolution.value
        return lengths.um(length / pixels, units[axis])

    return Scale(
        side("Y"),
        side("X"),
        lengths.um(told.get("spacing"), units["Z"]),
        lengths.seconds(told.get("finterval"), told.get("tunit", "s")),
        unknown=tuple(lengths.unknown),
    )


def _lsm_scale(told: Mapping[str, Any]) -> Scale:
    lengths = _Lengths()
    height, width, spacing = (lengths.um(told.get(f"VoxelSize{axis}"), "m") for axis in "YXZ")
    names = (told.get("ChannelColors") or {}).get("ColorNames")
    return Scale(
        height,
        width,
        spacing,
        lengths.seconds(told.get("TimeIntervall"), "s"),
        tuple(map(str, names)) if names else None,
    )


def _stk_scale(told: Mapping[str, Any]) -> Scale:
    lengths, unit = _Lengths(), told.get("CalibrationUnits", "")
    height, width = (lengths.um(told.get(f"{axis}Calibration"), unit) for axis in "YX")
    return Scale(height, width, unknown=tuple(lengths.unknown))


def bioio_scale(image: Any) -> Scale:
    """Return the scale that an image opened by bioio tells."""
    lengths = _Lengths()
    sizes, properties = image.physical_pixel_sizes, image.dimension_properties

    def unit(axis: str, otherwise: str) -> Any:
        return getattr(getattr(properties, axis, None), "unit", None) or otherwise

    height, width, spacing = (lengths.um(getattr(sizes, axis), unit(axis, "µm")) for axis in "YXZ")
    interval: Any = image.time_interval
    if hasattr(interval, "total_seconds"):
        seconds = lengths.seconds(interval.total_seconds(), "s")
    else:
        seconds = lengths.seconds(interval, unit("T", "s"))
    names = tuple(map(str, image.channel_names or ())) or None
    return Scale(height, width, spacing, seconds, names, unknown=tuple(lengths.unknown))


def numbered(names: Sequence[str]) -> str:
    """Return a list to choose from, each by its number from 0 and its name."""
    return ", ".join(
        f"{number} ({name})" if name else str(number) for number, name in enumerate(names)
    )


def chosen(wanted: str | int, names: Sequence[str], *, what: str, where: str) -> int:
    """Return the number of a channel or a scene that is given by its name or its number.

    Parameters
    ----------
    wanted
        A name, or a number counted from 0. A name that is itself a number wins.
    names
        Of all there are; empty texts for those without a name.
    what, where
        ``channel`` or ``scene``, and the file, for an error.

    Raises
    ------
    InputError
        If there is none of that name or number, or several of that name.
    """
    same = [number for number, name in enumerate(names) if name and name == str(wanted)]
    if len(same) == 1:
        return same[0]
    if str(wanted).isdecimal() and int(wanted) < len(names):
        return int(wanted)
    found = "several of that name" if same else "none of that name or number"
    raise InputError(
        f"{where} has no one {what} {wanted!r} ({found}); it has {numbered(names)}. Give one of "
        "these numbers or names."
    )


def notes_on(scale: Scale) -> Iterator[str]:
    """Say what a person should know of a scale: unknown units, and pixels that are oblong."""
    height, width = scale.height_um, scale.width_um
    if height and width and abs(height - width) > 0.01 * width:
        yield f"has pixels of {height:.4g} x {width:.4g} um (Y, X), which are not square"
    for unit in scale.unknown:
        yield (
            f"gives a length in the unit {unit!r}, which is not known here, so that the length is "
            "taken for not told; units are known from pm to m, inch and Angstrom"
        )

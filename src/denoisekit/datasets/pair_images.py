"""Read the images that a row of a pair table names."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from denoisekit._checks import contrast, finite, same_shape
from denoisekit.datasets.pairs import Pair
from denoisekit.errors import InputError
from denoisekit.images.image import Image
from denoisekit.images.reading import open_stack, read_image, read_volume
from denoisekit.images.stacks import Stack
from denoisekit.noise.usable import named, within

_SAME_SIZE = 0.01
_KEPT = (np.uint8, np.uint16, np.float32)


def stack_of(pair: Pair, exposure: str) -> Stack:
    """Return the open stack that the ``low`` or the ``high`` exposure of a pair is a plane of."""
    file = pair.low if exposure == "low" or pair.high is None else pair.high
    unnamed = "Z" if pair.series == "z-stack" or pair.is_volume else "T"
    stack = open_stack(file, unnamed=unnamed, channel=pair.channel, scene=pair.scene)
    return stack.grey(how="as 'channel' of the data set or of its row in the pair table")


def read_pair(
    pair: Pair, *, outside: Sequence[float | str] | None = None
) -> tuple[Image, Image | None]:
    """Read the low and, where there is a truth, the high exposure of a pair.

    A high exposure of a single page, or volume, belongs to every one of the low one. Pixels are 8-
    or 16-bit unsigned integers, or float32, to which all other kinds are converted. Values named
    `outside` of the field (as `denoisekit.noise.usable.find` takes them) may be NaN.

    Raises
    ------
    InputError
        If either cannot be read, is not grey or not finite, or float32 does not hold its contrast,
        or their shapes differ, or how far their planes lie apart.
    """
    low = _read_sound(pair, "low", pair.low, pair.page, outside)
    if pair.high is None:
        return low, None
    # A single page is the truth of all pages of the low exposure.
    stack = stack_of(pair, "high")
    alone = (stack.side("T") if pair.is_volume else stack.planes) == 1
    high = _read_sound(pair, "high", pair.high, None if alone else pair.page, outside)
    names = (f"The low exposure of {pair.image!r} ({pair.low})", f"its high exposure ({pair.high})")
    same_shape(low.pixels, high.pixels, names=names)
    _same_spacing(low, high, names)
    return low, high


def _same_spacing(low: Image, high: Image, names: tuple[str, str]) -> None:
    one, other = low.spacing_um, high.spacing_um
    if one and other and abs(one - other) > _SAME_SIZE * other:
        raise InputError(
            f"{names[0]} tells that its planes lie {one:.4g} um apart, but {names[1]} {other:.4g} "
            "um; a pair shows one volume, so correct the file that is wrong."
        )


def _read_sound(
    pair: Pair,
    exposure: str,
    file: str,
    page: int | None,
    outside: Sequence[float | str] | None,
) -> Image:
    where: dict[str, Any] = {"region": pair.region, "channel": pair.channel, "scene": pair.scene}
    if pair.is_volume:
        image = read_volume(file, number=page, **where)
    else:
        image = read_image(file, page=page, **where)
    return sound(image, name=f"The {exposure} exposure of {pair.image!r} ({file})", outside=outside)


def sound(image: Image, *, name: str, outside: Sequence[float | str] | None = None) -> Image:
    """Return an image in one of the kinds of numbers that registered images have.

    Raises
    ------
    InputError
        If it is not finite but for values named `outside`, or float32 does not hold its contrast.
    """
    shown = within(image.pixels, ~named(image.pixels, outside))
    finite(shown, name=name)
    if image.pixels.dtype in _KEPT:
        return image
    contrast(shown, name=name)
    return replace(image, pixels=image.pixels.astype(np.float32))

"""Compress pictures as WebP, so that the page stays small enough to be sent."""

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from PIL import Image

from denoisekit.streaming import in_order

_HEAVY_BYTES = 400_000
# One picture in so many tells how large all become, and how far beyond a limit that must be.
_SAMPLED = 6
_SURELY = 1.3


@dataclass(frozen=True)
class Packed:
    """A picture as an address that holds it, and its size in pixels."""

    source: str
    width: int
    height: int


@dataclass(frozen=True)
class Step:
    """One way of packing.

    Attributes
    ----------
    quality
        WebP's quality, or None for a copy without loss.
    size
        The sides of the packed picture in fractions of the given one's.
    cut
        Whether smaller pictures are the middle of the given ones, rather than reduced copies.
    """

    quality: int | None
    size: float = 1
    cut: bool = False


FIGURE_STEPS = tuple(Step(*step) for step in ((88,), (75,), (60,), (60, 0.7), (60, 0.5), (60, 0.3)))
SCENE_STEPS = tuple(
    Step(quality, size, cut=True)
    for quality, size in (
        *((None, 1), (92, 1), (85, 1), (75, 1), (60, 1)),
        *((60, 0.75), (60, 0.5), (60, 0.25), (50, 0.125)),
    )
)


def pack(png: bytes, step: Step) -> Packed:
    """Pack a picture as WebP."""
    # Less effort than WebP's usual one: half the time for 3 % more bytes.
    options = {"lossless": True} if step.quality is None else {"quality": step.quality, "method": 2}
    with Image.open(io.BytesIO(png)) as image:
        shown = image.convert("RGB")
    if step.size < 1:
        width, height = (max(1, round(side * step.size)) for side in shown.size)
        left, top = (shown.width - width) // 2, (shown.height - height) // 2
        shown = (
            shown.crop((left, top, left + width, top + height))
            if step.cut
            else shown.resize((width, height), Image.Resampling.LANCZOS)
        )
    buffer = io.BytesIO()
    shown.save(buffer, "WEBP", **options)
    address = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
    return Packed(address, *shown.size)


def pack_figure(png: bytes, step: Step) -> Packed:
    """Pack a figure: at its full size without loss, unless it is heavy."""
    light = len(png) < _HEAVY_BYTES and step.size == 1
    return _pack_light(png) if light else pack(png, step)


# A light figure is the same at every step.
@lru_cache(maxsize=128)
def _pack_light(png: bytes) -> Packed:
    return pack(png, Step(None))


def pack_within(
    pictures: Mapping[Any, bytes],
    *,
    steps: Sequence[Step],
    limit_bytes: int,
    packing: Callable[[bytes, Step], Packed],
    threads: int = 1,
) -> tuple[dict[Any, Packed], Step]:
    """Pack pictures by the first step at which all of them together are within a limit.

    As many as there are `threads` are packed at a time. A step by which a sample of the pictures
    becomes far too large is left out. Returns the packed pictures and the step that was taken: the
    last one if none is enough.
    """
    sample = dict(list(pictures.items())[::_SAMPLED])
    share = sum(map(len, sample.values())) / max(sum(map(len, pictures.values())), 1)
    for step in steps[:-1]:
        if _pack_all(sample, step, packing, _SURELY * share * limit_bytes, threads) is None:
            continue
        packed = _pack_all(pictures, step, packing, limit_bytes, threads)
        if packed is not None:
            return packed, step
    whole = _pack_all(pictures, steps[-1], packing, math.inf, threads)
    return whole or {}, steps[-1]


def _pack_all(
    pictures: Mapping[Any, bytes],
    step: Step,
    packing: Callable[[bytes, Step], Packed],
    limit_bytes: float,
    threads: int,
) -> dict[Any, Packed] | None:
    """Return the packed pictures, or None as soon as they are beyond the limit."""
    packed: dict[Any, Packed] = {}
    size = 0
    all_packed = in_order(partial(packing, step=step), pictures.values(), threads=threads)
    for name, each in zip(pictures, all_packed, strict=True):
        packed[name] = each
        size += len(each.source)
        if size > limit_bytes:
            return None
    return packed

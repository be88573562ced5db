"""Make the pictures of an image that the viewer shows, all of it, before it is cut to views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import _uncertainty_maps
from _shown import Shown
from denoisekit.datasets.registered import read_exposure
from denoisekit.evaluation.display import (
    dark_outside,
    display,
    display_without_truth,
    maps_together,
)
from denoisekit.images.image import Image


@dataclass(frozen=True)
class Pictures:
    """Pictures by name, the short exposure, the window shown, and what is 255 of each map."""

    pictures: dict[str, np.ndarray]
    low: Image
    window: tuple[slice, slice]
    tops: dict[str, float | None]


def make(
    shown: Shown, files: Any, *, settings: Mapping[str, Any], members: Mapping[str, Sequence[str]]
) -> Pictures:
    """Make the pictures of an image; parameters are those of `_viewer.write_scene`."""
    low = read_exposure(files.registered, shown.image, "low")
    noisy, names = dark_outside(low.pixels), [name for name in shown.runs if name != "noisy"]
    restored = ((name, dark_outside(shown.whole(files, name).pixels)) for name in names)
    if files.scores:
        truth = dark_outside(read_exposure(files.registered, shown.image, "high").pixels)
        made = display(truth, noisy, restored, side_px=settings["side_px"])
    else:
        made = display_without_truth(noisy, restored, side_px=settings["side_px"])
    pictures = {f"image-{name}": pixels for name, pixels in made.images.items()}
    pictures |= {f"error-{name}": pixels for name, pixels in made.errors.items()}
    if made.truth is not None:
        pictures["truth"] = made.truth
    found = _uncertainty_maps.read(shown, files, members, level=settings["level"], gains=made.gains)
    tops = {"error": made.error_top}
    for kind, maps in found.items():
        drawn, tops[kind] = maps_together(maps, made.window)
        pictures |= {f"{kind}-{name}": pixels for name, pixels in drawn.items()}
    return Pictures(pictures, low, made.window, tops)

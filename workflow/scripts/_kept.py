"""Write what a network restores of the images kept from its training, beside their truths."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import _kept_images
from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.noise.usable import of_all


def write(
    registered: str,
    folder: Path,
    restore: Callable[[np.ndarray, str], tuple[np.ndarray, np.ndarray]],
    *,
    settings: Mapping[str, Any],
    outside: Sequence[float | str] | None,
    report: Callable[[str], None],
    frames: int,
) -> int:
    """Write the usable pixels of truth, mean and scale of each image; return how many these are.

    `settings` decide which images of the `registered` folder, and how much of their middle;
    `restore` is given so many `frames` around each.
    """
    folder.mkdir(parents=True)
    used = {}
    for pair, low, high, shown in _kept_images.read(registered, settings=settings, frames=frames):
        image = pair.image
        try:
            mean, scale = restore(shown, image)
            usable = of_all([low, high], outside=outside, name=image)
        except InputError as error:
            report(f"{image} does not count: {error}")
            continue
        parts = {"truth": high[usable], "mean": mean[usable], "scale": scale[usable]}
        np.savez(folder / f"{image}.npz", **parts)
        used[image] = pair.field
    files.write_json(folder / "fields.json", used)
    return len(used)

"""Write what a network restores of the images kept from its training, beside their truths."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit import files
from denoisekit.datasets.registered import read_exposure, read_windows, registered_pairs
from denoisekit.errors import InputError
from denoisekit.noise.usable import of_all
from denoisekit.training import patches


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
    pairs = {pair.image: pair for pair in registered_pairs(registered, split="train")}
    images = patches.validation_images(
        list(pairs),
        [pair.field for pair in pairs.values()],
        validation_fraction=settings["validation_fraction"],
        seed=settings["seed"],
        at_most=settings["images"],
    )
    folder.mkdir(parents=True)
    used, readers = {}, read_windows(registered, split="train", frames=frames)
    for image in images:
        low, high = (read_exposure(registered, image, one).pixels for one in ("low", "high"))
        low, high, shown = (
            patches.middle(pixels, settings["side_px"]) for pixels in (low, high, readers[image]())
        )
        try:
            mean, scale = restore(shown, image)
            usable = of_all([low, high], outside=outside, name=image)
        except InputError as error:
            report(f"{image} does not count: {error}")
            continue
        parts = {"truth": high[usable], "mean": mean[usable], "scale": scale[usable]}
        np.savez(folder / f"{image}.npz", **parts)
        used[image] = pairs[image].field
    files.write_json(folder / "fields.json", used)
    return len(used)

"""Read the images that are kept from training, and score what methods restore of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from denoisekit.datasets.registered import read_exposure, registered_pairs
from denoisekit.evaluation.conventions import score
from denoisekit.training import patches


def rows(
    registered: str,
    restore: Callable[[np.ndarray, str, str], np.ndarray],
    *,
    methods: Iterable[str],
    settings: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the PSNR of what methods restore of the middle of each image to validate on.

    Parameters
    ----------
    registered
        Folder of registered pairs.
    restore
        Of an image's pixels, its name and a method, the restored pixels.
    methods
        Their names.
    settings
        What decides which images these are, how many at most, and the longest side in px.
    """
    pairs = registered_pairs(registered, split="train")
    images = patches.validation_images(
        [pair.image for pair in pairs],
        [pair.field for pair in pairs],
        validation_fraction=settings["validation_fraction"],
        seed=settings["seed"],
        at_most=settings["images"],
    )
    found = []
    for image in images:
        low, high = (
            patches.middle(read_exposure(registered, image, exposure).pixels, settings["side_px"])
            for exposure in ("low", "high")
        )
        for method in methods:
            restored = restore(low, image, method)
            psnr = score(high, restored, low=low, convention="care")["psnr"]
            found.append({"method": method, "image": image, "psnr": psnr})
    return found

"""Read the images that are kept from training, and score what methods restore of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from denoisekit.datasets.registered import read_exposure, registered_pairs
from denoisekit.errors import InputError
from denoisekit.evaluation.conventions import score_all
from denoisekit.training import patches


def rows(
    registered: str,
    restore: Callable[[np.ndarray, str, str], np.ndarray],
    *,
    methods: Iterable[str],
    settings: Mapping[str, Any],
    outside: Sequence[float | str] | None,
    report: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Return the PSNR of what methods restore of the middle of each image to validate on.

    It is NaN, and `report` is told why, where a method cannot restore it or it shows nothing.
    `restore` takes pixels, the image's name and the method; `settings` decide which images of the
    `registered` folder these are, how many at most, and the longest side in px.
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
            try:
                restored = restore(low, image, method)
                scores = score_all(high, restored, low=low, conventions=["care"], outside=outside)
                psnr = scores["care"]["psnr"]
            except InputError as error:
                psnr = float("nan")
                report(f"{image} does not count for {method}: {error}")
            found.append({"method": method, "image": image, "psnr": psnr})
    return found

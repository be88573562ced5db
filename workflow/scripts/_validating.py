"""Read the images that are kept from training, and score what methods restore of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from denoisekit.datasets.registered import read_exposure, read_windows, registered_pairs
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
    frames: int = 1,
) -> list[dict[str, Any]]:
    """Return the PSNR of what methods restore of the middle of each image to validate on.

    It is NaN, and `report` is told why, where a method cannot restore it or it shows nothing.
    `restore` takes pixels, the image's name and the method; `settings` decide which images of the
    `registered` folder these are, how many at most, and the longest side in px. It is given so many
    `frames` around each.
    """
    pairs = registered_pairs(registered, split="train")
    images = patches.validation_images(
        [pair.image for pair in pairs],
        [pair.field for pair in pairs],
        validation_fraction=settings["validation_fraction"],
        seed=settings["seed"],
        at_most=settings["images"],
    )
    found, readers = [], read_windows(registered, split="train", frames=frames)
    for image in images:
        low, high = (read_exposure(registered, image, one).pixels for one in ("low", "high"))
        low, high, shown = (
            patches.middle(pixels, settings["side_px"]) for pixels in (low, high, readers[image]())
        )
        for method in methods:
            try:
                restored = restore(shown, image, method)
                scores = score_all(high, restored, low=low, conventions=["care"], outside=outside)
                psnr = scores["care"]["psnr"]
            except InputError as error:
                psnr = float("nan")
                report(f"{image} does not count for {method}: {error}")
            found.append({"method": method, "image": image, "psnr": psnr})
    return found

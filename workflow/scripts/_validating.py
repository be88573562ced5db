"""Score what methods restore of the images that are kept from training."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import _kept_images
from denoisekit.errors import InputError
from denoisekit.evaluation.conventions import score_all


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
    found = []
    for pair, low, high, shown in _kept_images.read(registered, settings=settings, frames=frames):
        image = pair.image
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

"""Read the images that are kept from training: their middle, and the frames around it."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import read_exposure, read_windows, registered_pairs
from denoisekit.training import patches


def read(
    registered: str, *, settings: Mapping[str, Any], frames: int
) -> Iterator[tuple[Pair, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield each one's pair, low and high exposure, and what a network is given to restore it.

    `settings` decide which images of the `registered` folder these are, how many at most, and the
    longest side in px; a network is given so many `frames` around each.
    """
    pairs = {pair.image: pair for pair in registered_pairs(registered, split="train")}
    images = patches.validation_images(
        list(pairs),
        [pair.field for pair in pairs.values()],
        validation_fraction=settings["validation_fraction"],
        seed=settings["seed"],
        at_most=settings["images"],
    )
    readers = read_windows(registered, split="train", frames=frames)
    for image in images:
        low, high = (read_exposure(registered, image, one).pixels for one in ("low", "high"))
        parts = (
            patches.middle(part, settings["side_px"]) for part in (low, high, readers[image]())
        )
        yield pairs[image], *parts

"""Read the images of a test set, and write what becomes of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from denoisekit.datasets import pairs
from denoisekit.datasets.registered import read_exposure, registered_pairs
from denoisekit.images.image import Image, write_image
from denoisekit.streaming import in_order


def restore_all(
    registered: str,
    output: str,
    *,
    restore: Callable[[np.ndarray, str], dict[str, np.ndarray]],
    pixel_size_um: float,
) -> Iterator[str]:
    """Restore every image, and yield its name; the next is read while one is being restored.

    Parameters
    ----------
    registered
        Folder of registered pairs.
    output
        Folder to write to.
    restore
        Of an image's pixels and name, what to write, by the folder below the output: "" for the
        restored image itself.
    pixel_size_um
        Where a file does not tell its own.
    """

    def read(pair: pairs.Pair) -> tuple[str, Image]:
        return pair.image, read_exposure(registered, pair.image, "low")

    def restored() -> Iterator[tuple[str, Image, dict[str, np.ndarray]]]:
        images = registered_pairs(registered, split="test")
        for name, low in in_order(read, images, threads=1):
            yield name, low, restore(low.pixels, name)

    def write(item: tuple[str, Image, dict[str, np.ndarray]]) -> str:
        name, low, parts = item
        size = low.pixel_size_um or pixel_size_um
        for folder, pixels in parts.items():
            write_image(Path(output, folder, f"{name}.tif"), pixels, pixel_size_um=size)
        return name

    yield from in_order(write, restored(), threads=1)

"""Read the images of a test set, and write what becomes of them."""

from collections.abc import Callable, Iterator

import numpy as np

from denoisekit.datasets.registered import read_windows, restored_to
from denoisekit.streaming import in_order


def restore_all(
    registered: str,
    output: str,
    *,
    restore: Callable[[np.ndarray, str], dict[str, np.ndarray]],
    pixel_size_um: float,
    z_spacing_um: float | None,
    frames: int = 1,
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
    pixel_size_um, z_spacing_um
        Where a file does not tell its own.
    frames
        How many frames around one `restore` is given, itself in the middle.
    """
    readers = read_windows(registered, split="test", frames=frames)

    def read(image: str) -> tuple[str, np.ndarray]:
        return image, readers[image]()

    def restored() -> Iterator[tuple[str, dict[str, np.ndarray]]]:
        for name, pixels in in_order(read, list(readers), threads=1):
            yield name, restore(pixels, name)

    sizes = {"pixel_size_um": pixel_size_um, "z_spacing_um": z_spacing_um}
    with restored_to(output, registered=registered, **sizes) as put:

        def write(item: tuple[str, dict[str, np.ndarray]]) -> str:
            name, parts = item
            for folder, pixels in parts.items():
                put(name, pixels, folder)
            return name

        yield from in_order(write, restored(), threads=1)

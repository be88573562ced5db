"""Read sections along z of the image that a figure shows."""

from typing import Any

from _shown import Shown
from denoisekit.datasets.registered import read_exposure
from denoisekit.evaluation.display import Sections, sections


def read(
    shown: Shown, files: Any, window: tuple[slice, slice], *, truth: bool, spacing_um: float | None
) -> Sections | None:
    """Return sections through a window of every method's image and, if asked, of the truth.

    None of planes. `files` names the folders.
    """
    volumes = [shown.whole(files, method) for method in shown.runs]
    if truth:
        volumes.append(read_exposure(files.registered, shown.image, "high"))
    return sections(volumes, window, spacing_um=spacing_um, pixel_size_um=shown.pixel_size_um)

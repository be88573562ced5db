"""Classical filters, one module each, found by the name the config uses.

A filter module has ``restore(image, **options)``, which returns a `Filtered`. No filter is told the
truth or a strength: each chooses its strength for each image from the image alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit import _registry
from denoisekit._checks import contrast
from denoisekit.errors import InputError
from denoisekit.filters._calibration import Filtered
from denoisekit.images.sparse import Sparse
from denoisekit.noise import usable

__all__ = ["Filtered", "get", "names"]

_FOLDER = str(Path(__file__).parent)


def names() -> list[str]:
    """Return the names of all filters."""
    return _registry.names(_FOLDER)


def get(name: str) -> Callable[..., Filtered]:
    """Return a filter by its name: a function of an image and the filter's options.

    It also takes ``aspect``, how many pixels the planes of a volume lie apart, ``pixel_size_um``,
    the side of a pixel, and ``sparse``, the planes of a stack that is to be restored between them,
    which filters that have no use for them are not told, and ``outside``, the values of pixels
    outside of the field, as `denoisekit.noise.usable.find` does. These come back as they are. Hot
    and dead pixels are filtered as what they are repaired to, so that they do not spread, but come
    back from the filter that does nothing.

    Raises
    ------
    InputError
        If there is no such filter or, when it is called, if its options are not those it has, or
        float32 does not hold the image's contrast.
    """
    restore = _registry.load(__name__, _FOLDER, name, kind="filter").restore

    @wraps(restore)
    def checked(
        image: np.ndarray,
        *,
        outside: Sequence[float | str] | None = None,
        aspect: float | None = None,
        pixel_size_um: float | None = None,
        sparse: Sparse | None = None,
        **options: Any,
    ) -> Filtered:
        given = {"aspect": aspect, "pixel_size_um": pixel_size_um, "sparse": sparse}
        for key, value in given.items():
            if value is not None and key in signature(restore).parameters:
                options[key] = value
        try:
            signature(restore).bind(image, **options)
        except TypeError as error:
            raise InputError(
                f"The filter {name} cannot be run with the options {options}: {error}."
            ) from error
        contrast(image, name="The image to restore")
        found = usable.find(image, outside=outside, name="The image to restore")
        if not found.any:
            return restore(image, usable=~found.outside, **options)
        filtered = restore(usable.repaired(image, found), usable=~found.outside, **options)
        kept = found.mask if name == "noisy" else found.outside
        return replace(filtered, pixels=usable.put_back(filtered.pixels, image, kept))

    return checked

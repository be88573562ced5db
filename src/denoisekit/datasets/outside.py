"""Restored images from outside of a study: found by image, checked against what they are made of.

An image may lie in a file of its name, or as a page in the file of its stack, as in the folders
that `denoisekit.datasets.registered.restored_to` writes.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from denoisekit._checks import contrast, finite, not_constant, shape_text
from denoisekit.datasets.registered import read_exposure, registered_pairs, tested_place
from denoisekit.errors import InputError
from denoisekit.images.reading import open_stack, read_image

# Images are compared at this size: enough to tell scenes apart, and their noise is averaged.
_SMALL = 32
# Another input must be so much more alike; frames of a movie are nearly as alike as each other.
_MUCH_MORE = 0.2
_FEW_NAMES = 5


def find(
    registered: str | Path, file_of: Callable[[str], Path], *, method: str
) -> dict[str, tuple[Path, int | None]]:
    """Find the file of every test image, and its page in a stack's.

    Parameters
    ----------
    registered
        Folder of registered pairs.
    file_of
        Of the name of an image or a stack, where it should lie.
    method
        What to call these images' method in an error.

    Raises
    ------
    InputError
        If an image is missing, or a stack has another number of pages than test images.
    """
    found: dict[str, tuple[Path, int | None]] = {}
    missing = []
    for pair in registered_pairs(registered, split="test"):
        own, place = file_of(pair.image), tested_place(registered, pair.image)
        if own.is_file():
            found[pair.image] = own, None
        elif place and file_of(place.stack).is_file():
            found[pair.image] = file_of(place.stack), place.plane
            _check_pages(file_of(place.stack), place.planes)
        else:
            missing.append(pair.image)
    if missing:
        shown = ", ".join(missing[:_FEW_NAMES]) + ", ..." * (len(missing) > _FEW_NAMES)
        raise InputError(
            f"The method {method} has no restored image of {len(missing)} of "
            f"{len(found) + len(missing)}: {shown}; that of {missing[0]} should be "
            f"{file_of(missing[0])}."
        )
    return found


def _check_pages(path: Path, planes: int) -> None:
    pages = open_stack(path).planes
    if pages != planes:
        raise InputError(
            f"{path} has {pages} pages, but {planes} images of this stack are tested; restore the "
            "registered stack, page by page."
        )


def read(
    registered: str | Path, image: str, path: Path, page: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Read an image's restored and noisy pixels, which must have one shape.

    Raises
    ------
    InputError
        If the file cannot be read, has another shape, or is constant or not finite where the noisy
        image is.
    """
    low = read_exposure(registered, image, "low").pixels
    pixels = read_image(path, page=page).pixels
    contrast(pixels, name=str(path))
    pixels = pixels.astype(np.float32)
    if pixels.shape != low.shape:
        raise InputError(
            f"{path} is {shape_text(pixels)} pixels, but the registered image {image} is "
            f"{shape_text(low)}; restore {Path(registered, 'low')}, whose images are cut to what "
            "both exposures show."
        )
    seen = pixels[np.isfinite(low)]
    finite(seen, name=str(path))
    not_constant(seen, name=str(path))
    return pixels, low


def units(restored: np.ndarray, noisy: np.ndarray) -> dict[str, float]:
    """Fit ``noisy = gain * restored + offset``, and correlate both.

    Of a restored image in the units of its input the gain is near 1 and the offset near 0, however
    noisy the input is, since its noise averages out. Both are (Y, X).

    Returns
    -------
    dict of str to float
        gain, offset in the noisy image's units, and the correlation, -1 to 1, of both shrunk.
    """
    known = np.isfinite(noisy)
    x, y = (image[known].astype(np.float64) for image in (restored, noisy))
    gain = float(np.mean((x - x.mean()) * (y - y.mean())) / x.var())
    return {
        "gain": gain,
        "offset": float(y.mean() - gain * x.mean()),
        "correlation": float(shrunk(restored) @ shrunk(noisy)),
    }


def shrunk(image: np.ndarray) -> np.ndarray:
    """Return a small version of an image, flat, of mean 0 and norm 1: their products correlate."""
    small = np.nan_to_num(image.astype(np.float64))
    for axis, side in enumerate(image.shape):
        blocks = np.array_split(np.arange(side), min(side, _SMALL))
        small = np.stack([small.take(block, axis).mean(axis) for block in blocks], axis)
    small = small.ravel()
    small -= small.mean()
    return small / (np.linalg.norm(small) or 1.0)


def check_order(
    restored: Mapping[str, np.ndarray], noisy: Mapping[str, np.ndarray], *, method: str
) -> None:
    """Raise InputError if an image is restored from another one's input.

    Both are `shrunk` images by name. Images of like content, as a movie's frames, pass.
    """
    for name, image in restored.items():
        alike = {
            other: float(image @ low) for other, low in noisy.items() if low.size == image.size
        }
        best = max(alike, key=alike.__getitem__)
        if alike[best] > alike[name] + _MUCH_MORE:
            raise InputError(
                f"What the method {method} has as the image {name} is much more like the input "
                f"{best} (correlation {alike[best]:.2f}) than like its own ({alike[name]:.2f}); "
                "give every image the name of what it was restored from."
            )


def units_sentences(rows: Iterable[Mapping[str, str | float]], *, method: str) -> list[str]:
    """Say which images are in other units than their inputs, or hardly like them.

    Parameters
    ----------
    rows
        image, and what `units` returns of it; numbers may be text.
    method
        The method's name.
    """
    rows = list(rows)
    odd = [row for row in rows if not 0.5 <= float(row["gain"]) <= 2]
    unlike = [row for row in rows if float(row["correlation"]) < 0.5]
    said = []
    if odd:
        first = odd[0]
        said.append(
            f"{method} gives {len(odd)} of {len(rows)} images in other units than their inputs' "
            f"({first['image']}: input = {float(first['gain']):.4g} x restored "
            f"{float(first['offset']):+.4g}); scores that fit a gain and an offset allow for it, "
            "others compare the numbers as they are."
        )
    if unlike:
        said.append(
            f"{method} gives {len(unlike)} of {len(rows)} images that are hardly like their inputs "
            f"({unlike[0]['image']}: correlation {float(unlike[0]['correlation']):.2f}); see that "
            "they are not turned, mirrored or of something else."
        )
    return said

"""Labels of the objects in a data set's images: a folder of one label image for each.

``<image>.tif`` holds a whole number per object of the registered image of that name, and 0 where
there is none. Objects are numbered from 1 on, without a gap.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from denoisekit._checks import shape_text
from denoisekit.datasets.pairs import Pair, evenly
from denoisekit.datasets.registered import read_exposure, read_registered
from denoisekit.errors import InputError
from denoisekit.images.image import Image, write_image
from denoisekit.images.reading import open_stack, read_image, read_volume

_MOST_OBJECTS = np.iinfo(np.uint16).max


def write_labels(path: str | Path, labels: np.ndarray, *, like: Image) -> None:
    """Write a label image, (Y, X) or (Z, Y, X), with the pixel size of the image that it is of.

    Raises
    ------
    InputError
        If there are more objects than a TIFF of 16 bit holds.
    """
    names, numbers = np.unique(labels, return_inverse=True)
    numbers = numbers.reshape(labels.shape) + (0 if names[0] == 0 else 1)
    if numbers.max() > _MOST_OBJECTS:
        raise InputError(
            f"{path} would hold {numbers.max()} objects, more than the {_MOST_OBJECTS} that fit; "
            "give labels of fewer."
        )
    write_image(
        path,
        numbers.astype(np.uint16),
        pixel_size_um=like.pixel_size_um,
        spacing_um=like.spacing_um,
        axes="ZYX"[-labels.ndim :],
    )


def read_labels(folder: str | Path, image: str) -> np.ndarray:
    """Read the label image of one image out of a folder, (Y, X) or (Z, Y, X) uint16."""
    return _read(Path(folder, f"{image}.tif"))


def _read(path: Path) -> np.ndarray:
    volume = open_stack(path, unnamed="Z").side("Z") > 1
    return (read_volume if volume else read_image)(path).pixels


def take(
    registered: str | Path, folder: str | Path, *, file_of: Callable[[str], Path], where: str
) -> list[str]:
    """Write the labels that a user has of a data set's registered images into a folder.

    Parameters
    ----------
    registered
        Folder of registered pairs.
    folder
        Where to.
    file_of
        Of an image's name, where its labels lie. Images to train on may have none.
    where
        What to call the place that says so, in an error.

    Returns
    -------
    list of str
        The images that have labels.

    Raises
    ------
    InputError
        If an image to test on has no labels, or labels are not whole numbers, from 0 on, of the
        registered image's shape, or all 0.
    """
    pairs = read_registered(registered)
    missing = [p for p in pairs if p.split == "test" and not file_of(p.image).is_file()]
    if missing:
        raise InputError(
            f"{where} has no labels of {len(missing)} of the images to test on; those of "
            f"{missing[0].image!r} should be {file_of(missing[0].image)}. Label them, or take these"
            " images out of the data set."
        )
    labelled = [pair for pair in pairs if file_of(pair.image).is_file()]
    for pair in labelled:
        low = read_exposure(registered, pair.image, "low")
        labels = _checked(file_of(pair.image), low, Path(registered, "low"))
        write_labels(Path(folder, f"{pair.image}.tif"), labels, like=low)
    return [pair.image for pair in labelled]


def _checked(path: Path, low: Image, registered: Path) -> np.ndarray:
    labels = _read(path)
    if labels.shape != low.pixels.shape:
        raise InputError(
            f"The labels {path} are {shape_text(labels)} pixels, but the registered image is "
            f"{shape_text(low.pixels)}; label the images in {registered}, which are cut to what "
            "both exposures show."
        )
    if not np.all(np.mod(labels, 1) == 0) or labels.min() < 0:
        raise InputError(
            f"The labels {path} are no whole numbers from 0 on; give a number for each object, and "
            "0 where there is none."
        )
    if not labels.any():
        raise InputError(
            f"The labels {path} are 0 everywhere, so that no object can be found; label the image, "
            "or take it out of the data set."
        )
    return labels


def labelled_pairs(
    registered: str | Path, labels: str | Path, *, split: str, images: int
) -> list[Pair]:
    """Return the pairs of a split that have labels, at most so many, evenly spaced.

    Raises
    ------
    InputError
        If there is none.
    """
    pairs = [
        pair
        for pair in read_registered(registered)
        if pair.split == split and Path(labels, f"{pair.image}.tif").is_file()
    ]
    if not pairs:
        raise InputError(
            f"No image of the split {split!r} in {Path(registered, 'pairs.tsv')} has labels, on "
            "which settings of a segmentation could be chosen; label one, or choose on others."
        )
    return evenly(pairs, images)

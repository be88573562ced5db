"""Channels of a sample: data sets that show the same fields of view in other colours.

A channel is a data set of its own: it has its own camera gain and light, so that its noise, its
registration, its filters, its scores and what is told of it are of it alone, and every table and
picture says which channel it is of. Only what restores channels jointly must know that they belong
together: a train set names the data sets ``beside`` its own. Of these, images of one name show one
field, pixel by pixel.
"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

import numpy as np

from denoisekit._checks import same_shape
from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import read_exposure, read_registered
from denoisekit.errors import InputError
from denoisekit.files import read_table


def check_alike(folders: Mapping[str, str | Path]) -> None:
    """Raise InputError unless folders of registered pairs show the same fields.

    Parameters
    ----------
    folders
        Of each channel, by the name of its data set.

    Raises
    ------
    InputError
        If an image of one is missing or blank in another, of another split or field, or was cut to
        another part of its field when it was laid on its long exposure.
    """
    (first, folder), *others = folders.items()
    shown = {pair.image: pair for pair in read_registered(folder)}
    cut = _cut_from(folder)
    for name, other in others:
        found = {pair.image: pair for pair in read_registered(other)}
        _check_same(shown, found, names=(first, name))
        for image, start in _cut_from(other).items():
            if image in shown and start != cut[image]:
                raise InputError(
                    f"{first} and {name} are channels of one sample, but to lie on their long "
                    f"exposures their images {image!r} were cut from pixel {cut[image]} and from "
                    f"pixel {start} (y, x) on, so that they no longer lie on each other; align "
                    "these files first, and set 'register: false' of both data sets."
                )


def _check_same(
    shown: Mapping[str, Pair], found: Mapping[str, Pair], *, names: tuple[str, str]
) -> None:
    """Raise InputError unless two channels have the same images, each for the same use."""
    for own, other, (one, two) in ((shown, found, names), (found, shown, names[::-1])):
        missing = next((image for image in own if image not in other), None)
        if missing is not None:
            raise InputError(
                f"{one} and {two} are channels of one sample, but the image {missing!r} of {one} "
                f"is missing in {two}, or blank there; give both the same images by the same "
                "names, or leave it out."
            )
    for image, pair in shown.items():
        for what in ("split", "field"):
            own, other = getattr(pair, what), getattr(found[image], what)
            if own != other:
                raise InputError(
                    f"{names[0]} and {names[1]} are channels of one sample, but the image "
                    f"{image!r} has the {what} {own!r} in the first and {other!r} in the second; "
                    "say the same in both."
                )


def _cut_from(folder: str | Path) -> dict[str, tuple[int, ...]]:
    """Return the first pixel, (y, x), of what registration kept of each low exposure."""
    stacks = {pair.image: pair.stack for pair in read_registered(folder)}
    starts: dict[str, tuple[int, ...]] = {}
    for row in read_table(Path(folder, "quality.tsv")):
        if row["image"] in stacks:
            moved = row["applied"] == "yes"
            shift = [float(row[f"shift_{axis}"]) if moved else 0.0 for axis in "yx"]
            starts[row["image"]] = tuple(ceil(max(-side, 0.0)) for side in shift)
    # The planes of a stack are cut to what all of them share.
    shared: dict[str, tuple[int, ...]] = {}
    for image, start in starts.items():
        stack = stacks[image] or image
        shared[stack] = tuple(map(max, shared.get(stack, start), start))
    return {image: shared[stacks[image] or image] for image in starts}


def read(
    folders: Mapping[str, str | Path], images: Sequence[str], *, exposures: Sequence[str]
) -> dict[str, tuple[np.ndarray, ...]]:
    """Read the channels of one image, or of one and another whose channels stand beside it.

    Parameters
    ----------
    folders
        Of each channel, as `check_alike` takes them.
    images
        The name of each channel's image.
    exposures
        Which of ``low`` and ``high``.

    Returns
    -------
    dict
        The exposures of each channel, in their order, by what to call it in an error.

    Raises
    ------
    InputError
        If channels differ in shape.
    """
    found: dict[str, tuple[np.ndarray, ...]] = {}
    for (channel, folder), image in zip(folders.items(), images, strict=True):
        name = f"The image {image} of {channel}"
        parts = [read_exposure(folder, image, one).pixels for one in exposures]
        found[name] = tuple(parts)
        first = next(iter(found))
        same_shape(found[first][0], parts[0], names=(first, name))
    return found


def shuffled(pairs: Sequence[Pair], *, name: str) -> dict[str, str]:
    """Return for each image another one, of another field, that has nothing to tell of it.

    It is the control of what a second channel is worth: shuffled between images, it must not help.

    Parameters
    ----------
    pairs
        Rows of one split, or of one part of it.
    name
        What to call them in an error.

    Raises
    ------
    InputError
        If all are of one field, whose images may show the same.
    """
    fields = Counter(pair.field for pair in pairs)
    if len(fields) < 2:
        raise InputError(
            f"{name} show {len(fields)} field, so that no image can be given the second channel of "
            "another field; give more fields, or leave the method with 'shuffled' out."
        )
    ordered = sorted(pairs, key=lambda pair: list(fields).index(pair.field))
    around = itertools.chain(ordered, ordered, ordered)
    far = max(fields.values())
    ahead = list(itertools.islice(around, far, None))
    return {
        pair.image: next(one.image for one in ahead[start:] if one.field != pair.field)
        for start, pair in enumerate(ordered)
    }

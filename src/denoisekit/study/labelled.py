"""Label images of the user's own, by the pattern of a data set's key `labels`."""

import glob
from pathlib import Path

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.study import outside

_PLACE = "image"


def check(pattern: str, *, where: str) -> None:
    """Raise InputError unless a pattern holds ``{image}``, and nothing else in braces."""
    if outside.places(pattern) != [_PLACE]:
        raise InputError(
            f"{where} is {pattern!r}, but must hold {{image}}, which stands for an image's name, "
            "and nothing else in braces."
        )


def label_file(pattern: str, image: str, *, where: str) -> Path:
    """Return where the labels of an image should lie."""
    return Path(outside.filled(files.expand_variables(pattern, where=where), {_PLACE: image}))


def label_files(pattern: str, *, where: str) -> list[str]:
    """Return the label images that are there, by name.

    Raises
    ------
    InputError
        If there is none, or an environment variable in the pattern is not set.
    """
    pattern = files.expand_variables(pattern, where=where)
    found = sorted(glob.glob("*".join(map(glob.escape, pattern.split(f"{{{_PLACE}}}")))))
    if not found:
        raise InputError(
            f"{where} finds no label image ({pattern}); put them there, one for each image by its "
            "name, or leave the key out."
        )
    files.check_braces(found, where=where)
    return found

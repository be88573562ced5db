"""Data sets of stacks whose truth is the plane of a sheet that lies in them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from denoisekit._checks import shape_text
from denoisekit.datasets.pair_images import sound, stack_of
from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import read_exposure, read_registered
from denoisekit.datasets.registering import Treatment, register
from denoisekit.errors import InputError, told_of
from denoisekit.files import read_table
from denoisekit.images.image import Image, write_image
from denoisekit.images.reading import read_image
from denoisekit.images.surface import check_sheet_inside

_SAME_SIZE = 0.01


def write_sheets(
    rows: Sequence[Pair],
    folder: str | Path,
    stacks: str | Path,
    *,
    pixel_size_um: float,
    stride: int,
    repair: bool,
    as_patches: bool,
    report: Callable[..., None],
) -> list[dict[str, str]]:
    """Lay the stacks of a data set out, each beside its maximum and the plane of its sheet.

    Parameters
    ----------
    rows
        Of a pair table of volumes, whose high exposures are planes.
    folder
        Where to: ``low/<image>.tif``, the maximum along z, which is what a stack is shown as, and
        ``high/<image>.tif``, the plane.
    stacks
        Where the stacks are written to, a folder of registered volumes without a truth.
    pixel_size_um
        Where a file does not tell its own.
    stride
        Planes must have as many pixels a side for a network to restore them.
    repair
        Whether hot and dead pixels are replaced.
    as_patches
        Whether stacks are patches, which whoever cut them chose: a sheet may leave them.
    report
        Is told what is done.

    Returns
    -------
    list
        The rows of a pair table.

    Raises
    ------
    InputError
        If a file cannot be read, a stack is blank, its planes and its truth differ in size or are
        smaller than the stride, or the sheet leaves the stack.
    """
    folder = Path(folder)
    given = {pair.image: pair for pair in rows}
    treatment = Treatment(apply=False, blank="stop", repair=repair)
    register([replace(p, high=None) for p in rows], stacks, treatment=treatment, report=report)
    table = []
    for registered in read_registered(stacks):
        pair = given[registered.image]
        stack = read_exposure(stacks, pair.image, "low")
        name = f"The stack {pair.image!r} ({pair.low})"
        if min(stack.pixels.shape[1:]) < stride:
            raise InputError(
                f"{name} is {shape_text(stack.pixels)} px, but the networks need planes of "
                f"{stride} px a side at least; leave it out, or take networks of less depth."
            )
        parts = {"low": stack.pixels.max(axis=0)}
        if pair.high is not None:
            parts["high"] = plane = _plane(pair, stack, name).pixels
            if not as_patches:
                with told_of(name):
                    check_sheet_inside(stack.pixels, plane)
        row = {"image": pair.image, "split": pair.split, "field": pair.field}
        for exposure, pixels in parts.items():
            path = folder / exposure / f"{pair.image}.tif"
            size = stack.pixel_size_um or pixel_size_um
            write_image(path, pixels, pixel_size_um=size, axes="YX")
            row[exposure] = str(path)
        table.append({**row, "high": row.get("high", "")})
        report(f"laid out {pair.image}, {len(stack.pixels)} planes")
    return table


def _plane(pair: Pair, stack: Image, name: str) -> Image:
    """Return the truth of a stack, a plane of its size."""
    planes = stack_of(pair, "high").planes
    volumes = len(stack_of(pair, "low").places(volumes=True))
    if planes not in (1, volumes):
        raise InputError(
            f"The truth of {pair.image!r} ({pair.high}) has {planes} planes, but with 'target: "
            f"plane' it is the plane of the sheet, one for each of {volumes} stacks; project it "
            "first ('denoisekit project'), or leave 'target' out."
        )
    page = None if planes == 1 else pair.page
    plane = read_image(
        str(pair.high), page=page, region=pair.region, channel=pair.channel, scene=pair.scene
    )
    plane = sound(plane, name=f"The truth of {pair.image!r} ({pair.high})")
    if plane.pixels.shape != stack.pixels.shape[1:]:
        raise InputError(
            f"{name} has planes of {shape_text(stack.pixels[0])} px, but its truth ({pair.high}) "
            f"is {shape_text(plane.pixels)} px; both must show one field."
        )
    return plane


def read_height(file: str | Path, table: str | Path, image: str) -> np.ndarray:
    """Read how deep the sheet of a simulated stack lies, (Y, X) in um, by the stacks' own table."""
    pages = {row["image"]: int(row["page"]) for row in read_table(table)}
    return read_image(file, page=pages[image]).pixels


def check_alike(stack: Image, other: Image, *, name: str, first: str) -> None:
    """Raise InputError unless a stack has the planes of the first one that a network learns from.

    Parameters
    ----------
    stack, other
        The stack, and the first one.
    name, first
        What to call them in an error.
    """
    if len(stack.pixels) != len(other.pixels):
        raise InputError(
            f"{name} has {len(stack.pixels)} planes, but {first} {len(other.pixels)}; a network "
            "learns from stacks of as many planes: cut them alike, around the sheet."
        )
    one, two = stack.spacing_um, other.spacing_um
    if one and two and abs(one - two) > _SAME_SIZE * two:
        raise InputError(
            f"{name} tells that its planes lie {one:.4g} um apart, but {first} {two:.4g} um; a "
            "network learns from stacks of one spacing: correct the file that is wrong, or leave "
            "it out."
        )

"""Data sets of stacks from which planes are left out, which are the truth, or have one, there."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit import files
from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import read_exposure, read_registered
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.own_psf import OwnPsf, estimate_psf
from denoisekit.images.reading import read_volume
from denoisekit.images.sparse import Sparse, check_structure, isotropic_grid, linear
from denoisekit.images.voxels import Psf, step_of
from denoisekit.noise.usable import find, repaired

#: The truth is the planes that were left out, and not the long exposure.
LEFT_OUT = "left-out"
_GEOMETRY = "geometry.json"


def estimated_psf(
    registered: str | Path,
    *,
    pixel_size_um: float,
    z_spacing_um: float,
    lateral_sigma_um: float,
) -> OwnPsf:
    """Estimate the point spread function's axial width from the short exposures of a folder.

    Parameters
    ----------
    registered
        The folder.
    pixel_size_um, z_spacing_um
        Where a file does not tell its own.
    lateral_sigma_um
        Its standard deviation within planes.

    Raises
    ------
    InputError
        If files tell unlike sizes of voxels, or as of `denoisekit.images.own_psf.estimate_psf`.
    """
    stacks, sizes = [], set()
    for pair in read_registered(registered):
        low = read_exposure(registered, pair.image, "low")
        sizes.add((low.pixel_size_um or pixel_size_um, low.spacing_um or z_spacing_um))
        stacks.append(sound_planes(low.pixels, name=f"The stack {pair.image}"))
    if len(sizes) > 1:
        raise InputError(
            f"The stacks of {registered} have voxels of {len(sizes)} sizes, of which no one point "
            "spread function is estimated; give its widths, or stacks of one size."
        )
    ((pixel, spacing),) = sizes
    return estimate_psf(
        stacks,
        pixel_size_um=pixel,
        spacing_um=spacing,
        lateral_sigma_um=lateral_sigma_um,
        name="the stacks",
    )


def write_sparse(
    registered: str | Path,
    folder: str | Path,
    settings: Mapping[str, Any],
    *,
    pixel_size_um: float,
    z_spacing_um: float,
    psf: Psf,
    stride: int,
    report: Callable[..., None],
) -> list[dict[str, str]]:
    """Leave planes out of the short exposures of a folder of registered volumes.

    Parameters
    ----------
    registered
        The folder.
    folder
        Where to: ``planes/<image>.tif``, the planes that are kept, repaired; ``low/<image>.tif``,
        the stack between them by linear interpolation, and ``high/<image>.tif``, the truth there;
        and `geometry.json`, which says where that is.
    settings
        ``every``, of so many planes the first is kept; and ``beside``, what the truth is
        (``left-out``: the planes that were left out, and nothing else is compared, after what was
        sharpened along z is blurred again; ``truth``: the long exposure, of all planes from the
        first to the last that is kept).
    pixel_size_um, z_spacing_um
        Where a file does not tell its own.
    psf
        The stacks' point spread function.
    stride
        Sections along z must have as many voxels for a network to restore them.
    report
        Is told what is done.

    Returns
    -------
    list
        The rows of a pair table.

    Raises
    ------
    InputError
        If a stack shows nothing but noise, pixels lie outside of its field, it is too thin, its
        kept planes do not lie farther apart than pixels, or there is no long exposure where it is
        to be the truth.
    """
    every = settings["every"]
    rows, geometry = [], {}
    for pair in read_registered(registered):
        low = read_exposure(registered, pair.image, "low")
        pixel = low.pixel_size_um or pixel_size_um
        spacing = low.spacing_um or z_spacing_um
        name = f"The stack {pair.image}"
        step = step_of(
            every * spacing,
            pixel,
            name=f"{name}, of whose planes {every - 1} of {every} are left out,",
        )
        kept = sound_planes(low.pixels, name=name)[::every]
        _check_thickness(kept, low.pixels, step, stride=stride, name=name)
        beside = settings["beside"] == LEFT_OUT
        truth = low.pixels if beside else _long_exposure(registered, pair)
        numbers = np.arange(every * (len(kept) - 1) + 1)
        numbers = numbers[numbers % every > 0] if beside else numbers
        parts = {
            "low": linear(kept, numbers / every),
            "high": truth[numbers],
            "planes": kept,
        }
        row = {"image": pair.image, "split": pair.split, "field": pair.field}
        for kind, pixels in parts.items():
            path = Path(folder, kind, f"{pair.image}.tif")
            apart = every * spacing if kind == "planes" else spacing
            write_image(path, pixels, pixel_size_um=pixel, spacing_um=apart, axes="ZYX")
            row |= {} if kind == "planes" else {kind: str(path)}
        rows.append(row)
        geometry[pair.image] = {
            "step": step,
            "at": [float(number * (spacing / pixel)) for number in numbers],
            "lateral_px": psf.lateral_sigma_um / pixel,
            "axial_px": psf.axial_sigma_um / pixel,
            "compared": beside,
        }
        report(f"kept {len(kept)} of {len(low.pixels)} planes of {pair.image}, {step:.3g} px apart")
    files.write_json(Path(folder, _GEOMETRY), geometry)
    return rows


def _check_thickness(
    kept: np.ndarray, planes: np.ndarray, step: float, *, stride: int, name: str
) -> None:
    """Raise InputError if a stack has too few voxels along z for the network."""
    voxels = len(isotropic_grid(len(kept), step))
    if len(kept) < 2 or voxels < stride:
        raise InputError(
            f"{name} keeps {len(kept)} of its {len(planes)} planes, which are {voxels} "
            f"voxels along z, but the network needs {max(stride, 2)}, its stride; leave fewer "
            "planes out, or take thicker stacks."
        )


def sound_planes(pixels: np.ndarray, *, name: str) -> np.ndarray:
    """Return a stack with its hot and dead pixels repaired, (Z, Y, X) float32.

    Parameters
    ----------
    pixels
        (Z, Y, X) in any unit.
    name
        What to call it in an error.

    Raises
    ------
    InputError
        If pixels lie outside of its field, or it shows nothing but noise.
    """
    odd = find(pixels, name=name)
    if odd.outside.any():
        raise InputError(
            f"{name} has {odd.text}; its sections are restored as one piece: cut the stack to its "
            "field."
        )
    planes = repaired(pixels, odd).astype(np.float32)
    check_structure(planes, name=name)
    return planes


def _long_exposure(registered: str | Path, pair: Pair) -> np.ndarray:
    if pair.high is None:
        raise InputError(
            f"{pair.image} has no long exposure to be the truth; say 'beside: {LEFT_OUT}'."
        )
    return read_exposure(registered, pair.image, "high").pixels


def read_sparse(folder: str | Path, image: str) -> Sparse:
    """Read a stack's planes, and where it is to be restored, as `write_sparse` left them."""
    told = files.read_json(Path(folder, _GEOMETRY))[image]
    planes = read_volume(Path(folder, "planes", f"{image}.tif")).pixels
    return Sparse(planes, **{**told, "at": np.array(told["at"])})

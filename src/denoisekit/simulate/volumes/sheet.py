"""A sheet of cells on a curved surface, with what is bright above and below it, and its plane."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from denoisekit._checks import positive
from denoisekit.errors import InputError
from denoisekit.simulate.camera import Camera, CameraSettings
from denoisekit.simulate.pairs import SimulatedPair
from denoisekit.simulate.volumes._fields import fields

_BRIGHT_PERCENTILE = 99.9
# Of a membrane between two cells: half its width, and how bright what lies between is beside it.
_MEMBRANE_UM, _INSIDE = 0.25, 0.1
# How cells differ in brightness, as standard deviation of the logarithm.
_CELL_SPREAD = 0.25
# Cells beyond the field shape those at its edge.
_MARGIN = 3.0
# Of blobs: standard deviation in micrometres, and how many there are to a cell.
_BLOB_UM, _BLOBS_PER_CELL = 0.8, 0.2
# Grain of the speckles above, in px, and the standard deviation of their logarithm.
_GRAIN_PX, _SPECKLE = 1.5, 0.8


def simulate(settings: Mapping[str, Any], seed: int) -> Iterator[SimulatedPair]:
    """Simulate a data set of stacks of a sheet and of its plane, one pair at a time.

    Every field shows other cells and has a random stream of its own. The planes of a stack are
    taken one after the other by one camera.

    Parameters
    ----------
    settings
        What config/schemas/volume.schema.yaml describes, `pixel_size_um` and `z_spacing_um`.
    seed
        Decides everything that is random.

    Yields
    ------
    SimulatedPair
        Training stacks first, then those to test on; `low` is (Z, Y, X), and `high` is (Y, X), what
        the long exposure would show of the sheet alone, in focus everywhere.

    Raises
    ------
    InputError
        If a number is below what it can be, or the sheet does not lie inside of the stack.
    """
    for name in ("light", "pixel_size_um", "z_spacing_um"):
        positive(settings[name], name=name)
    camera = Camera(
        CameraSettings(**settings["camera"]),
        shape=tuple(settings["shape"][1:]),
        rng=np.random.default_rng(seed),
    )
    for name, split, rng in fields(settings, seed, structure=b"sheet"):
        field = draw(settings, rng)
        bright = settings["light"] * float(np.exp(settings["light_spread"] * rng.standard_normal()))
        short, long = settings["exposures_ms"]
        low = np.stack(
            [
                camera.expose((bright * plane + settings["background"]) * short, rng=rng)
                for plane in field.light
            ]
        )
        high = camera.expose((bright * field.plane + settings["background"]) * long, rng=rng)
        yield SimulatedPair(name, name, split, low, high, (0.0, 0.0))


def heights(settings: Mapping[str, Any], seed: int) -> Iterator[np.ndarray]:
    """Draw the surfaces of a data set again, as `simulate` shows them.

    The parameters are those of `simulate`.

    Yields
    ------
    numpy.ndarray
        (Y, X) float32, how deep the sheet lies, in micrometres from the first plane.
    """
    for _, _, rng in fields(settings, seed, structure=b"sheet"):
        yield draw(settings, rng).height_um.astype(np.float32)


def labels(settings: Mapping[str, Any], seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Draw the cells of a data set again, as the planes of `simulate` show them.

    The parameters are those of `simulate`.

    Yields
    ------
    tuple
        An image's name, and of each pixel the number of the cell that it lies in, (Y, X) int32.
    """
    for name, _, rng in fields(settings, seed, structure=b"sheet"):
        yield name, draw(settings, rng).cells


@dataclass(frozen=True)
class Field:
    """The light of one field, and its cells.

    Attributes
    ----------
    light
        (Z, Y, X) float64 as the optics show it.
    plane
        (Y, X), that of the sheet alone, in focus; 1 where it is bright.
    height_um
        (Y, X) how deep the sheet lies, in micrometres from the first plane.
    cells
        (Y, X) int32, the number of the cell that a pixel lies in, from 1 on.
    """

    light: np.ndarray
    plane: np.ndarray
    height_um: np.ndarray
    cells: np.ndarray


def draw(settings: Mapping[str, Any], rng: np.random.Generator) -> Field:
    """Return the light of one field as the optics show it.

    Parameters
    ----------
    settings, rng
        As `simulate` takes them; what draws the field.

    Raises
    ------
    InputError
        If the sheet does not lie inside of the stack.
    """
    sheet, optics, pixel = settings["sheet"], settings["optics"], settings["pixel_size_um"]
    planes, *shape = settings["shape"]
    depths = np.arange(planes) * settings["z_spacing_um"]
    height = depths[-1] / 2 + _relief(sheet, tuple(shape), pixel, rng)
    if height.min() < depths[0] or height.max() > depths[-1]:
        raise InputError(
            f"A simulated sheet lies {height.min():.3g} to {height.max():.3g} um deep, but its "
            f"stack is {depths[-1]:.3g} um deep; lower 'relief_um', or give more planes."
        )
    lateral, axial = optics["lateral_sigma_um"] / pixel, optics["axial_sigma_um"]
    membranes, cells = _cells(sheet, tuple(shape), pixel, rng)
    plane = ndimage.gaussian_filter(membranes, lateral)
    plane /= np.percentile(plane, _BRIGHT_PERCENTILE)
    above = sheet["above"] * ndimage.gaussian_filter(_speckles(tuple(shape), rng), lateral)
    light = sum(
        what * np.exp(-((depths[:, None, None] - at) ** 2) / (2 * axial**2))
        for what, at in ((plane, height), (above, height - sheet["apart_um"]))
    )
    return Field(light + _blobs(settings, height, rng), plane, height, cells)


def _relief(
    sheet: Mapping[str, Any], shape: tuple[int, ...], pixel_um: float, rng: np.random.Generator
) -> np.ndarray:
    noise = ndimage.gaussian_filter(
        rng.standard_normal(shape), sheet["smooth_um"] / pixel_um, mode="wrap"
    )
    noise -= noise.mean()
    return np.asarray(sheet["relief_um"] * noise / np.abs(noise).max())


def _cells(
    sheet: Mapping[str, Any], shape: tuple[int, ...], pixel_um: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return membranes between the Voronoi cells of random points, and which cell a pixel is of.

    Each cell has its brightness.
    """
    size, margin = np.array(shape) * pixel_um, _MARGIN * sheet["cell_um"]
    count = max(4, rng.poisson(np.prod((size + 2 * margin) / sheet["cell_um"])))
    centres = rng.uniform(-margin, size + margin, size=(count, 2))
    places = np.moveaxis(np.mgrid[tuple(map(slice, shape))], 0, -1) * pixel_um
    distance, nearest = KDTree(centres).query(places, k=2)
    membrane = np.exp(-(((distance[..., 1] - distance[..., 0]) / 2 / _MEMBRANE_UM) ** 2))
    brightness = np.exp(_CELL_SPREAD * rng.standard_normal(count))[nearest].mean(axis=-1)
    return brightness * (_INSIDE + membrane), (nearest[..., 0] + 1).astype(np.int32)


def _speckles(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), _GRAIN_PX)
    speckles = np.exp(_SPECKLE * noise / noise.std())
    return np.asarray(speckles / np.percentile(speckles, _BRIGHT_PERCENTILE))


def _blobs(settings: Mapping[str, Any], height: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the light of round blobs below the sheet."""
    sheet, pixel = settings["sheet"], settings["pixel_size_um"]
    voxel = np.array([settings["z_spacing_um"], pixel, pixel])
    lateral, axial = (settings["optics"][f"{way}_sigma_um"] for way in ("lateral", "axial"))
    sigma = np.hypot(_BLOB_UM, [axial, lateral, lateral])
    planes, *shape = settings["shape"]
    cells = np.prod(np.array(shape) * pixel / sheet["cell_um"])
    light = np.zeros((planes, *shape))
    for _ in range(rng.poisson(_BLOBS_PER_CELL * cells)):
        y, x = (int(rng.integers(side)) for side in shape)
        centre = np.array([height[y, x] + sheet["apart_um"], y * pixel, x * pixel])
        z, y_way, x_way = (
            np.exp(-((np.arange(side) * step - at) ** 2) / (2 * width**2))
            for side, step, at, width in zip(light.shape, voxel, centre, sigma, strict=True)
        )
        light += sheet["below"] * z[:, None, None] * y_way[:, None] * x_way
    return light

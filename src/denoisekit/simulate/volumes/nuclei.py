"""Nuclei in a volume: textured ellipsoids, some of which touch, seen through a Gaussian PSF."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.stats import special_ortho_group

from denoisekit._checks import positive
from denoisekit.errors import InputError
from denoisekit.simulate.camera import Camera, CameraSettings
from denoisekit.simulate.pairs import SimulatedPair
from denoisekit.simulate.volumes._fields import fields

_BRIGHT_PERCENTILE = 99.9
# Of a nucleus' radius: how far centres lie apart that touch, and the least of those that do not.
_TOUCHING, _APART = 1.9, 2.3
_TRIALS = 200
# The texture's grain in px of y and x, and its contrast (standard deviation of the logarithm).
_GRAIN_PX, _CONTRAST = 2.0, 0.35
# What lies outside of the volume shines into it.
_MARGIN = 3.0


def simulate(settings: Mapping[str, Any], seed: int) -> Iterator[SimulatedPair]:
    """Simulate a data set of volumes, one pair at a time.

    Every field shows other nuclei and has a random stream of its own: its voxels do not depend on
    how many others there are. The planes of a volume are taken one after the other by one camera.

    Parameters
    ----------
    settings
        What config/schemas/volume.schema.yaml describes, `pixel_size_um` and `z_spacing_um`.
    seed
        Decides everything that is random.

    Yields
    ------
    SimulatedPair
        Training volumes first, then those to test on; `low` and `high` are (Z, Y, X).

    Raises
    ------
    InputError
        If a number is below what it can be.
    """
    for name in ("light", "pixel_size_um", "z_spacing_um"):
        positive(settings[name], name=name)
    camera = Camera(
        CameraSettings(**settings["camera"]),
        shape=tuple(settings["shape"][1:]),
        rng=np.random.default_rng(seed),
    )
    for name, split, rng in fields(settings, seed, structure=b"nuclei"):
        low, high = _exposures(draw(settings, rng), settings, camera, rng)
        yield SimulatedPair(name, name, split, low, high, (0.0, 0.0))


def labels(settings: Mapping[str, Any], seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Draw the nuclei of a data set again, as `simulate` shows them.

    Parameters
    ----------
    settings, seed
        As `simulate` takes them.

    Yields
    ------
    tuple
        An image's name, and of each voxel the number of the nucleus that it lies in, 0 in none:
        (Z, Y, X) int32.
    """
    for name, _, rng in fields(settings, seed, structure=b"nuclei"):
        yield name, draw(settings, rng).labels


@dataclass(frozen=True)
class Field:
    """The light of one field, and its nuclei.

    Attributes
    ----------
    light
        (Z, Y, X) float64 as the optics show it, of 1 where it is bright.
    truth
        As the long exposure shows it, in the same unit: the same, or, where the settings say
        ``truth: isotropic``, with a point spread function that is as narrow along z as within
        planes.
    labels
        The number of the nucleus that each voxel lies in, 0 in none.
    """

    light: np.ndarray
    truth: np.ndarray
    labels: np.ndarray


def draw(settings: Mapping[str, Any], rng: np.random.Generator) -> Field:
    """Return the light of one field as the optics show it, and its nuclei.

    Parameters
    ----------
    settings, rng
        As `simulate` takes them; what draws the field.

    Raises
    ------
    InputError
        If nothing is bright.
    """
    voxel = _voxel_um(settings)
    sigma = _sigma_px(settings)
    margin = np.ceil(_MARGIN * sigma).astype(int)
    shape = np.array(settings["shape"]) + 2 * margin
    centres, radii = _placed(settings["nuclei"], shape * voxel, rng)
    texture = _texture(tuple(shape), voxel, rng)
    light, labels = np.zeros(shape), np.zeros(shape, dtype=np.int32)
    nearest = np.ones(shape)
    for number, (centre, radius) in enumerate(zip(centres, radii, strict=True), start=1):
        turn = special_ortho_group.rvs(3, random_state=rng)
        brightness = np.exp(0.25 * rng.standard_normal())
        where, depth = _depth(centre, radius, turn, tuple(shape), voxel)
        inside = depth < nearest[where]
        nearest[where][inside] = depth[inside]
        labels[where][inside] = number
        light[where][inside] = brightness
    light *= texture
    seen = ndimage.gaussian_filter(light, sigma)
    inner = tuple(slice(m, m + side) for m, side in zip(margin, settings["shape"], strict=True))
    seen = seen[inner]
    bright = np.percentile(seen, _BRIGHT_PERCENTILE)
    if bright == 0:
        raise InputError(
            f"A simulated field of {len(centres)} nuclei is dark where it should be bright; raise "
            "'per_1000_um3' or 'radius_um', or make the volumes larger."
        )
    truth = seen
    if settings.get("truth") == "isotropic":
        lateral = settings["optics"]["lateral_sigma_um"] / voxel
        truth = ndimage.gaussian_filter(light, lateral)[inner]
    return Field(seen / bright, truth / bright, labels[inner])


def _voxel_um(settings: Mapping[str, Any]) -> np.ndarray:
    return np.array([settings["z_spacing_um"], *[settings["pixel_size_um"]] * 2])


def _sigma_px(settings: Mapping[str, Any]) -> np.ndarray:
    """Return the PSF's standard deviations in px along z, y and x."""
    optics = settings["optics"]
    sigma = np.array([optics["axial_sigma_um"], *[optics["lateral_sigma_um"]] * 2])
    return sigma / _voxel_um(settings)


def _placed(
    nuclei: Mapping[str, Any], size_um: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres and the half-axes of nuclei in micrometres, (N, 3) each.

    A share of them lies beside another one, so that they touch; there may be fewer than asked for
    where no room is left.
    """
    per_um3 = nuclei["per_1000_um3"] / 1000
    count = rng.poisson(per_um3 * np.prod(size_um))
    least, greatest = nuclei["radius_um"]
    sizes = rng.uniform(least, greatest, size=count)
    centres: list[np.ndarray] = []
    for number, radius in enumerate(sizes):
        beside = bool(centres) and rng.random() < nuclei["touching"]
        for _ in range(_TRIALS):
            place = rng.uniform(0, size_um)
            if beside:
                other = int(rng.integers(len(centres)))
                way = rng.standard_normal(3)
                reach = _TOUCHING / 2 * (sizes[other] + radius)
                place = centres[other] + reach * way / np.linalg.norm(way)
            if _has_room(place, radius, centres, sizes[:number], size_um, beside=beside):
                break
        else:
            place = np.full(3, np.inf)
        centres.append(place)
    kept = np.isfinite(centres).all(axis=1) if centres else np.zeros(0, dtype=bool)
    axes = sizes[:, None] * rng.uniform(0.85, 1.15, size=(count, 3))
    return np.array(centres).reshape(-1, 3)[kept], axes[kept]


def _has_room(
    place: np.ndarray,
    radius: float,
    centres: list[np.ndarray],
    sizes: np.ndarray,
    size_um: np.ndarray,
    *,
    beside: bool,
) -> bool:
    if np.any(place < 0) or np.any(place > size_um):
        return False
    if not centres:
        return True
    distance = np.linalg.norm(np.array(centres) - place, axis=1)
    least = (_TOUCHING if beside else _APART) / 2 * (sizes + radius)
    # A hair less, since a neighbour lies just there.
    return bool(np.all(distance >= 0.999 * least))


def _texture(shape: tuple[int, ...], voxel_um: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return what the light of all places is multiplied by: smooth noise as fine along all axes."""
    grain = _GRAIN_PX * voxel_um[-1] / voxel_um
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), grain)
    return np.exp(_CONTRAST * noise / noise.std())


def _depth(
    centre: np.ndarray,
    radii: np.ndarray,
    turn: np.ndarray,
    shape: tuple[int, ...],
    voxel_um: np.ndarray,
) -> tuple[tuple[slice, ...], np.ndarray]:
    """Return the box of voxels around an ellipsoid, and there 0 at its centre and 1 at its edge."""
    first = np.clip(np.floor((centre - radii.max()) / voxel_um), 0, None).astype(int)
    last = np.minimum(np.ceil((centre + radii.max()) / voxel_um).astype(int) + 1, shape)
    where = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
    grid = np.moveaxis(np.mgrid[where], 0, -1) * voxel_um - centre
    return where, np.linalg.norm(grid @ turn / radii, axis=-1)


def _exposures(
    field: Field, settings: Mapping[str, Any], camera: Camera, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    brightness = float(np.exp(settings["light_spread"] * rng.standard_normal()))
    background = settings["background"]
    low, high = (
        np.stack(
            [
                camera.expose((settings["light"] * brightness * plane + background) * ms, rng=rng)
                for plane in light
            ]
        )
        for light, ms in zip((field.light, field.truth), settings["exposures_ms"], strict=True)
    )
    return low, high

"""Fourier shell correlation by sector: up to which detail a volume agrees with the truth.

Microscopes resolve less along z than within planes, and a correlation over whole shells mixes both.
So shells are cut by a cone of frequencies within 30 degrees of the z axis, and a belt of those
within 10 degrees of the plane of y and x. The belt is narrower since it has more of them, and since
a blur along z would else count as one across. Frequencies are physical, in cycles per um, so that
planes farther apart than pixels make no cone of a belt.

Sources: Koho et al. 2019 (doi 10.1038/s41467-019-11024-z), sectioned shells in light microscopy;
Tan et al. 2017 (doi 10.1038/nmeth.4347), cones of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from denoisekit._checks import finite, positive, same_shape
from denoisekit.errors import InputError
from denoisekit.evaluation.sharpness import THRESHOLDS, MeanCurve, period

#: Sectors by name, and whether they lie about the z axis.
SECTORS = {"axial": True, "lateral": False}
_CONE, _BELT = np.tan(np.deg2rad((30, 10)))
# As many shells as the Fourier rings of planes have at most, and fewer tell no resolution.
_MOST_SHELLS = 64
_FEWEST_SHELLS = 8
_CURVE = 32
_VOLUME_AXES = 3


@dataclass(frozen=True)
class Sector:
    """How a volume agrees with the truth in one sector.

    Attributes
    ----------
    frequency
        Middle of each shell, in cycles per um, up to the Nyquist limit of the sector's axis.
    correlation
        Fourier shell correlation, -1 to 1; NaN where one of both has no power.
    finest_um
        Period at that Nyquist limit: two voxels.
    """

    frequency: np.ndarray
    correlation: np.ndarray
    finest_um: float


def by_sector(
    truth: np.ndarray, image: np.ndarray, *, spacing_um: float, pixel_size_um: float
) -> dict[str, Sector]:
    """Return the Fourier shell correlation of a volume with the truth in each of `SECTORS`.

    Both fade out at all sides (Hann window). Shells are one Fourier voxel of the sector's axis
    thick, along y and x at most 64 of them.

    Parameters
    ----------
    truth, image
        (Z, Y, X), each in any unit.
    spacing_um, pixel_size_um
        How far planes lie apart, and the side of a pixel.

    Raises
    ------
    InputError
        If they are no volumes of one shape, not finite, or a size is not positive.
    """
    same_shape(truth, image, names=("The truth", "the restored volume"))
    if truth.ndim != _VOLUME_AXES:
        raise InputError(
            f"Fourier shells are of volumes, (Z, Y, X), but the truth has {truth.ndim} axes; "
            "measure planes by Fourier rings."
        )
    for name, part in (("The truth", truth), ("The restored volume", image)):
        finite(part, name=name)
    positive(spacing_um, name="The spacing of planes in um")
    positive(pixel_size_um, name="The pixel size in um")
    sides, sizes = truth.shape, (spacing_um, pixel_size_um, pixel_size_um)
    axial, across = sides[0] // 2, min(sides[1:]) // 2
    counts = {"axial": min(axial, _MOST_SHELLS), "lateral": min(across, _MOST_SHELLS)}
    sums = {name: np.zeros((3, count)) for name, count in counts.items()}
    limits = {name: 0.5 / sizes[0 if about else 1] for name, about in SECTORS.items()}
    transforms = [_windowed_transform(part) for part in (truth, image)]
    axes = [np.fft.fftfreq(side, size) for side, size in zip(sides[:2], sizes[:2], strict=True)]
    columns = np.fft.rfftfreq(sides[2], pixel_size_um)
    # A coefficient of the half transform that stands for its conjugate, too, counts twice.
    weight = np.where((columns == 0) | (2 * np.arange(len(columns)) == sides[2]), 1.0, 2.0)
    in_plane = np.hypot(axes[1][:, None], columns[None])
    for depth, own, other in zip(axes[0], *transforms, strict=True):
        products = (
            own.real**2 + own.imag**2,
            other.real**2 + other.imag**2,
            own.real * other.real + own.imag * other.imag,
        )
        size = np.hypot(depth, in_plane)
        for name, about in SECTORS.items():
            inside = _inside(abs(depth), in_plane, about=about) & (size <= limits[name])
            shell = np.rint(size * counts[name] / limits[name]).astype(int) - 1
            chosen = inside & (shell >= 0)
            for row, product in zip(sums[name], products, strict=True):
                weighed = (product * weight)[chosen]
                row += np.bincount(shell[chosen], weighed, counts[name])
    return {
        name: Sector(
            np.arange(1, counts[name] + 1) * limits[name] / counts[name],
            _correlation(*sums[name]),
            1 / limits[name],
        )
        for name in SECTORS
    }


def resolutions(sectors: Mapping[str, Sector]) -> dict[str, float]:
    """Return the period, in um, where each sector's correlation first falls below each threshold.

    As `denoisekit.evaluation.sharpness.resolution` finds it among rings. NaN of a sector of fewer
    than eight shells, such as along z of fewer than 16 planes.

    Returns
    -------
    dict
        By name, such as ``resolution_axial_1_2_um``.
    """
    return {
        f"{kind.replace('resolution', f'resolution_{name}')}_um": period(
            sector.frequency, sector.correlation, threshold=threshold, finest=sector.finest_um
        )
        if len(sector.frequency) >= _FEWEST_SHELLS
        else float("nan")
        for name, sector in sectors.items()
        for kind, threshold in THRESHOLDS.items()
    }


def mean_curves(measured: Sequence[Mapping[str, Sector]]) -> dict[str, MeanCurve]:
    """Average the correlations of several volumes, interpolated at 32 frequencies.

    Returns
    -------
    dict
        ``shells_axial`` and ``shells_lateral`` over cycles per um, up to the lowest Nyquist limit;
        empty without a volume.
    """
    found = {}
    for name in SECTORS if measured else ():
        sectors = [one[name] for one in measured]
        last = min(sector.frequency[-1] for sector in sectors)
        places = np.linspace(1 / _CURVE, 1, _CURVE) * last
        curves = [np.interp(places, one.frequency, one.correlation) for one in sectors]
        found[f"shells_{name}"] = MeanCurve(places, np.mean(curves, axis=0), len(curves))
    return found


def _inside(depth: float, in_plane: np.ndarray, *, about: bool) -> np.ndarray:
    """Say which frequencies of a plane of the transform lie in a sector."""
    if about:
        return np.asarray(in_plane <= _CONE * depth)
    return np.asarray(depth <= _BELT * in_plane)


def _windowed_transform(volume: np.ndarray) -> np.ndarray:
    """Transform a volume that fades out at all sides, complex64 to hold large ones."""
    windows = [np.hanning(side + 2)[1:-1].astype(np.float32) for side in volume.shape]
    window = windows[0][:, None, None] * windows[1][:, None] * windows[2]
    mean = np.average(volume, weights=window)
    return np.asarray(fft.rfftn(((volume - mean) * window).astype(np.float32)))


def _correlation(own: np.ndarray, other: np.ndarray, common: np.ndarray) -> np.ndarray:
    size = np.sqrt(own * other)
    return np.divide(common, size, out=np.full_like(size, np.nan), where=size > 0)

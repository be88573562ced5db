"""Estimate a point spread function's axial width from stacks themselves, by their power spectra.

Of a sample that looks alike along all axes, a blur that is wider along z than across leaves less
power the nearer a frequency lies to the z axis: ``exp(-4 pi^2 v fz^2)`` times that of the same
length in the plane, where ``v`` is the difference of both variances. That is what isotropic
restoration has to undo. How wide the lateral blur itself is, a stack of unknown structure does not
tell. Frequencies and widths are physical, so that planes may lie farther apart than pixels.

The likelihood of spectra is Whittle's (1953, doi 10.1007/BF02590998), for independent periodogram
values of exponential distribution.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.optimize import minimize_scalar

from denoisekit._checks import positive
from denoisekit.errors import InputError
from denoisekit.images.voxels import Psf

_FEWEST_PLANES = 16
_BLOCK = 32
_FEWEST_BLOCKS = 4
# Directions by the cosine of their angle with the z axis; the first is the plane's.
_COSINES = np.array([0, 0.2, 0.4, 0.6, 0.8, 1.0001])
_SHELLS = 24
# The coarsest, in which windows mix frequencies, tell of what the sample looks like.
_SKIPPED = 2
# The highest frequencies within planes, which optics do not show, hold noise alone.
_NOISE_FROM = 0.9
_LEAST_SIGNAL = 0.5
# Planes farther apart, in units of the width, fold what lies beyond their frequencies back.
_FARTHEST = 1.6
_LEAST_SURE = 0.25
# How often what windows mix is found anew, and the plane's spectrum for it.
_ROUNDS, _STEPS = 6, 8


@dataclass(frozen=True)
class OwnPsf:
    """A point spread function that was estimated.

    Attributes
    ----------
    psf
        The lateral width as it was told, the axial one as found.
    error_um
        Standard error of the axial width, from the spread over parts of the stacks; of what the
        sample itself has more or less along z, it knows nothing.
    """

    psf: Psf
    error_um: float


@dataclass(frozen=True)
class _Cells:
    """Sums over the frequencies of each shell and direction, (blocks, shells, directions)."""

    power: np.ndarray
    count: np.ndarray
    along: np.ndarray
    noise: np.ndarray


def estimate_psf(
    stacks: Iterable[np.ndarray],
    *,
    pixel_size_um: float,
    spacing_um: float,
    lateral_sigma_um: float,
    name: str,
) -> OwnPsf:
    """Estimate how wide the point spread function of stacks is along z.

    Parameters
    ----------
    stacks
        (Z, Y, X) each, in any unit, without pixels outside of the field; of one microscope. Of
        unlike ones as many planes are taken as the thinnest has.
    pixel_size_um, spacing_um
        Side of a pixel, and how far planes lie apart.
    lateral_sigma_um
        Standard deviation of the point spread function within planes.
    name
        What to call the stacks in an error.

    Raises
    ------
    InputError
        If the stacks are too small, or their spectra do not tell: they show too little beside their
        noise, no less along z than across, or planes lie too far apart for their blur.
    """
    positive(lateral_sigma_um, name="The lateral width of the point spread function")
    sizes = spacing_um, pixel_size_um
    blocks = [part for stack in stacks for part in _blocks(stack, name=name)]
    if len(blocks) < _FEWEST_BLOCKS:
        raise InputError(_cannot(name, f"they have fewer than {2 * _BLOCK} x {2 * _BLOCK} pixels"))
    # What windows mix depends on their sides.
    common = np.min([block.shape for block in blocks], axis=0)
    blocks = [block[tuple(map(slice, common))] for block in blocks]
    made = [_cells(block, sizes) for block in blocks]
    cells = _Cells(*(np.stack(part) for part in zip(*made, strict=True)))
    everything = np.ones(len(blocks), bool)
    leaked = np.ones(cells.power.shape[1:])
    variance = _variance(cells, everything, leaked, name=name)
    for _ in range(_ROUNDS):
        leaked = _leaked(cells, variance, blocks[0].shape, sizes)
        variance = _variance(cells, everything, leaked, name=name)
    without = [
        _variance(cells, np.arange(len(blocks)) != number, leaked, name=name)
        for number in range(len(blocks))
    ]
    spread = math.sqrt(
        (len(blocks) - 1) / len(blocks) * np.sum((np.array(without) - variance) ** 2)
    )
    if not variance - 2 * spread > 0:
        raise InputError(_cannot(name, "they show no less along z than within their planes"))
    axial = math.sqrt(variance + lateral_sigma_um**2)
    error = spread / (2 * axial)
    missing = math.sqrt(variance)
    if spacing_um > _FARTHEST * missing:
        why = f"planes lie {spacing_um:g} um apart, too far for a blur of {missing:.2g} um"
        raise InputError(_cannot(name, why))
    if error > _LEAST_SURE * axial:
        why = f"it would be {axial:.2g} um with a standard error of {error:.2g} um"
        raise InputError(_cannot(name, why))
    return OwnPsf(Psf(lateral_sigma_um, axial), error)


def _cannot(name: str, why: str) -> str:
    return (
        f"How wide the point spread function of {name} is along z cannot be told from the stacks "
        f"themselves: {why}; give its widths, or a stack of one bead."
    )


def _blocks(stack: np.ndarray, *, name: str) -> list[np.ndarray]:
    """Cut a stack into parts of equal sides within planes, whole along z."""
    if stack.ndim != 3 or len(stack) < _FEWEST_PLANES:
        raise InputError(_cannot(name, f"they have fewer than {_FEWEST_PLANES} planes"))
    counts = [min(3, side // _BLOCK) for side in stack.shape[1:]]
    if min(counts) == 0:
        return []
    height, width = (side // count for side, count in zip(stack.shape[1:], counts, strict=True))
    return [
        stack[:, y * height : (y + 1) * height, x * width : (x + 1) * width]
        for y in range(counts[0])
        for x in range(counts[1])
    ]


def _cells(block: np.ndarray, sizes: tuple[float, float]) -> tuple[np.ndarray, ...]:
    """Return power, number of frequencies and fz^2 summed by cell, and the mean power of noise."""
    window = _window(block.shape)
    values = (block - np.average(block, weights=window)) * window
    power = np.abs(fft.fftn(values)) ** 2 / np.sum(window**2)
    along, across = _frequencies(block.shape, sizes)
    noise = power[across > _NOISE_FROM * 0.5 / sizes[1]].mean()
    parts = (power, np.ones_like(power), along**2)
    sums = [_by_cell(part, along, across, sizes) for part in parts]
    return (*sums, np.array(noise))


def _window(shape: tuple[int, ...]) -> np.ndarray:
    windows = np.ix_(*[np.hanning(side + 2)[1:-1] for side in shape])
    return np.asarray(windows[0] * windows[1] * windows[2])


def _frequencies(
    shape: tuple[int, ...], sizes: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the frequencies of a block's transform along z and across, in cycles per um."""
    steps = sizes[0], sizes[1], sizes[1]
    axes = [fft.fftfreq(side, step) for side, step in zip(shape, steps, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return np.abs(z), np.hypot(y, x)


def _top(sizes: tuple[float, float]) -> float:
    """Return up to which frequency shells go: half the lateral Nyquist limit, or that along z."""
    return min(0.5 / sizes[0], 0.25 / sizes[1])


def _by_cell(
    values: np.ndarray, along: np.ndarray, across: np.ndarray, sizes: tuple[float, float]
) -> np.ndarray:
    """Sum values of frequencies by shell and direction, (shells, directions)."""
    length = np.hypot(along, across)
    shell = np.floor(length / _top(sizes) * _SHELLS).astype(int)
    cosine = np.divide(along, length, out=np.zeros_like(length), where=length > 0)
    direction = np.digitize(cosine, _COSINES) - 1
    shape = (_SHELLS, len(_COSINES) - 1)
    chosen = (shell < _SHELLS) & (length > 0)
    cell = (shell * shape[1] + direction)[chosen]
    return np.bincount(cell, values[chosen], math.prod(shape)).reshape(shape)


def _leaked(
    cells: _Cells, variance: float, shape: tuple[int, ...], sizes: tuple[float, float]
) -> np.ndarray:
    """Return how much windows change each cell's power beside the plane's, (shells, directions).

    A block of few planes mixes frequencies, so that power along z falls off less steeply than that
    of the sample does. A spectrum of the plane is sought that is the measured one once it is mixed.
    """
    along, across = _frequencies(shape, sizes)
    length = np.hypot(along, across)
    count = _by_cell(np.ones(shape), along, across, sizes)
    measured = (cells.power.sum(0) / np.maximum(cells.count.sum(0), 1))[:, 0] - cells.noise.mean()
    middles = (np.arange(_SHELLS) + 0.5) / _SHELLS * _top(sizes)
    shown = (measured > _LEAST_SIGNAL * cells.noise.mean()) & (count[:, 0] > 0)
    loss = np.exp(-4 * np.pi**2 * max(variance, 0) * along**2)
    # What a window does to a spectrum: its autocorrelation times the autocovariance.
    correlation = fft.ifftn(np.abs(fft.fftn(_window(shape))) ** 2).real
    correlation /= correlation.flat[0]
    plane = np.log(measured[shown])
    for _ in range(_STEPS):
        spectrum = np.exp(_extended(length, middles[shown], plane)) * loss
        mixed = fft.fftn(fft.ifftn(spectrum).real * correlation).real
        mean = _by_cell(mixed, along, across, sizes) / np.maximum(count, 1)
        plane += np.log(measured[shown] / np.maximum(mean[shown, 0], 1e-12))
    squared = _by_cell(along**2, along, across, sizes) / np.maximum(count, 1)
    alone = mean[:, :1] * np.exp(-4 * np.pi**2 * max(variance, 0) * (squared - squared[:, :1]))
    return np.divide(mean, alone, out=np.ones_like(mean), where=(count > 0) & (alone > 0))


def _extended(at: np.ndarray, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Interpolate, and go on beyond the last place as a Gaussian does, by the square."""
    slope = min(np.polyfit(places**2, values, 1)[0], 0.0)
    beyond = np.maximum(at**2 - places[-1] ** 2, 0)
    return np.asarray(np.interp(at, places, values) + slope * beyond)


def _variance(cells: _Cells, chosen: np.ndarray, leaked: np.ndarray, *, name: str) -> float:
    """Return the difference of variances along z and across, in um^2, that is most likely."""
    power, count, along = (part[chosen].sum(0) for part in (cells.power, cells.count, cells.along))
    noise = cells.noise[chosen].mean()
    known = count > 0
    mean = np.divide(power, count, out=np.zeros_like(power), where=known)
    squared = np.divide(along, count, out=np.zeros_like(power), where=known)
    # What the plane shows of each shell is what any direction would, were the blur alike.
    plane = mean[:, :1] - noise
    used = known & known[:, :1] & (plane > _LEAST_SIGNAL * noise)
    used[:_SKIPPED] = False
    used[:, 0] = False
    if used.sum() < _COSINES.size:
        raise InputError(_cannot(name, "they show too little beside their noise"))
    # Frequencies in the plane's own direction have lost some, too.
    relative = squared - squared[:, :1]
    plane = plane * leaked

    def misfit(variance: float) -> float:
        expected = plane[used] * np.exp(-4 * np.pi**2 * variance * relative[used]) + noise
        return float(np.sum(count[used] * (mean[used] / expected + np.log(expected))))

    widest = 20 / (4 * np.pi**2 * relative[used].max())
    far = 4 / (4 * np.pi**2 * np.median(relative[used]))
    bounds = (-min(widest, far), 8 * max(widest, far))
    return float(minimize_scalar(misfit, bounds=bounds, method="bounded").x)

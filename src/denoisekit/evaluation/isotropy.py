"""How much finer a stack shows structure within its planes than along z: power by frequency."""

import math

import numpy as np

from denoisekit._checks import finite, same_shape
from denoisekit.evaluation.scaling import affine_fit

# Bands of frequencies, in cycles per px: up to what pixels can show.
BANDS = tuple((round(0.05 * n, 2), round(0.05 * (n + 1), 2)) for n in range(1, 10))
_FEWEST = 8
# Half the width of a pencil of frequencies, in cycles per px.
_PENCIL = 0.03


def power_by_band(volume: np.ndarray, *, axis: int) -> np.ndarray:
    """Return the mean power of a volume along one axis in each of `BANDS`.

    Parameters
    ----------
    volume
        (Z, Y, X) of isotropic voxels, in any unit. It fades out at all sides (Hann window).
    axis
        Along which: of all spatial frequencies, those that lie within 0.03 cycles per px of it.

    Returns
    -------
    np.ndarray
        (bands,) in squared units of the volume; NaN where it is too short for a frequency of the
        band.
    """
    finite(volume, name="The volume")
    lines = np.moveaxis(volume, axis, -1).astype(np.float64)
    side = lines.shape[-1]
    if side < _FEWEST:
        return np.full(len(BANDS), np.nan)
    windows = [np.hanning(length + 2)[1:-1] for length in lines.shape]
    window = windows[0][:, None, None] * windows[1][:, None] * windows[2]
    lines = (lines - np.average(lines, weights=window)) * window
    across = [_low_frequencies(length) for length in lines.shape[:2]]
    waves = np.einsum("ay,bx,yxz->abz", *across, lines, optimize=True)
    power = np.abs(np.fft.fft(waves, axis=-1)[..., : side // 2 + 1]) ** 2
    spectrum = power.reshape(-1, power.shape[-1]).mean(axis=0) / np.sum(window**2)
    frequencies = np.fft.rfftfreq(side)
    means = []
    for low, high in BANDS:
        chosen = spectrum[(frequencies >= low) & (frequencies < high)]
        means.append(chosen.mean() if len(chosen) else math.nan)
    return np.array(means)


def _low_frequencies(side: int) -> np.ndarray:
    """Return the waves along an axis whose frequency is low, (waves, side)."""
    frequencies = np.fft.fftfreq(side)
    low = frequencies[np.abs(frequencies) <= _PENCIL]
    waves: np.ndarray = np.exp(-2j * np.pi * np.outer(low, np.arange(side)))
    return waves


def axial_and_lateral(volume: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the power along z, and the mean of those along y and x, by band.

    Of a structure that looks alike along all axes, and that is blurred along z by a Gaussian of
    variance ``v`` more than along y and x, the first is ``exp(-4 pi^2 f^2 v)`` times the second.
    """
    lateral = (power_by_band(volume, axis=1) + power_by_band(volume, axis=2)) / 2
    return power_by_band(volume, axis=0), lateral


def measure(truth: np.ndarray, image: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return how fine a restored volume is along z and across, each beside the truth's own.

    Parameters
    ----------
    truth, image
        (Z, Y, X) of isotropic voxels, in any units; the image is fitted to the truth by an affine
        map of its values, as CARE's score does.

    Returns
    -------
    dict
        By band, named after its lower frequency: ``axial_0.05`` and ``lateral_0.05``, the power
        along z and across in the truth's squared units, and ``ratio_0.05``, the one over the other.
    """
    same_shape(truth, image, names=("The truth", "the restored volume"))
    gain, _ = affine_fit(truth, image)
    found, own = axial_and_lateral(gain * image.astype(np.float64)), axial_and_lateral(truth)
    values = {}
    for number, (low, _) in enumerate(BANDS):
        for name, part in (("axial", 0), ("lateral", 1)):
            values[f"{name}_{low:.2f}"] = (found[part][number], own[part][number])
        ratio, truths = (both[0][number] / both[1][number] for both in (found, own))
        values[f"ratio_{low:.2f}"] = ratio, truths
    return values


def tells_of_errors(truth: np.ndarray, image: np.ndarray, apart: np.ndarray) -> float:
    """Return the correlation of what two directions differ by with the error of their mean.

    Parameters
    ----------
    truth, image
        As `measure` takes them.
    apart
        The difference without its sign, of their shape. Where nothing differs, NaN.
    """
    gain, offset = affine_fit(truth, image)
    error = np.abs(gain * image.astype(np.float64) + offset - truth)
    if apart.std() == 0 or error.std() == 0:
        return math.nan
    return float(np.corrcoef(error.ravel(), apart.ravel())[0, 1])

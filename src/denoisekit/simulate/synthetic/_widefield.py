"""Widefield images of points of light, and the same points as a sharper microscope shows them.

How wide the point spread function is, how much light there is, and how much of it is haze and
background, is drawn anew for every image, so that a network does not learn one microscope.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from scipy import ndimage

from denoisekit._checks import positive
from denoisekit.errors import InputError
from denoisekit.simulate.camera import Camera, CameraSettings
from denoisekit.simulate.optics import FINER, MARGIN_PX
from denoisekit.simulate.pairs import SimulatedPair
from denoisekit.simulate.scene import SPACING_UM, deposit, points
from denoisekit.simulate.volumes._fields import fields

#: The narrowest truth: curves are of points `SPACING_UM` apart, which it must not show one by one.
NARROWEST_UM = SPACING_UM / 2
_BRIGHT_PERCENTILE = 99.9
# Variance along each axis, in squared places of the grid, of what `deposit` spreads a point by.
_SPREAD = 0.25
_TRIALS = 20

#: Draws positions, (N, 2) in micrometres, and weights, (N,): of what lies in focus in one field.
Draw = Callable[[Mapping[str, Any], np.random.Generator], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Field:
    """The light of one field of view, 1 where it is bright (99.9th percentile).

    Attributes
    ----------
    light
        (Y, X), what a widefield microscope shows: structure, haze and background.
    truth
        (Y, X), the structure alone, as a narrower point spread function shows it.
    """

    light: np.ndarray
    truth: np.ndarray


def pairs(
    settings: Mapping[str, Any], seed: int, *, structure: str, draw: Draw
) -> Iterator[SimulatedPair]:
    """Simulate a data set of widefield images beside sharp ones, one pair at a time.

    Every field has a random stream of its own: its pixels do not depend on how many others there
    are. Photons are drawn evenly by their logarithm, all else evenly, between the two numbers that
    the settings give.

    Parameters
    ----------
    settings
        What config/schemas/synthetic.schema.yaml describes, and `pixel_size_um`.
    seed
        Decides everything that is random.
    structure
        Names the random streams.
    draw
        Draws the points of light of a field.

    Yields
    ------
    SimulatedPair
        Training images first, then those to test on; `low` is the widefield image, `high` the sharp
        one.

    Raises
    ------
    InputError
        If a number is below what it can be, a range ends before it begins, the truth is narrower
        than what it is made of, or nothing lies in a field.
    """
    _check(settings)
    finer, size = settings["upsampled"], settings["size"]
    low, high = (
        Camera(
            CameraSettings(**settings["camera"]),
            shape=(side, side),
            rng=np.random.default_rng(seed),
        )
        for side in (size // finer, size)
    )
    for name, split, rng in fields(settings, seed, structure=structure.encode()):
        field = seen(settings, rng, draw)
        photons = drawn_evenly(rng, settings["photons"])
        exposed = low.expose(photons * finer**2 * _binned(field.light, finer), rng=rng)
        truth = high.expose(settings["truth_photons"] * field.truth, rng=rng)
        yield SimulatedPair(name, name, split, _enlarged(exposed, finer), truth, (0.0, 0.0))


def seen(settings: Mapping[str, Any], rng: np.random.Generator, draw: Draw) -> Field:
    """Return the light of one field; the parameters are those of `pairs`.

    Raises
    ------
    InputError
        If twenty fields in a row have nothing in them.
    """
    pixel, size = settings["pixel_size_um"], settings["size"]
    side = FINER * (size + 2 * MARGIN_PX)
    for _ in range(_TRIALS):
        yx, weight = draw(settings, rng)
        emitters = points(yx, weight, np.zeros(len(yx), np.int8))
        spectrum = scipy.fft.rfft2(deposit(emitters, pixel_size_um=pixel, grid=(side, side))[0])
        truth = _blurred(spectrum, settings["truth_um"], pixel, size)
        if np.percentile(truth, _BRIGHT_PERCENTILE) > 0.01 * truth.max() > 0:
            break
    else:
        raise InputError(
            f"{_TRIALS} simulated fields of {size} px in a row show nothing; raise how much there "
            f"is of {settings['structure']}, or the size."
        )
    sharp = _blurred(spectrum, rng.uniform(*settings["psf_um"]), pixel, size)
    haze = _blurred(spectrum, rng.uniform(*settings["haze"]["sigma_um"]), pixel, size)
    light = _of_one(sharp) + rng.uniform(*settings["haze"]["share"]) * _of_one(haze)
    background = settings["background"]
    cloud = ndimage.gaussian_filter(
        rng.standard_normal((size, size)), background["smooth_um"] / pixel, mode="wrap"
    )
    uneven = np.maximum(1 + background["contrast"] * cloud / cloud.std(), 0)
    light += rng.uniform(*background["share"]) * uneven
    return Field(_of_one(light), _of_one(truth))


def area_um(settings: Mapping[str, Any]) -> tuple[float, float]:
    """Return the first and the last place, in micrometres, that shines into a field."""
    pixel = settings["pixel_size_um"]
    return -MARGIN_PX * pixel, (settings["size"] + MARGIN_PX) * pixel


def drawn_evenly(rng: np.random.Generator, ends: Sequence[float]) -> float:
    """Return a number between two others, drawn evenly by its logarithm."""
    low, high = ends
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def drawn(
    rng: np.random.Generator, ends: Sequence[float], *, size: int | tuple[int, ...]
) -> np.ndarray:
    """Return numbers between two others, drawn evenly."""
    low, high = ends
    return rng.uniform(low, high, size=size)


def _check(settings: Mapping[str, Any]) -> None:
    for name in ("pixel_size_um", "size", "truth_photons", "truth_um"):
        positive(settings[name], name=name)
    _check_ranges(settings, "")
    truth, narrowest = settings["truth_um"], settings["psf_um"][0]
    if truth < NARROWEST_UM:
        raise InputError(
            f"truth_um is {truth:g}, but structures are made of points {SPACING_UM:g} um apart, "
            f"which a truth narrower than {NARROWEST_UM:g} would show one by one; raise it."
        )
    if truth >= narrowest:
        raise InputError(
            f"truth_um is {truth:g}, but the narrowest of psf_um {narrowest:g}; a truth that is "
            "sharper than the image needs the smaller number."
        )
    if settings["size"] % settings["upsampled"]:
        raise InputError(
            f"size is {settings['size']}, which is no multiple of upsampled "
            f"({settings['upsampled']}); change one of them."
        )


def _check_ranges(settings: Mapping[str, Any], within: str) -> None:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            _check_ranges(value, f"{within}{name}.")
        elif _is_range(value) and name != "apart_um" and value[0] > value[1]:
            raise InputError(
                f"{within}{name} must be the lowest and then the highest value, but is "
                f"{value[0]:g} and {value[1]:g}."
            )


def _is_range(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def _blurred(spectrum: np.ndarray, sigma_um: float, pixel_um: float, size: int) -> np.ndarray:
    """Return the field, (size, size), through a Gaussian that pixels have no part in."""
    side = spectrum.shape[0]
    variance = max((FINER * sigma_um / pixel_um) ** 2 - _SPREAD, 0)
    y, x = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)
    transfer = np.exp(-2 * np.pi**2 * variance * (y**2 + x**2))
    whole = scipy.fft.irfft2(spectrum * transfer, s=(side, side))
    field = slice(FINER * MARGIN_PX, FINER * (MARGIN_PX + size), FINER)
    return np.maximum(whole[field, field], 0)


def _of_one(light: np.ndarray) -> np.ndarray:
    return light / np.percentile(light, _BRIGHT_PERCENTILE)


def _binned(light: np.ndarray, finer: int) -> np.ndarray:
    """Return the mean of squares of `finer` pixels a side."""
    side = light.shape[0] // finer
    return light.reshape(side, finer, side, finer).mean(axis=(1, 3))


def _enlarged(counts: np.ndarray, finer: int) -> np.ndarray:
    """Return an image of so many times as many pixels a side, by linear interpolation."""
    if finer == 1:
        return counts
    places = (np.arange(len(counts) * finer) - (finer - 1) / 2) / finer
    grid = np.meshgrid(places, places, indexing="ij")
    between = ndimage.map_coordinates(counts.astype(np.float64), grid, order=1, mode="nearest")
    return np.rint(between).astype(np.uint16)

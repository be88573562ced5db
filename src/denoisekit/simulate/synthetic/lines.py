"""Pairs of parallel lines, some apart and some too close to be told apart: a test of resolution."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from denoisekit.errors import InputError
from denoisekit.simulate.pairs import SimulatedPair
from denoisekit.simulate.scene import SPACING_UM
from denoisekit.simulate.synthetic._widefield import area_um, pairs

# Between the lines of neighbouring pairs, in standard deviations of the widest PSF.
_ROOM = 6.0


@dataclass(frozen=True)
class LinePair:
    """Two lines along y: the place along x midway between them, and how far they lie apart."""

    middle_px: float
    apart_px: float


def simulate(settings: Mapping[str, Any], seed: int) -> Iterator[SimulatedPair]:
    """Simulate widefield images of pairs of lines beside sharp ones, as `_widefield.pairs` does."""
    layout(settings)
    return pairs(settings, seed, structure="lines", draw=draw)


def layout(settings: Mapping[str, Any]) -> list[LinePair]:
    """Return where the pairs of lines lie in every image, one for each of `apart_um`, in px.

    Raises
    ------
    InputError
        If the field has no room for all of them.
    """
    pixel, size = settings["pixel_size_um"], settings["size"]
    apart = settings["lines"]["apart_um"]
    pitch = size * pixel / len(apart)
    least = max(apart) + _ROOM * settings["psf_um"][1]
    if pitch < least:
        raise InputError(
            f"{len(apart)} pairs of lines up to {max(apart):g} um apart take "
            f"{least * len(apart):.2f} um, but a field of {size} px has {size * pixel:.2f} um; "
            "make it larger, or give fewer distances in apart_um."
        )
    return [
        LinePair((number + 0.5) * size / len(apart) - 0.5, distance / pixel)
        for number, distance in enumerate(apart)
    ]


def draw(settings: Mapping[str, Any], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of light of a field: positions, (N, 2) in micrometres, and weights, (N,).

    All lines are equally bright, and go on beyond the field.
    """
    low, high = area_um(settings)
    y = np.arange(low, high, SPACING_UM / 2) + rng.uniform(0, SPACING_UM / 2)
    x = np.array(
        [pair.middle_px + side * pair.apart_px / 2 for pair in layout(settings) for side in (-1, 1)]
    )
    yx = np.stack(np.meshgrid(y, x * settings["pixel_size_um"], indexing="ij"), axis=-1)
    places = yx.reshape(-1, 2)
    return places, np.full(len(places), SPACING_UM / 2)

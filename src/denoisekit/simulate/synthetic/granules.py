"""Granules as of secretory vesicles: balls of various sizes in the focal plane."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from denoisekit.simulate.pairs import SimulatedPair
from denoisekit.simulate.synthetic._widefield import area_um, drawn, drawn_evenly, pairs

# Points that a ball is drawn of: closer than half the narrowest truth up to a radius of 0.25 um.
_POINTS = 120


def simulate(settings: Mapping[str, Any], seed: int) -> Iterator[SimulatedPair]:
    """Simulate widefield images of granules beside sharp ones, as `_widefield.pairs` does."""
    return pairs(settings, seed, structure="granules", draw=draw)


def draw(settings: Mapping[str, Any], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of light of a field: positions, (N, 2) in micrometres, and weights, (N,).

    Each granule is a ball, seen in projection, with as much light as its `brightness` says,
    whatever its size.
    """
    granules = settings["granules"]
    low, high = area_um(settings)
    density = drawn_evenly(rng, granules["per_um2"])
    count = rng.poisson(density * (high - low) ** 2)
    centre = rng.uniform(low, high, size=(count, 2))
    radius = drawn(rng, granules["radius_um"], size=count)
    bright = drawn(rng, granules["brightness"], size=count)
    # A sunflower's seeds: as many on every part of a disc.
    number = np.arange(_POINTS) + 0.5
    reach, turn = np.sqrt(number / _POINTS), np.pi * (1 + np.sqrt(5)) * number
    disc = reach[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=-1)
    thickness = np.sqrt(1 - reach**2)
    yx = centre[:, None] + radius[:, None, None] * disc
    weight = bright[:, None] * thickness / thickness.sum()
    return yx.reshape(-1, 2), weight.ravel()

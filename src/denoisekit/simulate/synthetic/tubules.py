"""Tubules as of microtubules: worm-like chains in the focal plane."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from denoisekit.simulate.pairs import SimulatedPair
from denoisekit.simulate.scene import SPACING_UM, worms
from denoisekit.simulate.synthetic._widefield import area_um, drawn, drawn_evenly, pairs


def simulate(settings: Mapping[str, Any], seed: int) -> Iterator[SimulatedPair]:
    """Simulate widefield images of tubules beside sharp ones, as `_widefield.pairs` does."""
    return pairs(settings, seed, structure="tubules", draw=draw)


def draw(settings: Mapping[str, Any], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of light of a field: positions, (N, 2) in micrometres, and weights, (N,).

    How stiff tubules are, and how densely they lie, is drawn for the field; length and brightness
    for each of them; and how much label a place has, for each point.
    """
    tubules = settings["tubules"]
    low, high = area_um(settings)
    longest = tubules["length_um"][1]
    persistence = drawn_evenly(rng, tubules["persistence_um"])
    density = drawn_evenly(rng, tubules["um_per_um2"])
    # Those that begin outside reach into the area, too.
    side = high - low + 2 * longest
    count = rng.poisson(density * side**2 / np.mean(tubules["length_um"]))
    start = rng.uniform(low - longest, high + longest, size=(count, 2))
    angle = rng.uniform(0, 2 * np.pi, size=count)
    length = drawn(rng, tubules["length_um"], size=count)
    near = np.all((start > low - length[:, None]) & (start < high + length[:, None]), axis=1)
    yx, along = worms(rng, start[near], angle[near], length[near], persistence_um=persistence)
    bright = drawn(rng, tubules["brightness"], size=(len(yx), 1))
    label = rng.uniform(1 - tubules["uneven"], 1 + tubules["uneven"], size=along.shape)
    shown = (along < 1) & np.all((yx > low) & (yx < high), axis=-1)
    return yx[shown], (bright * label * SPACING_UM)[shown]

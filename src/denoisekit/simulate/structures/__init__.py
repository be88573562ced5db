"""Structures to simulate, one module each, found by the name the config uses.

A module has ``draw(rng, cell, region)``, which draws the structure of one cell, or ``SAMPLE`` and
``draw_of_sample(rng, sample, region)``, whose second generator draws the cells: it is the same for
all structures of one sample, so that data sets of one seed show them in the same cells.
"""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from denoisekit import _registry
from denoisekit.simulate.cells import Cell, Region
from denoisekit.simulate.scene import Emitters

_FOLDER = str(Path(__file__).parent)


def names() -> list[str]:
    """Return the names of all structures."""
    return _registry.names(_FOLDER)


def _module(name: str) -> ModuleType:
    return _registry.load(__name__, _FOLDER, name, kind="structure")


def sample(name: str) -> str:
    """Return what a structure is drawn of; its own name where it is drawn of cells of its own."""
    return getattr(_module(name), "SAMPLE", name)


def get(name: str) -> Callable[[np.random.Generator, Cell, Region], list[Emitters]] | None:
    """Return what draws a structure of one cell within a region, or None if of a sample.

    An unknown name is an InputError.
    """
    return getattr(_module(name), "draw", None)


def of_sample(
    name: str,
) -> Callable[[np.random.Generator, np.random.Generator, Region], list[Emitters]]:
    """Return what draws a structure of a sample, and the sample's cells, within a region."""
    drawn: Callable[[np.random.Generator, np.random.Generator, Region], list[Emitters]]
    drawn = _module(name).draw_of_sample
    return drawn

"""Structures to simulate, one module each, found by the name the config uses."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from denoisekit import _registry
from denoisekit.simulate.cells import Cell, Region
from denoisekit.simulate.scene import Emitters

_FOLDER = str(Path(__file__).parent)


def names() -> list[str]:
    """Return the names of all structures."""
    return _registry.names(_FOLDER)


def get(name: str) -> Callable[[np.random.Generator, Cell, Region], list[Emitters]]:
    """Return what draws a structure of one cell within a region; an InputError if unknown."""
    return _registry.load(__name__, _FOLDER, name, kind="structure").draw

"""Volumes to simulate, one module each, found by the name the config uses."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit import _registry
from denoisekit.simulate.pairs import SimulatedPair

_FOLDER = str(Path(__file__).parent)


def names() -> list[str]:
    """Return the names of all structures of volumes."""
    return _registry.names(_FOLDER)


def get(name: str) -> Callable[[Mapping[str, Any], int], Iterator[SimulatedPair]]:
    """Return what simulates a data set of volumes, given settings and a seed.

    The settings are what config/schemas/volume.schema.yaml describes, with the `pixel_size_um` and
    `z_spacing_um` of the data set; an InputError if there is no such structure.
    """
    return _registry.load(__name__, _FOLDER, name, kind="structure of volumes").simulate


def labels_of(name: str) -> Callable[[Mapping[str, Any], int], Iterator[tuple[str, np.ndarray]]]:
    """Return what labels the objects of the same data set; it takes what `get` returns takes."""
    return _registry.load(__name__, _FOLDER, name, kind="structure of volumes").labels

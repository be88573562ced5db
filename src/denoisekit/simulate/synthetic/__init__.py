"""Structures whose truth is sharper than the image, one module each, found by the config's name."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from denoisekit import _registry
from denoisekit.simulate.pairs import SimulatedPair

_FOLDER = str(Path(__file__).parent)


def names() -> list[str]:
    """Return the names of all structures that are simulated beside a sharp truth."""
    return _registry.names(_FOLDER)


def get(name: str) -> Callable[[Mapping[str, Any], int], Iterator[SimulatedPair]]:
    """Return what simulates a data set of such pairs, given settings and a seed.

    The settings are what config/schemas/synthetic.schema.yaml describes, with the `pixel_size_um`
    of the data set; an InputError if there is no such structure.
    """
    return _registry.load(__name__, _FOLDER, name, kind="structure with a sharp truth").simulate

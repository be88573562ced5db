"""The fields of a data set of simulated volumes, each with a random stream of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_STREAMS = {"train": 1, "test": 2}


def fields(
    settings: Mapping[str, Any], seed: int, *, structure: bytes
) -> Iterator[tuple[str, str, np.random.Generator]]:
    """Yield the name, the split and the random stream of every field of a structure."""
    for split, stream in _STREAMS.items():
        for number in range(settings[f"{split}_images"]):
            rng = np.random.default_rng([seed, int.from_bytes(structure), stream, number])
            yield f"{split}-{number:03d}", split, rng

"""Restore the parts of a file with a filter, as with a network."""

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from denoisekit.errors import InputError, told_of

#: Options of filters that have them: those of the studies that come with denoisekit.
OPTIONS: Mapping[str, Mapping[str, int]] = {"nlm": {"patch_size": 5, "patch_distance": 6}}


@dataclass(frozen=True)
class ByFilter:
    """What restores a plane with a filter: called with it and its name.

    Attributes
    ----------
    apply
        A filter, as `denoisekit.filters.get` returns it.
    outside
        Values of pixels outside of the field; None to find them.
    model, normalize, beside
        What is asked of a network: a filter takes planes, each by itself, and tells nothing beside.
    """

    apply: Callable[..., Any]
    outside: Sequence[float | str] | None
    model = SimpleNamespace(volumes=False, frames=1, normalizer=None)
    normalize = "plane"
    beside = ()

    def __call__(self, pixels: np.ndarray, name: str) -> np.ndarray:
        """Return a plane restored."""
        with told_of(name):
            return self.apply(pixels, outside=self.outside).pixels


def open_filter(
    name: str, *, outside: Sequence[float | str] | None, of_networks: Mapping[str, object]
) -> ByFilter:
    """Return what restores planes with a filter; options of networks that are given are refused."""
    from denoisekit import filters

    given = [
        f"--{option.replace('_', '-')}"
        for option, value in of_networks.items()
        if value is not None
    ]
    if given:
        raise InputError(
            f"A filter has no {' and no '.join(given)}, which are for networks; leave out what "
            "belongs to networks, or --filter."
        )
    options = OPTIONS.get(name, {})
    if options:
        told = ", ".join(f"{key} {value}" for key, value in options.items())
        print(f"Note: {name} has {told}, as in the studies of denoisekit.", file=sys.stderr)
    return ByFilter(functools.partial(filters.get(name), **options), outside)

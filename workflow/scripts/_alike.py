"""Restore the frames of a movie alike."""

import functools
from collections.abc import Callable
from typing import Any

from denoisekit.datasets.registered import normalised_together, read_exposure


def alike(
    restorer: Any, registered: str, *, normalize: str | None, outside: list | None
) -> Callable[[str], Any]:
    """Return what gives an image its restorer: for those of a movie, one that treats all alike."""
    together = normalised_together(registered, normalize=normalize)

    @functools.cache
    def of_all(names: tuple[str, ...]) -> Any:
        planes = (read_exposure(registered, name, "low").pixels for name in names)
        size = read_exposure(registered, names[0], "low").pixels.size
        where = f"The movie of {names[0]}"
        return restorer.alike(planes, pixels=size * len(names), outside=outside, name=where)

    return lambda name: of_all(tuple(together[name])) if name in together else restorer

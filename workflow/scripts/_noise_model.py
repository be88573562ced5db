"""Fit the noise model that a study's settings describe."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denoisekit.noise import fitting, models


def evenly(items: Sequence[Any], count: int) -> list[Any]:
    """Return at most so many items, evenly spaced from the first to the last."""
    places = np.linspace(0, len(items) - 1, min(count, len(items)))
    return [items[round(place)] for place in places]


def fit(settings: Mapping[str, Any], signal: np.ndarray, noisy: np.ndarray) -> models.NoiseModel:
    """Fit a histogram or a mixture to pixels."""
    values, step = tuple(settings["values"]), int(settings["counts"])
    options = {"step": step, "origin": settings["origin"]}
    if settings["model"] == "mixture":
        return fitting.fit_mixture(signal, noisy, values=values, **options)
    if settings["counts"]:
        values = fitting.whole_value_range(*values, bins=settings["bins"])
    return fitting.fit_histogram(signal, noisy, values=values, bins=settings["bins"], **options)

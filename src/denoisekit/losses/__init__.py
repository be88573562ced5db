"""Losses, one module each, found by the name the config uses.

A loss module has ``PROBABILISTIC``, whether the network must predict a scale beside the mean, and
``build(**options)``, which returns a function of (prediction, truth) giving one number to minimise.
Prediction and truth are float32, (N, 1, *spatial), normalised; a probabilistic prediction is
(N, 2, *spatial), the means first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from denoisekit import _registry
from denoisekit._checks import InputError

_FOLDER = str(Path(__file__).parent)


@dataclass(frozen=True)
class Loss:
    """What a network is trained to make small."""

    name: str
    probabilistic: bool
    function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def names() -> list[str]:
    """Return the names of all losses."""
    return _registry.names(_FOLDER)


def get(name: str, options: Mapping[str, Any]) -> Loss:
    """Return a loss by its name, with its options, such as the two sigmas of ``bandpass``."""
    module = _registry.load(__name__, _FOLDER, name, kind="loss")
    try:
        function = module.build(**options)
    except TypeError as error:
        raise InputError(f"The loss {name!r} was given wrong options: {error}.") from error
    return Loss(name, module.PROBABILISTIC, function)

"""Losses, one module each, found by the name the config uses.

A loss module has ``PROBABILISTIC``, whether the network must predict a scale beside the mean, and
``build(**options)``, which returns a function of (prediction, truth) giving one number to minimise.
Prediction and truth are float32, (N, 1, *spatial), normalised; a probabilistic prediction is
(N, 2, *spatial), the means first. A loss for which a constant that is added to the prediction makes
no difference says ``SEES_BRIGHTNESS = False``: restored images then have an arbitrary brightness.

A module may also have ``build_critic(dims=..., **options)``, a network that is trained in turn. Its
``term(low, restored)`` is added to the function while training, not while validating, and
``loss(low, restored, truth)`` is what it is itself trained to make small.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from denoisekit import _registry
from denoisekit.errors import InputError

#: Of prediction and truth, one number.
Function = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

_FOLDER = str(Path(__file__).parent)


@dataclass(frozen=True)
class Loss:
    """What a network is trained to make small, what builds its critic, and what it cannot see."""

    name: str
    probabilistic: bool
    function: Function
    build_critic: Callable[..., nn.Module] | None
    sees_brightness: bool


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
    critic = partial(module.build_critic, **options) if hasattr(module, "build_critic") else None
    seen = getattr(module, "SEES_BRIGHTNESS", True)
    return Loss(name, module.PROBABILISTIC, function, critic, seen)

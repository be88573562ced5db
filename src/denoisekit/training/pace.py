"""How long a training step takes on this machine: a few steps on patches that show nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from denoisekit import losses, networks
from denoisekit.computing import find_device, one_thread
from denoisekit.images import windows
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.objectives import Objective, Tensors
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

#: Seconds of a step from which on it is told by that of a single patch, times their number.
LONG_STEP = 10
_PLANE_AXES = 2


class _Masked:
    """Stands for the loss at hidden pixels, whose cost beside the network's is small."""

    name = "hidden pixels"
    build_critic: Callable[..., nn.Module] | None = None
    quarter_turns = True

    def prepare(self, images: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
        """Return the patches as they are."""
        return tuple(images)

    def value(self, restored: torch.Tensor, *batch: torch.Tensor) -> torch.Tensor:
        """Return a number that all pixels of all outputs decide."""
        return restored.square().mean()


def seconds_per_step(
    settings: Mapping[str, Any], *, sides: Sequence[int], steps: int, stacked: int = 1
) -> float:
    """Train a method's network for a few steps on random patches, and tell how long one takes.

    Parameters
    ----------
    settings
        ``method``, ``network`` and ``training``, as a study has them.
    sides
        Of a patch in px, one for each axis.
    steps
        How many are measured, after as many that are not: the first ones are slower. Where one
        takes `LONG_STEP` or more, they are of a single patch.
    stacked
        Of how many planes the stacks are that a network of planes projects.

    Returns
    -------
    float
        Of one thread, as a study trains, beside what else runs meanwhile.

    Raises
    ------
    InputError
        If the network or the loss does not go with such patches.
    """
    method, device = settings["method"], find_device()
    objective: Objective = _Masked()
    probabilistic = False
    if method.get("objective") != "noise2void":
        loss = losses.get(method["loss"], method.get("options", {}))
        objective, probabilistic = Supervised(loss), loss.probabilistic
    seen = len(windows.seen(method))
    frames = max(seen, stacked)
    planes = len(sides) > _PLANE_AXES and method.get("dims") == _PLANE_AXES
    network = networks.build(
        settings["network"],
        dims=_PLANE_AXES if planes else len(sides),
        probabilistic=probabilistic,
        channels=seen,
    )
    training = Settings(**settings["training"])
    one = _noise(1, frames, sides)
    one.check_sides(network.stride, dims=_PLANE_AXES if planes else len(sides))

    def measured(patches: PatchPairs) -> float:
        trained = loop.train(
            network,
            objective,
            patches,
            one,
            settings=replace(
                training, epochs=2, steps_per_epoch=steps, batch_size=len(patches.low)
            ),
            seed=0,
            device=device,
            report=lambda line: None,
            planes=planes,
        )
        first, second = (row["seconds"] for row in trained.history)
        return (second - first) / steps

    with one_thread():
        guessed = training.batch_size * measured(one)
        if guessed >= LONG_STEP:
            return guessed
        return measured(_noise(training.batch_size, frames, sides))


def _noise(count: int, frames: int, sides: Sequence[int]) -> PatchPairs:
    """Return patches of values from 0 to 1."""
    rng = np.random.default_rng(0)
    shown = (count, *((frames,) if frames > 1 else ()), *sides)
    low, high = (rng.random(shape, np.float32) for shape in (shown, (count, *sides)))
    return PatchPairs(low, high)

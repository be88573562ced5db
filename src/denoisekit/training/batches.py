"""Batches: patches drawn in a random order from a seed, mirrored and turned."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from denoisekit.errors import InputError
from denoisekit.training.objectives import Objective, Tensors
from denoisekit.training.settings import Settings, total_steps


class _Patches:
    """Arrays of as many patches, (N, *spatial); what a network sees may be (N, C, *spatial)."""

    def __len__(self) -> int:
        return len(self.arrays[0])

    @property
    def dims(self) -> int:
        """Number of spatial axes."""
        return self.arrays[-1].ndim - 1

    def check_sides(self, stride: int, *, dims: int) -> None:
        """Raise InputError unless the sides along the last axes are multiples of a stride."""
        for side in self.arrays[-1].shape[-dims:]:
            if side % stride:
                raise InputError(
                    f"The patches have a side of {side} px, but the network needs a multiple of "
                    f"{stride}, since it halves it; say a number in 'patch_size' of the train set."
                )

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """All arrays."""
        return tuple(vars(self).values())


@dataclass(frozen=True)
class PatchPairs(_Patches):
    """Normalised patches of the low and the high exposure, (N, *spatial) float32 each.

    Of a network that looks at several frames the low ones are (N, frames, *spatial).
    """

    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class ChannelPairs(PatchPairs):
    """Patches of the channels of a sample, (N, channels, *spatial), both low and high."""

    @property
    def dims(self) -> int:
        """Number of spatial axes."""
        return super().dims - 1


@dataclass(frozen=True)
class NoisyPatches(_Patches):
    """Patches of noisy images in their own units, (N, *spatial) float32."""

    noisy: np.ndarray


def on_device(patches: PatchPairs | NoisyPatches, device: str) -> Tensors:
    """Return patches as (N, C, *spatial), on the device unless they would fill half of it."""
    parts = [
        torch.from_numpy(part if part.ndim == patches.dims + 2 else part[:, None])
        for part in patches.arrays
    ]
    if device == "cuda":
        free, _ = torch.cuda.mem_get_info()
        fits = sum(part.nbytes for part in parts) < free / 2
        parts = [part.to(device) if fits else part.pin_memory() for part in parts]
    return tuple(parts)


def as_planes(images: torch.Tensor) -> torch.Tensor:
    """Return the planes of volumes, (N, C, Z, Y, X), as images of their own, (N * Z, C, Y, X)."""
    return images.transpose(1, 2).flatten(0, 1)


def draw_batches(
    held: Tensors,
    objective: Objective,
    settings: Settings,
    seed: int,
    device: str,
    *,
    epochs: int,
    planes: bool = False,
) -> Iterator[Tensors]:
    """Yield batches without end, but for those of the first epochs, which are drawn already.

    With `planes`, volumes are drawn and turned, and what is yielded are their planes.

    An epoch's draws go to the device in one piece, since each transfer waits for all work there.
    """
    draws = _draws(len(held[0]), settings, seed, quarter_turns=objective.quarter_turns)
    draws = itertools.islice(draws, total_steps(settings, epochs), None)
    for epoch in itertools.count(epochs + 1):
        generator = seeded_generator(device, seed, epoch)
        rows, turns = zip(*itertools.islice(draws, settings.steps_per_epoch), strict=True)
        for batch, turn in zip(
            torch.from_numpy(np.stack(rows)).to(held[0].device), turns, strict=True
        ):
            images = [turn(part[batch].to(device, non_blocking=True)) for part in held]
            images = [as_planes(part) for part in images] if planes else images
            yield objective.prepare(images, generator)


def seeded_generator(device: str, *seed: int) -> torch.Generator:
    """Return a source of random numbers on the device; each epoch has its own, to go on from."""
    (number,) = np.random.SeedSequence(seed).generate_state(1, np.uint64).tolist()
    return torch.Generator(device).manual_seed(number >> 1)


def _draws(
    patches: int, settings: Settings, seed: int, *, quarter_turns: bool
) -> Iterator[tuple[np.ndarray, Callable[[torch.Tensor], torch.Tensor]]]:
    """Yield each batch's rows, and how to turn it; every row once before any comes again."""
    rng = np.random.default_rng(seed)
    waiting = np.empty(0, dtype=np.int64)
    while True:
        while len(waiting) < settings.batch_size:
            waiting = np.concatenate([waiting, rng.permutation(patches)])
        rows, waiting = np.split(waiting, [settings.batch_size])
        quarters, mirror = (
            (int(rng.integers(4)), bool(rng.integers(2))) if settings.augment else (0, False)
        )
        if not quarter_turns:
            quarters -= quarters % 2
        yield rows, partial(_turned, quarters=quarters, mirror=mirror)


def _turned(images: torch.Tensor, *, quarters: int, mirror: bool) -> torch.Tensor:
    """Return images turned by quarter turns in their last two axes, and mirrored."""
    turned = torch.rot90(images, quarters, (-2, -1))
    return (turned.flip(-1) if mirror else turned).contiguous()

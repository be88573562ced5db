"""Train a network on pairs of patches."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from denoisekit._checks import InputError, one_of
from denoisekit.losses import Loss

# Keras's epsilon, which CARE was trained with; torch's own default is 1e-8.
_ADAM_EPSILON = 1e-7
_VALIDATION_BATCH = 64


@dataclass(frozen=True)
class PatchPairs:
    """Normalised patches of the low and the high exposure, (N, *spatial) float32 each."""

    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Settings:
    """How long and how fast to train.

    Attributes
    ----------
    epochs, steps_per_epoch, batch_size
        An epoch is a number of steps, not a pass over the data, as in CARE.
    learning_rate
        Adam's, at its highest.
    schedule
        ``{"name": "plateau", "factor": f, "patience": n}`` multiplies the rate by f after n epochs
        without a better validation loss (CARE: 0.5 and 10). ``{"name": "cosine", "warmup": w}``
        rises linearly over the share w of all steps and falls to zero along a cosine.
    augment
        Whether each batch is mirrored and turned by quarter turns at random. CARE does not.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    learning_rate: float
    schedule: Mapping[str, Any]
    augment: bool


@dataclass(frozen=True)
class Trained:
    """Weights with the lowest validation loss, weights after the last step, and the history."""

    best: dict[str, torch.Tensor]
    last: dict[str, torch.Tensor]
    best_epoch: int
    history: list[dict[str, float]]


def train(
    network: nn.Module,
    loss: Loss,
    training: PatchPairs,
    validation: PatchPairs,
    *,
    settings: Settings,
    seed: int,
    device: str,
    report: Callable[[str], None],
) -> Trained:
    """Train a network, which is changed in place.

    Parameters
    ----------
    network
        From `denoisekit.networks.build`, probabilistic if the loss is.
    loss
        From `denoisekit.losses.get`.
    training, validation
        Patches; all of the training patches are drawn once before any is drawn again.
    settings
        Length, rate and schedule.
    seed
        Order of the patches and their turning. Seed torch before the network is built.
    device
        ``cpu`` or ``cuda``.
    report
        Is told the progress after every epoch, in one line.

    Raises
    ------
    InputError
        If the loss becomes NaN or infinite.
    """
    rate_at = _schedule(settings)
    network.to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, eps=_ADAM_EPSILON)
    batches = _batches(training, settings, seed, device)
    history: list[dict[str, float]] = []
    best, best_epoch, start = {}, 0, time.perf_counter()
    for epoch in range(1, settings.epochs + 1):
        training_loss = _train_epoch(
            network, loss, batches, optimizer, settings, rate_at, epoch, history
        )
        validation_loss = evaluate(network, loss, validation, device=device)
        if not math.isfinite(training_loss + validation_loss):
            raise InputError(
                f"The loss {loss.name!r} became {training_loss} in epoch {epoch} at a learning "
                f"rate of {settings.learning_rate:g}; lower the learning rate, or look for "
                "extreme pixels in the training images."
            )
        history.append(
            {
                "epoch": epoch,
                "step": epoch * settings.steps_per_epoch,
                "learning_rate": optimizer.param_groups[0]["lr"],
                "loss": training_loss,
                "validation_loss": validation_loss,
                "seconds": round(time.perf_counter() - start, 3),
            }
        )
        if validation_loss <= min(row["validation_loss"] for row in history):
            best, best_epoch = _weights(network), epoch
        report(_progress(history, settings))
    return Trained(best, _weights(network), best_epoch, history)


def _train_epoch(
    network: nn.Module,
    loss: Loss,
    batches: Iterator[tuple[torch.Tensor, torch.Tensor]],
    optimizer: torch.optim.Optimizer,
    settings: Settings,
    rate_at: Callable[[int, list[dict[str, float]]], float],
    epoch: int,
    history: list[dict[str, float]],
) -> float:
    network.train()
    total = torch.zeros((), device=next(network.parameters()).device)
    for step in range((epoch - 1) * settings.steps_per_epoch, epoch * settings.steps_per_epoch):
        low, high = next(batches)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, history)
        optimizer.zero_grad()
        value = loss.function(network(low), high)
        value.backward()
        optimizer.step()
        total += value.detach()
    return total.item() / settings.steps_per_epoch


@torch.inference_mode()
def evaluate(network: nn.Module, loss: Loss, patches: PatchPairs, *, device: str) -> float:
    """Return the mean loss of a network over all patches."""
    network.eval()
    total = 0.0
    for start in range(0, len(patches.low), _VALIDATION_BATCH):
        rows = slice(start, start + _VALIDATION_BATCH)
        low, high = (_on_device(part[rows], device) for part in (patches.low, patches.high))
        total += loss.function(network(low), high).item() * len(low)
    return total / len(patches.low)


def _batches(
    patches: PatchPairs, settings: Settings, seed: int, device: str
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield batches without end; every patch is drawn once before any is drawn again."""
    rng = np.random.default_rng(seed)
    waiting = np.empty(0, dtype=np.int64)
    while True:
        while len(waiting) < settings.batch_size:
            waiting = np.concatenate([waiting, rng.permutation(len(patches.low))])
        rows, waiting = np.split(waiting, [settings.batch_size])
        low, high = (_on_device(part[rows], device) for part in (patches.low, patches.high))
        if settings.augment:
            low, high = _turn(low, high, rng)
        yield low, high


def _turn(
    low: torch.Tensor, high: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mirror and turn a batch in its last two axes, both exposures alike."""
    quarters, mirror = int(rng.integers(4)), bool(rng.integers(2))
    turned = [torch.rot90(images, quarters, (-2, -1)) for images in (low, high)]
    if mirror:
        turned = [images.flip(-1) for images in turned]
    return turned[0].contiguous(), turned[1].contiguous()


def _on_device(patches: np.ndarray, device: str) -> torch.Tensor:
    """Return patches as (N, 1, *spatial) on a device."""
    return torch.from_numpy(np.ascontiguousarray(patches))[:, None].to(device)


def _weights(network: nn.Module) -> dict[str, torch.Tensor]:
    return copy.deepcopy(
        {name: value.detach().cpu() for name, value in network.state_dict().items()}
    )


def _schedule(settings: Settings) -> Callable[[int, list[dict[str, float]]], float]:
    """Return the learning rate as a function of the step and of the epochs so far."""
    schedules = {"plateau": _plateau, "cosine": _cosine}
    options = dict(settings.schedule)
    name = options.pop("name")
    one_of(name, schedules, name="The learning rate's schedule")
    return schedules[name](settings, **options)


def _plateau(settings: Settings, *, factor: float, patience: int) -> Callable[..., float]:
    def rate(step: int, history: list[dict[str, float]]) -> float:
        best, waited, drops = math.inf, 0, 0
        for row in history:
            waited += 1
            if row["validation_loss"] < best:
                best, waited = row["validation_loss"], 0
            elif waited >= patience:
                drops, waited = drops + 1, 0
        return settings.learning_rate * factor**drops

    return rate


def _cosine(settings: Settings, *, warmup: float) -> Callable[..., float]:
    steps = settings.epochs * settings.steps_per_epoch
    rising = max(1, round(warmup * steps))

    def rate(step: int, history: list[dict[str, float]]) -> float:
        if step < rising:
            return settings.learning_rate * (step + 1) / rising
        fallen = (step - rising) / max(1, steps - rising)
        return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * fallen))

    return rate


def _progress(history: list[dict[str, float]], settings: Settings) -> str:
    last = history[-1]
    left = last["seconds"] / last["epoch"] * (settings.epochs - last["epoch"])
    return (
        f"epoch {last['epoch']}/{settings.epochs}, step {last['step']}: "
        f"loss {last['loss']:.4f}, validation {last['validation_loss']:.4f}, "
        f"{1000 * last['seconds'] / last['step']:.0f} ms a step, {_minutes(left)} left"
    )


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"

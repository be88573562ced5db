"""Train a network on patches of images."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from denoisekit.computing import computing
from denoisekit.errors import InputError
from denoisekit.training import graphs
from denoisekit.training.adam import Adam
from denoisekit.training.batches import (
    NoisyPatches,
    PatchPairs,
    as_planes,
    draw_batches,
    on_device,
    seeded_generator,
)
from denoisekit.training.checkpoints import State
from denoisekit.training.objectives import Objective, Tensors
from denoisekit.training.schedules import learning_rate_schedule
from denoisekit.training.settings import Settings, step_numbers, total_steps

# Keras's epsilon, which CARE was trained with; torch's own default is 1e-8.
_ADAM_EPSILON = 1e-7
_VALIDATION_BATCH = 64
_VALIDATION_SEED = 0
_LARGEST_LOSS = 1e4


@dataclass(frozen=True)
class Trained:
    """Weights with the lowest validation loss, weights after the last step, and the history."""

    best: dict[str, torch.Tensor]
    last: dict[str, torch.Tensor]
    best_epoch: int
    history: list[dict[str, float]]


@dataclass(frozen=True)
class _Learner:
    """A network and the Adam that trains it."""

    network: nn.Module
    optimizer: Adam

    def descend(self, value: torch.Tensor) -> None:
        """Take one step that makes a value smaller."""
        self.optimizer.zero_grad()
        value.backward()
        self.optimizer.step()

    def tensors(self, prefix: str) -> dict[str, torch.Tensor]:
        """Return the weights, and Adam's moments of each."""
        named = {f"{prefix}.{name}": value for name, value in self.network.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            for key, value in self.optimizer.state[parameter].items():
                named[f"{prefix}-adam-{key}.{name}"] = value
        return named

    def restore(self, tensors: Mapping[str, torch.Tensor], prefix: str) -> None:
        """Put back what `tensors` returned, in the memory layout that the sums are taken in."""
        self.network.load_state_dict(_part(tensors, prefix))
        for name, parameter in self.network.named_parameters():
            self.optimizer.state[parameter] = {
                "step": tensors[f"{prefix}-adam-step.{name}"].to(parameter.device),
                **{
                    key: torch.empty_like(parameter).copy_(tensors[f"{prefix}-adam-{key}.{name}"])
                    for key in ("exp_avg", "exp_avg_sq")
                },
            }


def train(
    network: nn.Module,
    objective: Objective,
    training: PatchPairs | NoisyPatches,
    validation: PatchPairs | NoisyPatches,
    *,
    settings: Settings,
    seed: int,
    device: str,
    report: Callable[[str], None],
    state: State | None = None,
    keep: Callable[[State], None] | None = None,
    images: Sequence[str] = (),
    planes: bool = False,
) -> Trained:
    """Train a network, which is changed in place.

    Parameters
    ----------
    network
        From `denoisekit.networks.build`, probabilistic if the loss is.
    objective
        From `denoisekit.training.objectives`. Each step first trains its critic, if it has one, at
        the same rate. The validation loss is without it, since its verdicts change from epoch to
        epoch.
    training, validation
        Patches of the objective's kind; all of the training patches are drawn once before any is
        drawn again. What is random in the validation is the same in every epoch.
    settings
        Length, rate and schedule.
    seed
        Order of the patches, their turning and what is hidden of them. Seed torch before the
        network is built.
    device
        ``cpu`` or ``cuda``.
    report
        Is told the progress after every epoch, in one line.
    state
        Where to go on, as `keep` was given it; the numbers are those of an unbroken training.
    keep
        Is given the state after every epoch; the next epoch changes it.
    images
        Which image each training patch is from, for errors.
    planes
        Whether a network of planes learns from volumes: a batch is the planes of its volumes.

    Raises
    ------
    InputError
        If the loss becomes NaN or infinite, or grows beyond 10,000: patches are normalised, so that
        it is some hundred at most where a network learns.
    """
    rate, rate_at = torch.zeros((), device=device), learning_rate_schedule(settings)
    dims = 2 if planes else training.dims
    learners = _learners(network.to(device), objective, dims, rate, device)
    history, best = ([], {}) if state is None else _restore(learners, state)
    step = _step(learners, objective, settings.precision, device)
    if device == "cuda":
        step = graphs.Recorded(step, report=report)
    batches = draw_batches(
        on_device(training, device),
        objective,
        settings,
        seed,
        device,
        epochs=len(history),
        planes=planes,
    )
    validated = on_device(validation, device)
    validated = tuple(as_planes(part) for part in validated) if planes else validated
    start = time.perf_counter() - (history[-1]["seconds"] if history else 0)
    for epoch in range(len(history) + 1, settings.epochs + 1):
        network.train()
        rates = [rate_at(number, history) for number in step_numbers(settings, epoch)]
        training_loss = _train_epoch(step, batches, rate, rates)
        validation_loss = _evaluate(network, objective, validated, settings.precision, device)
        for value in (training_loss, validation_loss):
            _check_bound(objective, value, epoch, settings, training, images)
        seconds = round(time.perf_counter() - start, 3)
        history.append(_row(epoch, settings, rates[-1], training_loss, validation_loss, seconds))
        if _best_epoch(history) == epoch:
            best = _weights(network)
        if keep is not None:
            keep(_state(learners, best, history))
        report(_progress(history, settings))
    return Trained(best, _weights(network), _best_epoch(history), history)


def _learners(
    network: nn.Module, objective: Objective, dims: int, rate: torch.Tensor, device: str
) -> dict[str, _Learner]:
    """Return the network, and the objective's critic where it has one, each with its own Adam."""
    networks = {"network": network}
    if objective.build_critic is not None:
        networks["critic"] = objective.build_critic(dims=dims).to(device)
    return {
        name: _Learner(module, Adam(module.parameters(), rate=rate, epsilon=_ADAM_EPSILON))
        for name, module in networks.items()
    }


def _step(
    learners: Mapping[str, _Learner], objective: Objective, precision: str, device: str
) -> Callable[..., torch.Tensor]:
    """Return what takes a step on a batch and returns its loss, without waiting for the device."""
    learner, critic = learners["network"], learners.get("critic")
    context = computing(precision, device=device, training=True)

    def step(*batch: torch.Tensor) -> torch.Tensor:
        with context:
            restored = learner.network(batch[0])
        value = objective.value(restored, *batch)
        if critic is not None:
            low, high = batch
            # torch takes what a module holds for a tensor or a module.
            critic.descend(critic.network.loss(low, restored, high))  # type: ignore[operator]
            value = value + critic.network.term(low, restored)  # type: ignore[operator]
        learner.descend(value)
        return value.detach()

    return step


def _row(
    epoch: int,
    settings: Settings,
    rate: float,
    training_loss: float,
    validation_loss: float,
    seconds: float,
) -> dict[str, float]:
    """Return an epoch's row of the history."""
    return {
        "epoch": epoch,
        "step": total_steps(settings, epoch),
        "learning_rate": rate,
        "loss": training_loss,
        "validation_loss": validation_loss,
        "seconds": seconds,
    }


def _train_epoch(
    step: Callable[..., torch.Tensor],
    batches: Iterator[Tensors],
    rate: torch.Tensor,
    rates: Sequence[float],
) -> float:
    """Take a step at each rate, and return the mean loss."""
    total = torch.zeros_like(rate)
    for value in rates:
        rate.fill_(value)
        total += step(*next(batches))
    return total.item() / len(rates)


def _best_epoch(history: Sequence[Mapping[str, float]]) -> int:
    """Return the epoch of the lowest validation loss, the first of several, as CARE does."""
    return int(min(history, key=lambda row: row["validation_loss"])["epoch"])


def _state(
    learners: Mapping[str, _Learner],
    best: Mapping[str, torch.Tensor],
    history: list[dict[str, float]],
) -> State:
    tensors = {f"best.{name}": value for name, value in best.items()}
    for prefix, learner in learners.items():
        tensors |= learner.tensors(prefix)
    return State(tensors, history)


def _restore(
    learners: Mapping[str, _Learner], state: State
) -> tuple[list[dict[str, float]], dict[str, torch.Tensor]]:
    """Put learners back into a state, and return its history and its best weights."""
    for prefix, learner in learners.items():
        learner.restore(state.tensors, prefix)
    return list(state.history), _part(state.tensors, "best")


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """Return the tensors whose names begin with a prefix and a dot, by the rest of the name."""
    start = f"{prefix}."
    return {n.removeprefix(start): value for n, value in tensors.items() if n.startswith(start)}


def _check_bound(
    objective: Objective,
    value: float,
    epoch: int,
    settings: Settings,
    training: PatchPairs | NoisyPatches,
    images: Sequence[str],
) -> None:
    if math.isfinite(value) and abs(value) <= _LARGEST_LOSS:
        return
    reach = np.max(
        [np.abs(part).max(axis=tuple(range(1, part.ndim))) for part in training.arrays], 0
    )
    extreme = int(np.argmax(reach))
    where = f" of the image {images[extreme]}" if images else ""
    raise InputError(
        f"The loss {objective.name!r} became {value:g} in epoch {epoch} at a learning "
        f"rate of {settings.learning_rate:g}; lower the learning rate, or look for "
        f"extreme pixels in the training images: those of patch {extreme}{where} reach furthest, "
        f"to {reach[extreme]:g}."
    )


@torch.inference_mode()
def _evaluate(
    network: nn.Module, objective: Objective, held: Tensors, precision: str, device: str
) -> float:
    """Return the mean loss of a network over all patches, of which the same is hidden each time."""
    network.eval()
    total, generator = torch.zeros((), device=device), seeded_generator(device, _VALIDATION_SEED)
    for images in zip(*(part.split(_VALIDATION_BATCH) for part in held), strict=True):
        batch = objective.prepare([part.to(device) for part in images], generator)
        with computing(precision, device=device, training=True):
            restored = network(batch[0])
        total += objective.value(restored, *batch) * len(restored)
    return total.item() / len(held[0])


def _weights(network: nn.Module) -> dict[str, torch.Tensor]:
    return copy.deepcopy(
        {name: value.detach().cpu() for name, value in network.state_dict().items()}
    )


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

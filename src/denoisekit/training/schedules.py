"""Learning-rate schedules: reduction on a plateau, and a warm-up followed by a cosine."""

import math
from collections.abc import Callable

from denoisekit._checks import one_of
from denoisekit.training.settings import Settings


def learning_rate_schedule(settings: Settings) -> Callable[[int, list[dict[str, float]]], float]:
    """Return the learning rate as a function of the step and of the epochs so far."""
    schedules: dict[str, Callable[..., Callable[..., float]]] = {
        "plateau": _plateau,
        "cosine": _cosine,
    }
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

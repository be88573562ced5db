"""Training settings: steps, batches, learning rate and schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from denoisekit._checks import positive


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
    precision
        ``full`` or ``mixed``, as `denoisekit.computing` tells.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    learning_rate: float
    schedule: Mapping[str, Any]
    augment: bool
    precision: str

    def __post_init__(self) -> None:
        for name in ("epochs", "steps_per_epoch", "batch_size", "learning_rate"):
            positive(getattr(self, name), name=f"The training's {name}")


def step_numbers(settings: Settings, epoch: int) -> range:
    """Return the numbers of an epoch's steps, from 0."""
    return range(total_steps(settings, epoch - 1), total_steps(settings, epoch))


def total_steps(settings: Settings, epochs: int) -> int:
    """Return how many steps so many epochs have."""
    return epochs * settings.steps_per_epoch

"""What a network is trained for: another image of what one shows, or that one's hidden pixels.

An objective turns patches, as they are held, into batches whose first tensor is what the network
sees, and tells how far what it made of that is from what it should be.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import nn

Tensors = tuple[torch.Tensor, ...]


class Objective(Protocol):
    """What `denoisekit.training.loop.train` needs to know of an objective.

    Attributes
    ----------
    name
        Of its loss, for errors.
    build_critic
        What builds a network that is trained in turn, or None.
    quarter_turns
        Whether patches may be turned by quarter turns; otherwise by half turns only.
    """

    name: str
    build_critic: Callable[..., nn.Module] | None
    quarter_turns: bool

    def prepare(self, images: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
        """Return a batch of (N, 1, *spatial) images, and the like, the network's input first."""

    def value(self, restored: torch.Tensor, *batch: torch.Tensor) -> torch.Tensor:
        """Return one number that is to become small, from the network's output and its batch."""

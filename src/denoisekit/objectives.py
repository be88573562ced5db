"""What a network is trained for: another image of what one shows, or that one's hidden pixels.

An objective turns patches, as they are held, into batches whose first tensor is what the network
sees, and tells how far what it made of that is from what it should be.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import nn

from denoisekit import masked_losses, masking
from denoisekit.losses import Loss
from denoisekit.normalization import Normalizer

Tensors = tuple[torch.Tensor, ...]


class Objective(Protocol):
    """What `denoisekit.training.train` needs to know of an objective.

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


class Supervised:
    """Restore an image as another one shows the same: a clean one, or a second noisy one.

    Patches are pairs, normalised. The mean of what a noisy pixel may be is its signal, so that a
    second noisy image does for the truth if there are many (Noise2Noise).

    Parameters
    ----------
    loss
        From `denoisekit.losses.get`.

    References
    ----------
    .. [1] J. Lehtinen et al., "Noise2Noise: Learning image restoration without clean data", ICML
       (2018), arXiv 1803.04189.
    """

    quarter_turns = True

    def __init__(self, loss: Loss) -> None:
        self.name = loss.name
        self.build_critic = loss.build_critic
        self._function = loss.function

    def prepare(self, images: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
        """Return the pair as it is."""
        return tuple(images)

    def value(self, restored: torch.Tensor, *batch: torch.Tensor) -> torch.Tensor:
        """Return the loss against the second of the pair."""
        return self._function(restored, batch[-1])


class Noise2Void:
    """Predict pixels of a noisy image that are hidden, from what is around them.

    Patches are single images in their own units.

    Parameters
    ----------
    loss
        Its name and the function, from `denoisekit.masked_losses.get`.
    settings
        ``percent``, ``neighbourhood``, ``replacement`` and, if pixels of a line are to be hidden
        together, ``line`` with its ``direction`` and ``length``, as `denoisekit.masking` tells.
    normalizer
        Takes images to the range that the network works in.

    References
    ----------
    .. [1] A. Krull, T.-O. Buchholz, F. Jug, "Noise2Void - learning denoising from single noisy
       images", CVPR (2019), doi:10.1109/CVPR.2019.00223.
    """

    build_critic = None

    def __init__(
        self,
        loss: tuple[str, masked_losses.Function],
        settings: Mapping[str, Any],
        *,
        normalizer: Normalizer,
    ) -> None:
        self.name, self._function = loss
        line = settings.get("line")
        self._options = {**settings, "line": masking.Line(**line) if line else None}
        self._normalizer = normalizer
        # A quarter turn would lay the noise's line across the mask's.
        self.quarter_turns = line is None or line["direction"] == "both"

    def prepare(self, images: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
        """Hide pixels, and return what the network sees, the noisy images and what is hidden."""
        (noisy,) = images
        masked = masking.mask(noisy, **self._options, generator=generator)
        inputs = self._normalizer.rescale(masked.inputs)
        return inputs, noisy, masked.mask, masked.places, masked.inside

    def value(self, restored: torch.Tensor, *batch: torch.Tensor) -> torch.Tensor:
        """Return the loss over the hidden pixels."""
        inputs, noisy, *hidden = batch
        return self._function(restored, noisy, masking.Masked(inputs, *hidden))

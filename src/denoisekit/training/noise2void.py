"""Noise2Void objective: the loss at hidden pixels of noisy patches."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from denoisekit.images.normalization import Normalizer
from denoisekit.training import masked_losses, masking
from denoisekit.training.objectives import Tensors


class Noise2Void:
    """Predict pixels of a noisy image that are hidden, from what is around them.

    Patches are single images in their own units.

    Parameters
    ----------
    loss
        Its name and the function, from `denoisekit.training.masked_losses.get`.
    settings
        ``percent``, ``neighbourhood``, ``replacement`` and, if pixels of a line are to be hidden
        together, ``line`` with its ``direction`` and ``length``, as `denoisekit.training.masking`
        tells.
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

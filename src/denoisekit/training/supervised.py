"""Supervised objective: the loss between a restored patch and its truth."""

from collections.abc import Sequence

import torch

from denoisekit.losses import Loss
from denoisekit.training.objectives import Tensors


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


class Jointly(Supervised):
    """Restore all channels of a sample by one network: the mean of the loss of each.

    A loss is of images of one channel, so that each channel counts as one. Of a network with a
    scale, the means of all channels come first and then their scales, as in CSBDeep.
    """

    def value(self, restored: torch.Tensor, *batch: torch.Tensor) -> torch.Tensor:
        """Return the mean over the channels of the loss against the second of the pair."""
        truth = batch[-1].flatten(0, 1)[:, None]
        parts = restored.unflatten(1, (-1, batch[-1].shape[1]))
        return self._function(parts.transpose(1, 2).flatten(0, 1), truth)


class AlongOneAxis(Supervised):
    """Restore an image that is worse along its last axis: none is turned by a quarter."""

    quarter_turns = False

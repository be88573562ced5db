"""Mean absolute error and a discriminator's verdict, which the loss-function paper announced.

Sources: Isola et al. 2017 (pix2pix, doi 10.1109/CVPR.2017.632) for the mean absolute error beside a
discriminator that sees the low exposure too and judges patch by patch; its weights 100 and 1 are a
`weight` of 0.01 here. Mao et al. 2017 (doi 10.1109/ICCV.2017.304) for least squares, with 1 for the
truth, 0 for what is restored, and 1 for what the network wants it to be taken for. Unlike pix2pix
nothing is normalised within a batch, which would hide brightness and contrast.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import l1_loss, leaky_relu

from denoisekit._checks import positive, shape_text
from denoisekit.errors import InputError
from denoisekit.losses import Function

PROBABILISTIC = False

_CONV = {2: nn.Conv2d, 3: nn.Conv3d}
_SLOPE = 0.2
_SMALLEST = 12


class Critic(nn.Module):
    """The discriminator: four convolutions of width 4, the first two halving the image.

    It judges patches of 34 px a side, as pix2pix's does with two layers.

    Parameters
    ----------
    dims
        Number of spatial axes, 2 or 3.
    weight
        Of its verdict beside the mean absolute error, above 0.
    first_filters
        Filters of the first convolution, which the next two double.
    """

    def __init__(self, *, dims: int, weight: float, first_filters: int) -> None:
        super().__init__()
        channels = [2, first_filters, 2 * first_filters, 4 * first_filters, 1]
        convolutions = [
            _CONV[dims](inputs, outputs, 4, stride=2 if layer < 2 else 1, padding=1)
            for layer, (inputs, outputs) in enumerate(pairwise(channels))
        ]
        for convolution in convolutions:
            nn.init.kaiming_normal_(convolution.weight, a=_SLOPE)
            if convolution.bias is not None:
                nn.init.zeros_(convolution.bias)
        self.convolutions = nn.ModuleList(convolutions)
        self.weight = weight

    def forward(self, low: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
        """Judge images beside their low exposures, (N, 1, *spatial) each: 1 for a truth, or 0."""
        if min(low.shape[2:]) < _SMALLEST:
            raise InputError(
                f"The adversarial loss needs patches of at least {_SMALLEST} px a side, but they "
                f"are {shape_text(low[0, 0])} px."
            )
        features = torch.cat([low, image], dim=1)
        for convolution in self.convolutions[:-1]:
            features = leaky_relu(convolution(features), _SLOPE)
        return self.convolutions[-1](features)

    def term(self, low: torch.Tensor, restored: torch.Tensor) -> torch.Tensor:
        """Return what is added to the network's loss; its gradient spares the critic."""
        self.requires_grad_(False)
        value = self.weight * 0.5 * (self(low, restored) - 1).square().mean()
        self.requires_grad_(True)
        return value

    def loss(self, low: torch.Tensor, restored: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        """Return the critic's own loss: truths are to be judged 1, and restored images 0."""
        verdicts = self(low, truth), self(low, restored.detach())
        return 0.5 * ((verdicts[0] - 1).square().mean() + verdicts[1].square().mean())


def build(*, weight: float, first_filters: int) -> Function:
    """Return ``mean |prediction - truth|``, the part that is validated on; see `build_critic`.

    Parameters
    ----------
    weight
        Of the discriminator's verdict, above 0.
    first_filters
        Filters of the discriminator's first convolution; pix2pix has 64.
    """
    positive(weight, name="The weight of the adversarial loss")
    positive(first_filters, name="The number of first filters of the adversarial loss")
    return l1_loss


build_critic = Critic

"""DnCNN, a plain stack of convolutions that predicts the noise.

Convolutions of 3 px with zero padding; all but the first and the last are followed by batch
normalisation and have no bias of their own. The input less the output is the restored image.

Source: Zhang et al. 2017 (doi 10.1109/TIP.2017.2662206).
"""

import torch
from torch import nn

from denoisekit.networks import Network
from denoisekit.networks._layers import CONV, END, NORM, check_no_scale

_KERNEL_SIZE = 3


class DnCNN(Network):
    """DnCNN for images of one channel.

    Parameters
    ----------
    dims
        Number of spatial axes, 2 or 3.
    probabilistic
        Must be false.
    layers
        Number of convolutions, two or more; 17 in the paper.
    filters
        Filters of each; 64 in the paper.

    Raises
    ------
    InputError
        If probabilistic.
    """

    def __init__(self, *, dims: int, probabilistic: bool, layers: int, filters: int) -> None:
        super().__init__()
        check_no_scale(probabilistic, architecture="dncnn")
        modules = [END[dims](1, filters, _KERNEL_SIZE, padding=1), nn.ReLU(inplace=True)]
        for _ in range(layers - 2):
            modules += [
                CONV[dims](filters, filters, _KERNEL_SIZE, padding=1, bias=False),
                NORM[dims](filters),
                nn.ReLU(inplace=True),
            ]
        self.body = nn.Sequential(*modules)
        self.noise = CONV[dims](filters, 1, _KERNEL_SIZE, padding=1)
        self.stride = 1
        self.reach = layers * (_KERNEL_SIZE // 2)
        self.apply(_he)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Restore normalised images, (N, 1, *spatial)."""
        features = self.body(images)
        # What becomes the image has the images' own numbers, whatever the features are in.
        with torch.autocast(images.device.type, enabled=False):
            return images - self.noise(features.to(images.dtype))


build = DnCNN


def _he(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Conv3d):
        nn.init.kaiming_normal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)

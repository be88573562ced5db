"""The U-Net of PN2V: additive skips, transposed convolutions, any number of outputs.

Two convolutions of 3 px per level with ReLU and zero padding, max-pooling by 2, transposed
convolutions of 2 px up, a 1-wide convolution as head. Its outputs are samples of each pixel's
prior; with one output it is the N2V and the supervised network of the same paper.

Sources: Krull et al. 2020 (doi 10.3389/fcomp.2020.00005), whose published network this is, but for
a number that it holds and does not use.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import nn

from denoisekit.networks import Network
from denoisekit.networks._layers import (
    CONV,
    END,
    POOL,
    TRANSPOSED,
    check_no_scale,
    unet_reach,
    way_up,
)

_KERNEL_SIZE = 3
# "This factor can speed up training": the authors' code multiplies all outputs by it.
_FACTOR = 10.0


class PN2VUNet(Network):
    """PN2V's U-Net for images of one channel.

    Parameters
    ----------
    dims
        Number of spatial axes, 2 or 3.
    probabilistic
        Must be false: the outputs are samples, or one restored image.
    depth
        How often the image is halved; 2 in the paper, which calls it a depth of 3.
    first_filters
        Filters on the first level (the paper: 64); each level down doubles them.
    outputs
        Samples per pixel; 800 in the paper.

    Raises
    ------
    InputError
        If probabilistic.
    """

    def __init__(
        self, *, dims: int, probabilistic: bool, depth: int, first_filters: int, outputs: int
    ) -> None:
        super().__init__()
        check_no_scale(probabilistic, architecture="pn2v-unet")
        filters = [first_filters * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(
            _level(dims, before, after, first=before == 1)
            for before, after in zip([1, *filters[:-1]], filters, strict=True)
        )
        self.widen = nn.ModuleList(
            TRANSPOSED[dims](filters[n + 1], filters[n], 2, stride=2)
            for n in reversed(range(depth))
        )
        self.up = nn.ModuleList(
            _level(dims, filters[n], filters[n]) for n in reversed(range(depth))
        )
        self.head = CONV[dims](filters[0], outputs, 1)
        self.pool = POOL[dims](2)
        self.stride = 2**depth
        self.reach = unet_reach(depth, _KERNEL_SIZE)
        self.apply(_glorot_normal)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Take normalised images, (N, 1, *spatial), to (N, outputs, *spatial)."""
        features, skips = self._way_down(images)
        for widen, level, skip in zip(self.widen, self.up, reversed(skips), strict=True):
            features = _added(widen, level, features, skip)
        return self._read_out(images, features)

    def restore_part(self, images: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        """Return a part of what comes of images, and compute little more."""
        features, skips = self._way_down(images)
        levels = [partial(_added, *level) for level in zip(self.widen, self.up, strict=True)]
        features = way_up(levels, features, skips, reach=2 * (_KERNEL_SIZE // 2), kept=kept)
        return self._read_out(images, features)

    def _way_down(self, images: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the features of the lowest level, and those of the levels above it."""
        *levels, middle = self.down
        features, skips = images, []
        for level in levels:
            features = level(features)
            skips.append(features)
            features = self.pool(features)
        return middle(features), skips

    def _read_out(self, images: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        # What becomes the image has the images' own numbers, whatever the features are in.
        with torch.autocast(images.device.type, enabled=False):
            return _FACTOR * self.head(features.to(images.dtype))


build = PN2VUNet


def _added(
    widen: nn.Module, level: nn.Module, features: torch.Tensor, skip: torch.Tensor
) -> torch.Tensor:
    result: torch.Tensor = level(widen(features) + skip)
    return result


def _level(dims: int, inputs: int, outputs: int, *, first: bool = False) -> nn.Sequential:
    kind = END[dims] if first else CONV[dims]
    return nn.Sequential(
        kind(inputs, outputs, _KERNEL_SIZE, padding=1),
        nn.ReLU(inplace=True),
        CONV[dims](outputs, outputs, _KERNEL_SIZE, padding=1),
        nn.ReLU(inplace=True),
    )


def _glorot_normal(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Conv3d):
        nn.init.xavier_normal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)

"""The U-Net of Noise2Void and of N2V2.

CARE's U-Net with batch normalisation before each ReLU, and without adding the input, which would
hand the hidden pixel's stand-in straight to the output. N2V2 pools with a blur and leaves out the
skip connection on the first level, which both quiet its checkerboard patterns.

Sources: Krull et al. 2019 (doi 10.1109/CVPR.2019.00223); Höck et al. 2022
(doi 10.1007/978-3-031-25069-9_33); Zhang 2019, arXiv 1904.11486, for the pooling.
"""

from functools import partial

import torch
from torch import nn

from denoisekit.networks._layers import (
    AVERAGE,
    CONV,
    POOL,
    Doubling,
    check_no_scale,
    glorot,
    unet_level,
    unet_reach,
)


class N2VUNet(Doubling):
    """Noise2Void's U-Net for images of one channel.

    Parameters
    ----------
    dims
        Number of spatial axes, 2 or 3.
    probabilistic
        Must be false.
    depth
        How often the image is halved; n2v's default is 2.
    kernel_size
        Side of the convolutions, odd; n2v's default is 5, and 3 for stacks.
    first_filters
        Filters on the first level (n2v's default: 32); each level down doubles them.
    blur_pool
        Whether to pool by a blurred maximum, as N2V2 does.
    top_skip
        Whether the first level has a skip connection, which N2V2's has not.

    Raises
    ------
    InputError
        If probabilistic.
    """

    def __init__(
        self,
        *,
        dims: int,
        probabilistic: bool,
        depth: int,
        kernel_size: int,
        first_filters: int,
        blur_pool: bool,
        top_skip: bool,
    ) -> None:
        super().__init__()
        check_no_scale(probabilistic, architecture="n2v-unet")
        filters = [first_filters * 2**level for level in range(depth + 1)]
        inputs = [1, *filters]
        level_of = partial(unet_level, dims, kernel_size, norm=True)
        self.down = nn.ModuleList(
            level_of(inputs[level], *[filters[level]] * 2, first=level == 0)
            for level in range(depth)
        )
        above = [filters[max(0, level - 1)] for level in range(depth + 1)]
        self.middle = level_of(inputs[depth], filters[depth], above[depth], first=depth == 0)
        self._skipped = [level > 0 or top_skip for level in range(depth)]
        self.up = nn.ModuleList(
            level_of((1 + self._skipped[n]) * filters[n], filters[n], above[n])
            for n in reversed(range(depth))
        )
        self.head = CONV[dims](filters[0], 1, 1)
        self.pool = _blur_pool(dims) if blur_pool else POOL[dims](2)
        self.stride = 2**depth
        self._reach_of_level = 2 * (kernel_size // 2)
        self.reach = unet_reach(depth, kernel_size, pooled=2 if blur_pool else 1)
        self.apply(glorot)

    def _way_down(self, images: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the features of the lowest level, and those that skip it from those above."""
        features, skips = images, []
        for level, skipped in zip(self.down, self._skipped, strict=True):
            features = level(features)
            skips.append(features if skipped else features[:, :0])
            features = self.pool(features)
        return self.middle(features), skips

    def _restored(self, images: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        # What becomes the image has the images' own numbers, whatever the features are in.
        with torch.autocast(images.device.type, enabled=False):
            restored: torch.Tensor = self.head(features.to(images.dtype))
            return restored


build = N2VUNet


def _blur_pool(dims: int) -> nn.Sequential:
    """Return a maximum over 2 px, blurred by (1, 2, 1) / 4, of which every second is kept.

    That blur is the mean of two neighbours, taken twice.
    """
    return nn.Sequential(
        POOL[dims](2, stride=1), AVERAGE[dims](2, stride=1, padding=1), AVERAGE[dims](2)
    )

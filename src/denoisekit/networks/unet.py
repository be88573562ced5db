"""The U-Net of CARE, as CSBDeep builds it.

Two convolutions per level with ReLU and zero padding, max-pooling by 2, nearest up-sampling, skip
connections by concatenation, a 1-wide convolution as head, added to the input.

Sources: Weigert et al. 2018 (doi 10.1038/s41592-018-0216-7); CSBDeep 0.8.1, internals/blocks.py and
internals/nets.py.
"""

import torch
from torch import nn

from denoisekit.networks._layers import (
    CONV,
    POOL,
    Doubling,
    glorot,
    middle,
    unet_level,
    unet_reach,
    with_scale,
)


class UNet(Doubling):
    """CARE's residual U-Net.

    Parameters
    ----------
    dims
        Number of spatial axes, 2 or 3.
    probabilistic
        Whether to predict the scale of a Laplace distribution in a second channel.
    depth
        How often the image is halved.
    kernel_size
        Side of the convolutions, odd.
    first_filters
        Filters on the first level; each level down doubles them.
    channels
        Of an image, as frames around one that is to be restored; what it restores is added to the
        one in the middle, or to the mean of the two there.
    jointly
        Whether the channels are colours of one sample, each of which is restored, as CSBDeep's
        ``n_channel_out`` has it; what it restores is then added to each.
    """

    def __init__(
        self,
        *,
        dims: int,
        probabilistic: bool,
        depth: int,
        kernel_size: int,
        first_filters: int,
        channels: int = 1,
        jointly: bool = False,
    ) -> None:
        super().__init__()
        self.channels, self.jointly = channels, jointly
        restored = channels if jointly else 1
        filters = [first_filters * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList()
        inputs = [channels, *filters]
        for level in range(depth):
            self.down.append(
                unet_level(
                    dims, kernel_size, inputs[level], *[filters[level]] * 2, first=level == 0
                )
            )
        self.middle = unet_level(
            *(dims, kernel_size, inputs[depth], filters[depth], filters[max(0, depth - 1)]),
            first=depth == 0,
            final=probabilistic and depth == 0,
        )
        self.up = nn.ModuleList(
            unet_level(
                *(dims, kernel_size, 2 * filters[n], filters[n], filters[max(0, n - 1)]),
                # Features that a scale is predicted of are large, and cancel in the mean.
                final=probabilistic and n == 0,
            )
            for n in reversed(range(depth))
        )
        self.mean = CONV[dims](filters[0], restored, 1)
        self.scale = CONV[dims](filters[0], restored, 1) if probabilistic else None
        self.pool = POOL[dims](2)
        self.stride = 2**depth
        self.reach = unet_reach(depth, kernel_size)
        self._reach_of_level = 2 * (kernel_size // 2)
        self.apply(glorot)

    def _way_down(self, images: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the features of the lowest level, and those of the levels above it."""
        features, skips = images, []
        for level in self.down:
            features = level(features)
            skips.append(features)
            features = self.pool(features)
        return self.middle(features), skips

    def _restored(self, images: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        # What becomes the image has the images' own numbers, whatever the features are in.
        with torch.autocast(images.device.type, enabled=False):
            features = features.to(images.dtype)
            own = images if self.jointly else middle(images, channels=self.channels)
            mean = own + self.mean(features)
            return mean if self.scale is None else with_scale(mean, self.scale(features))


build = UNet

"""NAFNet, a U-Net without activation functions: products of features take their place.

A block normalises the channels of each pixel, widens them, and multiplies one half by the other;
its attention multiplies each channel by a weight that all channels' means over the image decide.
The paper pools over the whole image. A tile has other means than its image, and so has a patch to
train on; here the means are those of a window around each pixel, in training and restoring alike.
Where the window holds the whole image, this is the paper's network.

Sources: Chen et al. 2022 (arXiv 2204.04676); Chu et al. 2022 (arXiv 2112.04491) for the windows.
"""

import torch
from torch import nn

from denoisekit.networks import Network
from denoisekit.networks._layers import CONV, END, TRANSPOSED, middle, with_scale

_KERNEL_SIZE = 3


class NAFNet(Network):
    """NAFNet.

    Parameters
    ----------
    dims
        Number of spatial axes, 2 or 3.
    probabilistic
        Whether to predict the scale of a Laplace distribution in a second channel.
    depth
        How often the image is halved.
    blocks
        Blocks on each level, on the way down and again on the way up.
    first_filters
        Filters on the first level; each level down doubles them.
    window
        Side in px of what the attention pools over, on every level.
    channels, jointly
        As the U-Net of `denoisekit.networks.unet` takes them.
    """

    def __init__(
        self,
        *,
        dims: int,
        probabilistic: bool,
        depth: int,
        blocks: int,
        first_filters: int,
        window: int,
        channels: int = 1,
        jointly: bool = False,
    ) -> None:
        super().__init__()
        self.channels, self.jointly = channels, jointly
        restored = channels if jointly else 1
        filters = [first_filters * 2**level for level in range(depth + 1)]
        radii = [max(1, window // 2 // 2**level) for level in range(depth + 1)]

        def level(n: int) -> nn.Sequential:
            return nn.Sequential(*(_Block(dims, filters[n], radii[n]) for _ in range(blocks)))

        padding = _KERNEL_SIZE // 2
        self.first = END[dims](channels, first_filters, _KERNEL_SIZE, padding=padding)
        self.down = nn.ModuleList(level(n) for n in range(depth))
        self.shrink = nn.ModuleList(
            CONV[dims](filters[n], filters[n + 1], 2, stride=2) for n in range(depth)
        )
        self.middle = level(depth)
        # What the paper does by a convolution and a shuffle of channels to pixels.
        self.grow = nn.ModuleList(
            TRANSPOSED[dims](filters[n + 1], filters[n], 2, stride=2, bias=False)
            for n in reversed(range(depth))
        )
        self.up = nn.ModuleList(level(n) for n in reversed(range(depth)))
        self.mean = CONV[dims](first_filters, restored, _KERNEL_SIZE, padding=padding)
        self.scale = (
            CONV[dims](first_filters, restored, _KERNEL_SIZE, padding=padding)
            if probabilistic
            else None
        )
        self.stride = 2**depth
        self.reach = _reach(blocks, radii)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Restore normalised images, (N, channels, *spatial) with multiples of `stride` a side."""
        features, skips = self.first(images), []
        for level, shrink in zip(self.down, self.shrink, strict=True):
            features = level(features)
            skips.append(features)
            features = shrink(features)
        features = self.middle(features)
        for grow, level, skip in zip(self.grow, self.up, reversed(skips), strict=True):
            features = level(grow(features) + skip)
        # What becomes the image has the images' own numbers, whatever the features are in.
        with torch.autocast(images.device.type, enabled=False):
            features = features.to(images.dtype)
            own = images if self.jointly else middle(images, channels=self.channels)
            mean = own + self.mean(features)
            return mean if self.scale is None else with_scale(mean, self.scale(features))


build = NAFNet


class _Block(nn.Module):
    """Attention over a pixel's surroundings, then over its channels, each added to its input."""

    def __init__(self, dims: int, filters: int, radius: int) -> None:
        super().__init__()
        wide = 2 * filters
        self.norm_1 = nn.LayerNorm(filters, eps=1e-6)
        self.widen_1 = CONV[dims](filters, wide, 1)
        self.around = CONV[dims](wide, wide, _KERNEL_SIZE, padding=_KERNEL_SIZE // 2, groups=wide)
        self.weigh = CONV[dims](filters, filters, 1)
        self.narrow_1 = CONV[dims](filters, filters, 1)
        self.norm_2 = nn.LayerNorm(filters, eps=1e-6)
        self.widen_2 = CONV[dims](filters, wide, 1)
        self.narrow_2 = CONV[dims](filters, filters, 1)
        self.share_1 = nn.Parameter(torch.zeros(1, filters, *[1] * dims))
        self.share_2 = nn.Parameter(torch.zeros(1, filters, *[1] * dims))
        self.radius = radius

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = _gated(self.around(self.widen_1(_of_channels(self.norm_1, images))))
        features = features * self.weigh(_local_mean(features, self.radius))
        images = images + self.share_1 * self.narrow_1(features)
        features = _gated(self.widen_2(_of_channels(self.norm_2, images)))
        return images + self.share_2 * self.narrow_2(features)


def _of_channels(norm: nn.LayerNorm, images: torch.Tensor) -> torch.Tensor:
    return norm(images.movedim(1, -1)).movedim(-1, 1)


def _gated(features: torch.Tensor) -> torch.Tensor:
    first, second = features.chunk(2, dim=1)
    return first * second


def _local_mean(images: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean of what lies within a radius of each pixel along all axes, and inside.

    Where that is the whole image for every pixel, as in training it may be, a single mean.
    """
    # A traced network takes images of any size, so that it must ask for no side.
    traced = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    if not traced and radius >= max(images.shape[2:]) - 1:
        return images.mean(dim=tuple(range(2, images.ndim)), keepdim=True)
    # Half precision cannot sum so many.
    with torch.autocast(images.device.type, enabled=False):
        means = images.to(torch.promote_types(images.dtype, torch.float32))
        count = torch.ones_like(means[:1, :1])
        for axis in range(2, images.ndim):
            means, count = (_window_sum(part, radius, axis) for part in (means, count))
        return (means / count).to(images.dtype)


def _window_sum(images: torch.Tensor, radius: int, axis: int) -> torch.Tensor:
    """Return the sum of the pixels at most a radius away along an axis."""
    first, last, before, after = (
        (slice(None),) * axis + (part,)
        for part in (slice(1), slice(-1, None), slice(-2 * radius - 1), slice(2 * radius + 1, None))
    )
    sums = images.cumsum(axis)
    nothing = torch.zeros_like(sums[first])
    padded = torch.cat([*[nothing] * (radius + 1), sums, *[sums[last]] * radius], dim=axis)
    return padded[after] - padded[before]


def _reach(blocks: int, radii: list[int]) -> int:
    """Return how many pixels to one side an output pixel depends on.

    Of each block, a convolution and the window's radius, both on the level's grid; of each level
    but the last, up to a pixel of its grid where it is halved; and of the ends, a convolution each.
    """
    *levels, _ = range(len(radii))
    passes = [2] * len(levels) + [1]
    within = sum(
        count * blocks * (radius + _KERNEL_SIZE // 2) * 2**level
        for level, (count, radius) in enumerate(zip(passes, radii, strict=True))
    )
    return within + sum(2**level for level in levels) + 2 * (_KERNEL_SIZE // 2)

"""Parts that several networks are built of."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from denoisekit.errors import InputError
from denoisekit.networks import Network, place_in

CONV = {2: nn.Conv2d, 3: nn.Conv3d}
_CONVOLVE: dict[int, Callable[..., torch.Tensor]] = {
    2: nn.functional.conv2d,
    3: nn.functional.conv3d,
}


class _InFloat32:
    """A convolution of float32 in a network that restores in bfloat16."""

    training: bool

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        kind = features.device.type
        rounded = torch.is_autocast_enabled(kind) and (
            torch.get_autocast_dtype(kind) is torch.bfloat16
        )
        if self.training or not rounded:
            return super().forward(features)  # type: ignore[misc]
        with torch.autocast(kind, enabled=False):
            return super().forward(features.float())  # type: ignore[misc]


class _EndConv2d(_InFloat32, nn.Conv2d):
    pass


class _EndConv3d(_InFloat32, nn.Conv3d):
    pass


# Of the image itself, and of what a scale is predicted of, where the result shows the rounding.
END = {2: _EndConv2d, 3: _EndConv3d}
POOL = {2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVERAGE = {2: nn.AvgPool2d, 3: nn.AvgPool3d}
NORM = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
TRANSPOSED = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
# Keras's, which N2V was trained with; its momentum of 0.99 is torch's 0.01.
NORM_OPTIONS: dict[str, Any] = {"eps": 1e-3, "momentum": 0.01}
_SCALE_FLOOR = 1e-3


def check_no_scale(probabilistic: bool, *, architecture: str) -> None:
    """Raise InputError if a scale is asked of a network that predicts none."""
    if probabilistic:
        raise InputError(
            f"The network {architecture!r} predicts no scale beside its output, which a "
            "probabilistic loss needs; train the network 'unet' or 'nafnet' by that loss, or this "
            "one by another, such as 'mse'."
        )


def middle(images: torch.Tensor, *, channels: int) -> torch.Tensor:
    """Return the channel in the middle, (N, 1, *spatial); of an even number, the mean of both."""
    if channels == 1:
        return images
    return images[:, (channels - 1) // 2 : channels // 2 + 1].mean(dim=1, keepdim=True)


def with_scale(mean: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Join means and a head's numbers, (N, C, *spatial), as means and then scales above zero."""
    return torch.cat([mean, nn.functional.softplus(scale) + _SCALE_FLOOR], dim=1)


def glorot(module: nn.Module) -> None:
    """Start a convolution with Glorot's uniform weights and no bias."""
    if isinstance(module, nn.Conv2d | nn.Conv3d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def unet_reach(depth: int, kernel_size: int, *, pooled: int = 1) -> int:
    """Return how many pixels to one side an output pixel of a U-Net depends on.

    Of two convolutions a level, each on level n reaches (kernel_size // 2) * 2**n, and pooling from
    it `pooled` * 2**n more.
    """
    halves = [2**level for level in range(depth)]
    convolutions = 2 * (2 * sum(halves) + 2**depth)
    return convolutions * (kernel_size // 2) + pooled * sum(halves)


def cut(images: torch.Tensor, part: Sequence[slice]) -> torch.Tensor:
    """Return a part of images (N, C, *spatial), a slice for each spatial axis."""
    return images[(slice(None), slice(None), *part)]


def way_up(
    levels: Sequence[Callable[[torch.Tensor, torch.Tensor], torch.Tensor]],
    features: torch.Tensor,
    skips: Sequence[torch.Tensor],
    *,
    reach: int,
    kept: Sequence[slice],
) -> torch.Tensor:
    """Take features up the levels of a U-Net, and compute little more than is kept.

    Parameters
    ----------
    levels
        From the coarsest to the finest: what doubles features and joins them with a skip.
    features
        Of the lowest level, (N, C, *spatial).
    skips
        From the finest to the coarsest, each with sides twice those of the next.
    reach
        Pixels to each side that a level's output depends on, on its own grid.
    kept
        The part of the finest level to return, in px.
    """
    # What each level takes, and what is kept of it, from the finest to the coarsest.
    taken: list[list[slice]] = []
    wanted = [list(kept)]
    for skip in skips:
        sides = zip(wanted[-1], skip.shape[2:], strict=True)
        taken.append([_even(part, reach, side) for part, side in sides])
        wanted.append([slice(part.start // 2, part.stop // 2) for part in taken[-1]])
    features = cut(features, wanted.pop())
    for level, skip in zip(levels, reversed(skips), strict=True):
        outer, inner = taken.pop(), wanted.pop()
        features = cut(level(features, cut(skip, outer)), place_in(inner, outer))
    return features


def _even(part: slice, reach: int, side: int) -> slice:
    """Return a part of a side, grown by a reach and to even ends."""
    return slice(max(0, part.start - reach) // 2 * 2, min(side, (part.stop + reach + 1) // 2 * 2))


def joined(level: nn.Module, features: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
    """Apply a level to features of half its size, doubled by nearest neighbours, and a skip."""
    doubled = nn.functional.interpolate(features, scale_factor=2.0, mode="nearest")
    result: torch.Tensor = level(torch.cat([doubled, skip], dim=1))
    return result


def joining(
    images: torch.Tensor,
) -> Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return what joins a level's features with a skip fastest, without a digit less."""
    # Sums of two parts, each rounded to 16 bits, would have more error than one sum.
    return joined if torch.is_autocast_enabled(images.device.type) else joined_at_half_size


def joined_at_half_size(
    level: nn.Module, features: torch.Tensor, skip: torch.Tensor
) -> torch.Tensor:
    """Do what `joined` does, to rounding, and never double the features.

    Of four neighbours in a plane that doubling makes alike, a convolution sums the weights, which
    takes 9 products of 25 for a kernel of 5 px, and 4 of 9 for one of 3 px.
    """
    if skip.shape[1] == 0:
        return joined(level, features, skip)
    first, *others = level.children()
    weights, bias = first.get_parameter("weight"), first.get_parameter("bias")
    of_features, of_skip = weights.split([features.shape[1], skip.shape[1]], dim=1)
    dims, half = features.ndim - 2, weights.shape[-1] // 2
    result = _CONVOLVE[dims](skip, of_skip, bias, padding=half)
    taps, margin = range(-half, half + 1), (half + 1) // 2
    padded = nn.functional.pad(features, [margin] * 2 * dims)
    for phase in itertools.product((0, 1), repeat=dims):
        weight, seen = of_features, []
        for axis, (shift, side) in enumerate(zip(phase, features.shape[2:], strict=True), start=2):
            # Which of the features each tap sees, from the one that becomes this pixel.
            steps = [(shift + tap) // 2 for tap in taps]
            sides = list(weight.shape)
            sides[axis] = steps[-1] - steps[0] + 1
            index = torch.tensor([step - steps[0] for step in steps], device=weight.device)
            weight = weight.new_zeros(sides).index_add(axis, index, weight)
            seen.append(slice(margin + steps[0], margin + side + steps[-1]))
        every_second = [slice(shift, None, 2) for shift in phase]
        cut(result, every_second).add_(_CONVOLVE[dims](cut(padded, seen), weight))
    for part in others:
        result = part(result)
    return result


class Doubling(Network):
    """A U-Net whose way up doubles features by nearest neighbours and joins them with skips.

    Its levels up are `up`, from the coarsest; an output of one depends on `_reach_of_level` pixels.
    """

    up: nn.ModuleList
    _reach_of_level: int

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Restore normalised images, (N, channels, *spatial) with multiples of `stride` a side."""
        features, skips = self._way_down(images)
        for level, skip in zip(self.up, reversed(skips), strict=True):
            features = joined(level, features, skip)
        return self._restored(images, features)

    def restore_part(self, images: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        """Restore a part of images, and compute little more."""
        features, skips = self._way_down(images)
        levels = [partial(joining(images), level) for level in self.up]
        features = way_up(levels, features, skips, reach=self._reach_of_level, kept=kept)
        return self._restored(cut(images, kept), features)

    def _way_down(self, images: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the features of the lowest level, and those that skip it from those above."""
        raise NotImplementedError

    def _restored(self, images: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """Return what comes of images by the features of the finest level."""
        raise NotImplementedError


def unet_level(
    dims: int,
    kernel_size: int,
    channels: int,
    filters: int,
    last: int,
    *,
    norm: bool = False,
    first: bool = False,
    final: bool = False,
) -> nn.Sequential:
    """Return two convolutions with ReLU, the first or the final of a network where it says so."""

    def convolution(inputs: int, outputs: int, *, end: bool) -> list[nn.Module]:
        kind = END[dims] if end else CONV[dims]
        normed = [NORM[dims](outputs, **NORM_OPTIONS)] if norm else []
        return [
            kind(inputs, outputs, kernel_size, padding=kernel_size // 2),
            *normed,
            nn.ReLU(inplace=True),
        ]

    return nn.Sequential(
        *convolution(channels, filters, end=first), *convolution(filters, last, end=final)
    )

"""Parts that several networks are built of."""

from typing import Any

import torch
from torch import nn

from denoisekit.errors import InputError

CONV = {2: nn.Conv2d, 3: nn.Conv3d}


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

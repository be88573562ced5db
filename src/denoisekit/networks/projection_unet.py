"""CARE's surface projection: a stack becomes the plane of its sheet, which a U-Net restores.

A small network of volumes says of each voxel how likely it is of the sheet; the stack's mean along
z, weighed by that, is the plane. Both parts learn from the restored plane alone.

Sources: Weigert et al. 2018 (doi 10.1038/s41592-018-0216-7); CSBDeep 0.8.1,
models/care_projection.py.
"""

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import nn

from denoisekit.errors import InputError
from denoisekit.networks import Network
from denoisekit.networks._layers import END, glorot
from denoisekit.networks.unet import UNet

_POOLED = (1, 2, 2)


class Sheet(Network):
    """Find the sheet in a stack.

    One convolution of 3 x 3 x 3 a level with ReLU and zero padding, max-pooling and nearest
    up-sampling by 2 along y and x alone, no skip connections.

    Parameters
    ----------
    depth
        How often planes are halved.
    filters
        Of all levels alike.
    """

    def __init__(self, *, depth: int, filters: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(
            _convolution(1 if level == 0 else filters, filters) for level in range(depth)
        )
        self.middle = _convolution(filters if depth else 1, filters)
        self.up = nn.ModuleList(_convolution(filters, filters) for _ in range(depth))
        self.last = _convolution(filters, 1)
        self.stride = 2**depth
        # Down and up a level n, 2**n each, and 2**n of pooling; in the middle, and at the end.
        self.reach = 3 * (self.stride - 1) + self.stride + 1
        self.reach_planes = 2 * depth + 2
        self.apply(glorot)

    def scores(self, stacks: torch.Tensor) -> torch.Tensor:
        """Return how much each voxel of normalised stacks, (N, Z, Y, X), seems to be of a sheet."""
        features = stacks[:, None]
        for level in self.down:
            features = nn.functional.max_pool3d(torch.relu(level(features)), _POOLED)
        features = torch.relu(self.middle(features))
        for level in self.up:
            features = nn.functional.interpolate(features, scale_factor=(1.0, 2.0, 2.0))
            features = torch.relu(level(features))
        with torch.autocast(stacks.device.type, enabled=False):
            scores: torch.Tensor = self.last(features.to(stacks.dtype))
        return scores[:, 0]

    def weights(self, stacks: torch.Tensor) -> torch.Tensor:
        """Return how much of each voxel a plane is made of, (N, Z, Y, X), of sum 1 along z."""
        return torch.softmax(self.scores(stacks), dim=1)

    def forward(self, stacks: torch.Tensor) -> torch.Tensor:
        """Return the plane of each stack (N, Z, Y, X), how deep it lies, and the spread of that.

        Returns
        -------
        torch.Tensor
            (N, 3, Y, X): the weighted mean of the voxels; and mean and standard deviation of their
            depths, in planes from the first one, weighed likewise.
        """
        return read_out(stacks, self.weights(stacks))


class ProjectionUNet(Network):
    """CARE's projection network and its U-Net, trained jointly.

    Parameters
    ----------
    dims
        2: planes come out.
    probabilistic
        As `UNet` takes it.
    projection_depth, projection_filters
        As `Sheet` takes depth and filters; CARE's are 4 and 8.
    depth, kernel_size, first_filters
        As `UNet` takes them.
    """

    def __init__(
        self,
        *,
        dims: int,
        probabilistic: bool,
        projection_depth: int,
        projection_filters: int,
        depth: int,
        kernel_size: int,
        first_filters: int,
    ) -> None:
        super().__init__()
        if dims != 2:
            raise InputError(
                "The network 'projection-unet' makes planes of stacks; give its data set 'target: "
                "plane', or take the network 'unet' for volumes."
            )
        self.sheet = Sheet(depth=projection_depth, filters=projection_filters)
        self.unet = UNet(
            dims=dims,
            probabilistic=probabilistic,
            depth=depth,
            kernel_size=kernel_size,
            first_filters=first_filters,
        )
        self.stride = max(self.sheet.stride, self.unet.stride)
        self.reach = self.sheet.reach + self.unet.reach

    def forward(self, stacks: torch.Tensor) -> torch.Tensor:
        """Restore the plane of normalised stacks, (N, Z, Y, X) with any number of planes."""
        restored: torch.Tensor = self.unet(self._planes(stacks))
        return restored

    def restore_part(self, stacks: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        """Restore a part of the plane of stacks, and compute less of the U-Net's."""
        return self.unet.restore_part(self._planes(stacks), kept)

    def _planes(self, stacks: torch.Tensor) -> torch.Tensor:
        weights = self.sheet.weights(stacks)
        return (weights * stacks).sum(dim=1, keepdim=True)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move it as any module; a memory format is for the part of planes alone."""
        if "memory_format" not in kwargs:
            return super().to(*args, **kwargs)
        self.unet.to(*args, **kwargs)
        self.sheet.to(*args, **{**kwargs, "memory_format": torch.channels_last_3d})
        return self


build = ProjectionUNet


def read_out(stacks: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return what stacks show by weights along z: plane, depth and spread, (N, 3, Y, X).

    Parameters
    ----------
    stacks, weights
        (N, Z, Y, X); weights are of sum 1 along z.
    """
    depths = torch.arange(stacks.shape[1], device=stacks.device, dtype=stacks.dtype)
    depths = depths[:, None, None]
    plane = (weights * stacks).sum(dim=1)
    mean = (weights * depths).sum(dim=1)
    variance = (weights * (depths - mean[:, None]) ** 2).sum(dim=1)
    return torch.stack([plane, mean, variance.sqrt()], dim=1)


def _convolution(inputs: int, outputs: int) -> nn.Module:
    return END[3](inputs, outputs, 3, padding=1)

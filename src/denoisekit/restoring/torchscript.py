"""Make of trained networks one that other programs can run: images in, images out.

Normalisation and its inverse, and the extension to the network's stride, become part of it, and so
does the mean of an ensemble. It is kept as TorchScript, which holds the computation itself: who
runs it needs torch, or its C++ library, and not this package.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from denoisekit.images.normalization import Normalizer
from denoisekit.networks import Network
from denoisekit.networks.projection_unet import ProjectionUNet, Sheet, read_out

_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d)


def torchscript(
    members: Sequence[Network],
    *,
    percentiles: tuple[float, float],
    normalizer: Normalizer | None,
    channels: int,
) -> bytes:
    """Return a network, or an ensemble of several, with its normalisation as a TorchScript file.

    The result takes images in their own units, (N, channels, *spatial) of at least the network's
    stride a side, to restored images in these units, of the same size and float32; where the
    network predicts scales, these follow, as many channels again. Of a single channel it computes
    what `denoisekit.restoring.inference.restore` does to an image as a whole in full precision, to
    float rounding, and of several what `denoisekit.restoring.channels.JointRestorer` does, but does
    not refuse images without signal: both percentiles being equal, pixels are taken as they are. Of
    an ensemble it computes the mean, and beside it the mixture's scale or, where the networks
    predict none, the spread of their means, as `denoisekit.evaluation.uncertainty.combined` does.

    Parameters
    ----------
    members
        Trained networks on the CPU, one or those of an ensemble, with one output or a mean and its
        scale; they are left in evaluation mode.
    percentiles
        What each image is normalised by, each of a batch and each of its channels by itself.
    normalizer
        What all images are normalised by instead, if the network was trained on fixed numbers.
    channels
        How many channels of a sample the networks restore jointly; 1 of single images.
    """
    fixed = (normalizer.low, normalizer.high) if normalizer else None
    with _scripting():
        wholes = [_whole(network, channels, percentiles, fixed) for network in members]
        whole = wholes[0]
        if len(wholes) > 1:
            whole = torch.jit.script(_Joined(wholes, channels).eval())
        return _saved(whole)


def projecting_torchscript(
    network: ProjectionUNet, *, percentiles: tuple[float, float], spacing_um: float
) -> bytes:
    """Return a network of stacks with its normalisation as a TorchScript file.

    The result takes stacks in their own units, (N, 1, Z, Y, X) of any number of planes and at least
    the network's stride along y and x, to (N, 3, Y, X), float32: the restored plane in these units,
    how deep the sheet lies, and the standard deviation of that, both in um from the first plane. It
    computes what `denoisekit.restoring.projection.restore_projection` does to a stack as a whole in
    full precision, to float rounding, but repairs no hot or dead pixels, and does not refuse stacks
    without signal: both percentiles being equal, voxels are taken as they are.

    Parameters
    ----------
    network
        Trained, on the CPU; it is left in evaluation mode.
    percentiles
        What each stack is normalised by as a whole, each of a batch by itself.
    spacing_um
        How far planes lie apart.
    """
    network.eval().requires_grad_(False)
    with _scripting():
        side = 2 * network.stride
        shares = torch.jit.trace(_Shares(network.sheet), torch.zeros(1, 2, side, side))
        unet = torch.jit.trace(network.unet, torch.zeros(1, 1, side, side))
        whole = _WholeStack(shares, unet, network.stride, percentiles, spacing_um)
        return _saved(torch.jit.script(whole.eval()))


@contextmanager
def _scripting() -> Iterator[None]:
    """Say nothing of TorchScript's age: no longer developed, it is what other programs read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _saved(whole: nn.Module) -> bytes:
    file = io.BytesIO()
    torch.jit.save(whole, file)
    return _without_places(file)


def _without_places(file: io.BytesIO) -> bytes:
    """Return TorchScript without its notes for debuggers, which name the maker's folders."""
    kept = io.BytesIO()
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(kept, "w") as anonymous:
        for entry in whole.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                anonymous.writestr(entry, whole.read(entry))
    return kept.getvalue()


def _whole(
    network: Network,
    channels: int,
    percentiles: tuple[float, float],
    fixed: tuple[float, float] | None,
) -> nn.Module:
    network.eval().requires_grad_(False)
    weight = next(part.weight for part in network.modules() if isinstance(part, _CONVOLUTIONS))
    dims = weight.ndim - 2
    traced = torch.jit.trace(network, torch.zeros(1, channels, *[2 * network.stride] * dims))
    strides = [network.stride] * dims
    whole: nn.Module = torch.jit.script(
        _Whole(traced, strides, channels, percentiles, fixed).eval()
    )
    return whole


class _Joined(nn.Module):
    """Several networks, each with its normalisation, whose images are combined."""

    def __init__(self, members: Sequence[nn.Module], channels: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.channels = channels

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Restore images of any units."""
        restored = []
        for member in self.members:
            restored.append(member(images))
        parts = torch.stack(restored)
        means = parts[:, :, : self.channels]
        mean = means.mean(0)
        spread = ((means - mean) ** 2).mean(0)
        if parts.size(2) == self.channels:
            return torch.cat([mean, spread.sqrt()], 1)
        # The variance of a Laplace distribution is twice its scale squared.
        scales = parts[:, :, self.channels :]
        return torch.cat([mean, ((scales**2).mean(0) + spread / 2).sqrt()], 1)


class _Normalised(nn.Module):
    """What normalises images of any units and extends them, in what TorchScript has of Python."""

    def __init__(
        self,
        strides: Sequence[int],
        channels: int,
        percentiles: tuple[float, float],
        fixed: tuple[float, float] | None,
    ) -> None:
        super().__init__()
        self.strides = list(strides)
        self.dims = len(strides)
        self.channels = channels
        self.percentiles = float(percentiles[0]), float(percentiles[1])
        self.is_fixed = fixed is not None
        self.fixed = fixed or (0.0, 1.0)

    def ends(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what becomes 0 and 1 of each channel, in a shape that goes with images."""
        if self.is_fixed:
            return images.new_full([1], self.fixed[0]), images.new_full([1], self.fixed[1])
        ordered = torch.sort(images.reshape(images.size(0) * self.channels, -1), 1)[0]
        shape = [images.size(0), self.channels] + [1] * self.dims
        low, high = self.percentiles
        return self.percentile(ordered, low).view(shape), self.percentile(ordered, high).view(shape)

    def percentile(self, ordered: torch.Tensor, level: float) -> torch.Tensor:
        """Return a percentile of each row, between two values where it falls between them."""
        # torch.quantile takes 16 million pixels at most, and half of these programs' devices lack
        # float64; a position in a row is a Python number, and thus one of 64 bits.
        place = level / 100 * (ordered.size(1) - 1)
        below = int(place)
        above = min(below + 1, ordered.size(1) - 1)
        return torch.lerp(ordered[:, below], ordered[:, above], place - below)

    def extended(self, images: torch.Tensor) -> torch.Tensor:
        """Extend images by reflection to a multiple of the stride of each axis."""
        margins: list[int] = []
        for axis in range(self.dims - 1, -1, -1):
            margins += [0, -images.size(axis + 2) % self.strides[axis]]
        if max(margins) == 0:
            return images
        return nn.functional.pad(images, margins, mode="reflect")


class _Whole(_Normalised):
    """A network between normalisation and its inverse."""

    def __init__(
        self,
        network: nn.Module,
        strides: Sequence[int],
        channels: int,
        percentiles: tuple[float, float],
        fixed: tuple[float, float] | None,
    ) -> None:
        super().__init__(strides, channels, percentiles, fixed)
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Restore images of any units."""
        images = images.to(torch.float32)
        low, high = self.ends(images)
        width = torch.where(high == low, torch.ones_like(high), high - low)
        restored = self.network((self.extended(images) - low) / width)
        for axis in range(2, self.dims + 2):
            restored = restored.narrow(axis, 0, images.size(axis))
        means = restored[:, : self.channels] * width + low
        if restored.size(1) == self.channels:
            return means
        return torch.cat([means, restored[:, self.channels :] * width], 1)


class _Shares(nn.Module):
    """How much of each voxel a plane is made of, as a module by itself."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet

    def forward(self, stacks: torch.Tensor) -> torch.Tensor:
        """Return the weights of normalised stacks."""
        return self.sheet.weights(stacks)


class _WholeStack(_Normalised):
    """A network of stacks, both its parts between normalisation and its inverse."""

    def __init__(
        self,
        shares: nn.Module,
        unet: nn.Module,
        stride: int,
        percentiles: tuple[float, float],
        spacing_um: float,
    ) -> None:
        super().__init__([1, stride, stride], 1, percentiles, None)
        self.shares = shares
        self.unet = unet
        self.spacing_um = float(spacing_um)

    def forward(self, stacks: torch.Tensor) -> torch.Tensor:
        """Project stacks of any units, and restore their planes."""
        stacks = stacks.to(torch.float32)
        low, high = self.ends(stacks)
        width = torch.where(high == low, torch.ones_like(high), high - low)
        normalised = ((self.extended(stacks) - low) / width)[:, 0]
        read = read_out(normalised, self.shares(normalised))
        restored = self.unet(read[:, :1])[:, :1] * width[:, 0] + low[:, 0]
        found = torch.cat([restored, read[:, 1:] * self.spacing_um], 1)
        return found[:, :, : stacks.size(3), : stacks.size(4)]

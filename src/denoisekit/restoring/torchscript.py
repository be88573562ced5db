"""Make of trained networks one that other programs can run: images in, images out.

Normalisation and its inverse, and the extension to the network's stride, become part of it, and so
does the mean of an ensemble. It is kept as TorchScript, which holds the computation itself: who
runs it needs torch, or its C++ library, and not this package.
"""

import io
import warnings
import zipfile
from collections.abc import Sequence

import torch
from torch import nn

from denoisekit.images.normalization import Normalizer
from denoisekit.networks import Network

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
    with warnings.catch_warnings():
        # TorchScript is no longer developed, but it is what other programs read.
        warnings.simplefilter("ignore", DeprecationWarning)
        wholes = [_whole(network, channels, percentiles, fixed) for network in members]
        whole = wholes[0]
        if len(wholes) > 1:
            whole = torch.jit.script(_Joined(wholes, channels).eval())
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
    whole: nn.Module = torch.jit.script(
        _Whole(traced, dims, channels, network.stride, percentiles, fixed).eval()
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


class _Whole(nn.Module):
    """A network between normalisation and its inverse, in what TorchScript has of Python."""

    def __init__(
        self,
        network: nn.Module,
        dims: int,
        channels: int,
        stride: int,
        percentiles: tuple[float, float],
        fixed: tuple[float, float] | None,
    ) -> None:
        super().__init__()
        self.network = network
        self.dims = dims
        self.channels = channels
        self.stride = stride
        self.percentiles = float(percentiles[0]), float(percentiles[1])
        self.is_fixed = fixed is not None
        self.fixed = fixed or (0.0, 1.0)

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
        """Extend images by reflection to a multiple of the network's stride."""
        margins: list[int] = []
        for axis in range(self.dims + 1, 1, -1):
            margins += [0, -images.size(axis) % self.stride]
        if max(margins) == 0:
            return images
        return nn.functional.pad(images, margins, mode="reflect")

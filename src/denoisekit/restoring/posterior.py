"""Combine what the surroundings of a pixel say of it with what was observed there, as PN2V does.

The network's K outputs are samples of the prior; the noise model weighs them.

Source: Krull et al. 2020 (doi 10.3389/fcomp.2020.00005), equations 9 and 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from denoisekit._checks import finite
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring.inference import predict
from denoisekit.restoring.likelihoods import LogLikelihood

# Pixels weighed at once: sorting 800 samples of each takes some 200 MB.
_PIXELS = 16_384


@dataclass(frozen=True)
class Posterior:
    """What is known of each pixel's signal, in the image's units.

    Attributes
    ----------
    mmse
        The posterior's mean, which has the least mean squared error.
    prior_mean
        The mean of the prior's samples, which the pixel itself is not part of.
    quantiles
        The posterior's quantiles, (levels, *spatial), in the order they were asked for.
    """

    mmse: np.ndarray
    prior_mean: np.ndarray
    quantiles: np.ndarray


def restore(
    network: nn.Module,
    pixels: np.ndarray,
    *,
    normalizer: Normalizer,
    log_likelihood: LogLikelihood,
    levels: Sequence[float],
    tile: int,
    precision: str,
    device: str,
    name: str,
) -> Posterior:
    """Restore one image by a network that predicts samples of the prior.

    Parameters
    ----------
    network
        A trained network with K outputs, already on the device.
    pixels
        (Y, X) or (Z, Y, X), any size, in the units of the noise model.
    normalizer
        What the network's training images were normalised by.
    log_likelihood
        From `denoisekit.restoring.likelihoods`, on the device.
    levels
        Of the posterior's quantiles, each above 0 and below 1; 0.05 and 0.95 enclose 90 %.
    tile
        Longest side, in px, of the part that is predicted at a time; bounds the memory, which is
        some 4 bytes times K for each pixel of a tile with the network's reach around it.
    precision
        ``full`` or ``mixed``, as `denoisekit.computing` tells.
    device
        ``cpu`` or ``cuda``.
    name
        What to call the image in an error.

    Raises
    ------
    InputError
        If a pixel is not finite, a level is not between 0 and 1, or the image has fewer pixels a
        side than the network's stride.
    """
    finite(pixels, name=name)
    for level in levels:
        if not 0 < level < 1:
            raise InputError(
                f"The level of a posterior's quantile must be between 0 and 1, but is {level:g}."
            )
    summary = _Summary(network, normalizer, log_likelihood, levels)
    channels = predict(
        summary,
        pixels.astype(np.float32, copy=False),
        tile=tile,
        precision=precision,
        device=device,
        name=name,
    )
    return Posterior(channels[0], channels[1], channels[2:])


def summarise(
    samples: torch.Tensor,
    noisy: torch.Tensor,
    *,
    log_likelihood: LogLikelihood,
    levels: Sequence[float],
) -> torch.Tensor:
    """Return the posterior's mean, the prior's mean and the posterior's quantiles of every pixel.

    A quantile is the least sample that the level's share of the posterior does not exceed.

    Parameters
    ----------
    samples
        Of each pixel's prior, (N, K, *spatial), in the image's units.
    noisy
        What was observed, (N, 1, *spatial), in the image's units.
    log_likelihood
        From `denoisekit.restoring.likelihoods`.
    levels
        Of the quantiles, each above 0 and below 1.

    Returns
    -------
    torch.Tensor
        (N, 2 + levels, *spatial), in the order above.
    """
    weights = log_likelihood(noisy, samples).softmax(1)
    means = [(weights * samples).sum(1), samples.mean(1)]
    if not levels:
        return torch.stack(means, dim=1)
    ordered, order = samples.sort(1)
    shares = weights.gather(1, order).cumsum(1)
    last = samples.shape[1] - 1
    positions = [(shares < level).sum(1, keepdim=True).clamp(max=last) for level in levels]
    quantiles = [ordered.gather(1, position)[:, 0] for position in positions]
    return torch.stack(means + quantiles, dim=1)


class _Summary(nn.Module):
    """A network whose outputs are the posterior's summary instead of the prior's samples.

    Takes images in their own units, since a histogram tells apart values that rounding would
    confuse, and one at a time, so that only one tile's samples are in memory.
    """

    def __init__(
        self,
        network: nn.Module,
        normalizer: Normalizer,
        log_likelihood: LogLikelihood,
        levels: Sequence[float],
    ) -> None:
        super().__init__()
        self.network = network
        self.stride, self.reach = network.stride, network.reach
        self._normalizer = normalizer
        self._log_likelihood = log_likelihood
        self._levels = levels

    def forward(self, noisy: torch.Tensor) -> torch.Tensor:
        return torch.cat([self._one(image) for image in noisy.split(1)])

    def _one(self, noisy: torch.Tensor) -> torch.Tensor:
        samples = self.network(self._normalizer.rescale(noisy))
        parts = [
            summarise(
                self._normalizer.undo(of_pixels),
                observed,
                log_likelihood=self._log_likelihood,
                levels=self._levels,
            )
            for of_pixels, observed in zip(
                samples.flatten(2).split(_PIXELS, dim=2),
                noisy.flatten(2).split(_PIXELS, dim=2),
                strict=True,
            )
        ]
        return torch.cat(parts, dim=2).unflatten(2, noisy.shape[2:])

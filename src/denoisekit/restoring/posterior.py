"""Combine what the surroundings of a pixel say of it with what was observed there, as PN2V does.

The network's K outputs are samples of the prior; the noise model weighs them.

Source: Krull et al. 2020 (doi 10.3389/fcomp.2020.00005), equations 9 and 10.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from denoisekit._checks import finite
from denoisekit.images.normalization import Normalizer
from denoisekit.networks import Network
from denoisekit.noise.card import departure
from denoisekit.noise.models import NoiseModel, count_outside
from denoisekit.noise.units import measure
from denoisekit.noise.usable import Unusable, find, put_back, repaired
from denoisekit.restoring import likelihoods
from denoisekit.restoring.inference import TileSize, check_level, ends, predict
from denoisekit.restoring.likelihoods import LogLikelihood
from denoisekit.restoring.model import Model

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


@dataclass(frozen=True)
class Restorer:
    """Restore images with samples of the prior and a noise model, called with their pixels.

    Attributes
    ----------
    model
        The network, with K outputs.
    noise_model
        What weighs its samples; of the camera that took the images.
    outside
        What to do about values outside of the noise model's range: ``raise`` an InputError, or
        ``count`` them.
    note
        Is told in one sentence how many such values were counted in an image, and where its own
        noise is not the noise model's.
    tile, precision
        As `restore` takes them.
    """

    model: Model
    noise_model: NoiseModel
    outside: str
    note: Callable[[str], object]
    tile: TileSize
    precision: str

    def __call__(
        self, pixels: np.ndarray, name: str = "The image", *, unusable: Unusable | None = None
    ) -> np.ndarray:
        """Return the posterior's mean, in the image's units, as `predict` takes the image."""
        return self.predict(pixels, name, unusable=unusable).mmse

    @property
    def normalize(self) -> None:
        """What is normalised together: nothing, as `alike` says."""

    def alike(self, *_: object, **__: object) -> "Restorer":
        """Return itself: networks of PN2V normalise all images by the numbers of their training."""
        return self

    def predict(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        levels: Sequence[float] = (),
        unusable: Unusable | None = None,
    ) -> Posterior:
        """Return the posterior of an image, with its quantiles at some levels.

        `unusable` are the pixels that are none of the image, as
        `denoisekit.restoring.inference.restore` takes them.

        Raises
        ------
        InputError
            If the image has not the axes that the network takes, or cannot be restored.
        """
        pixels = np.asarray(pixels)
        self.model.check_axes(pixels, name=name)
        found = find(pixels, name=name) if unusable is None else unusable
        image = repaired(pixels, found)
        beyond = count_outside(self.noise_model, image, outside=self.outside, name=name)
        if beyond:
            low, high = self.noise_model.values
            self.note(
                f"{beyond} pixels of {name} lie outside of the noise model's range, {low:g} to "
                f"{high:g}."
            )
        sentence = departure(measure([image], [~found.mask]), self.noise_model, name=name)
        if sentence:
            self.note(sentence)
        restored = restore(
            self.model.network,
            image,
            # Networks of PN2V are trained on fixed numbers.
            normalizer=self.model.normalizer,  # type: ignore[arg-type]
            log_likelihood=self.log_likelihood,
            levels=levels,
            tile=self.tile,
            precision=self.precision,
            device=self.model.device,
            name=name,
        )
        mmse, prior_mean = (
            put_back(part, pixels, found.outside) for part in (restored.mmse, restored.prior_mean)
        )
        return Posterior(mmse, prior_mean, restored.quantiles)

    def interval(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        level: float,
        unusable: Unusable | None = None,
    ) -> np.ndarray:
        """Return a restored image between the ends of its central interval, (..., 3, Y, X).

        They are the posterior's mean and its quantiles, as `inference.Restorer.interval` has them.
        """
        found = find(pixels, name=name) if unusable is None else unusable
        posterior = self.predict(pixels, name, levels=ends(level), unusable=found)
        parts = [posterior.mmse, *posterior.quantiles]
        return np.stack([put_back(part, posterior.mmse, found.outside) for part in parts], axis=-3)

    @cached_property
    def log_likelihood(self) -> LogLikelihood:
        """The noise model's log-likelihood, on the device."""
        return likelihoods.of_model(self.noise_model, device=self.model.device)


def restore(
    network: Network,
    pixels: np.ndarray,
    *,
    normalizer: Normalizer,
    log_likelihood: LogLikelihood,
    levels: Sequence[float],
    tile: TileSize,
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
        check_level(level)
    summary = _Summary(network, normalizer, log_likelihood, levels)
    channels = predict(
        summary,
        pixels.astype(np.float32, copy=False)[None],
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


class _Summary(Network):
    """A network whose outputs are the posterior's summary instead of the prior's samples.

    Takes images in their own units, since a histogram tells apart values that rounding would
    confuse, and one at a time, so that only one tile's samples are in memory.
    """

    def __init__(
        self,
        network: Network,
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

"""Combine what the surroundings of a pixel say of it with what was observed there, as PN2V does.

The network's K outputs are samples of the prior; the noise model weighs them.

Source: Krull et al. 2020 (doi 10.3389/fcomp.2020.00005), equations 9 and 10.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np
import torch

from denoisekit._checks import contrast, finite
from denoisekit.images.normalization import Normalizer
from denoisekit.networks import Network
from denoisekit.noise.card import departure
from denoisekit.noise.models import NoiseModel, count_outside
from denoisekit.noise.units import measure
from denoisekit.noise.usable import Unusable, find, put_back, repaired
from denoisekit.restoring import likelihoods
from denoisekit.restoring.inference import TileSize, predict
from denoisekit.restoring.likelihoods import LogLikelihood
from denoisekit.restoring.model import Model
from denoisekit.restoring.restored import Restored, check_level, ends

# Pixels weighed at once: sorting 800 samples of each takes some 200 MB.
_PIXELS = 16_384
# Voxels of a volume's tile, with what surrounds it; 800 samples of each take some 1 GB.
_MOST_VOXELS = 300_000


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
    sample
        A draw of the posterior, each pixel by itself, if uniform numbers were given for it.
    spread
        Standard deviation of the means of the posteriors of an ensemble's members; None of one.
    """

    mmse: np.ndarray
    prior_mean: np.ndarray
    quantiles: np.ndarray
    sample: np.ndarray | None
    spread: np.ndarray | None


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
    members
        Of how many networks the samples are, each giving as many: an ensemble's are pooled.
    """

    model: Model
    noise_model: NoiseModel
    outside: str
    note: Callable[[str], object]
    tile: TileSize
    precision: str
    members: int = 1

    def __call__(
        self, pixels: np.ndarray, name: str = "The image", *, unusable: Unusable | None = None
    ) -> np.ndarray:
        """Return the posterior's mean, in the image's units, as `predict` takes the image."""
        return self.predict(pixels, name, unusable=unusable).mean

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
    ) -> Restored:
        """Return the posterior's mean, with the posterior.

        Its samples are too many to be kept: quantiles of the given `levels` are found at once, and
        others, and each sample, by restoring the image again. `unusable` are the pixels that are
        none of the image, as `denoisekit.restoring.inference.restore` takes them.

        Raises
        ------
        InputError
            If the image has not the axes that the network takes, or cannot be restored.
        """
        pixels = np.asarray(pixels)
        self.model.check_axes(pixels, name=name)
        found = find(pixels, name=name) if unusable is None else unusable
        contrast(pixels, name=name)
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

        def again(levels: Sequence[float], uniform: np.ndarray | None) -> Posterior:
            return restore(
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
                uniform=uniform,
                members=self.members,
            )

        once = again(levels, None)
        mmse, prior_mean = (
            put_back(part, pixels, found.outside) for part in (once.mmse, once.prior_mean)
        )
        spread = once.spread
        if spread is not None:
            spread = np.where(found.outside, np.float32(np.nan), spread)
        return Restored(
            mmse,
            spread=spread,
            prior_mean=prior_mean,
            distribution=_Posterior(dict(zip(levels, once.quantiles, strict=True)), again, mmse),
        )

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
        return self.layers(pixels, name, level=level, unusable=unusable)[..., :3, :, :]

    @property
    def beside(self) -> tuple[str, ...]:
        """What `layers` has beside image and interval."""
        return ("spread",) if self.members > 1 else ()

    def layers(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        level: float | None,
        unusable: Unusable | None = None,
    ) -> np.ndarray:
        """Return the restored image, the ends of its interval, and what `beside` names."""
        found = find(pixels, name=name) if unusable is None else unusable
        levels = () if level is None else ends(level)
        restored = self.predict(pixels, name, levels=levels, unusable=found)
        return restored.layers(outside=found.outside, level=level)

    @cached_property
    def log_likelihood(self) -> LogLikelihood:
        """The noise model's log-likelihood, on the device."""
        return likelihoods.of_model(self.noise_model, device=self.model.device)


@dataclass(frozen=True)
class _Posterior:
    """Quantiles and samples of an image's posterior: those known, others by restoring it again."""

    known: Mapping[float, np.ndarray]
    again: Callable[[Sequence[float], np.ndarray | None], Posterior]
    mmse: np.ndarray

    def quantile(self, level: float) -> np.ndarray:
        if level in self.known:
            return self.known[level]
        return np.asarray(self.again((level,), None).quantiles[0])

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        uniform = rng.random(self.mmse.shape, np.float32)
        return np.asarray(self.again((), uniform).sample)


def pooled(members: Sequence[Restorer]) -> Restorer:
    """Return what restores with the samples of several networks together, as one prior.

    All must be of one training, but for their seed; as `denoisekit.restoring.ensemble.join` takes
    them.
    """
    first = members[0]
    network = _Pooled([member.model.network for member in members])
    model = replace(first.model, network=network)
    return replace(first, model=model, members=len(members))


class _Pooled(Network):
    """The samples of several networks of PN2V, one after the other."""

    def __init__(self, networks: Sequence[Network]) -> None:
        super().__init__()
        self.networks = torch.nn.ModuleList(networks)
        self.stride = networks[0].stride
        self.reach = networks[0].reach

    def forward(self, noisy: torch.Tensor) -> torch.Tensor:
        return torch.cat([network(noisy) for network in self.networks], dim=1)

    def restore_part(self, noisy: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        networks = cast(Iterable[Network], self.networks)
        return torch.cat([network.restore_part(noisy, kept) for network in networks], dim=1)


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
    uniform: np.ndarray | None = None,
    members: int = 1,
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
        some 4 bytes times K for each pixel of a tile with the network's reach around it. Of a
        volume that part is whole along z and, where one number is given, of about 300,000 voxels.
    precision
        ``full`` or ``mixed``, as `denoisekit.computing` tells.
    device
        ``cpu`` or ``cuda``.
    name
        What to call the image in an error.
    uniform
        Random numbers from 0 to 1, of the image's shape, to draw the posterior by.
    members
        Of how many networks the K outputs are, one after the other and as many of each.

    Raises
    ------
    InputError
        If a pixel is not finite, a level is not between 0 and 1, or the image has fewer pixels a
        side than the network's stride.
    """
    finite(pixels, name=name)
    for level in levels:
        check_level(level)
    summary = _Summary(network, normalizer, log_likelihood, levels, members)
    seen = [pixels] if uniform is None else [pixels, uniform]
    channels = predict(
        summary,
        np.stack([part.astype(np.float32, copy=False) for part in seen]),
        tile=_tile_of(tile, pixels.shape, reach=network.reach),
        precision=precision,
        device=device,
        name=name,
    )
    rest = channels[2 + len(levels) :]
    return Posterior(
        channels[0],
        channels[1],
        channels[2 : 2 + len(levels)],
        sample=None if uniform is None else rest[0],
        spread=rest[-1] if members > 1 else None,
    )


def _tile_of(tile: TileSize, shape: tuple[int, ...], *, reach: int) -> TileSize:
    """Return tiles of volumes of which the samples of all voxels, with their reach, fit in memory.

    They are no smaller across than the reach, beyond which most of what is computed is thrown away.
    """
    if not isinstance(tile, int) or len(shape) == 2:
        return tile
    side = max(math.isqrt(_MOST_VOXELS // shape[0]) - 2 * reach, reach, 1)
    return [None, *[min(tile, side)] * 2]


def summarise(
    samples: torch.Tensor,
    noisy: torch.Tensor,
    *,
    log_likelihood: LogLikelihood,
    levels: Sequence[float | torch.Tensor],
    members: int = 1,
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
        Of the quantiles, each above 0 and below 1; one of each pixel, (N, 1, *spatial), drawn
        uniformly, gives a draw of the posterior.
    members
        Of how many networks the samples are. Of several, the standard deviation of the means of
        the posteriors that each alone gives comes last.

    Returns
    -------
    torch.Tensor
        (N, 2 + levels, *spatial), in the order above, with one more of several members.
    """
    logs = log_likelihood(noisy, samples)
    weights = logs.softmax(1)
    parts = [(weights * samples).sum(1), samples.mean(1)]
    if levels:
        ordered, order = samples.sort(1)
        shares = weights.gather(1, order).cumsum(1)
        last = samples.shape[1] - 1
        positions = [(shares < level).sum(1, keepdim=True).clamp(max=last) for level in levels]
        parts += [ordered.gather(1, position)[:, 0] for position in positions]
    if members > 1:
        of_each, logs = (part.unflatten(1, (members, -1)) for part in (samples, logs))
        parts.append((logs.softmax(2) * of_each).sum(2).std(1, correction=0))
    return torch.stack(parts, dim=1)


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
        members: int,
    ) -> None:
        super().__init__()
        self.network = network
        self.stride, self.reach = network.stride, network.reach
        self._normalizer = normalizer
        self._log_likelihood = log_likelihood
        self._levels = levels
        self._members = members

    def forward(self, noisy: torch.Tensor) -> torch.Tensor:
        return self.restore_part(noisy, [slice(0, side) for side in noisy.shape[2:]])

    def restore_part(self, noisy: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        return torch.cat([self._one(image, kept) for image in noisy.split(1)])

    def _one(self, given: torch.Tensor, kept: Sequence[slice]) -> torch.Tensor:
        samples = self.network.restore_part(self._normalizer.rescale(given[:, :1]), kept)
        part = given[(slice(None), slice(None), *kept)]
        noisy, uniform = part[:, :1], part[:, 1:]
        parts = [
            summarise(
                self._normalizer.undo(of_pixels),
                observed,
                log_likelihood=self._log_likelihood,
                levels=[*self._levels, *(drawn[:, n : n + 1] for n in range(drawn.shape[1]))],
                members=self._members,
            )
            for of_pixels, observed, drawn in zip(
                *(part.flatten(2).split(_PIXELS, dim=2) for part in (samples, noisy, uniform)),
                strict=True,
            )
        ]
        return torch.cat(parts, dim=2).unflatten(2, noisy.shape[2:])

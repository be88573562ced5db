"""Look at one pixel of an image: the samples of its prior, and how its own value weighs them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from denoisekit._checks import finite, shape_text
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.networks import Network
from denoisekit.restoring.inference import predict
from denoisekit.restoring.likelihoods import LogLikelihood

Window = tuple[slice, slice]
_SIGNALS = 400


@dataclass(frozen=True)
class PixelPosterior:
    """What is known of one pixel's signal, in the image's units.

    Attributes
    ----------
    y, x
        Where it is in the image.
    observed
        Its value.
    samples
        Of the prior, (K,): what the pixels around it say.
    weights
        Of the samples, (K,), with the sum 1: the posterior.
    signals, log_likelihoods
        Evenly spaced signals about the samples and the value, and how likely each makes the value.
    """

    y: int
    x: int
    observed: float
    samples: np.ndarray
    weights: np.ndarray
    signals: np.ndarray
    log_likelihoods: np.ndarray

    @property
    def mmse(self) -> float:
        """The posterior's mean."""
        return float(self.weights @ self.samples)

    @property
    def prior_mean(self) -> float:
        """The prior's mean."""
        return float(self.samples.mean())

    def card(self) -> dict[str, Any]:
        """Return all that is known, as JSON can hold it."""
        numbers = ("y", "x", "observed", "mmse", "prior_mean")
        lists = ("samples", "weights", "signals", "log_likelihoods")
        return {name: getattr(self, name) for name in numbers} | {
            name: getattr(self, name).tolist() for name in lists
        }


def examine(
    network: Network,
    pixels: np.ndarray,
    *,
    window: Window,
    normalizer: Normalizer,
    log_likelihood: LogLikelihood,
    precision: str,
    device: str,
    name: str,
) -> PixelPosterior:
    """Choose a telling pixel, and return its prior and its posterior.

    In the inner half of the window, of the pixels whose restored value (the posterior's mean) is
    between the 40th and the 60th percentile there, it is the one that its own value moves furthest
    away from the prior's mean.

    Parameters
    ----------
    network
        A trained network with K outputs, already on the device.
    pixels
        (Y, X) or (Z, Y, X), in the units of the noise model; of a volume, a pixel of the middle
        plane is chosen.
    window
        Rows and columns to choose from; bounds the memory, some 16 bytes times K for each of its
        pixels with the network's reach around it.
    normalizer, log_likelihood, precision, device, name
        As `denoisekit.restoring.posterior.restore` takes them.

    Raises
    ------
    InputError
        If a pixel is not finite, or the window has no inner half.
    """
    finite(pixels, name=name)
    if min(part.stop - part.start for part in window) < 4:
        raise InputError(
            f"The part of {name} to choose a pixel from must be 4 px a side or more, but is "
            f"{shape_text(pixels[(..., *window)])}."
        )
    middle = [slice(side // 2, side // 2 + 1) for side in pixels.shape[:-2]]
    part, inner = _with_reach((*middle, *window), pixels.shape, network)
    values = np.ascontiguousarray(pixels[part], dtype=np.float32)
    predicted = predict(
        network,
        normalizer.rescale(values)[None],
        tile=max(values.shape),
        precision=precision,
        device=device,
        name=name,
    )
    plane = [side.stop - side.start for side in window]
    shown = normalizer.undo(predicted[:, *inner]).reshape(-1, *plane)
    samples = torch.from_numpy(shown).to(device)
    observed = torch.from_numpy(values[inner].reshape(plane)).to(device)
    weights = log_likelihood(observed[None, None], samples[None])[0].softmax(0)
    y, x = _choose((weights * samples).sum(0).cpu().numpy(), samples.mean(0).cpu().numpy())
    value, of_pixel = observed[y, x], samples[:, y, x]
    signals = _about(torch.cat([of_pixel, value[None]]))
    return PixelPosterior(
        y=window[0].start + y,
        x=window[1].start + x,
        observed=float(value),
        samples=of_pixel.cpu().numpy(),
        weights=weights[:, y, x].cpu().numpy(),
        signals=signals.cpu().numpy(),
        log_likelihoods=log_likelihood(value[None, None], signals[None])[0].cpu().numpy(),
    )


def _with_reach(
    window: tuple[slice, ...], shape: tuple[int, ...], network: Network
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the part that the window is predicted from, and the window in that part."""
    axes = [
        _extended(part, side, stride=network.stride, reach=network.reach)
        for part, side in zip(window, shape, strict=True)
    ]
    return tuple(outer for outer, _ in axes), tuple(inner for _, inner in axes)


def _extended(part: slice, side: int, *, stride: int, reach: int) -> tuple[slice, slice]:
    """Return along one axis a part of an image with its reach, and the part in that.

    It begins at a multiple of the stride, so that pooling sees what it sees in the image.
    """
    start = max(0, part.start - reach) // stride * stride
    stop = min(side, math.ceil((part.stop + reach) / stride) * stride)
    return slice(start, stop), slice(part.start - start, part.stop - start)


def _about(values: torch.Tensor) -> torch.Tensor:
    """Return evenly spaced numbers from a little below the values to a little above them."""
    low, high = float(values.min()), float(values.max())
    more = 0.05 * (high - low or 1.0)
    return torch.linspace(low - more, high + more, _SIGNALS, device=values.device)


def _choose(mmse: np.ndarray, prior_mean: np.ndarray) -> tuple[int, int]:
    middle = tuple(slice(side // 4, side - side // 4) for side in mmse.shape)
    low, high = np.percentile(mmse[middle], (40, 60))
    moved = np.where((low <= mmse) & (mmse <= high), np.abs(mmse - prior_mean), -1)
    y, x = np.unravel_index(moved[middle].argmax(), moved[middle].shape)
    return int(y) + middle[0].start, int(x) + middle[1].start

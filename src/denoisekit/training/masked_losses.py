"""Losses over the pixels that were hidden from the network.

Each is a function of (prediction, noisy, masked): what the network made of ``masked.inputs``, the
noisy images themselves, and the `denoisekit.training.masking.Masked`.
"""

import math
from collections.abc import Callable

import torch

from denoisekit._checks import one_of
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.training.masking import Masked

#: Of noisy values (N, 1, *spatial) and signals (N, K, *spatial), the log-likelihood of each.
LogLikelihood = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
#: Of prediction (N, K, *spatial), noisy images (N, 1, *spatial) and what is hidden, one number.
Function = Callable[[torch.Tensor, torch.Tensor, Masked], torch.Tensor]
NAMES = ("mae", "mse", "pn2v")


def get(name: str, *, normalizer: Normalizer, log_likelihood: LogLikelihood | None) -> Function:
    """Return a loss by its name, of noisy images in their own units.

    Parameters
    ----------
    name
        ``mae``, ``mse`` or ``pn2v``.
    normalizer
        Takes images to the range that the network works in.
    log_likelihood
        From `denoisekit.restoring.likelihoods`; ``pn2v`` needs it.

    Raises
    ------
    InputError
        If the name is unknown, or ``pn2v`` is given no likelihood.
    """
    one_of(name, NAMES, name="The loss over hidden pixels")
    if name == "pn2v":
        if log_likelihood is None:
            raise InputError("The loss pn2v needs a model of the camera's noise, but has none.")
        return pn2v(log_likelihood, normalizer)
    plain = {"mae": mae, "mse": mse}[name]

    def loss(prediction: torch.Tensor, noisy: torch.Tensor, masked: Masked) -> torch.Tensor:
        return plain(prediction, normalizer.rescale(noisy), masked)

    return loss


def mae(prediction: torch.Tensor, noisy: torch.Tensor, masked: Masked) -> torch.Tensor:
    """Return the mean absolute error over the hidden pixels."""
    return masked.mean((masked.at(prediction) - masked.at(noisy)).abs()[:, 0])


def mse(prediction: torch.Tensor, noisy: torch.Tensor, masked: Masked) -> torch.Tensor:
    """Return the mean squared error over the hidden pixels."""
    return masked.mean((masked.at(prediction) - masked.at(noisy)).square()[:, 0])


def pn2v(log_likelihood: LogLikelihood, normalizer: Normalizer) -> Function:
    """Return PN2V's loss, the negative log of the likelihood averaged over the prior's samples.

    Source: Krull et al. 2020, equation 7 (doi 10.3389/fcomp.2020.00005).

    Parameters
    ----------
    log_likelihood
        From `denoisekit.restoring.likelihoods`.
    normalizer
        Takes the prediction, samples in normalised units, to the image's units. The noisy images
        are given to the loss in the image's units, since a histogram tells apart values that
        rounding would confuse.
    """

    def loss(prediction: torch.Tensor, noisy: torch.Tensor, masked: Masked) -> torch.Tensor:
        samples = normalizer.undo(masked.at(prediction))
        likelihoods = log_likelihood(masked.at(noisy), samples)
        return masked.mean(math.log(samples.shape[1]) - likelihoods.logsumexp(1))

    return loss

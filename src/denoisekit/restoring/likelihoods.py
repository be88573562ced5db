"""Noise models p(x|s) as torch: how likely an observed value is if the signal has another.

Each function here takes what was fitted and returns a `LogLikelihood`, which is differentiable in
the signal, works on the device and never waits for it. All is in the log domain, where 800 small
likelihoods do not underflow. Observed values and signals are in the units of the images the model
was fitted to.

Sources: PN2V (Krull et al. 2020, doi 10.3389/fcomp.2020.00005) and PPN2V (Prakash et al. 2020,
doi 10.1109/ISBI45749.2020.9098612).
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from denoisekit._checks import finite, positive
from denoisekit.errors import InputError
from denoisekit.noise.models import HistogramModel, NoiseModel
from denoisekit.noise.photons import (
    FADE,
    FEWEST,
    MANY,
    MOST_COUNTED,
    PhotonModel,
    most_photons,
)

#: Of observed values (N, 1, *spatial) and signals (N, K, *spatial), log p(x|s), (N, K, *spatial).
LogLikelihood = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def of_model(model: NoiseModel, *, device: str) -> LogLikelihood:
    """Return the log-likelihood of a noise model that was fitted."""
    if isinstance(model, HistogramModel):
        low, high = model.values
        return histogram(np.log(model.density), low=low, high=high, device=device)
    if isinstance(model, PhotonModel):
        return photons(model, device=device)
    low, high = model.signals
    return gaussian_mixture(
        means=model.shifts,
        variances=model.variances,
        weights=model.logits,
        least_variance=float(model.variances[:, 0].min()),
        low=low,
        high=high,
        device=device,
    )


def histogram(
    log_probabilities: np.ndarray, *, low: float, high: float, device: str
) -> LogLikelihood:
    """Return the log-likelihood of a histogram.

    Probabilities are interpolated linearly between the centres of the signal's bins. Beyond the
    outermost centres they are those there. A signal outside of the range loses one nat more with
    every bin's width, so that a gradient leads it back; an observed value outside counts to the
    nearest bin, so check the images' range before.

    Parameters
    ----------
    log_probabilities
        (signals, observed): in each row the log-probabilities of all observed bins for a signal at
        the centre of its bin. Finite: give empty bins a floor.
    low, high
        The range that both axes' bins divide evenly.
    device
        ``cpu`` or ``cuda``.

    Raises
    ------
    InputError
        If there are not at least two rows, a log-probability is not finite, or the range is empty.
    """
    _check_range(low, high)
    finite(log_probabilities, name="The noise model's table of log-probabilities")
    if log_probabilities.ndim != 2 or len(log_probabilities) < 2:
        raise InputError(
            "The noise model's table must have two axes, signal and observed, with two rows or "
            f"more, but has the shape {log_probabilities.shape}."
        )
    rows, columns = log_probabilities.shape
    table = _tensor(log_probabilities, device).flatten()
    row_width, column_width = (high - low) / rows, (high - low) / columns

    def log_likelihood(observed: torch.Tensor, signals: torch.Tensor) -> torch.Tensor:
        column = ((observed - low) / column_width).floor().long().clamp(0, columns - 1)
        position = ((signals - low) / row_width - 0.5).clamp(0, rows - 1)
        row = position.detach().floor().long().clamp(max=rows - 2)
        share = position - row
        lower, upper = table[row * columns + column], table[(row + 1) * columns + column]
        most = torch.maximum(lower, upper)
        mixed = (1 - share) * (lower - most).exp() + share * (upper - most).exp()
        beyond = (signals - signals.clamp(low, high)).abs() / row_width
        return mixed.clamp(min=torch.finfo(mixed.dtype).tiny).log() + most - beyond

    return log_likelihood


def gaussian_mixture(
    *,
    means: np.ndarray,
    variances: np.ndarray,
    weights: np.ndarray,
    least_variance: float,
    low: float,
    high: float,
    device: str,
) -> LogLikelihood:
    """Return the log-likelihood of a mixture of Gaussians whose mean is the signal.

    With t = (s - low) / (high - low), kept within 0 and 1, Gaussian g has the polynomials
    ``sum_c coefficient[g, c] * t**c``. Beyond the range, the noise is that of its end.

    Parameters
    ----------
    means
        (Gaussians, coefficients): of each Gaussian's mean, in the image's units. The mixture's mean
        of them is taken away and the signal added, so that the mixture's mean is the signal.
    variances
        (Gaussians, coefficients): of each Gaussian's variance, in the image's units squared.
    weights
        (Gaussians, coefficients): of each Gaussian's weight, before a softmax over the Gaussians.
    least_variance
        What no variance falls below.
    low, high
        The range of signals that the model was fitted to.
    device
        ``cpu`` or ``cuda``.

    Raises
    ------
    InputError
        If a coefficient is not finite, shapes differ, the range is empty, or the least variance is
        not above zero.
    """
    _check_range(low, high)
    positive(least_variance, name="The noise model's least variance")
    for name, values in (("means", means), ("variances", variances), ("weights", weights)):
        finite(values, name=f"The noise model's {name}")
        if values.ndim != 2 or values.shape != means.shape:
            raise InputError(
                f"The noise model's {name} must be one row of coefficients for each Gaussian, as "
                f"many as its means, {means.shape}, but have the shape {values.shape}."
            )
    kept = [_tensor(values, device) for values in (means, variances, weights)]

    def log_likelihood(observed: torch.Tensor, signals: torch.Tensor) -> torch.Tensor:
        share = ((signals - low) / (high - low)).clamp(0, 1)
        offset, variance, logit = (_polynomial(values, share) for values in kept)
        log_weight = logit.log_softmax(0)
        variance = variance.clamp(min=least_variance)
        offset = offset - (log_weight.exp() * offset).sum(0)
        deviation = observed - signals - offset
        return (log_weight + _normal(deviation, variance)).logsumexp(0)

    return log_likelihood


def photons(model: PhotonModel, *, device: str) -> LogLikelihood:
    """Return the log-likelihood of the photon model, as `noise.photons.log_density` has it.

    The sum over the photons' number is a polynomial of their mean, whose coefficients depend on the
    observed value alone: they are found once for all signals of a pixel, in float64, which holds
    powers of up to 140 photons. A signal outside of the model's range loses one nat more with every
    standard deviation of the noise there, so that a gradient leads it back.

    Parameters
    ----------
    model
        The camera.
    device
        ``cpu`` or ``cuda``.
    """
    for name in ("gain", "read_noise"):
        positive(getattr(model, name), name=f"The noise model's {name}")
    low, high = max(model.signals[0], model.offset + FEWEST * model.gain), model.signals[1]
    _check_range(low, high)
    numbers = torch.arange(most_photons(model) + 1, device=device, dtype=torch.float64)
    within = model.read_noise**2 + (model.gain * model.spread) ** 2 * numbers
    of_a_photon = model.gain**2 * (1 + model.spread**2)
    tiny = torch.finfo(torch.float64).tiny

    def log_likelihood(observed: torch.Tensor, signals: torch.Tensor) -> torch.Tensor:
        inside = signals.clamp(low, high)
        above, light = (
            observed.double() - model.offset,
            (inside.double() - model.offset) / model.gain,
        )
        shape = (-1, *(1 for _ in observed.shape))
        peaks = _normal(above - model.gain * numbers.reshape(shape), within.reshape(shape))
        highest = peaks.amax(0)
        coefficients = (peaks - highest - (numbers + 1).lgamma().reshape(shape)).exp()
        counted = light.clamp(max=MOST_COUNTED)
        total = _of_photons(coefficients, counted)
        few = total.clamp(min=tiny).log() - counted + highest
        variance = of_a_photon * light + model.read_noise**2
        many = _normal(above - model.gain * light, variance)
        place = (light - MANY) / FADE
        mixed = torch.logaddexp(logsigmoid(-place) + few, logsigmoid(place) + many)
        beyond = (signals - inside).abs() / variance.detach().sqrt()
        return (mixed - beyond).to(signals.dtype)

    return log_likelihood


def _normal(deviation: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
    return -0.5 * (deviation**2 / variance + (2 * math.pi * variance).log())


def _of_photons(coefficients: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Return a polynomial of some 140 powers, whose steps a gradient need not keep."""
    with torch.no_grad():
        total = coefficients[-1].expand_as(counted)
        slope = torch.zeros_like(total)
        for coefficient in coefficients[:-1].flip(0):
            slope = torch.addcmul(total, slope, counted)
            total = torch.addcmul(coefficient, total, counted)
    return total + slope * (counted - counted.detach())


def _polynomial(coefficients: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Return each row's polynomial of (...) as (rows, ...)."""
    shaped = coefficients.reshape(*coefficients.shape, *(1 for _ in share.shape))
    value = shaped[:, -1].expand(-1, *share.shape)
    for power in reversed(range(coefficients.shape[1] - 1)):
        value = value * share + shaped[:, power]
    return value


def _tensor(values: np.ndarray, device: str) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).to(device)


def _check_range(low: float, high: float) -> None:
    if not low < high:
        raise InputError(
            f"The noise model's range must run from its lower to its higher end, but is {low:g} "
            f"to {high:g}."
        )

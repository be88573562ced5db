"""The photon model of a camera: few photons, each read as an uncertain number of counts.

Where a pixel catches few photons its values lie about none, one, two of them, which neither a
Gaussian nor a mixture of three describes. Four numbers that a camera has anyway do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import log_expit

#: Beyond so many photons their number is a Gaussian; the two laws are mixed about there.
MANY = 60.0
FADE = 3.0
#: So many mean photons are told apart; there, the Gaussian has all but e**-8 of the weight.
MOST_COUNTED = MANY + 8 * FADE
#: Mean photons of the darkest pixel: a restored signal at the offset, or below, may be a dim one.
FEWEST = 1e-3


@dataclass(frozen=True)
class PhotonModel:
    """A camera by four numbers, whose pixels catch ``n`` photons by a Poisson law.

    The law's mean is ``(signal - offset) / gain``, and the value ``offset + gain * (n + spread *
    sqrt(n) * e1) + read_noise * e2``, with ``e1`` and ``e2`` standard normal: its mean is the
    signal.

    Attributes
    ----------
    offset
        The value without light, in the image's units.
    gain
        Units of the image for one photon.
    read_noise
        Standard deviation without light, in the image's units; rounding to counts included.
    spread
        Standard deviation of what one photon is read as, as a fraction of the gain: 0 for a CCD,
        some 0.5 for a photomultiplier, 1 for an EMCCD.
    values
        Range of the noisy value in which the model is valid.
    signals
        Range of the signal in which there were pixels to learn from.
    origin
        Where the pairs came from: ``pairs``, ``frames`` or ``restoration``.
    held_out
        Mean log-likelihood of held-out pixels by each kind of model that it was chosen from; empty
        if there was no choice.
    """

    offset: float
    gain: float
    read_noise: float
    spread: float
    values: tuple[float, float]
    signals: tuple[float, float]
    origin: str
    held_out: Mapping[str, float] = field(default_factory=dict)


def photons(model: PhotonModel, signal: np.ndarray) -> np.ndarray:
    """Return the mean number of photons of a signal; `FEWEST` at the offset and below."""
    light: np.ndarray = np.maximum((signal - model.offset) / model.gain, FEWEST)
    return light


def variance(model: PhotonModel, signal: np.ndarray) -> np.ndarray:
    """Return the variance of the noisy value at given signals, in the image's units squared."""
    of_a_photon = model.gain**2 * (1 + model.spread**2)
    return of_a_photon * photons(model, signal) + model.read_noise**2


def most_photons(model: PhotonModel) -> int:
    """Return up to how many photons are told apart: all that the model's signals can bring."""
    brightest = min(float(photons(model, np.array(model.signals[1]))), MOST_COUNTED)
    return int(np.ceil(brightest + 6 * np.sqrt(brightest))) + 10


def log_density(model: PhotonModel, noisy: np.ndarray, signal: np.ndarray) -> np.ndarray:
    """Return the logarithm of the density of noisy values at signals, arrays that broadcast.

    The sum over the photons' number is a polynomial of their mean; above `MANY` photons a Gaussian
    of the same mean and variance takes over, smoothly.
    """
    light = photons(model, signal)
    counted = np.minimum(light, MOST_COUNTED)
    numbers = range(most_photons(model) + 1)

    def peak(number: int) -> np.ndarray:
        """Return the log-density of a pixel that caught so many photons."""
        within = model.read_noise**2 + (model.gain * model.spread) ** 2 * number
        return _normal(noisy - model.offset - model.gain * number, within)

    highest = peak(0)
    for number in numbers[1:]:
        highest = np.maximum(highest, peak(number))
    total = np.zeros(np.broadcast_shapes(np.shape(noisy), np.shape(signal)))
    for number in reversed(numbers):
        total = total * counted / (number + 1) + np.exp(peak(number) - highest)
    few = np.log(np.maximum(total, np.finfo(float).tiny)) - counted + highest
    many = _normal(noisy - model.offset - model.gain * light, variance(model, signal))
    place = (light - MANY) / FADE
    mixed: np.ndarray = np.logaddexp(log_expit(-place) + few, log_expit(place) + many)
    return mixed


def _normal(deviation: np.ndarray, variance: np.ndarray | float) -> np.ndarray:
    return -0.5 * (deviation**2 / variance + np.log(2 * np.pi * variance))

"""Learn how a camera's values scatter around the signal: p(value | signal), pixel by pixel.

Three models, a histogram, a mixture of three Gaussians and one of photons
(`denoisekit.noise.photons`), from pairs of signal and noisy values. The pairs come from a
calibration (a truth beside its noisy image), from repeated frames of a static field
(`pairs_from_frames`), or, where there is neither, from a restoration of the noisy image itself
(bootstrap): the same functions take all three, and the model keeps which it was. All models assume
that the noise of a pixel does not depend on that of its neighbours.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logsumexp, softmax

from denoisekit import _checks, files
from denoisekit.errors import InputError, first_line
from denoisekit.noise import photons
from denoisekit.noise.photons import PhotonModel

Range = tuple[float, float]
_OUTSIDE = ("count", "raise")
GAUSSIANS = 3
# Beyond any camera's; squares of it are far from what double precision holds.
_LARGEST = 1e15


@dataclass(frozen=True)
class HistogramModel:
    """Densities of the noisy value, one row for each bin of the signal.

    Attributes
    ----------
    density
        (signal, value): probability per unit of value; each row integrates to 1 over `values`.
        Row and column ``i`` are the bin whose centre is ``values[0] + (i + 0.5) * width``. Between
        the centres of two rows the density is interpolated linearly; within a bin of the value it
        is constant.
    values
        Lower edge of the first bin and upper edge of the last.
    signals
        Range of the signal in which there were pixels to learn from.
    origin
        Where the pairs came from: ``pairs``, ``frames`` or ``restoration``.
    """

    density: np.ndarray
    values: Range
    signals: Range
    origin: str

    @property
    def width(self) -> float:
        """Width of a bin, in the image's units."""
        return (self.values[1] - self.values[0]) / len(self.density)


@dataclass(frozen=True)
class MixtureModel:
    """A mixture of three Gaussians whose parameters are straight lines of the signal.

    With ``t`` going from 0 to 1 over `signals`, Gaussian ``k`` has the weight
    ``softmax_k(logits[k, 0] + logits[k, 1] * t)``, the variance
    ``variances[k, 0] + variances[k, 1] * t`` and the mean ``signal + shift_k``, where ``shift_k``
    is ``shifts[k, 0] + shifts[k, 1] * t`` less the weighted mean of the three: the mixture's mean
    is the signal itself.

    Attributes
    ----------
    logits, shifts, variances
        (Gaussian, coefficient). Shifts are in the image's units, variances in their square, and
        positive.
    values
        Range of the noisy value in which the model is valid.
    signals
        Range of the signal in which there were pixels to learn from.
    origin
        Where the pairs came from: ``pairs``, ``frames`` or ``restoration``.
    held_out
        As `denoisekit.noise.photons.PhotonModel` has it.
    """

    logits: np.ndarray
    shifts: np.ndarray
    variances: np.ndarray
    values: Range
    signals: Range
    origin: str
    held_out: Mapping[str, float] = field(default_factory=dict)


NoiseModel = HistogramModel | MixtureModel | PhotonModel
_KINDS = {
    HistogramModel: "a histogram",
    MixtureModel: "a mixture of Gaussians",
    PhotonModel: "a photon model",
}


@dataclass(frozen=True)
class LogLikelihood:
    """Logarithm of p(value | signal) per pixel, and how many pixels lay outside of the model."""

    per_pixel: np.ndarray
    outside: int


def mixture_parameters(
    model: MixtureModel, signal: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights, means and variances of the Gaussians, each (3, ...), for given signals."""
    low, high = model.signals
    place = (np.asarray(signal, dtype=np.float64) - low) / (high - low)
    design = np.stack([np.ones_like(place), place])
    logits, shifts, variances = (
        np.tensordot(part, design, axes=1) for part in (model.logits, model.shifts, model.variances)
    )
    weights = softmax(logits, axis=0)
    return weights, signal + shifts - (weights * shifts).sum(axis=0), variances


def variance(model: NoiseModel, signal: np.ndarray) -> np.ndarray:
    """Return the variance of the noisy value at given signals, within the model's `signals`."""
    if isinstance(model, PhotonModel):
        return photons.variance(model, signal)
    if isinstance(model, MixtureModel):
        weights, means, variances = mixture_parameters(model, signal)
        return (weights * (variances + (means - signal) ** 2)).sum(axis=0)
    centres = model.values[0] + (np.arange(len(model.density)) + 0.5) * model.width
    share = model.density * model.width
    mean = share @ centres
    return np.interp(signal, centres, share @ centres**2 - mean**2)


def log_likelihood(
    model: NoiseModel, noisy: np.ndarray, signal: np.ndarray, *, outside: str
) -> LogLikelihood:
    """Return the logarithm of p(noisy | signal), pixel by pixel.

    Parameters
    ----------
    model
        The noise.
    noisy, signal
        Arrays that broadcast against each other, in the model's units.
    outside
        What to do about values and signals outside of the model's ranges: ``raise`` an InputError,
        or ``count`` them and take the nearest that is inside.

    Raises
    ------
    InputError
        If `outside` is ``raise`` and any lies outside, or if a pixel is not finite.
    """
    _checks.one_of(outside, _OUTSIDE, name="What to do about values outside")
    noisy, signal = (np.asarray(part, dtype=np.float64) for part in (noisy, signal))
    for pixels, name in ((noisy, "The noisy image"), (signal, "The signal")):
        _checks.finite(pixels, name=name)
    beyond = _outside(noisy, model.values, outside=outside, name="The noisy image") | _outside(
        signal, model.signals, outside=outside, name="The signal"
    )
    inside = np.broadcast_arrays(np.clip(noisy, *model.values), np.clip(signal, *model.signals))
    if isinstance(model, HistogramModel):
        logs = np.log(_histogram_density(model, *inside))
    elif isinstance(model, PhotonModel):
        logs = photons.log_density(model, *inside)
    else:
        weights, means, variances = mixture_parameters(model, inside[1])
        away = (inside[0] - means) ** 2 / variances
        logs = logsumexp(np.log(weights) - 0.5 * (away + np.log(2 * np.pi * variances)), axis=0)
    return LogLikelihood(logs, int(np.count_nonzero(beyond)))


def told(model: NoiseModel) -> str:
    """Say which kind of model it is, for which signals it holds, and why it was chosen."""
    low, high = model.signals
    text = f"{_KINDS[type(model)]}, valid for signals from {low:g} to {high:g}"
    if isinstance(model, PhotonModel):
        text += (
            f": offset {model.offset:.3g}, gain {model.gain:.3g} a photon, read noise "
            f"{model.read_noise:.3g}, spread {model.spread:.2f} of a photon"
        )
    if isinstance(model, HistogramModel) or not model.held_out:
        return text
    compared = ", ".join(f"{kind} {value:.3f}" for kind, value in model.held_out.items())
    return f"{text}; mean log-likelihood of held-out pixels: {compared}"


def count_outside(model: NoiseModel, noisy: np.ndarray, *, outside: str, name: str) -> int:
    """Return how many noisy values lie outside of the range that a model is valid for.

    Parameters
    ----------
    model
        The noise.
    noisy
        An image, or patches of images, in the model's units.
    outside
        ``raise`` an InputError if there are any, or ``count`` them.
    name
        What to call the image in an error.

    Raises
    ------
    InputError
        If `outside` is ``raise`` and any lies outside.
    """
    _checks.one_of(outside, _OUTSIDE, name="What to do about values outside")
    return int(np.count_nonzero(_outside(noisy, model.values, outside=outside, name=name)))


def _outside(pixels: np.ndarray, valid: Range, *, outside: str, name: str) -> np.ndarray:
    out = (pixels < valid[0]) | (pixels > valid[1])
    if outside == "raise" and out.any():
        raise InputError(
            f"{name} reaches from {pixels.min():g} to {pixels.max():g}, but the noise model is "
            f"valid from {valid[0]:g} to {valid[1]:g} ({np.count_nonzero(out)} pixels lie outside);"
            " use a model fitted on this camera's range, or let such pixels be counted."
        )
    return out


def _histogram_density(model: HistogramModel, noisy: np.ndarray, signal: np.ndarray) -> np.ndarray:
    last = len(model.density) - 1
    column = np.minimum(((noisy - model.values[0]) / model.width).astype(int), last)
    row = np.clip((signal - model.values[0]) / model.width - 0.5, 0, last)
    below = np.minimum(row.astype(int), last - 1)
    part = row - below
    return (1 - part) * model.density[below, column] + part * model.density[below + 1, column]


def save_noise_model(path: str | Path, model: NoiseModel) -> None:
    """Write a model as an .npz of its arrays and a JSON card; reading it runs no code."""
    content = asdict(model)
    arrays = {name: part for name, part in content.items() if isinstance(part, np.ndarray)}
    card = {name: part for name, part in content.items() if name not in arrays}
    card["kind"] = type(model).__name__
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        # No array is called allow_pickle.
        np.savez(file, card=np.array(json.dumps(card)), **arrays)  # type: ignore[arg-type]


def load_noise_model(path: str | Path) -> NoiseModel:
    """Read a model that `save_noise_model` wrote.

    Raises
    ------
    InputError
        If the file is missing or is no noise model.
    """
    kinds = {kind.__name__: kind for kind in _KINDS}
    try:
        # NumPy leaves a file that it cannot read open.
        with Path(path).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
        card = json.loads(str(content.pop("card")))
        kind = kinds[card.pop("kind")]
        ranges: dict[str, Any] = {name: tuple(card.pop(name)) for name in ("values", "signals")}
        model = kind(**content, **card, **ranges)
        _check(model)
        return model
    except FileNotFoundError as error:
        raise InputError(f"The noise model {path} does not exist.") from error
    # Whatever a damaged file makes the libraries raise, it is no noise model.
    except Exception as error:
        raise InputError(
            f"{path} is no noise model that this program wrote ({first_line(error)}); fit it again."
        ) from error


def _check(model: NoiseModel) -> None:
    """Raise ValueError unless a model that was read has the numbers that its kind needs."""
    for name in ("values", "signals"):
        low, high = map(float, getattr(model, name))
        if not -_LARGEST < low < high < _LARGEST:
            raise ValueError(f"its range of {name} is {low:g} to {high:g}")
    match model:
        case PhotonModel():
            positive = (model.gain, model.read_noise)
            numbers = (model.offset, model.spread, *positive)
            # Each by itself: the greatest of several numbers may not be the one that is NaN.
            known = all(abs(number) < _LARGEST for number in numbers)
            if not (known and all(number > 0 for number in positive) and model.spread >= 0):
                raise ValueError(f"its offset, spread, gain and read noise are {numbers}")
        case MixtureModel():
            for name in ("logits", "shifts", "variances"):
                _check_array(getattr(model, name), (len(model.logits), 2), name=name)
            if not np.cumsum(model.variances, axis=1).min() > 0:
                raise ValueError("a variance of it is not above zero")
        case HistogramModel():
            _check_array(model.density, (len(model.density),) * 2, name="density")
            if model.density.min() < 0:
                raise ValueError("a density of it is below zero")


def _check_array(array: np.ndarray, shape: tuple[int, ...], *, name: str) -> None:
    if array.dtype.kind != "f" or array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"its {name} are not {shape} finite numbers")

"""Noise models fitted to pairs of a signal and a noisy value."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import optimize
from scipy.special import logsumexp, softmax

from denoisekit import _checks
from denoisekit.errors import InputError
from denoisekit.noise.models import (
    GAUSSIANS,
    HistogramModel,
    MixtureModel,
    NoiseModel,
    Range,
    log_likelihood,
)
from denoisekit.noise.photons import PhotonModel, log_density

ORIGINS = ("frames", "pairs", "restoration")
_FEWEST_PIXELS = 1000
_FEWEST_PER_ROW = 20
_SPREAD = 0.01
# Grey levels of the signal, and the pixels that a mixture is fitted to in each.
_LEVELS = 256
_MOST_PER_LEVEL = 400
# Four numbers are known well from fewer.
_MOST_OF_PHOTONS = 10_000
_MOST_HELD_OUT = 50_000
# What a photon is read as: where a fit starts, and its ends.
_SPREAD_OF_PHOTONS = 0.5
_SPREADS = (0.01, 3.0)
# How many times as large, or as small, as at its start a gain or a read noise may become.
_FARTHEST = 1e3


def whole_value_range(lowest: float, highest: float, *, bins: int) -> Range:
    """Return a range of camera counts whose bins have whole counts in their middle.

    Parameters
    ----------
    lowest, highest
        Whole counts that the range must hold; 0 and 255 for 8-bit images.
    bins
        Number of bins, each a whole number of counts wide.
    """
    width = -(-(highest - lowest + 1) // bins)
    return lowest - 0.5, lowest - 0.5 + width * bins


def pairs_from_frames(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make pairs of signal and noisy value from repeated frames of a static field.

    A frame's signal is the mean of the other frames: the mean of all holds a part of the frame's
    own noise and would make it look smaller. That mean has noise too, which would make it look
    larger, so each departure from it is shrunk by ``sqrt((n - 1) / n)``; the variance is then
    right for any number of frames, while skewness is right for many.

    Parameters
    ----------
    frames
        (frame, ...) at least two, in the same place and under the same light.

    Returns
    -------
    signal, noisy
        float64, each of the shape of `frames`.

    Raises
    ------
    InputError
        If there are fewer than two frames, or pixels that are not finite.
    """
    count = len(frames)
    if count < 2:
        raise InputError(
            f"Repeated frames must be at least two to tell signal from noise, but there are {count}"
            "; give more frames of the same static field."
        )
    _checks.finite(frames, name="The stack of repeated frames")
    noisy = frames.astype(np.float64)
    signal = (noisy.sum(axis=0) - noisy) / (count - 1)
    return signal, signal + (noisy - signal) * np.sqrt((count - 1) / count)


def fit(signal: np.ndarray, noisy: np.ndarray, *, settings: Mapping[str, Any]) -> NoiseModel:
    """Fit the noise model that a study's settings describe.

    Parameters
    ----------
    signal, noisy
        As `fit_histogram` takes them.
    settings
        An entry of ``noise_models``, of which ``model``, ``origin``, ``values``, ``counts`` and,
        for a histogram, ``bins`` are used.

    Raises
    ------
    InputError
        As `fit_histogram` and `fit_mixture` do.
    """
    values, step = tuple(settings["values"]), int(settings["counts"])
    options: dict[str, Any] = {"step": step, "origin": settings["origin"]}
    if settings["model"] == "likeliest":
        return fit_likeliest(signal, noisy, values=values, **options)
    if settings["model"] in _SMOOTH:
        return _SMOOTH[settings["model"]](signal, noisy, values=values, **options)
    if settings["counts"]:
        values = whole_value_range(*values, bins=settings["bins"])
    return fit_histogram(signal, noisy, values=values, bins=settings["bins"], **options)


def fit_histogram(
    signal: np.ndarray, noisy: np.ndarray, *, values: Range, bins: int, step: float, origin: str
) -> HistogramModel:
    """Count how often each noisy value occurs beside each signal.

    Each row gets a hundredth of a pixel more, spread evenly, so that no value is impossible. Rows
    of fewer than 20 pixels are interpolated from the nearest that have them; before the first and
    after the last such row the model is not valid.

    Parameters
    ----------
    signal
        Truth, `pairs_from_frames`, or a restoration of `noisy` (bootstrap), in the same units.
    noisy
        Noisy values of the same shape.
    values
        Range of the bins of both (`whole_value_range` for camera counts).
    bins
        Number of bins; 256 in [1]_.
    step
        Distance between neighbouring values of the camera: 1 for counts, 0 where there is none.
    origin
        ``pairs``, ``frames`` or ``restoration``; kept with the model.

    Raises
    ------
    InputError
        If pixels are too few, constant, not finite or outside of `values`, or if a bin is no whole
        number of steps wide.

    References
    ----------
    .. [1] A. Krull, T. Vicar, M. Prakash, M. Lalit, F. Jug, "Probabilistic Noise2Void", Front.
       Comput. Sci. 2 (2020), doi:10.3389/fcomp.2020.00005.
    """
    _check_pairs(signal, noisy, values=values, origin=origin)
    width = (values[1] - values[0]) / bins
    if step > 0 and abs(width / step - max(1, round(width / step))) > 1e-6:
        raise InputError(
            f"A bin of the noise model is {width:g} wide, but the values lie {step:g} apart, so "
            "that bins would hold unlike numbers of values; choose a range and a number of bins "
            "that make a bin a whole number of steps."
        )
    counts, _, _ = np.histogram2d(
        signal.ravel().astype(np.float64), noisy.ravel(), bins=bins, range=(values, values)
    )
    pixels = counts.sum(axis=1)
    (known,) = np.nonzero(pixels >= _FEWEST_PER_ROW)
    if known.size < 2:
        raise InputError(
            f"The noise model has {known.size} rows of at least {_FEWEST_PER_ROW} pixels among its "
            f"{bins} bins of the signal and needs two; give more pixels, or a narrower range."
        )
    rows = (counts[known] + _SPREAD / bins) / ((pixels[known, None] + _SPREAD) * width)
    place = np.interp(np.arange(bins), known, np.arange(known.size))
    below = np.minimum(place.astype(int), known.size - 2)
    part = (place - below)[:, None]
    return HistogramModel(
        density=(1 - part) * rows[below] + part * rows[below + 1],
        values=(float(values[0]), float(values[1])),
        signals=(float(values[0] + known[0] * width), float(values[0] + (known[-1] + 1) * width)),
        origin=origin,
    )


def fit_mixture(
    signal: np.ndarray, noisy: np.ndarray, *, values: Range, step: float, origin: str
) -> MixtureModel:
    """Fit three Gaussians to the noisy values by maximum likelihood.

    Pixels spread evenly over the signal are taken, at most 400 of each of 256 grey levels: of all
    as they come, three Gaussians spend themselves on a dark background. No Gaussian gets narrower
    than half a step, since a density that falls between whole counts would otherwise grow without
    bound on them.

    Parameters
    ----------
    signal, noisy, step, origin
        As `fit_histogram` takes them.
    values
        Range in which the model is to be valid: that of the camera's values.

    Raises
    ------
    InputError
        If pixels are too few, constant, not finite or outside of `values`.

    References
    ----------
    .. [1] M. Prakash, M. Lalit, P. Tomancak, A. Krull, F. Jug, "Fully unsupervised probabilistic
       Noise2Void", ISBI (2020), doi:10.1109/ISBI45749.2020.9098612.
    """
    _check_pairs(signal, noisy, values=values, origin=origin)
    flat = signal.ravel().astype(np.float64)
    low, high = float(flat.min()), float(flat.max())
    chosen = _spread_evenly((flat - low) / (high - low))
    rest = noisy.ravel()[chosen].astype(np.float64) - flat[chosen]
    place = (flat[chosen] - low) / (high - low)
    scale = float(np.sqrt(np.mean(rest**2)))
    _check_noise(scale)
    floor = max((0.5 * step / scale) ** 2, 1e-4)
    found = optimize.minimize(
        _negative,
        _start(place, rest / scale),
        args=(place, rest / scale, floor),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-30, 30)] * (6 * GAUSSIANS),
        options={"maxiter": 500, "ftol": 1e-10},
    )
    logits, shifts, variances = _coefficients(found.x, floor)
    return MixtureModel(
        logits=logits,
        shifts=shifts * scale,
        variances=variances * scale**2,
        values=(float(values[0]), float(values[1])),
        signals=(low, high),
        origin=origin,
    )


def fit_photons(
    signal: np.ndarray, noisy: np.ndarray, *, values: Range, step: float, origin: str
) -> PhotonModel:
    """Fit offset, gain, read noise and spread per photon by maximum likelihood.

    Of more than 10 000 pixels, evenly spaced ones in the order of the signal are taken: as they
    come, since the dark ones tell the offset and the read noise. This is no less than half a step.
    The parameters, and the errors raised, are those of `fit_mixture`.
    """
    _check_pairs(signal, noisy, values=values, origin=origin)
    chosen = _in_order(signal, most=_MOST_OF_PHOTONS)
    light, seen = (part.ravel()[chosen].astype(np.float64) for part in (signal, noisy))
    low, high = float(signal.min()), float(signal.max())
    squares = (seen - light) ** 2
    scale = float(np.sqrt(squares.mean()))
    _check_noise(scale)
    slope = max(np.polyfit(light, squares, 1)[0], 1e-3 * scale**2 / (high - low))
    least = max(0.5 * step, 1e-3 * scale)
    gain, reach = slope / (1 + _SPREAD_OF_PHOTONS**2), (high - low) / scale

    def model(parameters: np.ndarray) -> PhotonModel:
        gain, read_noise, spread = np.exp(parameters[1:])
        return PhotonModel(
            offset=float(low + scale * parameters[0]),
            gain=float(gain),
            read_noise=float(read_noise),
            spread=float(spread),
            values=(float(values[0]), float(values[1])),
            signals=(low, high),
            origin=origin,
        )

    found = optimize.minimize(
        lambda parameters: -log_density(model(parameters), seen, light).mean(),
        [
            0.0,
            np.log(gain),
            np.log(max(scale / 4, least)),
            np.log(_SPREAD_OF_PHOTONS),
        ],
        method="L-BFGS-B",
        # Beyond these, what is fitted is no camera, and its numbers overflow.
        bounds=[
            (-_FARTHEST * (1 + reach), reach),
            np.log([gain / _FARTHEST, gain * _FARTHEST]),
            np.log([least, max(_FARTHEST * scale, 2 * least)]),
            np.log(_SPREADS),
        ],
        options={"ftol": 1e-8},
    )
    return model(found.x)


_SMOOTH: dict[str, Callable[..., PhotonModel | MixtureModel]] = {
    "photon": fit_photons,
    "mixture": fit_mixture,
}


def fit_likeliest(
    signal: np.ndarray, noisy: np.ndarray, *, values: Range, step: float, origin: str
) -> PhotonModel | MixtureModel:
    """Fit the photon model or the mixture, whichever makes pixels that it has not seen likelier.

    Each is fitted to every other pixel in the order of the signal and compared on the rest; the
    likelier one is fitted again to all. The parameters, and the errors raised, are those of
    `fit_mixture`.
    """
    options: dict[str, Any] = {"values": values, "step": step, "origin": origin}
    _check_pairs(signal, noisy, values=values, origin=origin)
    order = np.argsort(signal, axis=None, kind="stable")
    (light, unseen_light), (seen, unseen) = (
        (part.ravel()[order[::2]], part.ravel()[order[1::2]]) for part in (signal, noisy)
    )
    chosen = _in_order(unseen_light, most=_MOST_HELD_OUT)
    held_out = {
        name: float(
            log_likelihood(
                kind(light, seen, **options), unseen[chosen], unseen_light[chosen], outside="count"
            ).per_pixel.mean()
        )
        for name, kind in _SMOOTH.items()
    }
    known = {name: value for name, value in held_out.items() if np.isfinite(value)}
    likeliest = _SMOOTH[max(known, key=known.__getitem__)]
    return replace(likeliest(signal, noisy, **options), held_out=held_out)


def _in_order(signal: np.ndarray, *, most: int) -> np.ndarray:
    """Return where at most so many pixels are, evenly spaced in the order of the signal."""
    order = np.argsort(signal, axis=None, kind="stable")
    return order[:: -(-order.size // most)]


def _spread_evenly(place: np.ndarray) -> np.ndarray:
    """Return where pixels are whose signals, from 0 to 1, spread evenly, in that order."""
    order = np.argsort(place, kind="stable")
    levels = np.searchsorted(place[order], np.arange(1, _LEVELS) / _LEVELS)
    parts = [part for part in np.split(order, levels) if part.size]
    return np.concatenate([part[:: -(-part.size // _MOST_PER_LEVEL)] for part in parts])


def _check_noise(scale: float) -> None:
    if scale == 0:
        raise InputError(
            "The noisy values are those of the signal, so that there is no noise to model; "
            "give noisy images beside their signal."
        )


def _check_pairs(signal: np.ndarray, noisy: np.ndarray, *, values: Range, origin: str) -> None:
    _checks.one_of(origin, ORIGINS, name="The origin of a noise model")
    names = ("The signal of a noise model", "its noisy values")
    _checks.same_shape(signal, noisy, names=names)
    if signal.size < _FEWEST_PIXELS:
        raise InputError(
            f"A noise model is learned from {_FEWEST_PIXELS} pixels on, but there are {signal.size}"
            "; give more or larger images."
        )
    for pixels, name in ((signal, names[0]), (noisy, "The noisy image of a noise model")):
        _checks.finite(pixels, name=name)
        _checks.not_constant(pixels, name=name)
        if pixels.min() < values[0] or pixels.max() > values[1]:
            raise InputError(
                f"{name} reaches from {pixels.min():g} to {pixels.max():g}, beyond the range "
                f"{values[0]:g} to {values[1]:g} that the model is made for; give the range of the "
                "camera's values, or images in its units."
            )


def _start(place: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Start from one line of the variance, made narrower, as it is and wider."""
    slope, intercept = np.polyfit(place, rest**2, 1)
    dark, growth = np.log(max(intercept, 0.05)), np.log(max(slope, 0.05))
    spread = np.log([0.5, 1.0, 2.0])
    shifts = np.array([[-0.1, 0.0], [0.0, 0.0], [0.1, 0.0]])
    variances = np.stack([dark + spread, growth + spread], axis=1)
    return np.concatenate([np.zeros(2 * GAUSSIANS), shifts.ravel(), variances.ravel()])


def _coefficients(
    parameters: np.ndarray, floor: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    logits, shifts, logs = parameters.reshape(3, GAUSSIANS, 2)
    return logits, shifts, np.exp(logs) + np.array([floor, 0.0])


def _negative(
    parameters: np.ndarray, place: np.ndarray, rest: np.ndarray, floor: float
) -> tuple[float, np.ndarray]:
    """Return the mean negative log-likelihood and its gradient (noise in units of its own size)."""
    coefficients = _coefficients(parameters, floor)
    design = np.stack([np.ones_like(place), place])
    logits, shifts, variances = (part @ design for part in coefficients)
    weights = softmax(logits, axis=0)
    means = shifts - (weights * shifts).sum(axis=0)
    away = rest - means
    terms = np.log(weights) - 0.5 * (away**2 / variances + np.log(2 * np.pi * variances))
    total = logsumexp(terms, axis=0)
    shares = np.exp(terms - total)

    pull = shares * away / variances
    all_pull = pull.sum(axis=0)
    by_logit = shares - weights - all_pull * weights * means
    by_shift = pull - weights * all_pull
    by_variance = 0.5 * shares * (away**2 / variances - 1) / variances
    slopes = [part @ design.T for part in (by_logit, by_shift, by_variance)]
    slopes[2] *= np.exp(parameters.reshape(3, GAUSSIANS, 2)[2])
    return -total.mean(), -np.concatenate([part.ravel() for part in slopes]) / rest.size

"""Figure of one pixel's posterior, and the noise model that it is known by."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denoisekit.figures._parts import (
    COLOURS,
    MONTAGE_STYLE,
    framed,
    plain,
    scale_bar,
    show,
    stretched,
)
from denoisekit.noise.models import NoiseModel, log_likelihood, variance


@dataclass(frozen=True)
class PixelView:
    """One pixel of an image, and what is known of its signal, in the image's units.

    Attributes
    ----------
    detail
        The part of the noisy image around it, (Y, X).
    y, x
        Where the pixel is in that part.
    observed
        Its noisy value.
    samples, weights
        Of the prior, and how much each counts in the posterior.
    signals, log_likelihoods
        Evenly spaced signals, and how likely each makes the noisy value.
    mmse, prior_mean
        The posterior's mean, and the prior's.
    truth
        The signal, if it is known.
    """

    detail: np.ndarray
    y: int
    x: int
    observed: float
    samples: np.ndarray
    weights: np.ndarray
    signals: np.ndarray
    log_likelihoods: np.ndarray
    mmse: float
    prior_mean: float
    truth: float | None


def draw_posterior(pixel: PixelView, model: NoiseModel, *, pixel_size_um: float | None) -> Figure:
    """Draw what is known of a pixel's signal, and the noise model that it is known by.

    Parameters
    ----------
    pixel
        The pixel.
    model
        The noise model that gave the samples their weights.
    pixel_size_um
        Side of a pixel, for the scale bar; None for no bar.

    Returns
    -------
    matplotlib.figure.Figure
        The noisy detail with the pixel marked; histograms of its prior and its posterior, the
        likelihood of its value over the signal, brought to the same area, and its values; the noise
        model: how likely each value is (up) for each signal (across), relative to the signal's most
        likely one, within the signals that it was learned from.
    """
    figure = Figure(figsize=(13, 4.3), layout="constrained")
    detail, signal, noise = figure.subplots(1, 3, width_ratios=[1, 1.55, 1.1])
    show(detail, stretched(pixel.detail))
    square = (slice(pixel.y - 1, pixel.y + 2), slice(pixel.x - 1, pixel.x + 2))
    framed(detail, square)
    detail.set_title("Noisy image, detail", **MONTAGE_STYLE)
    scale_bar(detail, pixel.detail.shape, pixel_size_um)
    _draw_signal(signal, pixel)
    _draw_noise_model(noise, model, observed=pixel.observed)
    return figure


def _draw_signal(axis: Axes, pixel: PixelView) -> None:
    """Draw prior, likelihood and posterior over the signal, and the values of the pixel."""
    prior, likelihood, posterior = COLOURS[0], COLOURS[2], COLOURS[3]
    marks = [("noisy value", pixel.observed, "black", "--")]
    marks += [("prior mean", pixel.prior_mean, prior, "-"), ("MMSE", pixel.mmse, posterior, "-")]
    if pixel.truth is not None:
        marks.append(("truth", pixel.truth, "black", ":"))
    low, high = pixel.signals[[0, -1]]
    bins = np.linspace(low, high, 31)
    style = {"bins": bins, "density": True, "histtype": "stepfilled", "alpha": 0.45}
    axis.hist(pixel.samples, color=prior, label="prior: from its surroundings", **style)
    label = "posterior: from both"
    axis.hist(pixel.samples, weights=pixel.weights, color=posterior, label=label, **style)
    curve = np.exp(pixel.log_likelihoods - pixel.log_likelihoods.max())
    curve /= np.trapezoid(curve, pixel.signals)
    axis.plot(pixel.signals, curve, color=likelihood, label="likelihood of its noisy value")
    for name, value, colour, dash in marks:
        axis.axvline(value, color=colour, linestyle=dash, label=f"{name}: {value:.4g}")
    axis.set(xlabel="signal of the marked pixel", ylabel="density")
    axis.set_title("What is known of one pixel", **MONTAGE_STYLE)
    plain(axis)
    axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)


def _draw_noise_model(axis: Axes, model: NoiseModel, *, observed: float) -> None:
    """Draw a noise model as an image, with the line on which a value is the signal."""
    ends = np.array(model.signals)
    spread = 4 * np.sqrt(variance(model, ends))
    low, high = np.clip((ends[0] - spread[0], ends[1] + spread[1]), *model.values)
    signals, values = np.linspace(*ends, 256), np.linspace(low, high, 256)
    logs = log_likelihood(model, values[:, None], signals, outside="count").per_pixel
    extent = (*ends, low, high)
    axis.imshow(
        np.exp(logs - logs.max(axis=0)), cmap="Greys", origin="lower", extent=extent, aspect="auto"
    )
    axis.plot(ends, ends, color=COLOURS[0], linewidth=1, label="value = signal")
    axis.axhline(observed, color="black", linestyle="--", linewidth=1, label="marked pixel's value")
    axis.set(xlabel="signal", ylabel="noisy value", xlim=ends, ylim=(low, high))
    origin = {"frames": "repeated frames", "restoration": "a restoration"}
    title = f"Noise model, learned from {origin.get(model.origin, model.origin)}"
    axis.set_title(title, **MONTAGE_STYLE)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)

"""Score a restored image against the truth, in a named convention.

The same image spans 3.4 dB across the conventions in use, so every score names its own. A
*convention* says how the two images are brought to one scale and range; a *metric* is then one
number of the two. What each convention does is told by its `explanation`.

MS-SSIM and MicroSSIM have a Gaussian window by their definitions, MS-SSIM on each convention's
scale and range, MicroSSIM on its own. A convention that takes images as they are needs a truth in
the low exposure's units; see `why_undefined`.

Sources: Weigert et al. 2018 (doi 10.1038/s41592-018-0216-7), Zhang et al. 2019
(arXiv 1812.10366), Krull et al. 2020 (doi 10.3389/fcomp.2020.00005).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from denoisekit._checks import finite, not_constant, one_of, same_shape, shape_text
from denoisekit.errors import InputError
from denoisekit.evaluation.metrics import HEADLINE, METRICS
from denoisekit.evaluation.scaling import affine_fit, fit_to_truth, percentile_scaled
from denoisekit.noise.usable import find, of_all, repaired, within

# Gains of the low exposure on the truth for which both are taken to be in one unit.
_SAME_UNITS = (0.5, 2.0)
_WINDOWS = {
    "gaussian": "a Gaussian window of sigma 1.5",
    "uniform": "a uniform window of 7 pixels",
}
_NO_BRIGHTNESS = "the short exposure does not grow with the long one, so it gives no brightness"


# Which pixels are an image, bool in its shape; None where all are.
_Usable = np.ndarray | None


@dataclass(frozen=True)
class _Scale:
    """Two images ready to be compared where usable: in common units, with the range of these."""

    truth: np.ndarray
    image: np.ndarray
    data_range: float
    usable: _Usable

    @cached_property
    def without_window(self) -> dict[str, float]:
        """Return the scores that all conventions of this scale have in common."""
        return self._scores(windowed=False)

    def scores(self, window: str) -> dict[str, float]:
        needed = max((METRICS[name] for name in HEADLINE), key=lambda metric: metric.min_side)
        if min(self.truth.shape) < needed.min_side:
            planes = ", and as many planes of a volume" * (self.truth.ndim == 3)
            raise InputError(
                f"An image or a part of {shape_text(self.truth)} pixels is too small to score; "
                f"{needed.label} needs {needed.min_side} pixels a side{planes}."
            )
        return self._scores(windowed=True, window=window) | self.without_window

    def _scores(self, *, windowed: bool, **options: str) -> dict[str, float]:
        """Return the scores of the metrics of one kind that an image of this size has."""
        part, image = {}, self.image
        if self.usable is not None:
            part, image = {"usable": self.usable}, np.where(self.usable, image, self.truth)
        return {
            name: metric.function(self.truth, image, data_range=self.data_range, **options, **part)
            for name, metric in METRICS.items()
            if metric.windowed == windowed
            and min(self.truth.shape) >= metric.min_side
            and (metric.of_volumes or self.truth.ndim == 2)
        }


_Scaling = Callable[[np.ndarray, np.ndarray, np.ndarray, _Usable], list[_Scale]]


@dataclass(frozen=True)
class Convention:
    """How two images are brought to one scale, SSIM's window, and what data it is defined for.

    `units` is ``any``, ``related`` (the low exposure grows with the truth), ``same`` (both in one
    unit) or ``8-bit`` (and 0 to 255).
    """

    scaling: _Scaling
    window: str
    units: str
    what: str

    @property
    def explanation(self) -> str:
        """Say in words what the convention does."""
        return f"{self.what}; SSIM in {_WINDOWS[self.window]}"


def _kept(pixels: np.ndarray, usable: _Usable) -> np.ndarray:
    return pixels if usable is None else pixels[usable]


def _fitted(truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable) -> list[_Scale]:
    return [_Scale(*fit_to_truth(truth, image, usable), 1.0, usable)]


def _calibrated(
    truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable
) -> list[_Scale]:
    truth = percentile_scaled(truth, usable)
    gain, offset = affine_fit(low, truth, usable)
    if gain <= 0:
        raise InputError(
            f"The images cannot be scored in 'calibrated': {_NO_BRIGHTNESS}; check that the pair "
            "belongs together."
        )
    return [_Scale(truth, (image - offset) / gain, 1.0, usable)]


def _as_they_are(
    truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable
) -> list[_Scale]:
    return [_Scale(truth, image, 255.0, usable)]


def _truth_range(
    truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable
) -> list[_Scale]:
    return [_Scale(truth, image, float(np.ptp(_kept(truth, usable))), usable)]


def _quadrants(
    truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable
) -> list[_Scale]:
    clamped = np.clip(image, 0, 255)
    half_y, half_x = (side // 2 for side in truth.shape[-2:])
    return [
        _Scale(
            truth[..., rows, columns],
            clamped[..., rows, columns],
            255.0,
            usable if usable is None else usable[..., rows, columns],
        )
        for rows in (slice(None, half_y), slice(half_y, None))
        for columns in (slice(None, half_x), slice(half_x, None))
    ]


def _unit_range(
    truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable
) -> list[_Scale]:
    return [_Scale(truth / 255, image / 255, 1.0, usable)]


def _standardised(
    truth: np.ndarray, image: np.ndarray, low: np.ndarray, usable: _Usable
) -> list[_Scale]:
    kept = _kept(truth, usable)
    standard = (truth - kept.mean()) / kept.std()
    gain, offset = affine_fit(standard, image, usable)
    return [_Scale(standard, gain * image + offset, float(np.ptp(_kept(standard, usable))), usable)]


CONVENTIONS = {
    "care": Convention(
        _fitted,
        "gaussian",
        "any",
        "as CARE scores: the truth scaled to its 0.1 and 99.9 percentiles, both images made "
        "zero-mean, the restored one fitted to the truth by least squares, range 1 (blind to any "
        "gain, even a negative one, and offset of the restored image)",
    ),
    "hagen": Convention(_fitted, "uniform", "any", "as 'care'"),
    # Noise of the truth makes the gain too small by its share of the truth's variance.
    "calibrated": Convention(
        _calibrated,
        "gaussian",
        "related",
        "as 'care', but the restored image is not fitted: brightness and contrast must be right, "
        "as the short exposure's regression on the truth says what they are (a noisy truth makes "
        "that gain too small, and costs even a perfect image some of its score)",
    ),
    "range255": Convention(
        _as_they_are,
        "uniform",
        "8-bit",
        "images as they are, whole, range 255 (Probabilistic Noise2Void, 8-bit data)",
    ),
    "truth-range": Convention(
        _truth_range,
        "uniform",
        "same",
        "images as they are, range max − min of the truth (Probabilistic Noise2Void, other data)",
    ),
    "fmd": Convention(
        _quadrants,
        "uniform",
        "8-bit",
        "restored image clamped to 0 and 255, mean over four quadrants, range 255 (the FMD "
        "benchmark, Python)",
    ),
    "fmd-matlab": Convention(
        _unit_range,
        "gaussian",
        "8-bit",
        "images divided by 255, whole, range 1 (the FMD benchmark, MATLAB)",
    ),
    "scale-invariant": Convention(
        _standardised,
        "uniform",
        "any",
        "SI-PSNR: truth standardised, restored image fitted to it, range (max − min) / standard "
        "deviation of the truth (Probabilistic Noise2Void, starred rows)",
    ),
}


def why_undefined(
    truth: np.ndarray,
    *,
    low: np.ndarray,
    convention: str,
    outside: Sequence[float | str] | None = None,
) -> str:
    """Say why a convention has no meaning for a pair of images; an empty text if it has.

    ``calibrated`` needs a low exposure that grows with the truth. Conventions that take images as
    they are need it in the truth's units: its regression on the truth has a gain of 0.5 to 2. Those
    of range 255 need a low exposure of 0 to 255, and not of 0 to 1.

    Parameters
    ----------
    truth, low
        The pair, (Y, X), each in its own units.
    convention
        One of `CONVENTIONS`.
    outside
        As `denoisekit.noise.usable.find` takes it.
    """
    one_of(convention, CONVENTIONS, name="The score convention")
    usable = of_all([truth, low], outside=outside, name="The truth or the low exposure")
    truth, low = within(truth, usable), within(low, usable)
    units = CONVENTIONS[convention].units
    if units == "8-bit" and not (low.min() >= 0 and 1 < low.max() <= 255):
        return (
            f"it is for values of 0 to 255, but the short exposure's reach from {low.min():g} "
            f"to {low.max():g}"
        )
    gain = affine_fit(low, truth)[0]
    if units == "related" and gain <= 0:
        return _NO_BRIGHTNESS
    if units in ("same", "8-bit") and not _SAME_UNITS[0] <= gain <= _SAME_UNITS[1]:
        return (
            "it takes images as they are, but the short exposure is not in the long one's "
            f"units (where that grows by 1, it grows by {gain:.2g})"
        )
    return ""


def score(
    truth: np.ndarray, image: np.ndarray, *, low: np.ndarray, convention: str
) -> dict[str, float]:
    """Score one restored image in one convention; see `score_all`."""
    return score_all(truth, image, low=low, conventions=[convention])[convention]


def score_all(
    truth: np.ndarray,
    image: np.ndarray,
    *,
    low: np.ndarray,
    conventions: Sequence[str],
    outside: Sequence[float | str] | None = None,
) -> dict[str, dict[str, float]]:
    """Score one restored image in several conventions.

    Parameters
    ----------
    truth
        The ground truth (the long exposure), (Y, X) or (Z, Y, X), in its own units. A volume is
        scored as a whole.
    image
        The restored image, same shape, in the low exposure's units.
    low
        The low exposure it was restored from, same shape; used by ``calibrated`` alone.
    conventions
        Some of `CONVENTIONS`; see the module's description. What they have in common is computed
        once.
    outside
        As `denoisekit.noise.usable.find` takes it. What is no image in the truth or in the low
        exposure is not scored.

    Returns
    -------
    dict
        Per convention one value per metric of `denoisekit.evaluation.metrics.METRICS`: PSNR in dB,
        SSIM, MS-SSIM, MicroSSIM, and NRMSE as a fraction of the convention's range. A convention
        that cuts the image up gives the mean of its parts. MS-SSIM is left out where a part has a
        side under 176 px, and of volumes.

    Raises
    ------
    InputError
        If the shapes differ, a side of an image or of a part is under 11 px, the truth is constant,
        any pixel is not finite, or the low exposure of ``calibrated`` does not grow with the truth.
    """
    for name in conventions:
        one_of(name, CONVENTIONS, name="The score convention")
    same_shape(truth, image, names=("The truth", "the restored image"))
    same_shape(truth, low, names=("The truth", "the low exposure"))
    odd = find(truth, outside=outside, name="The truth") | find(
        low, outside=outside, name="The low exposure"
    )
    usable = ~odd.mask if odd.any else None
    finite(_kept(image, usable), name="The restored image")
    not_constant(_kept(truth, usable), name="The truth")
    truth, low, image = (repaired(pixels, odd) for pixels in (truth, low, image))
    truth, image = np.asarray(truth, np.float64), np.asarray(image, np.float64)
    chosen = {name: CONVENTIONS[name] for name in conventions}
    scaled = {
        scaling: scaling(truth, image, low, usable)
        for scaling in dict.fromkeys(convention.scaling for convention in chosen.values())
    }
    return {
        name: _mean([part.scores(convention.window) for part in scaled[convention.scaling]])
        for name, convention in chosen.items()
    }


def score_rows(
    scores: Mapping[str, Mapping[str, float]], *, image: str, simulated: str, **run: str
) -> list[dict[str, str | float]]:
    """Return the rows of an image in the long table of scores.

    Parameters
    ----------
    scores
        As `score_all` returns them.
    image
        The image's name.
    simulated
        ``yes`` or ``no``.
    run
        What the image was restored by: the columns that a row begins with.
    """
    return [
        {
            **run,
            "image": image,
            "simulated": simulated,
            "convention": convention,
            "metric": metric,
            "value": value,
        }
        for convention, values in scores.items()
        for metric, value in values.items()
    ]


def _mean(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean over the parts of every metric that all of them have."""
    common = [metric for metric in METRICS if all(metric in part for part in parts)]
    return {metric: float(np.mean([part[metric] for part in parts])) for metric in common}

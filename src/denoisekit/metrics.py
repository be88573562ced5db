"""Score a restored image against the truth, in a named convention.

The same image spans 3.4 dB across the conventions in use, so every score names its own. A
*convention* says how the two images are brought to one scale and range; a *metric* is then one
number of the two.

Conventions
-----------
care
    CARE and its descendants: the truth scaled to its 0.1 and 99.9 percentiles, both images made
    zero-mean, the restored one fitted to the truth by least squares; range 1; SSIM with a Gaussian
    window of sigma 1.5. Blind to any gain and offset of the restored image.
hagen
    As `care`, with SSIM in scikit-image's default uniform window of 7.
calibrated
    Ours. As `care`, but instead of the restored image the low exposure is fitted: the regression of
    the low exposure on the truth gives the truth's gain and offset in the low exposure's units, and
    the restored image is scored as it is. Tells a loss that loses the brightness.
range255
    Probabilistic Noise2Void: images as they are, range 255, whole image; SSIM in a uniform window.
fmd
    The FMD benchmark's Python code: clamped to 0 and 255, mean over four quadrants, uniform window.
scale-invariant
    Probabilistic Noise2Void's starred rows: the truth standardised, the restored image fitted;
    range = (max - min) / std of the truth; SSIM in a uniform window.

Sources: Weigert et al. 2018 (doi 10.1038/s41592-018-0216-7), Zhang et al. 2019
(doi 10.1109/CVPR.2019.01198), Krull et al. 2020 (doi 10.3389/fcomp.2020.00005).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from skimage.metrics import structural_similarity

from denoisekit._checks import InputError, finite, not_constant, one_of, positive, same_shape

_GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
_UNIFORM = {"win_size": 7}
_SSIM_MIN_SIDE = 11


def psnr(truth: np.ndarray, image: np.ndarray, *, data_range: float) -> float:
    """Return the peak signal-to-noise ratio in dB, ``20 log10(data_range / RMSE)``.

    Infinite for equal images.
    """
    positive(data_range, name="The data range")
    error = rmse(truth, image)
    return float(20 * np.log10(data_range / error)) if error > 0 else float("inf")


def rmse(truth: np.ndarray, image: np.ndarray) -> float:
    """Return the root of the mean squared error, in the images' units."""
    difference = np.asarray(truth, np.float64) - np.asarray(image, np.float64)
    return float(np.sqrt(np.mean(difference**2)))


def nrmse(truth: np.ndarray, image: np.ndarray, *, data_range: float) -> float:
    """Return the root of the mean squared error divided by the data range."""
    positive(data_range, name="The data range")
    return rmse(truth, image) / data_range


def ssim(truth: np.ndarray, image: np.ndarray, *, data_range: float, window: str) -> float:
    """Return the mean structural similarity, at most 1.

    Parameters
    ----------
    truth, image
        Images of the same shape.
    data_range
        The range of values that the two stabilising constants refer to.
    window
        ``gaussian`` (sigma 1.5, population covariance) or ``uniform`` (7 wide, sample covariance).

    References
    ----------
    Wang et al. 2004, doi 10.1109/TIP.2003.819861.
    """
    positive(data_range, name="The data range")
    one_of(window, ("gaussian", "uniform"), name="The SSIM window")
    options = _GAUSSIAN if window == "gaussian" else _UNIFORM
    return float(structural_similarity(truth, image, data_range=data_range, **options))


def affine_fit(reference: np.ndarray, image: np.ndarray) -> tuple[float, float]:
    """Return gain and offset for which ``gain * image + offset`` lies nearest to the reference.

    Least squares. The gain is 0 for a constant image.
    """
    reference, image = np.asarray(reference, np.float64), np.asarray(image, np.float64)
    image_mean, reference_mean = image.mean(), reference.mean()
    centred = image - image_mean
    variance = np.mean(centred**2)
    gain = np.mean(centred * (reference - reference_mean)) / variance if variance > 0 else 0.0
    return float(gain), float(reference_mean - gain * image_mean)


def fit_to_truth(truth: np.ndarray, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return truth and image on CARE's common scale, where the range is 1 and the truth's mean 0.

    The truth is scaled to its 0.1 and 99.9 percentiles; both are zero-mean; the image is multiplied
    by cov(image, truth) / var(image).
    """
    truth = _percentile_scaled(truth)
    truth = truth - truth.mean()
    gain, offset = affine_fit(truth, image)
    return truth, gain * np.asarray(image, np.float64) + offset


def _percentile_scaled(truth: np.ndarray) -> np.ndarray:
    low, high = np.percentile(truth, (0.1, 99.9))
    if low == high:
        raise InputError(
            f"The truth has the same value, {low:g}, at its 0.1 and 99.9 percentiles: there is no "
            "signal to score against."
        )
    return (np.asarray(truth, np.float64) - low) / (high - low)


@dataclass(frozen=True)
class _Scale:
    """Two images ready to be compared: in common units, with the range those units refer to."""

    truth: np.ndarray
    image: np.ndarray
    data_range: float
    window: str

    def scores(self) -> dict[str, float]:
        return {
            "psnr": psnr(self.truth, self.image, data_range=self.data_range),
            "ssim": ssim(self.truth, self.image, data_range=self.data_range, window=self.window),
            "nrmse": nrmse(self.truth, self.image, data_range=self.data_range),
        }


def _care(truth: np.ndarray, image: np.ndarray, low: np.ndarray) -> list[_Scale]:
    return [_Scale(*fit_to_truth(truth, image), 1.0, "gaussian")]


def _hagen(truth: np.ndarray, image: np.ndarray, low: np.ndarray) -> list[_Scale]:
    return [_Scale(*fit_to_truth(truth, image), 1.0, "uniform")]


def _calibrated(truth: np.ndarray, image: np.ndarray, low: np.ndarray) -> list[_Scale]:
    truth = _percentile_scaled(truth)
    gain, offset = affine_fit(low, truth)
    if gain <= 0:
        raise InputError(
            f"The low exposure does not grow with the truth (regression gain {gain:.3g}), so it "
            "gives no brightness to score by; check that the pair belongs together."
        )
    return [_Scale(truth, (np.asarray(image, np.float64) - offset) / gain, 1.0, "gaussian")]


def _range255(truth: np.ndarray, image: np.ndarray, low: np.ndarray) -> list[_Scale]:
    return [_Scale(np.asarray(truth, np.float64), np.asarray(image, np.float64), 255.0, "uniform")]


def _fmd(truth: np.ndarray, image: np.ndarray, low: np.ndarray) -> list[_Scale]:
    clamped = np.clip(np.asarray(image, np.float64), 0, 255)
    truth = np.asarray(truth, np.float64)
    half_y, half_x = (side // 2 for side in truth.shape)
    return [
        _Scale(truth[rows, columns], clamped[rows, columns], 255.0, "uniform")
        for rows in (slice(None, half_y), slice(half_y, None))
        for columns in (slice(None, half_x), slice(half_x, None))
    ]


def _scale_invariant(truth: np.ndarray, image: np.ndarray, low: np.ndarray) -> list[_Scale]:
    truth = np.asarray(truth, np.float64)
    standard = (truth - truth.mean()) / truth.std()
    gain, offset = affine_fit(standard, image)
    fitted = gain * np.asarray(image, np.float64) + offset
    return [_Scale(standard, fitted, float(np.ptp(standard)), "uniform")]


CONVENTIONS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], list[_Scale]]] = {
    "care": _care,
    "hagen": _hagen,
    "calibrated": _calibrated,
    "range255": _range255,
    "fmd": _fmd,
    "scale-invariant": _scale_invariant,
}

#: Each metric, and whether more of it is better.
HIGHER_IS_BETTER = {"psnr": True, "ssim": True, "nrmse": False}


def score(
    truth: np.ndarray, image: np.ndarray, *, low: np.ndarray, convention: str
) -> dict[str, float]:
    """Score one restored image in one convention.

    Parameters
    ----------
    truth
        The ground truth (the long exposure), (Y, X), in its own units.
    image
        The restored image, same shape, in the low exposure's units.
    low
        The low exposure it was restored from, same shape; used by ``calibrated`` alone.
    convention
        One of `CONVENTIONS`; see the module's description.

    Returns
    -------
    dict
        One value per metric of `HIGHER_IS_BETTER`: PSNR in dB, SSIM, and NRMSE as a fraction of
        the convention's range. A convention that cuts the image up gives the mean of its parts.

    Raises
    ------
    InputError
        If the shapes differ, a side is under 11 px, the truth is constant or any pixel not finite.
    """
    one_of(convention, CONVENTIONS, name="The score convention")
    same_shape(truth, image, names=("The truth", "the restored image"))
    if min(truth.shape) < _SSIM_MIN_SIDE:
        raise InputError(
            f"An image of {truth.shape} pixels is too small to score; SSIM's window needs "
            f"{_SSIM_MIN_SIDE} pixels a side."
        )
    finite(truth, name="The truth")
    finite(image, name="The restored image")
    not_constant(truth, name="The truth")
    parts = [scale.scores() for scale in CONVENTIONS[convention](truth, image, low)]
    return {metric: float(np.mean([part[metric] for part in parts])) for metric in HIGHER_IS_BETTER}

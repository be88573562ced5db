"""Image quality metrics: PSNR, RMSE, NRMSE, SSIM, MS-SSIM and MicroSSIM.

`METRICS` holds those that images are scored by, with all that tables, figures and sentences need to
know of each: they ask it, and name none themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# Their parts are imported when they are first called: most that imports this module reads names.
import scipy
import skimage

from denoisekit import plugins
from denoisekit._checks import one_of, positive, shape_text
from denoisekit.errors import InputError

_GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
_UNIFORM = {"win_size": 7}
_UNIFORM_RADIUS = _UNIFORM["win_size"] // 2
_SSIM_MIN_SIDE = 11
_MS_SSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# The window of 11 fits after four halvings.
_MS_SSIM_MIN_SIDE = _SSIM_MIN_SIDE * 2 ** (len(_MS_SSIM_WEIGHTS) - 1)
_WINDOW_RADIUS = 5
_BACKGROUND_PERCENTILE = 3
# How far the brightness that MicroSSIM likes best may lie from that of least squares.
_FARTHEST = np.log(30)


def psnr(
    truth: np.ndarray, image: np.ndarray, *, data_range: float, usable: np.ndarray | None = None
) -> float:
    """Return the peak signal-to-noise ratio in dB, ``20 log10(data_range / RMSE)``.

    Infinite for equal images. Of the usable pixels, or of all, as all metrics here.
    """
    positive(data_range, name="The data range")
    error = rmse(truth, image, usable=usable)
    return float("inf") if error == 0 else float(20 * np.log10(data_range / error))


def rmse(truth: np.ndarray, image: np.ndarray, *, usable: np.ndarray | None = None) -> float:
    """Return the root of the mean squared error, in the images' units."""
    difference = np.asarray(truth, np.float64) - np.asarray(image, np.float64)
    if usable is not None:
        difference = difference[usable]
    return float(np.sqrt(np.mean(difference**2)))


def nrmse(
    truth: np.ndarray, image: np.ndarray, *, data_range: float, usable: np.ndarray | None = None
) -> float:
    """Return the root of the mean squared error divided by the data range."""
    positive(data_range, name="The data range")
    return rmse(truth, image, usable=usable) / data_range


def ssim(
    truth: np.ndarray,
    image: np.ndarray,
    *,
    data_range: float,
    window: str,
    usable: np.ndarray | None = None,
) -> float:
    """Return the mean structural similarity, at most 1.

    Parameters
    ----------
    truth, image
        Images or volumes of the same shape, whose windows have as many dimensions.
    data_range
        The range of values that the two stabilising constants refer to.
    window
        ``gaussian`` (sigma 1.5, population covariance) or ``uniform`` (7 wide, sample covariance).
    usable
        The middles of the windows that count; None for all. In what else the windows see, both
        images should be the same.

    References
    ----------
    Wang et al. 2004, doi 10.1109/TIP.2003.819861.
    """
    positive(data_range, name="The data range")
    one_of(window, ("gaussian", "uniform"), name="The SSIM window")
    options = _GAUSSIAN if window == "gaussian" else _UNIFORM
    radius = _WINDOW_RADIUS if window == "gaussian" else _UNIFORM_RADIUS
    return _mean_ssim(truth, image, usable, radius=radius, data_range=data_range, **options)


def _mean_ssim(
    truth: np.ndarray, image: np.ndarray, usable: np.ndarray | None, *, radius: int, **options: Any
) -> float:
    """Return scikit-image's SSIM, of windows of a radius whose middles are usable."""
    if usable is None or usable.all():
        return float(skimage.metrics.structural_similarity(truth, image, **options))
    _, places = skimage.metrics.structural_similarity(truth, image, full=True, **options)
    inside = (slice(radius, -radius),) * truth.ndim
    return float(places[inside][usable[inside]].mean())


def ms_ssim(
    truth: np.ndarray, image: np.ndarray, *, data_range: float, usable: np.ndarray | None = None
) -> float:
    """Return the multi-scale structural similarity, at most 1, over five scales.

    Contrast and structure are compared at every scale, luminance at the coarsest; a mean contrast
    and structure below zero counts as zero. Gaussian window of 11, sigma 1.5, where it fits; from
    scale to scale squares of 2 x 2 are averaged, the last line of an odd side taken twice.

    Parameters
    ----------
    truth, image
        Images (Y, X) of the same shape, at least 176 px a side.
    data_range
        The range of values that the two stabilising constants refer to.
    usable
        As `ssim` takes it; at coarser scales, places count by their share of usable pixels.

    Raises
    ------
    InputError
        If a side is too short for five scales; fewer scales would be another score.

    References
    ----------
    Wang, Simoncelli and Bovik 2003, doi 10.1109/ACSSC.2003.1292216.
    """
    positive(data_range, name="The data range")
    if min(truth.shape) < _MS_SSIM_MIN_SIDE:
        raise InputError(
            f"An image of {shape_text(truth)} pixels is too small for the five scales of MS-SSIM, "
            f"which needs {_MS_SSIM_MIN_SIDE} pixels a side."
        )
    pair = np.stack([truth, image]).astype(np.float64)
    shares = None if usable is None or usable.all() else usable.astype(np.float64)
    value, coarsest = 1.0, len(_MS_SSIM_WEIGHTS) - 1
    for scale, weight in enumerate(_MS_SSIM_WEIGHTS):
        luminance, structure = _similarities(pair, data_range)
        mean = _mean(luminance * structure if scale == coarsest else structure, shares)
        value *= max(mean, 0.0) ** weight
        pair = _halved(pair)
        shares = None if shares is None else _halved(shares[None])[0]
    return float(value)


def micro_ssim(
    truth: np.ndarray, image: np.ndarray, *, data_range: float, usable: np.ndarray | None = None
) -> float:
    """Return MicroSSIM, the structural similarity at the brightness that suits it best, at most 1.

    Each image's background, its percentile 3, is taken away, and the restored image is multiplied
    by the factor that makes their mean similarity largest. The range is the truth's own, so that
    units do not matter. As the authors' package does, the factor is found in a uniform window of 7,
    and the similarity is that in a Gaussian window of 11, sigma 1.5, both of sample covariance. The
    factor is each image's own, where the paper recommends one for a whole data set.

    Parameters
    ----------
    truth, image
        Images (Y, X), or volumes (Z, Y, X), of the same shape, at least 11 px a side.
    data_range
        Must be above zero, and is not used.
    usable
        As `ssim` takes it.

    References
    ----------
    Ashesh, Deschamps and Jug 2024, arXiv:2408.08747; the package microssim 0.0.5.
    """
    positive(data_range, name="The data range")
    usable = np.ones(truth.shape, dtype=bool) if usable is None else usable
    truth, image = (
        pixels.astype(np.float64) - np.percentile(pixels[usable], _BACKGROUND_PERCENTILE)
        for pixels in (truth, image)
    )
    own_range = float(np.ptp(truth[usable]))
    image = image * _best_factor(truth, image, usable, own_range)
    options = {**_GAUSSIAN, "use_sample_covariance": True}
    return _mean_ssim(truth, image, usable, radius=_WINDOW_RADIUS, data_range=own_range, **options)


def _best_factor(
    truth: np.ndarray, image: np.ndarray, usable: np.ndarray, data_range: float
) -> float:
    """Return what an image is to be multiplied by for the largest mean SSIM in a uniform window.

    Means and variances in the windows are taken once: a factor changes them as it says.
    """
    moments = np.stack([truth, image, truth**2, image**2, truth * image])
    moments = scipy.ndimage.uniform_filter(
        moments, _UNIFORM["win_size"], axes=tuple(range(1, moments.ndim))
    )
    inside = (slice(_UNIFORM_RADIUS, -_UNIFORM_RADIUS),) * truth.ndim
    kept = moments[:, *inside][:, usable[inside]]
    mean_1, mean_2, square_1, square_2, product = kept
    pixels = _UNIFORM["win_size"] ** truth.ndim
    sample = pixels / (pixels - 1)
    variance_1, variance_2, covariance = (
        sample * (square_1 - mean_1**2),
        sample * (square_2 - mean_2**2),
        sample * (product - mean_1 * mean_2),
    )
    low, high = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2

    def similarity(factor: float) -> float:
        luminance = (2 * factor * mean_1 * mean_2 + low) / (
            mean_1**2 + (factor * mean_2) ** 2 + low
        )
        structure = (2 * factor * covariance + high) / (variance_1 + factor**2 * variance_2 + high)
        return float(np.mean(luminance * structure))

    power = np.mean(square_2)
    if power == 0:
        return 1.0
    # Least squares; of an image that does not resemble the truth, far below the ratio of both.
    guess = max(np.mean(product) / power, 1e-3 * np.sqrt(np.mean(square_1) / power))
    found = scipy.optimize.minimize_scalar(
        lambda log: -similarity(guess * np.exp(log)),
        bounds=(-_FARTHEST, _FARTHEST),
        options={"xatol": 1e-4},
    )
    return float(guess * np.exp(found.x))


def _similarities(pair: np.ndarray, data_range: float) -> tuple[np.ndarray, np.ndarray]:
    """Return maps of luminance and of contrast and structure, where the window fits."""
    first, second = pair
    moments = np.stack([first, second, first**2, second**2, first * second])
    moments = scipy.ndimage.gaussian_filter(moments, 1.5, radius=_WINDOW_RADIUS, axes=(1, 2))
    inside = slice(_WINDOW_RADIUS, -_WINDOW_RADIUS)
    mean_1, mean_2, square_1, square_2, product = moments[:, inside, inside]
    low, high = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    both, squares = mean_1 * mean_2, mean_1**2 + mean_2**2
    luminance = (2 * both + low) / (squares + low)
    structure = (2 * (product - both) + high) / (square_1 + square_2 - squares + high)
    return luminance, structure


def _mean(places: np.ndarray, shares: np.ndarray | None) -> float:
    """Return the mean where the window fits, by the share of usable pixels."""
    if shares is None:
        return float(np.mean(places))
    inside = slice(_WINDOW_RADIUS, -_WINDOW_RADIUS)
    return float(np.average(places, weights=shares[inside, inside]))


def _halved(images: np.ndarray) -> np.ndarray:
    odd = [(0, side % 2) for side in images.shape[1:]]
    padded = np.pad(images, [(0, 0), *odd], mode="edge")
    rows = padded[:, ::2] + padded[:, 1::2]
    return (rows[:, :, ::2] + rows[:, :, 1::2]) / 4


@dataclass(frozen=True)
class Metric:
    """An image quality metric: how it is computed, and how its scores are read and written.

    Attributes
    ----------
    function
        Takes the truth, the image and ``data_range``; a windowed one also ``window``; and, where
        there are pixels that are no image, ``usable``, which pixels are.
    label, unit, digits
        How the metric and its scores are written; the unit may be empty.
    higher_is_better
        Whether more of it is better.
    windowed
        Whether it is computed in the window of the score convention.
    min_side
        The least side in px of an image that it has a meaning for.
    of_volumes
        Whether it has a meaning for volumes, as a whole, in windows of three dimensions.
    least_gain
        A smaller gain over the noisy input counts as none. A metric that has one is a headline: of
        these the page's first sentences and the figures speak, and no image is scored without them.
    ranks_as
        Another metric, by name, that nearly always ranks images alike: told of that one alone.
    """

    function: Callable[..., float]
    label: str
    unit: str
    digits: int
    higher_is_better: bool
    windowed: bool = False
    min_side: int = 1
    of_volumes: bool = True
    least_gain: float | None = None
    ranks_as: str | None = None

    @property
    def sign(self) -> int:
        """What a difference of scores is multiplied by, so that above zero is better."""
        return 1 if self.higher_is_better else -1

    @property
    def best(self) -> str:
        """Which of several scores is best: ``max`` or ``min``."""
        return "max" if self.higher_is_better else "min"

    @property
    def better(self) -> str:
        """What a better score is: ``higher`` or ``lower``."""
        return "higher" if self.higher_is_better else "lower"


_OWN: Mapping[str, Metric] = {
    "psnr": Metric(psnr, label="PSNR", unit="dB", digits=2, higher_is_better=True, least_gain=0.05),
    "ssim": Metric(
        ssim,
        label="SSIM",
        unit="",
        digits=3,
        higher_is_better=True,
        windowed=True,
        min_side=_SSIM_MIN_SIDE,
        least_gain=0.0005,
    ),
    "ms-ssim": Metric(
        ms_ssim,
        label="MS-SSIM",
        unit="",
        digits=3,
        higher_is_better=True,
        min_side=_MS_SSIM_MIN_SIDE,
        of_volumes=False,
    ),
    "micro-ssim": Metric(
        micro_ssim,
        label="MicroSSIM",
        unit="",
        digits=3,
        higher_is_better=True,
        min_side=_SSIM_MIN_SIDE,
    ),
    "nrmse": Metric(
        nrmse, label="NRMSE", unit="", digits=4, higher_is_better=False, ranks_as="psnr"
    ),
}
#: The metrics of a study by their names in tables, in the order of its tables.
METRICS: Mapping[str, Metric] = plugins.WithPlugins("metrics", _OWN)
#: The metrics that the page's first sentences and the figures speak of, as the paper does.
HEADLINE = tuple(name for name, metric in _OWN.items() if metric.least_gain is not None)
#: The metric that chooses the image to be shown, and that stands where there is room for one.
MAIN = "psnr"
#: The metric that the paper judges sharpness by; told where sharpness itself was not measured.
STRUCTURE = "ssim"

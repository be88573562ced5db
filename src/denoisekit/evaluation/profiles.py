"""Line profiles: truth, input and restored image along a row, with the predicted interval.

As in the CARE paper's figure of a network's certainty: Weigert et al. 2018, doi
10.1038/s41592-018-0216-7, Figure 5a.
"""

import math
from dataclasses import dataclass

import numpy as np

from denoisekit.evaluation.calibration import together
from denoisekit.evaluation.scaling import affine_fit, percentile_scaled
from denoisekit.evaluation.uncertainty import LaplaceMixture


@dataclass(frozen=True)
class Line:
    """A part of a row of an image.

    Attributes
    ----------
    row
        Which.
    columns
        Its pixels.
    """

    row: int
    columns: slice


@dataclass(frozen=True)
class Profile:
    """What lies along a line, on the scale where the truth's 0.1 and 99.9 percentiles are 0 and 1.

    Attributes
    ----------
    truth, noisy, mean, low, high
        Truth, input, the predicted mean, and the ends of its interval, (columns,); NaN where a
        pixel is none of the image. The input and the predicted image are fitted to the truth, and
        the interval takes the same gain and offset.
    temperature
        The factor that the predicted scale was multiplied by, NaN where none was learned.
    """

    truth: np.ndarray
    noisy: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    temperature: float


def most_contrasted(truth: np.ndarray, usable: np.ndarray, *, length_px: int) -> Line:
    """Return the line along which the truth has the highest contrast.

    Parameters
    ----------
    truth
        (Y, X), in any units.
    usable
        Which pixels are an image, bool.
    length_px
        How long the line is at most.

    Returns
    -------
    Line
        Of all lines of this length that begin at a multiple of half of it, or of whole rows where
        they are shorter, the one along which the truth's standard deviation is largest, the first
        of equals. Values beyond the truth's 0.1 and 99.9 percentiles count as these, and pixels
        that are none of the image as the median, so that no single pixel decides.
    """
    ends = np.percentile(truth[usable], (0.1, 99.9))
    even = np.where(usable, np.clip(truth, *ends), np.median(truth[usable]))
    length = min(length_px, truth.shape[1])
    starts = range(0, truth.shape[1] - length + 1, max(length // 2, 1))
    contrast = np.stack([even[:, start : start + length].std(axis=1) for start in starts], axis=1)
    row, place = np.unravel_index(np.argmax(contrast), contrast.shape)
    start = starts[int(place)]
    return Line(int(row), slice(start, start + length))


def profile(
    truth: np.ndarray,
    noisy: np.ndarray,
    mixture: LaplaceMixture,
    *,
    usable: np.ndarray,
    line: Line,
    level: float,
    temperature: float,
) -> Profile:
    """Return what lies along a line.

    Parameters
    ----------
    truth, noisy
        (Y, X), each in its own units.
    mixture
        What is predicted of the usable pixels, (M, pixels), in the restored image's units.
    usable
        Which pixels are an image, bool, (Y, X); all fits are over these.
    line
        Where.
    level
        What share of pixels the interval should hold, 0 to 1.
    temperature
        The factor on the scale that was learned on images kept from training; NaN for none.

    Raises
    ------
    InputError
        As `denoisekit.evaluation.calibration.together`.
    """
    centred, predicted = together(truth[usable], mixture)
    mean_of_truth = percentile_scaled(truth[usable]).mean()
    inside = np.zeros(truth.shape, bool)
    inside[line.row, line.columns] = True
    along = inside[usable]
    kept = usable[line.row, line.columns]
    here = LaplaceMixture(predicted.means[:, along], predicted.scales[:, along])
    gain, offset = affine_fit(centred, noisy[usable])

    def placed(values: np.ndarray) -> np.ndarray:
        course = np.full(kept.shape, np.nan)
        course[kept] = values + mean_of_truth
        return course

    low, high = (here if math.isnan(temperature) else here.scaled(temperature)).interval(level)
    return Profile(
        placed(centred[along]),
        placed(gain * np.asarray(noisy[usable][along], np.float64) + offset),
        placed(here.mean()),
        placed(low),
        placed(high),
        temperature,
    )

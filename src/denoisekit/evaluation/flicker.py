"""Samples of what is predicted, to be seen one after the other: what flickers is not certain.

As in the CARE paper's Supplementary Video 9: Weigert et al. 2018, doi 10.1038/s41592-018-0216-7.
"""

import math

import numpy as np

from denoisekit.evaluation.calibration import together
from denoisekit.evaluation.display import eight_bits
from denoisekit.evaluation.scaling import percentile_scaled
from denoisekit.evaluation.uncertainty import LaplaceMixture


def sampled_frames(
    truth: np.ndarray,
    mixture: LaplaceMixture,
    *,
    usable: np.ndarray,
    window: tuple[slice, slice],
    temperature: float,
    count: int,
    seed: int,
) -> list[np.ndarray]:
    """Return samples of a predicted image as pictures of 8 bits, each of one member.

    Parameters
    ----------
    truth
        (Y, X), in its own units.
    mixture
        What is predicted of the usable pixels, (M, pixels), in the restored image's units.
    usable
        Which pixels are an image, bool, (Y, X); others are shown black.
    window
        Rows and columns that are shown.
    temperature
        The factor on the scale that was learned on images kept from training; NaN for none.
    count
        How many samples.
    seed
        Of the random numbers.

    Returns
    -------
    list of numpy.ndarray
        Of the window, fitted to the truth and shown between its 0.1 and 99.9 percentiles. The
        pixels of a sample are drawn independently, so that it has more grain than the truth.
    """
    _, predicted = together(truth[usable], mixture)
    mean_of_truth = percentile_scaled(truth[usable]).mean()
    inside = np.zeros(truth.shape, bool)
    inside[window] = True
    along, rng = inside[usable], np.random.default_rng(seed)
    here = LaplaceMixture(predicted.means[:, along], predicted.scales[:, along])
    if not math.isnan(temperature):
        here = here.scaled(temperature)
    frames = []
    for _ in range(count):
        frame = np.zeros(usable[window].shape)
        frame[usable[window]] = here.sample(rng) + mean_of_truth
        frames.append(eight_bits(frame))
    return frames

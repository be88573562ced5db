"""Affine intensity scaling of an image to a truth, and percentile scaling."""

import numpy as np

from denoisekit.errors import InputError


def affine_fit(
    reference: np.ndarray, image: np.ndarray, usable: np.ndarray | None = None
) -> tuple[float, float]:
    """Return gain and offset for which ``gain * image + offset`` lies nearest to the reference.

    Least squares over the usable pixels, or all. The gain is 0 for a constant image.
    """
    if usable is not None:
        reference, image = reference[usable], image[usable]
    reference, image = np.asarray(reference, np.float64), np.asarray(image, np.float64)
    image_mean, reference_mean = image.mean(), reference.mean()
    centred = image - image_mean
    variance = np.mean(centred**2)
    gain = np.mean(centred * (reference - reference_mean)) / variance if variance > 0 else 0.0
    return float(gain), float(reference_mean - gain * image_mean)


def fit_to_truth(
    truth: np.ndarray, image: np.ndarray, usable: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return truth and image on CARE's common scale, where the range is 1 and the truth's mean 0.

    The truth is scaled to its 0.1 and 99.9 percentiles; both are zero-mean; the image is multiplied
    by cov(image, truth) / var(image). All of these are taken over the usable pixels, or all.
    """
    truth = percentile_scaled(truth, usable)
    truth = truth - (truth if usable is None else truth[usable]).mean()
    gain, offset = affine_fit(truth, image, usable)
    return truth, gain * np.asarray(image, np.float64) + offset


def brightness(
    truth: np.ndarray, low: np.ndarray, image: np.ndarray, usable: np.ndarray
) -> tuple[float, float]:
    """Return gain and offset that bring an image to the truth, as bright as the short exposure.

    The truth takes the brightness of the short exposure by its regression on the truth, as in the
    score convention ``calibrated``. An image of the right brightness has gain 1 and offset 0; of
    one that is noisy the gain is smaller. NaN where the short exposure does not grow with the
    truth.

    Parameters
    ----------
    truth, low, image
        Long exposure, short exposure and restored image, of one shape.
    usable
        Pixels to take, bool in their shape.
    """
    gain, offset = affine_fit(low, truth, usable)
    if gain <= 0:
        return np.nan, np.nan
    return affine_fit(gain * np.asarray(truth, np.float64) + offset, image, usable)


def percentile_scaled(truth: np.ndarray, usable: np.ndarray | None = None) -> np.ndarray:
    """Return an image from 0 to 1 between the 0.1 and 99.9 percentiles of its usable pixels."""
    low, high = np.percentile(truth if usable is None else truth[usable], (0.1, 99.9))
    if low == high:
        raise InputError(
            f"The truth has the same value, {low:g}, at its 0.1 and 99.9 percentiles: there is no "
            "signal to score against."
        )
    return (np.asarray(truth, np.float64) - low) / (high - low)

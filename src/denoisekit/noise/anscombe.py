"""Variance stabilisation: the generalised Anscombe transform and its inverse."""

import numpy as np

from denoisekit.noise.estimate import NoiseFit


def stabilise(image: np.ndarray, fit: NoiseFit) -> np.ndarray:
    """Transform an image so that its noise has variance 1 everywhere (generalised Anscombe).

    Parameters
    ----------
    image
        Pixels in the units of `fit`.
    fit
        The image's noise.

    Returns
    -------
    np.ndarray
        float64, in units of the noise's standard deviation.

    References
    ----------
    .. [1] M. Makitalo, A. Foi, "Optimal inversion of the generalized Anscombe transformation for
       Poisson-Gaussian noise", IEEE Trans. Image Process. 22 (2013),
       doi:10.1109/TIP.2012.2202675.
    """
    if fit.gain == 0:
        return image / np.sqrt(fit.intercept)
    inside = fit.gain * image.astype(np.float64) + 0.375 * fit.gain**2 + fit.intercept
    return 2 / fit.gain * np.sqrt(np.maximum(inside, 0))


def unstabilise(image: np.ndarray, fit: NoiseFit) -> np.ndarray:
    """Return what was stabilised and then denoised to the image's own units, without bias.

    The plain inverse of the square root underestimates dim pixels, because the mean of a root is
    not the root of the mean. This is the closed form of the exact unbiased inverse [1]_, which
    takes its argument for the mean of stabilised noisy pixels.

    Parameters
    ----------
    image
        Denoised pixels, in units of the noise's standard deviation.
    fit
        The noise that `stabilise` was given.

    Returns
    -------
    np.ndarray
        float64, in the units of `fit`.

    References
    ----------
    .. [1] M. Makitalo, A. Foi, doi:10.1109/TIP.2012.2202675.
    """
    if fit.gain == 0:
        return image * np.sqrt(fit.intercept)
    root = np.sqrt(1.5)
    # Below this value the mean of the stabilised noise cannot lie.
    value = np.maximum(image.astype(np.float64), root)
    photons = (
        value**2 / 4 + root / (4 * value) - 11 / (8 * value**2) + 5 * root / (8 * value**3) - 1 / 8
    )
    return fit.gain * photons - fit.intercept / fit.gain

"""Mean absolute difference of band-passed images.

Source: Nguyen, Hagen and Ventura, "Deep Learning for Denoising of Fluorescence Microscopy Images",
with sigmas 0.5 and 5 px. A difference of Gaussians does not see a constant, so nothing ties a
network trained on it to the right brightness; scores that are not affine-invariant show that.
"""

import torch

from denoisekit.errors import InputError
from denoisekit.losses import Function
from denoisekit.losses._axes import blur

PROBABILISTIC = False
SEES_BRIGHTNESS = False


def build(*, low_sigma: float, high_sigma: float) -> Function:
    """Return ``mean |DoG(prediction) - DoG(truth)|`` with DoG = G(low_sigma) - G(high_sigma).

    Parameters
    ----------
    low_sigma, high_sigma
        Standard deviations in px, the first below the second.
    """
    if not 0 < low_sigma < high_sigma:
        raise InputError(
            "The bandpass loss needs 0 < low_sigma < high_sigma, but they are "
            f"{low_sigma:g} and {high_sigma:g}."
        )

    def bandpass(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        difference = prediction - truth
        return (blur(difference, low_sigma) - blur(difference, high_sigma)).abs().mean()

    return bandpass

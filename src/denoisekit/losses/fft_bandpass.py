"""FFT and bandpass loss together, as the loss-function paper announced."""

import torch

from denoisekit._checks import positive
from denoisekit.losses import Function, bandpass, fft

PROBABILISTIC = False


def build(*, weight: float, low_sigma: float, high_sigma: float) -> Function:
    """Return ``fft + weight * bandpass``; the unitary transform gives both about one size.

    Parameters
    ----------
    weight
        Of the bandpass loss, above 0.
    low_sigma, high_sigma
        Of the bandpass loss, in px.
    """
    positive(weight, name="The weight of the bandpass loss")
    parts = fft.build(), bandpass.build(low_sigma=low_sigma, high_sigma=high_sigma)

    def fft_bandpass(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        return parts[0](prediction, truth) + weight * parts[1](prediction, truth)

    return fft_bandpass

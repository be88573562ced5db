"""Mean absolute difference of Fourier coefficients.

Source: Nguyen, Hagen and Ventura, "Deep Learning for Denoising of Fluorescence Microscopy Images".
The paper names no normalisation of the transform; ours is unitary ("ortho"), so that white noise
costs about the same as under the mean absolute error. A factor would not change what Adam does.
"""

import torch

from denoisekit.losses import Function

PROBABILISTIC = False


def build() -> Function:
    """Return ``mean |F(prediction) - F(truth)|``, the modulus of the complex difference.

    The transform goes over all spatial axes, and the mean over all coefficients.
    """
    return _fft


def _fft(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    axes = tuple(range(2, truth.ndim))
    return torch.fft.fftn(prediction - truth, dim=axes, norm="ortho").abs().mean()

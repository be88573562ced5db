"""Negative log-likelihood of a Laplace distribution: CARE's probabilistic loss.

Source: Weigert et al. 2018, doi 10.1038/s41592-018-0216-7. CSBDeep adds the constant log 2, which
is left out here as in the loss-function paper: it moves the loss's value, not the network.
"""

import torch

from denoisekit.losses import Function

PROBABILISTIC = True


def build() -> Function:
    """Return ``mean(|truth - mean| / scale + log scale)``; the scale is Laplace's b."""
    return _laplace


def _laplace(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    mean, scale = prediction.chunk(2, dim=1)
    return ((truth - mean).abs() / scale + scale.log()).mean()

"""Mean squared error."""

from torch.nn.functional import mse_loss

from denoisekit.losses import Function

PROBABILISTIC = False


def build() -> Function:
    """Return ``mean (prediction - truth)^2``."""
    return mse_loss

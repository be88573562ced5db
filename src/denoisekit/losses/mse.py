"""Mean squared error."""

from torch.nn.functional import mse_loss

PROBABILISTIC = False


def build():
    """Return ``mean (prediction - truth)^2``."""
    return mse_loss

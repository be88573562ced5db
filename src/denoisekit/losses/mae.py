"""Mean absolute error: what CSBDeep trains unless it is asked for a probabilistic network."""

from torch.nn.functional import l1_loss

from denoisekit.losses import Function

PROBABILISTIC = False


def build() -> Function:
    """Return ``mean |prediction - truth|``."""
    return l1_loss

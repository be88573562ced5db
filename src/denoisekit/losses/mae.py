"""Mean absolute error: what CSBDeep trains unless it is asked for a probabilistic network."""

from torch.nn.functional import l1_loss

PROBABILISTIC = False


def build():
    """Return ``mean |prediction - truth|``."""
    return l1_loss

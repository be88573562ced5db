"""Huber loss."""

from functools import partial

from torch.nn.functional import huber_loss

PROBABILISTIC = False


def build(*, delta: float = 1.0):
    """Return the loss that is quadratic below `delta`, in normalised units, and linear above."""
    return partial(huber_loss, delta=delta)

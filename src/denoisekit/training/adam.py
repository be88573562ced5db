"""Adam, as torch computes it.

`torch.optim.Adam` loads torch's compiler, which takes more than a second of every training.

Source: Kingma and Ba 2015 (arXiv:1412.6980).
"""

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim.adam import adam


class Adam:
    """Adam with a rate that others change, in one fused kernel.

    Parameters
    ----------
    parameters
        What is trained, where it stays.
    rate
        A number on the same device, read at every step.
    epsilon
        Added to the root of the second moment.

    Attributes
    ----------
    state
        Of each parameter the number of steps, ``step``, and the mean of its gradient,
        ``exp_avg``, and of that squared, ``exp_avg_sq``.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], *, rate: torch.Tensor, epsilon: float
    ) -> None:
        self._rate, self._epsilon = rate, epsilon
        self.state = {
            parameter: {
                "step": torch.zeros((), device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
            for parameter in parameters
        }

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.state:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
        moved = [parameter for parameter in self.state if parameter.grad is not None]
        known = [self.state[parameter] for parameter in moved]
        adam(
            list(moved),
            [parameter.grad for parameter in moved if parameter.grad is not None],
            [moments["exp_avg"] for moments in known],
            [moments["exp_avg_sq"] for moments in known],
            [],
            [moments["step"] for moments in known],
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self._rate,
            weight_decay=0,
            eps=self._epsilon,
            maximize=False,
        )

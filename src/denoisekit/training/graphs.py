"""Replay a step on the GPU from a recording, instead of launching its kernels one by one.

Small patches keep a large GPU busy for less time than Python needs to launch their kernels. A CUDA
graph holds all of a step's launches and starts them at once.
"""

from collections.abc import Callable

import torch

_EAGER_STEPS = 4


class Recorded:
    """A function of tensors on a GPU that is recorded as a CUDA graph once it has run a few times.

    Parameters
    ----------
    function
        Takes tensors of the same shapes at every call, returns one, and does the same every time:
        what differs from call to call must stand in tensors. It never waits for the GPU.
    report
        Is told, in one line, if the function cannot be recorded; it is then called as it is.
    """

    def __init__(
        self, function: Callable[..., torch.Tensor], *, report: Callable[[str], None]
    ) -> None:
        self._function = function
        self._report = report
        self._calls = 0
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Call the function; the result is overwritten by the next call."""
        self._calls += 1
        if self._calls <= _EAGER_STEPS:
            return self._call_aside(inputs)
        if self._calls == _EAGER_STEPS + 1:
            self._record(inputs)
        if self._graph is None:
            return self._function(*inputs)
        for kept, given in zip(self._inputs, inputs, strict=True):
            kept.copy_(given)
        self._graph.replay()
        return self._output

    def _call_aside(self, inputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Call the function on a stream of its own, as what is recorded later must have been."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            output = self._function(*inputs)
        torch.cuda.current_stream().wait_stream(stream)
        return output

    def _record(self, inputs: tuple[torch.Tensor, ...]) -> None:
        graph = torch.cuda.CUDAGraph()
        self._inputs = [given.clone() for given in inputs]
        try:
            with torch.cuda.graph(graph):
                self._output = self._function(*self._inputs)
        except RuntimeError as error:
            self._report(f"steps are not recorded as a CUDA graph ({error})")
            return
        self._graph = graph

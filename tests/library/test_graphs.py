"""Steps recorded as a CUDA graph; on a machine without a GPU they are never recorded."""

import pytest
import torch

from denoisekit.training.adam import Adam
from denoisekit.training.graphs import Recorded

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


def steps(record):
    """Weights after steps of Adam on changing inputs and rates, and what was reported."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 8).cuda()
    rate, lines = torch.zeros((), device="cuda"), []
    adam = Adam(layer.parameters(), rate=rate, epsilon=1e-8)

    def step(images):
        adam.zero_grad()
        value = (layer(images) - images.roll(1, 0)).abs().mean()
        value.backward()
        adam.step()
        return value.detach()

    run = Recorded(step, report=lines.append) if record else step
    torch.manual_seed(1)
    values = []
    for number in range(12):
        rate.fill_(0.01 / (number + 1))
        values.append(run(torch.randn(4, 8, device="cuda")).item())
    return values, layer.weight.detach().cpu(), lines


def test_recorded_steps_are_the_steps_themselves():
    (values, weights, _), (recorded, again, lines) = steps(record=False), steps(record=True)
    assert recorded == pytest.approx(values, rel=1e-5)
    torch.testing.assert_close(again, weights)
    assert lines == []


def test_what_cannot_be_recorded_is_called_as_it_is():
    lines = []

    def waits(images):
        return images * images.sum().item()

    run = Recorded(waits, report=lines.append)
    images = torch.ones(3, device="cuda")
    assert [run(images * factor).tolist()[0] for factor in range(1, 8)] == [
        3.0 * factor**2 for factor in range(1, 8)
    ]
    assert len(lines) == 1
    assert lines[0].startswith("steps are not recorded as a CUDA graph (")

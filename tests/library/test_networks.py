import pytest
import torch

from denoisekit import models, networks
from denoisekit._checks import InputError


def unet(depth=2, kernel=5, filters=32, *, dims=2, probabilistic=False):
    settings = {
        "architecture": "unet",
        "depth": depth,
        "kernel_size": kernel,
        "first_filters": filters,
    }
    return networks.build(settings, dims=dims, probabilistic=probabilistic)


@pytest.mark.parametrize(
    ("depth", "kernel", "dims", "probabilistic", "expected"),
    [
        (2, 5, 2, False, 922_977),
        (2, 5, 2, True, 923_010),
        (2, 3, 2, False, 332_641),
        (3, 5, 2, False, 3_790_817),
        (2, 3, 3, False, 996_769),
    ],
)
def test_parameter_counts_are_csbdeeps(depth, kernel, dims, probabilistic, expected):
    network = unet(depth, kernel, dims=dims, probabilistic=probabilistic)
    assert models.count_parameters(network) == expected


@pytest.mark.parametrize(("depth", "kernel", "reach"), [(2, 5, 43), (2, 3, 23), (3, 5, 95)])
def test_reach_is_what_the_gradient_sees(depth, kernel, reach):
    network = unet(depth, kernel, filters=2).double()
    for parameter in network.parameters():
        torch.nn.init.uniform_(parameter, 0.1, 1.0)
    assert network.reach == reach
    side, furthest = 2 * (reach + 8) // 8 * 8, 0
    for pixel in range(side // 2, side // 2 + network.stride):
        # Max-pooling passes a gradient to one pixel only: a ramp to either side finds both ends.
        for slope in (1.0, -1.0):
            ramp = slope * torch.linspace(0, 1, side, dtype=torch.float64)
            image = ramp.expand(1, 1, side, side).clone().requires_grad_()
            network(image)[0, 0, side // 2, pixel].backward()
            touched = image.grad[0, 0].abs().sum(0).nonzero()[:, 0]
            furthest = max(furthest, pixel - int(touched.min()), int(touched.max()) - pixel)
    assert furthest == reach


def test_a_new_network_has_glorot_weights_and_no_bias():
    torch.manual_seed(0)
    weight = unet().down[0][2].weight
    assert weight.abs().max() <= (6 / (2 * 32 * 25)) ** 0.5
    assert weight.std().item() == pytest.approx((2 / (2 * 32 * 25)) ** 0.5, rel=0.02)
    assert unet().mean.bias.item() == 0


def test_the_scale_stays_above_its_floor():
    output = unet(filters=4, probabilistic=True)(1000 * torch.randn(2, 1, 16, 16))
    assert output.shape == (2, 2, 16, 16)
    assert output[:, 1].min() >= 1e-3


def test_names_and_unknown_names():
    assert networks.names() == ["unet"]
    with pytest.raises(InputError, match="architecture must be one of unet, but is 'vnet'"):
        networks.build({"architecture": "vnet"}, dims=2, probabilistic=False)

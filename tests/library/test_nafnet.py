"""NAFNet, against another reading of its authors' equations, and its windows."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.nn import functional

from denoisekit import networks
from denoisekit.networks import nafnet
from denoisekit.restoring import inference, weights

SETTINGS = {"architecture": "nafnet", "depth": 2, "blocks": 2, "first_filters": 4, "window": 64}


def build(*, dims=2, probabilistic=False, **changed):
    """Return a network all of whose numbers matter: a new one's blocks do nothing."""
    torch.manual_seed(0)
    network = networks.build({**SETTINGS, **changed}, dims=dims, probabilistic=probabilistic)
    for name, parameter in network.named_parameters():
        if "share" in name or "norm" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    return network


def published_block(x, of):
    """A block in the order and with the steps of the authors' NAFBlock.forward."""

    def normed(y, name):
        mean, variance = y.mean(1, keepdim=True), y.var(1, keepdim=True, unbiased=False)
        weight, bias = (of[f"{name}.{kind}"][:, None, None] for kind in ("weight", "bias"))
        return (y - mean) / (variance + 1e-6).sqrt() * weight + bias

    def conv(y, name, **options):
        return functional.conv2d(y, of[f"{name}.weight"], of[f"{name}.bias"], **options)

    half = x.shape[1]
    y = conv(conv(normed(x, "norm_1"), "widen_1"), "around", padding=1, groups=2 * half)
    y = y[:, :half] * y[:, half:]
    y = conv(y * conv(functional.adaptive_avg_pool2d(y, 1), "weigh"), "narrow_1")
    x = x + y * of["share_1"]
    y = conv(normed(x, "norm_2"), "widen_2")
    return x + conv(y[:, :half] * y[:, half:], "narrow_2") * of["share_2"]


def published(image, state, *, depth, blocks):
    """The authors' NAFNet.forward: their up-sampling is a convolution and a pixel shuffle."""

    def level(x, name):
        for n in range(blocks):
            start = f"{name}.{n}."
            x = published_block(
                x, {k.removeprefix(start): v for k, v in state.items() if k.startswith(start)}
            )
        return x

    def conv(x, name, **options):
        return functional.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], **options)

    x, skips = conv(image, "first", padding=1), []
    for n in range(depth):
        x = level(x, f"down.{n}")
        skips.append(x)
        x = conv(x, f"shrink.{n}", stride=2)
    x = level(x, "middle")
    for n in range(depth):
        weight = state[f"grow.{n}.weight"].flatten(1).T[..., None, None]
        x = level(
            functional.pixel_shuffle(functional.conv2d(x, weight), 2) + skips.pop(), f"up.{n}"
        )
    return image + conv(x, "mean", padding=1)


def test_where_the_window_holds_the_image_it_is_the_published_network():
    network, images = build().double(), torch.randn(2, 1, 16, 24, dtype=torch.float64)
    expected = published(images, network.state_dict(), depth=2, blocks=2)
    assert (expected - images).std() > 0.1
    torch.testing.assert_close(network(images), expected)


def test_parameters_are_the_papers():
    def block(c):
        norms, shares = 2 * 2 * c, 2 * c
        spatial = (2 * c * c + 2 * c) + (9 * 2 * c + 2 * c) + 2 * (c * c + c)
        return norms + shares + spatial + (2 * c * c + 2 * c) + (c * c + c)

    sizes = [4, 8, 16]
    ends = (9 * 4 + 4) + (9 * 4 + 1)
    between = sum(4 * c * 2 * c + 2 * c + 2 * c * 4 * c for c in sizes[:-1])
    expected = ends + between + 2 * (2 * block(4) + 2 * block(8) + block(16))
    assert weights.count_parameters(build()) == expected


def test_a_new_network_adds_only_what_its_ends_make_of_the_image():
    network = networks.build(SETTINGS, dims=2, probabilistic=False)
    image = torch.randn(1, 1, 16, 16)
    block = network.down[0][0]
    torch.testing.assert_close(block(network.first(image)), network.first(image))


@pytest.mark.parametrize(
    ("shape", "radius"), [((9, 14), 2), ((5, 8), 7), ((5, 8), 6), ((6, 7, 5), 2)]
)
def test_means_are_those_of_the_pixels_inside_the_window(shape, radius):
    image = np.random.default_rng(0).normal(size=shape)
    size = 2 * radius + 1

    def total(pixels):
        return ndimage.uniform_filter(pixels, size, mode="constant") * size ** len(shape)

    found = nafnet._local_mean(torch.from_numpy(image)[None, None], radius)[0, 0]
    expected = total(image) / total(np.ones(shape))
    np.testing.assert_allclose(found.expand(shape).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("dims", [2, 3])
def test_tiles_equal_the_whole_image(dims):
    network = build(dims=dims, window=8, blocks=1, depth=1)
    shape = (133, 150) if dims == 2 else (24, 61, 45)
    pixels = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    options = {"precision": "full", "device": "cpu", "name": "x"}
    whole = inference.predict(network, pixels[None], tile=1000, **options)
    tiled = inference.predict(network, pixels[None], tile=16, **options)
    np.testing.assert_allclose(tiled, whole, atol=1e-5 * np.abs(whole).max())


@pytest.mark.parametrize(
    ("changed", "reach"),
    [
        # On each level's grid a convolution and half a window: twice 1 + 2 and once 2 (1 + 1); then
        # the convolutions at both ends, and the pixel that is halved with the last.
        ({"depth": 1, "blocks": 1, "window": 4}, 2 * 3 + 2 * 2 + 2 + 1),
        ({"depth": 2, "blocks": 1, "window": 4}, 2 * 3 + 2 * 2 * 2 + 4 * 2 + 2 + 3),
    ],
)
def test_reach_is_how_far_a_changed_pixel_is_seen(changed, reach):
    network = build(**changed).double().eval()
    assert network.reach == reach
    for name, parameter in network.named_parameters():
        if "norm" not in name:
            torch.nn.init.uniform_(parameter, 0.1, 1.0)
    side = 2 * (reach + 8) // 8 * 8
    image, furthest = torch.randn(1, 1, side, side, dtype=torch.float64), 0
    with torch.no_grad():
        before = network(image)
        for pixel in range(side // 2, side // 2 + network.stride):
            other = image.clone()
            other[..., pixel] += 1
            # Sums of the windows round differently where nothing changed.
            change = (network(other) - before).abs()[0, 0].amax(0) / before.abs().max()
            seen = (change > 1e-14).nonzero()[:, 0]
            furthest = max(furthest, pixel - int(seen.min()), int(seen.max()) - pixel)
    assert furthest == reach


def test_a_scale_is_predicted_where_it_is_asked_for():
    output = build(probabilistic=True)(torch.randn(2, 1, 16, 16))
    assert output.shape == (2, 2, 16, 16)
    assert output[:, 1].min() >= 1e-3

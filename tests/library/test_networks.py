import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.utils.flop_counter import FlopCounterMode

from denoisekit import networks
from denoisekit.computing import number_type
from denoisekit.errors import InputError
from denoisekit.restoring import inference, weights


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
    assert weights.count_parameters(network) == expected


def paper(architecture, **options):
    return networks.build({"architecture": architecture, **options}, dims=2, probabilistic=False)


N2V = {"depth": 2, "kernel_size": 5, "first_filters": 32, "blur_pool": False, "top_skip": True}
PN2V = {"depth": 2, "first_filters": 64}
N2V2 = {**N2V, "blur_pool": True, "top_skip": False}
SMALL = [
    {"architecture": "pn2v-unet", "depth": 2, "first_filters": 2, "outputs": 5},
    {"architecture": "n2v-unet", **N2V, "first_filters": 2},
    {"architecture": "n2v-unet", **N2V2, "first_filters": 2},
    {"architecture": "dncnn", "layers": 17, "filters": 2},
]
NAFNET = {"architecture": "nafnet", "depth": 2, "blocks": 1, "first_filters": 4, "window": 10}


def small(number, *, filters):
    return networks.build(SMALL[number], dims=2, probabilistic=False)


@pytest.mark.parametrize("settings", [*SMALL, NAFNET], ids=lambda one: one["architecture"])
def test_every_network_restores_in_16_bits(settings):
    torch.manual_seed(0)
    network = networks.build(settings, dims=2, probabilistic=False)
    images = np.random.default_rng(0).normal(size=(32, 32))
    full, mixed = (
        inference.predict(
            network,
            images.astype(np.float32)[None],
            tile=32,
            precision=precision,
            device="cpu",
            name="it",
        )
        for precision in ("full", "mixed")
    )
    three_bits_less = number_type("mixed", device="cpu", training=False) == "bfloat16"
    assert (mixed - full).std() < (0.048 if three_bits_less else 0.006) * full.std()


@pytest.mark.parametrize("settings", [*SMALL, NAFNET], ids=lambda one: one["architecture"])
def test_in_bfloat16_the_convolution_next_to_the_image_takes_float32_but_to_learn(settings):
    network = networks.build(settings, dims=2, probabilistic=False)
    first = next(part for part in network.modules() if isinstance(part, torch.nn.Conv2d))
    images = torch.full((1, 1, 8, 8), 1 + 2**-12)
    for training, rounded in ((False, False), (True, True)):
        first.train(training)
        with torch.autocast("cpu", torch.bfloat16):
            found = first(images)
        assert (found.dtype == torch.bfloat16) == rounded
        assert torch.equal(found.float(), first(images)) != rounded


@pytest.mark.parametrize(
    ("architecture", "options", "expected"),
    [
        # Counted in the authors' code, which holds one unused number more.
        ("pn2v-unet", {**PN2V, "outputs": 800}, 1_729_312),
        ("pn2v-unet", {**PN2V, "outputs": 1}, 1_677_377),
        # CARE's of the same size, and two numbers of batch normalisation per filter.
        ("n2v-unet", N2V, 922_977 + 2 * (2 * 32 + 2 * 64 + 128 + 64 + 64 + 32 + 32 + 32)),
        # No skip on the first level: 32 inputs less to a convolution of 5 x 5 and 32 filters.
        ("n2v-unet", N2V2, 922_977 + 2 * 544 - 32 * 32 * 25),
        (
            "dncnn",
            {"layers": 17, "filters": 64},
            (9 * 64 + 64) + 15 * (64 * 64 * 9 + 2 * 64) + (9 * 64 + 1),
        ),
    ],
)
def test_parameter_counts_are_the_papers(architecture, options, expected):
    assert weights.count_parameters(paper(architecture, **options)) == expected


@pytest.mark.parametrize("settings", [*SMALL, NAFNET], ids=lambda one: one["architecture"])
@pytest.mark.parametrize("dims", [2, 3])
def test_a_network_is_loaded_as_it_was_saved(tmp_path, settings, dims):
    network = networks.build(settings, dims=dims, probabilistic=False)
    images = torch.randn(2, 1, *[16, 24, 16][:dims])
    channels = settings.get("outputs", 1)
    assert network(images).shape == (2, channels, *images.shape[2:])
    weights.save_weights(tmp_path / "last", network.state_dict())
    card = {"network": settings, "dims": dims, "probabilistic": False}
    again = weights.load(tmp_path / "last", card, device="cpu")
    torch.testing.assert_close(again(images), network.eval()(images), rtol=0, atol=0)


@pytest.mark.parametrize("settings", SMALL, ids=lambda settings: settings["architecture"])
def test_networks_without_a_scale_say_so(settings):
    with pytest.raises(InputError, match=f"{settings['architecture']}' predicts no scale"):
        networks.build(settings, dims=2, probabilistic=True)


@pytest.mark.parametrize(
    ("settings", "factor"),
    list(zip(SMALL, [0, 0, 0, 1], strict=True)),
    ids=["pn2v", "n2v", "n2v2", "dn"],
)
def test_dncnn_begins_with_its_input_and_the_others_with_nothing(settings, factor):
    network, images = networks.build(settings, dims=2, probabilistic=False), torch.randn(1, 1, 8, 8)
    for parameter in list(network.parameters())[-2:]:
        torch.nn.init.zeros_(parameter)
    torch.testing.assert_close(network(images), (factor * images).expand(network(images).shape))


def test_pooling_blurs_the_maximum_over_two_pixels_and_keeps_every_second():
    network = networks.build(SMALL[2], dims=2, probabilistic=False)
    image = torch.randn(12, 8, dtype=torch.float64)
    largest = ndimage.maximum_filter(image.numpy(), 2, origin=-1)[:-1, :-1]
    blurred = largest
    for axis in range(2):
        blurred = ndimage.convolve1d(blurred, [0.25, 0.5, 0.25], axis, mode="constant")
    np.testing.assert_allclose(network.pool(image[None, None])[0, 0], blurred[::2, ::2])


def test_the_published_factor_of_ten():
    network = networks.build(SMALL[0], dims=2, probabilistic=False)
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.constant_(network.head.bias, 0.3)
    assert network(torch.randn(1, 1, 8, 8)).mean().item() == pytest.approx(3)


REACHES = [
    (unet, (2, 5), 43),
    (unet, (2, 3), 23),
    (unet, (3, 5), 95),
    (small, (0,), 23),
    (small, (1,), 43),
    (small, (2,), 46),
    (small, (3,), 17),
]


@pytest.mark.parametrize(("build", "arguments", "reach"), REACHES)
def test_reach_is_what_the_gradient_sees(build, arguments, reach):
    network = build(*arguments, filters=2).double().eval()
    for parameter in network.parameters():
        torch.nn.init.uniform_(parameter, 0.1, 1.0)
    assert network.reach == reach
    side, furthest = 2 * (reach + 8) // 8 * 8, 0
    for pixel in range(side // 2, side // 2 + network.stride):
        # Max-pooling passes a gradient to one pixel only: a ramp to either side finds both ends.
        for slope in (1.0, -1.0):
            ramp = 1 + slope * torch.linspace(0, 1, side, dtype=torch.float64)
            image = ramp.expand(1, 1, side, side).clone().requires_grad_()
            network(image)[0, 0, side // 2, pixel].backward()
            touched = image.grad[0, 0].abs().sum(0).nonzero()[:, 0]
            furthest = max(furthest, pixel - int(touched.min()), int(touched.max()) - pixel)
    assert furthest == reach


UNETS = [
    *[
        {"architecture": "unet", "depth": 2, "kernel_size": side, "first_filters": 2}
        for side in (3, 5, 7)
    ],
    {"architecture": "unet", "depth": 0, "kernel_size": 3, "first_filters": 2},
    *SMALL[:3],
]


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("settings", [*UNETS, SMALL[3], NAFNET], ids=str)
def test_a_part_is_restored_as_in_the_whole_image(settings, dims):
    torch.manual_seed(0)
    network = networks.build(settings, dims=dims, probabilistic=False).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    sides = (72, 64) if dims == 2 else (12, 40, 32)
    images = torch.randn(2, 1, *sides)
    with torch.inference_mode():
        whole = network(images)
        for first, last in ((0.0, 1.0), (0.0, 0.5), (0.3, 0.7), (0.9, 1.0)):
            kept = [slice(int(first * side), int(last * side)) for side in sides]
            part = network.restore_part(images, kept)
            error = part - whole[(slice(None), slice(None), *kept)]
            assert error.abs().max() < 1e-5 * whole.abs().max()


@pytest.mark.parametrize("settings", UNETS[1:2] + SMALL[:3], ids=str)
def test_in_16_bits_a_part_is_rounded_as_in_the_whole_image(settings):
    torch.manual_seed(0)
    network = networks.build(settings, dims=2, probabilistic=False).eval()
    images, kept = torch.rand(1, 1, 96, 96), [slice(32, 64)] * 2
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        whole, part = network(images), network.restore_part(images, kept)
    assert (whole[:, :, 32:64, 32:64] - part).abs().max() < 1e-5


@pytest.mark.parametrize("settings", UNETS[:1] + UNETS[4:], ids=str)
def test_a_part_takes_fewer_operations(settings):
    network = networks.build(settings, dims=2, probabilistic=False).eval()
    images, counted = torch.randn(1, 1, 96, 96), []
    for kept in (slice(0, 96), slice(32, 64)):
        with torch.inference_mode(), FlopCounterMode(display=False) as flops:
            network.restore_part(images, [kept, kept])
        counted.append(flops.get_total_flops())
    assert counted[1] < 0.8 * counted[0]


def test_features_are_not_doubled_to_be_convolved():
    network, images = unet(filters=2).eval(), torch.randn(1, 1, 64, 64)
    with torch.inference_mode(), FlopCounterMode(display=False) as forward:
        network(images)
    with torch.inference_mode(), FlopCounterMode(display=False) as part:
        network.restore_part(images, [slice(0, 64)] * 2)
    # 16 products of 25 less, of one ninth of the operations on each of two levels.
    assert part.get_total_flops() / forward.get_total_flops() == pytest.approx(0.86, abs=0.01)


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
    allowed = "dncnn, n2v-unet, nafnet, pn2v-unet, projection-unet, unet"
    assert networks.names() == allowed.split(", ")
    with pytest.raises(InputError, match=f"architecture must be one of {allowed}, but is 'vnet'"):
        networks.build({"architecture": "vnet"}, dims=2, probabilistic=False)

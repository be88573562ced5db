import numpy as np
import pytest
import torch

from denoisekit import networks
from denoisekit.computing import number_type
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer, moments_normalizer, percentile_normalizer
from denoisekit.restoring import inference

OPTIONS = {"percentiles": (2, 99.8), "tile": 64, "precision": "full", "device": "cpu"}


def unet(kernel=3, *, dims=2, probabilistic=False):
    torch.manual_seed(1)
    settings = {"architecture": "unet", "depth": 2, "kernel_size": kernel, "first_filters": 4}
    return networks.build(settings, dims=dims, probabilistic=probabilistic)


def image(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def predict(network, pixels, tile):
    options = {"precision": "full", "device": "cpu", "name": "x"}
    return inference.predict(network, pixels[None], tile=tile, **options)


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("tile", [16, 50, 64])
def test_tiles_equal_the_whole_image(kernel, tile):
    network, pixels = unet(kernel), image(133, 150)
    whole = predict(network, pixels, 1000)
    np.testing.assert_allclose(predict(network, pixels, tile), whole, atol=5e-6)


def test_tiles_predicted_together_equal_those_predicted_alone(monkeypatch):
    network, pixels = unet(), image(133, 150)
    alone = predict(network, pixels, 32)
    monkeypatch.setitem(inference._BATCH, "cpu", 3)
    np.testing.assert_allclose(predict(network, pixels, 32), alone, atol=5e-6)


def in_full_and_mixed(network, pixels):
    for precision in ("full", "mixed"):
        options = {**OPTIONS, "precision": precision}
        yield inference.restore(network, pixels, **options, name="x").mean


@pytest.mark.parametrize("shape", [(64, 64), (8, 32, 32)])
def test_mixed_precision_restores_the_same_image_within_16_bits_rounding(shape):
    pixels = image(*shape)
    full, mixed = in_full_and_mixed(unet(dims=len(shape)), pixels)
    change = full - pixels
    kind = number_type("mixed", device="cpu", training=False)
    allowed = 0.024 if kind == "bfloat16" else 0.003
    assert np.abs(mixed - full).max() < allowed * np.abs(change).max()
    assert mixed.dtype == np.float32
    assert (mixed == full).all() == (kind == "float32")


def test_mixed_precision_keeps_small_changes_that_large_features_leave():
    network, pixels = unet(probabilistic=True), image(64, 64)
    torch.nn.init.constant_(network.up[-1][2].bias, 5)
    full, mixed = in_full_and_mixed(network, pixels)
    assert (mixed - full).std() < 0.03 * (full - pixels).std()


def test_mixed_precision_restores_pixels_beyond_float16s_range():
    pixels = image(64, 64)
    pixels[20, 30] = 1e9
    full, mixed = in_full_and_mixed(unet(), pixels)
    if number_type("mixed", device="cpu", training=False) == "bfloat16":
        assert np.abs(mixed - full).max() < 0.024 * np.abs(full - pixels).max()
    else:
        np.testing.assert_array_equal(mixed, full)


def test_an_unknown_precision_is_refused():
    options = {**OPTIONS, "precision": "half"}
    with pytest.raises(InputError, match="The precision must be one of full, mixed"):
        inference.restore(unet(), image(20, 20), **options, name="x")


def test_a_smaller_overlap_would_not_do():
    network, pixels = unet(), image(128, 128)
    whole = predict(network, pixels, 1000)
    network.reach -= 8
    assert np.abs(predict(network, pixels, 32) - whole).max() > 1e-4


def test_three_axes_and_any_size():
    network, pixels = unet(dims=3), image(9, 30, 21)
    whole = predict(network, pixels, 1000)
    assert whole.shape == (1, 9, 30, 21)
    np.testing.assert_allclose(predict(network, pixels, 12), whole, atol=5e-6)


def test_padding_by_reflection_is_cut_off_again():
    network, pixels = unet(), image(61, 62)
    padded = np.pad(pixels, [(0, 3), (0, 2)], mode="reflect")
    expected = predict(network, padded, 1000)[:, :61, :62]
    np.testing.assert_array_equal(predict(network, pixels, 1000), expected)


def test_restored_images_have_the_inputs_units():
    class Identity(networks.Network):
        stride, reach = 4, 0

        def forward(self, images):
            return torch.cat([images, 0.5 * torch.ones_like(images)], 1)

    pixels = (100 + 400 * np.random.default_rng(0).random((40, 37))).astype(np.uint16)
    restored = inference.restore(
        Identity(),
        pixels,
        percentiles=(2, 99.8),
        tile=16,
        precision="full",
        device="cpu",
        name="x",
    )
    low, high = np.percentile(pixels, (2, 99.8))
    np.testing.assert_allclose(restored.mean, pixels, rtol=1e-5)
    np.testing.assert_allclose(restored.scale, 0.5 * (high - low), rtol=1e-5)
    assert restored.mean.dtype == restored.scale.dtype == np.float32


def test_gain_and_offset_pass_through():
    network, pixels = unet(), image(40, 40)
    options = {**OPTIONS, "name": "x"}
    plain = inference.restore(network, pixels, **options).mean
    scaled = inference.restore(network, 30 * pixels + 500, **options).mean
    np.testing.assert_allclose(scaled, 30 * plain + 500, atol=0.01)


def test_what_cannot_be_restored_is_refused():
    options = {**OPTIONS, "name": "cell.tif"}
    for pixels, sentence in [
        (np.full((20, 20), np.nan), "cell.tif has 400 pixels that are NaN"),
        (np.full((20, 20), 7.0), "no signal to normalise by"),
        (image(3, 20), "3 x 20 px, but the network needs at least 4 px"),
    ]:
        with pytest.raises(InputError, match=sentence):
            inference.restore(unet(), pixels, **options)


def test_normalisation_is_csbdeeps_formula():
    pixels = image(50, 50)
    low, high = np.percentile(pixels, (2, 99.8))
    normalizer = percentile_normalizer(pixels, percentiles=(2, 99.8), name="x")
    np.testing.assert_allclose(normalizer.apply(pixels), (pixels - low) / (high - low), atol=1e-6)
    np.testing.assert_allclose(normalizer.undo(normalizer.apply(pixels)), pixels, atol=1e-5)


def test_fixed_numbers_normalise_all_images_alike():
    network, pixels, fixed = unet(), 50 + 10 * image(32, 32), Normalizer(40.0, 60.0)
    found = inference.restore(network, pixels, **OPTIONS, name="x", normalizer=fixed).mean
    expected = 40 + 20 * predict(network, (pixels - 40) / 20, 64)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_moments_take_images_to_mean_0_and_standard_deviation_1():
    pixels = (50 + 10 * image(64, 64)).astype(np.uint8)
    normalised = moments_normalizer(pixels, name="x").apply(pixels)
    assert normalised.mean() == pytest.approx(0, abs=1e-5)
    assert normalised.std() == pytest.approx(1, rel=1e-5)
    with pytest.raises(InputError, match="The patches have the same value, 7, everywhere"):
        moments_normalizer(np.full((4, 4), 7.0), name="The patches")


def test_a_hot_pixel_and_a_border_change_nothing_elsewhere():
    network, pixels = unet(), 100 + 5 * image(96, 96)
    whole = inference.restore(network, pixels, **OPTIONS, name="x").mean
    hot = pixels.copy()
    hot[50, 60] = 4000
    restored = inference.restore(network, hot, **OPTIONS, name="x").mean
    assert np.abs(restored - whole).max() < 20
    np.testing.assert_allclose(restored[:20, :20], whole[:20, :20], atol=0.02)
    cut = pixels.copy()
    cut[:12] = 0
    restored = inference.restore(network, cut, **OPTIONS, name="x").mean
    assert (restored[:12] == 0).all()
    np.testing.assert_allclose(restored[60:], whole[60:], atol=1.5)


@pytest.mark.parametrize("shape", [(30, 41), (4, 30, 41)])
def test_turned_images_are_the_mean_over_all_orientations(shape):
    network, pixels = unet(dims=len(shape), probabilistic=True), image(*shape)
    turned = inference.restore(network, pixels, **OPTIONS, name="x", turned=True)
    parts = []
    for quarters in range(4):
        for flip in (lambda a: a, lambda a: a[..., ::-1]):
            seen = np.ascontiguousarray(flip(np.rot90(pixels, quarters, (-2, -1))))
            found = inference.restore(network, seen, **OPTIONS, name="x")
            parts.append(
                [np.rot90(flip(part), -quarters, (-2, -1)) for part in (found.mean, found.scale)]
            )
    mean, scale = np.mean(parts, axis=0)
    np.testing.assert_allclose(turned.mean, mean, atol=1e-4)
    np.testing.assert_allclose(turned.scale, scale, atol=1e-4)
    # However it lies, it is restored alike.
    again = inference.restore(network, pixels[..., ::-1].copy(), **OPTIONS, name="x", turned=True)
    np.testing.assert_allclose(again.mean[..., ::-1], turned.mean, atol=1e-4)

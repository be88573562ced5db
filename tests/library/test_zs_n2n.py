"""Zero-shot Noise2Noise: halves, loss, and what a short training restores."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scenes import blobs, camera
from torch.nn import functional

from denoisekit import filters
from denoisekit.errors import InputError
from denoisekit.evaluation.metrics import rmse
from denoisekit.filters import zs_n2n

restore = filters.get("zs-n2n")
OPTIONS = {"steps": 300, "patch_size": 64}


def exposure(side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected counts of a scene and its noisy picture."""
    truth = 30 * blobs(0, side)
    return 100 + 2.4 * truth, camera(truth, gain=2.4, offset=100, read_noise=2, seed=0)


def test_halves_are_the_convolutions_of_the_paper() -> None:
    images = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 1, 10, 8)))
    for half, kernel in zip(
        zs_n2n.halves(images), ([[0, 0.5], [0.5, 0]], [[0.5, 0], [0, 0.5]]), strict=True
    ):
        weights = torch.tensor(kernel, dtype=torch.float64)[None, None]
        torch.testing.assert_close(half, functional.conv2d(images, weights, stride=2))
    odd = zs_n2n.halves(images[..., :9, :7])
    assert all(half.shape == (2, 1, 4, 3) for half in odd)


def test_the_loss_is_that_of_the_paper() -> None:
    """Set a network that takes half of its input for noise against the formula, term by term."""
    noisy = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 1, 12, 12)))
    first, second = zs_n2n.halves(noisy)
    residual = ((first / 2 - second) ** 2).mean() + ((second / 2 - first) ** 2).mean()
    # Halves of half the image are half the halves: the network agrees with itself.
    assert zs_n2n.loss(lambda images: images / 2, noisy).item() == pytest.approx(residual / 2)
    unlike = zs_n2n.loss(lambda images: 0 * images + images.shape[-1], noisy).item()
    residual = ((first - 6 - second) ** 2).mean() + ((second - 6 - first) ** 2).mean()
    assert unlike == pytest.approx((residual + 2 * 6**2) / 2)


def test_noise_is_removed_in_any_unit() -> None:
    truth, noisy = exposure()
    restored = restore(noisy, **OPTIONS)
    assert rmse(truth, restored.pixels) < 0.7 * rmse(truth, noisy)
    assert restored.settings == {}
    scaled = restore(0.01 * noisy.astype(float) - 7, **OPTIONS).pixels
    np.testing.assert_allclose(100 * (scaled + 7), restored.pixels, atol=0.5)


def test_two_at_a_time_give_the_same_bytes_as_one_after_another() -> None:
    images = [exposure(side)[1][:45] for side in (48, 64)]
    options = {"steps": 5, "patch_size": 32}
    state = torch.get_rng_state()
    alone = [restore(image, **options).pixels for image in images]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda image: restore(image, **options).pixels, images))
    for image, one, other in zip(images, alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.shape == image.shape
    assert torch.equal(torch.get_rng_state(), state)


def test_an_image_restored_in_parts_is_that_restored_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, noisy = exposure()
    options = {"steps": 2, "patch_size": 64}
    whole = restore(noisy, **options).pixels
    monkeypatch.setattr(zs_n2n, "_ROWS", 25)
    np.testing.assert_allclose(restore(noisy, **options).pixels, whole, rtol=1e-5)


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (np.zeros((4, 40, 40)), OPTIONS, "of two dimensions, but this one has 4 x 40 x 40 pixels"),
        (np.eye(40), {**OPTIONS, "steps": 0}, "steps of the filter zs-n2n must be 1 or more"),
        (np.eye(40), {**OPTIONS, "patch_size": 4}, "patch_size .* must be 8 or more, but is 4"),
        (np.eye(40), {}, "zs-n2n cannot be run with the options"),
    ],
)
def test_what_it_cannot_do_is_told(image: np.ndarray, options: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        restore(image, **options)

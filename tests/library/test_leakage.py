"""Images of one scene are found, and others are not mistaken for it."""

import numpy as np
import pytest
from scenes import blobs, camera

from denoisekit.datasets.leakage import check_unlike, compare, resemblance, signature
from denoisekit.errors import InputError


def test_copies_resemble_each_other_and_other_scenes_do_not() -> None:
    settings = {"gain": 1, "offset": 100, "read_noise": 2}
    large = [camera(3000 * blobs(seed, 400), **settings, seed=seed) for seed in range(4)]
    signatures = [signature(image[:256, :256], binning=1) for image in large]
    copies = [
        large[0][:256, :256],
        large[0][90:346, 60:316],
        3 * large[0][40:240, 30:200].astype(float) + 7,
    ]
    for copy in copies:
        assert resemblance(signatures[0], signature(copy, binning=1)) > 0.85
    for other in signatures[1:]:
        assert resemblance(signatures[0], other) < 0.4
    noise = np.random.default_rng(0).normal(size=(256, 256))
    assert resemblance(signatures[0], signature(noise, binning=1)) < 0.2


def test_resemblance_is_symmetric_and_works_binned() -> None:
    image = camera(3000 * blobs(7, 400), gain=1, offset=100, read_noise=2, seed=0)
    first, second = signature(image, binning=2), signature(image[40:340, 100:], binning=2)
    assert resemblance(first, first) == pytest.approx(1, abs=1e-4)
    assert resemblance(first, second) == pytest.approx(resemblance(second, first), abs=1e-4)
    assert resemblance(first, second) > 0.85


def test_the_training_image_that_is_most_alike_is_found_and_refused() -> None:
    train = {f"t{seed}": blobs(seed, 128) for seed in range(3)}
    test = {"new": blobs(9, 128), "copy": train["t1"][12:, :-20]}
    new, copy = compare(train, test)
    assert (copy.test_image, copy.train_image) == ("copy", "t1")
    assert copy.resemblance > 0.85
    check_unlike([new], train="cells", test="cells")
    with pytest.raises(InputError, match="The test image 'copy' of mine shows the same scene as"):
        check_unlike([new, copy], train="cells", test="mine")


def test_large_images_are_compared_binned() -> None:
    large = np.kron(blobs(1, 260), np.ones((4, 4)))
    (match,) = compare({"t": large}, {"copy": large[200:, 100:800]})
    assert match.resemblance > 0.85


def test_a_small_image_beside_large_ones_is_compared_too() -> None:
    large = blobs(1, 1100)
    crop, other = compare({"t": large}, {"crop": large[300:364, 500:570], "o": blobs(2, 64)})
    assert crop.resemblance > other.resemblance + 0.2


def test_mistakes_are_told_in_a_sentence() -> None:
    image = blobs(0, 64)
    with pytest.raises(InputError, match="binning"):
        signature(image, binning=4)
    with pytest.raises(InputError, match="1 and 2"):
        resemblance(signature(image, binning=1), signature(image, binning=2))

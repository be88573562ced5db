"""Images of one scene are found, and others are not mistaken for it."""

import tracemalloc

import numpy as np
import pytest
from scenes import blobs, camera
from scipy import ndimage

from denoisekit.datasets.leakage import (
    SAME_SCENE,
    Images,
    check_unlike,
    compare,
    doubts,
    resemblance,
    signature,
)
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


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("side", [100, 300])
def test_mirrored_and_turned_copies_are_found(turns: int, mirrored: bool, side: int) -> None:
    train = {f"t{seed}": blobs(seed, side) for seed in range(6)}
    copied = np.rot90(train["t3"][side // 5 :, : -side // 7], turns)
    copied = copied.T if mirrored else copied
    other, copy = compare(train, {"other": blobs(9, side), "copy": copied})
    assert copy.train_image == "t3"
    assert copy.resemblance > 0.85
    assert other.resemblance < 0.6


@pytest.mark.parametrize("light", [3000, 100, 10])
def test_the_same_field_at_another_exposure_is_found_and_other_fields_are_not(light: float) -> None:
    settings = {"gain": 1, "offset": 100, "read_noise": 2}
    train = {f"t{s}": camera(3000 * blobs(s, 256), **settings, seed=s) for s in range(4)}
    test = {s: camera(light * blobs(s, 256), **settings, seed=99) for s in (2, 9)}
    same, other = compare(train, {str(seed): image for seed, image in test.items()})
    assert same.train_image == "t2"
    assert same.resemblance > 0.75
    assert other.resemblance < 0.6


def lines(*places: tuple[int, float], side: int = 128) -> np.ndarray:
    """Draw lines at heights and slopes, of a few px width."""
    y, x = np.mgrid[:side, :side]
    apart = [np.abs(y - at - slope * x) / np.hypot(1, slope) for at, slope in places]
    return 100 * np.exp(-(np.min(apart, axis=0) ** 2) / 18)


def test_one_line_that_lies_as_another_is_no_copy() -> None:
    train, test = lines((90, 0.21), (20, -0.05)), lines((30, 0.2), (100, 0.6))
    (match,) = compare({"t": train}, {"x": test})
    assert match.resemblance <= SAME_SCENE
    check_unlike([match], train="a", test="b")
    # It may be one, and that is told.
    assert match.perhaps == "t"
    (sentence,) = doubts([match], train="a", test="b")
    assert "'x' of b may show the same scene as the training image 't' of a" in sentence


def test_a_copy_of_few_things_is_found() -> None:
    rng = np.random.default_rng(0)
    spots = np.zeros((2, 160, 160))
    for image in spots:
        image[tuple(rng.integers(20, 140, (2, 40)))] = 1
    spots = ndimage.gaussian_filter(spots, (0, 2, 2))
    noisy = spots + 0.01 * spots.max() * rng.standard_normal(spots.shape)
    copy, other = compare({"t": spots[0]}, {"copy": noisy[0, 10:, ::-1], "other": noisy[1]})
    assert copy.resemblance > 0.85
    assert other.resemblance < 0.6
    assert doubts([copy, other], train="a", test="b") == []


def test_what_is_kept_does_not_grow_with_the_images() -> None:
    def read(name: str) -> np.ndarray:
        return np.random.default_rng(int(name)).poisson(5, (256, 256)).astype(np.uint16)

    def peak(count: int) -> int:
        tracemalloc.start()
        compare(Images([str(number) for number in range(count)], read), {"x": read("0")})
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    spectrum_bytes = 256 * 129 * 8
    assert peak(24) - peak(4) < 20 * 1.5 * spectrum_bytes


def test_progress_is_told() -> None:
    told: list[str] = []
    compare({"a": blobs(0, 64)}, {"b": blobs(1, 64)}, report=told.append)
    assert told == [
        "compared 1 of 1 images to test on with 1 of 1 that are trained on",
        "compared 1 of 1 images to test on in detail",
    ]


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

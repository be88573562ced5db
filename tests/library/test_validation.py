import numpy as np
import pytest

from denoisekit.statistics.validation import beaten
from denoisekit.training.patches import middle, split_images, validation_images


def rows(**scores):
    return [
        {"method": method, "image": f"image-{number}", "psnr": value}
        for method, values in scores.items()
        for number, value in enumerate(values)
    ]


def test_a_network_is_held_against_the_best_filter_by_its_mean():
    assert beaten(rows(tv=[30, 30], gaussian=[31, 27], unet=[29, 31.1]), method="unet") is None
    said = beaten(rows(tv=[30.5, 30], gaussian=[31, 27], unet=[29, 31]), method="unet")
    assert "On the 2 images kept from training, the filter TV" in said
    assert "(30.25 dB)" in said
    assert "(30.00 dB)" in said


def test_images_that_a_method_has_no_score_of_do_not_count():
    nan = float("nan")
    scores = rows(tv=[nan, 30.5, 31], bm3d=[nan, nan, nan], unet=[40, 30, 30])
    said = beaten(scores, method="unet")
    assert "On the 2 images" in said
    assert "(30.75 dB)" in said
    assert beaten(rows(tv=[nan, 30], unet=[29, nan]), method="unet") is None


@pytest.mark.parametrize("scores", [{}, {"unet": [30]}, {"tv": [30]}])
def test_without_images_or_filters_nothing_is_said(scores):
    assert beaten(rows(**scores), method="unet") is None


def test_the_images_are_those_that_patches_are_validated_on():
    images = [f"image-{number}" for number in range(20)]
    settings = {"validation_fraction": 0.3, "seed": 5}
    sides = split_images(images, images, **settings)
    kept = [image for image in images if sides[image] == "validation"]
    assert validation_images(images, images, **settings, at_most=99) == kept
    few = validation_images(images, images, **settings, at_most=3)
    assert (len(few), few[0], few[-1]) == (3, kept[0], kept[-1])
    assert set(few) < set(kept)
    assert validation_images(["a"], ["a"], **settings, at_most=3) == []


def test_the_middle_of_an_image():
    image = np.arange(49).reshape(7, 7)
    np.testing.assert_array_equal(middle(image, 3), image[2:5, 2:5])
    np.testing.assert_array_equal(middle(image, 9), image)

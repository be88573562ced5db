import numpy as np
import pytest
from skimage import metrics as reference

from denoisekit import metrics
from denoisekit._checks import InputError


@pytest.fixture
def pair():
    rng = np.random.default_rng(3)
    truth = rng.gamma(2.0, 30.0, (48, 40))
    return truth, truth + rng.normal(0, 8, truth.shape)


def test_psnr_and_nrmse_agree_with_scikit_image(pair):
    truth, image = pair
    expected = reference.peak_signal_noise_ratio(truth, image, data_range=200)
    assert metrics.psnr(truth, image, data_range=200) == pytest.approx(expected, abs=1e-10)
    expected = reference.normalized_root_mse(truth, image, normalization="min-max")
    assert metrics.nrmse(truth, image, data_range=np.ptp(truth)) == pytest.approx(expected)


def test_nrmse_is_no_root_of_the_mean_absolute_error():
    truth, image = np.zeros((2, 2)), np.array([[0.0, 0.0], [0.0, 4.0]])
    assert metrics.nrmse(truth, image, data_range=1.0) == pytest.approx(2.0)


def test_ssim_windows_agree_with_scikit_image(pair):
    truth, image = pair
    uniform = reference.structural_similarity(truth, image, data_range=255)
    assert metrics.ssim(truth, image, data_range=255, window="uniform") == pytest.approx(uniform)
    gaussian = reference.structural_similarity(
        truth, image, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert metrics.ssim(truth, image, data_range=255, window="gaussian") == pytest.approx(gaussian)


def test_equal_images_score_perfectly(pair):
    truth, _ = pair
    for convention in ("care", "hagen", "range255", "scale-invariant"):
        scores = metrics.score(truth, truth, low=truth, convention=convention)
        assert scores["ssim"] == pytest.approx(1)
        assert scores["nrmse"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("convention", ["care", "hagen", "scale-invariant"])
def test_gain_and_offset_of_the_restored_image_do_not_matter(pair, convention):
    truth, image = pair
    plain = metrics.score(truth, image, low=image, convention=convention)
    scaled = metrics.score(truth, 7 * image - 300, low=image, convention=convention)
    assert scaled == pytest.approx(plain)


def test_the_calibrated_convention_sees_a_lost_brightness(pair):
    truth, image = pair
    low = 0.05 * truth + 100
    right = metrics.score(truth, 0.05 * image + 100, low=low, convention="calibrated")
    dimmed = metrics.score(truth, 0.04 * image + 100, low=low, convention="calibrated")
    assert dimmed["psnr"] < right["psnr"] - 1
    expected = metrics.psnr(truth, image, data_range=np.ptp(np.percentile(truth, (0.1, 99.9))))
    assert right["psnr"] == pytest.approx(expected)


def test_range_invariant_psnr_does_not_swap_truth_and_image(pair):
    truth, image = pair
    there = metrics.score(truth, image, low=image, convention="care")["psnr"]
    back = metrics.score(image, truth, low=truth, convention="care")["psnr"]
    assert there != pytest.approx(back, abs=0.01)


def test_closed_form_of_care_for_a_flat_guess():
    truth = np.linspace(0, 1, 1600).reshape(40, 40)
    scores = metrics.score(truth, np.zeros_like(truth), low=truth, convention="care")
    scaled = truth / np.ptp(np.percentile(truth, (0.1, 99.9)))
    assert scores["psnr"] == pytest.approx(-20 * np.log10(scaled.std()))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda a: a[:-1], "must have the same shape"),
        (lambda a: np.where(a > 0, np.nan, a), "NaN or infinite"),
    ],
)
def test_bad_images_are_refused(pair, change, sentence):
    truth, image = pair
    with pytest.raises(InputError, match=sentence):
        metrics.score(truth, change(image), low=image, convention="care")


def test_a_constant_truth_and_an_unknown_convention_are_refused(pair):
    truth, image = pair
    with pytest.raises(InputError, match="constant"):
        metrics.score(np.ones_like(truth), image, low=image, convention="care")
    with pytest.raises(InputError, match="must be one of calibrated, care"):
        metrics.score(truth, image, low=image, convention="carre")

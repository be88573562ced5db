import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.signal import convolve2d
from skimage import metrics as reference

from denoisekit.errors import InputError
from denoisekit.evaluation import conventions, metrics


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
        scores = conventions.score(truth, truth, low=truth, convention=convention)
        assert scores["ssim"] == pytest.approx(1)
        assert scores["nrmse"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("convention", ["care", "hagen", "scale-invariant"])
def test_gain_and_offset_of_the_restored_image_do_not_matter(pair, convention):
    truth, image = pair
    plain = conventions.score(truth, image, low=image, convention=convention)
    scaled = conventions.score(truth, 7 * image - 300, low=image, convention=convention)
    assert scaled == pytest.approx(plain)


def test_the_calibrated_convention_sees_a_lost_brightness(pair):
    truth, image = pair
    low = 0.05 * truth + 100
    right = conventions.score(truth, 0.05 * image + 100, low=low, convention="calibrated")
    dimmed = conventions.score(truth, 0.04 * image + 100, low=low, convention="calibrated")
    assert dimmed["psnr"] < right["psnr"] - 1
    expected = metrics.psnr(truth, image, data_range=np.ptp(np.percentile(truth, (0.1, 99.9))))
    assert right["psnr"] == pytest.approx(expected)


def test_range_invariant_psnr_does_not_swap_truth_and_image(pair):
    truth, image = pair
    there = conventions.score(truth, image, low=image, convention="care")["psnr"]
    back = conventions.score(image, truth, low=truth, convention="care")["psnr"]
    assert there != pytest.approx(back, abs=0.01)


def test_closed_form_of_care_for_a_flat_guess():
    truth = np.linspace(0, 1, 1600).reshape(40, 40)
    scores = conventions.score(truth, np.zeros_like(truth), low=truth, convention="care")
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
        conventions.score(truth, change(image), low=image, convention="care")


def test_a_constant_truth_and_an_unknown_convention_are_refused(pair):
    truth, image = pair
    with pytest.raises(InputError, match="constant"):
        conventions.score(np.ones_like(truth), image, low=image, convention="care")
    with pytest.raises(InputError, match="must be one of calibrated, care"):
        conventions.score(truth, image, low=image, convention="carre")


def large_pair(shape):
    rng = np.random.default_rng(3)
    truth = rng.gamma(2.0, 30.0, shape)
    return truth, truth + rng.normal(0, 20, shape)


@pytest.mark.parametrize(
    ("shape", "expected"), [((176, 176), 0.91741237), ((192, 208), 0.92345736)]
)
def test_ms_ssim_agrees_with_pytorch_msssim(shape, expected):
    # pytorch-msssim 1.0.0, data_range=200; its window is in single precision.
    assert metrics.ms_ssim(*large_pair(shape), data_range=200) == pytest.approx(expected, abs=5e-7)


def test_ms_ssim_is_the_product_of_its_scales():
    truth, image = large_pair((177, 180))
    axis = np.arange(-5, 6)
    window = np.exp(-(axis[:, None] ** 2 + axis**2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(pixels):
        return convolve2d(pixels, window, mode="valid")

    def halved(pixels):
        pixels = np.pad(pixels, [(0, side % 2) for side in pixels.shape], mode="symmetric")
        return pixels.reshape(pixels.shape[0] // 2, 2, -1, 2).mean((1, 3))

    expected, a, b = 1.0, truth, image
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        covariance = mean(a * b) - mean(a) * mean(b)
        variances = mean(a * a) - mean(a) ** 2 + mean(b * b) - mean(b) ** 2
        index = (2 * covariance + 6.0**2) / (variances + 6.0**2)
        if scale == 4:
            index *= (2 * mean(a) * mean(b) + 4) / (mean(a) ** 2 + mean(b) ** 2 + 4)
        expected *= index.mean() ** weight
        a, b = halved(a), halved(b)
    assert metrics.ms_ssim(truth, image, data_range=200) == pytest.approx(expected, rel=1e-10)


def test_ms_ssim_counts_opposite_structure_as_zero():
    truth, _ = large_pair((176, 176))
    assert metrics.ms_ssim(truth, -truth, data_range=200) == 0


def micro_pair(noise):
    rng = np.random.default_rng(3)
    truth = gaussian_filter(rng.gamma(0.2, 3000.0, (64, 72)), 2)
    return truth, 0.2 * truth + 100 + rng.normal(0, noise, truth.shape)


@pytest.mark.parametrize(
    ("noise", "expected"), [(8, 0.90846322), (60, 0.32843639), (1000, 0.09917841)]
)
def test_micro_ssim_agrees_with_the_package_of_its_authors(noise, expected):
    # microssim 0.0.5, micro_structural_similarity(truth, image), whose search stops earlier.
    found = metrics.micro_ssim(*micro_pair(noise), data_range=1)
    assert found == pytest.approx(expected, abs=3e-6)


def test_micro_ssim_is_that_of_the_best_brightness_in_any_unit():
    truth, image = micro_pair(20)
    found = metrics.micro_ssim(truth, image, data_range=1)
    other = metrics.micro_ssim(3 * truth + 5, 0.01 * image - 7, data_range=9)
    assert other == pytest.approx(found, abs=1e-6)
    truth, image = truth - np.percentile(truth, 3), image - np.percentile(image, 3)
    best = max(
        reference.structural_similarity(
            truth, gain * image, data_range=np.ptp(truth), gaussian_weights=True
        )
        for gain in np.geomspace(0.5, 10, 60)
    )
    assert found == pytest.approx(best, abs=5e-3)


def test_micro_ssim_of_equal_images_and_of_a_flat_one():
    truth, _ = micro_pair(0)
    assert metrics.micro_ssim(truth, 0.2 * truth, data_range=1) == pytest.approx(1)
    assert 0 <= metrics.micro_ssim(truth, np.zeros_like(truth), data_range=1) < 0.5


def test_micro_ssim_leaves_out_what_is_no_image():
    truth, image = micro_pair(20)
    usable = np.ones(truth.shape, dtype=bool)
    usable[40:] = False
    part = metrics.micro_ssim(truth, image, data_range=1, usable=usable)
    for pixels in (truth, image):
        # Windows in the middle of row 39 reach row 44.
        pixels[45:] = 1e6
    assert metrics.micro_ssim(truth, image, data_range=1, usable=usable) == part
    assert metrics.micro_ssim(truth, image, data_range=1) != pytest.approx(part, abs=0.01)


def test_ms_ssim_needs_room_for_five_scales(pair):
    with pytest.raises(InputError, match=r"too small for the five scales .* needs 176 pixels"):
        metrics.ms_ssim(*large_pair((175, 300)), data_range=200)
    scores = conventions.score(*pair, low=pair[1], convention="care")
    assert list(scores) == ["psnr", "ssim", "micro-ssim", "nrmse"]
    large = large_pair((200, 200))
    assert "ms-ssim" in conventions.score(*large, low=large[1], convention="range255")
    assert "ms-ssim" not in conventions.score(*large, low=large[1], convention="fmd")


def test_several_conventions_at_once_are_those_one_by_one():
    truth, image = large_pair((190, 180))
    together = conventions.score_all(
        truth, image, low=image, conventions=list(conventions.CONVENTIONS)
    )
    for name, scores in together.items():
        assert scores == conventions.score(truth, image, low=image, convention=name)
    assert together["care"]["ms-ssim"] == together["hagen"]["ms-ssim"]
    assert together["care"]["ssim"] != together["hagen"]["ssim"]


def test_conventions_that_take_images_as_they_are(pair):
    truth, image = pair
    range255 = conventions.score(truth, image, low=image, convention="range255")
    matlab = conventions.score(truth, image, low=image, convention="fmd-matlab")
    assert matlab["psnr"] == pytest.approx(range255["psnr"])
    expected = metrics.ssim(truth, image, data_range=255, window="gaussian")
    assert matlab["ssim"] == pytest.approx(expected)
    own = conventions.score(truth, image, low=image, convention="truth-range")
    expected = reference.peak_signal_noise_ratio(truth, image, data_range=np.ptp(truth))
    assert own["psnr"] == pytest.approx(expected)


def eight_bit_pair():
    rng = np.random.default_rng(5)
    truth = rng.uniform(20, 200, (40, 40))
    return truth, np.clip(truth + rng.normal(0, 20, truth.shape), 0, 255)


def undefined(truth, low):
    reasons = {
        name: conventions.why_undefined(truth, low=low, convention=name)
        for name in conventions.CONVENTIONS
    }
    return {name: reason for name, reason in reasons.items() if reason}


def test_every_convention_is_defined_for_eight_bit_images_of_one_unit():
    assert undefined(*eight_bit_pair()) == {}


def test_conventions_without_a_meaning_say_why():
    truth, low = eight_bit_pair()
    of_range_255 = {"range255", "fmd", "fmd-matlab"}
    reasons = undefined(truth + 300, low + 300)
    assert set(reasons) == of_range_255
    assert "for values of 0 to 255, but the short exposure's reach from 30" in reasons["fmd"]
    assert set(undefined(truth / 255, low / 255)) == of_range_255
    reasons = undefined(truth, low / 10 + 100)
    assert set(reasons) == of_range_255 | {"truth-range"}
    assert "where that grows by 1, it grows by 0.1)" in reasons["truth-range"]


def test_calibrated_needs_a_low_exposure_that_grows_with_the_truth():
    truth, _ = eight_bit_pair()
    low = 300 - truth
    assert "does not grow with the long one" in undefined(truth, low)["calibrated"]
    with pytest.raises(InputError, match="in 'calibrated': the short exposure does not grow"):
        conventions.score(truth, truth, low=low, convention="calibrated")


@pytest.mark.parametrize(("convention", "side"), [("care", 10), ("hagen", 10), ("fmd", 21)])
def test_images_without_room_for_the_window_are_refused(convention, side):
    truth = eight_bit_pair()[0]
    small = truth[:side]
    with pytest.raises(InputError, match=r"10 x .* too small to score"):
        conventions.score(small, small, low=small, convention=convention)
    enough = truth[: side + 1]
    assert conventions.score(enough, enough, low=enough, convention=convention)["ssim"] == 1


def test_what_is_not_finite_has_no_score():
    truth = np.random.default_rng(0).random((16, 16))
    assert np.isnan(metrics.psnr(truth, truth * np.nan, data_range=1.0))
    low = truth.copy()
    low[3, 3] = np.nan
    with pytest.raises(InputError, match="The low exposure has 1 pixels that are NaN"):
        conventions.score(truth, truth, low=low, convention="calibrated")

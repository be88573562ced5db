import numpy as np
import pytest
from scipy import stats

from denoisekit.errors import InputError
from denoisekit.evaluation import calibration
from denoisekit.evaluation.scaling import fit_to_truth
from denoisekit.evaluation.uncertainty import LaplaceMixture

LEVELS = calibration.LEVELS


def drawn(too_small=1.0, *, side=400, seed=0):
    """Return a truth and what a network predicts of it, whose scale is too small by a factor."""
    rng = np.random.default_rng(seed)
    mean, scale = rng.gamma(2, 30, (side, side)), rng.uniform(1, 5, (side, side))
    return rng.laplace(mean, scale * too_small), LaplaceMixture(mean[None], scale[None])


def held(truth, mixture, levels=LEVELS):
    return calibration.reliability(truth, mixture, levels=levels, bands=1).coverage


def test_intervals_of_the_right_scale_hold_what_they_should():
    truth, mixture = drawn()
    found = calibration.reliability(truth, mixture, levels=LEVELS, bands=4)
    assert found.coverage == pytest.approx(LEVELS, abs=0.004)
    assert found.by_band == pytest.approx(np.tile(LEVELS, (4, 1)), abs=0.008)
    expected = 2 * np.log(1 / (1 - np.array(LEVELS))) * mixture.scales.mean()
    assert found.width == pytest.approx(expected)


def test_a_reliability_curve_has_a_closed_form_where_scales_are_too_small():
    levels = np.array(calibration.CURVE_LEVELS)
    found = calibration.reliability_curve(*drawn(1.7))
    assert found == pytest.approx(1 - (1 - levels) ** (1 / 1.7), abs=0.004)
    assert set(LEVELS) <= set(calibration.CURVE_LEVELS)


def test_the_curve_of_a_mixture_is_what_its_intervals_hold():
    rng = np.random.default_rng(8)
    truth, means = rng.normal(0, 2, (40, 50)), rng.normal(0, 2, (3, 40, 50))
    mixture = LaplaceMixture(means, rng.uniform(0.5, 2, means.shape))
    found = dict(
        zip(calibration.CURVE_LEVELS, calibration.reliability_curve(truth, mixture), strict=True)
    )
    for level in (0.05, 0.5, 0.99):
        low, high = mixture.interval(level)
        assert found[level] == np.mean((low <= truth) & (truth <= high))


def test_scales_too_small_by_1_7_are_found_and_mended():
    truth, mixture = drawn(1.7)
    assert held(truth, mixture, [0.9]) == pytest.approx(1 - 10 ** (-1 / 1.7), abs=0.004)
    assert pytest.approx(0.7419, abs=1e-4) == 1 - 10 ** (-1 / 1.7)
    factor = calibration.temperature([(truth, mixture)])
    assert factor == pytest.approx(1.7, abs=0.02)
    assert held(truth, mixture.scaled(factor), [0.9]) == pytest.approx(0.9, abs=0.003)


def test_a_laplace_fitted_to_gaussian_errors_is_right_at_no_level():
    truth = np.random.default_rng(0).normal(0, 1, (700, 700))
    zero, one = np.zeros((1, *truth.shape)), np.ones((1, *truth.shape))
    mixture = LaplaceMixture(zero, one)
    mixture = mixture.scaled(calibration.temperature([(truth, mixture)]))
    levels = (0.5, 0.9, 0.99)
    exact = 2 * stats.norm.cdf(np.sqrt(2 / np.pi) * np.log(1 / (1 - np.array(levels)))) - 1
    assert exact == pytest.approx([0.420, 0.934, 0.9998], abs=5e-4)
    assert held(truth, mixture, levels) == pytest.approx(exact, abs=0.003)


def test_bands_tell_dark_from_bright():
    # The scale is right in the dark half and half of what it should be in the bright one.
    truth, mixture = drawn()
    bright = mixture.means > np.median(mixture.means)
    wrong = LaplaceMixture(mixture.means, np.where(bright, mixture.scales / 2, mixture.scales))
    found = calibration.reliability(truth, wrong, levels=[0.9], bands=2)
    assert found.by_band[:, 0] == pytest.approx([0.9, 1 - 10**-0.5], abs=0.006)


def test_a_band_without_pixels_has_no_coverage():
    flat = LaplaceMixture(np.ones((1, 8, 8)), np.ones((1, 8, 8)))
    found = calibration.reliability(np.ones((8, 8)), flat, levels=[0.5], bands=3)
    assert np.isnan(found.by_band[:2, 0]).all()
    assert found.by_band[2, 0] == found.coverage[0] == 1


def test_truth_and_prediction_are_brought_together_as_scores_do():
    truth, mixture = drawn(side=60)
    usable = np.ones(truth.shape, bool)
    usable[:9] = False
    found, mapped = calibration.together(truth, mixture, usable)
    expected, image = fit_to_truth(truth, mixture.means[0], usable)
    assert found == pytest.approx(expected[usable])
    assert mapped.mean() == pytest.approx(image[usable])


@pytest.mark.parametrize("gain", [1, 250, -3])
def test_the_units_of_neither_change_coverage_or_temperature(gain):
    truth, mixture = drawn(1.7, side=100)
    expected = calibration.together(truth, mixture)
    found = calibration.together(12 * truth - 400, mixture.mapped(gain, 1000))
    assert held(*found) == pytest.approx(held(*expected), abs=1e-3)
    assert held(*expected) == pytest.approx(held(truth, mixture), abs=0.01)
    assert calibration.temperature([found]) == pytest.approx(calibration.temperature([expected]))


def test_an_image_that_misses_the_truths_units_alone_is_not_called_wrong():
    truth, mixture = drawn(side=100)
    assert held(truth, mixture.mapped(1, 500))[-1] == 0
    assert held(*calibration.together(truth, mixture.mapped(1, 500)))[-1] > 0.94


def ensemble(members=3, *, side=120, too_small=1.4, seed=0):
    rng = np.random.default_rng(seed)
    means, scales = (
        rng.normal(0, 2, (members, side, side)),
        rng.uniform(1, 3, (members, side, side)),
    )
    one = rng.integers(members, size=(side, side))[None]
    mean, scale = (np.take_along_axis(part, one, 0)[0] for part in (means, scales))
    return rng.laplace(mean, too_small * scale), LaplaceMixture(means, scales)


def test_the_temperature_of_an_ensemble_is_the_likeliest():
    truth, mixture = ensemble()
    factor = calibration.temperature([(truth, mixture)])
    assert factor == pytest.approx(1.4, abs=0.05)

    def loss(t):
        return mixture.scaled(t).negative_log_likelihood(truth).mean()

    assert loss(factor) <= min(loss(factor * 0.999), loss(factor * 1.001))


def test_the_temperature_of_an_ensemble_of_one_network_is_that_network_s():
    truth, one = drawn(1.7, side=80)
    twice = LaplaceMixture(np.repeat(one.means, 2, axis=0), np.repeat(one.scales, 2, axis=0))
    assert calibration.temperature([(truth, twice)]) == pytest.approx(
        calibration.temperature([(truth, one)]), rel=1e-6
    )


def test_a_temperature_is_learned_of_the_pixels_of_all_images():
    first, second = drawn(1.0, side=40, seed=1), drawn(2.0, side=80, seed=2)
    factors = [calibration.temperature([each]) for each in (first, second)]
    assert calibration.temperature([first, second]) == pytest.approx(
        (factors[0] + 4 * factors[1]) / 5
    )


def test_what_has_no_temperature_is_told():
    ones = LaplaceMixture(np.ones((1, 4)), np.ones((1, 4)))
    two = LaplaceMixture(np.ones((2, 4)), np.ones((2, 4)))
    for observed, sentence in (
        ([(np.ones(4), ones)], "The predicted image is the truth itself"),
        ([], "the numbers of members are none"),
        ([(np.ones(4), ones), (np.ones(4), two)], "the numbers of members are 1, 2"),
    ):
        with pytest.raises(InputError, match=sentence):
            calibration.temperature(observed)


def images(count, *, pixels=1000, seed=0):
    rng = np.random.default_rng(seed)
    truths = [rng.laplace(0, 1, pixels) for _ in range(count)]
    return truths, [np.zeros(pixels)] * count, [np.ones(pixels)] * count


@pytest.mark.parametrize(("count", "risk"), [(9, 0), (19, 0.0526), (39, 0.0769), (100, 0.0910)])
def test_the_risk_that_calibration_images_may_have_is_known(count, risk):
    found = calibration.control_risk(*images(count), alpha=0.1)
    truths = np.abs(images(count)[0])
    reached = np.mean(truths > found.factor)
    assert reached == pytest.approx(risk, abs=1e-4)
    assert count / (count + 1) * reached + 1 / (count + 1) <= 0.1 + 1e-12
    smaller = truths[truths < found.factor].max()
    assert count / (count + 1) * np.mean(truths > smaller) + 1 / (count + 1) > 0.1
    assert (found.images, found.needed) == (count, 9)


def test_fewer_images_than_needed_have_no_guarantee():
    found = calibration.control_risk(*images(8), alpha=0.1)
    assert found == calibration.RiskControl(alpha=0.1, images=8, needed=9, factor=None)
    assert calibration.control_risk(*images(0), alpha=0.1).factor is None


@pytest.mark.parametrize(
    ("alpha", "needed"), [(0.5, 1), (0.2, 4), (0.1, 9), (0.05, 19), (0.01, 99), (0.9, 1)]
)
def test_how_many_images_a_bound_needs(alpha, needed):
    assert calibration.images_needed(alpha) == needed
    assert calibration.control_risk(*images(needed, pixels=50), alpha=alpha).factor is not None


def test_the_bound_holds_for_new_images():
    rng = np.random.default_rng(0)
    risks = []
    for _ in range(300):
        # Images differ: of some the scale is far too small.
        truths = [rng.laplace(0, rng.gamma(2, 1), 200) for _ in range(20)]
        zeros, ones = [np.zeros(200)] * 19, [np.ones(200)] * 19
        found = calibration.control_risk(truths[:19], zeros, ones, alpha=0.2)
        risks.append(np.mean(np.abs(truths[19]) > found.factor))
    assert np.mean(risks) < 0.2
    assert np.mean(risks) > 0.1


def test_images_count_alike_whatever_their_size():
    small, large = np.array([9.0, 0.0]), np.concatenate([np.full(300, 5.0), np.zeros(700)])
    truths = [small, large]
    zeros, ones = [np.zeros_like(t) for t in truths], [np.ones_like(t) for t in truths]
    # Allowed is (3 * 0.6 - 1) / 2 = 0.4, which is the mean of 0.5 and 0.3.
    assert calibration.control_risk(truths, zeros, ones, alpha=0.6).factor == 0
    assert calibration.control_risk(truths, zeros, ones, alpha=0.5).factor == 5


def test_bad_risks_are_told():
    for alpha in (0, 1, 10):
        with pytest.raises(InputError, match="must lie between 0 and 1, but is"):
            calibration.images_needed(alpha)
    truths, means, scales = images(9)
    with pytest.raises(InputError, match="must be finite and above zero"):
        calibration.control_risk(truths, means, [0 * scale for scale in scales], alpha=0.1)


def test_exponential_errors_have_a_known_oracle():
    error = np.random.default_rng(0).exponential(1, (500, 500))
    found = calibration.sparsification(error, error)
    f = found.removed
    assert found.oracle == pytest.approx(1 + f * np.log(f) / (1 - f), abs=0.01)
    assert found.oracle_area == pytest.approx(2 - np.pi**2 / 6, abs=0.003)
    assert found.area == pytest.approx(found.oracle_area)


def test_scales_drawn_from_0_to_1_leave_what_they_should():
    rng = np.random.default_rng(1)
    scale = rng.uniform(0, 1, (600, 600))
    found = calibration.sparsification(np.abs(rng.laplace(0, scale)), scale)
    assert found.error == pytest.approx(1 - found.removed, abs=0.02)
    assert found.area == pytest.approx(0.5, abs=0.005)
    assert found.oracle_area < found.area


def test_an_uncertainty_that_tells_nothing_leaves_all_error():
    rng = np.random.default_rng(2)
    error = rng.exponential(1, (400, 400))
    assert calibration.sparsification(error, rng.random(error.shape)).area == pytest.approx(
        1, abs=0.02
    )
    # Whatever order equal pixels lie in.
    assert calibration.sparsification(np.sort(error, axis=None), np.ones(error.size)).error == (
        pytest.approx(1)
    )


def test_the_curve_does_not_depend_on_any_unit():
    rng = np.random.default_rng(3)
    scale = rng.uniform(0, 1, 5000)
    error = np.abs(rng.laplace(0, scale))
    first, second = (calibration.sparsification(k * error, k**2 * scale) for k in (1, 40))
    assert first.error == pytest.approx(second.error)


def test_curves_are_measured_beside_their_areas():
    rng = np.random.default_rng(9)
    mean, scale = rng.gamma(2, 30, (80, 80)), rng.uniform(1, 5, (80, 80))
    truth, mixture = rng.laplace(mean, scale), LaplaceMixture(mean[None], scale[None])
    found = calibration.measure(truth, mixture, calibration.learn({}, alpha=0.1), bands=1)
    curve = calibration.sparsification(np.abs(truth - mean), scale)
    drawn_at = np.rint(curve.removed[2::5] * 1000) / 10
    assert [found[f"left_scale_{place}"] for place in drawn_at] == list(curve.error[2::5])
    assert found["left_oracle_97.5"] == curve.oracle[97]
    assert found["area_oracle"] == curve.oracle_area
    assert found["coverage_90"] == held(truth, mixture, [0.9])[0]
    assert not any(name.startswith("left_spread") for name in found)


def test_rank_correlation_is_that_of_scipy():
    rng = np.random.default_rng(4)
    scale = rng.integers(0, 9, (30, 30)) + 1.0
    error = np.abs(rng.laplace(0, scale))
    exact = stats.spearmanr(error.ravel(), scale.ravel()).statistic
    assert calibration.rank_correlation(error, scale) == pytest.approx(exact)
    assert np.isnan(calibration.rank_correlation(error, np.ones_like(error)))


def test_what_cannot_be_compared_is_told():
    truth, mixture = drawn(side=20)
    with pytest.raises(InputError, match="must have the same shape"):
        calibration.together(truth[:9], mixture)
    with pytest.raises(InputError, match="The truth has 1 pixels that are NaN"):
        calibration.together(np.where(truth == truth.max(), np.nan, truth), mixture)
    with pytest.raises(InputError, match="The restored image is constant"):
        calibration.together(truth, LaplaceMixture(mixture.means * 0, mixture.scales))
    with pytest.raises(InputError, match="no signal to score against"):
        calibration.together(truth * 0, mixture)
    with pytest.raises(InputError, match="there is no error"):
        calibration.sparsification(truth * 0, truth)
    with pytest.raises(InputError, match="The uncertainty has 400 pixels that are NaN"):
        calibration.sparsification(truth, truth * np.nan)


def test_what_is_learned_on_kept_fields_mends_another_image():
    kept = {str(seed): [drawn(1.7, side=60, seed=seed)] for seed in range(1, 10)}
    learned = calibration.learn(kept, alpha=0.1)
    assert learned.temperature == pytest.approx(1.7, abs=0.04)
    assert (learned.control.images, learned.control.needed) == (9, 9)
    truth, mixture = drawn(1.7, side=200, seed=0)
    found = calibration.measure(truth, mixture, learned, bands=2)
    assert found["coverage_90"] == pytest.approx(0.7419, abs=0.006)
    assert found["calibrated_coverage_90"] == pytest.approx(0.9, abs=0.008)
    assert found["calibrated_nll"] < found["nll"]
    assert found["calibrated_crps"] < found["crps"]
    assert found["calibrated_width_90"] == pytest.approx(found["width_90"] * learned.temperature)
    assert found["coverage_90_band_1"] == pytest.approx(0.7419, abs=0.01)
    # Nine images allow no miss at all, so that hardly any pixel lies beyond.
    assert found["missed"] < 0.001
    assert found["area_oracle"] < found["area_scale"] < 1
    assert (found["temperature"], found["kept"]) == (learned.temperature, 9)
    assert not {"area_disagreement", "area_spread"} & set(found)


def test_images_of_one_field_are_one_for_the_guarantee():
    kept = {"one": [drawn(side=20, seed=seed) for seed in range(12)]}
    learned = calibration.learn(kept, alpha=0.1)
    assert learned.control == calibration.RiskControl(0.1, 1, 9, None)
    found = calibration.measure(*drawn(side=20), learned, bands=1)
    assert np.isnan(found["factor"])
    assert np.isnan(found["missed"])
    assert found["temperature"] == pytest.approx(1, abs=0.1)


def test_without_kept_images_nothing_is_calibrated():
    found = calibration.measure(*drawn(side=20), calibration.learn({}, alpha=0.1), bands=1)
    assert np.isnan(found["temperature"])
    assert np.isnan([v for name, v in found.items() if name.startswith("calibrated_")]).all()
    assert np.isfinite(found["crps"])


def test_an_ensemble_s_disagreement_and_spread_are_held_against_its_errors():
    truth, mixture = ensemble(side=60)
    found = calibration.measure(
        truth, mixture, calibration.learn({"a": [(truth, mixture)]}, alpha=0.5), bands=1
    )
    error = np.abs(truth - mixture.mean())
    spread = calibration.sparsification(error, np.std(mixture.means, axis=0)).area
    assert found["area_spread"] == pytest.approx(spread, abs=1e-3)
    assert found["area_oracle"] < found["area_disagreement"]
    assert found["factor"] > 0

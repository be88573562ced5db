from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from denoisekit.errors import InputError
from denoisekit.evaluation import uncertainty
from denoisekit.evaluation.uncertainty import LaplaceMixture

THREE = ((0.0, 1.0, 3.0), (0.5, 1.0, 2.0))


def mixture(means, scales):
    """Return the mixture of one pixel."""
    means, scales = np.broadcast_arrays(np.asarray(means, float), np.asarray(scales, float))
    return LaplaceMixture(means[:, None], scales[:, None])


def disagreement(means, scales):
    return mixture(means, scales).disagreement()[0]


def frame(members=5, shape=(3, 40, 50), seed=0):
    rng = np.random.default_rng(seed)
    size = (members, *shape)
    return LaplaceMixture(rng.normal(0, 3, size), rng.gamma(2, 1, size) + 0.1)


def density(x, means, scales):
    return np.mean([stats.laplace.pdf(x, m, b) for m, b in zip(means, scales, strict=True)], axis=0)


def by_quad(means, scales):
    """Return the disagreement by adaptive integration between all kinks."""
    means, scales = np.asarray(means), np.asarray(scales)
    steps = [sign * step for step in (0, 0.5, 1, 2, 4, 8, 16, 32) for sign in (-1, 1)]
    edges = np.unique(np.concatenate([means + step * scales for step in steps]))

    def divergence(x):
        logs = -np.abs(x - means) / scales - np.log(2 * scales)
        return np.mean(np.exp(logs) * (logs - np.logaddexp.reduce(logs) + np.log(len(logs))))

    parts = [
        integrate.quad(divergence, low, high, epsabs=1e-11, epsrel=1e-9)[0]
        for low, high in pairwise(edges)
    ]
    return sum(parts) / np.log(len(means))


def two_members(ratio):
    """Return the exact disagreement of two members of equal scale, so many scales apart."""
    a = ratio / 2
    gd = 2 * np.arctan(np.tanh(a / 2))
    return (a - (np.logaddexp(a, -a) - np.log(2)) - np.exp(-a) * gd) / np.log(2)


def test_moments_of_three_members():
    found = mixture(*THREE)
    assert found.mean()[0] == pytest.approx(4 / 3, abs=1e-12)
    assert found.standard_deviation()[0] ** 2 == pytest.approx(5.055556, abs=1e-6)


@pytest.mark.parametrize(("level", "value"), [(0.05, -1.271323), (0.5, 0.836152), (0.95, 5.484716)])
def test_quantiles_of_three_members(level, value):
    assert mixture(*THREE).quantile(level)[0] == pytest.approx(value, abs=1e-6)


def test_quantiles_of_one_network_are_those_of_scipy():
    single = mixture([2.0], [1.5])
    for level in (1e-6, 0.05, 0.3, 0.5, 0.7, 0.999):
        exact = stats.laplace.ppf(level, 2.0, 1.5)
        assert single.quantile(level)[0] == pytest.approx(exact, rel=1e-12)


def test_the_interval_of_one_network_has_its_closed_form():
    low, high = mixture([2.0], [1.5]).interval(0.9)
    assert high[0] - 2 == pytest.approx(2.302585 * 1.5, abs=1e-6)
    assert 2 - low[0] == pytest.approx(high[0] - 2, abs=1e-12)


def test_the_median_of_two_far_apart_lies_midway():
    # Between them the distribution function is 1/2 to the last bit.
    assert mixture([0, 90], [1, 1]).quantile(0.5)[0] == pytest.approx(45, abs=1e-9)


def test_quantiles_are_where_the_distribution_function_has_their_level():
    many = frame()
    for level in (0.01, 0.4, 0.975):
        x = many.quantile(level)
        reached = np.mean(stats.laplace.cdf(x, many.means, many.scales), axis=0)
        assert reached == pytest.approx(level, abs=1e-12)


@pytest.mark.parametrize(
    ("ratio", "value"),
    [
        *[(0.1, 0.00174401), (0.5, 0.03803954), (1, 0.12770685), (2, 0.35738496)],
        *[(4, 0.71964968), (8, 0.95897741), (20, 0.99989712)],
    ],
)
def test_disagreement_of_two_has_its_exact_form(ratio, value):
    assert two_members(ratio) == pytest.approx(value, abs=1e-8)
    assert disagreement([0, ratio * 7], [7, 7]) == pytest.approx(two_members(ratio), abs=1e-6)


def test_a_small_disagreement_of_two_grows_with_the_square_of_their_distance():
    assert disagreement([0, 0.01], [1, 1]) == pytest.approx(0.01**2 / (8 * np.log(2)), rel=0.02)


@pytest.mark.parametrize(
    ("means", "scales", "value"),
    [
        ([3] * 5, [0.1] * 5, 0),
        (np.arange(5) * 1000, [1] * 5, 1),
        (np.linspace(-0.5, 0.5, 5), 1, 0.030553),
        (np.linspace(-1, 1, 5), 1, 0.097063),
        (np.linspace(-2, 2, 5), 1, 0.254620),
        (np.linspace(-5, 5, 5), 1, 0.612041),
        ([0] * 5, np.geomspace(0.05, 0.8, 5), 0.182089),
        ([0, 0, 0, 0, 10], 1, 0.305685),
        ([0, 0, 0, 0, 1e4], 1, 0.310918),
        ([0, 0], [1, 2], 0.077591),
        ([0, 0], [1, 10], 0.497104),
        (*THREE, 0.337630),
    ],
)
def test_disagreement_of_known_ensembles(means, scales, value):
    assert disagreement(means, scales) == pytest.approx(value, abs=1e-6)


def test_disagreement_is_exact_to_a_millionth_for_random_ensembles():
    rng = np.random.default_rng(0)
    worst = 0.0
    for _ in range(400):
        members = rng.integers(2, 6)
        means = rng.normal(0, 10 ** rng.uniform(-1, 1.5), members)
        scales = 10 ** rng.uniform(-1, 1, members)
        worst = max(worst, abs(disagreement(means, scales) - by_quad(means, scales)))
    assert worst < 1e-6


def test_disagreement_of_identical_members_is_nothing_in_any_unit():
    for scale in (1e-3, 0.1, 1, 1e5):
        assert disagreement([scale] * 4, [scale] * 4) < 1e-12
    assert disagreement([2.0], [1.0]) == 0


def test_disagreement_does_not_depend_on_the_units():
    means, scales = map(np.array, THREE)
    other = disagreement(-250 * means + 1e4, 250 * scales)
    assert other == pytest.approx(disagreement(means, scales), abs=1e-9)


@pytest.mark.parametrize(("distance", "value"), [(0, 0.25), (1, 0.617879), (3, 2.299787)])
def test_crps_of_one_network_has_its_closed_form(distance, value):
    assert mixture([7.0], [1.0]).crps(np.array([7.0 + distance]))[0] == pytest.approx(
        value, abs=1e-6
    )


@pytest.mark.parametrize(("truth", "value"), [(0, 0.604182), (1.5, 0.524855), (5, 2.750835)])
def test_crps_of_three_members(truth, value):
    assert mixture(*THREE).crps(np.array([truth]))[0] == pytest.approx(value, abs=1e-6)


def test_crps_is_the_integral_of_the_squared_distance_of_distribution_functions():
    means, scales = (0.3, -1.0, 2.0, 2.0), (0.2, 1.0, 1.0, 3.0)

    def squared(x, above):
        return (np.mean(stats.laplace.cdf(x, means, scales)) - above) ** 2

    edges = [-90, *sorted(means), 90]
    for truth in (-1.0, 0.3, 4.0):
        cuts = sorted({*edges, truth})
        exact = sum(
            integrate.quad(squared, a, b, args=(a >= truth,), epsabs=1e-12)[0]
            for a, b in pairwise(cuts)
        )
        assert mixture(means, scales).crps(np.array([truth]))[0] == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("step", [1e-9, 1e-6, 4e-6, 6e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("d", [0.0, 0.5, 3.0, 20.0])
def test_crps_loses_no_digits_where_scales_are_nearly_equal(step, d):
    b, other = 1.7, 1.7 * (1 + step)
    means, scales = np.array([[0.0], [d]]), np.array([[b], [other]])
    # The formula is a divided difference, hence the mean of the derivative between the squares.
    nodes, weights = np.polynomial.legendre.leggauss(12)
    between = np.sqrt((b**2 + other**2) / 2 + (other**2 - b**2) / 2 * nodes)
    exact = d + np.sum(weights / 2 * (3 * between + d) / 2 * np.exp(-d / between))
    found = uncertainty._expected_distance(means, scales, 0, 1)[0]
    assert found == pytest.approx(exact, abs=1e-9)


def test_likelihood_is_that_of_the_mixture_however_far_away():
    truth = np.array([1.5])
    found = mixture(*THREE).negative_log_likelihood(truth)[0]
    assert found == pytest.approx(-np.log(density(1.5, *THREE)), abs=1e-12)
    far = mixture([0, 0], [1, 1]).negative_log_likelihood(np.array([5000.0]))[0]
    assert far == pytest.approx(5000 + np.log(2))


def test_scores_are_those_of_scoringrules():
    peer = pytest.importorskip("scoringrules")
    rng = np.random.default_rng(3)
    truth, mean, scale = rng.normal(0, 3, 500), rng.normal(0, 3, 500), rng.gamma(2, 1, 500)
    one = LaplaceMixture(mean[None], scale[None])
    assert one.crps(truth) == pytest.approx(peer.crps_laplace(truth, mean, scale), abs=1e-12)
    logs = peer.logs_laplace(truth, mean, scale)
    assert one.negative_log_likelihood(truth) == pytest.approx(logs, abs=1e-12)


def everything(found, truth):
    low, high = found.interval(0.9)
    return [
        *(found.mean(), found.standard_deviation(), found.quantile(0.3), low, high),
        *(found.disagreement(), found.crps(truth), found.negative_log_likelihood(truth)),
        found.sample(np.random.default_rng(5)),
    ]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_order_of_members_changes_no_byte(dtype):
    # Ten members: numpy adds more than eight in another order.
    first, truth = frame(members=10, shape=(7, 9)), np.random.default_rng(1).normal(0, 3, (7, 9))
    first = LaplaceMixture(first.means.astype(dtype), first.scales.astype(dtype))
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(10)
        other = LaplaceMixture(first.means[order], first.scales[order])
        for a, b in zip(everything(first, truth), everything(other, truth), strict=True):
            assert a.tobytes() == b.tobytes()


def test_a_pixel_has_the_same_value_alone_and_in_an_image(monkeypatch):
    whole, truth = frame(members=10, shape=(6, 7)), np.ones((6, 7))
    expected = everything(whole, truth)[:-1]
    monkeypatch.setattr(uncertainty, "_CHUNK", 1)
    for a, b in zip(expected, everything(whole, truth)[:-1], strict=True):
        assert a == pytest.approx(b, rel=1e-13)
        assert a.shape == (6, 7)


def test_a_sampled_frame_is_of_one_member():
    means = np.stack([np.zeros((50, 50)), np.full((50, 50), 1000.0)])
    two, rng = LaplaceMixture(means, np.ones((2, 50, 50))), np.random.default_rng(0)
    frames = [two.sample(rng) for _ in range(40)]
    assert all(np.ptp(each) < 100 for each in frames)
    assert 10 <= sum(each.mean() > 500 for each in frames) <= 30
    drawn = frames[0] - frames[0].mean()
    assert np.abs(drawn).mean() == pytest.approx(1, abs=0.06)


def test_other_units_scale_the_scale_and_turn_the_members():
    many, truth = frame(), np.random.default_rng(1).normal(0, 3, (3, 40, 50))
    other = many.mapped(-2.0, 10.0)
    assert other.mean() == pytest.approx(10 - 2 * many.mean())
    assert other.crps(10 - 2 * truth) == pytest.approx(2 * many.crps(truth))
    assert other.quantile(0.2) == pytest.approx(10 - 2 * many.quantile(0.8))
    assert many.scaled(3.0).standard_deviation().min() > many.standard_deviation().min()


ONE = np.ones((2, 4, 4))


@pytest.mark.parametrize(
    ("means", "scales", "sentence"),
    [
        (ONE, ONE[:, :2], "must have the same shape, but are 2 x 4 x 4 and 2 x 2 x 4"),
        (ONE[:0], ONE[:0], "must have one member at least, but has none"),
        (ONE * np.nan, ONE, "mean of an ensemble's member has 32 pixels that are NaN or infinite"),
        (ONE, ONE * 0, "must be finite and above zero, but is not so in 32 pixels"),
        (ONE, -ONE, "must be finite and above zero, but is not so in 32 pixels"),
        (ONE, ONE * np.inf, "must be finite and above zero, but is not so in 32 pixels"),
        (ONE, ONE * np.nan, "must be finite and above zero, but is not so in 32 pixels"),
    ],
)
def test_what_is_no_mixture_is_told(means, scales, sentence):
    with pytest.raises(InputError, match=sentence):
        LaplaceMixture(means, scales)


def test_bad_questions_are_told():
    ones = LaplaceMixture(ONE, ONE)
    with pytest.raises(InputError, match="but they are 4 and 4 x 4"):
        ones.crps(np.ones(4))
    with pytest.raises(InputError, match="The truth has 16 pixels that are NaN"):
        ones.negative_log_likelihood(np.full((4, 4), np.nan))
    for level in (0, 1, -0.5, 95):
        with pytest.raises(InputError, match="must lie between 0 and 1, but is"):
            ones.interval(level)
    with pytest.raises(InputError, match="A gain of 0 leaves nothing"):
        ones.mapped(0.0, 1.0)


def members(count=3, side=20, seed=0):
    rng = np.random.default_rng(seed)
    size = (count, side, side)
    return (
        list(rng.normal(500, 3, size).astype(np.float32)),
        list(rng.uniform(1, 4, size).astype(np.float32)),
    )


def test_an_ensemble_s_image_is_the_mixture_s_mean_with_its_scale_beside():
    means, scales = members()
    found = uncertainty.combined(means, scales, outside=np.zeros((20, 20), bool))
    assert list(found) == ["", "scale", "disagreement"]
    assert {part.dtype for part in found.values()} == {np.dtype(np.float32)}
    mixed = LaplaceMixture(np.stack(means), np.stack(scales))
    assert found[""] == pytest.approx(np.mean(means, axis=0), rel=1e-6)
    assert found["scale"] == pytest.approx(mixed.standard_deviation() / np.sqrt(2), rel=1e-6)
    assert found["disagreement"] == pytest.approx(mixed.disagreement(), abs=1e-6)


def test_the_scale_of_equal_members_is_theirs():
    means, scales = members(count=1)
    found = uncertainty.combined(3 * means, 3 * scales, outside=np.zeros((20, 20), bool))
    assert found[""] == pytest.approx(means[0])
    assert found["scale"] == pytest.approx(scales[0], rel=1e-6)
    assert found["disagreement"].max() < 1e-12


def test_networks_without_a_scale_have_the_spread_of_their_means():
    means, _ = members()
    found = uncertainty.combined(means, [], outside=np.zeros((20, 20), bool))
    assert list(found) == ["", "spread"]
    assert found["spread"] == pytest.approx(np.std(np.float64(means), axis=0), rel=1e-5)


@pytest.mark.parametrize("scaled", [True, False])
def test_what_lies_outside_of_the_field_comes_back_as_it_is(scaled):
    means, scales = members()
    outside = np.zeros((20, 20), bool)
    outside[:4] = True
    for value in (np.nan, 7.25):
        for mean in means:
            mean[outside] = value
        found = uncertainty.combined(means, scales if scaled else [], outside=outside)
        assert np.array_equal(found[""][outside], means[0][outside], equal_nan=True)
        assert np.isfinite(found[""][~outside]).all()
        for name in found.keys() - {""}:
            assert np.array_equal(np.isnan(found[name]), outside)


@pytest.mark.parametrize("scaled", [True, False])
def test_the_order_of_images_changes_no_byte(scaled):
    means, scales = members(count=9)
    field = np.zeros((20, 20), bool)
    first, second = (
        uncertainty.combined(m, s if scaled else [], outside=field)
        for m, s in ((means, scales), (means[::-1], scales[::-1]))
    )
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_members_that_do_not_go_together_are_told():
    means, scales = members()
    field = np.zeros((20, 20), bool)
    with pytest.raises(InputError, match="Of 3 members of an ensemble only 2 have a scale"):
        uncertainty.combined(means, scales[:2], outside=field)
    means[1][3, 4] = np.nan
    for some in (scales, []):
        with pytest.raises(InputError, match="has 1 pixels that are NaN or infinite"):
            uncertainty.combined(means, some, outside=field)

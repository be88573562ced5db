import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import softmax

from denoisekit.errors import InputError
from denoisekit.restoring import likelihoods


def table(rows, columns, *, seed=0):
    values = np.random.default_rng(seed).random((rows, columns)) + 0.01
    return np.log(values / values.sum(1, keepdims=True))


def histogram(logs, low=0.0, high=256.0):
    return likelihoods.histogram(logs, low=low, high=high, device="cpu")


def test_at_a_bins_centre_it_is_the_tables_entry():
    logs = table(8, 16)
    observed = torch.arange(8.0)[:, None].repeat(1, 16)[:, None] * 0 + torch.arange(16.0) * 2 + 0.7
    signals = (torch.arange(8.0) * 4 + 2)[:, None, None].expand(8, 1, 16)
    found = histogram(logs, 0.0, 32.0)(observed, signals)[:, 0]
    np.testing.assert_allclose(found, logs, rtol=2e-5)


@pytest.mark.parametrize("spatial", [(6, 5), (3, 4, 5), (7,)])
def test_probabilities_are_interpolated_linearly_along_the_signal(spatial):
    logs, rng = table(10, 12), np.random.default_rng(1)
    observed, signals = (
        rng.uniform(50, 110, (2, 1, *spatial)),
        rng.uniform(50, 110, (2, 3, *spatial)),
    )
    found = histogram(logs, 50.0, 110.0)(torch.tensor(observed), torch.tensor(signals))
    centres = 53 + 6 * np.arange(10)
    column = np.broadcast_to((observed - 50) // 5, signals.shape).astype(int)
    expected = [
        np.log(np.interp(s, centres, np.exp(logs[:, c])))
        for s, c in zip(signals.ravel(), column.ravel(), strict=True)
    ]
    np.testing.assert_allclose(found.numpy().ravel(), expected, rtol=1e-4)


def test_whole_numbers_are_in_the_bin_that_begins_with_them():
    logs = table(4, 256)
    observed = torch.arange(256.0)[None, None]
    found = histogram(logs)(observed, torch.full_like(observed, 32.0))
    np.testing.assert_allclose(found[0, 0], logs[0], rtol=1e-5)


def test_empty_bins_do_not_underflow_and_have_a_gradient():
    logs = np.array([[0.0, -2000.0], [-2000.0, 0.0], [-2000.0, -2000.0]])
    signals = torch.tensor([0.5, 0.9, 1.5, 2.5]).reshape(1, 4, 1).requires_grad_()
    found = histogram(logs, 0.0, 3.0)(torch.zeros(1, 1, 1), signals)
    np.testing.assert_allclose(
        found.detach().ravel()[[0, 1, 3]], [0, np.log(0.6), -2000], rtol=1e-5
    )
    assert found[0, 2, 0] < -80
    found.sum().backward()
    assert signals.grad.isfinite().all()


def test_a_signal_outside_of_the_range_is_led_back():
    signals = torch.tensor([-3.0, 35.0]).reshape(1, 2, 1).requires_grad_()
    found = histogram(table(8, 16), 0.0, 32.0)(torch.full((1, 1, 1), 5.0), signals)
    edges = histogram(table(8, 16), 0.0, 32.0)(
        torch.full((1, 1, 1), 5.0), torch.tensor([0.0, 32.0]).reshape(1, 2, 1)
    )
    np.testing.assert_allclose(found.detach(), edges - 0.75, rtol=1e-5)
    found.sum().backward()
    np.testing.assert_allclose(signals.grad.ravel(), [0.25, -0.25])


MEANS = np.array([[0.0, 4.0], [1.0, -2.0], [-3.0, 1.0]])
VARIANCES = np.array([[2.0, 30.0], [5.0, 3.0], [1.0, 8.0]])
WEIGHTS = np.array([[0.0, 1.0], [0.5, -1.0], [-1.0, 0.2]])


def mixture(**changed):
    options = {
        "means": MEANS,
        "variances": VARIANCES,
        "weights": WEIGHTS,
        "least_variance": 1e-3,
        "low": 10.0,
        "high": 210.0,
        "device": "cpu",
    }
    return likelihoods.gaussian_mixture(**{**options, **changed})


@pytest.mark.parametrize("signal", [10.0, 60.0, 177.0, 300.0])
def test_a_mixture_is_scipys_and_has_the_signal_as_its_mean(signal):
    observed = np.linspace(signal - 80, signal + 80, 4001)
    found = mixture()(
        torch.tensor(observed)[None, None], torch.full((1, 1, 4001), signal, dtype=torch.float64)
    )[0, 0].numpy()
    share = min(1, (signal - 10) / 200)
    weights = softmax(WEIGHTS @ [1, share])
    means = MEANS @ [1, share]
    means = means - weights @ means + signal
    scales = np.sqrt(VARIANCES @ [1, share])
    density = weights @ stats.norm.pdf(observed, means[:, None], scales[:, None])
    np.testing.assert_allclose(found, np.log(density), rtol=1e-5, atol=1e-5)
    assert np.trapezoid(np.exp(found), observed) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(observed * np.exp(found), observed) == pytest.approx(signal, rel=1e-6)


@pytest.mark.parametrize("spatial", [(2, 3), (2, 2, 2)])
def test_a_mixtures_gradient_is_the_differences(spatial):
    observed = torch.rand(2, 1, *spatial, dtype=torch.float64) * 150
    signals = (torch.rand(2, 4, *spatial, dtype=torch.float64) * 150 + 20).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: mixture()(observed, s), signals)


def test_a_histograms_gradient_is_the_differences():
    observed = torch.rand(2, 1, 3, dtype=torch.float64) * 30
    signals = (torch.randint(0, 7, (2, 4, 3)) * 4 + 2.5 + torch.rand(2, 4, 3)).double()
    model = histogram(table(8, 16), 0.0, 32.0)
    assert torch.autograd.gradcheck(
        lambda s: model(observed, s), signals.requires_grad_(), atol=1e-4
    )


def test_a_likelihood_of_e_to_the_minus_2000_is_told():
    found = mixture()(torch.full((1, 1, 1), 1000.0), torch.full((1, 1, 1), 100.0))
    assert -1e6 < found.item() < -2000


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: histogram(table(4, 4), 3.0, 3.0), "range must run from its lower .* 3 to 3"),
        (lambda: histogram(np.log(np.eye(4) + 0), 0.0, 4.0), "12 pixels that are NaN or infinite"),
        (lambda: histogram(table(1, 9)), r"two rows or more, but has the shape \(1, 9\)"),
        (lambda: mixture(least_variance=0), "least variance must be above zero, but is 0"),
        (lambda: mixture(weights=WEIGHTS[:2]), r"weights must be one row .* the shape \(2, 2\)"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_is_no_noise_model_is_told(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()

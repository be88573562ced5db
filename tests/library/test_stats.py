from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denoisekit._checks import InputError
from denoisekit.stats import paired_t_test

PUBLISHED = Path(__file__).resolve().parents[2] / "config" / "published" / "loss-functions"

# Two-sided p-values of the paper's own rows per image, computed by hand elsewhere.
RECOMPUTED = {
    "MM": {"psnr": (0.0331, 0.264), "ssim": (0.188, 0.594)},
    "AA": {"psnr": (0.110, 0.639), "ssim": (0.760, 0.228)},
    "MA": {"psnr": (0.0163, 0.0256), "ssim": (0.0058, 0.304)},
    "AM": {"psnr": (0.260, 0.0017), "ssim": (0.0012, 0.0094)},
}


@pytest.mark.parametrize("experiment", RECOMPUTED)
@pytest.mark.parametrize("metric", ["psnr", "ssim"])
def test_the_papers_rows_give_the_known_p_values(experiment, metric):
    table = pd.read_csv(PUBLISHED / "per_image_scores.csv")
    rows = table[(table["experiment"] == experiment) & (table["metric"] == metric)]
    found = [paired_t_test(rows[loss], rows["laplace"]).p for loss in ("fft", "bandpass")]
    for p, expected in zip(found, RECOMPUTED[experiment][metric], strict=True):
        assert p == pytest.approx(expected, abs=6e-4 if expected > 0.05 else 6e-5)


def test_two_degrees_of_freedom_have_a_closed_form():
    test = paired_t_test([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    t = 2 * np.sqrt(3)
    assert (test.n, test.mean_difference) == (3, 2.0)
    assert test.t == pytest.approx(t)
    assert test.p == pytest.approx(1 - t / np.sqrt(t**2 + 2))


scores = st.lists(
    st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=3, max_size=12, unique_by=(
        lambda pair: round(pair[0] - pair[1], 3)
    )
)  # fmt: skip


@given(scores)
def test_swapping_the_methods_changes_the_sign_only(pairs):
    first, second = zip(*pairs, strict=True)
    one, other = paired_t_test(first, second), paired_t_test(second, first)
    assert one.mean_difference == pytest.approx(-other.mean_difference)
    assert one.t == pytest.approx(-other.t)
    assert one.p == pytest.approx(other.p)
    assert 0 <= one.p <= 1


@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_differences_without_spread_have_no_p_value(offset):
    first = np.array([30.1, 31.7, 28.3])
    test = paired_t_test(first + offset, first)
    assert test.mean_difference == pytest.approx(offset)
    assert np.isnan(test.t)
    assert np.isnan(test.p)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ([1.0], [2.0], "at least two images, but has 1"),
        ([1.0, 2.0], [1.0], "2 and 1 scores"),
        ([1.0, np.inf], [1.0, 2.0], "NaN or infinite"),
    ],
)
def test_mistakes_are_told_in_a_sentence(first, second, sentence):
    with pytest.raises(InputError, match=sentence):
        paired_t_test(first, second)

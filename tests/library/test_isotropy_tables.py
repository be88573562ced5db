"""Power along z and across, in a table, in sentences and in a figure."""

import numpy as np
import pandas as pd
import pytest

from denoisekit.evaluation import isotropy as measures
from denoisekit.evaluation.scaling import affine_fit
from denoisekit.figures.isotropy import draw_isotropy
from denoisekit.statistics.isotropy import isotropy_sentences, isotropy_table
from denoisekit.statistics.typeset import to_markdown

METHODS = ["noisy", "isotropic"]


@pytest.fixture
def averaged():
    """Means, as the run averages them, of a method that lost power and of one that did not."""
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((32, 32, 32))
    dull = truth.copy()
    dull[1::2] = (truth[::2] + np.roll(truth[::2], -1, axis=0)) / 2
    rows = []
    for method, image in zip(METHODS, (dull, 3 * truth + 5), strict=True):
        values = measures.measure(truth, image)
        told = measures.tells_of_errors(truth, dull, np.abs(dull - truth))
        values |= {"directions": (told, np.nan)} if method == "isotropic" else {}
        rows += [
            {"experiment": "cells", "method": method, "kind": "filter", "simulated": "no"}
            | {"quantity": name, "images": 1, "mean": value, "sd": np.nan}
            | {"truth_value": own, "ratio": value / own}
            for name, (value, own) in values.items()
        ]
    return pd.DataFrame(rows)


def test_what_equals_the_truth_up_to_its_units_has_the_truths_power(averaged):
    own = averaged[(averaged["method"] == "isotropic") & averaged["truth_value"].notna()]
    np.testing.assert_allclose(own["ratio"], 1, rtol=1e-6)
    noisy = averaged[averaged["method"] == "noisy"].set_index("quantity")["ratio"]
    assert noisy["ratio_0.45"] < 0.5 * noisy["ratio_0.10"]


def test_where_directions_differ_as_errors_do_their_correlation_is_one():
    rng = np.random.default_rng(0)
    truth, image = rng.standard_normal((2, 12, 12, 12))
    gain, offset = affine_fit(truth, truth + image)
    error = np.abs(gain * (truth + image) + offset - truth)
    for apart, expected in ((2 * error, 1), (1 - error, -1)):
        told = measures.tells_of_errors(truth, truth + image, apart)
        assert told == pytest.approx(expected, abs=1e-9)
    assert np.isnan(measures.tells_of_errors(truth, image, np.zeros_like(truth)))


def test_the_table_begins_with_the_truth_and_sentences_name_every_method(averaged):
    table = isotropy_table(averaged)
    assert table.frame["Method"].iloc[0] == "Truth"
    assert len(table.frame) == 1 + len(METHODS)
    assert "0.15-0.20 /px" in to_markdown(table)
    first, second = isotropy_sentences(averaged, networks=["isotropic"])
    assert first.startswith("cells: at 0.15 to 0.20 cycles per px the truth has ")
    assert "where the restorations along x and along y differ, errors are larger" in second
    worse = averaged.assign(mean=averaged["mean"].where(averaged["quantity"] != "directions", -0.2))
    assert "does not tell where errors are" in isotropy_sentences(worse, networks=["isotropic"])[1]


def test_the_figure_has_a_line_for_every_method_in_each_panel(averaged):
    figure = draw_isotropy(averaged, methods=METHODS)
    assert [len(axis.lines) for axis in figure.axes] == [3, 3, 3]

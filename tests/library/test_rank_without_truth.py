import numpy as np
import pandas as pd
import pytest
from study_tables import EXPERIMENTS

from denoisekit.statistics import without_truth

METHODS = ["noisy", "tv", "laplace", "nlm"]
#: Squared errors of every image over its noise variance.
ERRORS = {"noisy": [1.0, 1.2], "tv": [0.2, 0.24], "laplace": [0.1, 0.12], "nlm": [0.09, 0.16]}


def measured(errors=ERRORS, *, seeds=("0", "1")) -> pd.DataFrame:
    rows = []
    for method, values in errors.items():
        network = method == "laplace"
        for seed in seeds if network else ("",):
            for number, value in enumerate(values):
                train_set = "actin" if network else ""
                run = f"actin.{method}.seed{seed}" if network else method
                noise = 10.0 * (number + 1)
                rows.append(
                    ["actin", run, train_set, method, seed, f"i{number}", value * noise, noise]
                )
    return pd.DataFrame(rows, columns=list(without_truth.MEASURED))


def ranked(**options) -> pd.DataFrame:
    return without_truth.rank(measured(**options), EXPERIMENTS[:1], methods=METHODS)


def test_methods_are_ranked_by_errors_in_units_of_each_images_noise():
    table = ranked().set_index("method")
    assert list(table.loc[METHODS, "rank"]) == [4, 3, 1, 2]
    assert table.loc["laplace", "error"] == pytest.approx(0.11)
    # Errors of a tenth on every image: ten decibels, with no spread at all.
    assert table.loc["laplace", "gain_db"] == pytest.approx(10)
    assert table.loc["laplace", "gain_sd"] == pytest.approx(0, abs=1e-9)
    assert (table["images"] == 2).all()
    assert dict(table["kind"]) == {
        **{"noisy": "filter", "tv": "filter", "nlm": "filter", "laplace": "network"}
    }


def test_the_standard_error_is_the_jackknifes():
    row = ranked().set_index("method").loc["nlm"]
    left_out = 10 * np.log10(np.array([1.2 / 0.16, 1.0 / 0.09]))
    assert row["gain_sd"] == pytest.approx(np.ptp(left_out) / 2)


def test_errors_that_noise_hides_have_no_rank():
    table = ranked(errors=ERRORS | {"tv": [-0.2, 0.1]}).set_index("method")
    assert np.isnan(table.loc["tv", ["rank", "gain_db", "gain_sd"]].astype(float)).all()
    assert table.loc["noisy", "rank"] == 3
    said = without_truth.rank_sentences(ranked(errors={"noisy": [1.0], "tv": [-0.1]}))
    assert said[0] == "AA: too few photons or images to rank any method by."


def test_the_best_is_named_with_what_is_not_told_apart_from_it():
    table = ranked()
    said = without_truth.rank_sentences(table)
    assert said[0] == (
        "AA: Laplace is best without a truth, +10.00 dB against the noisy input; not told apart "
        "from it: NLM."
    )
    assert said[-1].startswith("How far to believe it: ")
    shown = without_truth.rank_table(table)
    assert list(shown.frame["Method"]) == ["Laplace", "NLM", "Tv".upper(), "Noisy input"]

"""Whether content that a network was not trained on is noticed: AUC, table and sentences."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from study_residuals import measured
from study_tables import EXPERIMENTS

from denoisekit.statistics import mismatch

TRAIN_SETS = {name: {"dataset": name} for name in ("actin", "mito", "dendra")}


def many(images=8, **changed):
    """Return residuals of so many images, by laplace networks of actin and of mitochondria.

    Quantities grow with the image's number; of the other network's, `changed` is added.
    """
    frame = measured().query("method == 'laplace' and image == 'image-0'")
    rows = []
    for number in range(images):
        one = frame.assign(image=f"image-{number}", scale=1 + 0.1 * number, invented=0.0)
        for name, value in changed.items():
            one.loc[one["train_set"] == "mito", name] += value
        rows.append(one)
    return pd.concat(rows).assign(disagreement=np.nan)


def compared(frame, **options):
    settings = {"train_sets": TRAIN_SETS, "methods": ["laplace"], "alpha": 0.05} | options
    return mismatch.compare(frame, EXPERIMENTS, **settings).set_index("quantity")


@pytest.mark.parametrize("seed", range(3))
def test_the_area_is_the_statistic_of_mann_and_whitney(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 9, 7).astype(float), rng.integers(2, 12, 11).astype(float)
    value, low, high = mismatch.auc(first, second, alpha=0.05)
    expected = stats.mannwhitneyu(second, first).statistic / (7 * 11)
    assert value == pytest.approx(expected)
    assert 0 <= low < value < high <= 1


def test_an_interval_is_no_point_where_all_pairs_agree_and_mirrors():
    first, second = np.arange(9.0), np.arange(9.0) + 20
    value, low, high = mismatch.auc(first, second, alpha=0.05)
    assert (value, high) == (1, 1)
    assert 0.6 < low < 0.9
    assert mismatch.auc(second, first, alpha=0.05) == pytest.approx((0, 0, 1 - low))


def test_intervals_hold_the_area_of_shifted_normal_variables():
    rng = np.random.default_rng(0)
    true, held = stats.norm.cdf(1 / np.sqrt(2)), 0
    for _ in range(300):
        _, low, high = mismatch.auc(rng.normal(0, 1, 9), rng.normal(1, 1, 9), alpha=0.05)
        held += low <= true <= high
    # Of 300 at 95 %, fewer than 274 or more than 295 have a probability of 0.3 %.
    assert 274 <= held <= 297


def test_quantities_of_the_same_images_are_compared():
    found = compared(many(scale=10.0, expected_log_likelihood=0.5))
    assert list(found.index) == ["flagged", "unlikely", "scale"]
    assert found["auc"].to_dict() == {"flagged": 0.5, "unlikely": 1, "scale": 1}
    assert set(found["matched"]) == {"actin"}
    assert set(found["other"]) == {"mito"}
    assert set(found["images"]) == set(found["other_images"]) == {8}


def test_of_fewer_than_six_images_nothing_is_said():
    assert compared(many(images=5, scale=10.0)).empty
    untold = many(images=8)
    untold.loc[untold["image"].isin(["image-0", "image-1", "image-2"]), "scale"] = np.nan
    assert "scale" not in compared(untold).index
    # Networks of the study alone, and only where others restored the same images.
    assert compared(many(), methods=[]).empty
    assert compared(many().query("train_set == 'actin'")).empty


def test_sentences_say_whether_it_is_noticed():
    (said,) = mismatch.mismatch_sentences(compared(many(scale=-10.0)).reset_index())
    assert said.startswith("actin, Laplace: trained on mito instead of actin, AUC by share flagged")
    assert "share flagged 0.50 (0.25 to 0.75, not told from chance)" in said
    assert "predicted scale 0.00 (0.00 to " in said
    assert "misleads), of 8 and 8 images." in said
    (said,) = mismatch.mismatch_sentences(compared(many(scale=10.0)).reset_index())
    assert "1.00, notices), of 8 and 8 images." in said


def test_the_table_has_a_row_per_quantity():
    rows = mismatch.mismatch_table(compared(many(scale=10.0)).reset_index()).rows()
    assert [cell.text for cell in rows[2][:8]] == [
        *("actin", "Laplace", "actin", "mito", "predicted scale", "8", "8", "1.00"),
    ]


def test_tiles_of_one_field_have_no_interval():
    settings = {"train_sets": TRAIN_SETS, "methods": ["laplace"], "alpha": 0.05}
    tiles = EXPERIMENTS.assign(test_fields=1)
    found = mismatch.compare(many(scale=9.0), tiles, **settings)
    alike = compared(many(scale=9.0)).reset_index()
    pd.testing.assert_series_equal(found["auc"], alike["auc"])
    assert found[["low", "high"]].isna().all(axis=None)
    assert "no interval: images share fields" in mismatch.mismatch_sentences(found)[0]
    assert "share fields" not in mismatch.mismatch_sentences(alike)[0]

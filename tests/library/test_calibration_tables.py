import numpy as np
import pytest
from study_calibration import ENSEMBLE, VALUES, averaged, measured

from denoisekit.statistics import calibration


def test_means_are_over_images_seeds_first():
    found = averaged()
    assert list(found) == list(calibration.AVERAGED)
    row = found[found["quantity"] == "temperature"].squeeze()
    assert (row["images"], row["seeds"]) == (2, "0, 1")
    assert row["mean"] == pytest.approx(1.7 + 0.05 + 0.01)
    assert row["sd"] == pytest.approx(0.02 / np.sqrt(2))


def test_the_table_has_a_row_for_each_run_and_leaves_empty_what_one_network_has_not():
    ensemble = measured("mean", ("ensemble",), **ENSEMBLE)
    table = calibration.calibration_table(averaged(measured(seeds=("0",)), ensemble))
    rows = [[cell.text for cell in row] for row in table.rows()]
    assert [row[:3] for row in rows] == [["AA", "Laplace", "1.710"], ["AA", "Mean", "1.710"]]
    assert rows[0][3:5] == ["41.0%", "51.0%"]
    assert rows[0][-4:] == ["0.610", "–", "–", "0.360"]
    assert rows[1][-4:] == ["0.610", "0.710", "0.660", "0.360"]


def test_fewer_than_nine_kept_fields_have_no_guarantee():
    (said,) = calibration.calibration_sentences(averaged(measured(seeds=("0",))))
    assert said == (
        "AA, Laplace: the 90 % interval holds 81.0% of the pixels. On images kept from training "
        "the scale is too small: the likeliest factor is 1.71, with which it holds 91.0%. No "
        "guarantee: 3 fields were kept from training, and a bound of 10 % missed pixels takes 9. "
        "Of the error, removing the most uncertain pixels leaves 0.61 by scale (1: uncertainty "
        "tells nothing, more: it misleads; 0.36 at best)."
    )


def test_a_guarantee_says_what_it_is_of():
    frame = measured("mean", ("ensemble",), kept=12.0, factor=2.5, missed=0.03, **ENSEMBLE)
    (said,) = calibration.calibration_sentences(averaged(frame))
    assert "No guarantee" not in said
    assert "With 2.51 times the scale to either side, at most 10 % of the pixels are missed" in said
    assert "drawn as the 12 fields kept from training were" in said
    assert "Of the pixels of these test images 4.0% are missed." in said
    assert "0.61 by scale, 0.71 by disagreement, 0.66 by spread of the means" in said


@pytest.mark.parametrize(
    ("temperature", "words"),
    [(0.5, "too large"), (0.96, "about right"), (1.03, "about right"), (1.2, "too small")],
)
def test_a_scale_is_called_right_or_wrong(temperature, words):
    frame = measured(seeds=("0",), temperature=temperature)
    (said,) = calibration.calibration_sentences(averaged(frame))
    assert f"the scale is {words}: " in said


def test_a_factor_that_takes_coverage_farther_away_is_told():
    frame = measured(seeds=("0",), coverage_90=0.93, calibrated_coverage_90=0.68)
    (said,) = calibration.calibration_sentences(averaged(frame))
    assert "holds 69.0%, farther from 90 % than without: those images are not like these." in said


def test_means_over_seeds_are_called_so_and_an_ensemble_is_none():
    ensemble = measured("mean", ("ensemble",), **ENSEMBLE)
    several, whole = calibration.calibration_sentences(averaged(measured(), ensemble))
    assert "AA, Laplace (means over networks of the seeds 0, 1, each by itself): " in several
    assert whole.startswith("AA, Mean: ")


def test_what_was_not_calibrated_is_told():
    nothing = {name: np.nan for name in VALUES if name.startswith("calibrated_")}
    frame = measured(seeds=("0",), temperature=np.nan, kept=0.0, **nothing)
    (said,) = calibration.calibration_sentences(averaged(frame))
    assert "No image kept from training could be used, so nothing is calibrated." in said
    assert "No guarantee: 0 fields were kept" in said


def test_curves_are_means_over_images():
    ensemble = measured("mean", ("ensemble",), **ENSEMBLE)
    found = calibration.curves(averaged(measured(seeds=("0",)), ensemble))
    keys = ["method", "curve", "place"]
    values = found.set_index(keys)["value"].sort_index()
    assert values["laplace", "coverage", 0.1] == pytest.approx(0.02 + 0.01)
    assert values["laplace", "calibrated_coverage", 0.9] == pytest.approx(0.9 + 0.01)
    assert values["mean", "spread", 0.025] == pytest.approx(0.9 + 0.01)
    assert set(found["curve"]) == {
        *("coverage", "calibrated_coverage", "scale", "oracle", "spread"),
    }
    assert set(values["laplace", "coverage"].index) == {0.1, 0.5, 0.8, 0.9, 0.95}


def test_curves_that_could_not_be_measured_are_left_out():
    nothing = {name: np.nan for name in VALUES if name.startswith("calibrated_")}
    found = calibration.curves(averaged(measured(**nothing)))
    assert "calibrated_coverage" not in set(found["curve"])

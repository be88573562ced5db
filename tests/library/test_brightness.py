"""Gain and offset against the truth, in sentences and a table."""

import numpy as np
import pytest
from scipy import stats
from study_residuals import measured
from study_tables import EXPERIMENTS, METHODS

from denoisekit.statistics import brightness

CHOSEN = EXPERIMENTS[EXPERIMENTS["experiment"] != "DDS"]


def averaged(frame=None, alpha=0.05):
    frame = gains() if frame is None else frame
    return brightness.average(frame, CHOSEN, methods=METHODS, alpha=alpha)


def gains():
    """Return gains of 1 for all but FFT in AA: 1.10 and 1.12 of one image, 1.16 of both else."""
    frame = measured().assign(truth_gain=1.0, truth_offset=0.0)
    fft = (frame["train_set"] == "actin") & (frame["method"] == "fft")
    frame.loc[fft, "truth_gain"] = [1.10, 1.16, 1.12, 1.16]
    frame.loc[fft, "truth_offset"] = -3.0
    return frame


def test_a_mean_and_its_interval_are_over_images_seeds_averaged_first():
    row = averaged().set_index(["experiment", "method"]).loc[("AA", "fft")]
    assert row["gain"] == pytest.approx(1.135)
    half = stats.t.interval(0.95, 1, loc=1.135, scale=0.025)
    assert (row["gain_low"], row["gain_high"]) == pytest.approx(half)
    assert (row["images"], row["offset"]) == (2, -3)


def test_what_is_not_kept_is_told_and_what_is_arbitrary_never_counts_as_that():
    wide = averaged(alpha=0.2)
    first, second = brightness.brightness_sentences(wide, arbitrary=["bandpass"])
    assert first.startswith("Brightness is arbitrary in images of Bandpass: the loss does not see")
    assert second == (
        "Contrast is not kept, by more than 2% with the whole interval (gain to the truth): FFT in "
        "AA 1.135 (1.058 to 1.212). Noise that is left, and a sample that moved between the "
        "exposures, make a gain smaller, too."
    )
    # With 95 % the interval of two images holds 1.
    (kept,) = brightness.brightness_sentences(averaged(), arbitrary=[])
    assert kept.startswith("No other method's gain to the truth lies farther than 2% from 1")
    (only,) = brightness.brightness_sentences(wide, arbitrary=["fft"])[1:]
    assert only == kept


def test_one_image_has_no_interval():
    one = averaged(gains().query("image == 'image-1'"))
    assert one["gain_low"].isna().all()
    (said,) = brightness.brightness_sentences(one, arbitrary=[])
    assert "FFT in AA 1.160 (one image)." in said


def test_tiles_of_one_field_have_no_interval():
    tiles = brightness.average(gains(), CHOSEN.assign(test_fields=1), methods=METHODS, alpha=0.2)
    assert tiles["gain_low"].isna().all()
    (said,) = brightness.brightness_sentences(tiles, arbitrary=[])
    assert "FFT in AA 1.135 (mean of 2, which share fields)." in said


def test_without_a_truth_there_is_none():
    nothing = averaged(gains().assign(truth_gain=np.nan, truth_offset=np.nan))
    assert nothing.empty
    assert brightness.brightness_sentences(nothing, arbitrary=[]) == []


def test_the_table_tells_what_is_arbitrary():
    rows = brightness.brightness_table(averaged(), arbitrary=["fft"], alpha=0.05).rows()
    assert [cell.text for cell in rows[2][:4]] == ["AA", "FFT", "2", "1.135"]
    assert [row[-1].text for row in rows[:4]] == ["tied", "tied", "arbitrary", "tied"]

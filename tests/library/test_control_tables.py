"""What methods make of pure noise and of flat fields, in sentences, a table and a figure."""

import numpy as np
import pytest
from study_controls import measured
from study_tables import EXPERIMENTS, METHODS

from denoisekit.figures.controls import draw_controls
from denoisekit.statistics import controls


def averaged(**options):
    return controls.average(measured(**options), EXPERIMENTS, methods=METHODS)


def test_seeds_are_averaged_and_experiments_without_controls_left_out():
    rows = averaged().set_index(["experiment", "method"])
    assert list(rows.index) == [
        *(("AA", name) for name in ("noisy", "fft", "bandpass", "tv")),
        *(("MA", name) for name in ("noisy", "fft", "tv")),
    ]
    assert rows.loc[("AA", "fft"), "structures"] == 2.5
    assert rows.loc[("AA", "fft"), "flat_shift"] == pytest.approx(-0.25)
    assert rows.loc[("MA", "fft"), "structures"] == 0


def test_sentences_say_what_was_invented_left_and_moved():
    first, second = controls.control_sentences(averaged())
    assert first == (
        "AA: of pure noise (2 images), FFT invents 2.5 structures an image; none above the noise's "
        "own maxima by Bandpass and TV. Most contrast is left by FFT, 0.85 of the averaged "
        "noise's. In a flat field a wave stands out in Bandpass (1.4 px, 2.5 times what noise "
        "reaches). "
        "Most of the noise is left by TV: 0.30 of its standard deviation. The mean of pure noise "
        "is not kept, in standard deviations of the noise: Bandpass by +0.60. The mean of flats is "
        "not kept, in standard deviations of the noise: FFT by −0.25."
    )
    assert second.startswith("MA: of pure noise (2 images), none above the noise's own maxima by")
    assert "In a flat field no method leaves a regular pattern." in second
    assert "(1 image)" in controls.control_sentences(averaged(images=1))[0]


def test_the_table_has_a_row_per_experiment_and_method():
    rows = controls.controls_table(averaged()).rows()
    assert [cell.text for cell in rows[1][:4]] == ["AA", "FFT", "2", "2.50"]


def test_the_figure_shows_a_corner_of_each_about_its_own_mean():
    rng = np.random.default_rng(0)
    made = {kind: rng.normal(100, 5, (160, 200)) for kind in ("noise", "flat")}
    restored = {
        "noisy": made,
        "fft": {kind: 0.1 * image + 50 for kind, image in made.items()},
    }
    figure = draw_controls(made, restored)
    axes = np.reshape(figure.axes, (2, 2))
    assert [axis.get_title() for axis in axes[0]] == ["Noisy input", "FFT"]
    assert [axis.get_ylabel() for axis in axes[:, 0]] == ["Pure noise", "Flat field"]
    shown = axes[1, 1].images[0]
    np.testing.assert_array_equal(shown.get_array(), restored["fft"]["flat"][:128, :128])
    spread, middle = made["flat"].std(), restored["fft"]["flat"].mean()
    assert shown.get_clim() == pytest.approx((middle - spread, middle + spread))

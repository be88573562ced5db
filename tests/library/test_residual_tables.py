"""What residuals tell of methods, in sentences, a table and a figure."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from study_residuals import measured, untested
from study_tables import EXPERIMENTS, METHODS

from denoisekit.evaluation.residuals import CameraNoise, examine
from denoisekit.figures.residuals import draw_residuals, panel
from denoisekit.noise.estimate import NoiseFit
from denoisekit.statistics import residuals

CHOSEN = EXPERIMENTS[EXPERIMENTS["experiment"] != "DDS"]


def averaged(frame):
    return residuals.average(frame, CHOSEN, methods=METHODS)


def said(frame):
    return residuals.residual_sentences(frame, averaged(frame))


def test_means_are_over_images_seeds_first_and_tell_the_worst():
    rows = averaged(measured()).set_index(["experiment", "method"])
    fft = rows.loc[("AA", "fft")]
    assert (fft["images"], fft["tested"], fft["flagged"]) == (2, 2, 2)
    assert fft["invented"] == pytest.approx(0.02, abs=1e-6)
    assert (fft["worst_image"], fft["worst"]) == ("image-1", pytest.approx(0.0266666))
    assert rows.loc[("MA", "tv"), "sd_ratio"] == rows.loc[("AA", "tv"), "sd_ratio"] == 0.8
    assert list(rows.loc["AA"].index) == ["noisy", "laplace", "fft", "tv"]


def test_experiments_without_a_truth_are_told_as_well():
    blind = CHOSEN.assign(truth="no")
    found = residuals.average(measured(), blind, methods=METHODS)
    assert found.equals(averaged(measured()))


def test_sentences_say_what_was_flagged_and_how_far_that_can_be_told():
    first, second = said(measured())
    assert first == (
        "AA: FFT 2.0 % of the pixels flagged as invented and 0 % as erased, in 2 images (most in "
        "image-1: 2.7 %); nothing flagged in Laplace and TV, of 2 images. Residuals narrower than "
        "the noise, so that noise was kept or learned and faults may hide: TV 0.80. Wider than "
        "the noise: FFT 1.20."
    )
    assert "MA: FFT 0 % of the pixels flagged as invented and 0.01 % as erased" in second
    assert "all over: FFT 1.50 times; that is correlated noise or structure" in second


def test_where_nothing_is_flagged_that_is_said():
    frame = measured().query("method in ['noisy', 'laplace']")
    assert said(frame)[0] == "AA: nothing flagged in Laplace, of 2 images."
    one = measured(invented=1e-6).query("method == 'laplace' and image == 'image-0'")
    assert said(one)[0] == (
        "AA: Laplace <0.01 % of the pixels flagged as invented and 0 % as erased, in 1 image (most "
        "in image-0: <0.01 %), of 1 images."
    )


def test_what_was_not_tested_is_told_with_the_reason():
    frame = untested(measured(), "tv", "It lies shifted.")
    *_, last = said(frame)
    assert last == "Not tested of actin: 2 images restored by TV. It lies shifted."
    assert "TV" not in said(frame)[0]
    for method in METHODS:
        frame = untested(frame, method, "The image is too small.")
    (only,) = said(frame)
    assert only.startswith("Not tested of actin: 2 images restored by Noisy input, TV, Laplace and")
    assert averaged(frame)["worst_image"].eq("").all()


def test_the_image_that_is_drawn_is_the_one_of_which_most_was_flagged():
    options = {"test_set": "actin", "runs": ["actin.fft.0", "actin.laplace.0"]}
    assert residuals.most_flagged(measured(), **options) == "image-1"
    nothing = untested(measured(), "fft", "").query("method == 'fft'")
    assert residuals.most_flagged(nothing, **options) == "image-0"


def test_the_table_has_a_row_per_experiment_and_method():
    rows = residuals.residual_table(averaged(measured())).rows()
    assert [cell.text for cell in rows[2][:6]] == ["AA", "FFT", "2", "2.0 %", "0 %", "2.7 %"]
    assert rows[0][7].text == "–"


def test_the_figure_frames_what_was_invented_and_says_what_was_not_tested():
    rng = np.random.default_rng(0)
    signal = np.full((64, 64), 100.0)
    signal[20:30, 20:30] += 60
    noisy = signal + rng.normal(0, 5, signal.shape)
    painted = signal.copy()
    painted[45:55, 10:50] += 15
    noise = CameraNoise(NoiseFit(0.0, 25.0), 0.0, (0.0, 0.0), (0.0, 0.0), 0.0, 0.0)
    found = examine(noisy, painted, noise, sigma_px=2.0, rate=0.05)
    assert np.mean(found.flagged[47:53, 15:45] == -1) > 0.9
    panels = [panel("fft", painted, found), panel("tv", noisy, "It lies shifted.")]
    figure = draw_residuals(panels, image="image-1", pixel_size_um=0.1)
    above, beside, below = figure.axes[:3]
    assert above.get_title().startswith("FFT\ninvented 1")
    assert beside.get_title() == "TV\nnot tested: It lies\nshifted."
    np.testing.assert_array_equal(below.images[0].get_array(), found.score)
    lines = above.collections[0]
    drawn = lines.get_paths()[0].vertices
    assert np.median(drawn[:, 1]) > 40
    untold = [panel("tv", noisy, "It lies shifted.")]
    assert len(draw_residuals(untold, image="image-1", pixel_size_um=None).axes) == 2


@pytest.mark.parametrize("count", [2, 4, 8])
def test_nothing_that_is_written_is_cut_off(count):
    noise = CameraNoise(NoiseFit(0.0, 1.0), 0.0, (0.0, 0.0), (0.0, 0.0), 0.0, 0.0)
    shown = np.random.default_rng(0).normal(50, 10, (64, 64))
    tested = panel("noisy", shown, examine(shown, shown, noise, sigma_px=2.0, rate=0.05))
    told = panel("tv", shown, "The restored image is of another place than the noisy one, " * 3)
    figure = draw_residuals([tested, *[told] * (count - 1)], image="a", pixel_size_um=0.1)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    label = next(text for text in figure.findobj(Text) if "deviations" in text.get_text())
    places = label.get_window_extent(canvas.get_renderer()).get_points()
    assert (places >= figure.bbox.min).all()
    assert (places <= figure.bbox.max).all()

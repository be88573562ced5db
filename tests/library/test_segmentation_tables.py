"""What restoration is worth to a segmentation, in tables and sentences."""

import numpy as np
import pytest
from study_segmentation import PIPELINE, averaged, compared, measured
from study_tables import EXPERIMENTS

from denoisekit.figures._parts import COLOURS
from denoisekit.figures.segmentation import Panel, draw_segmentation
from denoisekit.statistics import segmentation
from denoisekit.statistics.typeset import EMPTY, to_markdown

MEANS, TESTS = averaged(), compared()


def row(table, **named):
    (found,) = table.loc[(table[list(named)] == list(named.values())).all(axis=1)].itertuples()
    return found


def test_means_are_over_images_and_seeds_are_averaged_within_them():
    rows = measured()
    own = rows[(rows["method"] == "fft") & (rows["quantity"] == "seg")]
    found = row(MEANS, experiment="AA", method="fft", quantity="seg")
    assert (found.images, found.kind) == (6, "network")
    assert found.mean == pytest.approx(own["value"].mean())
    assert found.truth_value == pytest.approx(0.72 + 0.025)
    # Filters are of every experiment on the test set, networks of their own.
    assert set(MEANS["experiment"]) == {"AA", "MA"}
    assert set(MEANS.loc[MEANS["experiment"] == "MA", "method"]) == {"noisy", "tv"}


def test_methods_are_tested_against_the_best_filter_and_never_against_noise():
    assert set(TESTS["reference"]) == {"best-filter"}
    assert set(TESTS["best_filter"]) == {"tv"}
    assert set(TESTS["method"]) == {"laplace", "fft", "bandpass"}
    assert set(TESTS["metric"]) == {"seg", "f1_50"}
    better, worse = (row(TESTS, method=name, metric="seg") for name in ("fft", "bandpass"))
    assert better.mean_difference == pytest.approx(0.06, abs=0.01)
    assert better.difference_low > 0.0 or better.p >= better.alpha
    assert worse.mean_difference < 0
    assert worse.p < 0.05
    # One family, whatever the measure.
    assert set(TESTS["family_size"]) == {len(TESTS)}


def test_a_noisy_input_that_the_pipeline_smooths_best_is_the_filter_to_beat():
    tests = compared(noisy=0.75)
    assert set(tests["best_filter"]) == {"noisy input"}
    assert set(tests["method"]) == {"laplace", "fft", "bandpass"}
    fft = row(tests, method="fft", metric="seg")
    assert fft.filters == 2
    assert fft.mean_difference == pytest.approx(0.68 - 0.75, abs=0.01)
    said = segmentation.segmentation_sentences(averaged(noisy=0.75), tests)[0]
    assert "of the best filter (the pipeline's own smoothing alone) 0.77" in said
    assert "no more than that of a filter, so that there is nothing to gain" in said
    assert "FFT is worse than the best filter by 0.0" in said


def test_the_table_begins_with_the_long_exposure_which_is_never_the_best_method():
    table = segmentation.segmentation_table(MEANS)
    text = to_markdown(table)
    assert "| nuclei | AA | Long exposure | 0.745 | 0.745 | 0.745 | 0.74 |" in text
    (best,) = [line for line in text.splitlines() if "| AA |" in line and "**" in line]
    assert best.startswith("| nuclei | AA | FFT | **0.70")
    assert text.count("Long exposure") == 2


def test_without_a_long_exposure_there_is_no_row_of_it():
    means = averaged(truth=float("nan"))
    assert "Long exposure |" not in to_markdown(segmentation.segmentation_table(means))
    said = segmentation.segmentation_sentences(means, TESTS)[0]
    assert said.startswith("AA, by the segmentation nuclei: of the noisy input 0.5")


def test_an_experiment_without_a_truth_is_told_by_its_labels():
    facts = EXPERIMENTS.assign(truth="no")
    named = {"methods": ["noisy", "tv", "laplace"], "outside": []}
    table = segmentation.average(measured(), facts, **named)
    assert len(table[table["experiment"] == "AA"]) == 20


def test_sentences_say_what_a_method_is_worth_beyond_the_best_filter_and_of_what():
    said, other = segmentation.segmentation_sentences(MEANS, TESTS)
    assert "SEG of the long exposure is 0.745; of the noisy input 0.52" in said
    assert "and of the best filter (TV) 0.64" in said
    assert "Bandpass is worse than the best filter by 0.059" in said
    assert "said of this one network" in said
    assert "significant after Holm's correction for 6 tests" in said
    assert "is worse" not in other
    assert "is better" not in other


def test_where_a_filter_is_as_good_as_the_long_exposure_there_is_nothing_to_gain():
    said = segmentation.segmentation_sentences(averaged(truth=0.6), TESTS)[0]
    assert "no more than that of a filter, so that there is nothing to gain" in said


def test_few_images_have_no_p_value_and_the_sentence_says_why():
    said = segmentation.segmentation_sentences(averaged(images=3), compared(images=3))[0]
    assert "no p-value: 3 images cannot show a difference." in said
    table = segmentation.tests_table(compared(images=3))
    assert {cells[9].text for cells in table.rows()} == {EMPTY}
    assert not table.best


def test_the_table_of_tests_has_an_interval_and_p_below_alpha_in_bold():
    table = segmentation.tests_table(TESTS)
    place = next(i for i, cells in enumerate(table.rows()) if cells[2].text == "Bandpass")
    cells = table.rows()[place]
    assert cells[3].text == "SEG"
    assert cells[4].text == "the best filter (TV)"
    assert " to " in cells[8].text
    assert cells[9].best


def test_a_pipeline_is_told_with_its_settings_and_what_they_were_chosen_on():
    ends = ["smoothing_um 0.1 is the least of its 5 candidates; better ones may lie beyond"]
    cells = {"smoothing_um": 2, "depth": 0.05, "smallest_um": 5}
    low = {"dataset": "wing", "split": "train", "exposure": "low", "images": 1}
    pipelines = {
        "long": PIPELINE | {"at_ends": ends},
        "wing": PIPELINE | {"how": "membranes", "chosen": cells, "on": low, "images": ["a"]},
    }
    first, second = segmentation.pipeline_sentences(pipelines)
    assert first.startswith("long: after a Gaussian of 0.1 µm, above 0.8 of Otsu's threshold is a")
    assert "among 60 settings by SEG (0.712) on 2 long exposures of actin to train on." in first
    assert first.endswith("better ones may lie beyond.)")
    assert "a cell grows from each minimum that is 5% of the range deep" in second
    assert "on 1 short exposure of wing to train on." in second


def test_the_figure_outlines_labelled_objects_in_blue_and_found_ones_in_orange():
    labels, found = np.zeros((2, 32, 40), dtype=int)
    labels[4:12, 5:15] = 7
    found[20:26, 20:30] = 2
    image = np.random.default_rng(0).normal(size=labels.shape)
    panels = [Panel(f"Method {number}", image, found) for number in range(5)]
    figure = draw_segmentation(image, labels, panels, pixel_size_um=0.2)
    axes = figure.axes
    assert [axis.get_title() for axis in axes] == [
        *("Labelled", *(f"Method {number}" for number in range(5)), "", "")
    ]
    assert [len(axis.images) for axis in axes] == [2, 3, 3, 3, 3, 3, 0, 0]
    for drawn, colour, objects in zip(
        axes[1].images[1:], (COLOURS[5], COLOURS[1]), (labels, found), strict=True
    ):
        edges = ~drawn.get_array().mask
        finer = (objects > 0).repeat(4, 0).repeat(4, 1)
        assert edges.any()
        assert not (edges & ~finer).any()
        assert drawn.cmap.colors == [colour]

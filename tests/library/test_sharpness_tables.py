import re

import numpy as np
import pandas as pd
import pytest
from study_sharpness import METHODS, measured
from study_tables import EXPERIMENTS

from denoisekit.figures.sharpness import draw_sharpness
from denoisekit.statistics import sharpness


@pytest.fixture
def averaged():
    return sharpness.average(measured(), EXPERIMENTS, methods=METHODS)


def row(averaged, experiment, method, quantity):
    chosen = averaged[
        (averaged["experiment"] == experiment)
        & (averaged["method"] == method)
        & (averaged["quantity"] == quantity)
    ]
    return chosen.squeeze()


def test_seeds_are_averaged_within_images_first(averaged):
    cell = row(averaged, "AA", "laplace", "line_width_px")
    assert cell["images"] == 3
    assert cell["mean"] == pytest.approx(3.6)
    assert cell["sd"] == pytest.approx(0.036)
    assert cell["truth_value"] == 3
    assert cell["ratio"] == pytest.approx(1.2)
    assert row(averaged, "AA", "noisy", "line_width_px")["kind"] == "filter"


def test_images_that_could_not_be_measured_count_on_neither_side():
    frame = measured()
    lost = (frame["image"] == "image-0") & (frame["method"] == "laplace")
    frame.loc[frame["image"] == "image-0", "truth_value"] = 100.0
    frame.loc[lost, "value"] = np.nan
    cell = row(
        sharpness.average(frame, EXPERIMENTS, methods=METHODS), "AA", "laplace", "edge_width_px"
    )
    assert cell["images"] == 2
    assert cell["truth_value"] == 2


def test_lengths_are_in_px_where_any_pixel_size_is_unknown():
    frame = measured()
    unknown = (frame["test_set"] == "actin") & frame["quantity"].str.endswith("_um")
    averaged = sharpness.average(frame[~unknown], EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="laplace")
    assert "AA: the truth's lines are 3.000 px wide" in said[2]
    shown = sharpness.sharpness_table(averaged).frame["Line width (px)"]
    assert list(shown[:2]) == pytest.approx([3, 3])


def test_exposures_are_called_different_only_where_noise_cannot_explain_it():
    frame = measured()
    noisy = (frame["method"] == "noisy") & (frame["quantity"] == "coherent_detail")
    for image, value in enumerate((0.4, 0.7, 1.0)):
        frame.loc[noisy & (frame["image"] == f"image-{image}"), "value"] = value
    averaged = sharpness.average(frame, EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="laplace")
    assert not [sentence for sentence in said if "may not show the same thing" in sentence]
    one = frame[frame["image"] == "image-0"]
    averaged = sharpness.average(one, EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="laplace")
    assert [sentence[:4] for sentence in said] == ["AA: ", "MA: ", "DDS:"]


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.051, "blurrier than the truth"),
        (1.049, "as sharp as the truth"),
        (0.951, "as sharp as the truth"),
        (0.949, "sharper than the truth"),
        (float("nan"), "not to be measured against the truth"),
    ],
)
def test_verdicts(ratio, words):
    assert sharpness.verdict(ratio) == words


def test_sentences_compare_with_the_truth_and_say_where_they_cannot(averaged):
    said = sharpness.sharpness_sentences(averaged, methods=["laplace", "fft"], reference="laplace")
    assert said[0] == (
        "Sharper than Laplace by more than 5%: FFT (33.3% narrower). Sharper than the truth, which "
        "is no better: FFT. Width of lines against the truth's, mean over AA and MA: Laplace "
        "+20%, FFT −20%."
    )
    assert said[1] == ("Laplace: blurrier than the truth in AA and MA (within 5% counts as equal).")
    assert "FFT: sharper than the truth in AA and MA" in said[2]
    assert said[3] == (
        "AA: the truth's lines are 0.300 µm wide, the noisy input's 0.300; Laplace 0.360 (+20%, "
        "blurrier than the truth), with 70% of its fine detail; FFT 0.240 (−20%, sharper than the "
        "truth), with 130% of its fine detail."
    )
    assert said[5].startswith("DDS: even the noisy input holds only 0% of the truth's fine detail")
    assert len(said) == 6


def test_nothing_is_said_of_sharpness_where_the_exposures_differ(averaged):
    moved = averaged[averaged["experiment"] == "DDS"]
    (only,) = sharpness.sharpness_sentences(moved, methods=["fft"], reference="laplace")
    assert only.startswith("DDS: even the noisy input")


def test_methods_are_compared_where_all_could_be_measured():
    frame = measured()
    mito = (frame["run"].str.startswith("mito")) & frame["quantity"].str.contains("width")
    frame.loc[mito & (frame["method"] == "fft"), "value"] = np.nan
    frame.loc[mito & (frame["method"] == "laplace"), "value"] *= 2
    averaged = sharpness.average(frame, EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="laplace")
    assert "FFT (33.3% narrower)" in said[0]
    assert "mean over AA: FFT −20%" in said[0]
    frame.loc[(frame["method"] == "fft") & frame["quantity"].str.contains("width"), "value"] = (
        np.nan
    )
    averaged = sharpness.average(frame, EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="laplace")
    assert said[0].startswith("In no experiment could the widths of every method")


def test_where_the_truth_has_no_lines_its_edges_are_compared():
    frame = measured()
    frame.loc[frame["quantity"].str.startswith("line"), ["value", "truth_value"]] = np.nan
    averaged = sharpness.average(frame, EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="laplace")
    assert "Width of edges against the truth's" in said[0]
    assert "AA: the truth's edges are 0.200 µm wide" in said[2]


def test_without_a_pixel_size_lengths_are_in_px():
    averaged = sharpness.average(measured(micrometres=False), EXPERIMENTS, methods=METHODS)
    said = sharpness.sharpness_sentences(averaged, methods=["fft"], reference="fft")
    assert said[0].startswith("Sharper than FFT by more than 5%: none. ")
    assert "AA: the truth's lines are 3.000 px wide" in said[2]
    assert "Line width (px)" in sharpness.sharpness_table(averaged).frame


def test_the_table_begins_every_experiment_with_the_truth(averaged):
    frame = sharpness.sharpness_table(averaged).frame
    assert list(frame["Method"][:5]) == ["Truth", "Noisy input", "Laplace", "FFT", "Truth"]
    assert set(frame["Images"]) == {3}
    assert list(frame["Line width (µm)"][:4]) == pytest.approx([0.3, 0.3, 0.36, 0.24])
    assert list(frame["Detail that is true"][:4]) == pytest.approx([1, 0.99, 0.7, 1.3])
    resolution = list(frame["Resolution (FRC 1/2) (µm)"][:2])
    assert np.isnan(resolution[0])
    assert resolution[1] == pytest.approx(0.2)


@pytest.mark.parametrize("pixel_size_um", [0.1, None])
def test_the_figure_shows_curves_and_widths_in_their_units(pixel_size_um):
    known = pixel_size_um is not None
    averaged = sharpness.average(measured(micrometres=known), EXPERIMENTS, methods=METHODS)
    curves = pd.DataFrame(
        [
            {"method": method, "curve": curve, "pixel_size_um": pixel_size_um or float("nan")}
            | {"place": place, "value": 0.5 + place, "truth_value": 0.25}
            for method in METHODS
            for curve in ("total", "coherent", "correlation", "line", "edge")
            for place in (0.0, 0.25, 0.5)
        ]
    )
    one = averaged[averaged["experiment"] == "AA"]
    figure = draw_sharpness(one, curves, methods=METHODS)
    spectra, correlation, line, widths = figure.axes
    pixel, unit = (0.1, "µm") if known else (1.0, "px")
    assert list(correlation.lines[0].get_xdata()) == pytest.approx([0, 0.25 / pixel, 0.5 / pixel])
    assert list(line.lines[0].get_xdata()) == pytest.approx([0, 0.25 * pixel, 0.5 * pixel])
    assert list(line.lines[len(METHODS)].get_ydata()) == [0.25] * 3
    assert len(spectra.lines) == 2 * len(METHODS) + 1
    assert spectra.get_xlabel() == f"spatial frequency (1/{unit})"
    assert widths.get_ylabel() == f"width ({unit})"
    shown = [mark.get_ydata()[0] for mark in widths.lines if len(mark.get_ydata()) == 1]
    assert 3.6 * pixel == pytest.approx(shown[1])


@pytest.mark.parametrize(
    ("correlation", "simulated", "words"),
    [
        (0.14, "no", "AA: .* the noisy input agrees with the truth: correlation .0.14. Either"),
        (-0.2, "no", "AA: .* disagrees .* does not seem to be among the frames"),
        (0.09, "no", None),
        (0.14, "yes", None),
    ],
)
def test_noise_that_agrees_with_the_truth_is_told(correlation, simulated, words):
    frame = measured()
    finest = frame["quantity"] == "finest_correlation"
    frame.loc[finest, "value"] = 0.0
    frame.loc[finest & (frame["test_set"] == EXPERIMENTS["test_set"][0]), "value"] = correlation
    experiments = EXPERIMENTS.assign(simulated=simulated)
    averaged = sharpness.average(frame, experiments, methods=METHODS)
    said = sharpness.agreement_sentences(averaged)
    assert bool(said) == bool(words)
    assert not words or re.match(words, said[0])


def test_a_truth_that_holds_the_input_is_told_with_what_that_flatters():
    dataset = EXPERIMENTS.set_index("experiment")["test_dataset"]["DDS"]
    said = sharpness.averaged_sentences(EXPERIMENTS, {dataset: {"low": 1, "high": 50}})
    assert len(said) == 1
    assert said[0].startswith("DDS: the truth is the mean of 50 frames, the input among them")
    # The noisy input's error shrinks by just the share of the others: 49/50.
    assert "its PSNR by 0.18 dB" in said[0]
    assert said[0].endswith("the mean of the other 49.")
    assert not sharpness.averaged_sentences(EXPERIMENTS, {})


def with_sectors(frame):
    """Say of one test set how fine its volumes are along z and across."""
    own = frame[(frame["quantity"] == "line_width_um") & (frame["test_set"] == "actin")]
    added = [
        own.assign(
            quantity=f"resolution_{name}_{at}_um", truth_value=np.nan, value=own["value"] * k
        )
        for name, k in (("axial", 4.0), ("lateral", 2.0))
        for at in ("1_2", "1_7")
    ]
    return pd.concat([frame, *added], ignore_index=True)


def test_of_volumes_the_resolution_along_z_stands_beside_that_across():
    averaged = sharpness.average(with_sectors(measured()), EXPERIMENTS, methods=METHODS)
    said = sharpness.sector_sentences(averaged)
    assert said[0].startswith("AA: along z and across, volumes agree with the truth")
    assert "1.20 and 0.60 µm" in said[0]
    table = sharpness.sharpness_table(averaged)
    column = table.frame["Along z (FSC 1/2, µm)"]
    assert list(column[:2].isna()) == [True, False]
    assert column[1] == pytest.approx(1.2)
    assert "30 degrees of the z axis" in table.notes[1]
    assert "DDS" not in "".join(said)


def test_of_planes_nothing_is_said_of_z(averaged):
    assert sharpness.sector_sentences(averaged) == []
    table = sharpness.sharpness_table(averaged)
    assert not [name for name in table.frame if "FSC" in name]
    assert len(table.notes) == 1


def test_the_figure_of_volumes_has_a_panel_of_shells():
    averaged = sharpness.average(measured(), EXPERIMENTS, methods=METHODS)
    names = ("total", "coherent", "correlation", "line", "edge", "shells_axial", "shells_lateral")
    curves = pd.DataFrame(
        [
            {"method": method, "curve": curve, "pixel_size_um": 0.1, "place": place}
            | {"value": 0.5 + place, "truth_value": 1.0}
            for method in METHODS
            for curve in names
            for place in (0.5, 1.0)
        ]
    )
    one = averaged[averaged["experiment"] == "AA"]
    *_, shells = draw_sharpness(one, curves, methods=METHODS).axes
    assert shells.get_xlabel() == "spatial frequency (1/µm)"
    # Frequencies of shells are physical already.
    assert list(shells.lines[0].get_xdata()) == [0.5, 1.0]
    assert len(shells.lines) == 2 * len(METHODS) + 2

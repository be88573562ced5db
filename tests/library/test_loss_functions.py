from dataclasses import replace

import pandas as pd
import pytest
from study_tables import compared, published, study

from denoisekit.published.loss_functions import paper_tables
from denoisekit.statistics.typeset import to_latex, to_markdown


@pytest.fixture(scope="module")
def made():
    return paper_tables(published(), study())


def test_all_thirteen_tables_are_made(made):
    assert sorted(made) == [
        *(f"table-{number:02d}" for number in range(1, 12)),
        "table-dds",
        "table-p-values",
    ]
    for name, table in made.items():
        assert to_markdown(table).count("\n|") == len(table.frame) + 2
        assert to_latex(table, label=name).count(r"\\") == len(table.frame) + 1


def test_rows_per_image_are_ours_and_the_printed_mean_stands_below(made):
    frame = made["table-02"].frame.set_index("Image")
    ours = study().images("AA", "psnr")
    assert frame.index.tolist() == [*ours.index, "Mean", "Mean, printed"]
    assert frame.loc["Mean", "FFT"] == pytest.approx(ours["fft"].mean())
    assert frame.loc["image-0", "TV"] == ours.loc["image-0", "tv"]
    printed = frame.loc["Mean, printed"]
    assert printed[["Noisy input", "Laplace", "FFT", "Bandpass"]].tolist() == [
        *(30.444, 38.779, 37.982, 38.877)
    ]
    assert pd.isna(printed["TV"])
    assert "6 simulated images" in made["table-02"].notes[0]
    assert "'care'" in made["table-02"].notes[0]


def test_only_restored_scores_of_this_study_are_marked_best(made):
    table = made["table-02"]
    assert {row for row, _ in table.best} == set(range(7))
    assert "Noisy input" not in {column for _, column in table.best}
    assert {column for row, column in made["table-06"].best if row == 6} == {"TV"}


def test_the_misprinted_mean_is_told_and_no_other(made):
    told = {
        name: note
        for name, table in made.items()
        for note in table.notes
        if "its rows give" in note
    }
    assert told == {
        "table-08": "Table 8, AM, Input, PSNR: the mean is printed as 32.396, but its rows give "
        "32.2957 (32.2952 to 32.2962 over all rows that round to them)."
    }


def test_an_experiment_that_was_not_run_says_so(made):
    assert made["table-04"].frame["Image"].tolist() == ["Mean, printed"]
    assert "MM was not run in this study" in made["table-04"].notes[0]
    data = made["table-01"].frame.set_index("Experiment")["Data"]
    assert data.to_dict() == {
        **dict.fromkeys(("MM", "AM", "AAS", "AAE"), "not run in this study"),
        **{"AA": "simulated", "MA": "simulated", "DDS": "measured"},
    }


def test_means_without_rows_are_set_with_the_printed_ones_below(made):
    frame = made["table-dds"].frame
    assert frame["Source"].tolist() == ["This study", "Printed"] * 2
    assert frame.loc[1, "FFT"] == 28.534
    assert frame.loc[2, "FFT"] == pytest.approx(study().images("DDS", "ssim")["fft"].mean())
    assert "8 measured images of 1 field" in made["table-dds"].notes[0]


def test_gains_are_means_above_the_input(made):
    frame = made["table-11"].frame.set_index(["Metric", "Method", "Source"])
    images = study().images("MA", "psnr")
    here = frame.loc[("Δ PSNR (dB) ↑", "FFT", "This study")]
    assert here["MA"] == pytest.approx((images["fft"] - images["noisy"]).mean())
    assert pd.isna(here["MM"])
    printed = frame.loc[("Δ PSNR (dB) ↑", "FFT", "Printed")]
    assert printed[["MM", "AA", "MA", "AM"]].tolist() == [6.870, 7.539, 5.519, 6.418]
    assert made["table-11"].notes[1] == "For DDS the paper leaves the increase open."
    assert ("Δ SSIM ↑", "TV", "Printed") not in frame.index


def test_p_values_stand_beside_the_printed_and_the_recomputed_ones(made):
    frame = made["table-p-values"].frame.set_index(["Experiment", "Comparison", "Metric"])
    assert len(frame) == 28
    swapped = frame.loc[("AA", "FFT − Laplace", "SSIM")]
    assert swapped["p, printed"] == "0.201"
    assert swapped["p, from its rows"] == pytest.approx(0.760, abs=6e-4)
    assert swapped["Difference, from its rows"] == pytest.approx(-0.0100 / 9, abs=1e-6)
    assert swapped["Verdict"] == "wrong"
    ours = compared()
    row = ours[(ours["experiment"] == "AA") & (ours["metric"] == "ssim")]
    row = row[(row["method"] == "fft") & (row["convention"] == "care")].iloc[0]
    assert swapped["p, this study"] == row["p"]
    movie = frame.loc[("DDS", "FFT − Laplace", "PSNR")]
    assert pd.isna(movie["p, this study"])
    assert "not independent" in movie["Note"]
    assert frame.loc[("AAS", "Bandpass − Laplace", "PSNR")]["p, printed"] == "4.055e-232"
    assert frame.loc[("AAS", "Bandpass − Laplace", "PSNR")]["Note"] == "not run in this study"


def test_a_p_value_that_is_not_the_papers_test_says_so(made):
    tests = compared(seeds=("0", "1"))
    several = replace(study(), comparisons=tests[tests["convention"] == "care"])
    names = ["Experiment", "Comparison", "Metric"]
    notes = paper_tables(published(), several)["table-p-values"].frame.set_index(names)["Note"]
    assert notes["AA", "FFT − Laplace", "PSNR"] == "test over images and seeds"
    assert "not independent" in notes["DDS", "FFT − Laplace", "PSNR"]
    assert (
        made["table-p-values"].frame.set_index(names)["Note"]["AA", "FFT − Laplace", "PSNR"] == ""
    )


def test_what_was_run_but_not_tested_against_the_papers_reference_has_its_difference():
    tested = study().comparisons.assign(reference="tv")
    table = paper_tables(published(), replace(study(), comparisons=tested))["table-p-values"]
    row = table.frame.set_index(["Experiment", "Comparison", "Metric"]).loc[
        ("MA", "FFT − Laplace", "PSNR")
    ]
    images = study().images("MA", "psnr")
    assert row["Difference, this study"] == pytest.approx(
        images["fft"].mean() - images["laplace"].mean()
    )
    assert pd.isna(row["p, this study"])
    assert row["Note"] == "not tested against Laplace in this study"


def test_the_table_of_p_values_names_the_papers_own_experiments_and_reference(made):
    table = made["table-p-values"]
    assert table.title.endswith("p-values of paired t-tests against Laplace")
    assert "per image, which it gives for AA, MM, MA and AM. Verdict" in table.notes[0]
    assert table.notes[1].startswith("AAS: the paper's p-values treat 200 frames of one movie")
    swapped = replace(
        published(),
        experiments=published().experiments.drop(columns="remark"),
        p_values=published().p_values.assign(comparison="laplace-fft"),
    )
    other = paper_tables(swapped, study())["table-p-values"]
    assert other.title.endswith("against FFT")
    assert len(other.notes) == 1


def test_the_papers_losses_have_their_columns_even_if_they_were_not_run():
    few = replace(study(), methods=["noisy", "tv", "laplace"])
    frame = paper_tables(published(), few)["table-02"].frame.set_index("Image")
    assert frame.columns.tolist() == ["Noisy input", "Laplace", "FFT", "Bandpass", "TV"]
    assert frame.loc["Mean, printed", "FFT"] == 37.982


def test_a_paper_without_gains_and_p_values_has_no_tables_of_them():
    bare = replace(
        published(), deltas=published().deltas.iloc[:0], p_values=published().p_values.iloc[:0]
    )
    assert sorted(paper_tables(bare, study())) == [
        *(f"table-{number:02d}" for number in range(1, 11)),
        "table-dds",
    ]

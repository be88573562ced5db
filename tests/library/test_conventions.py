import numpy as np
import pandas as pd
import pytest
from study_tables import EXPERIMENTS, METHODS, by_experiment

from denoisekit.figures.scores import draw_conventions
from denoisekit.statistics import conventions, scores

# Mean PSNR of three methods in two experiments; in the second the other convention swaps two.
PSNR = {
    ("AA", "care"): {"noisy": 20.0, "laplace": 30.0, "fft": 31.0},
    ("AA", "calibrated"): {"noisy": 19.0, "laplace": 28.0, "fft": 29.5},
    ("MA", "care"): {"noisy": 20.0, "laplace": 25.0, "fft": 26.0},
    ("MA", "calibrated"): {"noisy": 19.5, "laplace": 24.5, "fft": 15.0},
}
LEFT_OUT = pd.DataFrame(
    [
        ["actin", "range255", "cell-1", "it is for values of 0 to 255"],
        ["dendra", "range255", "frame-000", "it is for something else"],
    ],
    columns=["test_set", "convention", "image", "reason"],
)


@pytest.fixture
def compared():
    rows = [
        {"experiment": experiment, "convention": convention, "method": method}
        | {"psnr": psnr, "nrmse": 10 ** (-psnr / 20)}
        for (experiment, convention), means in PSNR.items()
        for method, psnr in means.items()
    ]
    return conventions.compare_conventions(pd.DataFrame(rows), main="care")


def cell(compared, *, column, **chosen):
    rows = compared[np.logical_and.reduce([compared[key] == chosen[key] for key in chosen])]
    return rows[column].item()


def test_ranks_and_changes(compared):
    here = {"experiment": "MA", "metric": "psnr", "convention": "calibrated"}
    assert cell(compared, column="rank", method="laplace", **here) == 1
    assert cell(compared, column="rank", method="noisy", **here) == 2
    assert cell(compared, column="rank_change", method="fft", **here) == 2
    assert cell(compared, column="change", method="fft", **here) == -11
    # Of NRMSE less is better: the ranks are those of PSNR.
    wide = compared.pivot(
        index=["experiment", "convention", "method"], columns="metric", values="rank"
    )
    assert (wide["psnr"] == wide["nrmse"]).all()
    main = compared[compared["convention"] == "care"]
    assert (main["change"] == 0).all()
    assert (main["rank_change"] == 0).all()


def test_a_metric_that_a_convention_lacks_has_no_row():
    summary = scores.summarise(by_experiment(), EXPERIMENTS)
    summary["ms-ssim"] = np.where(summary["convention"] == "care", 0.9, np.nan)
    compared = conventions.compare_conventions(summary, main="care")
    rows = compared[compared["metric"] == "ms-ssim"]
    assert set(rows["convention"]) == {"care"}
    assert len(compared) == len(summary) * 3 + len(rows)
    assert list(dict.fromkeys(compared["method"])) == METHODS


def test_a_metric_that_the_main_convention_lacks_is_not_compared():
    rows = [
        {"experiment": "AA", "convention": name, "method": "fft", "psnr": 30.0, "ms-ssim": value}
        for name, value in (("fmd", np.nan), ("care", 0.9), ("hagen", 0.8))
    ]
    compared = conventions.compare_conventions(pd.DataFrame(rows), main="fmd")
    assert set(compared["metric"]) == {"psnr"}
    said = conventions.conventions_sentences(compared, LEFT_OUT[:0], main="fmd")
    assert not any("MS-SSIM" in sentence for sentence in said)


def test_sentences_name_the_largest_move_the_flips_and_what_is_left_out(compared):
    spread, ranking, left_out = conventions.conventions_sentences(compared, LEFT_OUT, main="care")
    assert "by up to 11.00 dB: FFT in MA has 15.00 dB in 'calibrated' and 26.00 dB" in spread
    assert "1.25 dB (median" in spread
    assert ranking == (
        "The ranking by PSNR depends on the convention in 1 of 2 experiments (MA). The best method "
        "changes: in MA FFT in 'care', but Laplace in 'calibrated'."
    )
    assert left_out == (
        "Convention 'range255' is left out for actin and dendra; for image cell-1 of actin, for "
        "one, it is for values of 0 to 255."
    )


def test_one_ranking_is_called_one(compared):
    same = compared[compared["experiment"] == "AA"]
    sentences = conventions.conventions_sentences(same, LEFT_OUT[:0], main="care")
    expected = "In every experiment the ranking by PSNR is the same in all conventions."
    assert sentences[1] == expected
    alone = compared[compared["convention"] == "care"]
    assert conventions.conventions_sentences(alone, LEFT_OUT[:0], main="care") == []


def test_the_table_marks_changed_ranks(compared):
    table = conventions.conventions_table(compared, metric="psnr", main="care")
    assert list(table.frame.columns) == ["Experiment", "Method", "care", "calibrated"]
    assert list(table.frame["calibrated"]) == [19, 28, 29.5, 19.5, 24.5, 15]
    assert table.best == {(3, "calibrated"), (4, "calibrated"), (5, "calibrated")}


def test_the_figure_rings_changed_ranks(compared):
    figure = draw_conventions(compared, metrics=["psnr"], main="care")
    axes = np.reshape(figure.axes, (2, 2))
    rings = [
        {tuple(point) for line in axis.lines[1::2] for point in line.get_xydata()}
        for axis in axes.flat
    ]
    assert rings == [set(), set(), set(), {(1, 1), (1, 2), (1, 3)}]
    assert list(axes[0, 1].lines[0].get_ydata()) == [26, 15]

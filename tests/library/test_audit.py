import itertools
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel
from study_tables import audited, printed

from denoisekit.errors import InputError
from denoisekit.published import audit
from denoisekit.published.printed import number
from denoisekit.statistics.typeset import to_latex, to_markdown

BOXES = st.tuples(
    st.lists(st.integers(-12, 12), min_size=2, max_size=5),
    st.sampled_from([0.5, 1.0, 2.5]),
)


@pytest.fixture(scope="module")
def paper():
    return audited()


def cell(checked, experiment, comparison, metric, statistic):
    keys = {"experiment": experiment, "comparison": comparison, "metric": metric}
    keys["statistic"] = statistic
    rows = checked[(checked[list(keys)] == pd.Series(keys)).all(axis=1)]
    assert len(rows) == 1
    return rows.iloc[0]


def table(text):
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)


def check(rows, means="", deltas="", p_values=""):
    """Audit a made-up paper of two methods, ``a`` and ``a-b``."""
    return audit.check(
        table("experiment,metric,image,input,a,a-b\n" + rows),
        means=table("table,experiment,metric,input,a,a-b\n" + means),
        deltas=table("table,metric,loss,E\n" + deltas),
        p_values=table("experiment,comparison,metric,p_value\n" + p_values),
    )


def t_of(differences):
    """The size of t in whole numbers' care, infinite where all differences are the same."""
    differences = np.asarray(differences, float)
    if np.ptp(differences) < 1e-9:
        return np.inf
    return abs(differences.mean()) / differences.std(ddof=1) * np.sqrt(len(differences))


def test_a_paper_without_numbers_is_said_to_print_none():
    assert audit.sentences(check("")) == ["No mean, gain or p-value is printed."]


def test_the_papers_cells_that_cannot_be_right(paper):
    wrong = paper[paper["verdict"] == "wrong"]
    found = wrong[["table", "experiment", "comparison", "metric", "statistic", "printed"]]
    assert found.to_numpy().tolist() == [
        ["8", "AM", "input", "psnr", "mean", "32.396"],
        ["", "AA", "fft-laplace", "ssim", "p", "0.201"],
        ["", "AA", "bandpass-laplace", "ssim", "p", "0.710"],
        ["", "MA", "bandpass-laplace", "psnr", "p", "0.311"],
    ]
    assert wrong["recomputed"].tolist() == pytest.approx([32.2957, 0.760, 0.228, 0.0256], rel=2e-3)


def test_every_printed_value_is_in_the_audit(paper):
    assert list(paper) == list(audit.COLUMNS)
    counts = paper.groupby(["statistic", "verdict"]).size().to_dict()
    assert counts == {
        **{("delta", "ok"): 24, ("mean", "ok"): 29, ("p", "ok"): 6},
        **{("mean", "rounding"): 2, ("p", "rounding"): 7},
        **{("mean", "wrong"): 1, ("p", "wrong"): 3},
        **{("mean", "no rows"): 16, ("p", "no rows"): 4},
    }
    assert set(paper.loc[paper["statistic"] == "delta", "table"]) == {"11"}
    nothing = paper.loc[paper["verdict"] == "no rows"]
    assert set(nothing["experiment"]) == {"DDS", "AAS"}
    assert nothing[["recomputed", "low", "high"]].isna().all(axis=None)
    assert cell(paper, "AAS", "fft-laplace", "psnr", "p")["printed"] == "1.509e-232"
    assert cell(paper, "MM", "fft-laplace", "ssim", "p")["printed"] == "0.150"


def test_extremes_hold_for_rows_drawn_among_those_that_round_to_the_printed_ones(paper):
    rows = printed("per_image_scores")
    rng = np.random.default_rng(0)
    for (experiment, metric), group in rows.groupby(["experiment", "metric"]):
        first, second = group["fft"].astype(float), group["laplace"].astype(float)
        low, high = cell(paper, experiment, "fft-laplace", metric, "p")[["low", "high"]]
        corner = np.sign(rng.uniform(-1, 1, (2, 200, 9)))
        inside = rng.uniform(-1, 1, (2, 200, 9))
        moves = 0.0005 * np.concatenate([corner, inside], axis=1)
        p = ttest_rel(first.to_numpy() + moves[0], second.to_numpy() + moves[1], axis=1).pvalue
        assert low <= p.min()
        assert p.max() <= high


@given(BOXES)
def test_the_least_t_is_that_of_the_best_corner(box):
    centres, half_width = box
    corners = np.asarray(
        list(itertools.product(*[(c - half_width, c + half_width) for c in centres]))
    )
    sums = corners.sum(axis=1)
    least = 0.0 if sums.min() <= 0 <= sums.max() else min(map(t_of, corners))
    assert audit.t_extremes(centres, half_width=half_width)[0] == pytest.approx(least, rel=1e-9)


@given(BOXES)
def test_the_greatest_t_is_that_of_the_best_face(box):
    # On every face, some differences lie at an end and the others at the common value that is best.
    centres, half_width = np.asarray(box[0], float), box[1]
    low, high = centres - half_width, centres + half_width
    greatest = np.inf if low.max() <= high.min() else 0.0
    for ends in itertools.product((-1, 0, 1), repeat=len(centres)):
        at_end = np.asarray(ends) != 0
        point = np.where(at_end, centres + half_width * np.asarray(ends), 0)
        if not at_end.any() or point.sum() == 0:
            continue
        point[~at_end] = (point**2).sum() / point.sum()
        if ((low - 1e-9 <= point) & (point <= high + 1e-9)).all():
            greatest = max(greatest, t_of(point))
    found = audit.t_extremes(centres, half_width=half_width)[1]
    assert found == pytest.approx(greatest, rel=1e-6)


@given(BOXES, st.integers(0, 2**32 - 1))
def test_no_point_of_the_box_lies_outside_of_the_extremes(box, seed):
    centres, half_width = box
    least, greatest = audit.t_extremes(centres, half_width=half_width)
    points = np.random.default_rng(seed).uniform(-half_width, half_width, (50, len(centres)))
    sizes = np.asarray([t_of(point) for point in points + np.asarray(centres)])
    assert (sizes >= least - 1e-9).all()
    assert (sizes <= greatest + 1e-9).all()


def test_means_and_gains_have_exact_extremes():
    checked = check(
        "E,psnr,0,10,20.5,30\nE,psnr,1,11,21,32\n", "3,E,psnr,10,20.8,31.6\n", "4,psnr,a,9\n"
    )
    mean = cell(checked, "E", "a", "psnr", "mean")
    # The column's longest number has one digit: 21 stands for 21.0.
    assert (mean["recomputed"], mean["low"], mean["high"]) == (20.75, 20.7, 20.8)
    assert mean["verdict"] == "ok"
    # Half a unit may be rounded up or down: 10.5 is printed as 10 or as 11.
    assert cell(checked, "E", "input", "psnr", "mean")["verdict"] == "ok"
    # 31 from the rows, 30.5 to 31.5 from those that round to them: 31.6 stands for 31.55 and more.
    assert cell(checked, "E", "a-b", "psnr", "mean")["verdict"] == "wrong"
    gain = cell(checked, "E", "a", "psnr", "delta")
    assert gain[["table", "printed"]].tolist() == ["4", "9"]
    assert gain[["recomputed", "low", "high"]].tolist() == [10.25, 9.7, 10.8]
    assert gain["verdict"] == "wrong"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("31.5", "rounding"),
        ("31.55", "wrong"),
        ("31.0", "ok"),
        ("31", "ok"),
        ("30.5", "rounding"),
        ("3.1e1", "ok"),
        ("3e1", "ok"),
    ],
)
def test_a_value_is_right_at_its_own_number_of_digits(text, verdict):
    checked = check("E,psnr,0,10,20,30\nE,psnr,1,11,21,32\n", f"3,E,psnr,,,{text}\n")
    assert checked["verdict"].tolist() == [verdict]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("<.001", "rounding"),
        ("< 0.01", "ok"),
        (">0.01", "rounding"),
        (">.02", "wrong"),
        ("0.003", "ok"),
        ("3e-3", "ok"),
        ("0.004", "rounding"),
        ("0.02", "rounding"),
        ("0.016", "wrong"),
    ],
)
def test_p_values_may_be_bounds_and_powers(text, verdict):
    rows = "".join(f"E,ssim,{i},0.1,{0.50 + i / 100:.2f},{0.59 + i / 50:.2f}\n" for i in range(3))
    checked = check(rows, p_values=f"E,a-b-a,ssim,{text}\n")
    row = checked.iloc[0]
    # With two degrees of freedom p = 1 - |t| / sqrt(2 + t^2). Differences are 9, 10 and 11 units;
    # those farthest from significance are 8, 9 and 12.
    assert row["recomputed"] == pytest.approx(1 - (300 / 302) ** 0.5, rel=1e-9)
    assert row["low"] == 0
    assert row["high"] == pytest.approx(1 - (841 / 867) ** 0.5, rel=1e-9)
    assert row["verdict"] == verdict


def test_differences_that_are_all_the_same_have_no_p_value_but_a_range():
    rows = "".join(f"E,ssim,{i},0.1,0.5{i},0.6{i}\n" for i in range(4))
    checked = check(rows, p_values="E,a-b-a,ssim,0.0004\n")
    row = checked.iloc[0]
    assert np.isnan(row["recomputed"])
    assert row["low"] == 0
    assert row["verdict"] == "rounding"
    assert "| 0.0004 | – | 0.00 |" in to_markdown(audit.audit_table(checked))


def test_what_has_no_rows_is_said_to_have_none():
    checked = check(
        "E,ssim,0,,0.5,0.6\n",
        "1,F,ssim,0.1,0.2,0.3\n,E,ssim,0.1,0.5,\n",
        "2,ssim,a,0.4\n",
        "E,a-b-a,ssim,0.2\n",
    )
    assert checked["verdict"].tolist() == [*["no rows"] * 4, "ok", "no rows", "no rows"]
    assert "For 6 more (F, E) no rows" in audit.sentences(checked)[-1]


def test_sentences_name_what_is_wrong(paper):
    said = audit.sentences(paper)
    assert said[0] == (
        "Of 72 printed means, gains and p-values, the printed rows give 59 as printed; rounding of "
        "the rows explains 9 more; 4 cannot be right."
    )
    assert said[1:5] == audit.wrong_sentences(paper)
    assert said[4] == (
        "MA, bandpass-laplace, PSNR: the p-value is printed as 0.311, but its rows give 0.0256 "
        "(0.0254 to 0.0258 over all rows that round to them)."
    )
    assert said[5] == (
        "AA, SSIM: the p-values of fft-laplace and bandpass-laplace would both be right in each "
        "other's place."
    )
    assert said[6].startswith("For 20 more (DDS, AAS) no rows")
    assert len(said) == 7


def test_tables_show_all_cells_or_the_wrong_ones(paper):
    full, flagged = audit.audit_table(paper), audit.flagged_table(paper)
    assert len(full.frame) == 92
    assert len(full.best) == len(flagged.frame) == len(flagged.best) == 4
    assert "| 8 | AM | Input | PSNR | mean | 32.396 | 32.2957 |" in to_markdown(flagged)
    assert to_latex(full, label="audit").count(r"\\") == 93
    none = audit.flagged_table(paper[paper["verdict"] == "ok"])
    assert none.frame.empty
    assert to_markdown(none).count("\n|") == 2


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"rows": "E,ssim,0,0.1,0.5,x\n"}, "A score of E, ssim, a-b must be a number"),
        ({"rows": "E,ssim,0,1,1,1\nE,ssim,1,1,1,\n"}, "A score of E, ssim, a-b must be a number"),
        ({"means": "1,E,ssim,n.a.,,\n"}, "mean of E, ssim, input must be a number as it is"),
        ({"p_values": "E,a-b-a,ssim,n.s.\n"}, "p-value of E, ssim, a-b-a must be a number"),
        ({"p_values": "E,b-a,ssim,0.1\n"}, "'b-a' must name a method and a reference"),
    ],
)
def test_mistakes_are_one_sentence(parts, sentence):
    with pytest.raises(InputError, match=sentence):
        check(**{"rows": "E,ssim,0,0.1,0.5,0.6\n"} | parts)


def test_a_missing_column_is_named():
    frames = {name: printed(f"printed_{name}") for name in ("means", "deltas", "p_values")}
    with pytest.raises(InputError, match="per_image_scores lacks the columns input; it needs"):
        audit.check(printed("per_image_scores").drop(columns="input"), **frames)


@pytest.mark.parametrize("text", ["1e99999999", "1e-99999999", "1" * 500])
def test_a_printed_number_without_end_is_told(text):
    with pytest.raises(InputError, match="has more than 400 digits"):
        number(text, where="The cell")

import pandas as pd
import pytest

from denoisekit.statistics.typeset import Table, to_latex, to_markdown
from denoisekit.statistics.wording import (
    fixed,
    method_label,
    metric_label,
    p_equals,
    p_text,
    range_text,
    signed,
)

TABLE = Table(
    "Scores & more of 50 %",
    pd.DataFrame(
        {"Run_name": ["a|b", "x{1}"], "PSNR ↑": [30.126, None], "p": [0.0331, float("nan")]}
    ),
    {"PSNR ↑": fixed(2), "p": p_text},
    frozenset({(0, "PSNR ↑")}),
    notes=("A note with 3 < 4.",),
)


def test_markdown():
    assert to_markdown(TABLE) == (
        "**Scores & more of 50 %**\n\n"
        "| Run_name | PSNR ↑ | p |\n"
        "|---|---:|---:|\n"
        "| a\\|b | **30.13** | 0.033 |\n"
        "| x{1} | – | – |\n"
        "\nA note with 3 < 4.\n"
    )


def test_latex_uses_booktabs_and_escapes():
    text = to_latex(TABLE, label="scores")
    assert r"\caption{Scores \& more of 50 \%}" in text
    assert r"\label{tab:scores}" in text
    assert r"\begin{tabular}{lrr}" in text
    assert r"Run\_name & PSNR $\uparrow$ & p \\" in text
    assert r"a|b & \textbf{30.13} & 0.033 \\" in text
    assert r"x\{1\} & -- & -- \\" in text
    assert "3 $<$ 4." in text
    assert [line for line in text.splitlines() if "rule" in line] == [
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
    ]
    assert text.isascii()


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "+0.12"), (-0.3, "−0.30"), (-0.001, "0.00"), (0.0, "0.00")]
)
def test_differences_show_their_sign_unless_they_round_to_zero(value, text):
    assert signed(2)(value) == text


def test_fixed_digits():
    assert [fixed(2)(value) for value in (30.126, -0.3)] == ["30.13", "−0.30"]


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0331, "0.033"),
        (0.2, "0.20"),
        (1.0, "1.0"),
        (1.509e-232, "1.5e-232"),
        (0.0, "<\u00a01e-300"),
    ],
)
def test_p_values_have_two_digits(p, text):
    assert p_text(p) == text
    assert p_equals(p) == f"p\u00a0=\u00a0{text}".replace("=\u00a0<", "<")


def test_labels():
    names = ["noisy", "fft", "laplace", "my_loss", "fft-bandpass", "pn2v-of-mine"]
    labels = ["Noisy input", "FFT", "Laplace", "My loss", "FFT + bandpass", "PN2V of mine"]
    assert [method_label(name) for name in names] == labels
    assert metric_label("nrmse") == "NRMSE ↓"


def test_text_in_a_column_of_numbers_is_kept():
    table = Table("t", pd.DataFrame({"p": ["1.509e-232", 0.5]}, dtype=object), {"p": p_text})
    assert [row[0].text for row in table.rows()] == ["1.509e-232", "0.50"]


def test_a_range_of_one_value_is_that_value():
    assert range_text("0.50 dB", "0.50 dB") == "0.50 dB"
    assert range_text("0.50 dB", "0.60 dB") == "0.50 dB to 0.60 dB"

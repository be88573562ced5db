"""Set a table for people: Markdown, LaTeX, and cells for a web page, from one description."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

EMPTY = "–"
METRIC_UNITS = {"psnr": " dB", "ssim": "", "ms-ssim": "", "nrmse": ""}
METRIC_DIGITS = {"psnr": 2, "ssim": 3, "ms-ssim": 3, "nrmse": 4}

_LABELS = {
    "noisy": "Noisy input",
    "fft-bandpass": "FFT + bandpass",
    "ms-ssim": "MS-SSIM",
    "ms-ssim-l1": "MS-SSIM + L1",
    "vst-bm3d": "VST + BM3D",
    "dncnn": "DnCNN",
    "structn2v": "structN2V",
    "pn2v-prior": "PN2V prior mean",
    **{name: name.upper() for name in ("fft", "mae", "mse", "tv", "nlm", "ssim", "psnr", "nrmse")},
    **{name: name.upper() for name in ("n2n", "n2v", "n2v2", "pn2v")},
}
_METRICS = {
    "psnr": "PSNR (dB) ↑",
    "ssim": "SSIM ↑",
    "ms-ssim": "MS-SSIM ↑",
    "nrmse": "NRMSE ↓",
}
_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"},
    **{"–": "--", "→": r"$\rightarrow$", "↑": r"$\uparrow$", "↓": r"$\downarrow$"},
    **{"Δ": r"$\Delta$", "µ": r"\textmu{}", "×": r"$\times$", "−": "$-$", "<": "$<$", ">": "$>$"},
}


def method_label(method: str) -> str:
    """Return how a method is called in a heading: ``fft`` is FFT, ``pn2v-mine`` is PN2V mine."""
    kind, _, rest = method.partition("-")
    if method not in _LABELS and rest and kind in _LABELS:
        return f"{_LABELS[kind]} {rest.replace('-', ' ').replace('_', ' ')}"
    return _LABELS.get(method, method[:1].upper() + method[1:].replace("_", " "))


def metric_label(metric: str) -> str:
    """Return a metric's name with its unit and an arrow towards better scores."""
    return _METRICS.get(metric, metric)


def listed(names: Iterable[str]) -> str:
    """Return names as in ``MM, AA and MA``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def p_text(p: float) -> str:
    """Return a p-value with two significant digits, as in 0.033 or 1.5e-232."""
    return f"{p:#.2g}"


def signed(digits: int) -> Callable[[float], str]:
    """Return a format with a sign and so many digits: +0.12, −0.30, 0.00."""

    def text(value: float) -> str:
        rounded = f"{value:+.{digits}f}"
        return rounded[1:] if float(rounded) == 0 else rounded.replace("-", "−")

    return text


def fixed(digits: int) -> Callable[[float], str]:
    """Return a format with so many digits after the point: 30.12, −0.30."""

    def text(value: float) -> str:
        return f"{value:.{digits}f}".replace("-", "−")

    return text


@dataclass(frozen=True)
class Cell:
    """One cell as it is printed."""

    text: str
    best: bool
    number: bool
    heading: bool


@dataclass(frozen=True)
class Table:
    """A table to be read.

    Attributes
    ----------
    title
        The caption's first sentence.
    frame
        What is printed, a row each, with the headings as column names and numbers in full.
    formats
        How the numbers of a column are written.
    best
        Cells printed in bold, as (row, column name), rows counted from 0.
    headings
        How many of the first columns name the row.
    notes
        Sentences printed with the table.
    """

    title: str
    frame: pd.DataFrame
    formats: Mapping[str, Callable[[float], str]]
    best: frozenset[tuple[int, str]] = frozenset()
    headings: int = 1
    notes: Sequence[str] = field(default_factory=tuple)

    def rows(self) -> list[list[Cell]]:
        """Return the cells of every row."""
        return [
            [
                Cell(
                    _text(value, self.formats.get(column)),
                    (number, column) in self.best,
                    column in self.formats,
                    position < self.headings,
                )
                for position, (column, value) in enumerate(row.items())
            ]
            for number, row in enumerate(self.frame.to_dict("records"))
        ]


def _text(value: Any, form: Callable[[float], str] | None) -> str:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return EMPTY
    return form(value) if form and not isinstance(value, str) else str(value)


def to_markdown(table: Table) -> str:
    """Return the table as GitHub's Markdown, the best cells in bold."""
    columns = list(table.frame.columns)
    numeric = [column in table.formats for column in columns]
    lines = [
        "| " + " | ".join(columns) + " |",
        "|" + "|".join("---:" if right else "---" for right in numeric) + "|",
    ]
    for row in table.rows():
        cells = [cell.text.replace("|", r"\|") for cell in row]
        cells = [
            f"**{text}**" if cell.best else text for text, cell in zip(cells, row, strict=True)
        ]
        lines.append("| " + " | ".join(cells) + " |")
    notes = "".join(f"\n{note}\n" for note in table.notes)
    return f"**{table.title}**\n\n" + "\n".join(lines) + "\n" + notes


def to_latex(table: Table, *, label: str) -> str:
    """Return the table as LaTeX, for the package booktabs, the best cells in bold."""
    columns = list(table.frame.columns)
    alignment = "".join("r" if column in table.formats else "l" for column in columns)
    body = [" & ".join(map(_escaped, columns)) + r" \\", r"\midrule"]
    for row in table.rows():
        cells = [
            rf"\textbf{{{_escaped(cell.text)}}}" if cell.best else _escaped(cell.text)
            for cell in row
        ]
        body.append(" & ".join(cells) + r" \\")
    notes = [rf"\par\footnotesize {_escaped(note)}" for note in table.notes]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_escaped(table.title)}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{{alignment}}}",
        r"\toprule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *notes,
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)

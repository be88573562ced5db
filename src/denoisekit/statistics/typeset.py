"""Set a table for people: Markdown, LaTeX, and cells for a web page, from one description."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

EMPTY = "–"
_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"},
    **{"–": "--", "→": r"$\rightarrow$", "↑": r"$\uparrow$", "↓": r"$\downarrow$"},
    **{"Δ": r"$\Delta$", "µ": r"\textmu{}", "×": r"$\times$", "−": "$-$", "<": "$<$", ">": "$>$"},
}


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

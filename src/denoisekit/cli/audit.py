"""``denoisekit audit``: whether a paper's printed numbers agree with its own rows."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Example:
  denoisekit audit config/published/loss-functions --output audit.tsv
"""


def audit(
    folder: Annotated[
        Path, typer.Argument(help="The paper's tables as CSV files, every cell as printed.")
    ],
    output: Annotated[
        Path | None, typer.Option(help="Also write every printed value with its verdict (TSV).")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that file.")] = False,
) -> None:
    """Recompute a paper's means, gains and p-values from its rows, and name what cannot be."""
    import pandas as pd

    from denoisekit.errors import InputError
    from denoisekit.published import audit, printed
    from denoisekit.statistics import tables

    if output and output.exists() and not overwrite:
        raise InputError(f"{output} is there already; give another name, or --overwrite.")
    printed.check(folder)
    printed_tables = {
        name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in printed.COLUMNS
    }
    checked = audit.check(
        printed_tables["per_image_scores"],
        means=printed_tables["printed_means"],
        deltas=printed_tables["printed_deltas"],
        p_values=printed_tables["printed_p_values"],
    )
    for sentence in audit.sentences(checked):
        print(sentence)
    if output:
        tables.write(output, checked)

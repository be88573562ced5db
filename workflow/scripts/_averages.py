"""Average what was measured of the sharpness of every method's images, and lay it out."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from denoisekit.files import write_text
from denoisekit.statistics import sharpness, tables, typeset
from denoisekit.statistics.scores import EXPERIMENTS


def write(
    files: Any,
    outputs: Any,
    params: Any,
    *,
    table: Callable[[pd.DataFrame], pd.DataFrame],
    label: str,
) -> None:
    """Write the averages, and the table made of them under a label of LaTeX."""
    measured = [tables.read(path, sharpness.MEASURED) for path in files.measured]
    averaged = sharpness.average(
        pd.concat(measured, ignore_index=True),
        tables.read(files.experiments, EXPERIMENTS),
        methods=params.methods,
        outside=params.outside,
    )
    laid_out = table(averaged)
    tables.write(outputs.tsv, averaged)
    write_text(outputs.md, typeset.to_markdown(laid_out))
    write_text(outputs.tex, typeset.to_latex(laid_out, label=label))

"""Tables of a study, read and written as tab-separated values.

What the columns of a table hold is said where the table is made: `str`, `int` or `float` by name.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from denoisekit import files


def read(path: str | Path, columns: Mapping[str, type]) -> pd.DataFrame:
    """Read a table of tab-separated values by the definition of its columns.

    A column that is not defined is text, so that no name, be it ``007``, ``1e3`` or ``NA``, is
    taken for a number. Empty numbers become NaN.
    """
    numbers = {name: kind for name, kind in columns.items() if kind is not str}
    return pd.read_csv(
        path,
        sep="\t",
        dtype=defaultdict(lambda: str, numbers),
        keep_default_na=False,
        na_values={name: ["", "nan"] for name in numbers},
    )


def write(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table as tab-separated values; numbers keep every digit, NaN becomes empty."""
    with files.replacing(path) as temporary:
        frame.to_csv(temporary, sep="\t", index=False, lineterminator="\n")

"""Tables of a study, read and written as tab-separated values."""

from pathlib import Path

import pandas as pd

from denoisekit import files

_TEXT_COLUMNS = (
    *("experiment", "test_set", "test_dataset", "train_set", "run", "method", "reference", "kind"),
    *("seed", "seeds", "image", "field", "truth", "simulated", "convention", "metric", "note"),
    *("description", "data", "defined", "reason", "quantity", "curve", "pair"),
    *("table", "comparison", "statistic", "printed", "verdict"),
    *("dataset", "noise_regime", "printed_two_sem"),
    *("movie", "significant", "wilcoxon", "family", "equivalent"),
)


def read(path: str | Path) -> pd.DataFrame:
    """Read a table of tab-separated values; names stay text, empty numbers become NaN."""
    frame = pd.read_csv(
        path,
        sep="\t",
        dtype=dict.fromkeys(_TEXT_COLUMNS, str),
        keep_default_na=False,
        na_values=["", "nan"],
    )
    text = [column for column in _TEXT_COLUMNS if column in frame]
    return frame.fillna(dict.fromkeys(text, ""))


def write(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table as tab-separated values; numbers keep every digit, NaN becomes empty."""
    with files.replacing(path) as temporary:
        frame.to_csv(temporary, sep="\t", index=False, lineterminator="\n")

"""Read the tables that lie in folders of data sets and of runs, by the folders' names."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from denoisekit.datasets.registration import QUALITY
from denoisekit.statistics.tables import read


def read_quality(folders: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Read registration and quality of the pairs, by data set."""
    return {Path(folder).name: read(Path(folder, "quality.tsv"), QUALITY) for folder in folders}


def read_strengths(folders: Sequence[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """Read what each filter chose for each image, by test set and filter."""
    return _of_runs(folders, "strengths.tsv")


def read_units(folders: Sequence[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """Read how images from outside of the study count against their inputs, by test set and run."""
    return _of_runs(folders, "units.tsv")


def _of_runs(folders: Sequence[str], name: str) -> dict[tuple[str, str], pd.DataFrame]:
    return {
        (folder.parent.name, folder.name): read(folder / name, {}) for folder in map(Path, folders)
    }

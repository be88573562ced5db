"""A study's own images as they are before anything is run, and what a run will write of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from denoisekit import files
from denoisekit.datasets import folders, pair_table, pairs
from denoisekit.datasets.pair_images import stack_of
from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registering import Treatment
from denoisekit.images import windows
from denoisekit.study.design import Study

# Patches and restored images are float32.
_BYTES = 4


@dataclass(frozen=True)
class Own:
    """A data set of images that are there already.

    Attributes
    ----------
    rows
        Its pair table.
    treatment
        How its images are taken.
    table
        What an error calls its table.
    entry
        Its settings in the study.
    """

    rows: list[Pair]
    treatment: Treatment
    table: str
    entry: Mapping[str, Any]

    def split(self, name: str) -> list[Pair]:
        """Return the rows to ``train`` or to ``test`` on."""
        return [pair for pair in self.rows if pair.split == name]


def find(study: Study) -> dict[str, Own]:
    """Find the data sets that are trained on or restored and whose images are there already.

    What is simulated, made of other data sets or still to be downloaded is left out. Headers of
    files are read, and no pixel.

    Raises
    ------
    InputError
        If a table, a pattern or a file is not as a run needs it.
    """
    found = {}
    for name in study.studied:
        entry = study.config["datasets"][name]
        if "folder" not in entry and "pairs" not in entry:
            continue
        if "pairs" in entry and _is_to_be_fetched(entry["pairs"], study.config):
            continue
        table = entry.get("pairs", f"datasets.{name}.folder")
        treatment = Treatment(
            apply=entry.get("register", True),
            blank=entry.get("blank", "pass"),
            outside=entry.get("outside"),
            repair=entry.get("repair") == "hot",
            alike=entry.get("target") != "sharp",
        )
        rows = _rows(name, entry, study)
        if name in study.sheets:
            # Planes stand beside stacks: the stacks are looked at, as before they are laid out.
            rows = [replace(pair, high=None) for pair in rows]
        found[name] = Own(rows, treatment, table, entry)
    return found


def _rows(name: str, entry: Mapping[str, Any], study: Study) -> list[Pair]:
    """Return the rows of a data set, checked as a run checks them."""
    choice: dict[str, Any] = study.choice_of(name)
    splits = study.splits_of(name)
    if "folder" not in entry:
        table = entry["pairs"]
        rows = pair_table.parse_pairs(files.read_table(table), table=table, **choice)
        pair_table.check_files(rows, provided=(), table=table)
        for split in splits:
            pairs.check_split(rows, split=split, table=table)
        return rows
    folder, where = entry["folder"], f"datasets.{name}.folder"
    images = folders.find(folder["low"], folder.get("high"), where=where)
    folders.check_test(images, folder.get("test"), splits=splits, where=where)
    asked = {"pages": folder["pages"], "test": folder.get("test"), **choice}
    listed = folders.list_rows(images, where=where, **asked)
    return pair_table.parse_pairs(listed, table=where, **choice)


def _is_to_be_fetched(table: str, config: Mapping[str, Any]) -> bool:
    """Say whether a table names files that a run fetches first."""
    fetched = tuple(f"resources/{source}/" for source in config.get("sources", {}))
    named = (row.get(kind, "") for row in files.read_table(table) for kind in ("low", "high"))
    return any(file.startswith(fetched) and not Path(file).exists() for file in named)


def shape_of(pair: Pair) -> tuple[int, ...]:
    """Return the shape of a pair's short exposure, (Y, X) or of a volume (Z, Y, X)."""
    shape = stack_of(pair, "low").shape
    plane = shape[-2:]
    if pair.region is not None:
        plane = tuple(side.stop - side.start for side in pair.region)
    return (*shape[-3:-2], *plane) if pair.is_volume else plane


def bytes_written(
    own: Mapping[str, Own], study: Study, *, sides: Mapping[str, Sequence[int]]
) -> dict[str, int]:
    """Return how many bytes a run writes of these data sets, before images are compressed.

    Parameters
    ----------
    own
        As `find` returns it.
    study
        The study.
    sides
        Of the patches of each train set in px.

    Returns
    -------
    dict
        Of the copies of images that are laid on each other, of patches, and of restored images.
    """
    copies = sum(
        _pixels([pair]) * stack_of(pair, "low").dtype.itemsize * len(pair.files)
        for part in own.values()
        for pair in part.rows
    )
    restored = sum(
        len(study.runs_on(name)) * _pixels(own[study.tested(name)].split("test")) * _BYTES
        for name in study.config["test_sets"]
        if study.tested(name) in own
    )
    return {
        "copies of your images": copies,
        "patches": sum(_patches(name, own, study, sides[name]) for name in sides),
        "restored images": restored,
    }


def _pixels(rows: Sequence[Pair]) -> int:
    return sum(math.prod(shape_of(pair)) for pair in rows)


def _patches(train_set: str, own: Mapping[str, Own], study: Study, sides: Sequence[int]) -> int:
    """Return the bytes of a train set's patches, of each kind that some method learns from."""
    dataset = study.config["train_sets"][train_set]["dataset"]
    if dataset not in own:
        return 0
    methods = {study.target(name): study.config["methods"][name] for name in study.trained_methods}
    images = sum(
        len(windows.seen(method)) + (not target.startswith("none"))
        for target, method in methods.items()
    )
    rows = own[dataset].split(study.split_of(train_set))
    count = 1 if dataset in study.of_patches else study.config["patches"]["per_image"]
    return len(rows) * images * count * math.prod(sides) * _BYTES

"""Find images in folders by file-name patterns, and list them as rows of a pair table.

A pattern is a path in which one ``*`` stands for the image's name, as in ``cells/low/*.tif``. The
low and the high exposure of a pair are the files for which ``*`` stands for the same text. A
pattern that ends in ``*`` takes TIFF and PNG files alike, and leaves their suffix out of the name.
"""

import glob
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit.datasets.pair_table import check_two_files
from denoisekit.errors import InputError
from denoisekit.files import expand_variables
from denoisekit.images.image import TIFF, count_pages

_SUFFIXES = (*TIFF, ".png")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LISTED = 5


@dataclass(frozen=True)
class Found:
    """One image's files: its name, and its low and, where there is a truth, high exposure."""

    name: str
    low: str
    high: str | None


def find(low: str, high: str | None, *, where: str) -> list[Found]:
    """Find the files of a data set, sorted by name.

    No file is opened. Environment variables in a pattern are expanded. A name becomes a file name:
    characters other than letters, digits, '.', '_' and '-' become '-'.

    Parameters
    ----------
    low, high
        Patterns with one ``*`` each; `high` is None where there is no truth.
    where
        What to call the data set in an error.

    Raises
    ------
    InputError
        If a pattern has not one ``*`` or matches no image, two files or images have one name, or a
        file has no partner.
    """
    lows = _files(low, f"{where}.low")
    if high is None:
        found = [Found(_safe(name), file, None) for name, file in lows.items()]
    else:
        highs = _files(high, f"{where}.high")
        _check_partners(lows, highs, f"{where}: the pattern {high!r}")
        _check_partners(highs, lows, f"{where}: the pattern {low!r}")
        for name, file in lows.items():
            check_two_files(file, highs[name], where=where)
        found = [Found(_safe(name), file, highs[name]) for name, file in lows.items()]
    name, times = Counter(item.name for item in found).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"{where} has {times} images whose name would be {name!r}, since only letters, digits, "
            "'.', '_' and '-' are kept; rename the files."
        )
    return found


def check_test(
    found: Sequence[Found],
    test: Sequence[str] | Mapping[str, Any] | None,
    *,
    splits: Sequence[str],
    where: str,
) -> None:
    """Raise InputError if names leave no image to train on, or none to test on.

    No file is opened: pages by which nothing is left of any stack are not seen here.

    Parameters
    ----------
    found, test, where
        As `list_rows` takes them.
    splits
        Which of ``train`` and ``test`` there must be.
    """
    if test is None or isinstance(test, Mapping):
        return
    tested = [any(fnmatchcase(item.name, name) for name in test) for item in found]
    for split, nothing in (("train", all(tested)), ("test", not test)):
        if nothing and split in splits:
            raise InputError(
                f"{where}.test leaves no image to {split} on, but the study {split}s on it; name "
                "images to test on, and leave some to train on."
            )


def _files(pattern: str, where: str) -> dict[str, str]:
    """Return the files that match a pattern by the text that ``*`` stands for."""
    path = expand_variables(pattern, where=where)
    if path.count("*") != 1:
        raise InputError(
            f"{where} must hold one '*', which stands for the image's name, but is {pattern!r}."
        )
    before, after = path.split("*")
    name = re.compile(re.escape(before) + "([^/]+?)" + (re.escape(after) or r"\.\w+"))
    files: dict[str, str] = {}
    for file in sorted(glob.glob(f"{glob.escape(before)}*{glob.escape(after)}")):
        if Path(file).suffix.lower() not in _SUFFIXES or not Path(file).is_file():
            continue
        match = name.fullmatch(file)
        if match is None:
            continue
        if match[1] in files:
            raise InputError(
                f"{where} ({pattern!r}) matches two files of one name, {files[match[1]]} and "
                f"{file}; take one away."
            )
        files[match[1]] = file
    if not files:
        raise InputError(
            f"{where} ({pattern!r}) matches no TIFF or PNG file; give the path from the folder in "
            "which the run is started."
        )
    return files


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name).strip("-._") or "image"


def _check_partners(files: Mapping[str, str], partners: Mapping[str, str], pattern: str) -> None:
    alone = [file for name, file in files.items() if name not in partners]
    if alone:
        more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
        raise InputError(
            f"{pattern} finds no partner of {alone[0]}{more}; '*' must stand for the same name in "
            "both."
        )


def list_rows(
    found: Sequence[Found],
    *,
    pages: str,
    test: Sequence[str] | Mapping[str, Any] | None,
    where: str,
) -> list[dict[str, str]]:
    """List the images of a data set as rows of a pair table, one per page of a stack.

    A page is called as its file with ``-p000`` after it. Only the headers of files are read.

    Parameters
    ----------
    found
        The files, as `find` returns them.
    pages
        What the pages of a stack are: a ``movie`` or a ``z-stack`` of one field, which stay on one
        side of a split, or ``fields`` of their own.
    test
        Which images to test on: names of files or pages, in which ``*``, ``?`` and ``[]`` match any
        text; or the ``fraction`` of the fields and the ``seed`` that chooses them. The others are
        trained on. None: all are for testing.
    where
        What to call the data set in an error.

    Raises
    ------
    InputError
        If the exposures of a pair differ in pages, no image has a name of `test`, or a fraction is
        asked of a single field.
    """
    rows = [row for item in found for row in _rows_of(item, pages)]
    if test is None:
        tested = {row["image"] for row in rows}
    elif isinstance(test, Mapping):
        tested = _drawn(rows, where, **test)
    else:
        tested = _named(rows, test, where)
    return [
        {
            "image": row["image"],
            "split": "test" if row["image"] in tested else "train",
            **{key: row[key] for key in ("low", "high", "page", "field", "series")},
        }
        for row in rows
    ]


def _rows_of(item: Found, pages: str) -> list[dict[str, str]]:
    count = count_pages(item.low)
    if item.high is not None and (count_of_high := count_pages(item.high)) != count:
        raise InputError(
            f"{item.low} has {count} pages, but its high exposure {item.high} has "
            f"{count_of_high}; each page needs its partner."
        )
    row = {"file": item.name, "low": item.low, "high": item.high or ""}
    if count == 1:
        return [{**row, "image": item.name, "page": "", "field": item.name, "series": ""}]
    digits = max(3, len(str(count - 1)))
    images = [f"{item.name}-p{page:0{digits}}" for page in range(count)]
    return [
        {
            **row,
            "image": image,
            "page": str(page),
            "field": image if pages == "fields" else item.name,
            "series": "" if pages == "fields" else pages,
        }
        for page, image in enumerate(images)
    ]


def _drawn(
    rows: Sequence[Mapping[str, str]], where: str, *, fraction: float, seed: int
) -> set[str]:
    fields = list(dict.fromkeys(row["field"] for row in rows))
    if len(fields) < 2:
        raise InputError(
            f"{where}.test asks for a fraction of the fields, but there is only {fields[0]!r}; "
            "name the images to test on, or say that the pages of a stack are fields."
        )
    count = min(max(1, round(fraction * len(fields))), len(fields) - 1)
    chosen = np.random.default_rng(seed).choice(len(fields), count, replace=False)
    tested = {fields[index] for index in chosen}
    return {row["image"] for row in rows if row["field"] in tested}


def _named(rows: Sequence[Mapping[str, str]], names: Sequence[str], where: str) -> set[str]:
    tested = set()
    for name in names:
        images = {
            row["image"]
            for row in rows
            if fnmatchcase(row["file"], name) or fnmatchcase(row["image"], name)
        }
        if not images:
            there = [row["image"] for row in rows]
            more = " ..." if len(there) > _LISTED else ""
            raise InputError(
                f"{where}.test names {name!r}, but no image is called so; there are "
                f"{', '.join(there[:_LISTED])}{more}"
            )
        tested |= images
    return tested

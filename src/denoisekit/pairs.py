"""Tables of image pairs: which low and high exposure belong together, and what they are for.

A pair table is tab-separated text with one row per pair:

image
    A name, unique in the table; it becomes a file name.
split
    ``train`` or ``test``.
low, high
    Files of the short and the long exposure. Environment variables are expanded.
page
    Optional. Which page of a stack, counted from 0; the same in both files.
region
    Optional. A part of the image as ``y0:y1,x0:x1`` in pixels.
field
    Optional. The field of view. Rows of one field (tiles of an image, frames of a movie) are not
    independent samples. Without it every row is a field of its own.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from denoisekit._checks import InputError
from denoisekit.io import Region

_COLUMNS = ("image", "split", "low", "high")
_OPTIONAL = ("page", "region", "field")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REGION = re.compile(r"(\d+):(\d+),(\d+):(\d+)")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class Pair:
    """One row of a pair table."""

    image: str
    split: str
    low: str
    high: str
    page: int | None
    region: Region | None
    field: str


def parse_pairs(rows: Sequence[Mapping[str, str]], *, table: str) -> list[Pair]:
    """Turn the rows of a pair table into pairs.

    Parameters
    ----------
    rows
        One mapping of column to text per row.
    table
        What to call the table in an error.

    Raises
    ------
    InputError
        If the table is empty, a column is missing or unknown, a name is given twice, or a value is
        not of its kind.
    """
    if not rows:
        raise InputError(f"{table} has no rows; give one row per image pair.")
    missing = [column for column in _COLUMNS if column not in rows[0]]
    if missing:
        raise InputError(
            f"{table} lacks the columns {', '.join(missing)}; it needs {', '.join(_COLUMNS)} "
            f"and may have {', '.join(_OPTIONAL)}, separated by tabs."
        )
    unknown = [str(column) for column in rows[0] if column not in (*_COLUMNS, *_OPTIONAL)]
    if unknown:
        raise InputError(
            f"{table} has the unknown columns {', '.join(unknown)}; allowed are "
            f"{', '.join((*_COLUMNS, *_OPTIONAL))}."
        )
    pairs = [_parse(row, f"{table}, line {line}") for line, row in enumerate(rows, start=2)]
    name, times = Counter(pair.image for pair in pairs).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"{table} names the image {name!r} {times} times; each needs its own name."
        )
    return pairs


def _parse(row: Mapping[str, str], where: str) -> Pair:
    if None in row or None in row.values():
        raise InputError(f"{where} has not as many columns as the header.")
    if not _NAME.fullmatch(row["image"]):
        raise InputError(
            f"{where}: the image's name becomes a file name and may hold letters, digits, '.', '_' "
            f"and '-', but is {row['image']!r}."
        )
    if row["split"] not in ("train", "test"):
        raise InputError(f"{where}: split must be train or test, but is {row['split']!r}.")
    page = row.get("page", "")
    if page and not page.isdecimal():
        raise InputError(f"{where}: page must be a whole number from 0, but is {page!r}.")
    return Pair(
        image=row["image"],
        split=row["split"],
        low=expand_variables(row["low"], where=where),
        high=expand_variables(row["high"], where=where),
        page=int(page) if page else None,
        region=_parse_region(row.get("region", ""), where),
        field=row.get("field", "") or row["image"],
    )


def _parse_region(text: str, where: str) -> Region | None:
    if not text:
        return None
    match = _REGION.fullmatch(text.replace(" ", ""))
    bounds = [int(number) for number in match.groups()] if match else [0, 0, 0, 0]
    if bounds[0] >= bounds[1] or bounds[2] >= bounds[3]:
        raise InputError(
            f"{where}: region must be y0:y1,x0:x1 in pixels, with each start before its stop, "
            f"but is {text!r}."
        )
    return slice(bounds[0], bounds[1]), slice(bounds[2], bounds[3])


def expand_variables(path: str, *, where: str) -> str:
    """Expand environment variables in a path; one that is not set is an error."""
    for variable in _VARIABLE.findall(path):
        if variable not in os.environ:
            raise InputError(
                f"{where}: the path {path!r} uses the environment variable {variable}, which is "
                f"not set; set it to the folder that holds the images."
            )
    return os.path.expandvars(path)


def region_text(region: Region | None) -> str:
    """Return a region as ``y0:y1,x0:x1``, or an empty text for the whole image."""
    return "" if region is None else ",".join(f"{part.start}:{part.stop}" for part in region)


def missing_files(pairs: Iterable[Pair]) -> list[str]:
    """Return the files that pairs name but that do not exist, each once."""
    names = dict.fromkeys(name for pair in pairs for name in (pair.low, pair.high))
    return [name for name in names if not Path(name).is_file()]


def check_apart(train: Sequence[Pair], test: Sequence[Pair], *, guard_px: int) -> None:
    """Raise InputError if an image to test on is, or lies too close to, one to train on.

    Parameters
    ----------
    train, test
        The pairs to train on and to test on; a pair's file, page and region say which pixels it is.
    guard_px
        How far apart regions of one image must lie: the network's receptive field on one side.
    """
    by_page: dict[tuple[str, int], list[Pair]] = {}
    for pair in train:
        for file in (pair.low, pair.high):
            by_page.setdefault(_page(file, pair), []).append(pair)
    for tested in test:
        for file in (tested.low, tested.high):
            for trained in by_page.get(_page(file, tested), []):
                if not _apart(trained.region, tested.region, guard_px):
                    raise InputError(_leak(trained, tested, guard_px))


def _page(file: str, pair: Pair) -> tuple[str, int]:
    return os.path.realpath(file), pair.page or 0


def _apart(first: Region | None, second: Region | None, guard_px: int) -> bool:
    if first is None or second is None:
        return False
    return any(
        a.stop + guard_px <= b.start or b.stop + guard_px <= a.start
        for a, b in zip(first, second, strict=True)
    )


def _leak(trained: Pair, tested: Pair, guard_px: int) -> str:
    if trained.region is None or tested.region is None:
        return (
            f"The test image {tested.image!r} and the training image {trained.image!r} are the "
            f"same picture ({tested.high}); a test image must never be trained on."
        )
    return (
        f"The test image {tested.image!r} ({region_text(tested.region)}) and the training image "
        f"{trained.image!r} ({region_text(trained.region)}) of {tested.high} must lie at least "
        f"{guard_px} px apart, the network's receptive field; shrink one of the regions."
    )

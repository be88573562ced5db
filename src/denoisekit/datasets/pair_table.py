"""Pair tables: parse a user's table of image pairs, and check the files that it names.

A pair table is tab-separated text with one row per pair:

image
    A name, unique in the table; it becomes a file name.
split
    ``train`` or ``test``.
low, high
    Files of the short and the long exposure. Environment variables and ``~`` are expanded, unless
    there is a file that is called so. Images that shall
    be restored though there is no long exposure to score them by have none; then no row to test on
    has one.
page
    Optional. Which page of a stack, counted from 0; the same in both files, unless the high
    exposure has a single page, which then is the truth of every page. A range ``0:50``, without its
    end, stands for a row per page, which is called ``<image>-<page>``, its number as wide as that
    of the last page (``cell-00`` to ``cell-49``).
region
    Optional. A part of the image as ``y0:y1,x0:x1`` in pixels.
channel, scene
    Optional. Which of several of its files, by name or by number from 0, where it is not that of
    the data set.
depth
    Optional. At which depth a page lies: only pages of one field and depth show one scene. Of a
    z-stack, it is the page where it is not given.
field
    Optional. The field of view. Rows of one field (tiles of an image, frames of a movie) are not
    independent samples. Without it every row is a field of its own.
series
    Optional. What the pages of a field are: ``movie`` or ``z-stack``. They come back in one file.
    The pages of a range with a series are of one field, that of the row's image if none is named.
    Where a data set is of volumes, its rows are ``volume``, also without the column: ``page`` is
    then the number of a volume in a movie of such.
shift_y, shift_x
    Optional. The displacement, in px, that lays the low on the high exposure, where it is known;
    the registration is checked against it, never told it.
"""

import math
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from denoisekit.datasets.pairs import VOLUME, Pair, parse_region
from denoisekit.errors import InputError
from denoisekit.files import expand_variables
from denoisekit.images.reading import Choice

_COLUMNS = ("image", "split", "low")
_OPTIONAL = (
    *("high", "page", "region", "channel", "scene", "depth", "field", "series"),
    *("shift_y", "shift_x"),
)
_SERIES = ("", "movie", "z-stack")
_SERIES_OF_VOLUMES = ("", VOLUME)
# Of at most so many characters: with what is put before and after it, a disk takes 255.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
# Of a number of a page: no file has ten million.
_DIGITS = 7
_PAGES = re.compile(r"(\d+):(\d+)")


def parse_pairs(
    rows: Sequence[Mapping[str, str]],
    *,
    table: str,
    channel: Choice = None,
    scene: Choice = None,
    volumes: bool = False,
) -> list[Pair]:
    """Turn the rows of a pair table into pairs.

    Parameters
    ----------
    rows
        One mapping of column to text per row.
    table
        What to call the table in an error.
    channel, scene
        Which of several, of rows that do not say it.
    volumes
        Whether each row is a volume.

    Raises
    ------
    InputError
        If the table is empty, a column is missing or unknown, a name is given twice, a value is not
        of its kind, or a high exposure is missing where it is needed.
    """
    if not any(any(row.values()) for row in rows):
        raise InputError(f"{table} has no rows; give one row per image pair.")
    missing = [column for column in _COLUMNS if column not in rows[0]]
    if missing:
        raise InputError(
            f"{table} lacks the columns {', '.join(missing)}; it needs {', '.join(_COLUMNS)} "
            f"and may have {', '.join(_OPTIONAL)}, separated by tabs."
        )
    # What a row has too much lies under None.
    known = (None, *_COLUMNS, *_OPTIONAL)
    unknown = [str(column) for column in rows[0] if column not in known]
    if unknown:
        raise InputError(
            f"{table} has the unknown columns {', '.join(unknown)}; allowed are "
            f"{', '.join((*_COLUMNS, *_OPTIONAL))}."
        )
    pairs = []
    lines: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        where = f"{table}, line {line}"
        for page_row in _page_rows(_stripped(row), where) if any(row.values()) else ():
            pair = _parse(page_row, where, channel=channel, scene=scene, volumes=volumes)
            # Some disks take names that differ in case alone for one.
            name = pair.image.lower()
            if name in lines:
                raise InputError(
                    f"{table} names the image {pair.image!r} in the lines {lines[name]} and "
                    f"{line}, in any case of its letters; each needs its own name."
                )
            lines[name] = line
            pairs.append(pair)
    _check_truths(pairs, table)
    return pairs


def _check_truths(pairs: Sequence[Pair], table: str) -> None:
    without = [pair for pair in pairs if pair.high is None]
    for pair in without:
        if pair.split == "train":
            raise InputError(
                f"{table}: the training image {pair.image!r} has no high exposure, but networks "
                "learn from pairs; give its file, or leave the row out."
            )
    tested = sum(pair.split == "test" for pair in pairs)
    if without and len(without) < tested:
        raise InputError(
            f"{table} has {tested} rows to test on, of which {len(without)} have no high exposure "
            f"({without[0].image!r} is the first); put these into a table of their own, since they "
            "are restored but not scored."
        )


def check_complete(pairs: Iterable[Pair], *, table: str) -> None:
    """Raise InputError if a pair has no high exposure, where looks or noise are to be learned."""
    for pair in pairs:
        if pair.high is None:
            raise InputError(
                f"{table}: the image {pair.image!r} has no high exposure, but looks and noise "
                "models are learned from pairs, and segmentations chosen on high exposures; give "
                "its file, or name another data set under 'looks', 'noise_models' or "
                "'segmentation'."
            )


def _stripped(row: Mapping[str, str]) -> Mapping[str, str]:
    """Take the spaces around values away."""
    return {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}


def _page_rows(row: Mapping[str, str], where: str) -> list[Mapping[str, str]]:
    """Write a row with a range of pages out as a row per page."""
    match = _PAGES.fullmatch((row.get("page") or "").replace(" ", ""))
    if not match:
        return [row]
    first, stop = (_whole_number(text, "page", where) or 0 for text in match.groups())
    if first >= stop:
        raise InputError(
            f"{where}: a range of pages must have its start before its stop, but is "
            f"{row['page']!r}."
        )
    digits = len(str(stop - 1))
    if row.get("series") and not row.get("field"):
        row = {**row, "field": row["image"]}
    return [
        {**row, "image": f"{row['image']}-{page:0{digits}}", "page": str(page)}
        for page in range(first, stop)
    ]


def _parse(
    row: Mapping[str, str], where: str, *, channel: Choice, scene: Choice, volumes: bool
) -> Pair:
    if None in row or None in row.values():
        raise InputError(f"{where} has not as many columns as the header.")
    if not _NAME.fullmatch(row["image"]):
        raise InputError(
            f"{where}: the image's name becomes a file name and may hold letters, digits, '.', '_' "
            f"and '-', 200 at most, but is {row['image']!r}."
        )
    if row["split"] not in ("train", "test"):
        raise InputError(f"{where}: split must be train or test, but is {row['split']!r}.")
    series = row.get("series", "")
    if volumes:
        _check_volume(row, series, where)
        series = VOLUME
    elif series == VOLUME:
        raise InputError(
            f"{where}: series is {series!r}, but how far its planes lie apart is not known; give "
            "the data set a 'z_spacing_um'."
        )
    elif series not in _SERIES:
        raise InputError(f"{where}: series must be movie, z-stack or empty, but is {series!r}.")
    page, depth = (_whole_number(row.get(name, ""), name, where) for name in ("page", "depth"))
    pair = Pair(
        image=row["image"],
        split=row["split"],
        low=expand_variables(row["low"], where=where),
        high=expand_variables(row["high"], where=where) if row.get("high") else None,
        page=page,
        region=parse_region(row.get("region", ""), where),
        field=row.get("field", "") or row["image"],
        series=series,
        known_shift=_parse_shift(row.get("shift_y", ""), row.get("shift_x", ""), where),
        channel=row.get("channel") or channel,
        scene=row.get("scene") or scene,
        depth=page if depth is None and series == "z-stack" else depth,
    )
    check_two_files(pair.low, pair.high, where=where)
    return pair


def _check_volume(row: Mapping[str, str], series: str, where: str) -> None:
    if series not in _SERIES_OF_VOLUMES or row.get("depth"):
        raise InputError(
            f"{where}: the data set's 'z_spacing_um' says that each row is a whole volume, so that "
            f"series must be volume or empty, and depth empty, but they are {series!r} and "
            f"{row.get('depth', '')!r}; correct the row, or leave that key out."
        )


def _whole_number(text: str, column: str, where: str) -> int | None:
    if text and not text.isdecimal():
        ranges = ", or a range of them such as 0:50" if column == "page" else ""
        raise InputError(
            f"{where}: {column} must be a whole number from 0{ranges}, but is {text!r}."
        )
    if len(text) > _DIGITS:
        raise InputError(f"{where}: {column} has {len(text)} digits; give at most {_DIGITS}.")
    return int(text) if text else None


def check_two_files(low: str, high: str | None, *, where: str) -> None:
    """Raise InputError if an image is to be its own ground truth, be it by another name."""
    if high is None:
        return
    if low == high or (Path(low).exists() and Path(high).exists() and os.path.samefile(low, high)):
        named = f"{low} is named" if low == high else f"{low} and {high} are one file, named"
        raise InputError(
            f"{where}: {named} as the low and as the high exposure; an image cannot be its "
            "own ground truth, so name the long exposure's file."
        )


def _parse_shift(y: str, x: str, where: str) -> tuple[float, float] | None:
    if not y and not x:
        return None
    try:
        shift = float(y), float(x)
        if not all(map(math.isfinite, shift)):
            raise ValueError
        return shift
    except ValueError as error:
        raise InputError(
            f"{where}: shift_y and shift_x must be numbers of px, but are {y!r} and {x!r}."
        ) from error


def check_files(pairs: Iterable[Pair], *, provided: Collection[str], table: str) -> None:
    """Raise InputError if a file that a pair table names neither exists nor will be provided.

    Parameters
    ----------
    pairs
        The rows of the table.
    provided
        Files that the study's sources provide.
    table
        What to call the table in an error.
    """
    names = dict.fromkeys(name for pair in pairs for name in pair.files)
    missing = [name for name in names if name not in provided and not Path(name).exists()]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        beside = sorted(name for name in provided if Path(name).parent == Path(missing[0]).parent)
        rather = f"; its source provides {', '.join(beside)}" if beside else ""
        raise InputError(
            f"{table} names the file {missing[0]}{more}, which does not exist{rather}."
        )

"""Find images in folders by file-name patterns, and list them as rows of a pair table.

A pattern is a path in which one ``*`` stands for the image's name, as in ``cells/low/*.tif``. The
low and the high exposure of a pair are the files for which ``*`` stands for the same text. A
pattern that ends in ``*`` takes TIFF and PNG files alike, and leaves their suffix out of the name.
"""

import glob
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit.datasets.pair_table import check_two_files
from denoisekit.datasets.pairs import VOLUME, safe_name
from denoisekit.errors import InputError
from denoisekit.files import expand_variables, portable
from denoisekit.images import reading
from denoisekit.images.formats import SUFFIXES
from denoisekit.images.reading import Choice
from denoisekit.images.stacks import Stack

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
        found = [
            Found(safe_name(name, otherwise="image"), file, None) for name, file in lows.items()
        ]
    else:
        highs = _files(high, f"{where}.high")
        _check_partners(lows, highs, f"{where}: the pattern {high!r}")
        _check_partners(highs, lows, f"{where}: the pattern {low!r}")
        for name, file in lows.items():
            check_two_files(file, highs[name], where=where)
        found = [
            Found(safe_name(name, otherwise="image"), file, highs[name])
            for name, file in lows.items()
        ]
    name, times = Counter(item.name for item in found).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"{where} has {times} images whose name would be {name!r}, since only letters, digits, "
            "'.', '_' and '-' are kept; rename the files."
        )
    return found


def patterns(low: str, high: str) -> tuple[str, str]:
    """Return the patterns of pairs whose exposures lie in two folders.

    Where no file of one folder has its name in the other, but every one has when what begins or
    ends all names of a folder is left out (``a_1ms.tif`` and ``a_100ms.tif``), the patterns are of
    what is left.

    Parameters
    ----------
    low, high
        A folder each, or a pattern with one ``*``, which is returned as it is.

    Raises
    ------
    InputError
        If there is no image.
    """
    plain = tuple(text if "*" in text else str(Path(text) / "*") for text in (low, high))
    if "*" in low + high:
        return plain[0], plain[1]
    files = [_files(text, f"the folder {text}") for text in plain]
    if set(files[0]) & set(files[1]):
        return plain[0], plain[1]
    starts, ends = zip(*map(_shared_ends, map(list, files)), strict=True)
    starts = ("", "") if starts[0] == starts[1] else starts
    ends = ("", "") if ends[0] == ends[1] else ends
    parts = [
        _between(folder, of, start, end)
        for folder, of, start, end in zip((low, high), files, starts, ends, strict=True)
    ]
    (low_pattern, low_names), (high_pattern, high_names) = parts
    if low_names and low_names == high_names:
        return low_pattern, high_pattern
    return plain[0], plain[1]


def _shared_ends(names: Sequence[str]) -> tuple[str, str]:
    """Return what all names begin with and what they end with; nothing of a single one."""
    if len(names) == 1:
        return "", ""
    start = _shared_start(names)
    rest = [name[len(start) :][::-1] for name in names]
    return start, _shared_start(rest)[::-1]


def _shared_start(texts: Sequence[str]) -> str:
    """Return what all texts begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in alike)


def _between(folder: str, files: Mapping[str, str], start: str, end: str) -> tuple[str, set[str]]:
    """Return the pattern of what lies between both ends of a folder's names, and all of that."""
    suffixes = {Path(file).suffix for file in files.values()}
    names = {name[len(start) : len(name) - len(end)] for name in files}
    # What follows the star is the rest of the file's name.
    if "" in names or (end and len(suffixes) > 1):
        return "", set()
    return str(Path(folder) / f"{start}*{end}{suffixes.pop() if end else ''}"), names


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
    # A dollar sign may be part of a name.
    literal = pattern.count("*") == 1 and glob.glob(glob.escape(pattern).replace("[*]", "*"))
    path = pattern if literal else expand_variables(pattern, where=where)
    if path.count("*") != 1:
        raise InputError(
            f"{where} must hold one '*', which stands for the image's name, but is {pattern!r}."
        )
    before, after = path.split("*")
    name = re.compile(re.escape(before) + "([^/]+?)" + (re.escape(after) or r"\.\w+"))
    files: dict[str, str] = {}
    for file in sorted(glob.glob(f"{glob.escape(before)}*{glob.escape(after)}")):
        # What has a suffix in the pattern is asked for, whatever it is: its content tells.
        if not after and Path(file).suffix.lower() not in SUFFIXES:
            continue
        if Path(file).is_dir() and Path(file).suffix.lower() != ".zarr":
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


def _check_partners(files: Mapping[str, str], partners: Mapping[str, str], pattern: str) -> None:
    alone = [file for name, file in files.items() if name not in partners]
    if alone:
        more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
        raise InputError(
            f"{pattern} finds no partner of {alone[0]}{more}; '*' must stand for the same name in "
            "both. Rename the files, give patterns such as 'low/*_1ms.tif' and 'high/*_99ms.tif', "
            "or list the pairs in a table."
        )


def list_rows(
    found: Sequence[Found],
    *,
    pages: str,
    test: Sequence[str] | Mapping[str, Any] | None,
    where: str,
    channel: Choice = None,
    scene: Choice = None,
    volumes: bool = False,
) -> list[dict[str, str]]:
    """List the images of a data set as rows of a pair table, one per plane of a stack.

    A plane is called as its file with ``-p000`` after it, and in a movie of z-stacks with
    ``-t000-z00``. Only the headers of files are read. Files that are one image with an earlier one
    are left out.

    Parameters
    ----------
    found
        The files, as `find` returns them.
    pages
        What the planes of a stack are: a ``movie`` or a ``z-stack`` of one field, which stay on one
        side of a split, or ``fields`` of their own.
    test
        Which images to test on: names of files or pages, in which ``*``, ``?`` and ``[]`` match any
        text; or the ``fraction`` of the fields and the ``seed`` that chooses them. The others are
        trained on. None: all are for testing.
    where
        What to call the data set in an error.
    channel, scene
        Which of several of each file.
    volumes
        Whether the planes of a z-stack are one volume, which is one row.

    Raises
    ------
    InputError
        If a file cannot be read or has other axes than said, the exposures of a pair differ in
        planes, no image has a name of `test`, or a fraction is asked of a single field.
    """
    kept = set(reading.without_members([Path(item.low) for item in found]))
    choice = {"channel": channel, "scene": scene}
    rows = [
        row
        for item in found
        if Path(item.low) in kept
        for row in _rows_of(item, "volume" if volumes else pages, choice)
    ]
    if test is None:
        tested = {row["image"] for row in rows}
    elif isinstance(test, Mapping):
        tested = _drawn(rows, where, **test)
    else:
        tested = _named(rows, test, where)
    columns = ("low", "high", "page", "channel", "scene", "depth", "field", "series")
    return [
        {
            "image": row["image"],
            "split": "test" if row["image"] in tested else "train",
            **{key: row[key] for key in columns},
        }
        for row in rows
    ]


def _rows_of(item: Found, pages: str, choice: Mapping[str, Choice]) -> list[dict[str, str]]:
    stack = _opened(item.low, pages, choice)
    if item.high is not None:
        high = _opened(item.high, pages, choice)
        if high.shape[:-2] != stack.shape[:-2]:
            raise InputError(
                f"{item.low} has {stack.planes} pages ({stack.axes}), but its high exposure "
                f"{item.high} has {high.planes} ({high.axes}); each page needs its partner."
            )
    said = {key: "" if value is None else str(value) for key, value in choice.items()}
    paths = {"low": portable(item.low), "high": portable(item.high or "")}
    row = {"file": item.name, **paths, **said}
    if pages == "volume":
        return [{**row, **volume} for volume in _volumes_of(stack, item.name)]
    if stack.planes == 1:
        alone = {"image": item.name, "page": "", "depth": "", "field": item.name, "series": ""}
        return [{**row, **alone}]
    return [
        {
            **row,
            "image": image,
            "page": str(page),
            "depth": "" if depth is None or pages == "fields" else str(depth),
            "field": image if pages == "fields" else item.name,
            "series": "" if pages == "fields" else pages,
        }
        for page, (image, depth) in enumerate(_images_of(stack, item.name))
    ]


def _volumes_of(stack: Stack, name: str) -> list[dict[str, str]]:
    """Return what is of each volume of a file: one field, also of a movie of them."""
    told = {"depth": "", "field": name, "series": VOLUME}
    count = stack.side("T")
    if count == 1:
        return [{"image": name, "page": "", **told}]
    digits = max(3, len(str(count - 1)))
    return [{"image": f"{name}-t{at:0{digits}}", "page": str(at), **told} for at in range(count)]


def _images_of(stack: Stack, name: str) -> Iterator[tuple[str, int | None]]:
    """Yield the name of each plane, and its depth where there is one."""
    leading = stack.axes[:-2]
    lengths = dict(zip(leading, stack.shape, strict=False))
    if set(leading) == {"T", "Z"}:
        widths = {axis: max(3, len(str(length - 1))) for axis, length in lengths.items()}
        for place in np.ndindex(*lengths.values()):
            at = dict(zip(leading, place, strict=True))
            yield f"{name}-t{at['T']:0{widths['T']}}-z{at['Z']:0{widths['Z']}}", at["Z"]
        return
    digits = max(3, len(str(stack.planes - 1)))
    for page in range(stack.planes):
        yield f"{name}-p{page:0{digits}}", page if leading == "Z" else None


def _opened(file: str, pages: str, choice: Mapping[str, Choice]) -> Stack:
    """Open one channel of a file whose axes are what the study says they are."""
    along = "Z" if pages in ("z-stack", "volume") else "T"
    stack = reading.open_stack(file, unnamed=along, **choice)
    stack = stack.grey(how="as 'channel' of the data set")
    if pages == "volume" and stack.side("Z") < 2:
        raise InputError(
            f"{file} has the axes {stack.axes}, and so no volume, which the data set's "
            "'z_spacing_um' says it has; correct the file's axes (in Fiji: Image > Hyperstacks > "
            "Re-order Hyperstack), or leave that key out."
        )
    axes = "".join(a for a, n in zip(stack.axes, stack.shape, strict=True) if n > 1)[:-2]
    wrong = {"movie": "Z", "z-stack": "T"}.get(pages)
    if not stack.unnamed and wrong is not None and wrong in axes and axes != "TZ" * (wrong == "Z"):
        raise InputError(
            f"{file} says that its axes are {stack.axes}, but 'pages' of the data set says that "
            f"they are a {pages}; correct the one that is wrong (in Fiji: Image > Hyperstacks > "
            "Re-order Hyperstack), or say 'fields' if every page is a field of its own."
        )
    return stack


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

"""Judge pairs by the numbers of their quality: which do not belong together, and why.

Verdicts are made of the rows of a table of quality alone, so that the run, the command and the page
say the same. A number that a row does not have, or that is NaN, speaks against no pair.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from denoisekit.datasets.pairs import Pair
from denoisekit.errors import InputError

Row = Mapping[str, Any]

#: Correlation of structure below which, its standard error added, two exposures are taken to show
#: two scenes.
LEAST_STRUCTURE = 0.4
#: Share of structure below which an exposure is taken to be of an empty field.
LEAST_SIGNAL = 0.1
# Camera patterns of dark fields reach 0.11 on real frames.
_SEEN = 0.15
_ERRORS = 2.0
_NOISIER = 1.3
_COPY = 0.999
_SATURATED = 0.1
_HOT = 0.001
_LEAST_SHARED = 0.75
_CONFIDENT, _SURE_PX, _FAR_PX = 7.0, 0.25, 4.0
_SAME_SIZE = 0.01
_LISTED = 5


@dataclass(frozen=True)
class Kind:
    """What may be wrong with a pair.

    Attributes
    ----------
    name
        What it is called in tables.
    found
        Says it of several images, as in ``do not show one scene``.
    advice
        What to look at.
    unfit
        Whether nothing can be learned from such a pair: most of a split stop the run.
    holds
        Says it of a row.
    """

    name: str
    found: str
    advice: str
    unfit: bool
    holds: Callable[[Row], bool]


@dataclass(frozen=True)
class Verdict:
    """What is wrong with one pair."""

    image: str
    kind: Kind


def _number(row: Row, column: str) -> float:
    """Return a number of a row; NaN if it has none."""
    value = row.get(column, "")
    return math.nan if value == "" else float(value)


def _same(row: Row) -> bool:
    return _number(row, "correlation") > _COPY and _number(row, "noise_correlation") > _COPY


def _empty(row: Row) -> bool:
    return _number(row, "high_signal") < LEAST_SIGNAL


def _unlike(row: Row) -> bool:
    """Say whether the structure of both exposures stands out, but is not the same.

    A correlation that is low but sure is let pass: noise that neighbouring pixels share passes for
    structure.
    """
    structure, error = _number(row, "structure"), _number(row, "structure_error")
    seen = _number(row, "low_signal") >= _SEEN and _number(row, "high_signal") >= LEAST_SIGNAL
    doubtful = structure + error < LEAST_STRUCTURE and structure - _ERRORS * error < 0
    return seen and doubtful and not _far(row)


def _far(row: Row) -> bool:
    """Say whether a displacement leaves too little in common, or is known but not applied."""
    if _number(row, "shared") < _LEAST_SHARED:
        return True
    sure = _number(row, "confidence") > _CONFIDENT and _number(row, "shift_error") < _SURE_PX
    far = math.hypot(_number(row, "shift_y"), _number(row, "shift_x")) > _FAR_PX
    return sure and far and row["applied"] == "no"


def _swapped(row: Row) -> bool:
    least = _number(row, "structure") - _ERRORS * _number(row, "structure_error")
    return not _empty(row) and least > LEAST_STRUCTURE and _number(row, "noise_ratio") > _NOISIER


def _saturated(row: Row) -> bool:
    return any(_number(row, f"{name}_saturated") > _SATURATED for name in ("low", "high"))


def _scaled(row: Row) -> bool:
    low, high = _number(row, "pixel_size_um"), _number(row, "high_pixel_size_um")
    return abs(low - high) > _SAME_SIZE * high


KINDS = (
    Kind(
        "blank",
        "have one value everywhere in an exposure",
        "leave them out; they are neither trained on nor scored",
        True,
        lambda row: row.get("blank") == "yes",
    ),
    Kind(
        "not one scene",
        "have exposures that do not correlate, as those of two fields",
        "look whether names, rows or folders are matched wrongly",
        True,
        _unlike,
    ),
    Kind(
        "too far apart",
        "have exposures that lie too far apart to be laid on each other",
        "look whether the stage moved, or register them before",
        True,
        _far,
    ),
    Kind(
        "swapped",
        "have a long exposure that is darker, or noisier for its light, than the short one",
        "look whether 'low' and 'high' are swapped",
        True,
        _swapped,
    ),
    Kind(
        "copy",
        "have one and the same picture as both exposures, with the very same noise",
        "look whether a file was copied, or linked, under another name",
        True,
        _same,
    ),
    Kind(
        "saturated",
        f"have more than {_SATURATED:.0%} of an exposure's pixels saturated",
        "take them with less light",
        True,
        _saturated,
    ),
    Kind(
        "empty",
        "show no structure above the noise in the long exposure",
        "leave empty fields out",
        True,
        _empty,
    ),
    Kind(
        "pixel size",
        "have exposures whose files tell different pixel sizes",
        "look whether they were taken at one magnification, or correct the files",
        True,
        _scaled,
    ),
    Kind(
        "hot pixels",
        f"have more than {_HOT:.1%} hot pixels",
        "look at the camera's correction",
        False,
        lambda row: _number(row, "hot") > _HOT,
    ),
)


def judge(rows: Iterable[Row]) -> list[Verdict]:
    """Return what is wrong with pairs, in the order of the rows.

    Parameters
    ----------
    rows
        Of a table of quality (`denoisekit.datasets.registration.QUALITY`), as numbers or as text.
    """
    return [Verdict(str(row["image"]), kind) for row in rows for kind in KINDS if kind.holds(row)]


def showing(pairs: Sequence[Pair], rows: Iterable[Row]) -> list[Pair]:
    """Return the pairs of fields that may stand for their data set, which empty ones may not.

    Where there is no long exposure, these are the fields with at least half of the most signal. Of
    a movie or a z-stack it is all of it, or nothing.

    Parameters
    ----------
    pairs
        To choose from; where none shows structure, all are returned.
    rows
        Of the table of quality that tells of them.
    """
    quality = {str(row["image"]): row for row in rows}
    signals = {pair.image: _number(quality[pair.image], "low_signal") for pair in pairs}
    most = max((signal for signal in signals.values() if signal > 0), default=0.0)
    places = {
        pair.place
        for pair in pairs
        if not (_empty(quality[pair.image]) if pair.high else signals[pair.image] < most / 2)
    }
    return [pair for pair in pairs if pair.place in places] or list(pairs)


def verdict_sentences(rows: Sequence[Row], *, dataset: str) -> list[str]:
    """Say what is wrong with the pairs of a data set, a sentence for each split and kind.

    Parameters
    ----------
    rows
        As `judge` takes them.
    dataset
        What to call the data set.
    """
    return [
        f"{dataset}, {split}: {said}."
        for split, pairs in _by_split(rows).items()
        for said in _findings(judge(pairs), of=len(pairs))
    ]


def size_sentences(rows: Sequence[Row], *, dataset: str, pixel_size_um: float) -> list[str]:
    """Say of a data set whose files tell another pixel size than its study.

    Parameters
    ----------
    rows
        As `judge` takes them.
    dataset
        What to call the data set.
    pixel_size_um
        What the study says.
    """
    told = {str(row["image"]): _number(row, "pixel_size_um") for row in rows}
    other = [
        image
        for image, size in told.items()
        if abs(size - pixel_size_um) > _SAME_SIZE * pixel_size_um
    ]
    if not other:
        return []
    return [
        f"{dataset}: {len(other)} of {len(rows)} ({_listed(other)}) have pixels of "
        f"{told[other[0]]:.4g} um as their files tell, but the study says {pixel_size_um:g} um; "
        "that of the files is taken. Correct pixel_size_um, or the files."
    ]


def check_fit(rows: Sequence[Row], *, table: str) -> None:
    """Raise InputError if most pairs of a split are unfit to be learned from or scored by.

    Parameters
    ----------
    rows
        As `judge` takes them.
    table
        What to call the pair table in an error.
    """
    for split, pairs in _by_split(rows).items():
        verdicts = [verdict for verdict in judge(pairs) if verdict.kind.unfit]
        if 2 * len({verdict.image for verdict in verdicts}) > len(pairs):
            raise InputError(
                f"{table}: most pairs to {split} on are unfit: "
                f"{'; '.join(_findings(verdicts, of=len(pairs)))}. Mend them; where they are right "
                "as they are, set 'accept_pairs: true' of the data set in the study."
            )


def _by_split(rows: Iterable[Row]) -> dict[str, list[Row]]:
    splits: dict[str, list[Row]] = {}
    for row in rows:
        splits.setdefault(str(row["split"]), []).append(row)
    return splits


def _findings(verdicts: Iterable[Verdict], *, of: int) -> list[str]:
    """Say of so many pairs what is wrong with which of them, kind by kind."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.kind.name, []).append(verdict)
    return [
        f"{len(group)} of {of} ({_listed([verdict.image for verdict in group])}) "
        f"{group[0].kind.found} - {group[0].kind.advice}"
        for group in found.values()
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more

"""A paper's printed numbers as a folder of CSV files: which files and columns, and how to read one.

Numbers are kept as the text that was printed, since the digits say how far it was rounded.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from denoisekit._checks import one_of
from denoisekit.errors import InputError
from denoisekit.study.design import CLAIMS_FILE

COLUMNS = {
    "experiments": (
        *("experiment", "train", "train_low_ms", "train_high_ms"),
        *("restore", "restore_low_ms", "restore_high_ms"),
    ),
    "per_image_scores": ("experiment", "metric", "image", "input"),
    "printed_means": ("table", "experiment", "metric", "input"),
    "printed_deltas": ("metric", "loss"),
    "printed_p_values": ("experiment", "comparison", "metric", "p_value"),
}


"""The tables of a paper by file name without ``.csv``, and the columns that each must have."""


REGIMES = ("NR1", "NR2", "NR3", "NR4", "NR5", "mean")


"""The noise regimes of a table of scores by regime: 1, 2, 4, 8 and 16 frames averaged; of all."""


CLAIMS = {
    **dict.fromkeys(("denoising", "projection", "channels", "synthetic"), ("nrmse", "ssim")),
    **{"segmentation": ("seg",), "axial": ("along",), "restored": ("along",)},
    **{"lateral": ("across",), "resolution": ("width",), "imperceptible": ("apart",)},
    **{"intervals": ("coverage",), "disagreement": ("left",)},
    **{"speed": ("seconds",), "tracking": ("light",), "wrong-nuclei": ("share",)},
    **{"slices": ("planes",), "frame-rate": ("frames",)},
}


"""The claims of CARE's paper, and what each can be measured by; the last five are not measured."""


STARRED = "scale-invariant"


"""The score convention of the rows that Krull et al. mark by an asterisk."""


_REGIME_COLUMNS = ("dataset", "method", "convention", "noise_regime", "psnr", "two_sem")
_CLAIM_COLUMNS = ("claim", "measure", "says", "printed", "printed_beside", "place")
_FOLDER_ADVICE = (
    f"a paper's folder holds {', '.join(f'{name}.csv' for name in COLUMNS)} (with the header alone "
    "where the paper prints no such numbers)."
)
_NAMES = ("table", "experiment", "metric", "image", "loss", "comparison")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MOST_DIGITS = 400
_BOUND = re.compile(r"([<>]?)\s*(.*)")


def value_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns that hold numbers: of methods, or of experiments in the table of gains."""
    return [column for column in columns if column not in _NAMES]


def number(text: str, *, where: str) -> Decimal:
    """Read a printed number with the digits that it was printed with.

    Raises
    ------
    InputError
        If the text is no number.
    """
    if not _NUMBER.fullmatch(text):
        raise InputError(
            f"{where} must be a number as it is printed, such as 0.033 or 1.5e-232, but is "
            f"{text!r}."
        )
    printed = Decimal(text)
    # Exact arithmetic writes every digit out.
    if len(text) > _MOST_DIGITS or abs(printed.adjusted()) > _MOST_DIGITS:
        raise InputError(f"{where} is {text[:40]}, which has more than {_MOST_DIGITS} digits.")
    return printed


def p_value(text: str, *, where: str) -> tuple[str, Decimal]:
    """Read a printed p-value: ``<``, ``>`` or nothing, and the number.

    Raises
    ------
    InputError
        If the text is no number, with or without ``<`` or ``>`` before it.
    """
    bound, value = _BOUND.fullmatch(text).groups()
    return bound, number(value, where=where)


def compared(comparison: str, methods: Sequence[str]) -> tuple[str, str]:
    """Split a comparison ``method-reference``, either of which may have a hyphen in its name.

    Raises
    ------
    InputError
        If it cannot be split into two of the methods in one way.
    """
    parts = comparison.split("-")
    splits = [("-".join(parts[:at]), "-".join(parts[at:])) for at in range(1, len(parts))]
    known = [split for split in splits if set(split) <= set(methods)]
    if len(known) != 1:
        raise InputError(
            f"The comparison {comparison!r} must name a method and a reference as in "
            f"'fft-laplace', both of them among {', '.join(methods)}."
        )
    return known[0]


def check_columns(name: str, columns: Sequence[str], *, where: str) -> None:
    """Raise InputError unless a table has all columns that it needs."""
    _check_columns(COLUMNS[name], columns, where=where)


def _check_columns(needed: Sequence[str], columns: Sequence[str], *, where: str) -> None:
    missing = [column for column in needed if column not in columns]
    if missing:
        raise InputError(
            f"{where} lacks the columns {', '.join(missing)}; it needs {', '.join(needed)}, "
            "separated by commas."
        )


def check_regimes(file: str | Path, *, datasets: Iterable[str]) -> None:
    """Raise InputError unless a file holds a paper's scores by noise regime, and can be read.

    It has one row per data set, method, score convention and noise regime, with the PSNR and twice
    its standard error, which may be empty. Some of its `datasets` must be there.
    """
    rows = _read_rows(Path(file), _REGIME_COLUMNS, key=_REGIME_COLUMNS[:4])
    for where, row in rows.items():
        one_of(row["noise_regime"], REGIMES, name=f"{where}: noise_regime")
        number(row["psnr"], where=f"{where}: psnr")
        if row["two_sem"]:
            number(row["two_sem"], where=f"{where}: two_sem")
    printed = dict.fromkeys(row["dataset"] for row in rows.values())
    for name in datasets:
        one_of(name, list(printed), name=f"{file}: a data set to be compared with")


def check_claims(file: str | Path) -> None:
    """Raise InputError unless a file holds a paper's claims, and can be read.

    It has one row per claim and measure, both as in `CLAIMS`, with what the paper ``says``, the
    number that it prints and the one beside it, either of which may be empty, and the ``place``.
    """
    for where, row in _read_rows(Path(file), _CLAIM_COLUMNS, key=("claim", "measure")).items():
        one_of(row["claim"], list(CLAIMS), name=f"{where}: claim")
        one_of(row["measure"], CLAIMS[row["claim"]], name=f"{where}: measure")
        for column in ("says", "place"):
            if not row[column]:
                raise InputError(f"{where}: {column} is empty; say it as the paper does.")
        for column in ("printed", "printed_beside"):
            if row[column] and not re.search(r"\d", row[column]):
                raise InputError(
                    f"{where}: {column} must have a number as it is printed, such as 0.65 or "
                    f"1.7 %, or be empty, but is {row[column]!r}."
                )


def _read_rows(
    path: Path, columns: Sequence[str], *, key: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Read the rows of a table by where they stand; what their key names is given once."""
    found, rows = _read(path, advice=f"give a table of {', '.join(columns)}.")
    _check_columns(columns, found, where=str(path))
    told: dict[str, dict[str, str]] = {}
    seen = set()
    for line, row in enumerate(rows, start=2):
        where = f"{path}, line {line}"
        _check_width(row, path, line)
        named = tuple(row[column] for column in key)
        if named in seen:
            raise InputError(f"{where}, gives {', '.join(named)} a second time; give each once.")
        seen.add(named)
        told[where] = row
    return told


def check_folder(folder: str | Path) -> None:
    """Raise InputError unless a folder holds a paper's claims, or else all tables of a paper."""
    claims = Path(folder) / CLAIMS_FILE
    if claims.is_file():
        check_claims(claims)
    else:
        check(folder)


def check(folder: str | Path) -> None:
    """Raise InputError unless a folder holds all tables of a paper, and they can be read."""
    for name in COLUMNS:
        path = Path(folder) / f"{name}.csv"
        columns, rows = _read(path, advice=_FOLDER_ADVICE)
        check_columns(name, columns, where=str(path))
        _check_cells(name, rows, path)
        if name == "per_image_scores":
            _check_images(rows, path)


def _read(path: Path, *, advice: str) -> tuple[Sequence[str], list[dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
            return reader.fieldnames or [], rows
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; {advice}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read ({error}); save it as comma-separated text in UTF-8."
        ) from error


def _check_cells(name: str, rows: Sequence[Mapping[str, str]], path: Path) -> None:
    for line, row in enumerate(rows, start=2):
        _check_width(row, path, line)
        for column, text in _numbers(name, row):
            where = f"{path}, line {line}: {column}"
            if text:
                (p_value if column == "p_value" else number)(text, where=where)


def _check_width(row: Mapping[str, str], path: Path, line: int) -> None:
    if None in row or None in row.values():
        raise InputError(f"{path}, line {line}, has not as many columns as the header.")


def _numbers(name: str, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if name != "experiments":
        yield from ((column, row[column]) for column in value_columns(list(row)))


def _check_images(rows: Sequence[Mapping[str, str]], path: Path) -> None:
    images = Counter((row["experiment"], row["metric"], row["image"]) for row in rows)
    for (experiment, metric, image), times in images.most_common(1):
        if times > 1:
            raise InputError(
                f"{path} has {times} rows of the image {image!r} in {experiment}, {metric}; "
                "give one row per experiment, metric and image."
            )

"""Recompute what a paper prints from its own rows, and say how far rounding can explain the rest.

A paper prints scores per image, rounded, and means, gains over the input (mean minus mean of the
input) and p-values of two-sided paired t-tests computed from scores with more digits. A printed
value is right if some rows that round to the printed ones give it at its own number of digits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from denoisekit.published.printed import check_columns, compared, number, p_value, value_columns
from denoisekit.statistics.paired_tests import paired_t_test
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import method_label, metric_name

#: Columns of the audit; what is printed is text, as printed.
COLUMNS = {
    **dict.fromkeys(("table", "experiment", "comparison", "metric", "statistic", "printed"), str),
    **{"recomputed": float, "low": float, "high": float, "verdict": str},
}
VERDICTS = {
    "ok": "the printed rows give it",
    "rounding": "not the printed rows, but others that round to them give it",
    "wrong": "no rows that round to the printed ones give it",
    "no rows": "there are no rows to compute it from",
}
VERDICT_LEGEND = "; ".join(f"'{verdict}': {words}" for verdict, words in VERDICTS.items()) + "."
_STATISTICS = {"mean": "mean", "delta": "gain over the input", "p": "p-value"}


@dataclass(frozen=True)
class _Scores:
    """The scores of one method as printed, and the most that rounding moved each."""

    values: tuple[Fraction, ...]
    half_unit: Fraction

    @property
    def mean(self) -> Fraction:
        return sum(self.values, Fraction(0)) / len(self.values)


@dataclass(frozen=True)
class _Recomputed:
    """A statistic of the printed rows, and its extremes over all rows that round to them."""

    value: float | Fraction
    low: float | Fraction
    high: float | Fraction


_Rows = Mapping[tuple[str, str, str], _Scores]


def check(
    per_image: pd.DataFrame, *, means: pd.DataFrame, deltas: pd.DataFrame, p_values: pd.DataFrame
) -> pd.DataFrame:
    """Recompute every printed mean, gain and p-value of a paper from its rows.

    All values are text as printed: the number of digits says how far each may have been rounded, in
    the rows that of the longest of each experiment, metric and method. An empty cell is not
    printed; rows may leave out a method in the whole of an experiment.

    Parameters
    ----------
    per_image
        Columns experiment, metric, image, ``input`` (the unrestored image) and one per method.
    means
        Columns table, experiment, metric, ``input`` and one per method.
    deltas
        Columns metric, loss (the method) and one per experiment; table is optional.
    p_values
        Columns experiment, comparison (``method-reference``), metric, p_value; table is optional.
        A p-value may be a bound, as in ``<.001``.

    Returns
    -------
    pandas.DataFrame
        table, experiment, comparison, metric, statistic (mean, delta or p), printed (text),
        recomputed (from the printed rows), low and high (its extremes over all rows that round to
        them), verdict (a key of `VERDICTS`). Without rows, numbers are NaN.

    Raises
    ------
    InputError
        If a column is missing, a value is no number, or a comparison does not name two methods.
    """
    frames = {
        "per_image_scores": per_image,
        "printed_means": means,
        "printed_deltas": deltas,
        "printed_p_values": p_values,
    }
    for name, frame in frames.items():
        check_columns(name, list(frame), where=f"The table {name}")
    rows = _rows(per_image)
    cells = [
        *_check_means(rows, means),
        *_check_deltas(rows, deltas),
        *_check_p_values(rows, p_values, methods=value_columns(list(per_image))),
    ]
    return pd.DataFrame(cells, columns=list(COLUMNS))


def _rows(per_image: pd.DataFrame) -> dict[tuple[str, str, str], _Scores]:
    rows = {}
    for (experiment, metric), group in per_image.groupby(["experiment", "metric"], sort=False):
        for method in value_columns(list(group)):
            if not any(group[method]):
                continue
            where = f"A score of {experiment}, {metric}, {method}"
            numbers = [number(text, where=where) for text in group[method]]
            rows[experiment, metric, method] = _Scores(
                tuple(map(Fraction, numbers)), min(_half_unit(number) for number in numbers)
            )
    return rows


def _half_unit(number: Decimal) -> Fraction:
    return Fraction(10) ** int(number.as_tuple().exponent) / 2


def _check_means(rows: _Rows, means: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in means.to_dict("records"):
        for method in value_columns(list(means)):
            scores = rows.get((row["experiment"], row["metric"], method))
            found = scores and _Recomputed(
                scores.mean, scores.mean - scores.half_unit, scores.mean + scores.half_unit
            )
            yield from _cell(row, row["experiment"], method, "mean", row[method], found)


def _check_deltas(rows: _Rows, deltas: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in deltas.to_dict("records"):
        for experiment in value_columns(list(deltas)):
            scores = rows.get((experiment, row["metric"], row["loss"]))
            of_input = rows.get((experiment, row["metric"], "input"))
            found = _gain(scores, of_input) if scores and of_input else None
            yield from _cell(row, experiment, row["loss"], "delta", row[experiment], found)


def _gain(scores: _Scores, of_input: _Scores) -> _Recomputed:
    gain = scores.mean - of_input.mean
    reach = scores.half_unit + of_input.half_unit
    return _Recomputed(gain, gain - reach, gain + reach)


def _check_p_values(
    rows: _Rows, p_values: pd.DataFrame, *, methods: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for row in p_values.to_dict("records"):
        key = row["experiment"], row["metric"]
        names = compared(row["comparison"], methods)
        first, second = (rows.get((*key, name)) for name in names)
        enough = first and second and len(first.values) > 1
        found = _paired_test(first, second) if enough else None
        yield from _cell(row, key[0], row["comparison"], "p", row["p_value"], found)


def _paired_test(first: _Scores, second: _Scores) -> _Recomputed:
    # Counted in the finest last place, so that differences are whole numbers and exact as floats.
    unit = 2 * min(first.half_unit, second.half_unit)
    columns = [[float(value / unit) for value in scores.values] for scores in (first, second)]
    half_width = float((first.half_unit + second.half_unit) / unit)
    lowest, highest = t_extremes(np.subtract(*columns), half_width=half_width)
    freedom = len(first.values) - 1
    return _Recomputed(
        paired_t_test(*columns).p,
        float(2 * student.sf(highest, freedom)),
        float(2 * student.sf(lowest, freedom)),
    )


def t_extremes(differences: np.ndarray, *, half_width: float) -> tuple[float, float]:
    """Return the least and the greatest size of a paired t-test's statistic.

    Every difference may lie anywhere within `half_width` of the given one. The result is exact: t
    grows with mean / root mean square, which has its maximum where every difference is as near as
    it can be to one common value, and its minimum at a corner of the box.

    Parameters
    ----------
    differences
        Differences of two methods, (n,), n above 1.
    half_width
        The most by which each may be off, above 0, in their unit.

    Returns
    -------
    tuple of float
        Least and greatest ``|t|``: 0 if the mean can be zero, infinity if all can be the same.
    """
    centres = np.sort(np.asarray(differences, np.float64))
    return _least_t(centres, half_width), _greatest_t(centres, half_width)


def _least_t(centres: np.ndarray, half_width: float) -> float:
    n = len(centres)
    if abs(centres.sum()) <= n * half_width:
        return 0.0
    # Mean / root mean square is quasi-concave where the mean is above zero (below zero it is
    # mirrored), so a corner is least. Of the corners with as many differences raised, and so one
    # mean, that has the greatest mean square in which the largest are raised.
    raised = np.arange(n) >= n - np.arange(n + 1)[:, None]
    return float(_t(centres + np.where(raised, half_width, -half_width)).min())


def _greatest_t(centres: np.ndarray, half_width: float) -> float:
    if centres[-1] - centres[0] <= 2 * half_width:
        return float("inf")
    low, high = centres - half_width, centres + half_width
    edges = np.sort(np.concatenate([low, high]))
    # At the maximum every difference is the common value c cut to its interval, with c = sum of
    # squares / sum. Between two edges the same differences are cut, and c depends on these alone.
    middles = (edges[:-1, None] + edges[1:, None]) / 2
    clipped = np.clip(middles, low, high)
    cut = np.where(clipped == middles, 0, clipped)
    sums = cut.sum(axis=1)
    common = (cut**2).sum(axis=1) / np.where(sums == 0, 1, sums)
    candidates = np.concatenate([edges, np.clip(common, edges[:-1], edges[1:])])
    return float(_t(np.clip(candidates[:, None], low, high)).max())


def _t(differences: np.ndarray) -> np.ndarray:
    """Return the size of t of every row; infinity where a row is constant."""
    mean, spread = differences.mean(axis=1), differences.std(axis=1, ddof=1)
    size = np.abs(mean) * np.sqrt(differences.shape[1])
    return np.divide(size, spread, out=np.full_like(mean, np.inf), where=np.ptp(differences, 1) > 0)


def _cell(
    row: Mapping[str, str],
    experiment: str,
    comparison: str,
    statistic: str,
    printed: str,
    found: _Recomputed | None,
) -> Iterator[dict[str, Any]]:
    """Give the audit's row of one printed value; none where the cell is empty."""
    if not printed:
        return
    where = f"The printed {_STATISTICS[statistic]} of {experiment}, {row['metric']}, {comparison}"
    nothing = float("nan")
    yield {
        "table": row.get("table", ""),
        "experiment": experiment,
        "comparison": comparison,
        "metric": row["metric"],
        "statistic": statistic,
        "printed": printed,
        "recomputed": float(found.value) if found else nothing,
        "low": float(found.low) if found else nothing,
        "high": float(found.high) if found else nothing,
        "verdict": _verdict(_printed_range(printed, where=where), found),
    }


def _printed_range(printed: str, *, where: str) -> tuple[Fraction | float, Fraction | float]:
    """Return the numbers that may be printed so; half a unit may be rounded up or down."""
    bound, number = p_value(printed, where=where)
    value, half = Fraction(number), _half_unit(number)
    ranges = {"": (value - half, value + half), "<": (-np.inf, value), ">": (value, np.inf)}
    return ranges[bound]


def _verdict(printed: tuple[Fraction | float, Fraction | float], found: _Recomputed | None) -> str:
    if found is None:
        return "no rows"
    lowest, highest = printed
    if lowest <= found.value <= highest:
        return "ok"
    return "rounding" if found.low <= highest and found.high >= lowest else "wrong"


def audit_table(audit: pd.DataFrame) -> Table:
    """Set the whole audit for reading, what is wrong in bold."""
    note = f"Verdict: {VERDICT_LEGEND} Lowest and highest: over all such rows."
    return _table("Printed values recomputed from the printed rows", audit, note)


def flagged_table(audit: pd.DataFrame) -> Table:
    """Set the printed values that no rows explain; no row if there are none."""
    note = "Lowest and highest: over all rows that round to the printed ones."
    return _table("Printed values that cannot be right", audit[audit["verdict"] == "wrong"], note)


def _table(title: str, audit: pd.DataFrame, note: str) -> Table:
    rows = [
        {
            "Table": row.table,
            "Experiment": row.experiment,
            "Comparison": _comparison_label(row),
            "Metric": metric_name(row.metric),
            "Statistic": _STATISTICS[row.statistic],
            "Printed": row.printed,
            **dict(zip(("Recomputed", "Lowest", "Highest"), _shown(row), strict=True)),
            "Verdict": row.verdict,
        }
        for row in audit.itertuples()
    ]
    numbers = ("Table", "Printed", "Recomputed", "Lowest", "Highest")
    columns = ["Table", "Experiment", "Comparison", "Metric", "Statistic", *numbers[1:], "Verdict"]
    wrong = {(at, "Verdict") for at, row in enumerate(rows) if row["Verdict"] == "wrong"}
    return Table(
        title,
        pd.DataFrame(rows, columns=columns),
        dict.fromkeys(numbers, str),
        frozenset(wrong),
        headings=5,
        notes=(note,),
    )


def _comparison_label(row: Any) -> str:
    if row.statistic == "p":
        return row.comparison
    return method_label(row.comparison)


def _shown(row: Any) -> list[str]:
    """Return recomputed, low and high with a digit more than is printed, p-values with three."""
    if row.verdict == "no rows":
        return ["", "", ""]
    _, number = p_value(row.printed, where="A printed value")
    digits = max(0, -int(number.as_tuple().exponent)) + 1
    form = "#.3g" if row.statistic == "p" else f".{digits}f"
    numbers = (row.recomputed, row.low, row.high)
    return ["" if pd.isna(value) else format(value, form).replace("-", "−") for value in numbers]


def sentences(audit: pd.DataFrame) -> list[str]:
    """Say how many printed values are right, and name each that cannot be."""
    count = audit["verdict"].value_counts().reindex(list(VERDICTS), fill_value=0)
    checked = len(audit) - count["no rows"]
    if audit.empty:
        return ["No mean, gain or p-value is printed."]
    said = [
        f"Of {checked} printed means, gains and p-values, the printed rows give {count['ok']} as "
        f"printed; rounding of the rows explains {count['rounding']} more; "
        f"{count['wrong']} cannot be right."
    ]
    wrong = audit[audit["verdict"] == "wrong"]
    said += wrong_sentences(audit)
    said += _exchanged(wrong)
    if count["no rows"]:
        names = audit.loc[audit["verdict"] == "no rows", "experiment"].unique()
        said.append(
            f"For {count['no rows']} more ({', '.join(names)}) no rows are printed to compute them "
            "from."
        )
    return said


def wrong_sentences(audit: pd.DataFrame) -> list[str]:
    """Name each printed value that cannot be right, with what its rows give."""
    return [_wrong(row) for row in audit[audit["verdict"] == "wrong"].itertuples()]


def _wrong(row: Any) -> str:
    recomputed, low, high = _shown(row)
    table = f"Table {row.table}, " if row.table else ""
    return (
        f"{table}{row.experiment}, {_comparison_label(row)}, {metric_name(row.metric)}: the "
        f"{_STATISTICS[row.statistic]} is printed as {row.printed}, but its rows give {recomputed} "
        f"({low} to {high} over all rows that round to them)."
    )


def _exchanged(wrong: pd.DataFrame) -> list[str]:
    """Name pairs of wrong values of which each would be right in the other's place."""
    said = []
    for (experiment, metric, statistic), group in wrong.groupby(
        ["experiment", "metric", "statistic"], sort=False
    ):
        rows = list(group.itertuples())
        for at, row in enumerate(rows):
            for other in rows[at + 1 :]:
                if _fits(row.printed, other) and _fits(other.printed, row):
                    said.append(
                        f"{experiment}, {metric_name(metric)}: the {_STATISTICS[statistic]}s of "
                        f"{_comparison_label(row)} and {_comparison_label(other)} would both be "
                        "right in each other's place."
                    )
    return said


def _fits(printed: str, row: Any) -> bool:
    lowest, highest = _printed_range(printed, where="A printed value")
    return row.low <= highest and row.high >= lowest

"""CARE's claims beside what a study measures: what is printed, what is found, and whether it holds.

The claims are those of Weigert et al. 2018 (doi 10.1038/s41592-018-0216-7), as the text of the
preprint prints them. Most of its numbers are bars of figures, or are not there at all; none is
read off a figure here. What a study finds of a claim is taken from its own tables.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from scipy.stats import t as student

from denoisekit.evaluation.metrics import METRICS
from denoisekit.evaluation.objects import MEASURES
from denoisekit.evaluation.resolution import RAYLEIGH
from denoisekit.statistics import comparisons
from denoisekit.statistics.isotropy import SAID
from denoisekit.statistics.resolution import DIP, told_apart
from denoisekit.statistics.scores import runs_by_experiment
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label, metric_label, signed

#: How a claim fares in a study.
HOLDS, FAILS, OPEN, UNMEASURED = "holds", "does not hold", "cannot be told", "not measured"
#: Columns of the table of claims; what is printed is text, as printed.
COLUMNS = {
    **dict.fromkeys(("claim", "measure", "says", "printed", "printed_beside", "place"), str),
    **dict.fromkeys(("experiment", "segmentation", "data", "method", "beside"), str),
    **dict.fromkeys(("images", "value", "beside_value", "low", "high"), float),
    **{"interval": str, "verdict": str},
}
# Claims that are printed, by one that is measured where they are not: they are told beside it.
_UNMEASURED = {
    "speed": "denoising",
    "tracking": "projection",
    "wrong-nuclei": "axial",
    "slices": "axial",
    "frame-rate": "synthetic",
}
# A share of the truth's power, and of the pixels in an interval of 90 %, that counts as whole.
_WHOLE, _RIGHT = (0.9, 1.1), (0.85, 0.95)
_BAND = f"{SAID} to {float(SAID) + 0.05:.2f} cycles per px"
_SHOWN = ("Claim", "Here", "Printed", "This study", "Beside it", "Interval")
_LABELS = {
    "along": "Power along z over the truth's",
    "across": "Power across over the truth's",
    "width": "Width of lines (µm) ↓",
    "apart": "Lines told apart from (µm) ↓",
    "share": "Share of nuclei that are wrong ↓",
    "coverage": "Pixels in the 90 % interval",
    "left": "Error left by disagreement ↓",
}
_MEANS = ["method", "kind", "quantity", "images", "mean", "sd", "truth_value"]
_DIGITS = {"along": 2, "across": 2, "width": 3, "apart": 2, "share": 3, "coverage": 3, "left": 2}


@dataclass(frozen=True)
class Measured:
    """What a study has measured; a table that it lacks is None.

    Attributes
    ----------
    scores, experiments
        As `denoisekit.statistics.scores.runs_by_experiment` takes them.
    segmentation, segmentation_tests
        As `denoisekit.statistics.segmentation` averages and compares it.
    calibration
        As `denoisekit.statistics.calibration.average` returns it.
    isotropy, resolution
        As `denoisekit.statistics.sharpness.average` returns them.
    """

    scores: pd.DataFrame
    experiments: pd.DataFrame
    segmentation: pd.DataFrame | None = None
    segmentation_tests: pd.DataFrame | None = None
    calibration: pd.DataFrame | None = None
    isotropy: pd.DataFrame | None = None
    resolution: pd.DataFrame | None = None


def answer(
    printed: pd.DataFrame,
    asked: Sequence[Mapping[str, str]],
    measured: Measured,
    *,
    methods: Sequence[str],
    outside: Sequence[str],
    convention: str,
    alpha: float,
    shared: Mapping[str, str],
) -> pd.DataFrame:
    """Hold the printed claims against what a study measures.

    Parameters
    ----------
    printed
        A table that `denoisekit.published.printed.check_claims` accepts, every cell as text.
    asked
        What answers which ``claim``: in which ``experiment``, by which ``method``, ``beside`` which
        other one, which may be ``best-filter`` or empty.
    measured
        What the study has measured.
    methods, outside
        As `denoisekit.statistics.scores.runs_by_experiment` takes them.
    convention
        In which scores are compared.
    alpha
        Intervals are 1 - alpha wide.
    shared
        As `denoisekit.statistics.comparisons.compare` takes it.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, in the order in which the claims are printed: of each claim that the
        study answers a row per experiment, and of those that go with one of them and are not
        measured, one. ``low`` and ``high`` are the ends of an interval over images, of the
        ``difference`` from what stands beside, or of the ``value`` itself, as ``interval`` says.
    """
    scores = runs_by_experiment(
        measured.scores, measured.experiments, methods=methods, outside=outside
    )
    scores = scores[scores["convention"] == convention]
    study = _Study(measured, scores, alpha, shared)
    answered = {one["claim"] for one in asked}
    empty = {name: "" if kind is str else math.nan for name, kind in COLUMNS.items()}
    rows: list[dict[str, Any]] = []
    for claim in printed.to_dict("records"):
        own = [one for one in asked if one["claim"] == claim["claim"]]
        found = [row for one in own for row in study.found(one, claim["measure"])]
        if not found and _UNMEASURED.get(claim["claim"]) in answered:
            found.append({"verdict": UNMEASURED})
        rows += [{**empty, **claim, **row} for row in found]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


@dataclass(frozen=True)
class _Study:
    """What a study has measured, and how it is compared."""

    measured: Measured
    scores: pd.DataFrame
    alpha: float
    shared: Mapping[str, str]

    def found(self, asked: Mapping[str, str], measure: str) -> list[dict[str, Any]]:
        """Return what is found of a claim: a row, or one for each segmentation, or none."""
        find = {
            **dict.fromkeys(METRICS, self._score),
            **dict.fromkeys(MEASURES, self._objects),
            **{"along": self._power, "across": self._power},
            **{"width": self._width, "apart": self._lines, "share": self._wrong},
            **{"coverage": self._calibration, "left": self._calibration},
        }[measure]
        facts = self.measured.experiments.set_index("experiment").loc[asked["experiment"]]
        told = {"experiment": asked["experiment"], "method": asked["method"]}
        told["data"] = "simulated" if facts["simulated"] == "yes" else "measured"
        return [{**told, **row} for row in find(asked, measure)]

    def _score(self, asked: Mapping[str, str], measure: str) -> list[dict[str, Any]]:
        of = (self.scores["experiment"] == asked["experiment"]) & (self.scores["metric"] == measure)
        chosen = self.scores[of]
        if chosen.empty:
            return []
        everything = dict.fromkeys(("experiments", "methods", "metrics", "conventions"), "all")
        tests = comparisons.compare(
            chosen,
            self.measured.experiments,
            references=[asked["beside"]],
            alpha=self.alpha,
            family=everything,
            margins={},
            shared=self.shared,
        )
        (row,) = tests[tests["method"] == asked["method"]].to_dict("records")
        value = chosen.loc[chosen["method"] == asked["method"], "value"].mean()
        return [_compared(row, value, sign=METRICS[measure].sign)]

    def _objects(self, asked: Mapping[str, str], measure: str) -> list[dict[str, Any]]:
        means, tests = self.measured.segmentation, self.measured.segmentation_tests
        if means is None or tests is None:
            return []
        keys = {"experiment": asked["experiment"], "method": asked["method"]}
        tests = _rows(tests, metric=measure, **keys)
        values = _rows(means, quantity=measure, **keys).set_index("segmentation")["mean"]
        return [
            _compared(row, values[row["convention"]], sign=MEASURES[measure].sign)
            | {"segmentation": row["convention"]}
            for row in tests.to_dict("records")
        ]

    def _power(self, asked: Mapping[str, str], measure: str) -> list[dict[str, Any]]:
        quantity = {"along": f"axial_{SAID}", "across": f"lateral_{SAID}"}[measure]
        rows = self._means(self.measured.isotropy, asked, quantity)
        own = rows["truth_value"]
        shares = rows.assign(mean=rows["mean"] / own, sd=rows["sd"] / own, truth_value=1.0)
        if asked["beside"]:
            return self._beside_filters(shares, asked)
        found = self._value(shares, asked)
        return [one | {"verdict": _within(one, *_WHOLE)} for one in found]

    def _width(self, asked: Mapping[str, str], _: str) -> list[dict[str, Any]]:
        return self._beside_filters(self._means(self.measured.resolution, asked, "fwhm_um"), asked)

    def _wrong(self, asked: Mapping[str, str], _: str) -> list[dict[str, Any]]:
        rows = self._means(self.measured.segmentation, asked, "wrong").assign(truth_value=0.0)
        return [
            one | {"segmentation": name}
            for name, group in rows.groupby("segmentation", sort=False)
            for one in self._beside_filters(group, asked)
        ]

    def _beside_filters(self, rows: pd.DataFrame, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        """Hold a mean against that of the filter that is nearest to the truth."""
        found, filters = self._value(rows, asked), _filters(rows)
        if not found or filters.empty:
            return []
        distances = (filters["mean"] - filters["truth_value"]).abs()
        best = filters.loc[distances.idxmin()]
        row = found[0] | {"beside": best["method"], "beside_value": best["mean"]}
        return [row | {"verdict": _nearer(row, truth=best["truth_value"])}]

    def _lines(self, asked: Mapping[str, str], _: str) -> list[dict[str, Any]]:
        rows = self._means(self.measured.resolution, asked, DIP)
        dips = {name: own.set_index("quantity") for name, own in rows.groupby("method", sort=False)}
        told = {name: told_apart(own["mean"]) for name, own in dips.items()}
        filters = list(dict.fromkeys(_filters(rows)["method"]))
        if asked["method"] not in dips or not filters:
            return []
        best = min(filters, key=lambda name: told[name])
        ends = [
            [self._ends(row, asked) for _, row in dips[name].iterrows()]
            for name in (asked["method"], best)
        ]
        row = {"value": told[asked["method"]], "beside": best, "beside_value": told[best]}
        row["images"] = dips[best]["images"].max()
        return [row | {"verdict": _finer(*ends)}]

    def _calibration(self, asked: Mapping[str, str], measure: str) -> list[dict[str, Any]]:
        quantity = {"coverage": "coverage_90", "left": "area_disagreement"}[measure]
        found = self._value(self._means(self.measured.calibration, asked, quantity), asked)
        inside = _RIGHT if measure == "coverage" else (-math.inf, 1.0)
        return [one | {"verdict": _within(one, *inside)} for one in found]

    def _means(
        self, table: pd.DataFrame | None, asked: Mapping[str, str], quantity: str
    ) -> pd.DataFrame:
        """Return the rows of an experiment of the quantities of a name, or that begin with it."""
        if table is None:
            return pd.DataFrame(columns=_MEANS)
        own = table["quantity"] == quantity
        if quantity == DIP:
            own = table["quantity"].str.startswith(DIP)
        return table[own & (table["experiment"] == asked["experiment"]) & table["mean"].notna()]

    def _value(self, rows: pd.DataFrame, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return a method's mean with its interval, or nothing where there is none."""
        return [
            {"value": row["mean"], "images": row["images"]}
            | dict(zip(("low", "high"), self._ends(row, asked), strict=True))
            | {"interval": "value"}
            for _, row in rows[rows["method"] == asked["method"]].iterrows()
        ]

    def _ends(self, row: pd.Series, asked: Mapping[str, str]) -> tuple[float, float]:
        """Return the ends of Student's interval of a mean over images; NaN if they share fields."""
        facts = self.measured.experiments.set_index("experiment").loc[asked["experiment"]]
        count = row["images"]
        if count < 2 or facts["test_fields"] < facts["test_images"]:
            return math.nan, math.nan
        half = float(student.isf(self.alpha / 2, count - 1)) * row["sd"] / math.sqrt(count)
        return row["mean"] - half, row["mean"] + half


def _rows(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def _filters(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["kind"] == "filter") & (rows["method"] != "noisy")]


def _compared(row: Mapping[str, Any], value: float, *, sign: int) -> dict[str, Any]:
    """Return what a row of the comparisons says; a sign of -1 says that less is better."""
    low, high = row["difference_low"], row["difference_high"]
    gains = sorted((sign * low, sign * high))
    verdict = HOLDS if gains[0] > 0 else FAILS if gains[1] < 0 else OPEN
    return {
        **{"value": value, "beside": row["best_filter"] or row["reference"]},
        **{"beside_value": value - row["mean_difference"], "images": row["n"]},
        **{"low": low, "high": high, "interval": "difference", "verdict": verdict},
    }


def _within(found: Mapping[str, float], least: float, most: float) -> str:
    if found["low"] >= least and found["high"] <= most:
        return HOLDS
    return FAILS if found["high"] < least or found["low"] > most else OPEN


def _nearer(found: Mapping[str, float], *, truth: float) -> str:
    """Say whether all of an interval is nearer to the truth than what stands beside, or farther."""
    distances = [abs(found[end] - truth) for end in ("low", "high")]
    nearest = 0 if found["low"] <= truth <= found["high"] else min(distances)
    beside = abs(found["beside_value"] - truth)
    return HOLDS if max(distances) < beside else FAILS if nearest > beside else OPEN


def _finer(own: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> str:
    """Say which of two methods tells some pair of lines apart that the other does not."""
    both = list(zip(own, other, strict=True))
    first = any(high <= RAYLEIGH < low for (_, high), (low, _) in both)
    second = any(high <= RAYLEIGH < low for (low, _), (_, high) in both)
    return OPEN if first == second else HOLDS if first else FAILS


def claims_table(answered: pd.DataFrame, *, alpha: float) -> Table:
    """Set what `answer` returns for reading; the claims that hold are in bold."""
    rows = [
        {
            "Claim": row["says"],
            "Here": row["verdict"],
            "Printed": _printed(row),
            "Measure": _label(row["measure"]) if row["experiment"] else "",
            "This study": _named(row, "value", "method"),
            "Beside it": _named(row, "beside_value", "beside"),
            "Interval": _interval(row),
            "Experiment": ", ".join(filter(None, (row["experiment"], row["segmentation"]))),
            "Data": row["data"],
        }
        for row in answered.to_dict("records")
    ]
    held = {(n, "Here") for n, row in enumerate(rows) if row["Here"] == HOLDS}
    return Table(
        "CARE's claims, and what this study finds",
        pd.DataFrame(rows),
        {},
        frozenset(held),
        headings=0,
        notes=_notes(alpha),
    )


def claims_shown(answered: pd.DataFrame, *, alpha: float) -> Table:
    """Set what `answer` returns for a page: in fewer columns than `claims_table`.

    Which experiment and data it is of, `claims_sentences` has beside it.
    """
    whole = claims_table(answered, alpha=alpha)
    frame = whole.frame.assign(
        **{"This study": (whole.frame["Measure"] + " " + whole.frame["This study"]).str.strip()}
    )
    return replace(whole, frame=frame[list(_SHOWN)])


def _notes(alpha: float) -> tuple[str, ...]:
    return (
        "Printed: as the text of the paper (Weigert et al. 2018, by its preprint) has it; before: "
        "without CARE. What it shows in figures alone was not read off them. Beside it: the best "
        "filter, or, of channels, the network of one channel. Interval: "
        f"{100 * (1 - alpha):.4g} % over images, of the difference from what stands beside, or of "
        "this study's number itself; not corrected for the number of claims. Power: at "
        f"{_BAND}, as a share of the truth's.",
        "Better than the best filter is better than every one, with all of the interval. Of power "
        "along z, of the width of lines and of wrong nuclei, of which the truth has none, all of "
        "the interval lies nearer to the truth than the filter that is nearest. Fully restored, or "
        "unchanged, is 0.9 to 1.1 of the truth's power, and 90 % intervals hold 85 to 95 % of the "
        "pixels. Lines that a filter leaves together are told apart at one distance at least. "
        "Where networks disagree errors lie if less of the error is left once these pixels are "
        "removed than chance would leave (1).",
        "These are other samples, other optics and smaller networks than the paper's, so that what "
        "holds here may fail elsewhere, and the other way round.",
    )


def claims_sentences(answered: pd.DataFrame) -> list[str]:
    """Say how many of the printed claims hold, and of each what is found.

    Parameters
    ----------
    answered
        As `answer` returns it.
    """
    counts = answered["verdict"].value_counts()
    told = [f"{counts.get(HOLDS, 0)} hold here", f"{counts.get(FAILS, 0)} do not"]
    told.append(f"{counts.get(OPEN, 0)} cannot be told")
    missing = counts.get(UNMEASURED, 0)
    data = "" if "measured" in set(answered["data"]) else ", all on simulated images"
    more = f"; {missing} more that are printed are not measured" if missing else ""
    return [
        f"Of {len(answered) - missing} answers to the paper's claims{data}, {listed(told)}{more}.",
        *(
            f"{says} ({_place(rows[0])}). {'; '.join(map(_answer, rows))}."
            for says, rows in (
                (says, group.to_dict("records"))
                for says, group in answered.groupby("says", sort=False)
            )
        ),
    ]


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['place']}; {_printed(row)}"


def _printed(row: Mapping[str, Any]) -> str:
    before = f" (before: {row['printed_beside']})" if row["printed_beside"] else ""
    return f"{row['printed']}{before}" if row["printed"] else "not printed"


def _answer(row: Mapping[str, Any]) -> str:
    if row["verdict"] == UNMEASURED:
        return "Not measured by this study"
    beside, interval = _named(row, "beside_value", "beside"), _interval(row)
    label = _label(row["measure"]).removesuffix(" ↓").removesuffix(" ↑")
    told = f"{label} {_named(row, 'value', 'method')}"
    told += f", beside {beside}" if beside else ""
    told += f" ({row['interval']} {interval})" if interval else ""
    where = ", ".join(filter(None, (row["experiment"], row["segmentation"])))
    return f"{where} ({row['data']}): {told}: {row['verdict']}"


def _label(measure: str) -> str:
    if measure in MEASURES:
        return f"{MEASURES[measure].label} ↑"
    return _LABELS.get(measure) or metric_label(measure)


def _digits(measure: str) -> int:
    known = {**METRICS, **MEASURES}
    return known[measure].digits if measure in known else _DIGITS[measure]


def _number(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if pd.isna(value):
        return ""
    return fixed(_digits(row["measure"]))(value) if math.isfinite(value) else "none"


def _named(row: Mapping[str, Any], column: str, method: str) -> str:
    """Return a number with the method that it is of, as in ``0.85 (Gaussian)``."""
    return f"{_number(row, column)} ({method_label(row[method])})" if row[method] else ""


def _interval(row: Mapping[str, Any]) -> str:
    if pd.isna(row["low"]):
        return ""
    shown = (signed if row["interval"] == "difference" else fixed)(_digits(row["measure"]))
    return f"{shown(row['low'])} to {shown(row['high'])}"

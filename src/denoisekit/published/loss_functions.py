"""The loss-function paper's tables, with this study's numbers beside the printed ones.

Nguyen, Hagen and Ventura, "Deep Learning for Denoising of Fluorescence Microscopy Images": Tables 1
to 11 and two without a number (means of DDS; p-values). The printed numbers are handed in. They
belong to other images than this study's, and the tables say so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from denoisekit.evaluation.metrics import METRICS
from denoisekit.published.audit import VERDICT_LEGEND, wrong_sentences
from denoisekit.published.printed import compared, value_columns
from denoisekit.statistics.comparisons import over_seeds
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import (
    fixed,
    listed,
    method_label,
    metric_label,
    metric_name,
    p_text,
    signed,
)
from denoisekit.study.runs import ENSEMBLE

_HERE, _PRINTED = "This study", "Printed"
_DIGITS = fixed(3)
_NOT_RUN = "not run in this study"


@dataclass(frozen=True)
class Published:
    """What the paper prints: its experiments, scores per image, means, p-values and gains.

    The score of the unrestored image is in the column ``input``. p-values are text, as printed.
    `audit` is what `denoisekit.published.audit.check` finds in them.
    """

    experiments: pd.DataFrame
    per_image: pd.DataFrame
    means: pd.DataFrame
    p_values: pd.DataFrame
    deltas: pd.DataFrame
    audit: pd.DataFrame

    @classmethod
    def from_printed(cls, printed: Mapping[str, pd.DataFrame], *, audit: pd.DataFrame) -> Self:
        """Take the tables of a paper's folder by name, every cell as the text that was printed."""
        return cls(
            experiments=printed["experiments"],
            per_image=_with_numbers(printed["per_image_scores"]),
            means=_with_numbers(printed["printed_means"]),
            p_values=printed["printed_p_values"],
            deltas=_with_numbers(printed["printed_deltas"]),
            audit=audit,
        )


@dataclass(frozen=True)
class Study:
    """What this study has: scores and comparisons in one convention, and its experiments.

    `scores` and `comparisons` are as `denoisekit.statistics.scores` makes them; `methods` are in
    the order in which they are listed.
    """

    experiments: pd.DataFrame
    scores: pd.DataFrame
    comparisons: pd.DataFrame
    methods: Sequence[str]
    convention: str

    def restoring(self) -> list[str]:
        """Return the methods that do something."""
        return [method for method in self.methods if method != "noisy"]

    def images(self, experiment: str, metric: str) -> pd.DataFrame:
        """Return the scores of an experiment, a row per image and a column per method."""
        chosen = self.scores[
            (self.scores["experiment"] == experiment) & (self.scores["metric"] == metric)
        ]
        wide = chosen.pivot(index="image", columns="method", values="value")
        return wide.reindex(columns=list(self.methods))

    def source(self, experiment: str) -> str:
        """Return a sentence on where the numbers of an experiment come from."""
        rows = self.experiments[self.experiments["experiment"] == experiment]
        if rows.empty:
            return f"{experiment} was {_NOT_RUN}; what is printed belongs to the paper's images."
        row = rows.iloc[0]
        data = "simulated" if row["simulated"] == "yes" else "measured"
        fields = (
            "" if row["test_fields"] == row["test_images"] else f" of {row['test_fields']} field"
        )
        fields += "s" if fields and row["test_fields"] > 1 else ""
        return (
            f"{_HERE}: {row['test_images']} {data} images{fields}, scored in the convention "
            f"'{self.convention}'{self._seeds()}. {_PRINTED}: the paper's values, for other images."
        )

    def sources(self) -> str:
        """Return a sentence on where the numbers of all experiments come from."""
        kinds = {"yes": "simulated", "no": "measured"}
        of_kind = self.experiments.groupby("simulated", sort=False)["experiment"].agg(", ".join)
        data = "; ".join(f"{kinds[kind]} images in {names}" for kind, names in of_kind.items())
        return (
            f"{_HERE}: {data}; scored in the convention '{self.convention}'{self._seeds()}. "
            f"{_PRINTED}: the paper's values, for other images."
        )

    def _seeds(self) -> str:
        seeds = [seeds for seeds in self.scores["seeds"].unique() if seeds not in ("", ENSEMBLE)]
        return f", networks of seed {seeds[0]}" if seeds else ""


def _with_numbers(printed: pd.DataFrame) -> pd.DataFrame:
    """Return a printed table with its scores as numbers; those that are not printed are NaN."""
    return printed.assign(
        **{name: pd.to_numeric(printed[name]) for name in value_columns(list(printed))}
    )


def paper_tables(published: Published, study: Study) -> dict[str, Table]:
    """Make the paper's tables.

    Returns
    -------
    dict
        Tables by file name: ``table-01`` to ``table-11``, ``table-dds`` and ``table-p-values``,
        as far as numbers are printed.
    """
    study = replace(study, methods=_columns(published, study))
    made = {"table-01": _experiments(published, study)}
    for (experiment, metrics), rows in _by_table(published.means):
        numbered = (rows["table"] != "").all()
        name = (
            f"table-{int(rows['table'].iloc[0]):02d}" if numbered else f"table-{experiment}".lower()
        )
        heading = f"Table {int(rows['table'].iloc[0])}" if numbered else "Table without a number"
        if experiment in set(published.per_image["experiment"]):
            made[name] = _per_image(heading, experiment, metrics[0], published, study)
        else:
            title = f"{heading}: Mean scores, experiment {experiment}"
            made[name] = _means(title, experiment, rows, study)
    if len(published.deltas):
        made["table-11"] = _gains(published, study)
    if len(published.p_values):
        made["table-p-values"] = _p_values(published, study)
    return made


def means_beside_printed(published: Published, study: Study, *, experiment: str) -> Table | None:
    """Set an experiment's mean scores beside those the paper prints, or None if it prints none."""
    printed = published.means[published.means["experiment"] == experiment]
    if printed.empty:
        return None
    study = replace(study, methods=_columns(published, study))
    return _means("Mean scores and what the paper prints", experiment, printed, study)


def _columns(published: Published, study: Study) -> list[str]:
    """Return the paper's methods in its order, whether or not they were run, then the others."""
    losses = [name for name in value_columns(list(published.means)) if name != "input"]
    return list(dict.fromkeys(["noisy", *losses, *study.methods]))


def _by_table(means: pd.DataFrame) -> Iterator[tuple[tuple[str, list[str]], pd.DataFrame]]:
    for (_, experiment), rows in means.groupby(["table", "experiment"], sort=False):
        yield (experiment, list(rows["metric"])), rows


def _experiments(published: Published, study: Study) -> Table:
    ours = study.experiments.set_index("experiment")
    rows = []
    for row in published.experiments.itertuples():
        known = row.experiment in ours.index
        facts = ours.loc[row.experiment] if known else None
        rows.append(
            {
                "Experiment": row.experiment,
                "Trained on (paper)": f"{row.train}, {row.train_low_ms} → {row.train_high_ms} ms",
                "Restores (paper)": f"{row.restore}, {row.restore_low_ms} ms",
                "Train set": facts["train_set"] if known else None,
                "Test set": facts["test_set"] if known else None,
                "Train images": facts["train_images"] if known else None,
                "Test images": facts["test_images"] if known else None,
                "Fields": facts["test_fields"] if known else None,
                "Data": {"yes": "simulated", "no": "measured"}[facts["simulated"]]
                if known
                else _NOT_RUN,
            }
        )
    counts = dict.fromkeys(("Train images", "Test images", "Fields"), fixed(0))
    return Table("Table 1: Summary of experiments", pd.DataFrame(rows), counts)


def _per_image(
    heading: str, experiment: str, metric: str, published: Published, study: Study
) -> Table:
    wide = study.images(experiment, metric)
    audit = published.audit
    means = audit[
        (audit["statistic"] == "mean")
        & (audit["experiment"] == experiment)
        & (audit["metric"] == metric)
    ]
    printed = published.means[
        (published.means["experiment"] == experiment) & (published.means["metric"] == metric)
    ].iloc[0]
    rows = [{"Image": image, **values} for image, values in wide.to_dict("index").items()]
    if len(wide):
        rows.append({"Image": "Mean", **wide.mean().to_dict()})
    best = _best_cells(rows, study.restoring(), metric)
    rows.append({"Image": "Mean, printed", **_printed(printed, study.methods)})
    return Table(
        f"{heading}: {metric_label(metric)} of every image, experiment {experiment}",
        _labelled(rows, ["Image", *study.methods]),
        _number_formats(study.methods),
        best,
        notes=(study.source(experiment), *wrong_sentences(means)),
    )


def _means(title: str, experiment: str, printed: pd.DataFrame, study: Study) -> Table:
    rows, best = [], set()
    for _, row in printed.iterrows():
        metric = row["metric"]
        here = {"Metric": metric_label(metric), "Source": _HERE}
        here |= study.images(experiment, metric).mean().to_dict()
        best |= {(len(rows), label) for _, label in _best_cells([here], study.restoring(), metric)}
        rows.append(here)
        rows.append({**here, "Source": _PRINTED, **_printed(row, study.methods)})
    return Table(
        title,
        _labelled(rows, ["Metric", "Source", *study.methods]),
        _number_formats(study.methods),
        frozenset(best),
        headings=2,
        notes=(study.source(experiment),),
    )


def _gains(published: Published, study: Study) -> Table:
    columns = [name for name in published.experiments["experiment"] if name in published.deltas]
    left_open = [name for name in columns if published.deltas[name].isna().all()]
    rows = []
    for metric in published.deltas["metric"].unique():
        means = {name: study.images(name, metric).mean() for name in columns}
        for method in study.restoring():
            first = {"Metric": f"Δ {metric_label(metric)}", "Method": method_label(method)}
            here = {name: mean[method] - mean["noisy"] for name, mean in means.items()}
            rows.append({**first, "Source": _HERE, **here})
            printed = published.deltas[
                (published.deltas["metric"] == metric) & (published.deltas["loss"] == method)
            ]
            if len(printed):
                values = printed.iloc[0].to_dict()
                rows.append({**first, "Source": _PRINTED, **{c: values.get(c) for c in columns}})
    return Table(
        "Table 11: Average increase of PSNR and SSIM over the noisy input",
        pd.DataFrame(rows),
        dict.fromkeys(columns, _DIGITS),
        headings=3,
        notes=(
            study.sources(),
            *(f"For {name} the paper leaves the increase open." for name in left_open),
        ),
    )


def _p_values(published: Published, study: Study) -> Table:
    pairs = published.p_values[["comparison", "metric"]].drop_duplicates()
    methods = value_columns(list(published.per_image))
    references = {method_label(compared(name, methods)[1]) for name in pairs["comparison"]}
    means = published.per_image.groupby(["experiment", "metric"])[methods].mean()
    rows = []
    for experiment in published.experiments["experiment"]:
        for comparison, metric in pairs.itertuples(index=False):
            method, reference = compared(comparison, methods)
            rows.append(
                {
                    "Experiment": experiment,
                    "Comparison": f"{method_label(method)} − {method_label(reference)}",
                    "Metric": metric_name(metric),
                    **_audited(published.audit, experiment, comparison, metric),
                    "Difference, from its rows": (means[method] - means[reference]).get(
                        (experiment, metric)
                    ),
                    **_ours(study, experiment, method, reference, metric),
                }
            )
    formats = dict.fromkeys(("p, printed", "p, from its rows", "p, this study"), p_text)
    formats |= dict.fromkeys(("Difference, from its rows", "Difference, this study"), signed(3))
    return Table(
        f"Table without a number: p-values of paired t-tests against {listed(sorted(references))}",
        pd.DataFrame(rows),
        formats,
        headings=3,
        notes=(
            "Two-sided, not corrected for multiple testing, as in the paper. 'From its rows': "
            "recomputed from the paper's printed scores per image, which it gives for "
            f"{listed(published.per_image['experiment'].unique())}. Verdict: {VERDICT_LEGEND} "
            f"{study.sources()}",
            *_remarks(published.experiments),
        ),
    )


def _remarks(experiments: pd.DataFrame) -> list[str]:
    """Return what the folder of printed numbers remarks on the paper's p-values, if it does."""
    if "remark" not in experiments:
        return []
    remarks = experiments[experiments["remark"] != ""]
    return [f"{row.experiment}: {row.remark}." for row in remarks.itertuples()]


def _audited(
    audit: pd.DataFrame, experiment: str, comparison: str, metric: str
) -> dict[str, float | str | None]:
    cells = audit.set_index(["statistic", "experiment", "comparison", "metric"])
    key = "p", experiment, comparison, metric
    found = cells.loc[key].to_dict() if key in cells.index else {}
    return {
        "p, printed": found.get("printed"),
        "p, from its rows": found.get("recomputed"),
        "Verdict": found.get("verdict"),
    }


def _ours(
    study: Study, experiment: str, method: str, reference: str, metric: str
) -> dict[str, float | str | None]:
    table = study.comparisons
    rows = table[
        (table["experiment"] == experiment)
        & (table["metric"] == metric)
        & (table["method"] == method)
        & (table["reference"] == reference)
    ]
    if rows.empty:
        means = study.images(experiment, metric).mean()
        difference = means[method] - means[reference]
        untested = f"not tested against {method_label(reference)} in this study"
        note = _NOT_RUN if pd.isna(difference) else untested
        return {"p, this study": None, "Difference, this study": difference, "Note": note}
    row = rows.iloc[0]
    return {
        "p, this study": row["p"],
        "Difference, this study": row["mean_difference"],
        "Note": row["note"] or ("test over images and seeds" if over_seeds(row) else ""),
    }


def _printed(row: pd.Series, methods: Sequence[str]) -> dict[str, float | None]:
    return {name: row.get("input" if name == "noisy" else name) for name in methods}


def _best_cells(
    rows: Sequence[dict[str, object]], methods: Sequence[str], metric: str
) -> frozenset[tuple[int, str]]:
    if metric not in METRICS:  # One that the paper alone has.
        return frozenset()
    best, cells = METRICS[metric].best, set()
    for number, row in enumerate(rows):
        values = {name: row[name] for name in methods if pd.notna(row.get(name))}
        winner = pd.Series(values, dtype=float).agg(best)
        cells |= {(number, method_label(n)) for n, value in values.items() if value == winner}
    return frozenset(cells)


def _labelled(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).rename(columns=method_label)


def _number_formats(methods: Sequence[str]) -> dict[str, object]:
    return {method_label(name): _DIGITS for name in methods}

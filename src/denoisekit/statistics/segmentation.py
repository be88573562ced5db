"""What is restoration worth? How well found objects match labels, in tables and sentences.

Every method is held against the best filter, since any smoothing helps a pipeline that finds
objects, and beside the long exposure, which is all that a restoration can hope for. The pipeline
smooths by itself, so that the noisy input is one of the filters, too.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from denoisekit.evaluation.objects import MEASURES
from denoisekit.statistics import comparisons
from denoisekit.statistics.scores import RUN, by_experiment, runs_by_experiment
from denoisekit.statistics.typeset import EMPTY, Table
from denoisekit.statistics.wording import fixed, listed, method_label, p_text, signed

#: Columns of the rows of a run, a row per image and quantity.
MEASURED = RUN | {
    **dict.fromkeys(("segmentation", "image", "simulated", "quantity"), str),
    **{"value": float, "truth_value": float},
}
#: Columns of the table of means.
AVERAGED = {
    **dict.fromkeys(("segmentation", "experiment", "method", "kind", "quantity"), str),
    **{"images": int, "mean": float, "sd": float, "truth_value": float},
}
# Measures that say more of the objects found, and by which methods are not compared.
_MORE = {"wrong": ("Wrong", fixed(3)), "found": ("Found", fixed(2))}
_COLUMNS = {name: known.label for name, known in MEASURES.items()}
_COLUMNS |= {name: label for name, (label, _) in _MORE.items()}
_DIGITS = {
    **{known.label: fixed(known.digits) for known in MEASURES.values()},
    **dict(_MORE.values()),
}
_LONG = "Long exposure"
# What the noisy input is called as a filter; no method of a study can be called so.
_UNFILTERED = "noisy input"


def average(
    measured: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    outside: Collection[str],
) -> pd.DataFrame:
    """Average what was measured on single images over each experiment, seeds within images first.

    Parameters
    ----------
    measured
        The rows of all runs, with the columns `MEASURED`; truth_value is the long exposure's own.
    experiments, methods, outside
        As `denoisekit.statistics.scores.by_experiment` takes them; an experiment needs no truth.

    Returns
    -------
    pandas.DataFrame
        The columns `AVERAGED`; truth_value is empty where there is no long exposure.
    """
    known = _known(measured, experiments)
    long = measured.rename(columns={"segmentation": "convention", "quantity": "metric"})
    named = {"methods": methods, "outside": outside}
    rows, truths = (
        by_experiment(long.assign(value=long[column]), known, **named)
        for column in ("value", "truth_value")
    )
    rows["truth_value"] = truths["value"]
    rows = rows.rename(columns={"convention": "segmentation", "metric": "quantity"})
    keys = ["segmentation", "experiment", "method", "kind", "quantity"]
    means = rows.groupby(keys, sort=False).agg(
        images=("value", "count"),
        mean=("value", "mean"),
        sd=("value", "std"),
        truth_value=("truth_value", "mean"),
    )
    return means.reset_index()[list(AVERAGED)]


def _known(measured: pd.DataFrame, experiments: pd.DataFrame) -> pd.DataFrame:
    """Return the experiments whose images have labels, which are a truth of their own."""
    return experiments[experiments["test_set"].isin(measured["test_set"])].assign(truth="yes")


def compare(
    measured: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    outside: Collection[str],
    statistics: Mapping[str, Any],
) -> pd.DataFrame:
    """Test every method against the best filter, by SEG and by F1, the noisy input among filters.

    Parameters
    ----------
    measured, experiments, methods, outside
        As `average` takes them.
    statistics
        All else that `denoisekit.statistics.comparisons.compare` takes.

    Returns
    -------
    pandas.DataFrame
        The columns of that function, with the segmentation as the convention.
    """
    known = _known(measured, experiments)
    chosen = measured[measured["quantity"].isin(MEASURES)]
    long = chosen.rename(columns={"segmentation": "convention", "quantity": "metric"})
    scores = runs_by_experiment(long, known, methods=methods, outside=outside)
    scores["method"] = scores["method"].replace("noisy", _UNFILTERED)
    return comparisons.compare(scores, known, **statistics)


def segmentation_table(averaged: pd.DataFrame) -> Table:
    """Set what `average` returns for reading; the best of the methods is in bold."""
    rows: list[dict[str, Any]] = []
    best: set[tuple[int, str]] = set()
    keys = ["segmentation", "experiment"]
    for (segmentation, experiment), group in averaged.groupby(keys, sort=False):
        first = {"Segmentation": segmentation, "Experiment": experiment}
        wide = group.pivot(index="method", columns="quantity", values="mean")
        truth = group.groupby("quantity")["truth_value"].first().dropna()
        if len(truth):
            rows.append({**first, "Method": _LONG} | _named(truth))
        for method in dict.fromkeys(group["method"]):
            best |= {
                (len(rows), known.label)
                for name, known in MEASURES.items()
                if wide.loc[method, name] == wide[name].max()
            }
            rows.append({**first, "Method": method_label(method)} | _named(wide.loc[method]))
    columns = ["Segmentation", "Experiment", "Method", *_COLUMNS.values()]
    return Table(
        "What restoration is worth to a segmentation",
        pd.DataFrame(rows, columns=columns),
        _DIGITS,
        frozenset(best),
        headings=3,
        notes=(
            "Objects found by one pipeline, of one set of settings for all. SEG: mean Jaccard "
            "index of the labelled objects, 0 of those of which no found one covers over half; "
            "objects found where none is cost nothing there. F1@0.5: they do, and a pair needs a "
            "Jaccard index above 0.5. Wrong: share of the labelled objects that are of no pair, "
            "missed, merged or split. Found: objects found over labelled ones. Means over images, "
            "seeds averaged first. The best method is in bold; the long exposure is no method.",
        ),
    )


def _named(values: pd.Series) -> dict[str, float]:
    return {label: values.get(name, float("nan")) for name, label in _COLUMNS.items()}


def tests_table(tests: pd.DataFrame) -> Table:
    """Set what `compare` returns for reading; p-values below alpha are in bold."""
    tests = tests.reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "Segmentation": tests["convention"],
            "Experiment": tests["experiment"],
            "Method": tests["method"].map(method_label),
            "Measure": tests["metric"].map({name: m.label for name, m in MEASURES.items()}),
            "Against": [comparisons.reference_text(row) for row in tests.itertuples()],
            "Speaks of": tests["about"],
            "Images": tests["n"],
            "Difference": tests["mean_difference"],
            "Interval": list(map(_interval, tests.itertuples())),
            "p": tests["p"],
            "p (Holm)": tests["p_holm"],
            "Note": tests["note"],
        }
    )
    bold = {
        (row, title)
        for title, column in (("p", "p"), ("p (Holm)", "p_holm"))
        for row in tests.index[tests[column] < tests["alpha"]]
    }
    return Table(
        "Objects found, against the best filter",
        frame,
        {"Images": fixed(0), "Difference": signed(3), "p": p_text, "p (Holm)": p_text},
        frozenset(bold),
        headings=3,
        notes=(
            "Two-sided tests over images, or over images and seeds. Better is better than every "
            "filter, worse is worse than one of them, so that none was chosen; the one in brackets "
            "has the best mean. The noisy input, which the pipeline alone smooths, is one of them. "
            "p (Holm): corrected for all tests of this table.",
        ),
    )


def _interval(row: Any) -> str:
    if pd.isna(row.difference_low):
        return ""
    return f"{signed(3)(row.difference_low)} to {signed(3)(row.difference_high)}"


def pipeline_sentences(pipelines: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say of each pipeline how it finds objects, what its settings are, and how they were chosen.

    Parameters
    ----------
    pipelines
        By name ``how``, ``chosen``, ``on``, ``images``, ``tried``, ``seg`` and ``at_ends``, as the
        workflow keeps them.
    """
    return [_pipeline_sentence(name, kept) for name, kept in pipelines.items()]


def _pipeline_sentence(name: str, kept: Mapping[str, Any]) -> str:
    chosen, on, count = kept["chosen"], kept["on"], len(kept["images"])
    if kept["how"] == "nuclei":
        does = (
            f"above {chosen['threshold']:g} of Otsu's threshold is a nucleus, split where centres "
            f"lie {chosen['apart_um']:g} µm apart"
        )
    else:
        does = f"a cell grows from each minimum that is {chosen['depth']:.0%} of the range deep"
    exposures = "long" if on["exposure"] == "high" else "short"
    ends = "".join(f" ({sentence}.)" for sentence in kept["at_ends"])
    return (
        f"{name}: after a Gaussian of {chosen['smoothing_um']:g} µm, {does}; what is smaller than "
        f"{chosen['smallest_um']:g} µm is left out. Chosen once, for all methods, among "
        f"{kept['tried']} settings by SEG ({kept['seg']:.3f}) on {count} {exposures} "
        f"{'exposure' if count == 1 else 'exposures'} of {on['dataset']} to {on['split']} on."
        + ends
    )


def segmentation_sentences(averaged: pd.DataFrame, tests: pd.DataFrame) -> list[str]:
    """Say of each pipeline and experiment what methods are worth beyond the best filter.

    Parameters
    ----------
    averaged, tests
        As `average` and `compare` return them.
    """
    keys = ["segmentation", "experiment"]
    seg = averaged[averaged["quantity"] == "seg"]
    return [
        _worth(segmentation, experiment, group.set_index("method"), tests)
        for (segmentation, experiment), group in seg.groupby(keys, sort=False)
    ]


def _worth(segmentation: str, experiment: str, seg: pd.DataFrame, tests: pd.DataFrame) -> str:
    filters = seg[seg["kind"] == "filter"]
    best = filters["mean"].max()
    names = listed(_filter_label(name) for name in filters.index[filters["mean"] == best])
    truth = seg["truth_value"].iloc[0]
    said = f"{experiment}, by the segmentation {segmentation}: "
    if truth == truth:
        said += f"SEG of the long exposure is {truth:.3f}; "
        if truth <= best:
            said += "no more than that of a filter, so that there is nothing to gain; "
    said += (
        f"of the noisy input {seg.loc['noisy', 'mean']:.3f}, and of the best filter ({names}) "
        f"{best:.3f}."
    )
    chosen = tests[
        (tests["convention"] == segmentation)
        & (tests["experiment"] == experiment)
        & (tests["metric"] == "seg")
    ]
    return " ".join([said, *map(_sentence, chosen.itertuples())])


def _filter_label(name: str) -> str:
    return "the pipeline's own smoothing alone" if name == "noisy" else method_label(name)


def _sentence(row: Any) -> str:
    """Say what a method is worth against the best filter, and with what evidence."""
    gain = row.mean_difference
    words = "better" if gain > 0 else "worse"
    said = f"{method_label(row.method)} is {words} than the best filter by {abs(gain):.3f}"
    if round(abs(gain), 3) == 0:
        said = f"{method_label(row.method)} is as the best filter to three decimals"
    if pd.isna(row.p):
        return f"{said}; no p-value: {row.note or EMPTY}."
    about = "" if row.about == "methods" else f", said of {_ABOUT[row.about]}"
    verdict = "significant" if row.p_holm < row.alpha else "not significant"
    return (
        f"{said} ({_interval(row)}; p = {p_text(row.p)}, {verdict} after Holm's correction for "
        f"{row.family_size:.0f} tests{about})."
    )


_ABOUT = {
    "one network": "this one network",
    "networks": "these networks",
    "as given": "what was given",
}

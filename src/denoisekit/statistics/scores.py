"""Gather scores, and average them.

The long table of scores has one row per run, image, convention and metric. The table of experiments
joins an experiment's name to its train set and test set, and names its methods if these are not
all. A filter has no train set and takes part in every experiment on its test set that has it.
"""

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from denoisekit.errors import InputError
from denoisekit.evaluation.metrics import MAIN, METRICS
from denoisekit.statistics.typeset import EMPTY, Table
from denoisekit.statistics.wording import fixed, method_label, metric_label, score_format

#: What names a run on a test set; a filter has neither a train set nor a seed.
RUN = dict.fromkeys(("test_set", "run", "train_set", "method", "seed"), str)
#: Columns of the long table of scores.
SCORES = RUN | {
    **dict.fromkeys(("image", "simulated", "convention", "metric"), str),
    "value": float,
}
#: Columns of the table of experiments.
EXPERIMENTS = {
    **dict.fromkeys(("experiment", "train_set", "test_set", "test_dataset"), str),
    **dict.fromkeys(("train_images", "test_images", "test_fields"), int),
    **dict.fromkeys(("truth", "movie", "simulated", "methods", "description"), str),
}
_GROUP = ["experiment", "convention", "metric", "method", "kind", "image"]


def summary_columns() -> dict[str, type]:
    """Return the columns of the table of mean scores, those of plug-ins' metrics among them.

    A study's table has those of the metrics that its images have.
    """
    return {
        **dict.fromkeys(("experiment", "method", "kind", "data"), str),
        **dict.fromkeys(("images", "fields"), int),
        **dict.fromkeys(("seeds", "convention"), str),
        **dict.fromkeys(METRICS, float),
    }


def gather(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put score tables of single runs below each other.

    Raises
    ------
    InputError
        If a score appears twice.
    """
    scores = pd.concat(tables, ignore_index=True)
    keys = ["test_set", "run", "image", "convention", "metric"]
    twice = scores[scores.duplicated(keys)]
    if len(twice):
        first = ", ".join(twice.iloc[0][keys])
        raise InputError(f"The score of {first} appears more than once; every image needs a name.")
    return scores


def of_experiment(
    scores: pd.DataFrame, experiments: pd.DataFrame, *, experiment: str
) -> pd.DataFrame:
    """Return the rows of the long table of scores that belong to an experiment.

    These are the runs on its test set of models trained on its train set, and of filters, as far
    as their methods take part in it.
    """
    row = experiments.set_index("experiment").loc[experiment]
    own = (scores["test_set"] == row["test_set"]) & scores["train_set"].isin([row["train_set"], ""])
    if row["methods"]:
        own &= scores["method"].isin(row["methods"].split(", "))
    return scores[own]


def runs_by_experiment(
    scores: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    outside: Collection[str] = (),
) -> pd.DataFrame:
    """Assign the scores of every run to experiments.

    Experiments without a truth have no scores, and are left out.

    Parameters
    ----------
    scores
        The long table of scores.
    experiments
        The table of experiments.
    methods
        The methods in the order in which they shall be listed.
    outside
        Those that come from outside of the study: neither its filters nor its networks.

    Returns
    -------
    pandas.DataFrame
        The columns of `scores`, experiment and kind (network, filter or outside), in the order of
        `experiments` and `methods`.
    """
    parts = [
        of_experiment(scores, experiments, experiment=name).assign(experiment=name)
        for name in experiments.loc[experiments["truth"] == "yes", "experiment"]
    ]
    joined = pd.concat(parts, ignore_index=True)
    kinds = joined["train_set"].map(lambda name: "network" if name else "filter")
    joined["kind"] = kinds.mask(joined["method"].isin(outside), "outside")
    order = {name: i for i, name in enumerate([*experiments["experiment"], *methods])}
    return joined.sort_values(
        ["experiment", "method"], key=lambda names: names.map(order), kind="stable"
    )


def by_experiment(
    scores: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    outside: Collection[str] = (),
) -> pd.DataFrame:
    """Assign scores to experiments, and average the seeds of a method within each image.

    Parameters
    ----------
    scores, experiments, methods, outside
        As `runs_by_experiment` takes them.

    Returns
    -------
    pandas.DataFrame
        experiment, convention, metric, method, kind (network, filter or outside), image, value,
        seeds (as in ``0, 1``), in the order of `experiments` and `methods`.
    """
    joined = runs_by_experiment(scores, experiments, methods=methods, outside=outside)
    grouped = joined.groupby(_GROUP, sort=False)
    averaged = grouped["value"].mean().to_frame()
    averaged["seeds"] = grouped["seed"].agg(_listed_seeds)
    return averaged.reset_index()


def with_independent_images(experiments: pd.DataFrame) -> set[str]:
    """Return the experiments whose test images are each of a field of its own.

    Frames and tiles of one field are no independent samples: no interval over them would hold.

    Parameters
    ----------
    experiments
        The table of experiments.
    """
    apart = experiments["test_fields"] == experiments["test_images"]
    return set(experiments.loc[apart, "experiment"])


def side_by_side(rows: pd.DataFrame, *, keys: Sequence[str], column: str) -> pd.DataFrame:
    """Return a long table's values with a column for each of some names, in the rows' own order.

    Parameters
    ----------
    rows
        The long table, with the `keys`, the `column` and ``value``; each key and name once.
    keys, column
        What a row of the result is of, and what its columns are named by.
    """
    wide = rows.pivot(index=[*keys], columns=column, values="value")
    # pandas 3.0 puts values into others' rows where it is asked itself to keep the order.
    return wide.reindex(pd.MultiIndex.from_frame(rows[[*keys]].drop_duplicates()))


def _listed_seeds(seeds: Iterable[str]) -> str:
    """Return seeds in their order; an ensemble and a filter have one entry, which is no number."""
    found = set(seeds)
    return found.pop() if len(found) == 1 else ", ".join(sorted(found, key=int))


def summarise(scores: pd.DataFrame, experiments: pd.DataFrame) -> pd.DataFrame:
    """Average each method's scores over the images of an experiment.

    Parameters
    ----------
    scores
        Scores as `by_experiment` returns them.
    experiments
        The table of experiments.

    Returns
    -------
    pandas.DataFrame
        experiment, method, kind, data (simulated or measured), images, fields, seeds, convention,
        and the mean of every metric in a column of its name.
    """
    keys = ["experiment", "convention", "method", "kind", "seeds"]
    means = scores.pivot_table(index=keys, columns="metric", values="value", sort=False)
    means = means.reset_index().rename_axis(columns=None)
    facts = experiments.set_index("experiment").loc[means["experiment"]].reset_index()
    means["data"] = facts["simulated"].map({"yes": "simulated", "no": "measured"})
    means["images"], means["fields"] = facts["test_images"], facts["test_fields"]
    return means[[name for name in summary_columns() if name in means]]


def best_rows(summary: pd.DataFrame, metric: str) -> pd.Index:
    """Return the index of the best row of each experiment and convention; all of them in a tie."""
    groups = summary.groupby(["experiment", "convention"], sort=False)[metric]
    best = groups.transform(METRICS[metric].best)
    return summary.index[summary[metric] == best]


def typical_image(
    scores: pd.DataFrame,
    *,
    experiment: str,
    method: str,
    convention: str,
    metric: str,
    place: str = "median",
) -> str:
    """Return the image on which a method has its median score (the lower of two in the middle).

    `scores` is as `by_experiment` returns it; `place` may be ``best`` or ``worst`` instead.
    """
    chosen = scores[
        (scores["experiment"] == experiment)
        & (scores["method"] == method)
        & (scores["convention"] == convention)
        & (scores["metric"] == metric)
    ].sort_values(["value", "image"])
    ends = {"worst": 0, "best": -1}
    if not METRICS[metric].higher_is_better:
        ends = {"worst": -1, "best": 0}
    return str(chosen["image"].iloc[ends.get(place, (len(chosen) - 1) // 2)])


def typical_scores(
    scores: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    experiment: str,
    method: str,
    convention: str,
    place: str = "median",
) -> tuple[str, pd.Series]:
    """Return the image on which a method has its median main score, and every score of that image.

    Parameters
    ----------
    scores, experiments
        The long table of scores, and the table of experiments.
    experiment, method, convention
        Which scores to look at.
    place
        Which image: ``best``, ``median`` or ``worst``.

    Returns
    -------
    str
        The image's name.
    pandas.Series
        Its scores in the convention, by run and metric.
    """
    averaged = by_experiment(scores, experiments, methods=[method])
    image = typical_image(
        averaged,
        experiment=experiment,
        method=method,
        convention=convention,
        metric=MAIN,
        place=place,
    )
    rows = of_experiment(scores, experiments, experiment=experiment)
    rows = rows[(rows["image"] == image) & (rows["convention"] == convention)]
    return image, rows.set_index(["run", "metric"])["value"]


def summary_table(summary: pd.DataFrame, *, convention: str) -> Table:
    """Set the mean scores of one convention for reading, the best of each experiment marked."""
    chosen = summary[summary["convention"] == convention].reset_index(drop=True)
    metrics = [metric for metric in METRICS if metric in chosen]
    titles = {metric: metric_label(metric) for metric in metrics}
    best = {(row, titles[m]) for m in metrics for row in best_rows(chosen, m)}
    frame = chosen.drop(columns=["convention", "kind"]).rename(
        columns=titles | {name: name.capitalize() for name in chosen.columns if name not in titles}
    )
    frame["Method"] = frame["Method"].map(method_label)
    frame["Seeds"] = frame["Seeds"].replace("", EMPTY)
    formats = {titles[m]: score_format(m) for m in metrics}
    formats |= dict.fromkeys(("Images", "Fields"), fixed(0))
    return Table(
        f"Mean scores in the convention '{convention}'",
        frame,
        formats,
        frozenset(best),
        headings=2,
        notes=("The best score of each experiment is set in bold.",),
    )


def score_table(summary: pd.DataFrame, *, convention: str, metric: str) -> Table:
    """Set one metric's means: a row per experiment, a column per method, the best in bold."""
    chosen = summary[summary["convention"] == convention]
    facts = chosen.drop_duplicates("experiment").set_index("experiment")
    wide = chosen.pivot(index="experiment", columns="method", values=metric)
    wide = wide.loc[facts.index, list(dict.fromkeys(chosen["method"]))]
    rows = list(facts.index)
    best = {
        (rows.index(chosen.loc[row, "experiment"]), method_label(chosen.loc[row, "method"]))
        for row in best_rows(chosen, metric)
    }
    wide = wide.rename(columns=method_label)
    frame = facts[["data", "images", "fields"]].rename(columns=str.capitalize).join(wide)
    formats = dict.fromkeys(wide.columns, score_format(metric))
    return Table(
        f"{metric_label(metric)}, mean over images, convention '{convention}'",
        frame.rename_axis("Experiment").reset_index(),
        formats | dict.fromkeys(("Images", "Fields"), fixed(0)),
        frozenset(best),
    )

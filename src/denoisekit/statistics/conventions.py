"""How far the choice of a score convention moves scores, and whether it changes the ranking."""

import pandas as pd

from denoisekit.evaluation.metrics import METRICS
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import (
    listed,
    method_label,
    metric_label,
    metric_name,
    score_format,
    score_text,
)

#: Columns of the table of conventions.
COLUMNS = {
    **dict.fromkeys(("experiment", "convention", "metric", "method"), str),
    **{"mean": float, "rank": int, "change": float, "rank_change": float},
}
#: Columns of the table of which conventions have a meaning for a test set.
CHECKS = dict.fromkeys(("test_set", "convention", "defined", "image", "reason"), str)


def compare_conventions(summary: pd.DataFrame, *, main: str) -> pd.DataFrame:
    """Set the scores and ranks of every convention against those of the main one.

    Parameters
    ----------
    summary
        Mean scores as `denoisekit.statistics.scores.summarise` returns them.
    main
        The convention that the others are compared with.

    Returns
    -------
    pandas.DataFrame
        experiment, convention, metric (those that the main convention has), method, mean, rank (1
        is the best of the experiment), and change and rank_change, the mean and the rank less those
        in the main convention.
    """
    metrics = [metric for metric in METRICS if metric in summary]
    keys = ["experiment", "convention", "method"]
    rows = summary.melt(keys, metrics, var_name="metric", value_name="mean").dropna(subset="mean")
    # Nothing can be compared in a metric that the main convention lacks.
    rows = rows[rows["metric"].isin(rows.loc[rows["convention"] == main, "metric"])]
    signs = rows["metric"].map({name: metric.sign for name, metric in METRICS.items()})
    groups = [rows["experiment"], rows["convention"], rows["metric"]]
    ranks = (signs * rows["mean"]).groupby(groups).rank(method="min", ascending=False)
    rows["rank"] = ranks.astype(int)
    reference = rows[rows["convention"] == main].set_index(["experiment", "metric", "method"])
    ours = pd.MultiIndex.from_frame(rows[["experiment", "metric", "method"]])
    for column, change in (("mean", "change"), ("rank", "rank_change")):
        rows[change] = rows[column].to_numpy() - reference[column].reindex(ours).to_numpy()
    return rows[list(COLUMNS)].reset_index(drop=True)


def conventions_table(compared: pd.DataFrame, *, metric: str, main: str) -> Table:
    """Set one metric's means for reading: a row per experiment and method, a column per convention.

    The mean of a method whose rank differs from that in the main convention is in bold.
    """
    chosen = compared[compared["metric"] == metric]
    keys = ["experiment", "method"]
    order = list(dict.fromkeys(chosen["convention"]))
    wide = chosen.pivot(index=keys, columns="convention", values="mean")[order]
    moved = chosen.pivot(index=keys, columns="convention", values="rank_change")[order] != 0
    rows = pd.MultiIndex.from_frame(chosen.drop_duplicates(keys)[keys])
    wide, moved = wide.loc[rows], moved.loc[rows] & wide.loc[rows].notna()
    best = {(row, name) for name in order for row in moved[name].to_numpy().nonzero()[0]}
    frame = wide.reset_index().rename(columns={"experiment": "Experiment", "method": "Method"})
    frame["Method"] = frame["Method"].map(method_label)
    return Table(
        f"Mean {metric_label(metric)} in every convention",
        frame.rename_axis(columns=None),
        dict.fromkeys(order, score_format(metric)),
        frozenset(best),
        headings=2,
        notes=(f"Bold: the method's rank in the experiment differs from that in '{main}'.",),
    )


def conventions_sentences(
    compared: pd.DataFrame, left_out: pd.DataFrame, *, main: str
) -> list[str]:
    """Say how far the conventions move scores, whether they change ranks, and which are left out.

    Parameters
    ----------
    compared
        As `compare_conventions` returns it.
    left_out
        test_set, convention, image and reason of the conventions without a meaning for a test set.
    main
        The convention that the others are compared with.
    """
    sentences = []
    for metric in (name for name, known in METRICS.items() if known.ranks_as is None):
        rows = compared[compared["metric"] == metric]
        if rows["convention"].nunique() > 1:
            sentences += [_spread(rows, metric), _ranking(rows, metric, main)]
    for convention, rows in left_out.groupby("convention", sort=False):
        first = rows.iloc[0]
        sentences.append(
            f"Convention '{convention}' is left out for {listed(rows['test_set'])}; for image "
            f"{first['image']} of {first['test_set']}, for one, {first['reason']}."
        )
    return sentences


def _spread(rows: pd.DataFrame, metric: str) -> str:
    """Say by how much the mean of the same images moves between two conventions at most."""
    cells = rows.groupby(["experiment", "method"], sort=False)["mean"]
    spread = cells.max() - cells.min()
    if spread.max() == 0:
        return f"The choice of convention does not move {metric_name(metric)}."
    experiment, method = spread.idxmax()
    most = rows[(rows["experiment"] == experiment) & (rows["method"] == method)]
    most = most.set_index("convention")["mean"]
    return (
        f"The choice of convention moves the mean {metric_name(metric)} of the same images by "
        f"{score_text(spread.median(), metric)} (median over experiments and methods) and by up to "
        f"{score_text(spread.max(), metric)}: {method_label(method)} in {experiment} has "
        f"{score_text(most.min(), metric)} in '{most.idxmin()}' and "
        f"{score_text(most.max(), metric)} in '{most.idxmax()}'."
    )


def _ranking(rows: pd.DataFrame, metric: str, main: str) -> str:
    """Say in which experiments ranks differ between conventions, and where the best one does."""
    label, total = metric_name(metric), rows["experiment"].nunique()
    moved = rows[rows["rank_change"] != 0]["experiment"].unique()
    if not len(moved):
        return f"In every experiment the ranking by {label} is the same in all conventions."
    sentence = (
        f"The ranking by {label} depends on the convention in {len(moved)} of {total} experiments "
        f"({listed(moved)})"
    )
    firsts = rows[rows["rank"] == 1].groupby(["experiment", "convention"], sort=False)["method"]
    winners = firsts.agg(lambda names: listed(map(method_label, names)))
    winners = winners.unstack("convention", sort=False)
    changes = [
        f"in {experiment} {row[main]} in '{main}', but "
        + listed(
            f"{names} in {listed(repr(name) for name in group.index)}"
            for names, group in row[row != row[main]].dropna().groupby(row, sort=False)
        )
        for experiment, row in winners.iterrows()
        if row.nunique() > 1
    ]
    if not changes:
        return sentence + ", the best method nowhere."
    return sentence + f". The best method changes: {'; '.join(changes)}."

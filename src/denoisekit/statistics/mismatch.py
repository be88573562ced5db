"""Does anything notice content that a network was not trained on? Image by image, without a truth.

The same images are restored by networks that were trained on such images and by others of the same
method. A quantity that is known without a truth notices if it is greater for the others: its AUC is
the probability that it is, of two images drawn at random.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from denoisekit.statistics.scores import RUN, by_experiment, with_independent_images
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label

#: Columns of what `compare` returns.
COLUMNS = {
    **dict.fromkeys(("test_set", "method", "matched", "other", "quantity"), str),
    **{"images": int, "other_images": int},
    **dict.fromkeys(("auc", "low", "high"), float),
}
#: With fewer images on either side, nothing is said.
FEWEST = 6
_TINY = 1e-9
_NAMES = {
    "flagged": "share flagged",
    "unlikely": "unlikeliness of the residual",
    "scale": "predicted scale",
    "disagreement": "disagreement",
}


def compare(
    residuals: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    train_sets: Mapping[str, Mapping[str, Any]],
    methods: Sequence[str],
    alpha: float,
) -> pd.DataFrame:
    """Return how well each quantity tells images of mismatched networks from matched ones'.

    Parameters
    ----------
    residuals
        The table of residuals, with the columns `denoisekit.statistics.residuals.MEASURED`.
    experiments
        The table of experiments.
    train_sets
        Of the study's settings: a network is matched where its train set is of the data set that is
        restored.
    methods
        Networks, in their order.
    alpha
        The intervals hold 1 - alpha.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, a row for each test set, method, pair of train sets and quantity that
        is known of `FEWEST` images on both sides. Of images that are no independent samples the
        ends of the interval are NaN.
    """
    long = residuals.assign(
        flagged=residuals["invented"] + residuals["erased"],
        unlikely=residuals["expected_log_likelihood"] - residuals["log_likelihood"],
    ).melt([*RUN, "simulated", "image"], list(_NAMES), var_name="metric")
    every = experiments.assign(truth="yes")
    rows = by_experiment(long.assign(convention=""), every, methods=methods)
    rows = rows[rows["method"].isin(methods) & rows["value"].notna()]
    found, apart = [], with_independent_images(experiments)
    for test_set, group in experiments.groupby("test_set", sort=False):
        own = group["train_set"].map(lambda name: train_sets[name]["dataset"])
        same = own == group["test_dataset"]
        for matched in group[same].itertuples():
            for other in group[~same].itertuples():
                names = {"test_set": test_set, "matched": matched.train_set}
                names["other"] = other.train_set
                pair = _of_pair(rows, matched.experiment, other.experiment, names, alpha)
                if matched.experiment not in apart:
                    pair = [{**row, "low": np.nan, "high": np.nan} for row in pair]
                found += pair
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table.drop_duplicates(["test_set", "method", "matched", "other", "quantity"])


def _of_pair(
    rows: pd.DataFrame, matched: Any, other: Any, names: Mapping[str, Any], alpha: float
) -> list[dict[str, Any]]:
    found = []
    chosen = rows[rows["experiment"].isin([matched, other])]
    for (method, quantity), group in chosen.groupby(["method", "metric"], sort=False):
        sides = [group.loc[group["experiment"] == name, "value"] for name in (matched, other)]
        if min(map(len, sides)) >= FEWEST:
            value, low, high = auc(*(side.to_numpy() for side in sides), alpha=alpha)
            found.append(
                {**names, "method": method, "quantity": quantity}
                | {"images": len(sides[0]), "other_images": len(sides[1])}
                | {"auc": value, "low": low, "high": high}
            )
    return found


def auc(first: np.ndarray, second: np.ndarray, *, alpha: float) -> tuple[float, float, float]:
    """Return how probable it is that a value of the second is greater, and its interval.

    Ties count half: it is the statistic of Mann and Whitney over all pairs. The interval is
    Newcombe's (method 5), which is no point where all pairs agree. It takes all images for
    independent; images that are on both sides make it too wide rather than too narrow.

    Parameters
    ----------
    first, second
        Values of either side, one an image.
    alpha
        The interval holds 1 - alpha.

    References
    ----------
    .. [1] R. G. Newcombe, "Confidence intervals for an effect size measure based on the
       Mann-Whitney statistic. Part 2", Stat. Med. 25 (2006), doi:10.1002/sim.2324.
    """
    above = np.sign(np.subtract.outer(second, first))
    value = float((above.mean() + 1) / 2)
    z = stats.norm.isf(alpha / 2)

    def away(place: float) -> float:
        """Return how far the value lies from a place, in that place's standard errors."""
        half = (len(first) + len(second)) / 2 - 1
        spread = 1 + half * ((1 - place) / (2 - place) + place / (1 + place))
        variance = place * (1 - place) * spread / (len(first) * len(second))
        return float((value - place) ** 2 - z**2 * variance)

    # At 0 and at 1 the variance vanishes, which is no end of an interval.
    inside = np.clip(value, _TINY, 1 - _TINY)
    low = optimize.brentq(away, 0.0, inside) if value > 0 else 0.0
    high = optimize.brentq(away, inside, 1.0) if value < 1 else 1.0
    return value, float(low), float(high)


def mismatch_table(compared: pd.DataFrame) -> Table:
    """Set what `compare` returns for reading."""
    frame = pd.DataFrame(
        {
            "Test set": compared["test_set"],
            "Method": compared["method"].map(method_label),
            "Matched": compared["matched"],
            "Other": compared["other"],
            "By": compared["quantity"].map(_NAMES),
            "Images": compared["images"],
            "Other images": compared["other_images"],
            "AUC": compared["auc"],
            "from": compared["low"],
            "to": compared["high"],
        }
    )
    counts = dict.fromkeys(("Images", "Other images"), fixed(0))
    return Table(
        "What tells images of networks that were trained on other content",
        frame,
        counts | dict.fromkeys(("AUC", "from", "to"), fixed(2)),
        headings=4,
        notes=(
            "AUC: how probable it is that the quantity is greater in an image that a network "
            "trained on other content restored than in one of a network trained on such content; "
            "0.5 tells nothing, below it misleads. Unlikeliness: of the noisy image given the "
            "restored one, against what is expected of a true one. Scale: mean, in standard "
            "deviations of the noise. Intervals are Newcombe's, over images, if they are of a "
            "field each.",
        ),
    )


def mismatch_sentences(compared: pd.DataFrame) -> list[str]:
    """Say which quantity notices content that a network was not trained on.

    Parameters
    ----------
    compared
        As `compare` returns it.
    """
    said = []
    keys = ["test_set", "method", "matched", "other"]
    for (test_set, method, matched, other), group in compared.groupby(keys, sort=False):
        parts = [
            f"{_NAMES[row.quantity]} {row.auc:.2f} ({_verdict(row.low, row.high)})"
            for row in group.itertuples()
        ]
        said.append(
            f"{test_set}, {method_label(method)}: trained on {other} instead of {matched}, AUC by "
            f"{listed(parts)}, of {group['images'].iloc[0]} and {group['other_images'].iloc[0]} "
            "images."
        )
    return said


def _verdict(low: float, high: float) -> str:
    if np.isnan(low):
        return "no interval: images share fields"
    found = "notices" if low > 0.5 else "misleads" if high < 0.5 else "not told from chance"
    return f"{low:.2f} to {high:.2f}, {found}"

"""Which method is best where there is no truth? Ranked by the light that none of them was shown."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from denoisekit.statistics.scores import RUN, by_experiment
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label, signed

#: Columns of a run's errors: of each image, and the noise variance of what it was held against.
MEASURED = RUN | {"image": str, "error": float, "noise": float}
#: Columns of the ranking.
RANKED = {
    **dict.fromkeys(("experiment", "method", "kind"), str),
    **{"images": int, "rank": float, "error": float, "gain_db": float, "gain_sd": float},
}
# The noisy input itself restores nothing.
_CONTROL = "noisy"


def rank(
    measured: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    outside: Collection[str] = (),
) -> pd.DataFrame:
    """Rank the methods of each experiment by their errors without a truth.

    Parameters
    ----------
    measured
        Errors of every image, with the columns `MEASURED`.
    experiments, methods, outside
        As `denoisekit.statistics.scores.by_experiment` takes them.

    Returns
    -------
    pandas.DataFrame
        experiment, method, kind, images; rank, 1 for the smallest error; error, the mean over
        images of squared errors, each in units of its noise variance; gain_db, how many decibels
        that is below the noisy input's; gain_sd, its standard error by the jackknife over images.
        Rank and gain are NaN where noise hides the error, which then comes out at zero or below.
    """
    long = measured.assign(
        metric="error", convention="", simulated="", value=measured["error"] / measured["noise"]
    )
    rows = by_experiment(long, experiments, methods=methods, outside=outside)
    ranked = []
    for experiment, group in rows.groupby("experiment", sort=False):
        wide = group.pivot(index="image", columns="method", values="value")
        kinds = dict(zip(group["method"], group["kind"], strict=True))
        found = [
            {"experiment": experiment, "method": name, "kind": kind, "images": len(wide)}
            | {"error": wide[name].mean()}
            | dict(zip(("gain_db", "gain_sd"), _gain(wide[_CONTROL], wide[name]), strict=True))
            for name, kind in kinds.items()
        ]
        frame = pd.DataFrame(found)
        frame["rank"] = frame["error"].where(frame["error"] > 0).rank()
        ranked.append(frame)
    return pd.concat(ranked, ignore_index=True)[list(RANKED)]


def _gain(noisy: pd.Series, method: pd.Series) -> tuple[float, float]:
    """Return by how many decibels an error is smaller, and the standard error of that."""

    def decibels(control: float, own: float) -> float:
        """Return the ratio, if both are errors at all."""
        return float(10 * np.log10(control / own)) if min(control, own) > 0 else float("nan")

    count = len(noisy)
    left_out = [
        decibels(noisy.drop(image).mean(), method.drop(image).mean())
        for image in (noisy.index if count > 1 else ())
    ]
    spread = np.sqrt((count - 1) * np.var(left_out)) if left_out else float("nan")
    return decibels(noisy.mean(), method.mean()), float(spread)


def rank_table(ranked: pd.DataFrame) -> Table:
    """Set what `rank` returns for reading, the best of each experiment first."""
    ordered = pd.concat(group for _, group in _by_rank(ranked))
    frame = pd.DataFrame(
        {
            "Experiment": ordered["experiment"],
            "Method": ordered["method"].map(method_label),
            "Rank": ordered["rank"],
            "Images": ordered["images"],
            "Gain (dB)": ordered["gain_db"],
            "± (dB)": ordered["gain_sd"],
            "Error": ordered["error"],
        }
    ).reset_index(drop=True)
    decimals = {"Gain (dB)": signed(2), "± (dB)": fixed(2), "Error": fixed(3)}
    return Table(
        "Methods ranked without a truth",
        frame,
        {"Rank": fixed(0), "Images": fixed(0), **decimals},
        headings=2,
        notes=(
            "Error: mean squared difference from the rest of the light, less its noise, in units "
            "of that noise's variance, brightness and contrast brought to the rest's as in the "
            "convention 'care'. Gain: how much smaller it is than the noisy input's; ±: standard "
            "error over images. Ranks of methods whose gains differ by less than their standard "
            "errors may be chance.",
        ),
    )


def _by_rank(ranked: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for experiment, group in ranked.groupby("experiment", sort=False):
        yield str(experiment), group.sort_values("rank", kind="stable")


def rank_sentences(ranked: pd.DataFrame) -> list[str]:
    """Say which method is best without a truth, and how far that can be believed."""
    said = []
    for experiment, group in _by_rank(ranked):
        known = group[group["rank"].notna() & (group["method"] != _CONTROL)]
        if known.empty:
            said.append(f"{experiment}: too few photons or images to rank any method by.")
            continue
        best, rest = known.iloc[0], known.iloc[1:]
        level = rest[_apart(best, rest) <= 2 * np.hypot(best["gain_sd"], rest["gain_sd"])]
        also = listed(map(method_label, level["method"]))
        sentence = (
            f"{experiment}: {method_label(best['method'])} is best without a truth, "
            f"{signed(2)(best['gain_db'])} dB against the noisy input"
        )
        said.append(sentence + (f"; not told apart from it: {also}." if also else "."))
    return [
        *said,
        "How far to believe it: methods were shown a part of the light only, so that this ranks "
        "them for images that are darker by as much; networks that were trained on the images' "
        "full light are at a disadvantage to filters, which fit themselves to any noise. Small "
        "differences decide nothing, and what is missing or invented in few pixels hardly counts.",
    ]


def _apart(best: pd.Series, rest: pd.DataFrame) -> pd.Series:
    return best["gain_db"] - rest["gain_db"]

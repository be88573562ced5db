"""What predicted scales are worth: coverage before and after calibration, in words and a table."""

from collections.abc import Sequence

import pandas as pd

from denoisekit.evaluation.calibration import LEVELS
from denoisekit.statistics.scores import RUN, by_experiment
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, method_label

#: Columns of the long table of measures.
MEASURED = RUN | {**dict.fromkeys(("image", "simulated", "quantity"), str), "value": float}
#: Columns of the table of means.
AVERAGED = {
    **dict.fromkeys(("experiment", "method", "quantity", "seeds"), str),
    **{"images": int, "mean": float, "sd": float},
}
_PERCENT = [round(100 * level) for level in LEVELS]
# A temperature nearer to 1 than this leaves coverage about as it is.
_RIGHT = 0.05
# A factor that takes coverage so much farther from its level than it was is told to mislead.
_MISLED = 0.02
_CURVE = r"^(?:(?P<coverage>(?:calibrated_)?coverage)|left_(?P<left>[a-z]+))_(?P<percent>[0-9.]+)$"
_NOTE = (
    "Means over the test images, seeds averaged first, on the scale on which CARE scores: the "
    "truth's 0.1 and 99.9 percentiles lie 1 apart, the restored image is fitted to it, and the "
    "scale takes the same factor. An interval of 90 % should hold 90 % of the pixels. After: with "
    "the scale multiplied by T, learned on images kept from training alone (they chose the epoch, "
    "too). Width: of the 90 % interval. CRPS and NLL: smaller is better. Left: area under the "
    "curve of the error that is left when the most uncertain pixels are removed, by scale, by the "
    "members' disagreement and by the spread of their means; 1 tells nothing, and 'at best' "
    "removes by the error itself."
)


def average(
    measured: pd.DataFrame, experiments: pd.DataFrame, *, methods: Sequence[str]
) -> pd.DataFrame:
    """Average what was measured on single images over each experiment, seeds within images first.

    Parameters
    ----------
    measured
        The long table of measures, with the columns `MEASURED`; quantities are those of
        `denoisekit.evaluation.calibration.measure`.
    experiments, methods
        As `denoisekit.statistics.scores.by_experiment` takes them.

    Returns
    -------
    pandas.DataFrame
        experiment, method, quantity, seeds, images (that could be measured), mean, and sd over
        images.
    """
    long = measured.rename(columns={"quantity": "metric"}).assign(convention="")
    rows = by_experiment(long, experiments, methods=methods)
    keys = ["experiment", "method", "metric", "seeds"]
    means = rows.groupby(keys, sort=False)["value"].agg(["count", "mean", "std"]).reset_index()
    renamed = {"metric": "quantity", "count": "images", "std": "sd"}
    return means.rename(columns=renamed)[list(AVERAGED)]


def temperatures(measured: Sequence[pd.DataFrame]) -> dict[str, float]:
    """Return the factor on the scale that was learned for each run, NaN where there is none.

    Parameters
    ----------
    measured
        Long tables of measures, with the columns `MEASURED`; of a run all images have one factor.
    """
    rows = pd.concat(measured, ignore_index=True)
    factors = rows[rows["quantity"] == "temperature"].groupby("run")["value"]
    return {str(run): float(values.iloc[0]) for run, values in factors}


def curves(averaged: pd.DataFrame) -> pd.DataFrame:
    """Return reliability and sparsification curves, averaged over images.

    Parameters
    ----------
    averaged
        As `average` returns it.

    Returns
    -------
    pandas.DataFrame
        experiment, method, curve, place and value. Of ``coverage`` and ``calibrated_coverage`` the
        place is the share of pixels that an interval should hold, the value the share that it
        holds; of ``scale``, ``disagreement``, ``spread`` and ``oracle``, the share of pixels that
        was removed, and the error that is left over that of all.
    """
    parts = averaged["quantity"].str.extract(_CURVE).rename(columns={"left": "curve"})
    found = averaged[["experiment", "method"]].assign(
        curve=parts["coverage"].fillna(parts["curve"]),
        place=parts["percent"].astype(float) / 100,
        value=averaged["mean"],
    )
    keys = ["experiment", "method", "curve", "place"]
    return found.dropna().groupby(keys, sort=False)["value"].mean().reset_index()


def _runs(averaged: pd.DataFrame) -> list[tuple[str, str, str, pd.Series]]:
    """Return experiment, method, seeds and mean by quantity."""
    keys = ["experiment", "method", "seeds"]
    return [
        (*names, group.set_index("quantity")["mean"])
        for names, group in averaged.groupby(keys, sort=False)
    ]


def calibration_table(averaged: pd.DataFrame) -> Table:
    """Set what `average` returns for reading."""
    columns = {"temperature": "T"}
    for percent in _PERCENT:
        columns |= {f"coverage_{percent}": f"{percent} %"}
        columns |= {f"calibrated_coverage_{percent}": f"{percent} % after"}
    for name, label in (("width_90", "Width"), ("crps", "CRPS"), ("nll", "NLL")):
        columns |= {name: label, f"calibrated_{name}": f"{label} after"}
    columns |= {"area_scale": "Left by scale", "area_disagreement": "Left by disagreement"}
    columns |= {"area_spread": "Left by spread", "area_oracle": "Left at best"}
    rows = [
        {"Experiment": experiment, "Method": method_label(method)}
        | {label: means.get(name) for name, label in columns.items()}
        for experiment, method, _, means in _runs(averaged)
    ]
    shares = {label for name, label in columns.items() if "coverage" in name}
    formats = {label: _share if label in shares else fixed(3) for label in columns.values()}
    return Table(
        "What predicted scales are worth",
        pd.DataFrame(rows, columns=["Experiment", "Method", *columns.values()]),
        formats,
        headings=2,
        notes=(_NOTE,),
    )


def _share(value: float) -> str:
    return f"{value:.1%}"


def calibration_sentences(averaged: pd.DataFrame) -> list[str]:
    """Say of each run whether its intervals hold what they promise, and where errors lie.

    Parameters
    ----------
    averaged
        As `average` returns it.
    """
    return [
        f"{experiment}, {method_label(method)}{_of_seeds(seeds)}: {_coverage(means)} "
        f"{_guarantee(means)} {_where(means)}"
        for experiment, method, seeds, means in _runs(averaged)
    ]


def _of_seeds(seeds: str) -> str:
    return f" (means over networks of the seeds {seeds}, each by itself)" if "," in seeds else ""


def _coverage(means: pd.Series) -> str:
    said = f"the 90 % interval holds {_share(means['coverage_90'])} of the pixels."
    factor = means["temperature"]
    if pd.isna(factor):
        return f"{said} No image kept from training could be used, so nothing is calibrated."
    wrong = "too small" if factor > 1 else "too large"
    if abs(factor - 1) <= _RIGHT:
        wrong = "about right"
    before, after = means["coverage_90"], means["calibrated_coverage_90"]
    worse = abs(after - 0.9) > abs(before - 0.9) + _MISLED
    return (
        f"{said} On images kept from training the scale is {wrong}: the likeliest factor is "
        f"{factor:.2f}, with which it holds {_share(after)}"
        f"{', farther from 90 % than without: those images are not like these' if worse else ''}."
    )


def _guarantee(means: pd.Series) -> str:
    kept, needed = round(means["kept"]), round(means["needed"])
    if pd.isna(means["factor"]):
        return (
            f"No guarantee: {kept} {'field was' if kept == 1 else 'fields were'} kept from "
            f"training, and a bound of 10 % missed pixels takes {needed}."
        )
    return (
        f"With {means['factor']:.2f} times the scale to either side, at most 10 % of the pixels "
        "are missed on average over new images, up to gain and offset (conformal risk control): if "
        f"they are drawn as the {kept} fields kept from training were, which chose the epoch, too. "
        f"Of the pixels of these test images {_share(means['missed'])} are missed."
    )


def _where(means: pd.Series) -> str:
    names = {"scale": "scale", "disagreement": "disagreement", "spread": "spread of the means"}
    parts = [
        f"{means[f'area_{name}']:.2f} by {label}"
        for name, label in names.items()
        if f"area_{name}" in means
    ]
    return (
        f"Of the error, removing the most uncertain pixels leaves {', '.join(parts)} (1: "
        f"uncertainty tells nothing, more: it misleads; {means['area_oracle']:.2f} at best)."
    )

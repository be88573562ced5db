"""How low can the light go? What each method makes of it, and the least light that is enough."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.evaluation.metrics import METRICS
from denoisekit.statistics.paired_tests import FEWEST, mean_difference
from denoisekit.statistics.scores import by_experiment, with_independent_images
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label, score_text

#: What is shown beside metrics of the scores: Fourier ring correlation, and 90 % intervals.
MEASURED = ("resolution_1_7_px", "coverage_90")
#: Columns of the photons of every test image of a data set.
LIGHT = {"image": str, "photons": float}
#: Columns of the table of means.
COLUMNS = {
    **dict.fromkeys(("sweep", "experiment", "method", "kind", "quantity"), str),
    **{"photons": float, "images": int, "mean": float, "error": float},
}
#: Columns of the table of the least light.
LEAST = {
    **dict.fromkeys(("sweep", "method", "kind", "metric", "note"), str),
    **{"limit": float, "images": int, "reached": int},
    **{"photons": float, "low": float, "high": float},
}


def by_light(
    values: pd.DataFrame,
    experiments: pd.DataFrame,
    photons: Mapping[str, pd.DataFrame],
    *,
    sweeps: Mapping[str, Mapping[str, Any]],
    methods: Sequence[str],
) -> pd.DataFrame:
    """Put what was measured of every image beside the light that it had.

    Parameters
    ----------
    values
        Scores, sharpness and calibration of every image, with the columns of a run, image,
        simulated, metric (also for the name of a quantity) and value.
    experiments, methods
        As `denoisekit.statistics.scores.by_experiment` takes them.
    photons
        Of each data set the photons per pixel of every test image, with the columns `LIGHT`.
    sweeps
        By name ``experiments``, which show the same images at several doses.

    Returns
    -------
    pandas.DataFrame
        sweep, experiment, method, kind, quantity, image, photons and value, seeds averaged, of the
        methods that take part in all of a sweep's experiments; independent, whether images are of a
        field each.
    """
    rows = by_experiment(values.assign(convention=""), experiments, methods=methods)
    datasets = experiments.set_index("experiment")["test_dataset"]
    light = pd.concat(
        [
            photons[datasets[name]].assign(experiment=name, sweep=sweep)
            for sweep, settings in sweeps.items()
            for name in settings["experiments"]
        ]
    )
    joined = rows.rename(columns={"metric": "quantity"}).merge(light, on=["experiment", "image"])
    joined["independent"] = joined["experiment"].isin(with_independent_images(experiments))
    columns = ["sweep", "experiment", "method", "kind", "quantity", "image", "photons", "value"]
    columns.append("independent")
    doses = joined.groupby(["sweep", "method"])["experiment"].transform("nunique")
    everywhere = joined["sweep"].map({k: len(v["experiments"]) for k, v in sweeps.items()})
    return joined.loc[doses == everywhere, columns]


def average(images: pd.DataFrame) -> pd.DataFrame:
    """Average over images: the geometric mean of photons, and of values mean and standard error.

    There is no standard error of images that are no independent samples. `images` is as `by_light`
    returns it; the columns are those of `COLUMNS`.
    """
    keys = ["sweep", "experiment", "method", "kind", "quantity"]
    known = images[images["value"].notna()]
    means = known.assign(log=np.log(known["photons"])).groupby(keys, sort=False)
    table = means.agg(
        photons=("log", lambda logs: np.exp(logs.mean())),
        images=("value", "count"),
        mean=("value", "mean"),
        error=("value", "sem"),
        independent=("independent", "all"),
    )
    table["error"] = table["error"].where(table["independent"])
    return table.reset_index()[list(COLUMNS)]


def least_light(
    images: pd.DataFrame, *, sweeps: Mapping[str, Mapping[str, Any]], alpha: float
) -> pd.DataFrame:
    """Find the least light at which each method reaches a limit, with its interval over images.

    On each image the score is interpolated over the logarithm of the photons, from the brightest
    dose downwards to the first that misses the limit.

    Parameters
    ----------
    images
        As `by_light` returns it.
    sweeps
        By name ``metric`` and ``limit``.
    alpha
        Intervals, Student's of the mean logarithm, are 1 - alpha wide.

    Returns
    -------
    pandas.DataFrame
        sweep, method, kind, metric, limit; images, how many there are, and reached, of how many the
        limit lies between two doses; photons, their geometric mean, and its interval low to high;
        note, why there is no number: some image reaches the limit at all doses or at none, so that
        a mean over the others would be a choice of them; or no interval, since there are fewer than
        six, or they are no independent samples.
    """
    rows = []
    for (sweep, method, kind), group in images.groupby(["sweep", "method", "kind"], sort=False):
        metric, limit = sweeps[sweep]["metric"], sweeps[sweep]["limit"]
        chosen = group[group["quantity"] == metric]
        found = {
            image: _crossing(own.sort_values("photons"), limit, METRICS[metric].sign)
            for image, own in chosen.groupby("image", sort=False)
        }
        inside = np.log([value for value in found.values() if np.isfinite(value) and value > 0])
        row = {"sweep": sweep, "method": method, "kind": kind, "metric": metric, "limit": limit}
        row |= {"images": len(found), "reached": len(inside), "note": _note(found)}
        if not row["note"]:
            row["photons"] = float(np.exp(inside.mean()))
            if len(inside) < FEWEST:
                row["note"] = f"no interval of {len(inside)} images"
            elif not chosen["independent"].all():
                row["note"] = f"no interval: the {len(inside)} images share fields"
            else:
                mean = mean_difference(inside, alpha=alpha)
                row |= {"low": float(np.exp(mean.low)), "high": float(np.exp(mean.high))}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(LEAST))


def _crossing(own: pd.DataFrame, limit: float, sign: int) -> float:
    """Return the photons at which a score reaches a limit: 0 if below all doses, inf if above."""
    light = np.log(own["photons"].to_numpy())
    above = sign * (own["value"].to_numpy() - limit)
    if not above[-1] >= 0:
        return float("inf")
    missed = np.flatnonzero(~(above >= 0))
    if not missed.size:
        return 0.0
    last = missed[-1]
    share = -above[last] / (above[last + 1] - above[last])
    return float(np.exp(light[last] + share * (light[last + 1] - light[last])))


def _note(found: Mapping[str, float]) -> str:
    dim, bright = (sum(value == end for value in found.values()) for end in (0.0, np.inf))
    parts = [f"{dim} of {len(found)} images reach the limit at every dose"] if dim else []
    parts += [f"{bright} of {len(found)} images reach it at no dose"] if bright else []
    return "; ".join(parts)


def least_table(least: pd.DataFrame) -> Table:
    """Set what `least_light` returns for reading."""
    frame = pd.DataFrame(
        {
            "Sweep": least["sweep"],
            "Method": least["method"].map(method_label),
            "Limit": [_limit(row) for row in least.itertuples()],
            "Photons per pixel": least["photons"],
            "Interval": [
                f"{row.low:.3g} to {row.high:.3g}" if row.low == row.low else ""
                for row in least.itertuples()
            ],
            "Images": least["images"],
            "Note": least["note"],
        }
    )
    return Table(
        "The least light at which a method reaches the limit",
        frame,
        {"Photons per pixel": "{:.3g}".format, "Images": fixed(0)},
        headings=2,
        notes=(
            "Photons per pixel by the images' own noise, in which read noise counts as light; "
            "geometric mean over images of where each one's score, interpolated between doses, "
            "falls below the limit, with Student's interval over images.",
        ),
    )


def _limit(row: Any) -> str:
    return f"{METRICS[row.metric].label} {score_text(row.limit, row.metric)}"


def dose_sentences(least: pd.DataFrame) -> list[str]:
    """Say which methods reach the limit with the least light, and which are not told."""
    said = []
    for sweep, group in least.groupby("sweep", sort=False):
        known = group[group["photons"].notna()].sort_values("photons", kind="stable")
        parts = [
            f"{method_label(row.method)} {row.photons:.3g}"
            + (f" ({row.low:.3g} to {row.high:.3g})" if row.low == row.low else "")
            for row in known.itertuples()
        ]
        first = f"{sweep}: {_limit(group.iloc[0])} is reached from so many photons per pixel on: "
        said.append(f"{first}{listed(parts) or 'not to be told of any method'}.")
        said += [f"{sweep}: {note}." for note in dict.fromkeys(known["note"]) if note]
        said += [
            f"{sweep}: {method_label(row.method)} has no such dose: {row.note}."
            for row in group[group["photons"].isna()].itertuples()
        ]
    return said

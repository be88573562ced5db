"""Do restored images keep the brightness? Gain and offset against the truth, method by method."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from denoisekit.statistics.scores import RUN, by_experiment, side_by_side, with_independent_images
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label

#: Columns of the means.
AVERAGED = {
    **dict.fromkeys(("experiment", "method"), str),
    "images": int,
    **dict.fromkeys(("gain", "gain_low", "gain_high", "offset"), float),
}
#: A gain that lies farther from 1, its whole interval included, is told.
NEAR = 0.02


def average(
    residuals: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    alpha: float,
) -> pd.DataFrame:
    """Average gain and offset against the truth over each experiment, seeds within images first.

    Parameters
    ----------
    residuals
        The table of residuals, with the columns `denoisekit.statistics.residuals.MEASURED`, of
        which those of images with a truth are taken.
    experiments, methods
        As `denoisekit.statistics.scores.by_experiment` takes them.
    alpha
        The intervals, Student's over images, hold 1 - alpha.

    Returns
    -------
    pandas.DataFrame
        The columns `AVERAGED`; the ends of an interval are NaN of a single image, and of images
        that are no independent samples.
    """
    kept = residuals[[*RUN, "simulated", "image", "truth_gain", "truth_offset"]]
    long = kept.rename(columns=lambda name: name.removeprefix("truth_")).melt(
        [*RUN, "simulated", "image"], var_name="metric"
    )
    long = long[long["value"].notna()].assign(convention="")
    if long.empty:
        return pd.DataFrame(columns=list(AVERAGED))
    rows = by_experiment(long, experiments, methods=methods)
    keys = ["experiment", "method"]
    wide = side_by_side(rows, keys=[*keys, "image"], column="metric")
    found, apart = [], with_independent_images(experiments)
    for place, group in wide.groupby(keys, sort=False):
        gains, half = group["gain"], np.nan
        if len(gains) > 1 and place[0] in apart:
            half = stats.t.isf(alpha / 2, len(gains) - 1) * gains.std() / np.sqrt(len(gains))
        values = [gains.mean(), gains.mean() - half, gains.mean() + half, group["offset"].mean()]
        found.append([*place, len(gains), *values])
    return pd.DataFrame(found, columns=list(AVERAGED))


def brightness_table(averaged: pd.DataFrame, *, arbitrary: Sequence[str], alpha: float) -> Table:
    """Set what `average` returns for reading; `arbitrary` is as `brightness_sentences` takes it."""
    frame = pd.DataFrame(
        {
            "Experiment": averaged["experiment"],
            "Method": averaged["method"].map(method_label),
            "Images": averaged["images"],
            "Gain": averaged["gain"],
            "from": averaged["gain_low"],
            "to": averaged["gain_high"],
            "Offset": averaged["offset"],
            "Brightness": np.where(averaged["method"].isin(arbitrary), "arbitrary", "tied"),
        }
    )
    formats = {**dict.fromkeys(("Gain", "from", "to"), fixed(3)), "Offset": fixed(2)}
    return Table(
        "Brightness against the truth",
        frame,
        formats | {"Images": fixed(0)},
        headings=2,
        notes=(
            "What the restored image is multiplied by, and what is then added in its own units, "
            "to lie nearest to the truth, which takes the brightness of the short exposure by "
            "regression. Means over images, seeds averaged first; from, to: Student's interval "
            f"of {1 - alpha:.0%} over images, if they are of a field each. Noise that is left "
            "makes a gain smaller: that of the noisy input tells how much of it is noise. "
            "Arbitrary: by its loss, which sees no brightness.",
        ),
    )


def brightness_sentences(averaged: pd.DataFrame, *, arbitrary: Sequence[str]) -> list[str]:
    """Say which methods leave the brightness open, and which others do not keep it.

    Parameters
    ----------
    averaged
        As `average` returns it.
    arbitrary
        Methods whose loss declares that it sees no brightness.
    """
    said = []
    if arbitrary:
        said.append(
            f"Brightness is arbitrary in images of {listed(map(method_label, arbitrary))}: the "
            "loss does not see it. Their gains and offsets hold for these networks alone."
        )
    tied = averaged[~averaged["method"].isin([*arbitrary, "noisy"])]
    # Where there is no interval, the gain itself is asked.
    ends = tied[["gain_low", "gain_high"]].apply(lambda column: column.fillna(tied["gain"]))
    off = tied[(ends["gain_low"] > 1 + NEAR) | (ends["gain_high"] < 1 - NEAR)]
    if len(off):
        parts = [
            f"{method_label(row.method)} in {row.experiment} {gain_text(row)}"
            for row in off.itertuples()
        ]
        said.append(
            "Contrast is not kept, by more than "
            f"{NEAR:.0%} with the whole interval (gain to the truth): {listed(parts)}. Noise that "
            "is left, and a sample that moved between the exposures, make a gain smaller, too."
        )
    elif len(tied):
        said.append(
            "No other method's gain to the truth lies farther than "
            f"{NEAR:.0%} from 1 with its whole interval, in any experiment."
        )
    return said


def gain_text(row: Any) -> str:
    """Return the gain of a row of what `average` returns, with its interval."""
    if np.isnan(row.gain_low):
        rest = "one image" if row.images == 1 else f"mean of {row.images}, which share fields"
        return f"{row.gain:.3f} ({rest})"
    return f"{row.gain:.3f} ({row.gain_low:.3f} to {row.gain_high:.3f})"

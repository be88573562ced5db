"""What methods make of pure noise and of flat fields, in words and a table."""

from collections.abc import Sequence

import pandas as pd

from denoisekit.statistics.scores import RUN, by_experiment
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label, signed

_QUANTITIES = (
    "structures",
    "contrast",
    "noise_shift",
    "spread",
    "flat_shift",
    "peak",
    "limit",
    "period_px",
)
#: Columns of the table of controls, a row per run.
MEASURED = RUN | {"simulated": str, "images": int} | dict.fromkeys(_QUANTITIES, float)
#: Columns of the means over seeds.
AVERAGED = {
    **dict.fromkeys(("experiment", "method"), str),
    "images": int,
    **dict.fromkeys(_QUANTITIES, float),
}
_COLUMNS = {
    "structures": "Invented",
    "contrast": "Contrast",
    "noise_shift": "Shift of noise",
    "spread": "Spread",
    "flat_shift": "Shift of flat",
    "peak": "Peak",
    "limit": "Limit",
    "period_px": "Period (px)",
}
# Below that many standard deviations of the noise nobody sees a shift.
_SHIFTED = 0.1


def average(
    measured: pd.DataFrame, experiments: pd.DataFrame, *, methods: Sequence[str]
) -> pd.DataFrame:
    """Assign what was measured of runs to experiments, and average the seeds of a method.

    Parameters
    ----------
    measured
        The table of controls, with the columns `MEASURED`.
    experiments, methods
        As `denoisekit.statistics.scores.by_experiment` takes them; experiments without controls
        are left out.

    Returns
    -------
    pandas.DataFrame
        The columns `AVERAGED`.
    """
    known = experiments[experiments["test_set"].isin(measured["test_set"])].assign(truth="yes")
    long = measured.melt([*RUN, "simulated"], ["images", *_QUANTITIES], var_name="metric")
    rows = by_experiment(long.assign(convention="", image=""), known, methods=methods)
    keys = ["experiment", "method"]
    wide = rows.set_index([*keys, "metric"])["value"].unstack("metric", sort=False)
    order = pd.MultiIndex.from_frame(rows[keys].drop_duplicates())
    return wide.reindex(order).reset_index().astype({"images": int})[list(AVERAGED)]


def controls_table(averaged: pd.DataFrame) -> Table:
    """Set what `average` returns for reading."""
    frame = averaged.assign(method=averaged["method"].map(method_label))
    columns = {"experiment": "Experiment", "method": "Method", "images": "Images", **_COLUMNS}
    digits = {**dict.fromkeys(_COLUMNS.values(), fixed(2)), "Images": fixed(0)}
    return Table(
        "Pure noise and flat fields",
        frame.rename(columns=columns)[list(columns.values())],
        digits,
        headings=2,
        notes=(
            "Pure noise at the background's level: local maxima an image that, both averaged by a "
            "Gaussian of 2 px, rise higher above the median than any of the noise does; and the "
            "standard deviation of what was restored over the noise's, both so averaged. A flat "
            "field at the mean level: standard deviation of the restored pixels over the noise's; "
            "the highest peak of their spectrum over waves like it, the limit that noise alone "
            "hardly exceeds, and the peak's period. Shifts of the mean are in standard deviations "
            "of the noise. Seeds averaged.",
        ),
    )


def control_sentences(averaged: pd.DataFrame) -> list[str]:
    """Say of each experiment which methods find structure where there is none.

    Parameters
    ----------
    averaged
        As `average` returns it.
    """
    shown = averaged[averaged["method"] != "noisy"]
    return [
        f"{name}: {_invented(group)} {_left(group)}"
        for name, group in shown.groupby("experiment", sort=False)
    ]


def _invented(group: pd.DataFrame) -> str:
    count = group["images"].iloc[0]
    images = f"{count} {'image' if count == 1 else 'images'}"
    made = group[group["structures"] > 0]
    none = group[group["structures"] == 0]
    parts = [
        f"{method_label(row.method)} invents {row.structures:.1f} structures an image"
        for row in made.itertuples()
    ]
    if len(none):
        parts.append(f"none above the noise's own maxima by {_names(none)}")
    most = group.loc[group["contrast"].idxmax()]
    return (
        f"of pure noise ({images}), {'; '.join(parts)}. Most contrast is left by "
        f"{method_label(most['method'])}, {most['contrast']:.2f} of the averaged noise's."
    )


def _left(group: pd.DataFrame) -> str:
    marked = group[group["peak"] > group["limit"]]
    said = "In a flat field no method leaves a regular pattern."
    if len(marked):
        waves = [
            f"{method_label(row.method)} ({row.period_px:.1f} px, {row.peak / row.limit:.1f} times "
            "what noise reaches)"
            for row in marked.itertuples()
        ]
        said = f"In a flat field a wave stands out in {listed(waves)}."
    most = group.loc[group["spread"].idxmax()]
    said += (
        f" Most of the noise is left by {method_label(most['method'])}: {most['spread']:.2f} of "
        "its standard deviation."
    )
    return said + _moved(group, "noise_shift", "pure noise") + _moved(group, "flat_shift", "flats")


def _moved(group: pd.DataFrame, quantity: str, what: str) -> str:
    rows = group[group[quantity].abs() > _SHIFTED]
    if not len(rows):
        return ""
    shifts = [
        f"{method_label(method)} by {signed(2)(value)}"
        for method, value in zip(rows["method"], rows[quantity], strict=True)
    ]
    return (
        f" The mean of {what} is not kept, in standard deviations of the noise: {listed(shifts)}."
    )


def _names(rows: pd.DataFrame) -> str:
    return listed(map(method_label, rows["method"]))

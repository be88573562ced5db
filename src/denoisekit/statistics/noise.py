"""Set what the noise of each data set is like in a table, and tell which methods it contradicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from denoisekit.noise.card import NoiseCard, warning
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label

_COLUMNS = (
    *("dataset", "images", "fields", "frames", "gain", "intercept", "offset", "read_noise"),
    *("correlation_x", "correlation_x_2", "correlation_y", "correlation_y_2"),
    *("row_noise", "column_noise", "row_share", "column_share", "saturated", "floored"),
    *("lowest", "highest", "gain_least", "gain_greatest", "correlation_x_least"),
    *("correlation_x_greatest", "correlation_y_least", "correlation_y_greatest", "unlike"),
    *("advice", "mask_y", "mask_x", "reason"),
)
_ENDS = {
    "gain": "gains",
    "correlation_x": "correlations_x",
    "correlation_y": "correlations_y",
}
_SHOWN = {
    "dataset": "Data set",
    "advice": "Advice",
    "measured": "Measured",
    "gain": "Gain",
    "intercept": "Intercept",
    "offset": "Offset",
    "read_noise": "Read noise",
    "correlation_x": "Corr. x",
    "correlation_y": "Corr. y",
    "row_noise": "Row noise",
    "column_noise": "Column noise",
    "saturated": "Saturated",
    "range": "Range",
}


def gather(measured: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Gather what was measured of each data set, a row each.

    Parameters
    ----------
    measured
        By data set, ``images`` (their names), ``noise`` (`NoiseCard.card`) and ``fields``
        (`denoisekit.noise.fields.NoiseOfFields.spread`), or ``reason``, why there are none.

    Returns
    -------
    pandas.DataFrame
        dataset, images, and the attributes of `NoiseCard` and `Advice`; of correlations at 1 and 2
        pixels, the latter in columns that end with ``_2``; how many fields were measured, how many
        of them are in unlike units, and the least and greatest of their gains and correlations.
        Where there is no card, only reason.
    """
    rows = [_row(name, content) for name, content in measured.items()]
    whole = dict.fromkeys(("fields", "frames", "unlike", "mask_y", "mask_x"), "Int64")
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(whole)


def _row(dataset: str, content: Mapping[str, Any]) -> dict[str, Any]:
    row = {"dataset": dataset, "images": ", ".join(content["images"])}
    if "noise" not in content:
        return {**row, "reason": content["reason"]}
    noise = dict(content["noise"])
    for axis in "xy":
        near, noise[f"correlation_{axis}_2"] = noise[f"correlation_{axis}"]
        noise[f"correlation_{axis}"] = near
    spread = content["fields"]
    for short, ends in _ENDS.items():
        noise[f"{short}_least"], noise[f"{short}_greatest"] = spread[ends]
    noise |= {"fields": spread["fields"], "unlike": spread["unlike"]}
    advice = noise["advice"]
    noise["mask_y"], noise["mask_x"] = advice["mask"]
    return {**row, **noise, "advice": advice["method"], "reason": advice["reason"]}


def noise_table(gathered: pd.DataFrame) -> Table:
    """Set what `gather` returns for reading, with the reasons below."""
    shown = gathered.assign(
        measured=[_measured(row) for row in gathered.itertuples()],
        range=[
            None if pd.isna(row.lowest) else f"{row.lowest:g} to {row.highest:g}".replace("-", "−")
            for row in gathered.itertuples()
        ],
        advice=[
            "no card" if pd.isna(row.advice) else method_label(row.advice)
            for row in gathered.itertuples()
        ],
    )
    unknown = [name for name in ("offset", "read_noise") if shown[name].isna().all()]
    frame = shown[list(_SHOWN)].drop(columns=unknown).rename(columns=_SHOWN)
    short = dict.fromkeys(
        ("Gain", "Intercept", "Offset", "Read noise", "Row noise", "Column noise"), _short
    )
    return Table(
        "Noise of the short exposures, in the units of each data set",
        frame.astype(object),
        short | {"Corr. x": fixed(2), "Corr. y": fixed(2), "Saturated": "{:.2%}".format},
        notes=[f"{row.dataset}: {row.reason}{_spread(row)}" for row in gathered.itertuples()],
    )


def _measured(row: Any) -> str:
    if pd.isna(row.frames) or row.frames == 1:
        return str(row.images)
    return f"{row.frames} frames" if row.fields == 1 else f"{row.frames} of {row.fields} fields"


def _spread(row: Any) -> str:
    """Say how far fields differ, where several were measured."""
    if pd.isna(row.fields) or row.fields == 1:
        return ""
    text = (
        f" From field to field the gain is {row.gain_least:.3g} to {row.gain_greatest:.3g}, and "
        f"the correlation {row.correlation_x_least:.2f} to {row.correlation_x_greatest:.2f} along "
        f"x and {row.correlation_y_least:.2f} to {row.correlation_y_greatest:.2f} along y"
    )
    if row.unlike:
        text += f"; {row.unlike} of {row.fields} are in other units than the rest"
    return (text + ".").replace("-", "−")


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def warnings(
    measured: Mapping[str, Mapping[str, Any]],
    *,
    methods: Mapping[str, Mapping[str, Any]],
    trained_on: Sequence[str],
) -> list[str]:
    """Say which methods are trained on noise that contradicts what they take for granted.

    Parameters
    ----------
    measured
        As `gather` takes it.
    methods
        The study's methods, as its file says them.
    trained_on
        Names of the data sets that networks are trained on.
    """
    said: dict[tuple[str, str], list[str]] = {}
    for method, entry in methods.items():
        if entry.get("objective") != "noise2void":
            continue
        line = entry["masking"].get("line", {}).get("direction")
        for dataset in trained_on:
            noise = measured[dataset].get("noise")
            text = warning(NoiseCard.from_card(noise), line=line) if noise else None
            if text:
                said.setdefault((dataset, text), []).append(method_label(method))
    return [f"{listed(names)} on {dataset}: {text}" for (dataset, text), names in said.items()]

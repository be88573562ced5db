"""How deep does the sheet lie? Depths beside the true surface, in a table and in words."""

import pandas as pd

from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label, signed

_COLUMNS = {
    "error_um": ("Mean error (µm)", fixed(2)),
    "median_um": ("Median error (µm)", fixed(2)),
    "bias_um": ("Too deep by (µm)", signed(2)),
    "spread_um": ("Spread told (µm)", fixed(2)),
    "told": ("Spread and error", fixed(2)),
}


def depth_table(averaged: pd.DataFrame) -> Table:
    """Set how far depths are from the true ones, for every method that tells them.

    Parameters
    ----------
    averaged
        What `denoisekit.statistics.sharpness.average` makes of `denoisekit.evaluation.depth`.
    """
    names = {key: name for key, (name, _) in _COLUMNS.items()}
    rows = [
        {"Experiment": experiment, "Method": method_label(method), "Images": group["images"].max()}
        | group.set_index("quantity")["mean"].rename(names).to_dict()
        for (experiment, method), group in averaged.groupby(["experiment", "method"], sort=False)
    ]
    return Table(
        "Depth of the sheet",
        pd.DataFrame(rows).reindex(columns=["Experiment", "Method", "Images", *names.values()]),
        dict(_COLUMNS.values()) | {"Images": fixed(0)},
        headings=2,
        notes=(
            "Means over stacks, seeds averaged first, of depths from the first plane; only of "
            "simulated stacks is the surface known. The last column is the correlation of the "
            "spread that a method tells with its error.",
        ),
    )


def depth_sentences(averaged: pd.DataFrame, *, z_spacing_um: dict[str, float]) -> list[str]:
    """Say of each experiment how far depths are from the true ones, and how far planes lie apart.

    Parameters
    ----------
    averaged
        As `depth_table` takes it.
    z_spacing_um
        By experiment.
    """
    errors = averaged[averaged["quantity"] == "error_um"]
    sentences = []
    for experiment, group in errors.groupby("experiment", sort=False):
        parts = [f"{method_label(row.method)} {row.mean:.2f}" for row in _tuples(group)]
        sentences.append(
            f"{experiment}: the mean error of the depth is {listed(parts)} µm, with planes "
            f"{z_spacing_um[experiment]:g} µm apart."
        )
    return sentences


def _tuples(rows: pd.DataFrame) -> list:
    return list(rows[["method", "mean"]].itertuples())

"""Is it as fine along z as across? Power by direction, in tables and sentences."""

from collections.abc import Sequence

import pandas as pd

from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, method_label

# Lower ends of the bands, in cycles per px, that tables show.
SHOWN = ("0.05", "0.10", "0.15", "0.20")
#: The lower end of the band that sentences speak of.
SAID = "0.15"
_DIRECTIONS = "Directions and error"


def isotropy_table(averaged: pd.DataFrame) -> Table:
    """Set the power along z over that across: the truth, then every method, by experiment.

    Parameters
    ----------
    averaged
        What `denoisekit.statistics.sharpness.average` makes of
        `denoisekit.evaluation.isotropy.measure`.
    """
    names = {f"ratio_{low}": f"{low}-{float(low) + 0.05:.2f} /px" for low in SHOWN}
    rows = []
    for experiment, group in averaged.groupby("experiment", sort=False):
        own = group.groupby("quantity")["truth_value"].first()
        first = {"Experiment": experiment, "Images": group["images"].max()}
        rows.append(first | {"Method": "Truth"} | own.to_dict())
        for method, values in group.groupby("method", sort=False):
            means = values.set_index("quantity")["mean"].to_dict()
            rows.append(first | {"Method": method_label(method)} | means)
    frame = pd.DataFrame(rows).reindex(
        columns=["Experiment", "Method", "Images", *names, "directions"]
    )
    frame = frame.rename(columns={**names, "directions": _DIRECTIONS})
    return Table(
        "Power along z over that across",
        frame,
        dict.fromkeys([*names.values(), _DIRECTIONS], fixed(2)) | {"Images": fixed(0)},
        headings=2,
        notes=(
            "Means over stacks, seeds averaged first, by band of spatial frequency in cycles per "
            "px. A stack that is as fine along z as across has the truth's ratio; noise counts as "
            "power, too. The last column is the correlation of how far the restorations of both "
            "directions lie apart with how far their mean is from the truth.",
        ),
    )


def isotropy_sentences(averaged: pd.DataFrame, *, networks: Sequence[str]) -> list[str]:
    """Say of each experiment how much power its methods have along z, and what directions tell.

    Parameters
    ----------
    averaged
        As `isotropy_table` takes it.
    networks
        The methods that restore with a network.
    """
    sentences = []
    for experiment, group in averaged.groupby("experiment", sort=False):
        rows = group[group["quantity"] == f"ratio_{SAID}"]
        parts = [f"{method_label(r.method)} {r.mean:.2f}" for r in _tuples(rows)]
        sentences.append(
            f"{experiment}: at {SAID} to {float(SAID) + 0.05:.2f} cycles per px the truth has "
            f"{rows['truth_value'].iloc[0]:.2f} times as much power along z as across; "
            f"{', '.join(parts)} (noisy: planes with nothing but linear interpolation)."
        )
        told = group[(group["quantity"] == "directions") & group["method"].isin(networks)]
        told = told[told["mean"].notna()]
        if len(told):
            parts = [f"{method_label(r.method)} {r.mean:.2f}" for r in _tuples(told)]
            sentences.append(
                f"{experiment}: where the restorations along x and along y differ, errors are "
                f"larger: correlation {', '.join(parts)}. Both can be wrong alike."
                if (told["mean"] > 0).all()
                else f"{experiment}: the difference of both directions does not tell where errors "
                f"are: correlation {', '.join(parts)}."
            )
    return sentences


def _tuples(rows: pd.DataFrame) -> list:
    return list(rows[["method", "mean"]].itertuples())

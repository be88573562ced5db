"""Set what simulated frames look like beside what measured ones do, in a table and in words."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from denoisekit.evaluation.looks import Looks
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed

#: Columns of the table of simulated beside measured frames.
COLUMNS = {
    **dict.fromkeys(("pair", "camera", "quantity"), str),
    **{"value_simulated": float, "value_measured": float},
}


@dataclass(frozen=True)
class Quantity:
    """A number that is compared: what it is called, in short for a figure, and its digits."""

    label: str
    short: str
    digits: int


#: What is compared, by its name in `denoisekit.evaluation.looks.Looks`.
QUANTITIES = {
    "pairs": Quantity("pairs of exposures measured", "pairs", 0),
    "fields": Quantity("fields of view that they are of", "fields", 0),
    "gain": Quantity("gain (counts per photoelectron)", "gain", 2),
    "dark_noise": Quantity("dark noise (counts)", "dark noise", 2),
    "dark_tails": Quantity("excess kurtosis of the dark noise", "kurtosis", 2),
    "neighbours_y": Quantity("noise correlation with the pixel below", "corr. y", 3),
    "neighbours_x": Quantity("noise correlation with the pixel beside", "corr. x", 3),
    "redness": Quantity("noise power at low over high frequencies", "low/high", 2),
    "light": Quantity("light of the short exposures (counts)", "light", 1),
    "long_noise": Quantity("noise of the long exposures (fraction of range)", "long noise", 3),
    "slope": Quantity("exponent of the long exposures' spectrum", "slope", 2),
    "coherence": Quantity("coherence of edges", "coherence", 2),
    "background": Quantity("share of background", "background", 2),
    "middle": Quantity("median of the rest (fraction of range)", "median", 2),
}
_NOISE = ("gain", "dark_noise", "dark_tails", "neighbours_y", "neighbours_x")
_STRUCTURE = ("slope", "coherence", "background", "middle")
# A ratio says how far these are apart; the others may be zero or of either sign.
_RATIOS = ("gain", "dark_noise", "redness", "light", "long_noise", "coherence", "middle")


def compare_looks(
    looks: Mapping[str, tuple[Looks, Looks]], *, cameras: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Set the numbers of simulated and measured data sets side by side.

    Parameters
    ----------
    looks
        By name, what the simulated and what the measured frames look like.
    cameras
        By name, the settings of the simulated camera.

    Returns
    -------
    pandas.DataFrame
        pair, camera (its settings in words), quantity (a name of `QUANTITIES`), value_simulated,
        value_measured.
    """
    rows = [
        [name, _camera_text(cameras[name]), quantity, *(getattr(s, quantity) for s in sides)]
        for name, sides in looks.items()
        for quantity in QUANTITIES
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _camera_text(camera: Mapping[str, float]) -> str:
    return listed(f"{name.replace('_', ' ')} {value:g}" for name, value in camera.items())


def looks_table(compared: pd.DataFrame) -> Table:
    """Set the comparison for reading."""
    rows = [
        [
            row.pair,
            QUANTITIES[row.quantity].label,
            *(
                number_text(row.quantity, value)
                for value in (row.value_simulated, row.value_measured)
            ),
        ]
        for row in compared.itertuples()
    ]
    return Table(
        "Simulated frames beside measured ones",
        pd.DataFrame(rows, columns=["Pair", "Quantity", "Simulated", "Measured"]),
        {"Simulated": str, "Measured": str},
        headings=2,
        notes=[
            f"The simulated camera of {pair} has {camera}; gain and offset in counts, noise and "
            "offsets of pixels and columns in electrons."
            for pair, camera in compared.groupby("pair", sort=False)["camera"].first().items()
        ],
    )


def looks_sentences(compared: pd.DataFrame) -> list[str]:
    """Say of every pair how noise and structure compare, and what is farthest apart."""
    sentences = []
    for name, group in compared.groupby("pair", sort=False):
        values = group.set_index("quantity")
        for what, quantities in (("Noise", _NOISE), ("Structure", _STRUCTURE)):
            parts = [f"{QUANTITIES[q].label} {_against(values, q)}" for q in quantities]
            sentences.append(f"{what} of {name}, simulated against measured: {listed(parts)}.")
        ratio = (values["value_simulated"] / values["value_measured"]).loc[list(_RATIOS)]
        ratio = ratio.where(ratio > 1, 1 / ratio)
        sentences.append(
            f"Of the quantities of {name} that a ratio compares, the farthest apart is the "
            f"{QUANTITIES[ratio.idxmax()].label}: {_against(values, ratio.idxmax())}."
        )
    return sentences


def number_text(quantity: str, value: float) -> str:
    """Return a quantity's value with its digits."""
    return fixed(QUANTITIES[quantity].digits)(value)


def _against(values: pd.DataFrame, quantity: str) -> str:
    simulated, measured = values.loc[quantity, ["value_simulated", "value_measured"]]
    return f"{number_text(quantity, simulated)} against {number_text(quantity, measured)}"

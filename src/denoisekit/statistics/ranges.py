"""Do measured images lie within what was simulated? Numbers of frames, in a table and in words.

A network that learned from simulated images alone knows nothing else: what it makes of an image
that none of them is like is a guess.
"""

from collections.abc import Mapping

import pandas as pd

from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import listed

#: Columns of the numbers of one data set's frames.
FRAMES = {**dict.fromkeys(("image", "quantity"), str), "value": float}
#: Columns of the table of ranges.
COLUMNS = {
    **dict.fromkeys(("pair", "quantity", "inside"), str),
    **dict.fromkeys(("simulated", "measured"), int),
    **dict.fromkeys(("least", "most", "measured_least", "measured_most"), float),
}
#: What is compared, by its name in `denoisekit.evaluation.looks.measure_frame`.
QUANTITIES = {
    "frame_noise": "noise (share of the range)",
    "grain": "finest over middle frequencies (log of power)",
    "fall": "exponent of the spectrum",
    "coherence": "coherence of edges",
    "background": "share of background",
    "middle": "median of the rest (share of the range)",
}


def compare_ranges(frames: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """Hold the numbers of measured frames against the range of those of simulated ones.

    Parameters
    ----------
    frames
        By name of the pair, the numbers of simulated and of measured frames, with the columns
        `FRAMES`.

    Returns
    -------
    pandas.DataFrame
        pair, quantity, inside (yes, if all measured frames lie from the least to the most simulated
        value, else no), simulated and measured (how many frames), least, most, measured_least,
        measured_most.
    """
    rows = []
    for pair, (simulated, measured) in frames.items():
        for quantity in QUANTITIES:
            known, found = (
                table.loc[table["quantity"] == quantity, "value"] for table in (simulated, measured)
            )
            inside = known.min() <= found.min() and found.max() <= known.max()
            ends = [known.min(), known.max(), found.min(), found.max()]
            counts = [len(known), len(found)]
            rows.append([pair, quantity, "yes" if inside else "no", *counts, *ends])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def ranges_table(compared: pd.DataFrame) -> Table:
    """Set the ranges for reading."""
    rows = [
        [
            row.pair,
            QUANTITIES[row.quantity],
            f"{row.least:.3g} to {row.most:.3g}",
            _found(row),
            row.inside,
        ]
        for row in compared.itertuples()
    ]
    columns = ["Pair", "Quantity", "Simulated", "Measured", "Inside"]
    return Table(
        "Measured images and the range of simulated ones",
        pd.DataFrame(rows, columns=columns),
        dict.fromkeys(columns[2:], str),
        headings=2,
        notes=[
            "Of each image by itself, as it is to be restored, without any truth; simulated ones "
            "are those that networks learned from. Each quantity by itself: an image can lie "
            "inside of all ranges and still be unlike every simulated one."
        ],
    )


def ranges_sentences(compared: pd.DataFrame) -> list[str]:
    """Say of each pair what of the measured images lies outside of what was simulated."""
    sentences = []
    for pair, group in compared.groupby("pair", sort=False):
        first, outside = group.iloc[0], group[group["inside"] == "no"]
        images = "image" if first["measured"] == 1 else "images"
        if outside.empty:
            sentences.append(
                f"{pair}: the measured {images} lie{'s' if images == 'image' else ''} within the "
                f"range of the {first['simulated']} simulated ones in all {len(group)} quantities "
                "that are compared. That is needed for a network to be trusted, and no proof."
            )
            continue
        parts = [
            f"{QUANTITIES[row.quantity]} {_found(row)} against {row.least:.3g} to {row.most:.3g}"
            for row in outside.itertuples()
        ]
        sentences.append(
            f"{pair}: the measured {images} lie{'s' if images == 'image' else ''} outside of "
            f"what was simulated in {len(outside)} of {len(group)} quantities: {listed(parts)}. "
            "Networks have seen nothing like it, and what they make of it is a guess; simulate a "
            "wider range."
        )
    return sentences


def _found(row: object) -> str:
    least, most = row.measured_least, row.measured_most  # type: ignore[attr-defined]
    return f"{least:.3g}" if least == most else f"{least:.3g} to {most:.3g}"

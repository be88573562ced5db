"""How fine is what is shown? Widths, pairs of lines and re-blurred errors, told in words."""

import math

import pandas as pd

from denoisekit.evaluation.resolution import RAYLEIGH
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import fixed, listed, method_label

#: What names of dips begin with; what follows is the distance of the lines in micrometres.
DIP = "dip_"
_COLUMNS = {
    "fwhm_um": ("Width (µm)", fixed(3)),
    "apart": ("Told apart from (µm)", str),
    "correlation": ("RSP", fixed(3)),
    "error": ("RSE", fixed(3)),
    "reblur_um": ("Blurred by (µm)", fixed(3)),
}


def told_apart(dips: pd.Series) -> float:
    """Return the least distance from which on all pairs of lines are told apart, in micrometres.

    Parameters
    ----------
    dips
        The dip of each pair by the name of its quantity, such as ``dip_0.160``.

    Returns
    -------
    float
        Infinite where the widest pair is not, NaN without any pair.
    """
    distances = {float(name.removeprefix(DIP)): dip for name, dip in dips.items()}
    if not distances:
        return math.nan
    least = math.inf
    for distance in sorted(distances, reverse=True):
        if not distances[distance] <= RAYLEIGH:
            break
        least = distance
    return least


def resolution_table(averaged: pd.DataFrame) -> Table:
    """Set widths, distances and re-blurred errors: the truth, then every method, by experiment.

    Parameters
    ----------
    averaged
        What `denoisekit.statistics.sharpness.average` makes of
        `denoisekit.evaluation.resolution.measure`.
    """
    rows = []
    for experiment, group in averaged.groupby("experiment", sort=False):
        first = {"Experiment": experiment, "Images": group["images"].max()}
        own = group.groupby("quantity", sort=False)["truth_value"].first()
        rows.append(first | {"Method": "Truth"} | _row(own))
        for method, values in group.groupby("method", sort=False):
            means = values.set_index("quantity")["mean"]
            rows.append(first | {"Method": method_label(method)} | _row(means))
    names = {key: name for key, (name, _) in _COLUMNS.items()}
    frame = pd.DataFrame(rows).reindex(columns=["Experiment", "Method", "Images", *names])
    return Table(
        "Resolution",
        frame.rename(columns=names),
        dict(_COLUMNS.values()) | {"Images": fixed(0)},
        headings=2,
        notes=(
            "Means over images, seeds averaged first. Width: median over lines, at half of their "
            "height, at the same places of all images, which are chosen on the truth. Told apart: "
            "the least distance from which on the mean image falls between two lines to "
            f"{RAYLEIGH:g} of their height or less (Rayleigh). RSP and RSE: correlation with the "
            "widefield image, and what is left of it in shares of its range, once the restored "
            "image is blurred to be like it, by a Gaussian of the width in the last column. The "
            "widefield image itself explains itself perfectly, so that these two find what a "
            "method lost or moved, and not what it invented between what the microscope shows; the "
            "truth's own say how much of the widefield image is no structure in focus: haze, "
            "background and noise.",
        ),
    )


def _row(values: pd.Series) -> dict[str, float | str]:
    dips = values[values.index.str.startswith(DIP)]
    apart = told_apart(dips)
    said = "" if math.isnan(apart) else f"{apart:.2f}" if math.isfinite(apart) else "none"
    return {**{key: values[key] for key in _COLUMNS if key in values}, "apart": said}


def resolution_sentences(averaged: pd.DataFrame) -> list[str]:
    """Say of each experiment how wide lines are, which are told apart, and what is explained.

    Parameters
    ----------
    averaged
        As `resolution_table` takes it.
    """
    sentences = []
    for experiment, group in averaged.groupby("experiment", sort=False):
        tables = {m: v.set_index("quantity") for m, v in group.groupby("method", sort=False)}
        own = next(iter(tables.values()))["truth_value"]
        if "fwhm_um" in own and own.notna()["fwhm_um"]:
            parts = [f"{method_label(m)} {v['mean']['fwhm_um']:.3f}" for m, v in tables.items()]
            sentences.append(
                f"{experiment}: lines are {own['fwhm_um']:.3f} µm wide in the truth, and with "
                f"{listed(parts)} µm."
            )
        distances = {m: _row(v["mean"])["apart"] for m, v in tables.items()}
        if any(distances.values()):
            none = "at none of the distances"
            parts = [
                f"{method_label(m)} {none if d == 'none' else f'from {d} µm on'}"
                for m, d in distances.items()
            ]
            sentences.append(
                f"{experiment}: two lines are told apart with {listed(parts)} (truth: "
                f"{_row(own)['apart']})."
            )
        errors = {m: v["mean"]["error"] for m, v in tables.items() if m != "noisy"}
        parts = [f"{method_label(m)} {error:.3f}" for m, error in errors.items()]
        sentences.append(
            f"{experiment}: blurred again to be like the widefield image, restorations leave "
            f"of its range {listed(parts)}, the truth {own['error']:.3f}."
        )
    return sentences

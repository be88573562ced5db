"""Is it sharper? How sharp every method's images are, in tables and sentences, beside the truth.

Sharper than the truth is not better: what counts is how near a method's images come to it.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from denoisekit.statistics.scores import RUN, by_experiment, side_by_side
from denoisekit.statistics.typeset import EMPTY, Table
from denoisekit.statistics.wording import fixed, listed, method_label, signed

#: Columns of the long table of measures.
MEASURED = RUN | {
    **dict.fromkeys(("image", "simulated", "quantity"), str),
    **{"value": float, "truth_value": float},
}
#: Columns of the mean curves of a run.
CURVES = RUN | {
    **{"curve": str, "pixel_size_um": float, "images": int},
    **dict.fromkeys(("place", "value", "truth_value"), float),
}
#: Columns of the table of means.
AVERAGED = {
    **dict.fromkeys(("experiment", "method", "kind", "simulated", "quantity"), str),
    **{"images": int, "mean": float, "sd": float, "truth_value": float, "ratio": float},
}
#: A width or a strength that lies within this share of the truth's counts as the truth's.
MARGIN = 0.05
# A well-sampled image holds noise alone where two of them correlate, from 0.45 cycles per px on.
_NOISE_AGREES = 0.1
# Below this share of the truth's detail even in the noisy input, the two show different things.
_SAME_SCENE = 0.8
_COLUMNS = {
    "line_width": "Line width",
    "edge_width": "Edge width",
    "resolution_1_2": "Resolution (FRC 1/2)",
    "resolution_1_7": "Resolution (FRC 1/7)",
}
# Of volumes, by Fourier shells, which are of physical sizes alone.
_SECTORS = {
    "resolution_axial_1_2_um": "Along z (FSC 1/2, µm)",
    "resolution_axial_1_7_um": "Along z (FSC 1/7, µm)",
    "resolution_lateral_1_2_um": "Across (FSC 1/2, µm)",
    "resolution_lateral_1_7_um": "Across (FSC 1/7, µm)",
}
_SECTORS_NOTE = (
    "Of volumes, all but the columns FSC is of their middle planes. FSC: the same by Fourier "
    "shells of whole volumes, of the frequencies within 30 degrees of the z axis, and within 10 of "
    "the plane; without a number where there are fewer than 16 planes. Where it never falls below "
    "the threshold, it is twice the distance of planes or pixels."
)
_DETAIL = {"coherent_detail": "Detail that is true", "total_detail": "All detail"}


def average(
    measured: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    methods: Sequence[str],
    outside: Collection[str] = (),
) -> pd.DataFrame:
    """Average what was measured on single images over each experiment, seeds within images first.

    Parameters
    ----------
    measured
        The long table of measures, with the columns `MEASURED`; truth_value is the truth's own.
    experiments, methods, outside
        As `denoisekit.statistics.scores.by_experiment` takes them.

    Returns
    -------
    pandas.DataFrame
        experiment, method, kind (network, filter or outside), simulated (yes or no), quantity,
        images (that could be measured), mean, sd over images, truth_value (the mean of the truth's
        own values of the same images), and ratio, mean over truth_value.
    """
    long = measured.rename(columns={"quantity": "metric"})
    truths = long["truth_value"].where(long["value"].notna())
    both = [long.assign(convention="value"), long.assign(convention="truth_value", value=truths)]
    rows = by_experiment(pd.concat(both), experiments, methods=methods, outside=outside)
    facts = experiments.set_index("experiment")
    rows = rows.assign(simulated=rows["experiment"].map(facts["simulated"]))
    keys = ["experiment", "method", "kind", "simulated", "metric"]
    rows = side_by_side(rows, keys=[*keys, "image"], column="convention")
    means = rows.groupby(keys, sort=False).agg(
        images=("value", "count"),
        mean=("value", "mean"),
        sd=("value", "std"),
        truth_value=("truth_value", "mean"),
    )
    means["ratio"] = means["mean"] / means["truth_value"]
    return means.reset_index().rename(columns={"metric": "quantity"})


def unit(averaged: pd.DataFrame) -> str:
    """Return the unit of lengths to show: ``um`` where every pixel size is known, else ``px``."""
    images = averaged.groupby("quantity")["images"].sum()
    return "um" if images.get("edge_width_um") == images["edge_width_px"] else "px"


def sharpness_table(averaged: pd.DataFrame) -> Table:
    """Set the measures for reading: the truth, then every method, experiment by experiment."""
    length = unit(averaged)
    shown = "µm" if length == "um" else "px"
    names = {f"{name}_{length}": f"{label} ({shown})" for name, label in _COLUMNS.items()}
    volumes = averaged["quantity"].isin(_SECTORS).any()
    names |= (_SECTORS if volumes else {}) | _DETAIL
    rows = []
    for experiment, group in averaged.groupby("experiment", sort=False):
        own = group.groupby("quantity")["truth_value"].first()
        # With itself the truth correlates everywhere: that is no resolution.
        own = own[~own.index.str.startswith("resolution")]
        first = {"Experiment": experiment, "Images": group["images"].max()}
        rows.append(first | {"Method": "Truth"} | own.to_dict())
        for method, own in group.groupby("method", sort=False):
            means = own.set_index("quantity")["mean"].to_dict()
            rows.append(first | {"Method": method_label(method)} | means)
    frame = pd.DataFrame(rows).reindex(columns=["Experiment", "Method", "Images", *names])
    frame = frame.rename(columns=names)
    digits = {name: fixed(2 if name in _DETAIL.values() else 3) for name in names.values()}
    return Table(
        "How sharp the images are",
        frame,
        digits | {"Images": fixed(0)},
        headings=2,
        notes=(
            "Means over images, seeds averaged first. Lines: full width at half maximum; edges: 10 "
            "to 90 %; both where the truth has its strongest. Resolution: where the Fourier ring "
            "correlation with the truth falls to the threshold (1/2 where the truth has hardly any "
            "noise, 1/7 where it has as much); an image that agrees with the truth in nothing "
            "counts with the coarsest. Detail: amplitude of the finest frequencies that the truth "
            "resolves, relative to the truth's; noise adds to all detail, not to that which is "
            "true. The truth's values are the goal: sharper is not better.",
            *([_SECTORS_NOTE] if volumes else []),
        ),
    )


def sharpness_sentences(
    averaged: pd.DataFrame, *, methods: Sequence[str], reference: str
) -> list[str]:
    """Say of each method whether its images are as sharp as the truth, over and in experiments.

    The first sentence is the short answer.

    Parameters
    ----------
    averaged
        As `average` returns it.
    methods
        The methods to speak of, such as all networks.
    reference
        The method that the others are compared with.
    """
    experiments = list(dict.fromkeys(averaged["experiment"]))
    detail = {name: _rows(averaged, name, "coherent_detail").loc["noisy"] for name in experiments}
    compared = [name for name in experiments if not _surely_less(detail[name], _SAME_SCENE)]
    sentences = []
    if compared:
        taking = {m: [e for e in compared if _takes_part(averaged, e, m)] for m in methods}
        everywhere = [method for method, own in taking.items() if own == compared]
        sentences.append(_overall(averaged, compared, everywhere, reference))
        sentences += [_verdicts(averaged, own, method) for method, own in taking.items() if own]
    return sentences + [
        _of_experiment(averaged, name, [m for m in methods if _takes_part(averaged, name, m)])
        if name in compared
        else f"{name}: even the noisy input holds only {max(detail[name]['mean'], 0):.0%} of the "
        "truth's fine detail, so the two exposures may not show the same thing (the sample moved, "
        "or the pair is not registered), and widths at the truth's places say nothing of sharpness."
        for name in experiments
    ]


def sector_sentences(averaged: pd.DataFrame) -> list[str]:
    """Say of each experiment on volumes how fine its methods resolve along z and across.

    Parameters
    ----------
    averaged
        As `average` returns it.
    """
    sentences = []
    for experiment, group in averaged.groupby("experiment", sort=False):
        rows = group[
            group["quantity"].isin([f"resolution_{k}_1_2_um" for k in ("axial", "lateral")])
        ]
        means = rows.pivot_table(index="method", columns="quantity", values="mean", sort=False)
        if means.shape[1] < 2:
            continue
        parts = [
            f"{method_label(name)} {axial:.2f} and {lateral:.2f} µm"
            for name, (axial, lateral) in zip(means.index, means.to_numpy(), strict=True)
        ]
        sentences.append(
            f"{experiment}: along z and across, volumes agree with the truth (Fourier shell "
            f"correlation of 1/2) down to {listed(parts)}."
        )
    return sentences


def averaged_sentences(
    experiments: pd.DataFrame, averaged: Mapping[str, Mapping[str, int]]
) -> list[str]:
    """Say of truths that hold the noisy input what is measured against them, and what without it.

    Parameters
    ----------
    experiments
        The table of experiments.
    averaged
        Of data sets whose truths are means, of how many frames (``high``), and how many of those
        the noisy input is the mean of (``low``).
    """
    counts = experiments["test_dataset"].map(
        {name: (frames["low"], frames["high"]) for name, frames in averaged.items()}
    )
    return [
        f"{listed(group['experiment'])}: the truth is the mean of {every} frames, the "
        f"{_input(own)} among them, so that the input's noise is in both. PSNR and SSIM are taken "
        "against this truth, as published, which flatters what keeps that noise, most of all the "
        f"noisy input: its PSNR by {20 * np.log10(every / (every - own)):.2f} dB where no "
        "convention rescales it. Sharpness is measured against the mean of the other "
        f"{every - own}."
        for (own, every), group in experiments.groupby(counts)
    ]


def _input(frames: int) -> str:
    return "input" if frames == 1 else f"{frames} of the input"


def agreement_sentences(averaged: pd.DataFrame) -> list[str]:
    """Say where noise itself seems to agree with the truth, or to disagree, as no noise should.

    A truth that holds the noisy input does the one, one without a frame that it never held the
    other. Simulated images may hold detail that fine, and are known to be apart from their truth.

    Parameters
    ----------
    averaged
        As `average` returns it.
    """
    noisy = averaged[
        (averaged["method"] == "noisy")
        & (averaged["quantity"] == "finest_correlation")
        & (averaged["simulated"] == "no")
    ]
    return [
        f"{row.experiment}: where well-sampled images hold noise alone (from 0.45 cycles per px "
        f"on), the noisy input {'agrees' if row.mean > 0 else 'disagrees'} with the truth: "
        f"correlation {signed(2)(row.mean)}. "
        + (
            "Either the images hold detail that fine, or the truth is a mean that holds the "
            "input, which makes noise look resolved: then say so under 'averaged' of the data set."
            if row.mean > 0
            else "The input does not seem to be among the frames that 'averaged' of the data set "
            "takes it out of."
        )
        for row in noisy[["experiment", "mean"]].itertuples()
        if abs(row.mean) > _NOISE_AGREES
    ]


def _rows(averaged: pd.DataFrame, experiment: str, quantity: str) -> pd.DataFrame:
    chosen = (averaged["experiment"] == experiment) & (averaged["quantity"] == quantity)
    return averaged[chosen].set_index("method")


def _surely_less(row: pd.Series, limit: float) -> bool:
    """Say whether a mean is below a limit by more than two standard errors, if those are known."""
    error = row["sd"] / np.sqrt(row["images"]) if row["images"] > 1 else 0.0
    return row["mean"] + 2 * error < limit


def verdict(ratio: float) -> str:
    """Say what a width is that is so many times the truth's."""
    if ratio != ratio:
        return "not to be measured against the truth"
    if abs(ratio - 1) <= MARGIN:
        return "as sharp as the truth"
    return "blurrier than the truth" if ratio > 1 else "sharper than the truth"


def _widths(averaged: pd.DataFrame, experiment: str) -> tuple[str, pd.DataFrame]:
    """Return the widths of lines or, where the truth has none, those of edges."""
    lines, edges = (
        _rows(averaged, experiment, f"{kind}_width_{unit(averaged)}") for kind in ("line", "edge")
    )
    return ("lines", lines) if lines["ratio"].notna().any() else ("edges", edges)


def _width_ratios(averaged: pd.DataFrame, experiments: Sequence[str], method: str) -> pd.Series:
    return pd.Series(
        {name: _widths(averaged, name)[1].loc[method, "ratio"] for name in experiments}
    )


def _takes_part(averaged: pd.DataFrame, experiment: str, method: str) -> bool:
    return bool(((averaged["experiment"] == experiment) & (averaged["method"] == method)).any())


def _overall(
    averaged: pd.DataFrame, experiments: Sequence[str], methods: Sequence[str], reference: str
) -> str:
    """Say which methods are sharper than the reference, and which than the truth."""
    names = dict.fromkeys([*methods, reference])
    ratios = pd.DataFrame({name: _width_ratios(averaged, experiments, name) for name in names})
    ratios = ratios.dropna()
    if ratios.empty:
        return "In no experiment could the widths of every method be measured against the truth's."
    mean = ratios.mean()
    narrower = [
        f"{method_label(name)} ({1 - mean[name] / mean[reference]:.1%} narrower)"
        for name in methods
        if mean[name] < (1 - MARGIN) * mean[reference]
    ]
    what = listed(dict.fromkeys(_widths(averaged, name)[0] for name in ratios.index))
    beyond = [method_label(name) for name in methods if mean[name] < 1 - MARGIN]
    against = [f"{method_label(name)} {signed(0)(100 * (mean[name] - 1))}%" for name in methods]
    return (
        f"Sharper than {method_label(reference)} by more than {MARGIN:.0%}: "
        f"{listed(narrower) or 'none'}. Sharper than the truth, which is no better: "
        f"{listed(beyond) or 'none'}. Width of {what} against the truth's, mean over "
        f"{listed(ratios.index)}: {', '.join(against)}."
    )


def _verdicts(averaged: pd.DataFrame, experiments: Sequence[str], method: str) -> str:
    """Say in which experiments a method's lines are as sharp as the truth's."""
    ratios = _width_ratios(averaged, experiments, method)
    said = ratios.groupby(ratios.map(verdict), sort=False)
    parts = [f"{words} in {listed(group.index)}" for words, group in said]
    return f"{method_label(method)}: {'; '.join(parts)} (within {MARGIN:.0%} counts as equal)."


def _of_experiment(averaged: pd.DataFrame, experiment: str, methods: Sequence[str]) -> str:
    what, rows = _widths(averaged, experiment)
    detail = _rows(averaged, experiment, "coherent_detail")["ratio"]
    parts = [
        f"{method_label(name)} {rows.loc[name, 'mean']:.3f} "
        f"({signed(0)(100 * (rows.loc[name, 'ratio'] - 1))}%, "
        f"{verdict(rows.loc[name, 'ratio'])}), with {_percent(detail[name])} of its fine detail"
        for name in methods
    ]
    return (
        f"{experiment}: the truth's {what} are {rows['truth_value'].iloc[0]:.3f} "
        f"{'µm' if unit(averaged) == 'um' else 'px'} wide, the noisy input's "
        f"{rows.loc['noisy', 'mean']:.3f}; {'; '.join(parts)}."
    )


def _percent(ratio: float) -> str:
    return EMPTY if ratio != ratio else f"{ratio:.0%}"

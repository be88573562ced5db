"""Scores by noise regime, as benchmarks on FMD print them, beside the printed ones.

Table 1 of Krull et al., "Probabilistic Noise2Void" (doi 10.3389/fcomp.2020.00005), gives for each
kind of images and noise regime the mean PSNR of fifty frames of one field, and twice its standard
error. NR1 are single frames, NR2 to NR5 means of 2, 4, 8 and 16 of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.published import REGIMES
from denoisekit.typeset import EMPTY, Table, method_label

_KEYS = ["dataset", "method", "convention", "noise_regime"]
# In which the study's methods are shown, besides that of a method's printed row.
_SHOWN = ("range255", "scale-invariant")
_NOTES = (
    "PSNR in dB, mean over the frames ± twice the standard error, which tells frames apart, not "
    "fields: all frames are of one field.",
    "The truth of a field is the mean of its fifty single frames, those that are tested among "
    "them, and the frames of NR2 to NR5 are means of overlapping subsets of the same fifty: scores "
    "rise with that too.",
)


def summarise_regimes(scores: pd.DataFrame, regimes: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Average the PSNR of every method over the frames of each noise regime.

    Parameters
    ----------
    scores
        Scores as `denoisekit.tables.by_experiment` returns them.
    regimes
        Of each experiment to be taken, the data set and the noise regime, one of
        `denoisekit.published.REGIMES` but the mean.

    Returns
    -------
    pandas.DataFrame
        dataset, method, convention, noise_regime, psnr in dB, two_sem (missing for one frame),
        frames. The regime ``mean`` is that of the five, where a method has all of them; it has
        neither two_sem nor frames.
    """
    chosen = scores[(scores["metric"] == "psnr") & scores["experiment"].isin(regimes)]
    chosen = chosen.assign(
        dataset=[regimes[name][0] for name in chosen["experiment"]],
        noise_regime=[regimes[name][1] for name in chosen["experiment"]],
    )
    values = chosen.groupby(_KEYS, sort=False)["value"]
    found = values.agg(psnr="mean", two_sem="sem", frames="size").reset_index()
    found["two_sem"] *= 2
    groups = found.groupby(_KEYS[:-1], sort=False)["psnr"]
    means = groups.agg(psnr="mean", regimes="size").reset_index()
    whole = means[means.pop("regimes") == len(REGIMES) - 1].assign(noise_regime=REGIMES[-1])
    return pd.concat([found, whole], ignore_index=True)


def regime_table(printed: pd.DataFrame, summary: pd.DataFrame, *, dataset: str) -> Table:
    """Set the study's scores by noise regime beside the printed ones of a kind of images.

    Parameters
    ----------
    printed
        A table that `denoisekit.published.check_regimes` accepts, every cell as text. Its method
        ``input`` is the study's ``noisy``.
    summary
        As `summarise_regimes` returns it.
    dataset
        The kind of images; both tables call it so.
    """
    theirs = printed[printed["dataset"] == dataset].replace({"method": {"input": "noisy"}})
    ours = summary[summary["dataset"] == dataset]
    keys = dict.fromkeys(zip(theirs["method"], theirs["convention"], strict=True))
    keys |= {
        key: None
        for key in zip(ours["method"], ours["convention"], strict=True)
        if key[1] in _SHOWN
    }
    cells = {
        "Printed": _cells(theirs, lambda row: _with_error(row["psnr"], row["two_sem"])),
        "This study": _cells(ours, _rounded),
    }
    rows = [
        {"Method": method_label(method), "Convention": convention, "Source": source}
        | {regime: found.get((method, convention, regime), EMPTY) for regime in REGIMES}
        for method, convention in keys
        for source, found in cells.items()
        if any((method, convention, regime) in found for regime in REGIMES)
    ]
    return Table(
        f"PSNR by noise regime, {dataset}",
        pd.DataFrame(rows, columns=["Method", "Convention", "Source", *REGIMES]),
        {},
        headings=3,
        notes=_NOTES,
    )


def _cells(
    frame: pd.DataFrame, text: Callable[[Mapping[str, Any]], str]
) -> dict[tuple[str, str, str], str]:
    return {
        (row["method"], row["convention"], row["noise_regime"]): text(row)
        for row in frame.to_dict("records")
    }


def _rounded(row: Mapping[str, Any]) -> str:
    error = "" if np.isnan(row["two_sem"]) else f"{row['two_sem']:.2f}"
    return _with_error(f"{row['psnr']:.2f}", error)


def _with_error(value: str, error: str) -> str:
    return f"{value} ± {error}" if error else value

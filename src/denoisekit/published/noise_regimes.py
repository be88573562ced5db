"""Scores by noise regime, as benchmarks on FMD print them, beside the printed ones.

Table 1 of Krull et al., "Probabilistic Noise2Void" (doi 10.3389/fcomp.2020.00005), gives for each
kind of images and noise regime the mean PSNR of fifty frames of one field, and twice its standard
error. NR1 are single frames, NR2 to NR5 means of 2, 4, 8 and 16 of them.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from denoisekit.evaluation.metrics import METRICS
from denoisekit.published.printed import REGIMES, STARRED
from denoisekit.statistics.typeset import EMPTY, Table
from denoisekit.statistics.wording import listed, method_label, score_format, signed, unit_text

NOTES = (
    "PSNR in dB, mean over the frames ± twice the standard error, which tells frames apart, not "
    "fields: all frames are of one field.",
    "The truth of a field is the mean of its fifty single frames, those that are tested among "
    "them, and the frames of NR2 to NR5 are means of overlapping subsets of the same fifty: scores "
    "rise with that too.",
)


"""What to know of all such scores."""


#: Columns of the table of scores by noise regime; what is printed is text, as printed.
COLUMNS = {
    **dict.fromkeys(("dataset", "method", "convention", "noise_regime"), str),
    **dict.fromkeys(("printed", "printed_two_sem"), str),
    **dict.fromkeys(("psnr", "two_sem", "frames"), float),
}
_KEYS = ["dataset", "method", "convention", "noise_regime"]
# In which the study's methods are shown, besides that of a method's printed row.
_SHOWN = ("range255", STARRED)


def summarise_regimes(scores: pd.DataFrame, regimes: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Average the PSNR of every method over the frames of each noise regime.

    Parameters
    ----------
    scores
        Scores as `denoisekit.statistics.scores.by_experiment` returns them.
    regimes
        Of each experiment to be taken, the data set and the noise regime, one of
        `denoisekit.published.printed.REGIMES` but the mean.

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


def beside_printed(printed: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Set the study's scores by noise regime beside the printed ones.

    Parameters
    ----------
    printed
        A table that `denoisekit.published.printed.check_regimes` accepts, every cell as text. Its
        method ``input`` is the study's ``noisy``; other methods are called alike.
    summary
        As `summarise_regimes` returns it.

    Returns
    -------
    pandas.DataFrame
        dataset, method, convention, noise_regime; printed and printed_two_sem as they are printed,
        or empty; the study's psnr, two_sem and frames, or NaN. There is a row for every method of
        either, of the data sets and regimes that the study has: in the convention it is printed
        in, and for the study's also in ``range255`` and ``scale-invariant``.
    """
    theirs = printed.replace({"method": {"input": "noisy"}})
    theirs = theirs.rename(columns={"psnr": "printed", "two_sem": "printed_two_sem"})
    here = [theirs[name].isin(summary[name].unique()) for name in ("dataset", "noise_regime")]
    theirs = theirs[here[0] & here[1]]
    keys = set(zip(*(theirs[name] for name in _KEYS[:-1]), strict=True))
    shown = [
        row.convention in _SHOWN or (row.dataset, row.method, row.convention) in keys
        for row in summary.itertuples()
    ]
    both = theirs.merge(summary[shown], on=_KEYS, how="outer", sort=False)
    both[["printed", "printed_two_sem"]] = both[["printed", "printed_two_sem"]].fillna("")
    both["frames"] = both["frames"].astype("Int64")
    places = {
        name: {value: place for place, value in enumerate(dict.fromkeys(values))}
        for name, values in {
            "dataset": summary["dataset"],
            "method": [*theirs["method"], *summary["method"]],
            "convention": [*_SHOWN, *theirs["convention"]],
            "noise_regime": REGIMES,
        }.items()
    }
    ordered = both.sort_values(_KEYS, key=lambda column: column.map(places[column.name]))
    return ordered.reset_index(drop=True)


def regime_table(compared: pd.DataFrame, *, dataset: str) -> Table:
    """Set one kind of images for reading, a column per noise regime.

    `compared` is as `beside_printed` returns it.
    """
    chosen = compared[compared["dataset"] == dataset]
    regimes = [name for name in REGIMES if name in set(compared["noise_regime"])]
    rows = []
    for (method, convention), group in chosen.groupby(["method", "convention"], sort=False):
        for source, text in (("Printed", _printed), ("This study", _rounded)):
            cells = {row["noise_regime"]: text(row) for row in group.to_dict("records")}
            if any(cells.values()):
                row = {"Method": method_label(method), "Convention": convention, "Source": source}
                rows.append(row | {name: cells.get(name) or EMPTY for name in regimes})
    return Table(
        f"PSNR by noise regime, {dataset}",
        pd.DataFrame(rows, columns=["Method", "Convention", "Source", *regimes]),
        {},
        headings=3,
        notes=NOTES,
    )


def regime_sentences(compared: pd.DataFrame) -> list[str]:
    """Say how far the study's means lie from the printed ones, and what to know of both.

    `compared` is as `beside_printed` returns it.
    """
    difference = compared["psnr"] - pd.to_numeric(compared["printed"])
    found = compared.assign(difference=difference)[compared["noise_regime"] != REGIMES[-1]]
    found = found.dropna(subset=["difference"])
    noisy = found["method"] == "noisy"
    sentences = []
    if noisy.any():
        sentences.append(
            "Noisy input: this study's mean PSNR lies "
            f"{_span(found.loc[noisy, 'difference'])} from the printed one, which tells how far "
            "images and score are the same."
        )
    by_method = found[~noisy].groupby("method", sort=False)["difference"]
    if len(by_method):
        parts = [f"{method_label(name)} {_span(values)}" for name, values in by_method]
        sentences.append(
            "How far this study's means lie from the printed ones of the same method, convention "
            f"and noise regime: {listed(parts)}."
        )
    return [*sentences, *NOTES]


def _span(differences: pd.Series) -> str:
    texts = (
        signed(METRICS["psnr"].digits)(value) for value in (differences.min(), differences.max())
    )
    return " to ".join(dict.fromkeys(texts)) + unit_text("psnr")


def _printed(row: Mapping[str, Any]) -> str:
    return _with_error(row["printed"], row["printed_two_sem"])


def _rounded(row: Mapping[str, Any]) -> str:
    if pd.isna(row["psnr"]):
        return ""
    text = score_format("psnr")
    return _with_error(text(row["psnr"]), "" if pd.isna(row["two_sem"]) else text(row["two_sem"]))


def _with_error(value: str, error: str) -> str:
    return f"{value} ± {error}" if error else value

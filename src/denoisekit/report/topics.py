"""Lay out what the page says beyond scores: conventions, noise regimes, sharpness, audit, noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from denoisekit.published import audit, noise_regimes
from denoisekit.published.printed import STARRED
from denoisekit.report.packing import Packed, Picture
from denoisekit.statistics import noise, sharpness
from denoisekit.statistics.conventions import conventions_sentences, conventions_table
from denoisekit.statistics.looks import looks_sentences, looks_table
from denoisekit.statistics.typeset import Table


@dataclass(frozen=True)
class Topic:
    """Sentences, then pictures and tables; those that are folded away behind their titles."""

    sentences: Sequence[str]
    folded_sentences: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    folded_pictures: Sequence[tuple[str, Picture]] = ()
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()


def conventions_topic(
    compared: pd.DataFrame, left_out: pd.DataFrame, figures: Mapping[str, Packed], *, main: str
) -> Topic:
    """Say how far the choice of a score convention moves scores and ranks.

    Parameters
    ----------
    compared, left_out
        As `denoisekit.statistics.conventions.conventions_sentences` takes them.
    figures
        Packed figures by name; ``conventions`` is shown if there is one.
    main
        The study's own convention.
    """
    caption = (
        "Mean scores of the same restored images in every convention, and the methods' ranks (1 is "
        f"the best); a ring marks a rank that differs from that in '{main}'."
    )
    return Topic(
        conventions_sentences(compared, left_out, main=main),
        pictures=[
            Picture(figures[name], "Mean scores by score convention, a line per method", caption)
            for name in ("conventions",)
            if name in figures
        ],
        folded=[
            conventions_table(compared, metric=metric, main=main)
            for metric in dict.fromkeys(compared["metric"])
        ],
    )


def regimes_topic(compared: pd.DataFrame, figures: Mapping[str, Packed]) -> Topic:
    """Set the scores by noise regime beside the printed ones.

    `compared` is as `denoisekit.published.noise_regimes.beside_printed` returns it; the figure is
    ``regimes``.
    """
    caption = (
        "Mean PSNR of every method by noise regime: filled dots are this study's, open rings the "
        "printed ones, in the convention of the printed one where there is one, or in 'range255'. "
        "Bars are twice the standard error over frames. Every panel has its own scale; the noisy "
        f"input stands above it. An asterisk marks the convention '{STARRED}'."
    )
    alt = "This study's PSNR and the printed PSNR of every method, a panel per noise regime"
    tables = [
        replace(noise_regimes.regime_table(compared, dataset=name), notes=())
        for name in dict.fromkeys(compared["dataset"])
    ]
    return Topic(
        noise_regimes.regime_sentences(compared),
        pictures=[Picture(figures["regimes"], alt, caption)],
        tables=tables,
    )


def sharpness_topic(
    averaged: pd.DataFrame,
    figures: Mapping[str, Packed],
    *,
    methods: Sequence[str],
    reference: str,
) -> Topic:
    """Say how sharp the restored images are beside the truth; the first experiment is drawn open.

    Parameters
    ----------
    averaged, methods, reference
        As `denoisekit.statistics.sharpness.sharpness_sentences` takes them.
    figures
        Packed figures by name: ``sharpness-<experiment>``.
    """
    caption = (
        "Left: amplitude of the fine detail that agrees with the truth (solid), and of all "
        "(dashed; noise adds to it), relative to the truth's. Then: Fourier ring correlation with "
        "the truth; the mean profile across the truth's strongest lines; widths of lines (full "
        "width at half maximum) and of edges (10 to 90 %), with the truth's as dotted lines. "
        "Nearer to the truth is better; sharper than the truth is not."
    )
    drawn = [
        (name, Picture(figures[f"sharpness-{name}"], f"Sharpness in {name}", f"{name}. {caption}"))
        for name in dict.fromkeys(averaged["experiment"])
    ]
    # The last sentences are those of the experiments, one each.
    said = sharpness.sharpness_sentences(averaged, methods=methods, reference=reference)
    general = len(said) - len(drawn)
    return Topic(
        said[:general],
        folded_sentences=said[general:],
        pictures=[picture for _, picture in drawn[:1]],
        folded_pictures=[(f"Sharpness in {name}", picture) for name, picture in drawn[1:]],
        folded=[sharpness.sharpness_table(averaged)],
    )


def looks_topic(compared: pd.DataFrame, figures: Mapping[str, Packed]) -> Topic:
    """Say how simulated frames compare with measured ones.

    `compared` is as `denoisekit.statistics.looks.compare_looks` returns it.
    """
    names = list(dict.fromkeys(compared["pair"]))
    caption = (
        "Above, frames of one size, each shown between its own 0.1 and 99 percentiles: of either "
        "data set the image with the least background. In the middle, all frames of both: noise "
        "variance over light, with the fitted lines; spectra of the noise and of the long "
        "exposures; and how bright the pixels of these are. Below, the same in numbers."
    )
    return Topic(
        looks_sentences(compared),
        pictures=[
            Picture(figures[f"looks-{name}"], f"Simulated beside measured frames: {name}", caption)
            for name in names
        ],
        folded=[looks_table(compared)],
    )


def noise_topic(
    measured: Mapping[str, Mapping[str, Any]],
    *,
    methods: Mapping[str, Mapping[str, Any]],
    trained_on: Sequence[str],
) -> Topic:
    """Say what the noise is like, and first what is trained on noise that contradicts it.

    All is as `denoisekit.statistics.noise.warnings` takes it.
    """
    return Topic(
        noise.warnings(measured, methods=methods, trained_on=trained_on),
        tables=[noise.noise_table(noise.gather(measured))],
    )


def audit_topic(audited: pd.DataFrame) -> Topic:
    """Say which printed numbers of the paper its own rows give.

    `audited` is as `denoisekit.published.audit.check` returns it.
    """
    flagged = audit.flagged_table(audited)
    return Topic(
        audit.sentences(audited),
        tables=[flagged] if len(flagged.frame) else [],
        folded=[audit.audit_table(audited)],
    )

"""Lay out what the page says beyond scores: conventions, sharpness, the audit, realism."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from denoisekit import audit
from denoisekit.conventions import conventions_sentences, conventions_table
from denoisekit.report.pictures import Packed, Picture
from denoisekit.typeset import Table


@dataclass(frozen=True)
class Topic:
    """Sentences, then pictures, then tables, those in `folded` behind their titles."""

    sentences: Sequence[str]
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()


def conventions_topic(
    compared: pd.DataFrame, left_out: pd.DataFrame, figures: Mapping[str, Packed], *, main: str
) -> Topic:
    """Say how far the choice of a score convention moves scores and ranks.

    Parameters
    ----------
    compared, left_out
        As `denoisekit.conventions.conventions_sentences` takes them.
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


def audit_topic(audited: pd.DataFrame) -> Topic:
    """Say which printed numbers of the paper its own rows give.

    `audited` is as `denoisekit.audit.check` returns it.
    """
    flagged = audit.flagged_table(audited)
    return Topic(
        audit.sentences(audited),
        tables=[flagged] if len(flagged.frame) else [],
        folded=[audit.audit_table(audited)],
    )

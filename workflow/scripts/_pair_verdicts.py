"""Say of the pairs that were registered which do not belong together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from denoisekit.datasets import verdicts


def judge(
    quality: Sequence[Mapping[str, Any]],
    *,
    dataset: str,
    table: str,
    accepted: bool,
    report: Callable[..., None],
) -> None:
    """Report what is wrong with pairs, and stop where most are unfit and not accepted as such."""
    for sentence in verdicts.verdict_sentences(quality, dataset=dataset):
        report(f"warning: {sentence}", at_once=True)
    if not accepted:
        verdicts.check_fit(quality, table=table)

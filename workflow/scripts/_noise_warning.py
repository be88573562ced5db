"""Say before a training what its objective takes for granted, where the noise card contradicts."""

from collections.abc import Callable
from typing import Any

from denoisekit import files
from denoisekit.noise.card import NoiseCard, warning


def warn(snakemake: Any, report: Callable[..., None]) -> None:
    """Report why hiding pixels cannot remove the noise, if it cannot."""
    measured = files.read_json(snakemake.input.noise_card)
    line = snakemake.params.settings["method"]["masking"].get("line", {}).get("direction")
    if "noise" not in measured:
        return
    sentence = warning(NoiseCard.from_card(measured["noise"]), line=line)
    if sentence:
        report(f"Warning: {sentence}", at_once=True)

"""Say before a training what its objective takes for granted, where the noise card contradicts."""

from collections.abc import Callable, Mapping
from typing import Any

from denoisekit import files
from denoisekit.noise.card import NoiseCard, warning


def warn(noise_card: str, *, masking: Mapping[str, Any], report: Callable[..., None]) -> None:
    """Report why hiding pixels cannot remove the noise that was measured, if it cannot."""
    measured = files.read_json(noise_card)
    if "noise" not in measured:
        return
    line = masking.get("line", {}).get("direction")
    sentence = warning(NoiseCard.from_card(measured["noise"]), line=line)
    if sentence:
        report(f"Warning: {sentence}", at_once=True)

"""Say before a training what its objective takes for granted, where the noise card contradicts."""

from collections.abc import Callable, Mapping
from typing import Any

from denoisekit import files
from denoisekit.noise.card import NoiseCard, disagreement, warning
from denoisekit.noise.models import load_noise_model


def warn(
    noise_card: str,
    *,
    masking: Mapping[str, Any],
    noise_model: str | None,
    report: Callable[..., None],
) -> None:
    """Report why hiding pixels, or a noise model, does not fit the noise that was measured."""
    measured = files.read_json(noise_card)
    if "noise" not in measured:
        return
    line = masking.get("line", {}).get("direction")
    card = NoiseCard.from_card(measured["noise"])
    sentences = [warning(card, line=line)]
    if noise_model:
        sentences.append(disagreement(card, load_noise_model(noise_model)))
    for sentence in filter(None, sentences):
        report(f"Warning: {sentence}", at_once=True)

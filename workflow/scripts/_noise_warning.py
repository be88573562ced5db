"""Say before a training what its objective takes for granted, where the noise card contradicts."""

from collections.abc import Callable, Mapping
from typing import Any

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.noise.card import NoiseCard, disagreement, warning
from denoisekit.noise.models import load_noise_model


def warn(
    noise_card: str,
    *,
    settings: Mapping[str, Any],
    train_set: str,
    noise_model: str | None,
    report: Callable[..., None],
) -> None:
    """Report why hiding pixels, or a noise model, does not fit the noise that was measured.

    Raises
    ------
    InputError
        If a noise model that was learned from other images does not fit.
    """
    measured = files.read_json(noise_card)
    if "noise" not in measured:
        return
    line = settings["method"]["masking"].get("line", {}).get("direction")
    card = NoiseCard.from_card(measured["noise"])
    sentences = [warning(card, line=line)]
    if noise_model:
        borrowed = train_set in settings["noise_model"].get("datasets", {})
        sentence = disagreement(card, load_noise_model(noise_model), borrowed=borrowed)
        if sentence and borrowed:
            name = settings["method"]["noise_model"]
            raise InputError(
                f"noise_models.{name} is borrowed from other data sets and does not hold for "
                f"{train_set}: {sentence}"
            )
        sentences.append(sentence)
    for sentence in filter(None, sentences):
        report(f"Warning: {sentence}", at_once=True)

"""The first screen: which method to use in each experiment, in sentences."""

from collections.abc import Sequence
from typing import Any

from denoisekit.report.results import Results
from denoisekit.statistics import brightness
from denoisekit.statistics.choice import (
    Choice,
    brightness_sentence,
    choose,
    lead_sentences,
    sureness_sentences,
    verdict,
)
from denoisekit.statistics.ranges import ranges_sentences
from denoisekit.statistics.wording import listed


def choices(results: Results) -> list[Choice]:
    """Return what is chosen in each experiment that has a truth."""
    if results.runs is None:
        return []
    return choose(
        results.runs,
        results.experiments,
        convention=results.convention,
        alpha=results.config["statistics"]["alpha"],
        shared=results.shared_networks,
        arbitrary=results.arbitrary,
    )


def verdicts(results: Results) -> list[str]:
    """Say in a line for each experiment which method to use, as the page's first screen does."""
    said = [f"{choice.facts['experiment']}: {verdict(choice)}" for choice in choices(results)]
    return said + [f"{name}: {_NO_TRUTH}" for name in _unscored(results)]


_NO_TRUTH = "Without a truth no method can be chosen by its scores."


def _unscored(results: Results) -> list[str]:
    return list(results.experiments_with(truth=False)["experiment"])


def choice_values(results: Results, chosen: Sequence[Choice]) -> dict[str, Any]:
    """Return what the first screen shows: a card for each experiment, and how sure all that is."""
    gains = _gains(results)
    descriptions = results.experiments.set_index("experiment")["description"]
    cards = [
        {
            "experiment": choice.facts["experiment"],
            "description": choice.facts["description"],
            "verdict": verdict(choice),
            "sentences": [
                *_within_range(results, choice.facts["experiment"]),
                *lead_sentences(choice),
                brightness_sentence(choice, gains),
            ],
        }
        for choice in chosen
    ]
    cards += [
        {
            "experiment": name,
            "description": descriptions[name],
            "verdict": _NO_TRUTH,
            "sentences": _within_range(results, name),
        }
        for name in _unscored(results)
    ]
    return {"cards": cards, "sureness": _told_once(chosen)}


def _within_range(results: Results, experiment: str) -> list[str]:
    """Say first whether measured images lie within what networks learned from, if that is asked."""
    if results.ranges is None:
        return []
    row = results.experiments.set_index("experiment").loc[experiment]
    learned = results.config["train_sets"][row["train_set"]]["dataset"]
    pairs = [
        name
        for name, entry in results.config["looks"].items()
        if (entry["simulated"], entry["measured"]) == (learned, row["test_dataset"])
    ]
    return ranges_sentences(results.ranges[results.ranges["pair"].isin(pairs)])


def _gains(results: Results) -> Any:
    """Return gains to the truth by experiment and method, or None if none was measured."""
    if results.residuals is None:
        return None
    return brightness.average(
        results.residuals,
        results.experiments,
        methods=list(results.config["methods"]),
        alpha=results.config["statistics"]["alpha"],
    )


def _told_once(chosen: Sequence[Choice]) -> list[str]:
    """Return how sure choices are, with experiments of which the same is said named together."""
    where: dict[str, list[str]] = {}
    for choice in chosen:
        for sentence in sureness_sentences(choice):
            where.setdefault(sentence, []).append(choice.facts["experiment"])
    return [
        sentence
        if len(names) == len(chosen)
        else f"{listed(names)}: {sentence[0].lower()}{sentence[1:]}"
        for sentence, names in where.items()
    ]

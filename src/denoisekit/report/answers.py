"""Answer the paper's four questions with the numbers of a study.

Nguyen, Hagen and Ventura, "Deep Learning for Denoising of Fluorescence Microscopy Images".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.evaluation.metrics import HEADLINE, MAIN, METRICS, STRUCTURE
from denoisekit.report.results import Results
from denoisekit.report.words import images_text
from denoisekit.statistics.sharpness import sharpness_sentences
from denoisekit.statistics.wording import (
    difference_text,
    listed,
    method_label,
    metric_name,
    range_text,
    score_format,
    score_text,
)

_NONE_MATCHES = "No experiment tests on what it was trained on."


@dataclass(frozen=True)
class Answer:
    """A question in the paper's words, the answer in a sentence, and what it rests on."""

    question: str
    short: str
    sentences: Sequence[str]


@dataclass(frozen=True)
class Evidence:
    """What the answers are computed from, in one score convention.

    Attributes
    ----------
    experiments
        The table of experiments that were scored.
    train_sets
        For each train set its dataset and patch size, as the study's file says it.
    summary
        Mean scores as `denoisekit.statistics.scores.summarise` returns them.
    scores
        Scores of every image as `denoisekit.statistics.scores.by_experiment` returns them.
    reference
        The method that the others are compared with.
    called
        What the questions call its network: CARE, as the paper does, or its own name.
    sharpness
        Sentences on how sharp the restored images are, if that was measured.
    """

    experiments: pd.DataFrame
    train_sets: Mapping[str, Mapping[str, Any]]
    summary: pd.DataFrame
    scores: pd.DataFrame
    reference: str
    called: str
    sharpness: Sequence[str] = ()

    def matched(self) -> pd.DataFrame:
        """Return the experiments that test on the kind of sample they were trained on."""
        return self.experiments[self._trained_on() == self.experiments["test_dataset"]]

    def mismatched(self) -> pd.DataFrame:
        """Return the experiments that test on another kind of sample."""
        return self.experiments[self._trained_on() != self.experiments["test_dataset"]]

    def means(self, metric: str, experiments: Iterable[str]) -> pd.DataFrame:
        """Return mean scores, a row per experiment and a column per method."""
        wide = self.summary.pivot(index="experiment", columns="method", values=metric)
        return wide.loc[list(experiments), list(dict.fromkeys(self.summary["method"]))]

    def methods(self, kind: str) -> list[str]:
        """Return the methods of a kind, without the noisy input."""
        chosen = self.summary.loc[self.summary["kind"] == kind, "method"]
        return [name for name in dict.fromkeys(chosen) if name != "noisy"]

    def _trained_on(self) -> pd.Series:
        return self.experiments["train_set"].map(lambda name: self.train_sets[name]["dataset"])


def gather_evidence(results: Results) -> Evidence:
    """Gather what the answers are computed from, in the study's main convention."""
    learns_from = results.config["methods"][results.reference].get("objective")
    evidence = Evidence(
        experiments=results.experiments_with(truth=True),
        train_sets=results.config["train_sets"],
        summary=results.summary[results.summary["convention"] == results.convention],
        scores=results.study.scores,
        reference=results.reference,
        called="CARE" if learns_from == "supervised" else method_label(results.reference),
    )
    # Of all experiments, as under the topic of sharpness: one page has one answer.
    said = sharpness_sentences(
        results.sharpness, methods=results.networks, reference=results.reference
    )
    return replace(evidence, sharpness=said[:1])


def answer_questions(evidence: Evidence) -> list[Answer]:
    """Answer the paper's four questions."""
    if evidence.reference not in evidence.methods("network"):
        return []
    return [
        _how_well(evidence),
        _how_sharp(evidence),
        _on_other_samples(evidence),
        _live_cells(evidence),
    ]


def _how_well(evidence: Evidence) -> Answer:
    question = f"How well does the {evidence.called} network perform on our microscopy data set?"
    chosen, label = evidence.matched(), method_label(evidence.reference)
    if chosen.empty:
        return Answer(question, _NONE_MATCHES, ())
    parts, sentences = [], []
    for metric in HEADLINE:
        means = evidence.means(metric, chosen["experiment"])
        gains = means[evidence.reference] - means["noisy"]
        parts.append(_moved(gains, f"mean {metric_name(metric)}", metric))
        sentences += _against_filters(evidence, means, metric)
    main = evidence.means(MAIN, chosen["experiment"])
    steps = [
        f"{row.Index} {score_format(MAIN)(row.noisy)} → {score_text(row.reference, MAIN)}"
        for row in main.rename(columns={evidence.reference: "reference"}).itertuples()
    ]
    sentences.insert(
        0, f"Mean {metric_name(MAIN)} of the noisy input and of {label}: {'; '.join(steps)}."
    )
    short = f"Against the noisy input, {label} {' and '.join(parts)}."
    return Answer(question, short, [*sentences, _basis(evidence, chosen)])


def _moved(gains: pd.Series, what: str, metric: str) -> str:
    """Say by how much and how often a score is higher, as in ``raises mean PSNR by 1 to 2 dB``."""
    low, high = gains.min(), gains.max()
    if low > 0 or high < 0:
        verb = "raises" if low > 0 else "lowers"
        texts = [score_text(value, metric) for value in sorted((abs(low), abs(high)))]
    else:
        verb, texts = "changes", [difference_text(value, metric) for value in (low, high)]
    return f"{verb} {what} by {range_text(*texts)} ({_share(gains, metric)})"


def _share(differences: pd.Series, metric: str) -> str:
    """Say in how many experiments a score is better, and name those in which it is not."""
    ahead = METRICS[metric].sign * differences > 0
    text = f"{METRICS[metric].better} in {ahead.sum()} of {len(ahead)}"
    missed = ahead.index[~ahead]
    return text + (f", not in {listed(missed)}" if 0 < len(missed) < len(ahead) else "")


def _apart(margin: pd.Series, metric: str) -> str:
    """Say by how much one score is above another, as in ``by +0.10 dB to +1.20 dB``."""
    texts = [difference_text(value, metric) for value in (margin.min(), margin.max())]
    return f"by {range_text(*texts)} ({_share(margin, metric)})"


def _against_filters(evidence: Evidence, means: pd.DataFrame, metric: str) -> list[str]:
    filters = evidence.methods("filter")
    if not filters:
        return []
    margin = means[evidence.reference] - means[filters].agg(METRICS[metric].best, axis=1)
    return [
        f"Against the best filter of each experiment, {method_label(evidence.reference)}'s mean "
        f"{metric_name(metric)} differs {_apart(margin, metric)}."
    ]


def _how_sharp(evidence: Evidence) -> Answer:
    question = (
        "How can we produce image restorations that are sharper than those produced by "
        f"{evidence.called}?"
    )
    others = [name for name in evidence.methods("network") if name != evidence.reference]
    chosen, label = evidence.matched(), method_label(evidence.reference)
    if not others:
        return Answer(question, "No other network was trained.", evidence.sharpness)
    if chosen.empty:
        return Answer(question, _NONE_MATCHES, evidence.sharpness)
    sentences = []
    for metric in HEADLINE:
        known, means = METRICS[metric], evidence.means(metric, chosen["experiment"])
        gains = means[others].sub(means[evidence.reference], axis=0)
        ranked = gains.mean().sort_values(ascending=not known.higher_is_better)
        parts = [
            f"{method_label(name)} {difference_text(mean, metric)} "
            f"({(known.sign * gains[name] > 0).sum()} of {gains[name].count()})"
            for name, mean in ranked.items()
        ]
        sentences.append(
            f"Mean {metric_name(metric)} against {label}, over the experiments (in how many it is "
            f"{known.better}): {', '.join(parts)}."
        )
        if metric == STRUCTURE:
            ahead = ranked[known.sign * ranked > 0]
            short = (
                f"{len(ahead)} of {len(ranked)} other networks have a {known.better} mean "
                f"{metric_name(metric)} than {label}; the best of them, "
                f"{method_label(ranked.index[0])}, differs by "
                f"{difference_text(ranked.iloc[0], metric)}."
            )
    if evidence.sharpness:
        short, *more = evidence.sharpness
        return Answer(question, short, [*more, *sentences, _basis(evidence, chosen)])
    sentences.append(
        f"{listed(map(metric_name, HEADLINE))} judge likeness to the truth; none measures "
        "sharpness alone."
    )
    return Answer(question, short, [*sentences, _basis(evidence, chosen)])


def _on_other_samples(evidence: Evidence) -> Answer:
    question = (
        "How does the network perform when it is trained on one kind of sample and tested on a "
        "different kind of sample?"
    )
    chosen, label = evidence.mismatched(), method_label(evidence.reference)
    if chosen.empty:
        return Answer(question, "No experiment of this study answers this.", ())
    means = evidence.means(MAIN, chosen["experiment"])
    gains = means[evidence.reference] - means["noisy"]
    moved = _moved(gains, f"the noisy input's mean {metric_name(MAIN)}", MAIN)
    short = f"Trained on another kind of sample, {label} {moved}"
    filters = evidence.methods("filter")
    if filters:
        margin = means[evidence.reference] - means[filters].max(axis=1)
        short += f"; against the best filter it differs {_apart(margin, MAIN)}"
    sentences = [_mismatch(evidence, row) for row in chosen.itertuples()]
    return Answer(question, short + ".", [*sentences, _basis(evidence, chosen)])


def _mismatch(evidence: Evidence, row: Any) -> str:
    """Set an experiment beside the one with the same test set that was trained for it."""
    networks = evidence.methods("network")
    twins = evidence.matched()
    twins = twins[twins["test_set"] == row.test_set]
    patch_size = evidence.train_sets[row.train_set]["patch_size"]
    sizes = (evidence.train_sets[name]["patch_size"] for name in twins["train_set"])
    same = np.array([size == patch_size for size in sizes], dtype=bool)
    twins = pd.concat([twins[same], twins])
    if twins.empty:
        return f"{row.experiment}: no experiment was trained for the test set {row.test_set}."
    twin = twins["experiment"].iloc[0]
    means = evidence.means(MAIN, [row.experiment, twin])[networks]
    parts = [
        f"{method_label(name)} {difference_text(means.loc[row.experiment, name] - value, MAIN)}"
        for name, value in means.loc[twin].items()
    ]
    return (
        f"{row.experiment}, trained on {row.train_set} and tested on {row.test_set}, against "
        f"{twin}, which was trained for it: mean {metric_name(MAIN)} {', '.join(parts)}."
    )


def _live_cells(evidence: Evidence) -> Answer:
    question = "Can we reliably restore live cell images?"
    experiments = evidence.experiments
    movies = experiments[experiments["movie"] == "yes"]
    if movies.empty:
        return Answer(question, "No movie was restored in this study.", ())
    label, parts, sentences = method_label(evidence.reference), [], []
    for name in movies["experiment"]:
        chosen = evidence.scores[
            (evidence.scores["experiment"] == name) & (evidence.scores["metric"] == MAIN)
        ]
        wide = chosen.pivot(index="image", columns="method", values="value")
        gains = wide[evidence.reference] - wide["noisy"]
        parts.append(f"{(gains > 0).sum()} of {len(gains)} frames of {name}")
        sentences.append(_movie(evidence, name, wide))
    short = (
        f"By {metric_name(MAIN)}, {label} is nearer to the truth than the noisy input in "
        f"{listed(parts)}."
    )
    sentences.append(
        "Frames of one movie are not independent samples: each movie counts once, and says how "
        "well that movie was restored."
    )
    return Answer(question, short, [*sentences, _basis(evidence, movies)])


def _movie(evidence: Evidence, name: str, wide: pd.DataFrame) -> str:
    """Say what a movie's frames gain, and which method is best."""
    gains = wide[evidence.reference] - wide["noisy"]
    means = wide.mean()
    best = means.idxmax()
    text = (
        f"{name}: {method_label(evidence.reference)} gains "
        f"{range_text(*(difference_text(value, MAIN) for value in (gains.min(), gains.max())))} "
        f"by frame, {difference_text(gains.mean(), MAIN)} on average"
    )
    if best == evidence.reference:
        return text + "; no method's mean is higher."
    ahead = difference_text(means[best] - means[evidence.reference], MAIN)
    return text + f"; the highest mean is that of {method_label(best)} ({ahead} against it)."


def _basis(evidence: Evidence, experiments: pd.DataFrame) -> str:
    """Say on how many images and networks an answer rests, and whether images are simulated."""
    groups: dict[str, list[str]] = {}
    for row in experiments.itertuples():
        data = "simulated" if row.simulated == "yes" else "measured"
        what = f"{images_text(row.test_images, row.test_fields)}, {data}"
        groups.setdefault(what, []).append(row.experiment)
    parts = [
        f"{listed(names)} ({'each ' if len(names) > 1 else ''}{what})"
        for what, names in groups.items()
    ]
    summary = evidence.summary
    (seeds,) = summary.loc[summary["method"] == evidence.reference, "seeds"].unique()
    trained = (
        f"scores are means over networks of the seeds {seeds}"
        if "," in seeds
        else f"networks were trained once (seed {seeds}), and other seeds give others"
    )
    return f"Basis: {'; '.join(parts)}; {trained}."

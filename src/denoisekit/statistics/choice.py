"""Which method to use in each experiment, and how sure that is: what a reader asks first.

The method with the best mean score was chosen by the images that it is judged by. So its lead over
the best of the others is tested at alpha over as many methods as could have been chosen
(Bonferroni), and its lead over the best filter at alpha over as many as are no filter; neither
chooses whom it is compared with (`denoisekit.statistics.best_filter`). Where that shows nothing
better than every filter, a filter is recommended, which needs no training.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from denoisekit.evaluation.metrics import HEADLINE, MAIN, METRICS
from denoisekit.statistics.brightness import NEAR, gain_text
from denoisekit.statistics.comparisons import compare_with_best, images_needed_words
from denoisekit.statistics.wording import (
    ARBITRARY,
    difference_text,
    listed,
    method_label,
    metric_name,
    range_text,
    score_text,
)

_INPUT = "noisy"
_MANY_SEEDS = 3


@dataclass(frozen=True)
class Lead:
    """How much better a method's mean score is than that of the best of several others.

    Attributes
    ----------
    method, over
        Who leads, and who is the best of the others by the mean.
    value, low, high
        How much better, and its interval, corrected as the module's description says; an interval
        that there is not is NaN.
    ahead, images
        In how many of how many images the method is better than `over`.
    shown
        Whether the interval lies above zero (1), below it (-1), or neither (0).
    row
        The comparison as `denoisekit.statistics.comparisons.compare_with_best` returns it.
    """

    method: str
    over: str
    value: float
    low: float
    high: float
    ahead: int
    images: int
    shown: int
    row: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """What is chosen in one experiment, and by what.

    Attributes
    ----------
    facts
        The experiment's row of the table of experiments.
    best
        The method with the best mean `MAIN`; `noisy` where nothing is better than the input.
    use
        The recommended method; None where no difference can be shown, or the input is best.
    why_not
        Why no difference can be shown; empty where one can.
    filter_lead
        The lead over the best filter of the best method that is none, of those that are shown to be
        better than every filter if there are any; None without a filter, or any else.
    next_lead
        The lead of the best method over the best of all others; None without another.
    ties
        Methods that are not shown to be worse than the best.
    candidates
        How many methods could have been chosen.
    keeps_brightness
        The best method whose loss sees brightness, and how much better the chosen one's mean is.
    arbitrary
        Methods whose loss sees no brightness.
    best_by
        By metric, the method with the best mean.
    seeds
        How many networks each method that is trained has: the fewest, and the most.
    alpha
        Corrected intervals hold together with a confidence of 1 - alpha.
    """

    facts: pd.Series
    best: str
    use: str | None
    why_not: str
    filter_lead: Lead | None
    next_lead: Lead | None
    ties: Sequence[str]
    candidates: int
    keeps_brightness: tuple[str, float] | None
    arbitrary: Collection[str]
    best_by: Mapping[str, str]
    seeds: tuple[int, int] | None
    alpha: float


def choose(
    scores: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    convention: str,
    alpha: float,
    shared: Mapping[str, str],
    arbitrary: Collection[str],
) -> list[Choice]:
    """Choose a method for each experiment that has a truth.

    Parameters
    ----------
    scores
        Scores as `denoisekit.statistics.scores.runs_by_experiment` returns them.
    experiments
        The table of experiments.
    convention
        The score convention to judge by.
    alpha, shared
        As `denoisekit.statistics.comparisons.compare` takes them.
    arbitrary
        Methods whose loss sees no brightness.
    """
    chosen = scores[scores["convention"] == convention]
    facts = experiments.set_index("experiment", drop=False)
    return [
        _choose(group, facts.loc[name], alpha=alpha, shared=shared, arbitrary=arbitrary)
        for name, group in chosen.groupby("experiment", sort=False)
    ]


def _choose(
    scores: pd.DataFrame,
    facts: pd.Series,
    *,
    alpha: float,
    shared: Mapping[str, str],
    arbitrary: Collection[str],
) -> Choice:
    means = {metric: _means(scores, metric) for metric in HEADLINE}
    best_by = {metric: _best(values, metric) for metric, values in means.items()}
    ranked = means[MAIN].drop(_INPUT, errors="ignore")
    kinds = dict(zip(scores["method"], scores["kind"], strict=True))
    filters = [name for name in ranked.index if kinds[name] == "filter"]
    rest = ranked.drop(filters)
    best = _best(ranked, MAIN)
    others = [name for name in ranked.index if name != best]
    given = {"scores": scores, "facts": facts, "shared": shared}
    next_lead = _lead(best, others, level=alpha / len(ranked), **given) if others else None
    filter_lead = None
    if len(rest) and filters:
        leads = {
            name: _lead(name, filters, level=alpha / len(rest), **given) for name in rest.index
        }
        better = [name for name, lead in leads.items() if lead.shown == 1]
        filter_lead = leads[best if best in better else _best(rest[better or list(leads)], MAIN)]
    ties = []
    if next_lead and not next_lead.shown:
        pairs = alpha / (len(ranked) * (len(ranked) - 1) / 2)
        # What is shown to be better than every filter ties with none of them.
        beaten = (
            filters if filter_lead and (filter_lead.method, filter_lead.shown) == (best, 1) else []
        )
        ties = [
            name
            for name in others
            if name not in beaten
            and (name == next_lead.over or not _lead(best, [name], level=pairs, **given).shown)
        ]
    why_not = next_lead.row["note"] if next_lead else ""
    use: str | None = best
    if filter_lead and best in rest.index:
        use = filter_lead.method if filter_lead.shown == 1 else filter_lead.over
    if why_not or best_by[MAIN] == _INPUT:
        use = None
    seeing = [name for name in ranked.index if name not in arbitrary]
    measurable = _best(ranked[seeing], MAIN) if seeing else None
    told = use or best
    return Choice(
        facts=facts,
        best=_INPUT if best_by[MAIN] == _INPUT else best,
        use=use,
        why_not=why_not,
        filter_lead=filter_lead,
        next_lead=next_lead,
        ties=ties,
        candidates=len(ranked),
        keeps_brightness=(measurable, METRICS[MAIN].sign * (ranked[told] - ranked[measurable]))
        if measurable
        else None,
        arbitrary=arbitrary,
        best_by=best_by,
        seeds=_seeds(scores),
        alpha=alpha,
    )


def _of(scores: pd.DataFrame, metric: str) -> pd.DataFrame:
    return scores[scores["metric"] == metric]


def _means(scores: pd.DataFrame, metric: str) -> pd.Series:
    """Return each method's mean, of seeds within images first, in the methods' order."""
    of_images = _of(scores, metric).groupby(["method", "image"], sort=False)["value"].mean()
    return of_images.groupby("method", sort=False).mean()


def _best(means: pd.Series, metric: str) -> str:
    return str((METRICS[metric].sign * means).idxmax())


def _seeds(scores: pd.DataFrame) -> tuple[int, int] | None:
    trained = scores[(scores["kind"] == "network") & (scores["seed"] != "")]
    counts = trained.groupby("method")["seed"].nunique()
    return (int(counts.min()), int(counts.max())) if len(counts) else None


def _lead(
    method: str,
    others: Sequence[str],
    *,
    level: float,
    scores: pd.DataFrame,
    facts: pd.Series,
    shared: Mapping[str, str],
) -> Lead:
    """Return the lead of a method over others, with an interval of a level for one choice."""
    scores = _of(scores, MAIN)
    row = compare_with_best(
        scores, facts, method=method, others=others, metric=MAIN, alpha=level, shared=shared
    )
    sign, over = METRICS[MAIN].sign, row["best_filter"]
    nothing = np.nan
    low, high = sorted(sign * row.get(f"difference_{end}", nothing) for end in ("low", "high"))
    images = scores.pivot_table(index="image", columns="method", values="value")
    return Lead(
        method=method,
        over=over,
        value=sign * row["mean_difference"],
        low=low,
        high=high,
        ahead=int((sign * (images[method] - images[over]) > 0).sum()),
        images=len(images),
        shown=int(low > 0) - int(high < 0),
        row=row,
    )


def verdict(choice: Choice) -> str:
    """Say in a few words which method to use."""
    if choice.best == _INPUT:
        return "Nothing is better than the noisy input."
    if choice.why_not:
        why = choice.why_not[0].upper() + choice.why_not[1:]
        return f"{why}: {_named(choice, choice.best)} merely has the best mean {metric_name(MAIN)}."
    if choice.filter_lead is None or choice.use == choice.filter_lead.method:
        tied = [choice.use, *choice.ties] if choice.use == choice.best else [choice.use]
        names = " or ".join(_named(choice, name) for name in tied)
        return f"Use {names}{': a tie' if len(tied) > 1 else ''}."
    if choice.use == choice.best:
        return f"Nothing is better than a filter: use {method_label(choice.use)}."
    return f"Nothing is shown to be better than a filter: use {method_label(choice.use)}."


def _named(choice: Choice, method: str) -> str:
    """Name a method, with a warning of what its brightness is."""
    return method_label(method) + f" {ARBITRARY}" * (method in choice.arbitrary)


def lead_sentences(choice: Choice) -> list[str]:
    """Say by how much the best method leads, over the best filter and over all others."""
    if choice.best == _INPUT:
        return [f"No method's mean {metric_name(MAIN)} is above that of what it was given."]
    leads = [(choice.filter_lead, "the best filter"), (choice.next_lead, "the runner-up")]
    pairs = {frozenset((lead.method, lead.over)): (lead, who) for lead, who in leads[::-1] if lead}
    said = [_lead_sentence(lead, who) for lead, who in [*pairs.values()][::-1]]
    if choice.why_not:
        row = pd.Series({**choice.next_lead.row, "alpha": choice.alpha})
        needed = images_needed_words([row]).removeprefix("; ")
        said += [f"{needed[0].upper()}{needed[1:]}."] if needed else []
    elif choice.ties and choice.use != choice.best:
        names = [method_label(name) for name in (choice.best, *choice.ties)]
        said.append(f"A tie: no difference is shown between {listed(names)}.")
    other = [
        f"by {metric_name(metric)} {method_label(name)}"
        for metric, name in choice.best_by.items()
        if name != choice.best and metric != MAIN
    ]
    if other:
        said.append(f"Another metric has another best method: {listed(other)}.")
    return said


def _lead_sentence(lead: Lead, who: str) -> str:
    samples = "frames" if "frames_effective" in lead.row else "images"
    interval = "" if np.isnan(lead.low) else f" (interval {_interval(lead)})"
    where = "ahead of" if lead.value > 0 else "behind"
    return (
        f"{method_label(lead.method)} is {score_text(abs(lead.value), MAIN)} {where} {who}, "
        f"{method_label(lead.over)}{interval}: better in {lead.ahead} of {lead.images} {samples}."
    )


def _interval(lead: Lead) -> str:
    return range_text(difference_text(lead.low, MAIN), difference_text(lead.high, MAIN))


def brightness_sentence(choice: Choice, gains: pd.DataFrame | None) -> str:
    """Say whether brightness can be measured in what is restored, or by which method it can.

    Parameters
    ----------
    choice
        What was chosen.
    gains
        Gains to the truth as `denoisekit.statistics.brightness.average` returns them, or None
        where they were not measured.
    """
    if choice.best == _INPUT:
        return "Brightness is that of the input."
    told = choice.use or choice.best
    if choice.keeps_brightness is None:
        return "Brightness must not be used: the loss of no method sees it."
    if told in choice.arbitrary:
        instead, loss = choice.keeps_brightness
        said = f"Brightness of {method_label(told)} is arbitrary: its loss does not see it"
        apart = score_text(abs(loss), MAIN)
        behind = f"{apart} of mean {metric_name(MAIN)} {'behind' if loss > 0 else 'ahead'}"
        return f"{said}; where it is measured, use {method_label(instead)}, {behind}."
    row = None if gains is None else _gain_row(gains, choice.facts["experiment"], told)
    if row is None:
        return f"Brightness of {method_label(told)} is tied to that of the image it is given."
    low, high = (row.gain, row.gain) if np.isnan(row.gain_low) else (row.gain_low, row.gain_high)
    off = low > 1 + NEAR or high < 1 - NEAR
    return (
        f"Brightness of {method_label(told)} "
        f"{'is not quite kept' if off else 'can be used'}: gain to the truth {gain_text(row)}."
    )


def _gain_row(gains: pd.DataFrame, experiment: str, method: str) -> Any:
    found = gains[(gains["experiment"] == experiment) & (gains["method"] == method)]
    return next(found.itertuples(), None)


def sureness_sentences(choice: Choice) -> list[str]:
    """Say on what a choice rests: images, fields, networks, and that it was chosen by the same."""
    facts = choice.facts
    data = "simulated" if facts["simulated"] == "yes" else "measured"
    images, fields = int(facts["test_images"]), int(facts["test_fields"])
    said = f"Rests on {images} {data} image{'s' * (images != 1)} of {fields} field"
    said += "s" * (fields != 1)
    if choice.seeds:
        low, high = choice.seeds
        networks = range_text(f"{low}", f"{high}")
        said += f" and {networks} network{'s' * (high != 1)} of each method that is trained"
    parts = [f"{said}."]
    if choice.seeds and choice.seeds[0] == 1:
        parts.append("What is trained once speaks for that network: another may rank otherwise.")
    elif choice.seeds and choice.seeds[0] < _MANY_SEEDS:
        parts.append("Two networks of a method tell little of how far others would differ.")
    if data == "simulated":
        parts.append("Simulated images tell of no real ones until those look like them.")
    if choice.next_lead and not choice.why_not:
        parts.append(
            f"The best of {choice.candidates} methods was chosen by these same images; the "
            f"intervals ({1 - choice.alpha:.0%}) and ties are corrected for that."
        )
    return parts

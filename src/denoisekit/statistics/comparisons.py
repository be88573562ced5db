"""Compare every method with references, and say in tables and words what came out.

A row of the comparisons is one method in one experiment, metric and convention:

experiment, metric, convention, method, reference
    What is compared with what. The reference ``best-filter`` is the best of all filters, none of
    which is chosen before: `denoisekit.statistics.best_filter` says how. Networks and methods from
    outside of the study are compared with it.
best_filter, filters
    There alone: which filter has the best mean, and how many there are.
n, n_fields, simulated
    Images, fields of view, and whether the images are simulated (yes or no).
about, seeds, reference_seeds
    What the row speaks of: ``methods``; these ``networks``, or ``one network``, where what is
    trained was trained once, and on a movie; ``as given``, what a method from outside of the study
    handed in. How many seeds of the method and of the reference were trained, 0 of what is not.
mean_difference
    Method minus reference.
t, p, significant
    Two-sided test, not corrected; whether p is below alpha (yes, no or empty). The paired t-test
    over images or, with several seeds, the test over images and seeds of
    `denoisekit.statistics.crossed`. Against the best filter these tests of all filters together,
    which have no one t.
note
    Why there is no p-value.
images_needed
    Where it is for want of images (fewer than 6): how many would show the difference with a
    probability of 80 %, were it and its spread as seen; empty where that cannot be told.
alpha
    The level of all tests; intervals hold the truth with a confidence of 1 - alpha.
difference_low, difference_high
    Interval of the mean difference, of the same test: it leaves zero out just where p is below
    alpha.
effect_size, effect_low, effect_high
    Mean difference over the standard deviation of images' differences, with its interval, which is
    empty with several seeds, or against the best filter, which has neither.
p_wilcoxon, wilcoxon
    Signed-rank test; whether it is exact or approximate, and how many zeros and ties there were.
    Empty with several seeds, of which ranks know nothing, and against the best filter.
family, family_size, p_holm
    Whether the test is of the family that is corrected together (yes or no), how many those are,
    and p after Holm's correction.
margin, p_tost, equivalent
    The difference that would not matter, the p-value of lying within it (two one-sided t-tests),
    and whether it is below alpha (yes, no or empty). Not tested against the best filter.
frames_effective, p_effective, p_naive
    For a movie alone: how many independent frames the frames are worth, the t-test with so many,
    and the one that takes every frame for independent. From six frames on.

Where images share a field of view (tiles of one image, frames of one movie) they are not
independent: all that would assume it is empty.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from denoisekit.errors import InputError
from denoisekit.evaluation.metrics import METRICS
from denoisekit.evaluation.objects import MEASURES
from denoisekit.statistics import crossed, paired_tests
from denoisekit.statistics.best_filter import combined_p, difference_from_best
from denoisekit.statistics.typeset import EMPTY, Table
from denoisekit.statistics.wording import (
    fixed,
    method_label,
    metric_label,
    metric_name,
    p_equals,
    p_text,
    range_text,
    score_text,
    signed,
    unit_text,
)
from denoisekit.study.runs import BEST_FILTER

#: Columns of the comparisons.
COLUMNS = {
    **dict.fromkeys(("experiment", "metric", "convention", "method", "reference"), str),
    **{"best_filter": str, "filters": float},
    **{"n": int, "n_fields": int, "simulated": str},
    **{"about": str, "seeds": int, "reference_seeds": int},
    **{"mean_difference": float, "t": float, "p": float, "significant": str, "note": str},
    "images_needed": float,
    **{"alpha": float, "difference_low": float, "difference_high": float},
    **{"effect_size": float, "effect_low": float, "effect_high": float},
    **{"p_wilcoxon": float, "wilcoxon": str, "family": str, "family_size": float, "p_holm": float},
    **{"margin": float, "p_tost": float, "equivalent": str},
    **{"frames_effective": float, "p_effective": float, "p_naive": float},
}
_TEXTS = ("significant", "note", "wilcoxon", "equivalent", "best_filter")
# Below, effective samples are overestimated enough to matter; see `paired_tests.series_test`.
_MANY_FRAMES = 50
#: What to do to hear of a method that was trained once.
SEEDS_NEEDED = "train at least 2 seeds, better 3 or more"
_DATA = {"yes": "simulated", "no": "measured"}


def compare(
    scores: pd.DataFrame,
    experiments: pd.DataFrame,
    *,
    references: Sequence[str],
    alpha: float,
    family: Mapping[str, str | Sequence[str]],
    margins: Mapping[str, float],
    shared: Mapping[str, str],
) -> pd.DataFrame:
    """Test every method against references, within each experiment, convention and metric.

    Parameters
    ----------
    scores
        Scores as `denoisekit.statistics.scores.runs_by_experiment` returns them: one per image and
        seed; images of a movie in the order of time.
    experiments
        The table of experiments.
    references
        The methods to compare with, ``best-filter`` among them or not.
    alpha
        The level of tests and intervals.
    family
        Which tests are corrected together: lists of ``experiments``, ``methods``, ``metrics`` and
        ``conventions``, or ``all`` for any of them; methods may also be ``networks``. Of all
        references, or of a list of ``references``.
    margins
        By metric, the difference that would not matter. Metrics without one are not tested for
        equivalence.
    shared
        Of methods that restore with the networks of another one, that other.

    Returns
    -------
    pandas.DataFrame
        The columns that the module's description explains.

    Raises
    ------
    InputError
        If a method was not scored on the same images as a reference, or with one of its seeds not
        on all, or a reference is missing.
    """
    facts, rows = experiments.set_index("experiment"), []
    for (experiment, metric, convention), group in scores.groupby(
        ["experiment", "metric", "convention"], sort=False
    ):
        sides = _sides(group, shared)
        filters = [side for side in sides.values() if side.is_filter]
        for reference in references:
            if reference not in [*sides, BEST_FILTER]:
                raise InputError(
                    f"Experiment {experiment} has no scores of the reference method {reference}; "
                    f"choose one of {', '.join(sides)}."
                )
            best = reference == BEST_FILTER
            for method, side in sides.items():
                if method == reference or (best and side.kind == "filter"):
                    continue
                row = dict.fromkeys(_TEXTS, "")
                row |= {"experiment": experiment, "metric": metric, "convention": convention}
                row |= {"method": method, "reference": reference, "alpha": alpha}
                at = {"facts": facts.loc[experiment], "alpha": alpha}
                if best:
                    known = MEASURES if metric in MEASURES else METRICS
                    row |= _against_best(side, filters, sign=known[metric].sign, **at)
                else:
                    margin = margins.get(metric)
                    row |= {"margin": margin}
                    row |= _comparison(side, sides[reference], margin=margin, **at)
                rows.append(row)
    return _corrected(pd.DataFrame(rows, columns=list(COLUMNS)), scores, family)


def compare_with_best(
    scores: pd.DataFrame,
    facts: pd.Series,
    *,
    method: str,
    others: Sequence[str],
    metric: str,
    alpha: float,
    shared: Mapping[str, str],
) -> dict[str, Any]:
    """Compare a method with the best of several others, none of which is chosen before.

    Parameters
    ----------
    scores
        Scores of one experiment, convention and metric, as `compare` takes them.
    facts
        The experiment's row of the table of experiments.
    method, others
        Whom to compare with whom.
    metric
        Of which the scores are.
    alpha, shared
        As `compare` takes them.

    Returns
    -------
    dict
        Columns of a row against the best filter, as the module's description explains them, of
        which ``best_filter`` is the best of the others, of whatever kind. What there is not is
        left out.
    """
    sides = _sides(scores, shared)
    rest = [sides[name] for name in others]
    return _against_best(sides[method], rest, facts=facts, alpha=alpha, sign=METRICS[metric].sign)


@dataclass(frozen=True)
class _Side:
    """One of two methods: its scores, an image a row and a seed a column, and its networks."""

    name: str
    scores: pd.DataFrame
    kind: str
    networks: str
    seeds: int

    @classmethod
    def of(
        cls, name: str, wide: pd.DataFrame, kinds: Mapping[str, str], shared: Mapping[str, str]
    ) -> Self:
        scores = wide.xs(name, axis=1, level="method")
        seeds = sum(seed != "" for seed in scores.columns)
        return cls(name, scores, kinds[name], shared.get(name, name), seeds)

    @property
    def is_filter(self) -> bool:
        """Whether it is a filter that does something."""
        return self.kind == "filter" and self.name != "noisy"


def _sides(scores: pd.DataFrame, shared: Mapping[str, str]) -> dict[str, _Side]:
    """Return every method of one experiment, convention and metric."""
    wide = scores.pivot(index="image", columns=["method", "seed"], values="value")
    wide = wide.loc[list(dict.fromkeys(scores["image"]))]
    kinds = dict(zip(scores["method"], scores["kind"], strict=True))
    return {name: _Side.of(name, wide, kinds, shared) for name in kinds}


def _comparison(
    method: _Side, reference: _Side, *, facts: pd.Series, alpha: float, margin: float | None
) -> dict[str, Any]:
    missing = method.scores.isna().any(axis=1) | reference.scores.isna().any(axis=1)
    if missing.any():
        raise InputError(
            f"{method.name} and {reference.name} must be scored on the same images, with every "
            f"seed, but {missing.idxmax()} is missing for one of them."
        )
    images, fields = len(method.scores), int(facts["test_fields"])
    movie = facts["movie"] == "yes"
    about = _about(method, reference, movie=movie and fields < images)
    first, second = (side.scores.mean(axis=1).to_numpy() for side in (method, reference))
    differences = first - second
    row = {"n": images, "n_fields": fields, "simulated": facts["simulated"], "about": about}
    row |= {"seeds": method.seeds, "reference_seeds": reference.seeds}
    row |= {"mean_difference": differences.mean(), "note": _why_no_test(images, fields)}
    row |= {"images_needed": math.nan}
    if images < 2:
        return row
    test = paired_tests.paired_t_test(first, second)
    if pd.isna(test.p):
        return row | {"note": row["note"] or "all differences are the same"}
    drawn = _are_seeds_drawn(about, method.seeds, reference.seeds)
    if _few(images, fields):
        # How many would do where seeds vary, too, depends on how many of these there are.
        needed = None if drawn else paired_tests.images_needed(differences, alpha=alpha)
        return row | {"images_needed": needed}
    if row["note"]:
        series = movie and images >= paired_tests.FEWEST
        return row | (_series(differences, test.p) if series else {})
    if drawn:
        row |= _over_images_and_seeds(method, reference, differences, alpha, margin)
    else:
        row |= {"t": test.t, "p": test.p, **_over_images(differences, alpha, margin)}
    row["significant"] = "yes" if row["p"] < alpha else "no"
    if margin is not None:
        row["equivalent"] = "yes" if row["p_tost"] < alpha else "no"
    return row


def _against_best(
    method: _Side, filters: Sequence[_Side], *, facts: pd.Series, alpha: float, sign: int
) -> dict[str, Any]:
    """Compare a method with the best of all filters; a sign of -1 says that less is better."""
    rows = [
        _comparison(method, one, facts=facts, alpha=alpha, margin=None) | {"best_filter": one.name}
        for one in filters
    ]
    best = min(rows, key=lambda row: sign * row["mean_difference"])
    told = ("n", "n_fields", "simulated", "about", "seeds", "reference_seeds", "mean_difference")
    kept = {*told, "note", "images_needed", "best_filter"}
    row = {key: value for key, value in best.items() if key in kept} | {"filters": len(rows)}
    notes = [other["note"] for other in rows if other["note"]]
    if all("p_naive" in other for other in rows):
        return row | _series_against_best(rows, best, sign)
    if notes or _few(row["n"], row["n_fields"]):
        return row | {"note": row["note"] or notes[0]}
    # Of each pair what can be said of it: beside a filter there may be a network of one seed.
    found = difference_from_best(
        [
            _signed(method, one, other["about"], sign)
            for one, other in zip(filters, rows, strict=True)
        ],
        alpha=alpha,
    )
    low, high = sorted((sign * found.low, sign * found.high))
    row |= {"difference_low": low, "difference_high": high, "p": found.p}
    return row | {"significant": "yes" if found.p < alpha else "no"}


def _signed(method: _Side, one: _Side, about: str, sign: int) -> crossed.MeanDifference:
    """Return how much better a method is than another, over images and, with several, seeds."""
    scores, other = sign * method.scores, sign * one.scores
    if _are_seeds_drawn(about, method.seeds, one.seeds):
        shared = method.networks == one.networks
        return crossed.mean_difference(scores, other, shared=shared)
    return crossed.over_images((scores.mean(axis=1) - other.mean(axis=1)).to_numpy())


def _series_against_best(
    rows: Sequence[Mapping[str, Any]], best: Mapping[str, Any], sign: int
) -> dict[str, Any]:
    """Return what a movie's frames say of a method and the best filter, with all filters' p."""
    tests = {
        key: combined_p([(sign * row["mean_difference"], row[key]) for row in rows])
        for key in ("p_effective", "p_naive")
    }
    return {"frames_effective": best["frames_effective"], **tests}


def _about(method: _Side, reference: _Side, *, movie: bool) -> str:
    """Return what can be said anything of: the methods, or only what they were trained to be."""
    sides = [method, reference]
    trained = {side.networks: side.seeds for side in sides if side.seeds}
    if trained and (movie or min(trained.values()) == 1):
        return "one network" if sum(trained.values()) == 1 else "networks"
    given = any(side.kind == "outside" and not side.seeds for side in sides)
    return "as given" if given else "methods"


def _are_seeds_drawn(about: str, *seeds: int) -> bool:
    """Say whether a test is to hold for seeds that were not trained, too."""
    return about in ("methods", "as given") and sum(seeds) > 0


def _few(images: int, fields: int) -> bool:
    """Say whether nothing but the number of images stands against a test."""
    return images == fields and images < paired_tests.FEWEST


def _why_no_test(images: int, fields: int) -> str:
    if _few(images, fields):
        return f"{'a single image' if images == 1 else f'{images} images'} cannot show a difference"
    if fields == 1:
        return "frames or tiles of one field are not independent samples"
    if fields < images:
        return f"{images} images of {fields} fields are not independent samples"
    return ""


def _series(differences: Any, naive: float) -> dict[str, Any]:
    test = paired_tests.series_test(differences)
    return {"frames_effective": test.samples, "p_effective": test.p, "p_naive": naive}


def _over_images(differences: Any, alpha: float, margin: float | None) -> dict[str, Any]:
    mean = paired_tests.mean_difference(differences, alpha=alpha)
    ranks = paired_tests.signed_rank_test(differences)
    effect = paired_tests.effect_size(differences, alpha=alpha)
    row = {"difference_low": mean.low, "difference_high": mean.high}
    row |= {"p_wilcoxon": ranks.p, "wilcoxon": _ranks_text(ranks)}
    row |= {"effect_size": effect.value, "effect_low": effect.low, "effect_high": effect.high}
    if margin is not None:
        row["p_tost"] = paired_tests.equivalence_test(differences, margin=margin)
    return row


def _over_images_and_seeds(
    method: _Side, reference: _Side, differences: Any, alpha: float, margin: float | None
) -> dict[str, Any]:
    shared = method.networks == reference.networks
    mean = crossed.mean_difference(method.scores, reference.scores, shared=shared)
    interval = mean.interval(alpha=alpha)
    row = {"t": mean.t, "p": mean.p}
    row |= {"difference_low": interval.low, "difference_high": interval.high}
    row |= {"effect_size": paired_tests.effect_size(differences, alpha=alpha).value}
    if margin is not None:
        row["p_tost"] = mean.equivalence(margin=margin)
    return row


def _ranks_text(ranks: paired_tests.SignedRank) -> str:
    counts = [f"{ranks.zeros} zero left out"] if ranks.zeros else []
    counts += [f"{ranks.ties} tied"] if ranks.ties else []
    return ", ".join(["exact" if ranks.exact else "approximate", *counts])


def _corrected(
    table: pd.DataFrame, scores: pd.DataFrame, family: Mapping[str, str | Sequence[str]]
) -> pd.DataFrame:
    """Correct the p-values of the family; a row without one is not in it."""
    networks = scores.loc[scores["kind"] == "network", "method"].unique()
    inside = table["p"].notna()
    for kind, chosen in family.items():
        if chosen != "all":
            names = networks if chosen == "networks" else chosen
            inside &= table[kind.removesuffix("s")].isin(names)
    index = table.index[inside]
    table["family"] = inside.map({True: "yes", False: "no"})
    table["family_size"] = pd.Series(len(index), index, dtype=float)
    table["p_holm"] = pd.Series(paired_tests.holm(table.loc[index, "p"]), index)
    return table


def comparison_table(comparisons: pd.DataFrame, *, convention: str) -> Table:
    """Set the tests of one convention for reading; p-values below alpha are in bold."""
    chosen = comparisons[comparisons["convention"] == convention].reset_index(drop=True)
    p_columns = {"p": "p", "p (Holm)": "p_holm", "p (ranks)": "p_wilcoxon"}
    frame = pd.DataFrame(
        {
            **_what(chosen),
            "Speaks of": chosen["about"],
            "Seeds": [_seeds_text(row) for row in chosen.itertuples()],
            "Images": chosen["n"],
            "Difference": chosen["mean_difference"],
            "Interval": [_interval(row, "difference", 3) for row in chosen.itertuples()],
            "Effect size": chosen["effect_size"],
            **{title: chosen[column] for title, column in p_columns.items()},
            "Equivalent": [_equivalent(row) for row in chosen.itertuples()],
            "Note": [row.note + images_needed_words([row]) for row in chosen.itertuples()],
        }
    )
    significant = {
        (row, title)
        for title, column in p_columns.items()
        for row in chosen.index[chosen[column] < chosen["alpha"]]
    }
    formats = {"Images": fixed(0), "Difference": signed(3), "Effect size": signed(2)}
    return Table(
        f"Differences from {_reference(chosen)} in the convention '{convention}'",
        frame,
        formats | dict.fromkeys(p_columns, p_text),
        frozenset(significant),
        headings=3,
        notes=_explained(chosen),
    )


def _seeds_text(row: Any) -> str:
    """Return the numbers of seeds of both methods, if any: 3 and 3, 3 and –."""
    counts = [str(count) if count else EMPTY for count in (row.seeds, row.reference_seeds)]
    return " and ".join(counts) if set(counts) != {EMPTY} else EMPTY


def _what(comparisons: pd.DataFrame) -> dict[str, Any]:
    references = [reference_text(row) for row in comparisons.itertuples()]
    return {
        "Experiment": comparisons["experiment"],
        "Method": comparisons["method"].map(method_label),
        "Metric": comparisons["metric"].map(metric_label),
        **({"Against": references} if comparisons["reference"].nunique() > 1 else {}),
        "Data": comparisons["simulated"].map(_DATA),
    }


def _reference(comparisons: pd.DataFrame) -> str:
    names = comparisons["reference"].unique()
    return " and ".join(map(method_label, names)) if len(names) else "the reference"


def reference_text(row: Any) -> str:
    """Return what a row is compared with; of the best filter, with the one that has the best mean.

    Parameters
    ----------
    row
        A row of what `compare` returns.
    """
    named = f" ({method_label(row.best_filter)})" if row.best_filter else ""
    return method_label(row.reference) + named


def _explained(comparisons: pd.DataFrame) -> tuple[str, ...]:
    if comparisons.empty:
        return ()
    alpha, sizes = comparisons["alpha"].iloc[0], comparisons["family_size"].dropna()
    holm = (
        f"p (Holm): corrected for the family of {sizes.iloc[0]:.0f} tests; without one, the test "
        "is not of it."
        if len(sizes)
        else "None of the tests is of the family that is corrected together."
    )
    return (
        f"Two-sided tests; those below {alpha:g} are in bold. p: {tests_text(comparisons)}, not "
        f"corrected for multiple testing. {holm} p (ranks): Wilcoxon's signed-rank test, which "
        "knows nothing of seeds and is left out with several. Speaks of: the methods, or only the "
        "networks that were trained or the images that were given; Seeds: how many networks of the "
        "method and of the reference were trained. "
        f"Interval: {_confidence(alpha)} interval of the mean difference, that of the test; it "
        f"leaves zero out just where p is below {alpha:g}. "
        "Effect size: mean over standard deviation of the differences, with Hedges' correction. "
        f"{_best_filter_note(comparisons)}"
        "Equivalent: whether two one-sided t-tests show that the difference lies within the "
        "margin.",
    )


def _best_filter_note(comparisons: pd.DataFrame) -> str:
    if BEST_FILTER not in set(comparisons["reference"]):
        return ""
    return (
        "Against the best filter: better is better than every filter, worse is worse than one of "
        "them (corrected for their number), so that none was chosen; the one in brackets has the "
        "best mean. "
    )


def movie_table(comparisons: pd.DataFrame, *, convention: str) -> Table:
    """Set the tests on movies of one convention for reading: frames as they are, and effective."""
    chosen = comparisons[
        (comparisons["convention"] == convention) & comparisons["frames_effective"].notna()
    ]
    frame = pd.DataFrame(
        {
            **_what(chosen),
            "Speaks of": chosen["about"],
            "Frames": chosen["n"],
            "Difference": chosen["mean_difference"],
            "p, frames taken as independent": chosen["p_naive"],
            "Effective frames": chosen["frames_effective"],
            "p, effective frames": chosen["p_effective"],
        }
    )
    formats = {"Frames": fixed(0), "Difference": signed(3), "Effective frames": fixed(1)}
    return Table(
        f"Movies: differences from {_reference(chosen)} in the convention '{convention}'",
        frame,
        formats | dict.fromkeys(("p, frames taken as independent", "p, effective frames"), p_text),
        headings=3,
        notes=(
            "Frames that follow each other are alike, so the paper's test, which takes them as "
            "independent, finds far too much. Effective frames: how many independent ones they are "
            "worth, by the autocorrelation of their differences; the t-test with so many speaks "
            "for this one movie only, and with fewer than some "
            f"{_MANY_FRAMES} its p may be too small still.",
        ),
    )


def evidence_sentence(row: Any) -> str:
    """Say in one sentence what a row of the comparisons shows.

    Parameters
    ----------
    row
        A row of what `compare` returns, by ``itertuples`` or as a Series.
    """
    parts = [_difference_words(row)]
    if row.note and pd.notna(row.frames_effective):
        parts += _movie_words(row)
    elif row.note:
        parts.append(f"no p-value: {row.note}{images_needed_words([row])}")
    else:
        parts += [*_significance_words(row), *_equivalence_words(row)]
    return "; ".join([*parts, *_claim_words(row)]) + "."


def images_needed_words(rows: Sequence[Any]) -> str:
    """Say how many images would show differences, to follow a note that there are too few.

    Parameters
    ----------
    rows
        Rows of what `compare` returns that have the same note; other notes are followed by nothing.
    """
    if not _few(rows[0].n, rows[0].n_fields):
        return ""
    needed = sorted(row.images_needed for row in rows if pd.notna(row.images_needed))
    unknown = "how many would do cannot be told"
    if not needed:
        return f"; {unknown}"
    ends = range_text(*(f"{number:.0f}" for number in (needed[0], needed[-1])))
    missing = len(rows) - len(needed)
    return (
        f"; some {ends} would do ({paired_tests.POWER:.0%} power at alpha = {rows[0].alpha:g}), if "
        "differences and their spread are as seen"
        + (f"; of {missing} of {len(rows)} differences {unknown}" if missing else "")
    )


def _difference_words(row: Any) -> str:
    metric, name = METRICS[row.metric], metric_name(row.metric)
    gain = metric.sign * row.mean_difference
    samples = "image" if pd.isna(row.frames_effective) else "frame"
    start = f"{row.experiment}, {row.n} {samples}{'s' if row.n > 1 else ''}: "
    words = (
        f"{method_label(row.method)} is on average {'worse' if gain < 0 else 'better'} than "
        f"{reference_text(row)} by {score_text(abs(gain), row.metric)} of {name}"
    )
    if round(abs(gain), metric.digits) == 0:
        words = (
            f"{method_label(row.method)} has, to {metric.digits} decimals, the mean {name} of "
            f"{reference_text(row)}"
        )
    if pd.isna(row.difference_low):
        return start + words
    interval = _interval(row, "difference", metric.digits) + unit_text(row.metric)
    effect = ""
    if pd.notna(row.effect_size):
        effect = f", effect size {signed(2)(row.effect_size)}"
    if pd.notna(row.effect_low):
        effect += f" ({_interval(row, 'effect', 2)})"
    return f"{start}{words} ({_confidence(row.alpha)} interval {interval}){effect}"


def _significance_words(row: Any) -> list[str]:
    words = f"{'' if row.significant == 'yes' else 'not '}significant by "
    if row.reference == BEST_FILTER:
        words += f"the tests against {_every_filter(row)} ({p_equals(row.p)})"
    elif over_seeds(row):
        counts = [f"{count} seeds" for count in (row.seeds, row.reference_seeds) if count]
        words += f"the test over images and seeds ({p_equals(row.p)}; {' and '.join(counts)})"
    else:
        words += f"the paired t-test ({p_equals(row.p)}; signed ranks {p_equals(row.p_wilcoxon)})"
    if row.family == "no":
        return [words]
    holds = row.p_holm < row.alpha
    link = "and also" if holds else ("but not" if row.significant == "yes" else "nor")
    family = f"Holm's correction for {row.family_size:.0f} tests"
    return [f"{words}, {link} after {family} ({p_equals(row.p_holm)})"]


def _every_filter(row: Any) -> str:
    return "the one filter" if row.filters == 1 else f"all {row.filters:.0f} filters"


def _equivalence_words(row: Any) -> list[str]:
    if pd.isna(row.p_tost):
        return []
    margin = f"within ±{row.margin:g}{unit_text(row.metric)} ({p_equals(row.p_tost)})"
    shown = "shown" if row.equivalent == "yes" else "not shown"
    return [f"{shown} to be equivalent {margin}"]


def over_seeds(row: Any) -> bool:
    """Say whether a row of the comparisons is tested over images and seeds, not images alone."""
    return _are_seeds_drawn(row.about, row.seeds, row.reference_seeds)


def tests_text(comparisons: pd.DataFrame) -> str:
    """Say by what rows of the comparisons are tested: over images, or over seeds, too."""
    over = [over_seeds(row) for row in comparisons.itertuples()]
    if all(over):
        return "test over images and seeds" if over else "paired t-test over images"
    return "paired t-test over images" + (", or test over images and seeds" if any(over) else "")


def _claim_words(row: Any) -> list[str]:
    """Say that a row does not speak of the methods, if so, and what would."""
    once = 1 in (row.seeds, row.reference_seeds)
    match row.about:
        case "methods":
            return []
        case "as given":
            return ["said of what was handed in from outside of the study, as it is"]
        case "one network":
            said = "said of this one network, not of the method"
        case _:
            two = row.seeds == row.reference_seeds == 1
            said = f"said of these {'two ' if two else ''}networks, not of the methods"
    return [said + (f" (for that, {SEEDS_NEEDED})" if once else "")]


def _movie_words(row: Any) -> list[str]:
    words = (
        f"the frames of this one movie are worth {row.frames_effective:.1f} independent ones, "
        f"which give {p_equals(row.p_effective)} for this movie alone "
        f"({p_equals(row.p_naive)} if all were independent)"
    )
    few = row.frames_effective < _MANY_FRAMES
    return [words, f"with fewer than some {_MANY_FRAMES}, p may be too small"] if few else [words]


def _confidence(alpha: float) -> str:
    return f"{100 * (1 - alpha):.4g}\u00a0%"


def _interval(row: Any, quantity: str, digits: int) -> str:
    low, high = getattr(row, f"{quantity}_low"), getattr(row, f"{quantity}_high")
    return "" if pd.isna(low) else f"{signed(digits)(low)} to {signed(digits)(high)}"


def _equivalent(row: Any) -> str:
    return f"{row.equivalent}, ±{row.margin:g}" if row.equivalent else ""

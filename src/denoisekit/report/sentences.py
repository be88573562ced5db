"""Say in sentences what the tables hold. Every number is computed; none is written by hand."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from denoisekit.datasets.leakage import SAME_SCENE
from denoisekit.datasets.outside import units_sentences
from denoisekit.evaluation.metrics import HEADLINE, MAIN, METRICS
from denoisekit.report.words import evidence_text
from denoisekit.statistics.comparisons import SEEDS_NEEDED, images_needed_words, tests_text
from denoisekit.statistics.validation import beaten
from denoisekit.statistics.wording import (
    difference_text,
    listed,
    method_label,
    metric_name,
    range_text,
    score_text,
    unit_text,
)
from denoisekit.study.runs import BEST_FILTER

_FEW_IMAGES = 10
_UNLIKE_GAINS = 1.5


def headlines(summary: pd.DataFrame, comparisons: pd.DataFrame, *, convention: str) -> list[str]:
    """Say in sentences which methods win and lose over all experiments.

    Parameters
    ----------
    summary, comparisons
        As `denoisekit.statistics.scores.summarise` and `compare` return them.
    convention
        The score convention to speak of.
    """
    chosen = summary[summary["convention"] == convention]
    tests = comparisons[comparisons["convention"] == convention]
    return [
        *_networks_against_filters(chosen),
        *_winners(chosen),
        *_significant(tests, chosen),
        *_not_above_the_input(chosen),
    ]


def why_filters_lead(
    summary: pd.DataFrame,
    experiments: pd.DataFrame,
    config: Mapping[str, Any],
    quality: Mapping[str, pd.DataFrame],
    *,
    convention: str,
) -> list[str]:
    """Say of each experiment in which no network is ahead of the best filter what may be behind it.

    Parameters
    ----------
    summary, experiments, config, quality
        As `denoisekit.report.results.Results` has them.
    convention
        The score convention to speak of.
    """
    leaders = best_of_each_kind(summary[summary["convention"] == convention], MAIN)
    leaders = leaders.dropna(subset=["network", "filter"])
    gain = METRICS[MAIN].sign * (leaders["network_score"] - leaders["filter_score"])
    behind = experiments[experiments["experiment"].isin(gain.index[gain <= 0])]
    sentences = []
    for row in behind.itertuples():
        reasons = _handicaps(row, config, quality)
        because = "; ".join(reasons) or (
            "none of the usual causes (few images, unlike gains, another sample, CARE's "
            "normalisation) is seen here; there may be too little light or too few steps"
        )
        sentences.append(
            f"{row.experiment}: no network is ahead of the best filter by {metric_name(MAIN)}. "
            f"What may be behind it: {because}."
        )
    return sentences


def _handicaps(
    row: Any, config: Mapping[str, Any], quality: Mapping[str, pd.DataFrame]
) -> list[str]:
    """Name what keeps the networks of an experiment from learning better."""
    trained_on, found = config["train_sets"][row.train_set]["dataset"], []
    if trained_on != row.test_dataset:
        found.append(f"the networks were trained on another sample ({trained_on})")
    if row.train_images < _FEW_IMAGES:
        count = f"{row.train_images} image{'s' * (row.train_images != 1)}"
        found.append(f"there {'are' if row.train_images != 1 else 'is'} only {count} to train on")
    pairs = quality.get(trained_on, pd.DataFrame(columns=["split", "gain"]))
    gains = pairs.loc[pairs["split"] == "train", "gain"].dropna()
    low, high = gains.quantile(0.1), gains.quantile(0.9)
    if high > _UNLIKE_GAINS * low:
        found.append(
            f"long exposures are {low:.3g} to {high:.3g} times as bright as their short ones, each "
            "pair in units of its own"
        )
    supervised = [m for m in config["methods"].values() if m.get("objective") == "supervised"]
    if any(method.get("normalization", "percentiles") == "percentiles" for method in supervised):
        found.append(
            "images are normalised each by itself, as CARE does ('normalization: photons' was "
            "better on every set where it was tried)"
        )
    return found


def best_of_each_kind(summary: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return per experiment the best of each kind and the input, with their scores.

    Kinds are networks, filters and what comes from outside of the study.

    They are named as in headings; of equals all are named. Where a kind has no method, the name is
    None and the score NaN.
    """
    rows = {}
    for experiment, group in summary.groupby("experiment", sort=False):
        leaders = {}
        for kind, members in (
            ("network", group[group["kind"] == "network"]),
            ("filter", group[(group["kind"] == "filter") & (group["method"] != "noisy")]),
            ("outside", group[group["kind"] == "outside"]),
            ("input", group[group["method"] == "noisy"]),
        ):
            score = members[metric].agg(METRICS[metric].best)
            names = members.loc[members[metric] == score, "method"]
            leaders |= {kind: listed(map(method_label, names)) or None, f"{kind}_score": score}
        rows[experiment] = leaders
    return pd.DataFrame.from_dict(rows, orient="index")


def _networks_against_filters(summary: pd.DataFrame) -> list[str]:
    sentences = []
    for metric in HEADLINE:
        leaders = best_of_each_kind(summary, metric).dropna(subset=["network", "filter"])
        if leaders.empty:
            continue
        gain = METRICS[metric].sign * (leaders["network_score"] - leaders["filter_score"])
        ahead, behind = gain[gain > 0], gain[gain <= 0]
        sentence = (
            f"By {metric_name(metric)} the best network is ahead of the best filter in "
            f"{len(ahead)} of {len(gain)} experiments"
        )
        if len(ahead):
            ends = (score_text(value, metric) for value in (ahead.min(), ahead.max()))
            sentence += f" (by {range_text(*ends)})"
        if len(behind):
            sentence += f"; a filter is ahead or level in {listed(behind.index)}"
        sentences.append(sentence + ".")
    return sentences


def _winners(summary: pd.DataFrame) -> list[str]:
    sentences = []
    for metric in HEADLINE:
        leaders = best_of_each_kind(summary, metric).dropna(subset=["network"])
        won = leaders.groupby("network", sort=False).groups
        parts = [f"{names} in {listed(where)}" for names, where in won.items()]
        if parts:
            sentences.append(f"Best network by {metric_name(metric)}: {'; '.join(parts)}.")
    return sentences


def _of_networks(tests: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    networks = summary.loc[summary["kind"] == "network", "method"]
    return tests[tests["method"].isin(networks) & tests["metric"].isin(HEADLINE)]


def _significant(tests: pd.DataFrame, summary: pd.DataFrame) -> list[str]:
    tests, sentences = _of_networks(tests, summary), []
    tested = tests[tests["p"].notna()]
    for (reference, alpha), group in tested.groupby(["reference", "alpha"], sort=False):
        found = group[group["significant"] == "yes"]
        which = "networks" if reference == BEST_FILTER else "other networks"
        sentence = (
            f"Against {method_label(reference)}, {len(found)} of {len(group)} tests of the {which} "
            f"({listed(map(metric_name, HEADLINE))}; {tests_text(group)}) are significant at alpha "
            f"= {alpha:g}, not corrected for multiple testing"
        )
        sentences.append(sentence + _better_or_worse(found, named=False))
    return sentences + _trained_once(tests) + _untested(tests)


def _trained_once(tests: pd.DataFrame) -> list[str]:
    """Say which methods are known by a single network, of which alone anything can be said."""
    methods = tests.loc[tests["seeds"] == 1, "method"]
    references = tests.loc[tests["reference_seeds"] == 1, "reference"]
    names = [method_label(name) for name in dict.fromkeys([*references, *methods])]
    if not names:
        return []
    verb, these = ("were", "these networks") if len(names) > 1 else ("was", "this one network")
    return [
        f"{listed(names)} {verb} trained once: differences and tests are said of {these}, not of "
        f"the method{'s' * (len(names) > 1)} (for that, {SEEDS_NEEDED})."
    ]


def _untested(tests: pd.DataFrame) -> list[str]:
    """Say for which methods and experiments there is no p-value, and why."""
    untested, sentences = tests[tests["p"].isna()], []
    for note, group in untested.groupby("note", sort=False):
        where = [
            experiment
            if len(rows) == (tests["experiment"] == experiment).sum()
            else f"{listed(map(method_label, rows['method'].unique()))} in {experiment}"
            for experiment, rows in group.groupby("experiment", sort=False)
        ]
        needed = images_needed_words(list(group.itertuples()))
        sentences.append(f"No p-values for {listed(where)}: {note}{needed}.")
    return sentences


def _better_or_worse(tests: pd.DataFrame, *, named: bool) -> str:
    """Say which methods are better or worse than a reference, named or not, by what and where."""
    signs = tests["metric"].map({name: metric.sign for name, metric in METRICS.items()})
    worse = signs * tests["mean_difference"] < 0
    keys = ["method", "reference", "metric", worse]
    parts = [
        f"{method_label(method)} is {'worse' if below else 'better'} "
        f"{f'than {method_label(reference)} ' if named else ''}by {metric_name(metric)} in "
        f"{listed(group['experiment'])}"
        for (method, reference, metric, below), group in tests.groupby(keys, sort=False)
    ]
    return f": {'; '.join(parts)}." if parts else "."


def corrected_sentences(comparisons: pd.DataFrame) -> list[str]:
    """Say which tests of the family hold after Holm's correction, and what is equivalent.

    `comparisons` is as `denoisekit.statistics.comparisons.compare` returns it.
    """
    said = []
    family = comparisons[comparisons["p_holm"].notna()]
    if len(family):
        holds = family[family["p_holm"] < family["alpha"]]
        sentence = (
            f"Of the family of {family['family_size'].iloc[0]:.0f} tests, {len(holds)} stay "
            "significant after Holm's correction"
        )
        named = family["reference"].nunique() > 1
        said.append(sentence + _better_or_worse(holds, named=named))
        tested = family[family["p_tost"].notna()]
        if len(tested):
            equal = tested[tested["equivalent"] == "yes"]
            names = [
                f"{method_label(row.method)} "
                f"{f'and {method_label(row.reference)} ' if named else ''}"
                f"by {metric_name(row.metric)} in {row.experiment}"
                for row in equal.itertuples()
            ]
            said.append(
                f"Of the {len(tested)} with a margin of equivalence, {len(equal)} show a "
                "difference within it" + (f": {listed(names)}." if names else ".")
            )
    return said


def _not_above_the_input(summary: pd.DataFrame) -> list[str]:
    sentences = []
    restored = summary[summary["method"] != "noisy"]
    for metric in HEADLINE:
        # A smaller gain is next to none, as that of a network whose training failed.
        least = METRICS[metric].least_gain
        noisy = summary[summary["method"] == "noisy"].set_index("experiment")[metric]
        gains = METRICS[metric].sign * (restored[metric] - restored["experiment"].map(noisy))
        lost = restored[gains < least]
        if len(lost):
            names = [f"{method_label(r.method)} in {r.experiment}" for r in lost.itertuples()]
            sentences.append(
                f"Worse than the noisy input by {metric_name(metric)}, or less than {least:g}"
                f"{unit_text(metric)} better: {listed(names)}."
            )
    return sentences


def brightness_sentences(summary: pd.DataFrame) -> list[str]:
    """Say how much of `MAIN` each network loses where brightness and contrast must be right."""
    networks = summary[summary["kind"] == "network"]
    means = networks.pivot_table(index="method", columns="convention", values=MAIN, sort=False)
    if not {"care", "calibrated"} <= set(means.columns):
        return []
    change = means["calibrated"] - means["care"]
    parts = [f"{method_label(name)} {difference_text(by, MAIN)}" for name, by in change.items()]
    return [
        "Where brightness and contrast must be right too (convention 'calibrated' instead of "
        f"'care'), mean {metric_name(MAIN)} over all experiments changes: {listed(parts)}."
    ]


def experiment_sentences(summary: pd.DataFrame, comparisons: pd.DataFrame) -> list[str]:
    """Say which method is best in one experiment, by how much, and with what evidence.

    Both tables hold one experiment and one convention.
    """
    sentences = []
    for metric in HEADLINE:
        known, leaders = METRICS[metric], best_of_each_kind(summary, metric).iloc[0]
        top = summary[metric].agg(known.best)
        best = listed(map(method_label, summary.loc[summary[metric] == top, "method"]))
        sentence = f"Best by {metric_name(metric)}: {best}, {score_text(top, metric)}"
        parts = [
            f"{score_text(abs(gain), metric)} {'above' if gain > 0 else 'below'} {words}"
            for kind, words in (
                ("network", f"the best network ({leaders['network']})"),
                ("filter", f"the best filter ({leaders['filter']})"),
                ("outside", f"the best from outside of this study ({leaders['outside']})"),
                ("input", "the noisy input"),
            )
            if (gain := top - leaders[f"{kind}_score"]) * known.sign > 0
        ]
        sentences.append(sentence + (f", {' and '.join(parts)}." if parts else "."))
    tests = _of_networks(comparisons, summary)
    for reference, group in tests.groupby("reference", sort=False):
        parts = [
            f"{method_label(row.method)} {metric_name(row.metric)} "
            f"{difference_text(row.mean_difference, row.metric)}{evidence_text(row)}"
            for row in group.itertuples()
        ]
        sentences.append(f"Against {method_label(reference)}: {'; '.join(parts)}.")
    return sentences + _trained_once(tests) + _untested(tests)


def beaten_sentences(validation: Mapping[tuple[str, str, str], pd.DataFrame]) -> list[str]:
    """Say of which networks a filter was better on the images kept from their training.

    `validation` is as `denoisekit.report.results.Results` has it.
    """
    said = []
    for (train_set, method, seed), table in validation.items():
        sentence = beaten(table.to_dict("records"), method=method)
        if sentence:
            said.append(f"Trained on {train_set}, seed {seed}: {sentence[0].lower()}{sentence[1:]}")
    return said


def units_warnings(outside: Mapping[tuple[str, str], pd.DataFrame]) -> list[str]:
    """Say which images from outside of the study are in other units, or unlike their inputs.

    `outside` is as `denoisekit.report.results.Results` has it.
    """
    return [
        f"{test_set}: {sentence}"
        for (test_set, run), table in outside.items()
        for sentence in units_sentences(table.to_dict("records"), method=run)
    ]


def training_sentences(config: Mapping[str, Any]) -> list[str]:
    """Say in words how the networks of a study are trained, if it has any."""
    if not any("network" in method for method in config["methods"].values()):
        return ["No network was trained."]
    training, patches = config["training"], config["patches"]
    steps = training["epochs"] * training["steps_per_epoch"]
    sizes = ", ".join(
        f"{name} {entry['patch_size']} px" for name, entry in config["train_sets"].items()
    )
    networks = "; ".join(
        f"{name}: "
        + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in network.items())
        for name, network in config["networks"].items()
    )
    schedule = training["schedule"]
    return [
        f"Networks: {networks}.",
        f"Patches: {patches['per_image']} per image, {patches['validation_fraction']:.0%} of the "
        f"images kept for validation; patch sides: {sizes}.",
        f"Training: {training['epochs']} epochs of {training['steps_per_epoch']} steps ({steps:,} "
        f"steps) of batch {training['batch_size']}, Adam, learning rate "
        f"{training['learning_rate']:g}, schedule '{schedule['name']}', "
        f"{'with' if training['augment'] else 'without'} augmentation, in {training['precision']} "
        "precision.",
        f"Seeds: {', '.join(map(str, config['seeds']))}.",
    ]


def unscored_sentence(experiments: pd.DataFrame) -> str:
    """Say which experiments have no truth; empty if all have one."""
    names = experiments.loc[experiments["truth"] == "no", "experiment"]
    if names.empty:
        return ""
    return (
        f"Without a truth: {listed(names)}. Their images are restored and shown, but neither "
        "scored nor compared, and all tables of scores leave them out."
    )


def apart_sentence(matches: pd.DataFrame, datasets: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how alike the most alike image to test on and image to train on are.

    Images without a truth are not compared, nor are patches that somebody cut, as the study's
    `datasets` tell: their resemblance is NaN.
    """
    patches = [name for name in matches["train"].unique() if "as_patches" in datasets[name]]
    matches = matches.dropna(subset=["resemblance"])
    untold = (
        f"Patches of {listed(patches)} are too small to be compared with images to test on: that "
        "none shows one of them is for whoever cut them to say."
    )
    if matches.empty:
        return (
            untold
            if patches
            else (
                "No test image was compared with those trained on: none is scored, or nothing is "
                "trained on."
            )
        )
    nearest = matches.loc[matches["resemblance"].idxmax()]
    unsure = matches[matches["perhaps"] != ""]
    doubtful = listed(
        [
            f"{row.test_image} of {row.test} ({row.perhaps} of {row.train})"
            for row in unsure.itertuples()
        ]
    )
    return (
        f"No scene to test on is trained on: of all, {nearest['test_image']} of {nearest['test']} "
        f"is most like a training image ({nearest['train_image']} of {nearest['train']}), with a "
        f"resemblance of {nearest['resemblance']:.2f} where 1 is a copy, be it shifted, mirrored "
        f"or turned; above {SAME_SCENE:g} the run would have stopped."
        + f" {untold}"
        * bool(patches)
        + f" Look at these beside the training images in brackets, which are alike as far as they "
        f"show anything, but show too little to tell a copy from chance: {doubtful}."
        * bool(len(unsure))
    )

"""Set the page's own tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from denoisekit.datasets import verdicts
from denoisekit.evaluation.metrics import HEADLINE, MAIN, METRICS
from denoisekit.provenance import without_places
from denoisekit.report.sentences import best_of_each_kind
from denoisekit.report.words import count_text, four_digits
from denoisekit.statistics.comparisons import tests_text
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import (
    difference_text,
    fixed,
    listed,
    method_label,
    metric_name,
    p_equals,
    score_format,
    signed,
)

# Of images that a sentence names.
_NAMED = 10


def verdict_table(summary: pd.DataFrame, *, convention: str) -> Table:
    """Set each experiment's input, best filter and best network beside each other, by `MAIN`."""
    chosen = summary[summary["convention"] == convention]
    leaders = best_of_each_kind(chosen, MAIN)
    facts = chosen.drop_duplicates("experiment").set_index("experiment")
    frame = pd.DataFrame(
        {
            "Experiment": leaders.index,
            "Data": facts["data"],
            "Images": facts["images"],
            "Noisy input": leaders["input_score"],
            "Best filter": leaders["filter_score"],
            "Which filter": leaders["filter"],
            "Best network": leaders["network_score"],
            "Which network": leaders["network"],
            "Network − filter": leaders["network_score"] - leaders["filter_score"],
        }
    )
    formats = dict.fromkeys(("Noisy input", "Best filter", "Best network"), score_format(MAIN))
    metric = METRICS[MAIN]
    return Table(
        f"Mean {metric.label} ({metric.unit}, {metric.better} is better) of the noisy input, the "
        f"best filter and the best network, convention '{convention}'",
        frame,
        formats | {"Network − filter": signed(metric.digits), "Images": fixed(0)},
    )


def evidence_table(
    comparisons: pd.DataFrame, *, convention: str, methods: Sequence[str], reference: str
) -> Table:
    """Set the differences of some methods from a reference, with p-values, an experiment a row.

    Significant differences are in bold.
    """
    chosen = comparisons[
        (comparisons["convention"] == convention)
        & comparisons["method"].isin(methods)
        & (comparisons["reference"] == reference)
        & comparisons["metric"].isin(HEADLINE)
    ]
    rows, best = [], set()
    for experiment, group in chosen.groupby("experiment", sort=False):
        cells = {"Experiment": experiment}
        for row in group.itertuples():
            column = f"{method_label(row.method)}, {metric_name(row.metric)}"
            p = "no p" if pd.isna(row.p) else p_equals(row.p)
            named = f" from {method_label(row.best_filter)}" if row.best_filter else ""
            cells[column] = f"{difference_text(row.mean_difference, row.metric)}{named} ({p})"
            if row.significant == "yes":
                best.add((len(rows), column))
        rows.append(cells)
    return Table(
        f"Mean difference from {method_label(reference)} of the "
        f"{'other ' if reference in methods else ''}networks (two-sided "
        f"{tests_text(chosen)}), convention '{convention}'",
        pd.DataFrame(rows, columns=list(rows[0]) if rows else ["Experiment"]),
        {},
        frozenset(best),
        notes=("Significant differences are in bold.",) if best else (),
    )


def experiments_table(experiments: pd.DataFrame) -> Table:
    """Set the experiments for reading."""
    frame = pd.DataFrame(
        {
            "Experiment": experiments["experiment"],
            "What": experiments["description"],
            "Train set": experiments["train_set"],
            "Test set": experiments["test_set"],
            "Data": experiments["simulated"].map({"yes": "simulated", "no": "measured"}),
            "Scored": experiments["truth"].map({"yes": "yes", "no": "no truth"}),
            "Train images": experiments["train_images"],
            "Test images": experiments["test_images"],
            "Test fields": experiments["test_fields"],
        }
    )
    counts = dict.fromkeys(("Train images", "Test images", "Test fields"), fixed(0))
    return Table("What was trained on what, and what was restored", frame, counts)


def methods_table(config: Mapping[str, Any]) -> Table:
    """List the methods of a study and what each is."""
    rows = [
        {
            "Method": method_label(name),
            "Name in tables": name,
            "What": what_it_is(entry, seeds=config["seeds"]),
            "Options": ", ".join(f"{key} = {value}" for key, value in _options(entry).items()),
        }
        for name, entry in config["methods"].items()
    ]
    return Table("Methods", pd.DataFrame(rows), {})


def what_it_is(method: Mapping[str, Any], *, seeds: Sequence[int]) -> str:
    """Say what a method of a study is; `seeds` are the study's."""
    if "filter" in method:
        return f"filter {method['filter']}"
    if "images" in method:
        return "restored outside of this study"
    if "trust" in method:
        return "a package of the bioimage.io format, which was run as code"
    if "model" in method:
        return "a network that another study trained"
    if "command" in method:
        return "restored by another program, which this study called"
    if "of" in method:
        return f"{method['estimate'].replace('-', ' ')} of {method_label(method['of'])}"
    if "ensemble" in method:
        of, members = method["ensemble"]["of"], method["ensemble"].get("members", seeds)
        more = method["ensemble"].get("more_seeds", ())
        listed_members = listed(map(str, sorted([*members, *more])))
        return f"mean of the networks of {method_label(of)} of the seeds {listed_members}"
    said = f"network {method['network']}, {method['objective']}, loss {method['loss']}"
    if "shuffled" in method:
        return f"{said}; a control: it saw channels of {method['channels']} of different fields"
    return f"{said}; all channels of {method['channels']} jointly" if "channels" in method else said


def _options(method: Mapping[str, Any]) -> dict[str, Any]:
    """Return all further settings of a method; those of a line one by one."""
    masking = dict(method.get("masking", {}))
    line = {f"line {key}": value for key, value in masking.pop("line", {}).items()}
    told = ("normalization", "noise_model", "images", "model", "command", "conda")
    chosen = {key: method[key] for key in told if key in method}
    found = without_places({**method.get("options", {}), **masking, **line, **chosen})
    return {key.replace("_", " "): value for key, value in found.items()}


def models_table(cards: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> Table:
    """List the trained networks: their size, where they were trained and for how long."""
    rows = [
        {
            "Train set": train_set,
            "Method": method_label(method),
            "Seed": seed,
            "Parameters": card["parameters"],
            "Best epoch": card["best_epoch"],
            "Device": card["device"],
            "Threads": card["threads"],
            "Training (s)": card["seconds"],
        }
        for (train_set, method, seed), card in cards.items()
    ]
    columns = ["Train set", "Method", "Seed", "Parameters", "Best epoch", "Device", "Threads"]
    formats = {"Parameters": "{:,.0f}".format, "Training (s)": fixed(0), "Best epoch": fixed(0)}
    frame = pd.DataFrame(rows, columns=[*columns, "Training (s)"])
    return Table("Trained networks", frame, formats | {"Threads": fixed(0)}, headings=3)


def strengths_table(strengths: Mapping[tuple[str, str], pd.DataFrame]) -> Table:
    """Set the median and the range of the strengths that filters chose without the truth."""
    columns = ["Test set", "Filter", "Strength", "Median", "Lowest", "Highest"]
    rows = [
        [test_set, method_label(method), name, values.median(), values.min(), values.max()]
        for (test_set, method), frame in strengths.items()
        for name, values in frame.drop(columns="image").astype(float).items()
    ]
    return Table(
        "Strengths of the filters over the images of a test set, chosen without the truth",
        pd.DataFrame(rows, columns=columns),
        dict.fromkeys(columns[3:], four_digits),
        headings=3,
    )


def quality_summary(dataset: str, quality: pd.DataFrame) -> Table:
    """Set the median and the range of every quality number of a data set's pairs."""
    numbers = quality.select_dtypes("number").dropna(axis="columns", how="all")
    frame = pd.DataFrame(
        {
            "Quantity": [name.replace("_", " ") for name in numbers],
            "Median": numbers.median().to_numpy(),
            "Lowest": numbers.min().to_numpy(),
            "Highest": numbers.max().to_numpy(),
        }
    )
    shifted = (quality["applied"] == "yes").sum()
    notes = [
        f"{count_text(len(quality), 'pair')}; shift applied to {shifted}."
        if quality["shift_y"].notna().any()
        else f"{count_text(len(quality), 'image')} without a long exposure."
    ]
    copies = quality[quality["duplicate_of"] != ""]
    if len(copies):
        named = listed(copies["image"].head(_NAMED))
        more = f", and {len(copies) - _NAMED} more" if len(copies) > _NAMED else ""
        notes.append(f"Copies of another image: {named}{more}.")
    formats = dict.fromkeys(("Median", "Lowest", "Highest"), four_digits)
    return Table(f"Images of {dataset}", frame, formats, notes=notes)


def quality_table(dataset: str, quality: pd.DataFrame) -> Table:
    """Set every quality number of every pair, those first that one may doubt."""
    doubtful = {verdict.image for verdict in verdicts.judge(quality.to_dict("records"))}
    last = ~quality["image"].isin(doubtful)
    frame = quality.loc[last.sort_values(kind="stable").index]
    frame = frame.rename(columns=lambda name: name.replace("_", " "))
    numbers = frame.select_dtypes("number").columns
    notes = [f"In full: registered/{dataset}/quality.tsv."]
    if doubtful:
        notes.insert(0, f"Those that one may doubt stand first: {len(doubtful)}.")
    return Table(
        f"Every image of {dataset}", frame, dict.fromkeys(numbers, four_digits), notes=notes
    )

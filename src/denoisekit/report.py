"""Make the page that a person reads: one HTML file with its pictures inside.

Every statement on the page is computed from the tables; none is written by hand.
"""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from denoisekit.likeness import SAME_SCENE
from denoisekit.paper import Published, Study, means_beside_printed, paper_tables
from denoisekit.tables import comparison_table, score_table, summary_table, typical_image
from denoisekit.typeset import Table, fixed, method_label, p_text, signed

_CONVENTIONS = {
    "care": "as CARE scores: the truth is scaled to its 0.1 and 99.9 percentiles, both images are "
    "made zero-mean, and the restored image is fitted to the truth by least squares; range 1, SSIM "
    "in a Gaussian window of sigma 1.5. It does not see a wrong brightness or contrast.",
    "hagen": "as 'care', with SSIM in a uniform window of 7 pixels.",
    "calibrated": "as 'care', but not fitted to the truth: brightness and contrast must be right, "
    "as the short exposure's regression on the truth gives them.",
    "range255": "images as they are, range 255.",
    "fmd": "as the FMD benchmark: clamped to 0 and 255, mean over four quadrants.",
    "scale-invariant": "the truth standardised, the restored image fitted, range = (max - min) / "
    "standard deviation of the truth.",
}
_UNITS = {"psnr": " dB", "ssim": "", "nrmse": ""}
_DIGITS = {"psnr": 2, "ssim": 3, "nrmse": 4}
_HEAVY_BYTES = 400_000


@dataclass(frozen=True)
class Results:
    """All that the page is made from.

    Attributes
    ----------
    config
        The study, as its file says it.
    experiments, summary, comparisons
        Tables as `denoisekit.tables` makes them, in all conventions.
    study
        This study's scores in the main convention, ready to be set beside the paper's.
    published
        What the paper prints, or None if nothing shall be set beside.
    figures
        PNG files by name: ``montage-AA``, ``scores-AA``, ``figure-1-AA``, ``learning-curves``.
    cards
        Cards of the models by train set, method and seed.
    quality
        Registration and quality of the pairs, by data set.
    strengths
        What each filter chose for each image, by test set and filter.
    matches
        For every scene to test on, the training image that it is most like.
    provenance
        What else to say of where the results come from, by heading.
    """

    config: Mapping[str, Any]
    experiments: pd.DataFrame
    summary: pd.DataFrame
    comparisons: pd.DataFrame
    study: Study
    published: Published | None
    figures: Mapping[str, bytes]
    cards: Mapping[tuple[str, str, str], Mapping[str, Any]]
    quality: Mapping[str, pd.DataFrame]
    strengths: Mapping[tuple[str, str], pd.DataFrame]
    matches: pd.DataFrame
    provenance: Mapping[str, str]


@dataclass(frozen=True)
class Picture:
    """An embedded picture: its address, size in pixels, what it shows, and its caption."""

    source: str
    width: int
    height: int
    alt: str
    caption: str


@dataclass(frozen=True)
class Section:
    """What the page says about one experiment."""

    name: str
    description: str
    facts: str
    sentences: Sequence[str]
    montage: Picture
    plot: Picture
    comparisons: Table
    printed: Table | None


def render(results: Results) -> str:
    """Return the page as HTML that asks for no other file."""
    environment = Environment(
        loader=PackageLoader("denoisekit"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    config, main = results.config, results.config["conventions"][0]
    published = results.published
    return environment.get_template("report.html.j2").render(
        config=config,
        experiments=experiments_table(results.experiments),
        headlines=[
            *headlines(results.summary, results.comparisons, convention=main, **_test(config)),
            *brightness_sentences(results.summary),
        ],
        verdicts=verdict_table(results.summary, convention=main),
        evidence=evidence_table(
            results.comparisons,
            convention=main,
            methods=[name for name, method in config["methods"].items() if "network" in method],
            reference=config["statistics"]["reference"],
        ),
        convention=main,
        conventions={name: _CONVENTIONS[name] for name in config["conventions"]},
        scores=[
            (
                name,
                [score_table(results.summary, convention=name, metric=m) for m in _DIGITS],
                summary_table(results.summary, convention=name),
            )
            for name in config["conventions"]
        ],
        sections=[_section(results, row) for row in results.experiments.itertuples()],
        paper_figures=_paper_figures(results),
        paper_tables=paper_tables(published, results.study) if published else {},
        training=training_sentences(config),
        methods=methods_table(config),
        models=models_table(results.cards),
        strengths=strengths_table(results.strengths),
        curves=_curves(results),
        quality=[
            (name, quality_summary(name, frame), _quality_table(name, frame))
            for name, frame in results.quality.items()
        ],
        apart=apart_sentence(results.matches),
        provenance=results.provenance,
        settings=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
    )


def _test(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: config["statistics"][key] for key in ("reference", "alpha")}


def data_uri(png: bytes) -> str:
    """Return a picture as an address that holds it, as WebP: lossless unless the PNG is heavy."""
    options = {"lossless": True} if len(png) < _HEAVY_BYTES else {"quality": 88}
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(buffer, "WEBP", **options)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _picture(png: bytes, alt: str, caption: str) -> Picture:
    with Image.open(io.BytesIO(png)) as image:
        width, height = image.size
    return Picture(data_uri(png), width, height, alt, caption)


def headlines(
    summary: pd.DataFrame,
    comparisons: pd.DataFrame,
    *,
    convention: str,
    reference: str,
    alpha: float,
) -> list[str]:
    """Say in sentences which methods win and lose over all experiments.

    Parameters
    ----------
    summary, comparisons
        As `denoisekit.tables.summarise` and `compare` return them.
    convention
        The score convention to speak of.
    reference, alpha
        What the tests compare with, and at which level.
    """
    chosen = summary[summary["convention"] == convention]
    tests = comparisons[comparisons["convention"] == convention]
    return [
        *_networks_against_filters(chosen),
        *_winners(chosen),
        *_significant(tests, chosen, reference, alpha),
        *_below_the_input(chosen),
    ]


def _leaders(summary: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return per experiment the best network, the best filter and the input, with their scores."""
    rows = {}
    for experiment, group in summary.groupby("experiment", sort=False):
        leaders = {}
        for kind, members in (
            ("network", group[group["kind"] == "network"]),
            ("filter", group[(group["kind"] == "filter") & (group["method"] != "noisy")]),
            ("input", group[group["method"] == "noisy"]),
        ):
            best = members.loc[members[metric].idxmax()] if len(members) else {}
            leaders |= {kind: best.get("method"), f"{kind}_score": best.get(metric, float("nan"))}
        rows[experiment] = leaders
    return pd.DataFrame.from_dict(rows, orient="index")


def _networks_against_filters(summary: pd.DataFrame) -> list[str]:
    sentences = []
    for metric in ("psnr", "ssim"):
        leaders = _leaders(summary, metric).dropna(subset=["network", "filter"])
        if leaders.empty:
            continue
        gain = leaders["network_score"] - leaders["filter_score"]
        ahead, behind = gain[gain > 0], gain[gain <= 0]
        sentence = (
            f"By {metric.upper()} the best network is ahead of the best filter in {len(ahead)} of "
            f"{len(gain)} experiments"
        )
        if len(ahead):
            sentence += f" (by {_gain(ahead.min(), metric)} to {_gain(ahead.max(), metric)})"
        if len(behind):
            sentence += f"; a filter is ahead or level in {_listed(behind.index)}"
        sentences.append(sentence + ".")
    return sentences


def _winners(summary: pd.DataFrame) -> list[str]:
    sentences = []
    for metric in ("psnr", "ssim"):
        leaders = _leaders(summary, metric).dropna(subset=["network"])
        won = leaders.groupby("network", sort=False).groups
        parts = [f"{method_label(name)} in {_listed(where)}" for name, where in won.items()]
        if parts:
            sentences.append(f"Best network by {metric.upper()}: {'; '.join(parts)}.")
    return sentences


def _significant(
    tests: pd.DataFrame, summary: pd.DataFrame, reference: str, alpha: float
) -> list[str]:
    networks = summary.loc[summary["kind"] == "network", "method"].unique()
    tests = tests[tests["method"].isin(networks) & tests["metric"].isin(["psnr", "ssim"])]
    if tests.empty:
        return []
    tested, untested = tests[tests["p"].notna()], tests[tests["p"].isna()]
    name, sentences = method_label(reference), []
    if len(tested):
        found = tested[tested["significant"] == "yes"]
        sentence = (
            f"Against {name}, {len(found)} of {len(tested)} paired t-tests of the other networks "
            f"(PSNR and SSIM) are significant at alpha = {alpha:g}, not corrected for multiple "
            "testing"
        )
        worse = found["mean_difference"] < 0
        details = [
            f"{method_label(method)} is {'worse' if below else 'better'} by {metric.upper()} in "
            f"{_listed(group['experiment'])}"
            for (method, metric, below), group in found.groupby(
                ["method", "metric", worse], sort=False
            )
        ]
        sentences.append(sentence + (f": {'; '.join(details)}." if details else "."))
    if len(untested):
        where = _listed(untested["experiment"].unique())
        reasons = "; ".join(untested["note"].unique())
        sentences.append(f"No p-values for {where}: {reasons}.")
    return sentences


def _below_the_input(summary: pd.DataFrame) -> list[str]:
    sentences = []
    for metric in ("psnr", "ssim"):
        noisy = summary[summary["method"] == "noisy"].set_index("experiment")[metric]
        lost = summary[summary[metric] < summary["experiment"].map(noisy)]
        if len(lost):
            names = [f"{method_label(r.method)} in {r.experiment}" for r in lost.itertuples()]
            sentences.append(f"Worse than the noisy input by {metric.upper()}: {_listed(names)}.")
    return sentences


def evidence_table(
    comparisons: pd.DataFrame, *, convention: str, methods: Sequence[str], reference: str
) -> Table:
    """Set the differences of some methods from the reference, with p-values, an experiment a row.

    Significant differences are in bold.
    """
    chosen = comparisons[
        (comparisons["convention"] == convention)
        & comparisons["method"].isin(methods)
        & comparisons["metric"].isin(["psnr", "ssim"])
    ]
    rows, best = [], set()
    for experiment, group in chosen.groupby("experiment", sort=False):
        cells = {"Experiment": experiment}
        for row in group.itertuples():
            column = f"{method_label(row.method)}, {row.metric.upper()}"
            p = "no p" if pd.isna(row.p) else f"p\u00a0=\u00a0{p_text(row.p)}"
            cells[column] = f"{_difference(row.mean_difference, row.metric)} ({p})"
            if row.significant == "yes":
                best.add((len(rows), column))
        rows.append(cells)
    return Table(
        f"Mean difference from {method_label(reference)} of the other networks (two-sided paired "
        f"t-test over images), convention '{convention}'",
        pd.DataFrame(rows, columns=list(rows[0]) if rows else ["Experiment"]),
        {},
        frozenset(best),
        notes=("Significant differences are in bold.",),
    )


def brightness_sentences(summary: pd.DataFrame) -> list[str]:
    """Say how much PSNR each network loses where brightness and contrast must be right."""
    networks = summary[summary["kind"] == "network"]
    means = networks.pivot_table(index="method", columns="convention", values="psnr", sort=False)
    if not {"care", "calibrated"} <= set(means.columns):
        return []
    change = means["calibrated"] - means["care"]
    parts = [f"{method_label(name)} {_difference(dB, 'psnr')}" for name, dB in change.items()]
    return [
        "Where brightness and contrast must be right too (convention 'calibrated' instead of "
        f"'care'), mean PSNR over all experiments changes: {_listed(parts)}."
    ]


def verdict_table(summary: pd.DataFrame, *, convention: str) -> Table:
    """Set each experiment's input, best filter and best network beside each other, by PSNR."""
    chosen = summary[summary["convention"] == convention]
    leaders = _leaders(chosen, "psnr")
    facts = chosen.drop_duplicates("experiment").set_index("experiment")
    frame = pd.DataFrame(
        {
            "Experiment": leaders.index,
            "Data": facts["data"],
            "Images": facts["images"],
            "Noisy input": leaders["input_score"],
            "Best filter": leaders["filter_score"],
            "Which filter": leaders["filter"].map(method_label, na_action="ignore"),
            "Best network": leaders["network_score"],
            "Which network": leaders["network"].map(method_label, na_action="ignore"),
            "Network − filter": leaders["network_score"] - leaders["filter_score"],
        }
    )
    formats = dict.fromkeys(("Noisy input", "Best filter", "Best network"), fixed(2))
    return Table(
        f"Mean PSNR (dB, higher is better) of the noisy input, the best filter and the best "
        f"network, convention '{convention}'",
        frame,
        formats | {"Network − filter": signed(2), "Images": fixed(0)},
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
            "Train images": experiments["train_images"],
            "Test images": experiments["test_images"],
            "Test fields": experiments["test_fields"],
        }
    )
    counts = dict.fromkeys(("Train images", "Test images", "Test fields"), fixed(0))
    return Table("What was trained on what, and what was restored", frame, counts)


def _section(results: Results, row: Any) -> Section:
    name, main = row.experiment, results.config["conventions"][0]
    reference = results.config["statistics"]["reference"]
    summary = results.summary[
        (results.summary["experiment"] == name) & (results.summary["convention"] == main)
    ]
    comparisons = results.comparisons[results.comparisons["experiment"] == name]
    image = typical_image(
        results.study.scores, experiment=name, method=reference, convention=main, metric="psnr"
    )
    methods = _listed([method_label(method) for method in results.study.methods])
    montage = _picture(
        results.figures[f"montage-{name}"],
        f"Image {image} of experiment {name} as restored by each method, with a detail and errors",
        f"Image {image}, on which {method_label(reference)} has its median PSNR. Columns: "
        f"{methods}, then the truth. Rows: the whole image; the framed detail; |image − truth| on "
        "one colour scale. All are fitted to the truth as CARE's score does. Numbers: scores of "
        "this image.",
    )
    plot = _picture(
        results.figures[f"scores-{name}"],
        f"PSNR and SSIM of every image of experiment {name} by method",
        "Scores of every image. Thin lines join the same image; black bars mark means.",
    )
    data = "simulated" if row.simulated == "yes" else "measured"
    facts = (
        f"Train set {row.train_set} ({row.train_images} images), test set {row.test_set} "
        f"({_images(row.test_images, row.test_fields)}, {data})."
    )
    sentences = experiment_sentences(summary, comparisons[comparisons["convention"] == main])
    table = comparison_table(comparisons, convention=main)
    printed = (
        means_beside_printed(results.published, results.study, experiment=name)
        if results.published
        else None
    )
    return Section(name, row.description, facts, sentences, montage, plot, table, printed)


def experiment_sentences(summary: pd.DataFrame, comparisons: pd.DataFrame) -> list[str]:
    """Say which method is best in one experiment, by how much, and with what evidence.

    Both tables hold one experiment and one convention.
    """
    sentences = []
    for metric in ("psnr", "ssim"):
        leaders = _leaders(summary, metric).iloc[0]
        best = summary.loc[summary[metric].idxmax()]
        sentence = f"Best by {metric.upper()}: {_scored(best['method'], best[metric], metric)}"
        rest = [
            (words, leaders[kind], best[metric] - leaders[f"{kind}_score"])
            for kind, words in (
                ("network", "the best network"),
                ("filter", "the best filter"),
                ("input", "the noisy input"),
            )
            if leaders[kind] and leaders[kind] != best["method"]
        ]
        parts = [
            f"{_gain(gain, metric)} above {words}"
            + (f" ({method_label(name)})" if name != "noisy" else "")
            for words, name, gain in rest
        ]
        sentences.append(sentence + (f", {' and '.join(parts)}." if parts else "."))
    networks = summary.loc[summary["kind"] == "network", "method"]
    tests = comparisons[
        comparisons["method"].isin(networks) & comparisons["metric"].isin(["psnr", "ssim"])
    ]
    for reference, group in tests.groupby("reference", sort=False):
        parts = [
            f"{method_label(row.method)} {row.metric.upper()} "
            f"{_difference(row.mean_difference, row.metric)}{_evidence(row)}"
            for row in group.itertuples()
        ]
        sentences.append(f"Against {method_label(reference)}: {'; '.join(parts)}.")
        notes = [note for note in group["note"].unique() if note]
        sentences += [f"No p-values: {note}." for note in notes]
    return sentences


def _evidence(row: Any) -> str:
    if pd.isna(row.p):
        return ""
    words = "significant" if row.significant == "yes" else "not significant"
    return f" (p\u00a0=\u00a0{p_text(row.p)}, {words})"


def _paper_figures(results: Results) -> list[Picture]:
    reference = method_label(results.config["statistics"]["reference"])
    captions = {
        "figure-1-": (
            "Figure 1: the same field under long (left) and short (right) exposure, each between "
            "its own 0.1 and 99.9 percentiles."
        ),
        "figure-2-": (
            f"Figure 2: the truth (left) and its restoration by {reference} (right), fitted to the "
            "truth as CARE's score does."
        ),
    }
    return [
        _picture(png, caption.split(":")[1].strip(), caption)
        for start, caption in captions.items()
        for name, png in sorted(results.figures.items())
        if name.startswith(start)
    ]


def _curves(results: Results) -> Picture | None:
    if "learning-curves" not in results.figures:
        return None
    return _picture(
        results.figures["learning-curves"],
        "Training and validation loss of every model against the training step",
        "Training loss (dashed) and validation loss (solid). Every panel has its own scale, since "
        "losses differ in units.",
    )


def training_sentences(config: Mapping[str, Any]) -> list[str]:
    """Say in words how the networks of a study are trained."""
    training, patches = config["training"], config["patches"]
    steps = training["epochs"] * training["steps_per_epoch"]
    sizes = ", ".join(
        f"{name} {entry['patch_size']} px" for name, entry in config["train_sets"].items()
    )
    networks = "; ".join(
        f"{name}: {net['architecture']} of depth {net['depth']}, kernels of {net['kernel_size']}, "
        f"{net['first_filters']} first filters"
        for name, net in config["networks"].items()
    )
    schedule = training["schedule"]
    return [
        f"Networks: {networks}.",
        f"Patches: {patches['per_image']} per image, {patches['validation_fraction']:.0%} of the "
        f"images kept for validation; patch sides: {sizes}.",
        f"Training: {training['epochs']} epochs of {training['steps_per_epoch']} steps ({steps:,} "
        f"steps) of batch {training['batch_size']}, Adam, learning rate "
        f"{training['learning_rate']:g}, schedule '{schedule['name']}', "
        f"{'with' if training['augment'] else 'without'} augmentation.",
        f"Seeds: {', '.join(map(str, config['seeds']))}.",
    ]


def methods_table(config: Mapping[str, Any]) -> Table:
    """List the methods of a study and what each is."""
    rows = [
        {
            "Method": method_label(name),
            "Name in tables": name,
            "What": f"filter {entry['filter']}"
            if "filter" in entry
            else f"network {entry['network']}, {entry['objective']}, loss {entry['loss']}",
            "Options": ", ".join(f"{k} = {v}" for k, v in entry.get("options", {}).items()),
        }
        for name, entry in config["methods"].items()
    ]
    return Table("Methods", pd.DataFrame(rows), {})


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
        for name, values in frame.select_dtypes("number").items()
    ]
    return Table(
        "Strengths of the filters over the images of a test set, chosen without the truth",
        pd.DataFrame(rows, columns=columns),
        dict.fromkeys(columns[3:], _four_digits),
        headings=3,
    )


def apart_sentence(matches: pd.DataFrame) -> str:
    """Say how alike the most alike image to test on and image to train on are."""
    nearest = matches.loc[matches["resemblance"].idxmax()]
    return (
        f"No scene to test on is trained on: of all, {nearest['test_image']} of {nearest['test']} "
        f"is most like a training image ({nearest['train_image']} of {nearest['train']}), with a "
        f"resemblance of {nearest['resemblance']:.2f} where 1 is a copy, even a shifted one; above "
        f"{SAME_SCENE:g} the run would have stopped."
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
    notes = [f"{len(quality)} pairs; shift applied to {(quality['applied'] == 'yes').sum()}."]
    copies = quality[quality["duplicate_of"].notna() & (quality["duplicate_of"] != "")]
    if len(copies):
        notes.append(f"Copies of another image: {_listed(copies['image'])}.")
    formats = dict.fromkeys(("Median", "Lowest", "Highest"), _four_digits)
    return Table(f"Pairs of {dataset}", frame, formats, notes=notes)


def _quality_table(dataset: str, quality: pd.DataFrame) -> Table:
    frame = quality.rename(columns=lambda name: name.replace("_", " "))
    numbers = frame.select_dtypes("number").columns
    return Table(f"Every pair of {dataset}", frame, dict.fromkeys(numbers, _four_digits))


def _four_digits(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _images(images: int, fields: int) -> str:
    if fields == images:
        return f"{images} images"
    return f"{images} images of {fields} field{'s' if fields > 1 else ''}"


def _scored(method: str, value: float, metric: str) -> str:
    return f"{method_label(method)}, {value:.{_DIGITS[metric]}f}{_UNITS[metric]}"


def _gain(value: float, metric: str) -> str:
    return f"{value:.{_DIGITS[metric]}f}{_UNITS[metric]}"


def _difference(value: float, metric: str) -> str:
    return f"{signed(_DIGITS[metric])(value)}{_UNITS[metric]}"


def _listed(names: Iterable[str]) -> str:
    """Return names as in ``MM, AA and MA``."""
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

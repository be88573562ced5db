"""Assemble the page from the tables, the pictures and the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from denoisekit.evaluation.conventions import CONVENTIONS
from denoisekit.evaluation.metrics import HEADLINE, MAIN, METRICS
from denoisekit.published.loss_functions import Published, Study, means_beside_printed, paper_tables
from denoisekit.report import sentences, tables
from denoisekit.report.answers import Evidence, answer_questions
from denoisekit.report.packing import FIGURE_STEPS, Packed, Picture, pack_figure, pack_within
from denoisekit.report.timing import methods_timing, timing_sentences, timing_table
from denoisekit.report.topics import (
    audit_topic,
    conventions_topic,
    looks_topic,
    noise_topic,
    regimes_topic,
    sharpness_topic,
)
from denoisekit.report.viewer import Scene, error_colours, error_filter, viewer_data
from denoisekit.report.words import count_text, images_text
from denoisekit.statistics.comparisons import comparison_table, evidence_sentence, movie_table
from denoisekit.statistics.scores import score_table, summary_table, typical_image
from denoisekit.statistics.sharpness import sharpness_sentences
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import listed, method_label, metric_name

#: Bytes of pictures, so that the page stays below 15 MB with its text.
FIGURE_BYTES = 7_000_000
SCENE_BYTES = 5_000_000


@dataclass(frozen=True)
class Results:
    """All that the page is made from.

    Attributes
    ----------
    config
        The study, as its file says it.
    experiments, summary, comparisons
        Tables as `denoisekit.statistics.scores` makes them, in all conventions. Without any
        experiment that has a truth nothing is scored: all of these but the first, and `study`, are
        None.
    compared, left_out
        How conventions move scores, and where one has no meaning, as
        `denoisekit.statistics.conventions.conventions_sentences` takes them.
    sharpness
        How sharp each method's images are, as `denoisekit.statistics.sharpness.average` returns it.
    study
        This study's scores in the main convention, ready to be set beside the paper's.
    published
        What the paper prints, or None if nothing shall be set beside.
    figures
        PNG files by name: ``montage-AA``, ``scores-AA``, ``figure-1-AA``, ``learning-curves``, and
        ``restored-AA`` where there is no truth; ``posterior-AA`` if a method has a posterior.
    scenes
        For each experiment the pictures of one image, to be compared in the browser.
    cards
        Cards of the models by train set, method and seed.
    quality
        Registration and quality of the pairs, by data set.
    strengths
        What each filter chose for each image, by test set and filter.
    matches
        For every scene to test on, the training image that it is most like.
    looks
        Simulated frames beside measured ones, as `denoisekit.statistics.looks.compare_looks`
        returns it, or None where the study sets none side by side; `figures` has a ``looks-actin``
        for each.
    regimes
        Scores by noise regime beside printed ones, as
        `denoisekit.published.noise_regimes.beside_printed` returns them, or None where the study
        has none; `figures` has ``regimes``.
    noise
        What the noise of each data set is like, as `denoisekit.statistics.noise.gather` takes it.
    jobs
        How long each job took: rule, job, seconds and memory_mb.
    provenance
        What else to say of where the results come from, by heading.
    """

    config: Mapping[str, Any]
    experiments: pd.DataFrame
    summary: pd.DataFrame | None
    comparisons: pd.DataFrame | None
    compared: pd.DataFrame | None
    left_out: pd.DataFrame | None
    sharpness: pd.DataFrame | None
    study: Study | None
    published: Published | None
    figures: Mapping[str, bytes]
    scenes: Mapping[str, Scene]
    cards: Mapping[tuple[str, str, str], Mapping[str, Any]]
    quality: Mapping[str, pd.DataFrame]
    strengths: Mapping[tuple[str, str], pd.DataFrame]
    matches: pd.DataFrame
    looks: pd.DataFrame | None
    regimes: pd.DataFrame | None
    noise: Mapping[str, Mapping[str, Any]]
    jobs: pd.DataFrame
    provenance: Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """What the page says about one experiment."""

    name: str
    description: str
    facts: str
    sentences: Sequence[str]
    montage: Picture
    plot: Picture
    evidence: Sequence[str]
    movie: Table
    comparisons: Table
    printed: Table | None
    posterior: Picture | None


@dataclass(frozen=True)
class Restoration:
    """What the page says about one experiment without a truth."""

    name: str
    description: str
    facts: str
    picture: Picture
    posterior: Picture | None


def render(results: Results) -> str:
    """Return the page as HTML that asks for no other file."""
    environment = Environment(
        loader=PackageLoader("denoisekit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    config = results.config
    descriptions = results.experiments.set_index("experiment")["description"]
    figures, _ = pack_within(
        results.figures, steps=FIGURE_STEPS, limit_bytes=FIGURE_BYTES, packing=pack_figure
    )
    return environment.get_template("report.html.j2").render(
        config=config,
        viewer=viewer_data(results.scenes, descriptions=descriptions, limit_bytes=SCENE_BYTES),
        error_colours=error_colours(),
        error_filter=error_filter(),
        scored=results.summary is not None,
        **({} if results.summary is None else _scored(results, figures)),
        experiments=tables.experiments_table(results.experiments),
        unscored=sentences.unscored_sentence(results.experiments),
        restorations=[
            _restoration(results, figures, row)
            for row in results.experiments.itertuples()
            if row.truth == "no"
        ],
        training=sentences.training_sentences(config),
        methods=tables.methods_table(config),
        models=tables.models_table(results.cards),
        strengths=tables.strengths_table(results.strengths),
        curves=_curves(figures),
        quality=[
            (name, tables.quality_summary(name, frame), tables.quality_table(name, frame))
            for name, frame in results.quality.items()
        ],
        looks_topic=None if results.looks is None else looks_topic(results.looks, figures),
        regimes_topic=(
            None if results.regimes is None else regimes_topic(results.regimes, figures)
        ),
        noise_topic=noise_topic(
            results.noise, methods=config["methods"], trained_on=_trained_on(results)
        ),
        apart=sentences.apart_sentence(results.matches),
        timing=timing_sentences(results.jobs),
        seconds=timing_table(results.jobs),
        method_seconds=methods_timing(
            results.jobs, cards=results.cards, experiments=results.experiments
        ),
        provenance=results.provenance,
        settings=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
    )


def _scored(results: Results, figures: Mapping[str, Packed]) -> dict[str, Any]:
    """Return what the page says where there is a truth: scores, comparisons, the paper's tables."""
    config, main = results.config, results.config["conventions"][0]
    published, scored = results.published, set(results.summary["convention"])
    conventions = [name for name in config["conventions"] if name in scored]
    metrics = [name for name in METRICS if name in results.summary]
    return {
        "answers": answer_questions(_evidence(results)),
        "headlines": [
            *sentences.headlines(results.summary, results.comparisons, convention=main),
            *sentences.corrected_sentences(results.comparisons),
            *sentences.brightness_sentences(results.summary),
        ],
        "verdicts": tables.verdict_table(results.summary, convention=main),
        "evidence": tables.evidence_table(
            results.comparisons,
            convention=main,
            methods=_networks(config),
            reference=config["statistics"]["reference"],
        ),
        "convention": main,
        "conventions": {name: f"{CONVENTIONS[name].explanation}." for name in conventions},
        "scores": [
            (
                name,
                [score_table(results.summary, convention=name, metric=m) for m in metrics],
                summary_table(results.summary, convention=name),
            )
            for name in conventions
        ],
        "conventions_topic": conventions_topic(
            results.compared, results.left_out, figures, main=main
        ),
        "sharpness_topic": sharpness_topic(
            results.sharpness,
            figures,
            methods=_networks(config) or [name for name in config["methods"] if name != "noisy"],
            reference=config["statistics"]["reference"],
        ),
        "sections": [
            _section(results, figures, row)
            for row in results.experiments.itertuples()
            if row.truth == "yes"
        ],
        "paper_figures": _paper_figures(results, figures),
        "paper_tables": paper_tables(published, results.study) if published else {},
        "audit_topic": audit_topic(published.audit) if published else None,
    }


def _networks(config: Mapping[str, Any]) -> list[str]:
    return [name for name, method in config["methods"].items() if "filter" not in method]


def _trained_on(results: Results) -> list[str]:
    used = results.experiments["train_set"].unique()
    return list(dict.fromkeys(results.config["train_sets"][name]["dataset"] for name in used))


def _evidence(results: Results) -> Evidence:
    main, reference = (results.config["conventions"][0], results.config["statistics"]["reference"])
    learns_from = results.config["methods"][reference].get("objective")
    evidence = Evidence(
        experiments=results.experiments[results.experiments["truth"] == "yes"],
        train_sets=results.config["train_sets"],
        summary=results.summary[results.summary["convention"] == main],
        scores=results.study.scores,
        reference=reference,
        called="CARE" if learns_from == "supervised" else method_label(reference),
    )
    said = sharpness_sentences(
        results.sharpness[results.sharpness["experiment"].isin(evidence.matched()["experiment"])],
        methods=_networks(results.config),
        reference=evidence.reference,
    )
    return replace(evidence, sharpness=said[:1])


def _section(results: Results, figures: Mapping[str, Packed], row: Any) -> Section:
    name, main = row.experiment, results.config["conventions"][0]
    reference = results.config["statistics"]["reference"]
    summary = results.summary[
        (results.summary["experiment"] == name) & (results.summary["convention"] == main)
    ]
    comparisons = results.comparisons[results.comparisons["experiment"] == name]
    image = typical_image(
        results.study.scores, experiment=name, method=reference, convention=main, metric=MAIN
    )
    methods = listed([method_label(method) for method in results.study.methods])
    montage = Picture(
        figures[f"montage-{name}"],
        f"Image {image} of experiment {name} as restored by each method, with a detail and errors",
        f"Image {image}, on which {method_label(reference)} has its median {metric_name(MAIN)}. "
        f"Columns: {methods}, then the truth. Rows: the whole image; the framed detail; "
        "|image − truth| on one colour scale. All are fitted to the truth as CARE's score does. "
        "Numbers: scores of this image.",
    )
    plot = Picture(
        figures[f"scores-{name}"],
        f"{listed(map(metric_name, HEADLINE))} of every image of experiment {name} by method",
        "Scores of every image. Thin lines join the same image; black bars mark means.",
    )
    tested = comparisons[comparisons["convention"] == main]
    told = sentences.experiment_sentences(summary, tested)
    shown = tested[tested["method"].isin(_networks(results.config))]
    evidence = [evidence_sentence(test) for test in shown.itertuples()]
    movie = movie_table(shown, convention=main)
    table = comparison_table(comparisons, convention=main)
    printed = (
        means_beside_printed(results.published, results.study, experiment=name)
        if results.published
        else None
    )
    posterior = _posterior(results.config, figures, name)
    return Section(
        name,
        row.description,
        _facts(row),
        told,
        montage,
        plot,
        evidence,
        movie,
        table,
        printed,
        posterior,
    )


def _facts(row: Any) -> str:
    data = "simulated" if row.simulated == "yes" else "measured"
    trained = (
        f"Train set {row.train_set} ({count_text(row.train_images, 'image')}), t"
        if row.train_images
        else "T"
    )
    tested = f"{images_text(row.test_images, row.test_fields)}, {data}"
    return f"{trained}est set {row.test_set} ({tested})."


def _restoration(results: Results, figures: Mapping[str, Packed], row: Any) -> Restoration:
    drawn = results.scenes[row.experiment].card["methods"]
    methods = listed([method_label(method["name"]) for method in drawn])
    shown = Picture(
        figures[f"restored-{row.experiment}"],
        f"The first image of experiment {row.experiment} as restored by each method, with a detail",
        f"The first image as restored by each method ({methods}): the whole image, and the framed "
        "detail. All are fitted to the short exposure (gain and offset) and shown on one grey "
        "scale, from the 0.1 to the 99.9 percentile of the mean of the restored images.",
    )
    facts = (
        f"{_facts(row)} There is no truth, so nothing is scored. All restored images: "
        f"results/{results.config['study']}/restored/{row.test_set}/."
    )
    posterior = _posterior(results.config, figures, row.experiment)
    return Restoration(row.experiment, row.description, facts, shown, posterior)


def _posterior(
    config: Mapping[str, Any], figures: Mapping[str, Packed], experiment: str
) -> Picture | None:
    if f"posterior-{experiment}" not in figures:
        return None
    method = next(name for name, entry in config["methods"].items() if entry.get("loss") == "pn2v")
    return Picture(
        figures[f"posterior-{experiment}"],
        f"Prior, likelihood and posterior of one pixel of experiment {experiment}",
        f"What {method_label(method)} knows of one pixel of the first image, not a typical one. "
        "Left: the most detailed part of the noisy image; in its inner half, of the pixels of "
        "middling brightness (restored, 40th to 60th percentile), the one is marked that its own "
        "value moves furthest. Middle: the prior is what the pixels around it say, samples from "
        "the network; the likelihood is how well each signal explains the noisy value, brought to "
        "the same area; the posterior is the prior weighed by it, and its mean (MMSE) the restored "
        "value. Right: the noise model, how likely each noisy value is for each signal, relative "
        "to the most likely one; the likelihood is read along the dashed line.",
    )


def _paper_figures(results: Results, figures: Mapping[str, Packed]) -> list[Picture]:
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
        Picture(packed, caption.split(":")[1].strip(), caption)
        for start, caption in captions.items()
        for name, packed in sorted(figures.items())
        if name.startswith(start)
    ]


def _curves(figures: Mapping[str, Packed]) -> Picture | None:
    if "learning-curves" not in figures:
        return None
    return Picture(
        figures["learning-curves"],
        "Training and validation loss of every model against the training step",
        "Training loss (dashed) and validation loss (solid). Every panel has its own scale, since "
        "losses differ in units. The adversarial loss is trained with its critic's verdict but "
        "validated without it.",
    )

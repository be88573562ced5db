"""The page's topics, in its order: each is a section, and a line of the contents.

To add one, measure and tabulate in a module of `denoisekit.statistics`, hand the numbers over in
`Results`, and write an entry of `TOPICS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import yaml

from denoisekit.evaluation.conventions import CONVENTIONS
from denoisekit.evaluation.metrics import METRICS
from denoisekit.provenance import without_places
from denoisekit.published import audit, care, noise_regimes
from denoisekit.published.loss_functions import paper_tables
from denoisekit.published.printed import STARRED
from denoisekit.report import sentences, tables
from denoisekit.report.answers import answer_questions, gather_evidence
from denoisekit.report.choosing import choice_values, choices
from denoisekit.report.experiments import experiment_articles
from denoisekit.report.glossary import TERMS
from denoisekit.report.methods_text import methods
from denoisekit.report.parts import (
    Anchored,
    Folded,
    Fragment,
    Heading,
    Links,
    Part,
    Picture,
    Sentences,
    Text,
    Wrapped,
    folded,
)
from denoisekit.report.plot import plot_values
from denoisekit.report.references import reference_list
from denoisekit.report.results import Results
from denoisekit.report.timing import methods_timing, timing_sentences, timing_table
from denoisekit.report.viewer import error_colours, error_filter, viewer_data
from denoisekit.statistics import brightness, controls, mismatch, noise, residuals
from denoisekit.statistics.calibration import calibration_sentences, calibration_table
from denoisekit.statistics.conventions import conventions_sentences, conventions_table
from denoisekit.statistics.depth import depth_sentences, depth_table
from denoisekit.statistics.dose import dose_sentences, least_table
from denoisekit.statistics.isotropy import isotropy_sentences, isotropy_table
from denoisekit.statistics.looks import looks_sentences, looks_table
from denoisekit.statistics.ranges import ranges_sentences, ranges_table
from denoisekit.statistics.resolution import resolution_sentences, resolution_table
from denoisekit.statistics.scores import score_table, summary_table
from denoisekit.statistics.segmentation import (
    pipeline_sentences,
    segmentation_sentences,
    segmentation_table,
    tests_table,
)
from denoisekit.statistics.sharpness import (
    agreement_sentences,
    averaged_sentences,
    sector_sentences,
    sharpness_sentences,
    sharpness_table,
)
from denoisekit.statistics.without_truth import rank_sentences, rank_table
from denoisekit.statistics.wording import listed, method_label

#: Bytes of the viewer's pictures.
SCENE_BYTES = 5_000_000


@dataclass(frozen=True)
class Topic:
    """A topic of the page.

    Attributes
    ----------
    anchor
        The section's id, which links lead to.
    title
        What the contents call it.
    heading
        What stands above the section.
    parts
        Makes the section of the results. Without any part, section and line are left out.
    needs_truth
        Whether both are left out, too, of a study in which nothing has a truth.
    group
        What the topic is listed under, folded, together with those before and after it of the same
        group. Without one it stands by itself, open.
    """

    anchor: str
    title: str
    heading: str
    parts: Callable[[Results], Sequence[Part]]
    needs_truth: bool = False
    group: str = ""


def _choice(results: Results) -> list[Part]:
    chosen = choices(results)
    descriptions = results.experiments.set_index("experiment")["description"]
    values = {
        "choice": choice_values(results, chosen),
        "scored": results.scored,
        "viewer": viewer_data(
            results.scenes,
            descriptions=descriptions,
            recommended={
                choice.facts["experiment"]: choice.use or choice.best for choice in chosen
            },
            limit_bytes=SCENE_BYTES,
            threads=results.threads,
        ),
        "error_colours": error_colours(),
        "error_filter": error_filter(),
    }
    return [Fragment("choice.html.j2", values)]


def _plot(results: Results) -> list[Part]:
    values = plot_values(
        results.comparisons,
        convention=results.convention,
        reference=results.reference,
        descriptions=results.experiments.set_index("experiment")["description"],
        arbitrary=results.arbitrary,
    )
    return [Fragment("plot.html.j2", values)] if values["panels"] else []


def _claims(results: Results) -> list[Part]:
    if results.claims is None or results.claims.empty:
        return []
    alpha = results.config["statistics"]["alpha"]
    first, *others = care.claims_sentences(results.claims)
    return [
        Text(first, style="short"),
        Wrapped(care.claims_shown(results.claims, alpha=alpha)),
        Folded("Claim by claim, with its place in the paper", [Sentences(others)]),
    ]


def _answers(results: Results) -> list[Part]:
    if results.published is None:
        return []
    answers = answer_questions(gather_evidence(results))
    return [
        part
        for number, answer in enumerate(answers, start=1)
        for part in (
            Heading(f"{number}. {answer.question}"),
            Text(answer.short, style="short"),
            Sentences(answer.sentences),
        )
    ]


def _results(results: Results) -> list[Part]:
    summary, comparisons, convention = results.summary, results.comparisons, results.convention
    said = [
        *sentences.headlines(summary, comparisons, convention=convention),
        *sentences.why_filters_lead(
            summary,
            results.experiments,
            results.config,
            results.quality,
            convention=convention,
        ),
        *sentences.corrected_sentences(comparisons),
        *sentences.brightness_sentences(summary),
    ]
    return [
        Sentences(said, style="headlines"),
        tables.verdict_table(summary, convention=convention),
        *(
            tables.evidence_table(
                comparisons, convention=convention, methods=results.networks, reference=reference
            )
            for reference in results.references
        ),
        Text(
            f"Score convention '{convention}': {CONVENTIONS[convention].explanation}.", style="note"
        ),
    ]


def _what(results: Results) -> list[Part]:
    unscored = sentences.unscored_sentence(results.experiments)
    warnings = sentences.units_warnings(results.outside)
    return [
        tables.experiments_table(results.experiments),
        *([Text(unscored)] if unscored else []),
        tables.methods_table(results.config),
        *([Sentences(warnings, style="warning")] if warnings else []),
    ]


def _means(results: Results) -> list[Part]:
    said = averaged_sentences(results.experiments, results.averaged)
    parts: list[Part] = [
        *([Sentences(said)] if said else []),
        Text("Arrows point towards better scores; the best of each experiment is in bold."),
    ]
    scored = set(results.summary["convention"])
    for name in [name for name in results.config["conventions"] if name in scored]:
        means = [
            score_table(results.summary, convention=name, metric=metric)
            for metric in METRICS
            if metric in results.summary
        ]
        explained = f"Convention '{name}': {CONVENTIONS[name].explanation}."
        if name == results.convention:
            with_seeds = summary_table(results.summary, convention=name)
            parts += [*means, Text(explained, style="note")]
            parts.append(Folded("With seeds, in one table", [with_seeds]))
        else:
            parts.append(Folded(f"In the convention '{name}'", [Text(explained), *means]))
    return parts


def _regimes(results: Results) -> list[Part]:
    if results.regimes is None:
        return []
    caption = (
        "Mean PSNR of every method by noise regime: filled dots are this study's, open rings the "
        "printed ones, in the convention of the printed one where there is one, or in 'range255'. "
        "Bars are twice the standard error over frames. Every panel has its own scale; the noisy "
        f"input stands above it. An asterisk marks the convention '{STARRED}'."
    )
    alt = "This study's PSNR and the printed PSNR of every method, a panel per noise regime"
    return [
        Sentences(noise_regimes.regime_sentences(results.regimes)),
        Picture("regimes", alt, caption),
        *(
            replace(noise_regimes.regime_table(results.regimes, dataset=name), notes=())
            for name in results.regimes["dataset"].unique()
        ),
    ]


def _conventions(results: Results) -> list[Part]:
    compared, main = results.compared, results.convention
    said = conventions_sentences(compared, results.left_out, main=main)
    caption = (
        "Mean scores of the same restored images in every convention, and the methods' ranks (1 is "
        f"the best); a ring marks a rank that differs from that in '{main}'."
    )
    drawn = Picture("conventions", "Mean scores by score convention, a line per method", caption)
    parts = [
        Sentences(said),
        *([drawn] if drawn.name in results.figures else []),
        *(
            folded(conventions_table(compared, metric=metric, main=main))
            for metric in compared["metric"].unique()
        ),
    ]
    return parts if said else []


def _sharpness(results: Results) -> list[Part]:
    caption = (
        "Left: amplitude of the fine detail that agrees with the truth (solid), and of all "
        "(dashed; noise adds to it), relative to the truth's. Then: Fourier ring correlation with "
        "the truth; the mean profile across the truth's strongest lines; widths of lines (full "
        "width at half maximum) and of edges (10 to 90 %), with the truth's as dotted lines. "
        "Nearer to the truth is better; sharper than the truth is not. Of volumes, all this is of "
        "the middle planes, and a last panel has the Fourier shell correlation of whole volumes, "
        "along z (solid) and across (dashed)."
    )
    drawn = [
        Picture(f"sharpness-{name}", f"Sharpness in {name}", f"{name}. {caption}")
        for name in results.sharpness["experiment"].unique()
    ]
    methods = results.networks or [name for name in results.config["methods"] if name != "noisy"]
    said = sharpness_sentences(results.sharpness, methods=methods, reference=results.reference)
    # The last sentences are those of the experiments, one each.
    general = len(said) - len(drawn)
    warned, by_sector = (
        said_of(results.sharpness) for said_of in (agreement_sentences, sector_sentences)
    )
    return [
        *([Sentences(warned, style="warning")] if warned else []),
        Sentences([*said[:general], *averaged_sentences(results.experiments, results.averaged)]),
        *([Sentences(by_sector)] if by_sector else []),
        Folded("Experiment by experiment, in words", [Sentences(said[general:])]),
        drawn[0],
        *(Folded(picture.alt, [picture]) for picture in drawn[1:]),
        folded(sharpness_table(results.sharpness)),
    ]


def _brightness(results: Results) -> list[Part]:
    if results.residuals is None:
        return []
    methods = sorted(results.config["methods"], key="noisy".__ne__)
    alpha, open_ = results.config["statistics"]["alpha"], results.arbitrary
    averaged = brightness.average(
        results.residuals, results.experiments, methods=methods, alpha=alpha
    )
    if averaged.empty:
        return []
    return [
        Sentences(brightness.brightness_sentences(averaged, arbitrary=open_)),
        folded(brightness.brightness_table(averaged, arbitrary=open_, alpha=alpha)),
    ]


def _calibration(results: Results) -> list[Part]:
    if results.calibration is None:
        return []
    caption = (
        "Left: the share of pixels that central intervals hold over the share that they should, as "
        "predicted (dashed) and after calibration (solid); below the diagonal they are too narrow, "
        "above it too wide. Right: the error that is left when the most uncertain pixels are "
        "removed; a line along 1 tells nothing of where errors are. Means over the test images."
    )
    band = (
        "Dotted: the truth; grey: the input; line and band: the mean and the 90 % interval that a "
        "method predicts, after calibration where the legend names a factor. All are fitted to the "
        "truth, the band by the same factor as its mean. The image is that on which the reference "
        "has its median score; the line, of at most 128 px, that along which the truth varies most."
    )
    first, *others = (
        [
            Picture(
                f"calibration-{name}",
                f"Reliability and sparsification in {name}",
                f"{name}. {caption}",
            ),
            Picture(
                f"profile-{name}",
                f"A line profile with its 90 % band in {name}",
                f"{name}. {band}",
            ),
        ]
        for name in results.calibration["experiment"].unique()
    )
    return [
        Sentences(calibration_sentences(results.calibration)),
        *first,
        *(Folded(picture.alt, [picture]) for pictures in others for picture in pictures),
        *_flicker(results),
        folded(calibration_table(results.calibration)),
    ]


def _flicker(results: Results) -> list[Part]:
    if not results.flicker:
        return []
    text = (
        "Samples of what is predicted, one after the other: what flickers is not certain. Each is "
        "of one member of an ensemble, after calibration where there is one; pixels are drawn "
        "independently, which makes grain. They lie beside this page:"
    )
    named = {
        f"{experiment}, {method_label(method)}": address
        for (experiment, method), address in results.flicker.items()
    }
    return [Links(text, named)]


def _residuals(results: Results) -> list[Part]:
    if results.residuals is None:
        return []
    methods = sorted(results.config["methods"], key="noisy".__ne__)
    averaged = residuals.average(results.residuals, results.experiments, methods=methods)
    caption = (
        "Above, the image of which most was flagged, by every method: framed in orange what was "
        "invented, in blue what was erased. Below, noisy minus restored image, averaged by a "
        "Gaussian of 2 px, in standard deviations of the noise."
    )
    drawn = [
        Picture(f"residuals-{name}", f"Invented or erased in {name}", f"{name}. {caption}")
        for name in results.experiments["experiment"]
        if f"residuals-{name}" in results.figures
    ]
    return [
        Text(
            "Asked without a truth: what was taken from the noisy image should be noise alone. "
            "Where it is too dark for that over some pixels, the restored image shows what the "
            "noisy one does not; where it is too bright, it lost what is there. Brightness is "
            "fitted first. What is finer than some 2 px, or fainter than the noise, is not found."
        ),
        Sentences(residuals.residual_sentences(results.residuals, averaged)),
        *drawn[:1],
        *(Folded(picture.alt, [picture]) for picture in drawn[1:]),
        folded(residuals.residual_table(averaged)),
    ]


def _mismatch(results: Results) -> list[Part]:
    if results.residuals is None:
        return []
    compared = mismatch.compare(
        results.residuals,
        results.experiments,
        train_sets=results.config["train_sets"],
        methods=results.networks,
        alpha=results.config["statistics"]["alpha"],
    )
    if compared.empty:
        return []
    return [
        Text(
            "The same images, restored by networks that were trained on such images and by others "
            "of the same method: does anything that is known without a truth tell them apart, "
            "image by image?"
        ),
        Sentences(mismatch.mismatch_sentences(compared)),
        folded(mismatch.mismatch_table(compared)),
    ]


def _controls(results: Results) -> list[Part]:
    if results.controls is None:
        return []
    methods = sorted(results.config["methods"], key="noisy".__ne__)
    averaged = controls.average(results.controls, results.experiments, methods=methods)
    caption = (
        "Above pure noise at the background's level, below a flat field at the images' mean level, "
        "as they are and as every method restores them: a corner of each, from one standard "
        "deviation of the noise below its mean to one above."
    )
    drawn = [
        Picture(f"controls-{name}", f"Pure noise and a flat field in {name}", f"{name}. {caption}")
        for name in averaged["experiment"].unique()
    ]
    return [
        Text(
            "There is nothing to be found in pure noise, and nothing to be left of a flat field "
            "but its level. Both have the noise that was measured on the test images, independent "
            "from pixel to pixel, and are restored as these are, normalisation included."
        ),
        Sentences(controls.control_sentences(averaged)),
        drawn[0],
        *(Folded(picture.alt, [picture]) for picture in drawn[1:]),
        folded(controls.controls_table(averaged)),
    ]


def _segmentation(results: Results) -> list[Part]:
    if results.segmentation is None:
        return []
    tests = results.segmentation_tests
    caption = (
        "Outlines of labelled objects in blue and of found ones in orange; each image between its "
        "own 0.1 and 99.9 percentiles; of volumes the middle plane."
    )
    drawn = [
        Picture(f"segmentation-{name}.{of}", f"Objects found in {of} by {name}", f"{of}. {caption}")
        for name, of in results.segmentation.groupby(
            ["segmentation", "experiment"], sort=False
        ).groups
    ]
    return [
        Text(
            "Objects are found in what was restored by a pipeline that knows nothing of methods, "
            "and held against labels. Any smoothing helps it, so that methods are compared with "
            "the best filter, of which the noisy image, smoothed by the pipeline alone, is one."
        ),
        Sentences(segmentation_sentences(results.segmentation, tests)),
        segmentation_table(results.segmentation),
        drawn[0],
        *(Folded(picture.alt, [picture]) for picture in drawn[1:]),
        Sentences(pipeline_sentences(results.pipelines)),
        *([folded(tests_table(tests))] if len(tests) else []),
    ]


def _without_truth(results: Results) -> list[Part]:
    if results.without_truth is None:
        return []
    thinned = {
        name: entry["thin"]
        for name, entry in results.config["datasets"].items()
        if entry.get("thin", {}).get("beside") == "rest"
    }
    tested = results.experiments["test_dataset"].map(lambda name: name in thinned)
    where = listed(results.experiments.loc[tested, "experiment"])
    return [
        Text(
            f"In {where} there is no truth: photons of each image were shared out to two parts, "
            "one was restored, and the other, which no method saw, is what scores, tests and "
            "figures on this page call the truth. Its noise lowers all those scores alike; here "
            "it is taken off."
        ),
        Sentences(rank_sentences(results.without_truth)),
        rank_table(results.without_truth),
    ]


def _projection(results: Results) -> list[Part]:
    datasets = results.config["datasets"].items()
    sheets = [name for name, entry in datasets if entry.get("target") == "plane"]
    if not sheets:
        return []
    said = [
        f"The images of {listed(sheets)} are stacks, of which each method makes the plane of a "
        "sheet; the noisy input that is shown and scored is their maximum along z, which chooses "
        "the noisiest of all planes. Scores are of planes, and the noise that is told is that of "
        "the stacks."
    ]
    known = [
        name
        for name, method in results.config["methods"].items()
        if method.get("options", {}).get("how") == "known-surface"
    ]
    if known:
        said.append(
            f"{listed(map(method_label, known))} takes the true surface, which is known of "
            "simulated stacks alone: it tells how much of the error is not in finding the sheet, "
            "and is no method for a real stack, though it counts among the filters."
        )
    return [Sentences(said), *_depth(results)]


def _depth(results: Results) -> list[Part]:
    if results.depth is None:
        return []
    datasets = results.experiments.set_index("experiment")["test_dataset"]
    apart = {
        name: results.config["datasets"][dataset]["z_spacing_um"]
        for name, dataset in datasets.items()
        if "z_spacing_um" in results.config["datasets"][dataset]
    }
    caption = (
        "Above, how deep the sheet of one stack lies and how deep methods find it; below, red "
        "where they find it too deep, blue where not deep enough."
    )
    return [
        Sentences(depth_sentences(results.depth, z_spacing_um=apart)),
        *(
            Picture(f"depth-{name}", f"Depth of the sheet in {name}", f"{name}. {caption}")
            for name in results.depth["experiment"].unique()
        ),
        depth_table(results.depth),
    ]


def _isotropy(results: Results) -> list[Part]:
    datasets = results.config["datasets"].items()
    sparse = {name: entry["sparse"] for name, entry in datasets if "sparse" in entry}
    if not sparse:
        return []
    kept = listed(f"one of {entry['every']} planes in {name}" for name, entry in sparse.items())
    said = [
        f"Of the stacks, {kept} was kept, and what lies between was restored from these planes "
        "alone; networks learned from the same planes, made as blurred and as sparse along one "
        "axis as the stack is along z. That takes for granted that the sample looks alike along "
        "all axes."
    ]
    compared = [name for name, entry in sparse.items() if entry["beside"] == "left-out"]
    if compared:
        said.append(
            f"In {listed(compared)} the truth is the planes that were left out, with their noise, "
            "which lowers all scores alike, and their blur along z: what methods sharpened was "
            "blurred again before it was compared, so that scores there tell of the planes between "
            "and not of sharpness."
        )
    if results.isotropy is None:
        return [Sentences(said)]
    caption = (
        "Power by spatial frequency: along z over the truth's (left), across over the truth's "
        "(middle), and along z over across (right), with the truth dotted. Beyond what the optics "
        "show, power is noise."
    )
    return [
        Sentences([*said, *isotropy_sentences(results.isotropy, networks=results.networks)]),
        *(
            Picture(f"isotropy-{name}", f"Power along z and across in {name}", f"{name}. {caption}")
            for name in results.isotropy["experiment"].unique()
        ),
        isotropy_table(results.isotropy),
    ]


def _resolution(results: Results) -> list[Part]:
    if results.resolution is None:
        return []
    captions = {
        "resolution": "How far images fall between two lines, by their distance (dashed: "
        "Rayleigh's limit), or how wide lines are, and what is left of the widefield image once "
        "what was restored is blurred again. Dotted: the truth's own.",
        "reblurred": "Above, one image and what each method made of it; below, what is left of the "
        "widefield image once the restored one is blurred again to be like it: red where something "
        "is missing, blue where there is too much.",
    }
    return [
        Text(
            "The truth is sharper than the images, as of another microscope, so that methods are "
            "to sharpen and not to denoise alone. Scores are taken after an affine fit of each "
            "restored image's values; haze and background are not in the truth."
        ),
        Sentences(resolution_sentences(results.resolution)),
        *(
            Picture(f"{kind}-{name}", f"{kind.capitalize()} of {name}", f"{name}. {caption}")
            for name in results.resolution["experiment"].unique()
            for kind, caption in captions.items()
        ),
        resolution_table(results.resolution),
    ]


def _dose(results: Results) -> list[Part]:
    if results.least_light is None:
        return []
    caption = (
        "Scores against the photons per pixel, a line per method; bars are twice the standard "
        "error over images. Dashed: the limit, and 90 % for the intervals. Diamonds at the foot: "
        "the least light with which a method reaches the limit, with its interval over images."
    )
    return [
        Sentences(dose_sentences(results.least_light)),
        *(
            Picture(f"dose-{name}", f"Scores of {name} against the light", f"{name}. {caption}")
            for name in results.least_light["sweep"].unique()
        ),
        least_table(results.least_light),
    ]


def _paper(results: Results) -> list[Part]:
    reference, published = method_label(results.reference), results.published
    captions = {
        "figure-1-": "Figure 1: the same field under long (left) and short (right) exposure, each "
        "between its own 0.1 and 99.9 percentiles.",
        "figure-2-": f"Figure 2: the truth (left) and its restoration by {reference} (right), "
        "fitted to the truth as CARE's score does.",
    }
    printed = paper_tables(published, results.study) if published else {}
    return [
        *(
            Picture(name, caption.split(":")[1].strip(), caption)
            for start, caption in captions.items()
            for name in sorted(results.figures)
            if name.startswith(start)
        ),
        *(Anchored(name, table) for name, table in printed.items()),
    ]


def _audit(results: Results) -> list[Part]:
    if results.published is None:
        return []
    audited = results.published.audit
    flagged = audit.flagged_table(audited)
    return [
        Sentences(audit.sentences(audited)),
        *([flagged] if len(flagged.frame) else []),
        folded(audit.audit_table(audited)),
    ]


def _looks(results: Results) -> list[Part]:
    return [*_ranges(results), *_compared_looks(results)]


def _ranges(results: Results) -> list[Part]:
    if results.ranges is None:
        return []
    caption = (
        "Histograms: the simulated images that networks learned from. Lines: measured images, blue "
        "inside of their range, red outside."
    )
    outside = (results.ranges["inside"] == "no").any()
    return [
        Sentences(ranges_sentences(results.ranges), style="warning" if outside else ""),
        *(
            Picture(f"range-{name}", f"Measured images among simulated ones: {name}", caption)
            for name in results.ranges["pair"].unique()
        ),
        folded(ranges_table(results.ranges)),
    ]


def _compared_looks(results: Results) -> list[Part]:
    if results.looks is None:
        return []
    caption = (
        "Above, frames of one size, each shown between its own 0.1 and 99 percentiles: of either "
        "data set the image with the least background. In the middle, all frames of both: noise "
        "variance over light, with the fitted lines; spectra of the noise and of the long "
        "exposures; and how bright the pixels of these are. Below, the same in numbers."
    )
    return [
        Sentences(looks_sentences(results.looks)),
        *(
            Picture(f"looks-{name}", f"Simulated beside measured frames: {name}", caption)
            for name in results.looks["pair"].unique()
        ),
        folded(looks_table(results.looks)),
    ]


def _noise(results: Results) -> list[Part]:
    train_sets = results.experiments["train_set"].unique()
    datasets = dict.fromkeys(results.config["train_sets"][name]["dataset"] for name in train_sets)
    warnings = noise.warnings(
        results.noise, methods=results.config["methods"], trained_on=list(datasets)
    )
    return [
        Text(
            "Measured on the short exposures alone, without the truth. Noise variance = gain × "
            "brightness + intercept. Corr.: correlation, how far the noise of a pixel tells that "
            "of its neighbour along x or y (0: not at all, 1: fully). Row and column noise: what "
            "whole lines have in common."
        ),
        *([Sentences(warnings, style="warning")] if warnings else []),
        noise.noise_table(noise.gather(results.noise)),
    ]


def _training(results: Results) -> list[Part]:
    strengths = tables.strengths_table(results.strengths)
    curves = Picture(
        "learning-curves",
        "Training and validation loss of every model against the training step",
        "Training loss (dashed) and validation loss (solid). Every panel has its own scale, since "
        "losses differ in units. The adversarial loss is trained with its critic's verdict but "
        "validated without it.",
    )
    trained = [curves, tables.models_table(results.cards)]
    beaten = sentences.beaten_sentences(results.validation)
    return [
        Sentences(sentences.training_sentences(results.config)),
        *([Sentences(beaten, style="warning")] if beaten else []),
        *(trained if curves.name in results.figures else []),
        *([Folded("Strengths of the filters", [strengths])] if len(strengths.frame) else []),
    ]


def _pairs(results: Results) -> list[Part]:
    return [
        Text(
            "Shift: the displacement in pixels that lays the short exposure on the long one; it is "
            "applied only on strong evidence, and then to the long exposure, the other way round. "
            "Gain and offset relate the two exposures. Signal: which share of what varies over 2 "
            "to 8 px is structure rather than noise (0: an empty field). Structure: how far that "
            "of both exposures agrees once their noise is allowed for (1: one scene). Noise ratio: "
            "the long exposure's noise over the short one's, each against its structure (below 1). "
            "Outside: share of the pixels outside of the field. Low and high hot: how many pixels "
            "are hot or dead; hot: their larger share. Shared: how much of the short exposure is "
            "left once both are laid on each other."
        ),
        Text(sentences.apart_sentence(results.matches, results.config["datasets"])),
        *(
            part
            for name, quality in results.quality.items()
            for part in (
                tables.quality_summary(name, quality),
                folded(tables.quality_table(name, quality)),
            )
        ),
    ]


def _seconds(results: Results) -> list[Part]:
    said = timing_sentences(results.jobs)
    if not said:
        return []
    return [
        Sentences(said),
        methods_timing(results.jobs, cards=results.cards, experiments=results.experiments),
        timing_table(results.jobs),
    ]


def _methods(results: Results) -> list[Part]:
    told = methods(results)
    return [
        *(Text(f"{name}. {text}") for name, text in told.paragraphs.items()),
        Text(
            "How to cite: denoisekit, and the publications named here, which are those that this "
            "study used. What a plug-in or a program from outside is of must be added."
        ),
        Folded("References", [Sentences(reference_list(told.used))]),
    ]


def _files(results: Results) -> list[Part]:
    folders = {
        "Restored images": {
            name: f"restored/{name}/" for name in results.experiments["test_set"].unique()
        },
        "Networks": {train_set: f"models/{train_set}/" for train_set, *_ in results.cards},
    }
    return [
        Links("Tables:", {"all in one file": "tables.zip", "each by itself": "tables/"}),
        Links("Figures, as PNG and PDF:", {"figures": "figures/"}),
        *(Links(f"{what}:", found) for what, found in folders.items() if found),
        Links("Methods:", {"in words": "methods.md", "what they cite": "references.bib"}),
        Links(
            "What all comes from:",
            {"settings": "settings.yaml", "record": "ro-crate-metadata.json", "code": "code/"},
        ),
        Text(
            "The links lead to where the page lies: they work wherever its whole folder is moved "
            "to, and not from a page that was sent alone.",
            style="note",
        ),
    ]


def _glossary(results: Results) -> list[Part]:
    return [Fragment("glossary.html.j2", {"terms": TERMS})]


def _provenance(results: Results) -> list[Part]:
    told = without_places(results.config)
    settings = yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
    values = {"provenance": results.provenance, "settings": settings}
    return [Fragment("provenance.html.j2", values)]


_TRUTH = {"needs_truth": True}
_SCORES, _BEYOND = "How good the scores are", "What scores do not tell"
_PAPER, _DATA = "The paper", "Images and training"
_MADE = "How it was made"

TOPICS = (
    Topic("choice", "Which method?", "Which method?", _choice),
    Topic("plot", "All methods", "All methods in all experiments", _plot, **_TRUTH),
    Topic("claims", "CARE's claims", "Do CARE's claims hold here?", _claims, **_TRUTH),
    Topic("experiments", "Experiments", "Experiments", experiment_articles),
    Topic("results", "Results", "What the tests show", _results, **_TRUTH, group=_SCORES),
    Topic("what", "What was run", "What was run on what", _what, group=_SCORES),
    Topic("summary", "Mean scores", "Mean scores", _means, **_TRUTH, group=_SCORES),
    Topic(
        "conventions",
        "Conventions",
        "Does the convention matter?",
        _conventions,
        **_TRUTH,
        group=_SCORES,
    ),
    Topic(
        "without-truth",
        "Without a truth",
        "Which method is best without a truth?",
        _without_truth,
        **_TRUTH,
        group=_SCORES,
    ),
    Topic("sharpness", "Sharpness", "Is it sharper?", _sharpness, **_TRUTH, group=_BEYOND),
    Topic(
        "resolution",
        "Resolution",
        "How fine is what is shown?",
        _resolution,
        **_TRUTH,
        group=_BEYOND,
    ),
    Topic("projection", "Planes of stacks", "What was projected?", _projection, group=_BEYOND),
    Topic(
        "isotropy",
        "Isotropy",
        "Is it as fine along z as across?",
        _isotropy,
        **_TRUTH,
        group=_BEYOND,
    ),
    Topic(
        "brightness", "Brightness", "Is the brightness kept?", _brightness, **_TRUTH, group=_BEYOND
    ),
    Topic(
        "calibration",
        "Uncertainty",
        "Do predicted intervals hold the truth?",
        _calibration,
        **_TRUTH,
        group=_BEYOND,
    ),
    Topic(
        "residuals",
        "Invented or erased",
        "Was structure invented or erased?",
        _residuals,
        group=_BEYOND,
    ),
    Topic(
        "mismatch", "Other content", "Is content not trained on noticed?", _mismatch, group=_BEYOND
    ),
    Topic("controls", "Controls", "Pure noise and a flat field", _controls, group=_BEYOND),
    Topic(
        "segmentation",
        "Segmentation",
        "What is restoration worth to a segmentation?",
        _segmentation,
        group=_BEYOND,
    ),
    Topic("dose", "Light", "How low can the light go?", _dose, **_TRUTH, group=_BEYOND),
    Topic("answers", "Four questions", "Four questions", _answers, **_TRUTH, group=_PAPER),
    Topic(
        "paper",
        "The paper's tables",
        "The paper's figures and tables",
        _paper,
        **_TRUTH,
        group=_PAPER,
    ),
    Topic(
        "regimes",
        "Noise regimes",
        "Noise regimes beside the printed scores",
        _regimes,
        **_TRUTH,
        group=_PAPER,
    ),
    Topic(
        "audit",
        "The paper's numbers",
        "Do the paper's numbers agree with its own rows?",
        _audit,
        **_TRUTH,
        group=_PAPER,
    ),
    Topic(
        "looks",
        "Simulated beside measured",
        "Do simulated frames look like measured ones?",
        _looks,
        group=_DATA,
    ),
    Topic("noise", "Noise", "Noise", _noise, group=_DATA),
    Topic("training", "Training and filters", "Training and filters", _training, group=_DATA),
    Topic("pairs", "Pair quality", "Pair quality", _pairs, group=_DATA),
    Topic("seconds", "Seconds per job", "Seconds per job", _seconds, group=_MADE),
    Topic("provenance", "Provenance", "Provenance", _provenance, group=_MADE),
    Topic("methods", "Methods and references", "Methods, and how to cite", _methods, group=_MADE),
    Topic("files", "Files", "Tables, figures, images and networks", _files, group=_MADE),
    Topic("glossary", "Glossary", "Glossary", _glossary, group=_MADE),
)

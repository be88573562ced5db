"""What the page says of each experiment: scores and comparisons, or restored images alone."""

from typing import Any

from denoisekit.evaluation.metrics import HEADLINE, MAIN
from denoisekit.figures.scores import MOST_JOINED
from denoisekit.published.loss_functions import means_beside_printed
from denoisekit.report import sentences
from denoisekit.report.parts import Article, Folded, Part, Picture, Sentences, Text
from denoisekit.report.results import Results
from denoisekit.report.words import count_text, images_text
from denoisekit.statistics.comparisons import comparison_table, evidence_sentence, movie_table
from denoisekit.statistics.scores import typical_image
from denoisekit.statistics.wording import listed, method_label, metric_name


def experiment_articles(results: Results) -> list[Article]:
    """Return an article on each experiment, those with a truth first."""
    return [
        Article(
            f"experiment-{row.experiment}",
            row.experiment,
            f"{row.experiment}: {row.description}",
            parts(results, row),
        )
        for parts, truth in ((_scored, True), (_restored, False))
        for row in results.experiments_with(truth=truth).itertuples()
    ]


def _scored(results: Results, row: Any) -> list[Part]:
    """Return what is said of an experiment with a truth."""
    name = row.experiment
    pictures = [_montage(results, name), _plot(name), *_posterior(results, name)]
    return [Text(_facts(row)), _scores(results, name), *pictures, *_comparisons(results, name)]


def _restored(results: Results, row: Any) -> list[Part]:
    """Return what is said of an experiment without a truth."""
    name = row.experiment
    facts = (
        f"{_facts(row)} There is no truth, so nothing is scored. All restored images: "
        f"results/{results.config['study']}/restored/{row.test_set}/."
    )
    return [Text(facts), _restoration(results, name), *_posterior(results, name)]


def _facts(row: Any) -> str:
    data = "simulated" if row.simulated == "yes" else "measured"
    trained = (
        f"Train set {row.train_set} ({count_text(row.train_images, 'image')}), t"
        if row.train_images
        else "T"
    )
    tested = f"{images_text(row.test_images, row.test_fields)}, {data}"
    return f"{trained}est set {row.test_set} ({tested})."


def _scores(results: Results, experiment: str) -> Sentences:
    summary, comparisons = (
        table[(table["experiment"] == experiment) & (table["convention"] == results.convention)]
        for table in (results.summary, results.comparisons)
    )
    return Sentences(sentences.experiment_sentences(summary, comparisons))


def _comparisons(results: Results, experiment: str) -> list[Part]:
    """Return the tests beside what the paper prints, those of movies, and all of them."""
    comparisons = results.comparisons[results.comparisons["experiment"] == experiment]
    shown = comparisons[
        (comparisons["convention"] == results.convention)
        & comparisons["method"].isin(results.networks)
    ]
    parts: list[Part] = []
    if results.published:
        printed = means_beside_printed(results.published, results.study, experiment=experiment)
        parts += [printed] if printed else []
    movie = movie_table(shown, convention=results.convention)
    parts += [movie] if len(movie.frame) else []
    # What frames of a movie show is told by the table of movies.
    told = shown[shown["frames_effective"].isna()]
    if len(told):
        evidence = Sentences([evidence_sentence(test) for test in told.itertuples()])
        parts.append(Folded(f"What each comparison of {experiment} shows", [evidence]))
    table = comparison_table(comparisons, convention=results.convention)
    return [*parts, Folded(f"All comparisons of {experiment}", [table])]


def _montage(results: Results, experiment: str) -> Picture:
    image = typical_image(
        results.study.scores,
        experiment=experiment,
        method=results.reference,
        convention=results.convention,
        metric=MAIN,
    )
    methods = listed([method_label(method) for method in results.study.methods])
    return Picture(
        f"montage-{experiment}",
        f"Image {image} of experiment {experiment} as restored by each method, with a detail and "
        "errors",
        f"Image {image}, on which {method_label(results.reference)} has its median "
        f"{metric_name(MAIN)}. Columns: {methods}, then the truth. Rows: the whole image; the "
        "framed detail; |image − truth| on one colour scale. All are fitted to the truth as CARE's "
        f"score does. Numbers: scores of this image.{_volume_text(results, experiment)}",
    )


def _of_volumes(results: Results, experiment: str) -> bool:
    tested = results.experiments.set_index("experiment")["test_dataset"]
    return "z_spacing_um" in results.config["datasets"][tested[experiment]]


def _section_text(results: Results, experiment: str) -> str:
    """Say what of a volume without a truth is shown; nothing of planes."""
    if not _of_volumes(results, experiment):
        return ""
    return " Below the detail of the middle plane lies a section along z through its dotted row."


def _volume_text(results: Results, experiment: str) -> str:
    """Say what of a volume is shown, and what counts as one image; nothing of planes."""
    if not _of_volumes(results, experiment):
        return ""
    return (
        " Images are volumes, each scored as a whole and counted once; shown is the middle plane, "
        "and below the detail a section along z through its dotted row, at its true height. Lines, "
        "edges and Fourier rings are of the middle plane."
    )


def _plot(experiment: str) -> Picture:
    return Picture(
        f"scores-{experiment}",
        f"{listed(map(metric_name, HEADLINE))} of every image of experiment {experiment} by method",
        "Scores of every image. Thin lines join the same image, unless there are more than "
        f"{MOST_JOINED}; black bars mark means.",
    )


def _restoration(results: Results, experiment: str) -> Picture:
    drawn = results.scenes[experiment].card["methods"]
    methods = listed([method_label(method["name"]) for method in drawn])
    return Picture(
        f"restored-{experiment}",
        f"The first image of experiment {experiment} as restored by each method, with a detail",
        f"The first image as restored by each method ({methods}): the whole image, and the framed "
        "detail. All are fitted to the short exposure (gain and offset) and shown on one grey "
        "scale, from the 0.1 to the 99.9 percentile of the mean of the restored images."
        f"{_section_text(results, experiment)}",
    )


def _posterior(results: Results, experiment: str) -> list[Picture]:
    if f"posterior-{experiment}" not in results.figures:
        return []
    entries = results.config["methods"].items()
    method = next(name for name, entry in entries if entry.get("loss") == "pn2v")
    return [
        Picture(
            f"posterior-{experiment}",
            f"Prior, likelihood and posterior of one pixel of experiment {experiment}",
            f"What {method_label(method)} knows of one pixel of the first image, not a typical "
            "one. Left: the most detailed part of the noisy image; in its inner half, of the "
            "pixels of middling brightness (restored, 40th to 60th percentile), the one is marked "
            "that its own value moves furthest. Middle: the prior is what the pixels around it "
            "say, samples from the network; the likelihood is how well each signal explains the "
            "noisy value, brought to the same area; the posterior is the prior weighed by it, and "
            "its mean (MMSE) the restored value. Right: the noise model, how likely each noisy "
            "value is for each signal, relative to the most likely one; the likelihood is read "
            "along the dashed line.",
        )
    ]

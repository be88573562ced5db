"""The methods of a study in words, as a paper wants them, with what it must cite."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from denoisekit.evaluation.conventions import CONVENTIONS
from denoisekit.evaluation.metrics import METRICS
from denoisekit.report import references
from denoisekit.report.references import Citations, Reference
from denoisekit.report.results import Results
from denoisekit.report.tables import what_it_is
from denoisekit.report.words import count_text
from denoisekit.statistics.comparisons import over_seeds
from denoisekit.statistics.wording import listed, method_label, metric_name
from denoisekit.study.runs import BEST_FILTER

_OBJECTIVES = {
    "supervised": "on pairs of short and long exposures",
    "noise2noise": "on pairs of short exposures of one scene (Noise2Noise)",
    "neighbours": "to predict a frame of a movie from its neighbours",
    "noise2void": "on short exposures alone, at hidden pixels (Noise2Void)",
    "isotropic": "on planes of the stacks, made as blurred and as sparse as the stacks are along z",
}


@dataclass(frozen=True)
class Methods:
    """The methods in words: paragraphs by their headings, and what they cite by its key."""

    paragraphs: Mapping[str, str]
    used: Mapping[str, Reference]

    def text(self, *, title: str) -> str:
        """Return all as Markdown, with the list of references."""
        said = "\n\n".join(f"**{name}.** {text}" for name, text in self.paragraphs.items())
        lines = "\n".join(f"- {line}" for line in references.reference_list(self.used))
        return f"# Methods of: {title}\n\n{said}\n\n## References\n\n{lines}\n"


def methods(results: Results) -> Methods:
    """Say what was done in a study; nothing is told that it did not do.

    What plug-ins and programs from outside are of is not known: the text asks for their sources.
    """
    version = results.provenance.get("denoisekit", "")
    cite = Citations(
        {
            "denoisekit": Reference(
                "{The denoisekit authors}", f"denoisekit {version}".strip(), "", "", kind="misc"
            ),
            **{
                _data_key(name): Reference("", entry["title"], "", "", entry["doi"], kind="misc")
                for name, entry in results.sources.items()
            },
        }
    )
    sections = {
        "Images": _images,
        "Networks": _networks,
        "Other methods": _others,
        "Scores": _scores,
        "Statistics": _statistics,
        "Beyond scores": _beyond,
        "Software": _software,
    }
    told = {name: list(make(results, cite)) for name, make in sections.items()}
    return Methods({name: " ".join(said) for name, said in told.items() if said}, cite.used)


def _data_key(source: str) -> str:
    """Return a key that no paper has."""
    return f"data-{source}"


def _images(results: Results, cite: Citations) -> Iterable[str]:
    for name in results.sources:
        yield f"Published images were used{cite(_data_key(name))}."
    for kind, group in results.experiments.groupby("simulated", sort=False):
        what = "simulated" if kind == "yes" else "measured"
        told = "; ".join(map(_experiment, group.itertuples()))
        yield f"Experiments on {what} images: {told}."
    shifted = {
        name: (int((quality["applied"] == "yes").sum()), count_text(len(quality), "pair"))
        for name, quality in results.quality.items()
        if quality["shift_y"].notna().any()
    }
    if shifted:
        where = listed(f"{count} of {pairs} of {name}" for name, (count, pairs) in shifted.items())
        yield f"The displacement between exposures was measured, and applied in {where}."
    for name, entry in results.config["datasets"].items():
        if "thin" in entry:
            thin = entry["thin"]
            of = cite("batson2019") if thin["beside"] == "rest" else ""
            yield (
                f"Images of {name} hold a share of {thin['kept']:g} of the photons of "
                f"{thin['of']}, drawn at random{of}."
            )
        if "sparse" in entry:
            yield f"Of the stacks of {name} one of {entry['sparse']['every']} planes was kept."


def _experiment(row: Any) -> str:
    tested = count_text(row.test_images, "image")
    if row.test_fields != row.test_images:
        tested += f" of {count_text(row.test_fields, 'field')}"
    trained = f"{count_text(row.train_images, 'image')} to train on, " if row.train_images else ""
    truth = "" if row.truth == "yes" else ", without a truth"
    return f"{row.experiment} ({row.description}: {trained}{tested} to test on{truth})"


def _networks(results: Results, cite: Citations) -> Iterable[str]:
    config = results.config
    trained = {name: entry for name, entry in config["methods"].items() if "network" in entry}
    if not trained:
        return
    for name in dict.fromkeys(entry["network"] for entry in trained.values()):
        network = config["networks"][name]
        options = {key: value for key, value in network.items() if key != "architecture"}
        told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in options.items())
        of = list(references.NETWORKS.get(network["architecture"], ()))
        if options.get("blur_pool"):
            of += ["hock2022", "zhang2019pooling"]
        yield f"Network {name}: {network['architecture']}{cite(*of)}, {told}."
    for name, entry in trained.items():
        yield _trained(name, entry, config, cite)
    yield from _training(results)


def _trained(
    name: str, entry: Mapping[str, Any], config: Mapping[str, Any], cite: Citations
) -> str:
    loss, objective, masking = entry["loss"], entry["objective"], entry.get("masking", {})
    how = [*references.OBJECTIVES[objective]]
    how += ["broaddus2020"] if "line" in masking else []
    how += ["hock2022"] if masking.get("replacement") == "median" else []
    of_loss = cite(*references.LOSSES.get(loss, ()))
    if loss not in references.LOSSES:
        of_loss = " (a plug-in: cite its source)"
    said = f"{method_label(name)}: {entry['network']} was trained {_OBJECTIVES[objective]}"
    said += f"{cite(*how)} with the loss {loss}{of_loss}"
    if "noise_model" in entry:
        model = config["noise_models"][entry["noise_model"]]
        of = "prakash2020" if model["model"] == "mixture" else "krull2020"
        said += f" and a noise model ({model['model']}, of {model['origin']}){cite(of)}"
    if "normalization" in entry:
        said += f", normalised by {entry['normalization']}"
    if "channels" in entry:
        train_set = config["train_sets"][entry["channels"]]
        seen = listed([train_set["dataset"], *train_set["beside"]])
        said += f", all of the channels {seen} by one network, each normalised by itself"
    if "shuffled" in entry:
        said += "; as a control the other channels were of another field"
    return f"{said}."


def _training(results: Results) -> Iterable[str]:
    config = results.config
    training, patches = config["training"], config["patches"]
    steps = training["epochs"] * training["steps_per_epoch"]
    sides = "; ".join(f"{n}: {entry['patch_size']}" for n, entry in config["train_sets"].items())
    yield (
        f"Patches (sides in px, {sides}) were taken at {patches['per_image']} places of each image "
        f"to train on; {patches['validation_fraction']:.0%} of these images were kept for "
        "validation."
    )
    seeds = sorted({int(seed) for _, _, seed in results.cards} or config["seeds"])
    yield (
        f"Each network was trained for {steps:,} steps of {training['batch_size']} patches by Adam "
        f"at a learning rate of {training['learning_rate']:g} (schedule "
        f"{training['schedule']['name']}), {'with' if training['augment'] else 'without'} "
        f"augmentation, in {training['precision']} precision, with "
        f"{'the seed' if len(seeds) == 1 else 'the seeds'} "
        f"{listed(map(str, seeds))}; the weights of the {config['prediction']['weights']}"
        f" {'step' if config['prediction']['weights'] == 'last' else 'epoch'} were used."
    )
    found = {
        f"torch {card['versions']['torch']} ({card['device']})"
        for card in results.cards.values()
        if "torch" in card.get("versions", {})
    }
    if found:
        yield f"Networks were trained with {listed(sorted(found))}."


def _others(results: Results, cite: Citations) -> Iterable[str]:
    for name, entry in results.config["methods"].items():
        if "filter" in entry:
            yield _filter(name, entry["filter"], cite)
        elif "ensemble" in entry:
            what = what_it_is(entry, seeds=results.config["seeds"])
            yield f"{method_label(name)}: {what}{cite('weigert2018')}."
        elif "of" in entry:
            what, of = entry["estimate"], method_label(entry["of"])
            source = references.ESTIMATES[what]
            yield f"{method_label(name)}: {what.replace('-', ' ')}, of {of}{cite(*source)}."
        elif "network" not in entry:
            yield f"{method_label(name)}: restored outside of this study (cite its source)."


def _filter(name: str, kind: str, cite: Citations) -> str:
    if kind == "noisy":
        return f"{method_label(name)}: the short exposure as it is."
    if kind not in references.FILTERS:
        return f"{method_label(name)}: the filter {kind} (a plug-in: cite its source)."
    said = f"{method_label(name)}: the filter {kind}{cite(*references.FILTERS[kind])}"
    if kind in references.CHOSEN_STRENGTH:
        return f"{said}, its strength chosen for each image from that alone{cite('oliveira2024')}."
    return f"{said}."


def _scores(results: Results, cite: Citations) -> Iterable[str]:
    if results.summary is None:
        return
    metrics = [name for name in METRICS if name in results.summary]
    named = [f"{metric_name(name)}{cite(*references.METRICS.get(name, ()))}" for name in metrics]
    yield f"Restored images were compared with the truth by {listed(named)}."
    used = set(results.summary["convention"])
    for name in (name for name in results.config["conventions"] if name in used):
        how = CONVENTIONS[name].explanation
        yield f"Convention '{name}': {how}{cite(*references.CONVENTIONS.get(name, ()))}."
    yield f"Numbers in the text are those of the convention '{results.convention}'."


def _statistics(results: Results, cite: Citations) -> Iterable[str]:
    rows = results.comparisons
    if rows is None or rows["p"].isna().all():
        return
    tested = rows[rows["p"].notna()]
    alpha = results.config["statistics"]["alpha"]
    seeds = [over_seeds(row) for row in tested.itertuples()]
    against = listed(map(method_label, tested["reference"].unique()))
    yield f"Methods were compared with {against} image by image, two-sided, at alpha = {alpha:g}:"
    tests = [] if all(seeds) else [f"by paired t-tests{cite('student1908')}"]
    if any(seeds):
        tests.append(
            f"where networks of several seeds were trained by tests over images and seeds"
            f"{cite('welch1938')}"
        )
    yield f"{listed(tests)}, with intervals of {1 - alpha:.0%}."
    if BEST_FILTER in set(tested["reference"]):
        yield (
            "A method is better than the best filter if it is better than every filter, by an "
            f"intersection-union test{cite('berger1982')}."
        )
    if tested["frames_effective"].notna().any():
        yield f"Frames of a movie count as effective samples{cite('geyer1992')}."
    if tested["effect_size"].notna().any():
        yield f"Effect sizes are Hedges' g of the differences{cite('hedges1981')}."
    if tested["p_wilcoxon"].notna().any():
        yield f"Signed-rank tests stand beside{cite('wilcoxon1945')}."
    if tested["p_tost"].notna().any():
        yield f"Equivalence was tested by two one-sided tests{cite('schuirmann1987')}."
    if tested["p_holm"].notna().any():
        sizes = sorted({int(size) for size in tested["family_size"].dropna()})
        yield (
            f"The p-values of a family of {listed(map(str, sizes))} tests were corrected by Holm"
            f"{cite('holm1979')}."
        )


def _beyond(results: Results, cite: Citations) -> Iterable[str]:
    if results.sharpness is not None:
        of = cite("nieuwenhuizen2013", "rosenthal2003")
        yield f"Resolution was measured by Fourier ring correlation with the truth{of}."
    if results.calibration is not None:
        of = cite("angelopoulos2022", "ilg2018")
        yield f"Predicted intervals were calibrated and held against the truth{of}."
    if results.residuals is not None:
        of = cite("benjamini1995", "efron2004")
        yield (
            "What methods took from images was held against the camera's noise, with a "
            f"false-discovery rate{of}."
        )
    if results.segmentation is not None:
        of = cite("ulman2017", "caicedo2019")
        yield f"Objects found in restored images were matched with labels by SEG and F1@0.5{of}."
    if results.without_truth is not None:
        of = cite("batson2019")
        yield f"Without a truth methods were ranked by light that none was shown{of}."


def _software(results: Results, cite: Citations) -> Iterable[str]:
    told = results.provenance
    if "denoisekit" in told:
        commit = f", commit {told['Commit']}" if "Commit" in told else ""
        yield f"All was computed by denoisekit {told['denoisekit']}{commit}{cite('denoisekit')}."
    if "Versions" in told:
        yield f"Versions: {told['Versions']}."

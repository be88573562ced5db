"""All results of a study, which the page is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from denoisekit.published.loss_functions import Published, Study
from denoisekit.report.viewer import Scene


@dataclass(frozen=True)
class Results:
    """All that the page is made from.

    Attributes
    ----------
    config
        The study, as its file says it.
    experiments, summary, comparisons
        Tables as `denoisekit.statistics.scores` makes them, in all conventions. Without any
        experiment that has a truth nothing is scored: all of these but the first, `study` and
        `runs` are None.
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
    validation
        Scores of networks and of all filters on the images kept from training, as
        `denoisekit.statistics.validation.VALIDATION` has them; by train set, method and seed.
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
    outside
        How restored images from outside of the study count against their inputs, by test set and
        run: image, gain, offset and correlation.
    calibration
        What predicted scales are worth, as `denoisekit.statistics.calibration.average` returns it,
        or None where no run has one and a truth.
    flicker
        Addresses of pictures that move, of samples of what is predicted, from where the page lies,
        by experiment and method.
    residuals
        What residuals tell of every image, as `denoisekit.statistics.residuals.MEASURED` has it;
        `figures` has a ``residuals-AA`` for each experiment.
    controls
        What runs make of pure noise and flat fields, as
        `denoisekit.statistics.controls.MEASURED` has it, or None where the study has no controls;
        `figures` has a ``controls-AA`` for each experiment that has.
    segmentation, segmentation_tests, pipelines
        How well objects found in what was restored match labels, as
        `denoisekit.statistics.segmentation` averages and compares it, or None where the study has
        no segmentation; and of each pipeline how its settings were chosen. `figures` has a
        ``segmentation-nuclei.AA`` for each pipeline and experiment.
    without_truth
        Methods ranked by light that none was shown, as `denoisekit.statistics.without_truth.rank`
        returns it, or None where no images are thinned for that.
    least_light
        The least light that is enough, as `denoisekit.statistics.dose.least_light` returns it, or
        None where the study sweeps none; `figures` has a ``dose-actin`` for each sweep.
    runs
        Scores of every run, as `denoisekit.statistics.scores.runs_by_experiment` returns them.
    isotropy
        How fine stacks are along z and across, as `denoisekit.statistics.sharpness.average` returns
        it, or None where no planes are left out; `figures` has an ``isotropy-AA`` for each
        experiment.
    depth
        How far the depths of sheets are from the true ones, averaged likewise, or None where no
        surface is known; `figures` has a ``depth-AA`` for each experiment.
    resolution
        How fine images beside a sharper truth are restored, averaged likewise, or None where there
        are none; `figures` has a ``resolution-AA`` and a ``reblurred-AA`` for each experiment.
    ranges
        Whether measured images lie within what was simulated, as
        `denoisekit.statistics.ranges.compare_ranges` returns it, or None where none are compared;
        `figures` has a ``range-tubules`` for each pair.
    claims
        CARE's claims beside what was found, as `denoisekit.published.care.answer` returns them, or
        None where the study names no paper's claims.
    sources
        Title and DOI of the published images that the study uses, by the name of the source.
    threads
        How many pictures are packed at a time.
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
    validation: Mapping[tuple[str, str, str], pd.DataFrame]
    quality: Mapping[str, pd.DataFrame]
    strengths: Mapping[tuple[str, str], pd.DataFrame]
    matches: pd.DataFrame
    looks: pd.DataFrame | None
    regimes: pd.DataFrame | None
    noise: Mapping[str, Mapping[str, Any]]
    jobs: pd.DataFrame
    provenance: Mapping[str, str]
    outside: Mapping[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    calibration: pd.DataFrame | None = None
    flicker: Mapping[tuple[str, str], str] = field(default_factory=dict)
    residuals: pd.DataFrame | None = None
    controls: pd.DataFrame | None = None
    segmentation: pd.DataFrame | None = None
    segmentation_tests: pd.DataFrame | None = None
    pipelines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    without_truth: pd.DataFrame | None = None
    least_light: pd.DataFrame | None = None
    runs: pd.DataFrame | None = None
    isotropy: pd.DataFrame | None = None
    depth: pd.DataFrame | None = None
    resolution: pd.DataFrame | None = None
    ranges: pd.DataFrame | None = None
    claims: pd.DataFrame | None = None
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    threads: int = 1

    @property
    def scored(self) -> bool:
        """Whether any experiment has a truth, so that there are scores."""
        return self.summary is not None

    @property
    def convention(self) -> str:
        """The score convention that the page speaks of first."""
        return self.config["conventions"][0]

    @property
    def references(self) -> list[str]:
        """What methods are compared with: methods, and the best filter where that is asked for."""
        return self.config["statistics"]["references"]

    @property
    def reference(self) -> str:
        """The method that the page speaks of first, and by whose scores images are chosen."""
        return self.references[0]

    @property
    def averaged(self) -> dict[str, Mapping[str, int]]:
        """Of data sets whose truths are means that hold the noisy input, of how many frames."""
        entries = self.config["datasets"].items()
        return {name: entry["averaged"] for name, entry in entries if "averaged" in entry}

    @property
    def networks(self) -> list[str]:
        """The methods that restore with a network of this study, or with an ensemble of them."""
        entries = self.config["methods"].items()
        return [name for name, entry in entries if entry.keys() & {"network", "of", "ensemble"}]

    @property
    def arbitrary(self) -> list[str]:
        """The methods whose networks' loss sees no brightness, and ensembles of these."""
        blind = {
            method
            for (_, method, _), card in self.cards.items()
            if not card.get("sees_brightness", True)
        }
        methods = self.config["methods"]
        return [n for n in methods if methods[n].get("ensemble", {"of": n})["of"] in blind]

    @property
    def shared_networks(self) -> dict[str, str]:
        """Of methods that restore with the networks of another one, that other."""
        entries = self.config["methods"].items()
        return {name: entry["of"] for name, entry in entries if "of" in entry}

    def experiments_with(self, *, truth: bool) -> pd.DataFrame:
        """Return the rows of the experiments that have a truth, or of those that have none."""
        return self.experiments[self.experiments["truth"] == ("yes" if truth else "no")]

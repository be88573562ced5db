"""Measure how far a ranking without a truth agrees with that by the truth, on a finished study.

Usage: python benchmarks/without_truth.py --study config/quickstart.yaml --images 9

The short exposures of each test set that has truths are thinned to halves. Every filter and every
network of the study restores one half, and is ranked by the other half, by the truth on the same
images, and by the truth with all of the light, whose scores the study has. Prints Markdown: for
each experiment Spearman's rank correlation of the methods' mean errors without a truth with those
by the truth at half the light and with their mean PSNR at all of it; and which method is best.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from denoisekit import filters
from denoisekit.datasets.pairs import evenly
from denoisekit.datasets.registered import read_exposure, registered_pairs
from denoisekit.evaluation.scaling import affine_fit
from denoisekit.evaluation.without_truth import error_against
from denoisekit.files import read_json
from denoisekit.noise.thinning import measure_light, thin
from denoisekit.restoring import inference, model
from denoisekit.study.design import Study
from denoisekit.study.runs import Run
from denoisekit.yaml_files import read_yaml


def restorers(study: Study, results: Path, experiment: str):
    """Yield each method of an experiment that is no ensemble, with what restores an image."""
    for name in study.runs_of(experiment):
        run = Run.parse(name)
        entry = study.config["methods"][run.method]
        if "filter" in entry:
            restore, options = filters.get(entry["filter"]), entry.get("options", {})
            yield name, lambda low, r=restore, o=options: r(low, outside=None, **o).pixels
        elif "network" in entry:
            folder = results / f"models/{run.train_set}/{run.method}/seed{run.seed}"
            settings = dict(study.config["prediction"])
            weights = folder / f"{settings.pop('weights')}.safetensors"
            network = model.load(weights, read_json(folder / "card.json"))
            restorer = inference.Restorer(network, **settings, note=lambda sentence: None)
            yield name, lambda low, r=restorer: r.predict(low, "image", unusable=None).mean


def fitted_error(restored: np.ndarray, other: np.ndarray, variance: float) -> float:
    """Return the error with brightness and contrast brought to the other image's."""
    gain, offset = affine_fit(other, restored)
    return error_against(gain * restored + offset, other, variance=variance)


def main() -> None:
    """Restore halves, and compare the ranks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", required=True)
    parser.add_argument("--results", help="folder of the study's results, else results/<study>")
    parser.add_argument("--images", type=int, required=True, help="of each test set, at most")
    parser.add_argument("--experiments", nargs="*", help="else all that have a truth")
    options = parser.parse_args()
    config = read_yaml(options.study)
    results = Path(options.results or f"results/{config['study']}")
    study = Study(config, with_truth=set(config["datasets"]))
    scores = pd.read_csv(results / "tables/scores.tsv", sep="\t", keep_default_na=False)
    first = scores[
        (scores["metric"] == "psnr") & (scores["convention"] == config["conventions"][0])
    ]
    print("| experiment | images | methods | photons | half light | all light | best | by truth |")
    print("|---|---:|---:|---:|---:|---:|---|---|")
    for experiment in options.experiments or study.scored:
        test_set = config["experiments"][experiment]["test_set"]
        registered = results / f"registered/{study.tested(test_set)}"
        pairs = evenly(registered_pairs(registered, split="test"), options.images)
        lows = {p.image: read_exposure(registered, p.image, "low").pixels for p in pairs}
        light = measure_light({name: (lambda pixels=low: pixels) for name, low in lows.items()})
        halves = {
            name: thin(low, light[name], kept=0.5, rng=np.random.default_rng(n), name=name)
            for n, (name, low) in enumerate(lows.items())
        }
        truths = {name: read_exposure(registered, name, "high").pixels for name in lows}
        blind, true = defaultdict(list), defaultdict(list)
        for run, restore in restorers(study, results, experiment):
            for name, parts in halves.items():
                restored = restore(parts.kept)
                error = fitted_error(restored, parts.rest, parts.rest_variance)
                blind[run].append(error / parts.rest_variance)
                scale = truths[name].var()
                true[run].append(fitted_error(restored, truths[name], 0.0) / scale)
        runs = list(blind)
        whole = first[first["test_set"] == test_set].groupby("run")["value"].mean()
        ours = np.array([np.mean(blind[run]) for run in runs])
        at_half = np.array([np.mean(true[run]) for run in runs])
        at_all = np.array([-whole[run] for run in runs])
        photons = np.mean([parts.photons for parts in halves.values()])
        ranks = [spearmanr(ours, other).statistic for other in (at_half, at_all)]
        best = [runs[int(np.argmin(values))] for values in (ours, at_all)]
        print(
            f"| {experiment} | {len(lows)} | {len(runs)} | {photons:.3g} | {ranks[0]:.2f} | "
            f"{ranks[1]:.2f} | {best[0]} | {best[1]} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

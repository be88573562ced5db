"""Train and restore in full and in mixed precision, and compare the scores.

Usage: python benchmarks/precision.py FOLDER STUDY [--train-set actin] [--seeds 3]

FOLDER is a working directory in which a study (config/STUDY.yaml) has run: its patches are trained
on, and its test images of the same data set are restored and scored as CARE scores. Differences
between the precisions are to be held against those between seeds. Prints Markdown.
"""

import argparse
import csv
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import yaml

from denoisekit import losses, networks
from denoisekit.computing import find_device, seed_everything
from denoisekit.datasets.registered import read_exposure, registered_pairs
from denoisekit.evaluation import conventions
from denoisekit.restoring import inference
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

ROOT = Path(__file__).resolve().parents[1]
DEVICE = find_device()


def read_patches(folder: Path) -> tuple[PatchPairs, PatchPairs]:
    """Return the patches to train on and those to validate on."""
    low, high = (np.load(folder / f"{exposure}.npy") for exposure in ("low", "high"))
    with (folder / "positions.tsv").open(newline="", encoding="utf-8") as file:
        subsets = np.array([row["subset"] for row in csv.DictReader(file, delimiter="\t")])
    return tuple(
        PatchPairs(low[subsets == subset], high[subsets == subset])
        for subset in ("training", "validation")
    )


def score_network(
    study: dict[str, Any], results: Path, train_set: str, method: str, precision: str, seed: int
) -> dict[str, float]:
    """Train one network and return its mean scores."""
    settings = study["methods"][method]
    loss = losses.get(settings["loss"], settings.get("options", {}))
    seed_everything(seed, threads=1)
    network = networks.build(
        study["networks"][settings["network"]], dims=2, probabilistic=loss.probabilistic
    )
    trained = loop.train(
        network,
        Supervised(loss),
        *read_patches(results / "patches" / train_set),
        settings=Settings(**{**study["training"], "precision": precision}),
        seed=seed,
        device=DEVICE,
        report=lambda line: None,
    )
    network.load_state_dict(getattr(trained, study["prediction"]["weights"]))
    registered = results / "registered" / study["train_sets"][train_set]["dataset"]
    options = {**study["prediction"], "precision": precision, "device": DEVICE}
    del options["weights"]
    scores = []
    for pair in registered_pairs(registered, split="test"):
        low, high = (
            read_exposure(registered, pair.image, exposure).pixels for exposure in ("low", "high")
        )
        image = inference.restore(network, low, **options, name=pair.image).mean
        scores.append(conventions.score(high, image, low=low, convention="care"))
    return {name: mean(score[name] for score in scores) for name in ("psnr", "ssim")}


def over_seeds(rows: list[dict[str, float]], name: str, digits: int) -> str:
    """Return the mean and the standard deviation of a score over seeds."""
    values = [row[name] for row in rows]
    return f"{mean(values):.{digits}f} ± {stdev(values):.{digits}f}"


def main() -> None:
    """Compare the precisions for every network of a study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("study")
    parser.add_argument("--train-set", default="actin")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    study = yaml.safe_load((ROOT / "config" / f"{options.study}.yaml").read_text(encoding="utf-8"))
    results = options.folder / "results" / options.study
    print("| method | precision | PSNR (dB), mean and sd over seeds | SSIM |")
    print("|---|---|---|---|")
    methods = [name for name, method in study["methods"].items() if "network" in method]
    for method, precision in product(methods, ("full", "mixed")):
        rows = [
            score_network(study, results, options.train_set, method, precision, seed)
            for seed in range(options.seeds)
        ]
        cells = [over_seeds(rows, "psnr", 3), over_seeds(rows, "ssim", 4)]
        print(f"| {method} | {precision} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

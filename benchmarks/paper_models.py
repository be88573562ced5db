"""Train the paper's 15 networks on simulated images and score them, without Snakemake.

Usage: python benchmarks/paper_models.py FOLDER [--side 2048] [--images 60] [--tested 9] ...

The images are those of config/quickstart.yaml in the paper's size and number; networks and training
are those of config/paper.yaml. What lies in FOLDER whole is not made again, so that the work can be
cut into several calls. Writes FOLDER/models.md with scores and seconds, and a stack of restored
images an experiment: noisy input, Laplace, FFT, bandpass, truth.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
import yaml

from denoisekit import files, losses, networks
from denoisekit.computing import find_device, seed_everything
from denoisekit.evaluation import conventions
from denoisekit.images.image import write_image
from denoisekit.restoring import inference, model
from denoisekit.restoring.weights import save_weights
from denoisekit.simulate.pairs import simulate_pairs
from denoisekit.training import loop, patches
from denoisekit.training.batches import PatchPairs
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

ROOT = Path(__file__).resolve().parents[1]
DEVICE = find_device()
METHODS = ("laplace", "fft", "bandpass")


def read_config(name: str) -> dict[str, Any]:
    """Return a study that the repository carries."""
    return yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))


def simulate(name: str, *, folder: Path, options: argparse.Namespace) -> None:
    """Simulate one data set: patches to train on, and images to test on."""
    path = folder / f"{name}.npz"
    if path.is_file():
        return
    dataset = read_config("quickstart")["datasets"][name]
    settings = {**dataset["simulate"], "pixel_size_um": dataset["pixel_size_um"]}
    settings |= {"size": options.side, "train_images": options.images, "max_shift_px": 0}
    movie = settings["movie_frames"] > 0
    settings |= {"movie_frames": options.frames} if movie else {"test_images": options.tested}
    rng, cut, tested = np.random.default_rng(0), [], []
    for pair in simulate_pairs(settings, seed=settings["seed"]):
        if pair.split == "test":
            tested.append((pair.low, pair.high))
        else:
            size = {"patch_size": 64, "count": options.per_image}
            cut.append(patches.extract_patches(pair.low, pair.high, **size, rng=rng, name=name))
    names = [str(number) for number in range(len(cut))]
    sides = patches.split_images(names, names, validation_fraction=0.2, seed=0)
    arrays = {
        f"{subset}_{exposure}": np.concatenate(
            [
                getattr(part, exposure)
                for i, part in zip(names, cut, strict=True)
                if sides[i] == subset
            ]
        )
        for subset in ("training", "validation")
        for exposure in ("low", "high")
    }
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays, tested=np.array(tested))
    print(f"simulated {name}", flush=True)


def train(name: str, method: str, *, folder: Path, options: argparse.Namespace) -> model.Model:
    """Train one network, or load it where it is trained already."""
    study = read_config("paper")
    loss = losses.get(study["methods"][method]["loss"], study["methods"][method].get("options", {}))
    weights, facts = (folder / f"{name}.{method}{end}" for end in (".safetensors", ".json"))
    card = {"network": study["networks"]["care"], "dims": 2, "probabilistic": loss.probabilistic}
    card["normalizer"] = None
    if not facts.is_file():
        settings = {**study["training"], "epochs": options.epochs, "steps_per_epoch": options.steps}
        seed_everything(0, threads=torch.get_num_threads())
        with np.load(folder / f"{name}.npz") as data:
            trained = loop.train(
                networks.build(card["network"], dims=2, probabilistic=loss.probabilistic),
                Supervised(loss),
                *(
                    PatchPairs(data[f"{subset}_low"], data[f"{subset}_high"])
                    for subset in ("training", "validation")
                ),
                settings=Settings(**settings),
                seed=0,
                device=DEVICE,
                report=lambda line: print(f"{name}, {method}: {line}", flush=True),
            )
        save_weights(weights, trained.best)
        files.write_json(facts, {"seconds": trained.history[-1]["seconds"]})
    return model.load(weights, card, device=DEVICE)


def score(
    train_set: str, test_set: str, *, folder: Path, options: argparse.Namespace
) -> tuple[dict[str, dict[str, float]], np.ndarray]:
    """Return the mean scores of the networks of a train set on a test set, and an example."""
    prediction = {k: v for k, v in read_config("paper")["prediction"].items() if k != "weights"}
    with np.load(folder / f"{test_set}.npz") as data:
        lows, highs = np.swapaxes(data["tested"].astype(np.float32), 0, 1)
    restored = {"noisy": list(lows)}
    for method in METHODS:
        trained = train(train_set, method, folder=folder, options=options)
        restore = inference.Restorer(trained, **prediction)
        restored[method] = [restore(low, test_set) for low in lows]
    scores = {}
    for method, images in restored.items():
        rows = [
            conventions.score(high, image, low=low, convention="care")
            for image, low, high in zip(images, lows, highs, strict=True)
        ]
        scores[method] = {key: mean(row[key] for row in rows) for key in ("psnr", "ssim")}
    return scores, np.stack([*(images[0] for images in restored.values()), highs[0]])


def main() -> None:
    """Simulate, train, restore and score what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    shape = {"side": 2048, "images": 60, "tested": 9, "frames": 20, "per_image": 800}
    for name, value in {**shape, "epochs": 100, "steps": 400, "processes": 5}.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    options = parser.parse_args()
    folder, study = options.folder, read_config("quickstart")
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(simulate, folder=folder, options=options), study["datasets"]))
    lines = [f"| experiment | {' | '.join(('noisy', *METHODS))} |", "|---|---|---|---|---|"]
    for name, experiment in study["experiments"].items():
        sets = experiment["train_set"], experiment["test_set"]
        scores, example = score(*sets, folder=folder, options=options)
        cells = [f"{score['psnr']:.2f}/{score['ssim']:.3f}" for score in scores.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
        corner = np.ascontiguousarray(example[:, :512, :512])
        write_image(folder / f"{name}.tif", corner, pixel_size_um=None, axes="CYX")
    lines += ["", "| network | seconds |", "|---|---|"]
    for name in study["train_sets"]:
        for method in METHODS:
            seconds = json.loads((folder / f"{name}.{method}.json").read_text())["seconds"]
            lines.append(f"| {name}, {method} | {seconds:.1f} |")
    (folder / "models.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

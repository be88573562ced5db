"""Train the networks of a study that has run, and score what they restore, outside of Snakemake."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import yaml

from denoisekit import losses, networks
from denoisekit.computing import find_device, seed_everything
from denoisekit.datasets.registered import read_exposure, registered_pairs
from denoisekit.evaluation import conventions
from denoisekit.files import read_json, read_table
from denoisekit.images.normalization import Normalizer
from denoisekit.restoring import inference, model
from denoisekit.study.design import Study
from denoisekit.training import loop
from denoisekit.training.batches import PatchPairs
from denoisekit.training.settings import Settings
from denoisekit.training.supervised import Supervised

ROOT = Path(__file__).resolve().parents[1]
DEVICE = find_device()


@dataclass(frozen=True)
class Learning:
    """What a method of a study learns, and the test images that say how well.

    Attributes
    ----------
    folder
        A working directory in which the study has run.
    study
        Its name, that of its file in config/.
    train_set, method
        What is trained on, and a method that learns from pairs.
    """

    folder: Path
    study: str
    train_set: str
    method: str

    @cached_property
    def config(self) -> dict[str, Any]:
        """The study's file."""
        path = ROOT / "config" / f"{self.study}.yaml"
        return yaml.safe_load(path.read_text(encoding="utf-8"))

    @cached_property
    def results(self) -> Path:
        """The study's results."""
        return self.folder / "results" / self.study

    @cached_property
    def patches(self) -> Path:
        """Where the method's patches lie."""
        target = Study(self.config).target(self.method)
        return self.results / "patches" / self.train_set / target

    @cached_property
    def normalizer(self) -> Normalizer | None:
        """What all images are normalised by, or None where each is by its own percentiles."""
        path = self.patches / "normalizer.json"
        return Normalizer(**read_json(path)) if path.is_file() else None

    def read_patches(self) -> list[PatchPairs]:
        """Return the patches to train on and those to validate on."""
        low, high = (np.load(self.patches / f"{name}.npy") for name in ("low", "high"))
        if self.normalizer:
            low, high = self.normalizer.apply(low), self.normalizer.apply(high)
        rows = read_table(self.patches / "positions.tsv")
        subsets = np.array([row["subset"] for row in rows])
        chosen = [subsets == subset for subset in ("training", "validation")]
        return [PatchPairs(low[rows], high[rows]) for rows in chosen]

    def train(self, *, seed: int, **changed: Any) -> tuple[model.Model, float]:
        """Train the network with some settings changed, and return it and its seconds."""
        entry = self.config["methods"][self.method]
        loss = losses.get(entry["loss"], entry.get("options", {}))
        seed_everything(seed, threads=1)
        network = networks.build(
            self.config["networks"][entry["network"]], dims=2, probabilistic=loss.probabilistic
        )
        trained = loop.train(
            network,
            Supervised(loss),
            *self.read_patches(),
            settings=replace(Settings(**self.config["training"]), **changed),
            seed=seed,
            device=DEVICE,
            report=lambda line: None,
        )
        network.load_state_dict(getattr(trained, self.config["prediction"]["weights"]))
        card = {
            "dims": 2,
            "method": entry,
            "normalizer": vars(self.normalizer) if self.normalizer else None,
            "units": read_json(self.patches / "units.json"),
        }
        return model.Model(network, card, DEVICE), trained.history[-1]["seconds"]

    def score(self, trained: model.Model, *, precision: str) -> dict[str, float]:
        """Return the mean scores of a network on the test images of its own data set."""
        options = self.config["prediction"]
        settings = {key: options[key] for key in ("percentiles", "tile")}
        restore = inference.Restorer(trained, **settings, precision=precision)
        registered = self.results / "registered" / self.dataset
        scores = []
        for pair in registered_pairs(registered, split="test"):
            low, high = (
                read_exposure(registered, pair.image, exposure).pixels
                for exposure in ("low", "high")
            )
            image = restore(low, pair.image)
            scores.append(conventions.score(high, image, low=low, convention="care"))
        return {name: mean(score[name] for score in scores) for name in ("psnr", "ssim")}

    @property
    def dataset(self) -> str:
        """The data set of the train set."""
        return self.config["train_sets"][self.train_set]["dataset"]

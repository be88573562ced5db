"""Read the patches that a network is trained on."""

from pathlib import Path
from typing import Any

import numpy as np

from denoisekit.files import read_json, read_table
from denoisekit.images.normalization import Normalizer


def read(folder: Path, exposure: str) -> list[np.ndarray]:
    """Return the patches of an exposure to train on, and those to validate on."""
    patches = np.load(folder / f"{exposure}.npy", mmap_mode="c")
    subsets = np.array([row["subset"] for row in read_table(folder / "positions.tsv")])
    return [patches[subsets == subset] for subset in ("training", "validation")]


def read_images(folder: Path) -> list[str]:
    """Return which image each patch to train on is from."""
    rows = read_table(folder / "positions.tsv")
    return [row["image"] for row in rows if row["subset"] == "training"]


def read_units(folder: Path) -> dict[str, Any]:
    """Return the units that the patches are in: of the noise, and of the truth against them."""
    units: dict[str, Any] = read_json(folder / "units.json")
    return units


def read_normalizer(folder: Path) -> Normalizer | None:
    """Return what all images are normalised by, or None where each is by its own percentiles."""
    path = folder / "normalizer.json"
    return Normalizer(**read_json(path)) if path.is_file() else None

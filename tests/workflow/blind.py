"""A study of networks that learn from noisy images, and the images that it is of."""

import csv

import numpy as np
import tifffile
from scipy.ndimage import gaussian_filter
from tiny import TINY

FIELDS, FRAMES, SIDE = 3, 4, 64
HIDDEN = {
    "network": "single",
    "objective": "noise2void",
    "loss": "mse",
    "masking": {"percent": 3, "neighbourhood": 5, "replacement": "neighbour"},
}
SAMPLES = {**HIDDEN, "network": "samples", "loss": "pn2v"}
PAIRED = {"network": "single", "loss": "mse"}
METHODS = {
    "noisy": {"filter": "noisy"},
    "supervised": {**PAIRED, "objective": "supervised", "normalization": "mean-std"},
    "n2n": {**PAIRED, "objective": "noise2noise", "normalization": "photons"},
    "n2v": HIDDEN,
    "structn2v": {
        **HIDDEN,
        "masking": {**HIDDEN["masking"], "line": {"direction": "both", "length": 3}},
    },
    "pn2v": {**SAMPLES, "noise_model": "of-pairs"},
    "pn2v-prior": {"of": "pn2v", "estimate": "prior-mean"},
    "pn2v-frames": {**SAMPLES, "noise_model": "of-frames"},
    "pn2v-bootstrapped": {**SAMPLES, "noise_model": "bootstrapped"},
}
COUNTS = {"images": 8, "values": [0, 255], "counts": True, "outside": "raise"}
NOISE_MODELS = {
    "of-pairs": {"model": "histogram", "origin": "pairs", "bins": 64, **COUNTS},
    "of-frames": {"model": "mixture", "origin": "frames", **COUNTS},
    "bootstrapped": {"model": "mixture", "origin": "restoration", "method": "n2v", **COUNTS},
}
NETWORK = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 4}


def write_frames(folder):
    """Write noisy stacks of static fields, their truths, and the pair table."""
    rng, rows = np.random.default_rng(0), []
    folder.mkdir()
    for field in range(FIELDS):
        scene = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 3)
        clean = np.clip(100 + 30 * scene / scene.std(), 20, 200)
        noisy = np.clip(rng.normal(clean, 5 + 0.05 * clean, (FRAMES, SIDE, SIDE)), 0, 255)
        low, high = (folder / f"{field}-{kind}.tif" for kind in ("low", "high"))
        tifffile.imwrite(low, np.rint(noisy).astype(np.uint8), photometric="minisblack")
        tifffile.imwrite(high, np.rint(clean).astype(np.uint8), photometric="minisblack")
        split = "test" if field == 0 else "train"
        rows.append([f"field-{field}", split, low, high, f"0:{FRAMES}", f"{field}"])
    with (folder / "pairs.tsv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerows([["image", "split", "low", "high", "page", "field"], *rows])


def study(folder):
    config = {**TINY, "methods": METHODS, "noise_models": NOISE_MODELS}
    config["datasets"] = {"cells": {"pixel_size_um": 0.1, "pairs": str(folder / "pairs.tsv")}}
    config["train_sets"] = {"cells": {"dataset": "cells", "patch_size": 32}}
    config["test_sets"] = {"cells": {"dataset": "cells"}}
    config["experiments"] = {
        "CC": {"train_set": "cells", "test_set": "cells", "description": "Cells"}
    }
    config["networks"] = {
        "single": {**NETWORK, "outputs": 1},
        "samples": {**NETWORK, "outputs": 20},
    }
    config["conventions"] = ["range255", "scale-invariant"]
    family = {**TINY["statistics"]["family"], "conventions": ["range255"]}
    config["statistics"] = {**TINY["statistics"], "references": ["n2v"], "family": family}
    config.pop("published")
    return config

"""How well objects found in a small study match labels, as the workflow would hand it over."""

import numpy as np
import pandas as pd
from study_tables import EXPERIMENTS, METHODS

from denoisekit.statistics import segmentation

#: SEG of every method in actin; of FFT two networks.
LEVELS = {"noisy": [], "tv": [0.62], "laplace": [0.6], "fft": [0.66, 0.7], "bandpass": [0.56]}
PIPELINE = {
    **{"how": "nuclei", "images": ["train-000", "train-004"], "tried": 60, "seg": 0.712},
    "chosen": {"smoothing_um": 0.1, "threshold": 0.8, "apart_um": 0.6, "smallest_um": 0.8},
    "on": {"dataset": "actin", "split": "train", "exposure": "high", "images": 2},
    "at_ends": [],
}
SETTINGS = {
    "methods": METHODS,
    "outside": [],
    "statistics": {
        **{"references": ["best-filter"], "alpha": 0.05, "margins": {}, "shared": {}},
        "family": dict.fromkeys(("experiments", "methods", "metrics", "conventions"), "all"),
    },
}


def measured(*, truth=0.72, images=6, noisy=0.5):
    """Return rows of runs on actin, whose images differ and whose methods differ a little more."""
    rng, rows = np.random.default_rng(3), []
    for method, levels in LEVELS.items():
        network = method not in ("noisy", "tv")
        for seed, level in enumerate([noisy] if method == "noisy" else levels):
            run = {"test_set": "actin", "run": f"{method}.{seed}", "method": method}
            run |= {"train_set": "actin" if network else "", "seed": str(seed) if network else ""}
            for image in range(images):
                seg = level + 0.01 * image + rng.normal(0, 0.004)
                values = {"seg": seg, "f1_50": seg + 0.2, "wrong": 0.9 - seg, "found": 1.1}
                rows += [
                    {**run, "segmentation": "nuclei", "image": f"image-{image}"}
                    | {"simulated": "yes", "quantity": name, "value": value}
                    | {"truth_value": truth + 0.01 * image}
                    for name, value in values.items()
                ]
    return pd.DataFrame(rows)[list(segmentation.MEASURED)]


def averaged(**options):
    """Return the table of means."""
    named = {key: SETTINGS[key] for key in ("methods", "outside")}
    return segmentation.average(measured(**options), EXPERIMENTS, **named)


def compared(*, images=6, **options):
    """Return the tests against the best filter."""
    facts = EXPERIMENTS.assign(test_images=images, test_fields=images)
    return segmentation.compare(measured(images=images, **options), facts, **SETTINGS)

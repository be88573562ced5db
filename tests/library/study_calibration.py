"""What the scales of a small study are worth, as the workflow would hand it over."""

import numpy as np
import pandas as pd
from study_tables import EXPERIMENTS

from denoisekit.statistics import calibration

VALUES = {
    **{"temperature": 1.7, "kept": 3.0, "needed": 9.0, "factor": np.nan, "missed": np.nan},
    **{f"coverage_{p}": p / 100 - 0.1 for p in (50, 80, 90, 95)},
    **{f"calibrated_coverage_{p}": p / 100 for p in (50, 80, 90, 95)},
    **{"coverage_10": 0.02, "left_scale_2.5": 0.95, "left_oracle_2.5": 0.8},
    **{"width_90": 0.2, "crps": 0.05, "nll": -1.0, "area_scale": 0.6, "area_oracle": 0.35},
    **{"calibrated_width_90": 0.34, "calibrated_crps": 0.04, "calibrated_nll": -1.2},
}
ENSEMBLE = {"area_disagreement": 0.7, "area_spread": 0.65, "left_spread_2.5": 0.9}


def measured(method="laplace", seeds=("0", "1"), **changed):
    """Return the long table of experiment AA, two images a seed, which differ by 0.02."""
    rows = []
    for seed in seeds:
        run = f"actin.{method}.{seed}"
        for image in range(2):
            for name, value in {**VALUES, **changed}.items():
                value += 0.02 * image + (0.1 * int(seed) if seed == "1" else 0)
                value = round(value, 9) if name not in ("kept", "needed") else VALUES[name]
                value = changed.get(name, value) if name in ("kept", "needed") else value
                ran = ("actin", run, "actin", method, seed)
                rows.append([*ran, f"image-{image}", "yes", name, value])
    return pd.DataFrame(rows, columns=list(calibration.MEASURED))


def averaged(*frames):
    chosen = EXPERIMENTS[EXPERIMENTS["experiment"] == "AA"]
    return calibration.average(
        pd.concat(frames or [measured()]), chosen, methods=["noisy", "laplace", "mean"]
    )

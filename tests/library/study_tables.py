"""A small study as the tables that the workflow would hand over."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from denoisekit.published import audit
from denoisekit.published.loss_functions import Published, Study
from denoisekit.published.printed import COLUMNS
from denoisekit.statistics import scores
from denoisekit.statistics.comparisons import compare

FOLDER = Path(__file__).resolve().parents[2] / "config" / "published" / "loss-functions"
METHODS = ["noisy", "laplace", "fft", "bandpass", "tv"]
# Means by method; in MA the filter is ahead of every network, and bandpass is below the input.
LEVELS = {
    "AA": {"noisy": 20, "laplace": 30, "fft": 31, "bandpass": 29.5, "tv": 27},
    "MA": {"noisy": 20, "laplace": 25, "fft": 26, "bandpass": 19, "tv": 27},
    "DDS": {"noisy": 20, "laplace": 30, "fft": 31, "bandpass": 29, "tv": 27},
}
EXPERIMENTS = pd.DataFrame(
    [
        ["AA", "actin", "actin", "actin", 12, 6, 6, "yes", "no", "yes", "", "actin by actin"],
        ["MA", "mito", "actin", "actin", 12, 6, 6, "yes", "no", "yes", "", "actin by <m.>"],
        ["DDS", "dendra", "dendra", "dendra", 12, 8, 1, "yes", "yes", "no", "", "a movie"],
    ],
    columns=[
        *("experiment", "train_set", "test_set", "test_dataset", "train_images", "test_images"),
        *("test_fields", "truth", "movie", "simulated", "methods", "description"),
    ],
)
STATISTICS = {
    "references": ["laplace"],
    "alpha": 0.05,
    "family": {
        **{"experiments": "all", "methods": "networks"},
        **{"metrics": ["psnr", "ssim"], "conventions": ["care"]},
    },
    "margins": {"psnr": 0.1, "ssim": 0.005},
    "shared": {},
}


def long_scores(*, seeds=("0",), conventions=("care", "calibrated")) -> pd.DataFrame:
    """Return the long table of scores: images differ, methods differ by a noisy amount."""
    rng = np.random.default_rng(1)
    rows, filters_done = [], set()
    for experiment in EXPERIMENTS.itertuples():
        for method in METHODS:
            network = method not in ("noisy", "tv")
            if not network and (experiment.test_set, method) in filters_done:
                continue
            filters_done.add((experiment.test_set, method))
            for seed in seeds if network else ("",):
                train_set = experiment.train_set if network else ""
                run = f"{train_set}.{method}.seed{seed}" if network else method
                for image in range(experiment.test_images):
                    level = LEVELS[experiment.experiment][method] + image
                    psnr = level + rng.normal(0, 0.2)
                    values = {"psnr": psnr, "ssim": psnr / 40, "nrmse": 10 ** (-psnr / 20)}
                    for convention in conventions:
                        drop = 0 if convention == "care" else 2
                        rows += [
                            [
                                *(experiment.test_set, run, train_set, method, seed),
                                *(f"image-{image}", experiment.simulated, convention),
                                *(metric, value - drop if metric == "psnr" else value),
                            ]
                            for metric, value in values.items()
                        ]
    columns = ["test_set", "run", "train_set", "method", "seed", "image", "simulated"]
    return pd.DataFrame(rows, columns=[*columns, "convention", "metric", "value"])


def by_experiment(**options) -> pd.DataFrame:
    return scores.by_experiment(long_scores(**options), EXPERIMENTS, methods=METHODS)


def runs_by_experiment(**options) -> pd.DataFrame:
    return scores.runs_by_experiment(long_scores(**options), EXPERIMENTS, methods=METHODS)


@cache
def _compared(**options) -> pd.DataFrame:
    return compare(runs_by_experiment(**options), EXPERIMENTS, **STATISTICS)


def compared(**options) -> pd.DataFrame:
    return _compared(**options).copy()


def printed(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    """Read a table of printed numbers as text."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def audited(folder: Path = FOLDER) -> pd.DataFrame:
    return audit.check(
        printed("per_image_scores", folder),
        means=printed("printed_means", folder),
        deltas=printed("printed_deltas", folder),
        p_values=printed("printed_p_values", folder),
    )


def published() -> Published:
    return Published.from_printed({name: printed(name) for name in COLUMNS}, audit=audited())


def study() -> Study:
    scores, comparisons = by_experiment(), compared()
    return Study(
        experiments=EXPERIMENTS,
        scores=scores[scores["convention"] == "care"],
        comparisons=comparisons[comparisons["convention"] == "care"],
        methods=METHODS,
        convention="care",
    )

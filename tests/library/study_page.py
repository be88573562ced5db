"""What the page of a small study is made from."""

import io

import numpy as np
import pandas as pd
from PIL import Image
from study_sharpness import measured
from study_tables import (
    EXPERIMENTS,
    METHODS,
    by_experiment,
    compared,
    published,
    runs_by_experiment,
    study,
)

from denoisekit import report
from denoisekit.evaluation.display import SECTIONS, views
from denoisekit.report.viewer import Scene
from denoisekit.statistics import conventions, scores
from denoisekit.statistics.sharpness import average

NETWORK = {"network": "small", "objective": "supervised"}
TRAIN_SETS = {name: {"dataset": name, "patch_size": 64} for name in ("actin", "mito", "dendra")}
CONFIG = {
    "study": "tiny",
    "title": "A tiny study",
    "description": "Small networks & <few> images.",
    "datasets": {
        name: {"pixel_size_um": 0.1} for name in ("actin", "mito", "dendra", "new")
    },
    "train_sets": TRAIN_SETS,
    "methods": {
        **{name: NETWORK | {"loss": name} for name in METHODS[1:4]},
        "tv": {"filter": "tv", "options": {"steps": 3}},
        "noisy": {"filter": "noisy"},
    },
    "networks": {
        "small": {"architecture": "unet", "depth": 2, "kernel_size": 3, "first_filters": 16}
    },
    "seeds": [0],
    "patches": {"per_image": 10, "validation_fraction": 0.2, "seed": 0},
    "training": {
        **{"epochs": 20, "steps_per_epoch": 60, "batch_size": 8, "learning_rate": 0.004},
        **{"augment": True, "precision": "mixed", "schedule": {"name": "cosine", "warmup": 0.1}},
    },
    "prediction": {"weights": "last", "percentiles": [2, 99.8]},
    "conventions": ["care", "calibrated"],
    "statistics": {"references": ["laplace"], "alpha": 0.05},
}  # fmt: skip
NOISE = {
    **{"frames": 3, "gain": 2.0, "intercept": -40.0, "offset": 100.0, "read_noise": 3.5},
    **{"correlation_x": [0.56, 0.1], "correlation_y": [0.02, 0.0]},
    **{"row_noise": 0.2, "column_noise": 0.0, "row_share": 0.001, "column_share": 0.0},
    **{"saturated": 0.002, "floored": 0.0, "lowest": 90.0, "highest": 4095.0},
    "advice": {"method": "structn2v", "mask": [0, 2], "reason": "Noise is correlated along x."},
}
FIELDS = {
    **{"fields": 1, "unlike": 0, "gains": [2.0, 2.0]},
    **{"correlations_x": [0.56, 0.56], "correlations_y": [0.02, 0.02]},
}
CARD = {
    **{"parameters": 58_000, "best_epoch": 17, "device": "cpu", "threads": 1, "seconds": 31.4},
}


def png(width: int = 60) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (40, width, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def scene(*, truth: bool = True, volume: bool = False) -> Scene:
    """Return pictures that differ by method and view, 60 px wide and 40 high, sections 20."""
    rng = np.random.default_rng(3)
    seen = views((3, 40, 60), planes=9) if volume else {"": ""}

    def grey(view: str) -> bytes:
        buffer = io.BytesIO()
        shape = (20 if view in SECTIONS else 40, 60)
        Image.fromarray(rng.integers(0, 255, shape, dtype=np.uint8)).save(buffer, "PNG")
        return buffer.getvalue()

    names = [f"image-{name}" for name in METHODS]
    tops = {"error": 0.0625 if truth else None, "width": 0.125}
    names += ["width-laplace"]
    if truth:
        names += ["truth", *(f"error-{name}" for name in METHODS)]
    card = {
        **{"image": "image-2", "window": [0, 40, 0, 60], "whole": [40, 60], "views": seen},
        **{"pixel_size_um": 0.1, "tops": tops},
        "methods": [
            {"name": name, "run": name}
            | ({"psnr": 20.0 + place, "ssim": 0.5 + place / 100} if truth else {})
            for place, name in enumerate(METHODS)
        ],
    }
    pictures = {f"{name}{view and '@'}{view}": grey(view) for view in seen for name in names}
    return Scene(card=card, pictures=pictures)


def results() -> report.Results:
    quality = pd.DataFrame(
        {
            **{"image": ["a", "b", "c"], "split": ["train", "train", "test"]},
            **{"shift_y": [0.1, -1.5, 0.2], "gain": [20.0, 21, 22]},
            **{"applied": ["no", "yes", "no"], "duplicate_of": ["", "", "a"]},
        }
    )
    fft, noisy = (measured().query("method == @name") for name in ("fft", "noisy"))
    sharpness = pd.concat([measured(), fft.assign(method="bandpass"), noisy.assign(method="tv")])
    summary = scores.summarise(by_experiment(), EXPERIMENTS)
    figures = [
        f"{kind}-{name}"
        for kind in ("montage", "scores", "sharpness")
        for name in ("AA", "MA", "DDS")
    ]
    figures += ["figure-1-AA", "figure-2-AA", "learning-curves", "conventions"]
    return report.Results(
        config=CONFIG,
        experiments=EXPERIMENTS,
        summary=summary,
        comparisons=compared(),
        compared=conventions.compare_conventions(summary, main="care"),
        left_out=pd.DataFrame(
            [["dendra", "range255", "image-0", "it is not of the range 0 to 255"]],
            columns=["test_set", "convention", "image", "reason"],
        ),
        sharpness=average(sharpness, EXPERIMENTS, methods=METHODS),
        study=study(),
        published=published(),
        figures=dict.fromkeys(
            [*figures, "figure-1-AA", "figure-2-AA", "learning-curves", "conventions"], png()
        ),
        scenes={name: scene() for name in ("AA", "MA", "DDS")},
        cards={("actin", "fft", "0"): CARD},
        validation={
            ("actin", "fft", "0"): pd.DataFrame(
                {"method": ["tv", "fft"], "image": ["t1", "t1"], "psnr": [30.25, 31.5]}
            )
        },
        quality={"actin": quality},
        strengths={("actin", "tv"): pd.DataFrame({"image": ["a", "b"], "weight": [0.1, 0.3]})},
        matches=pd.DataFrame(
            {
                **{"train": ["actin", "mito"], "test": ["actin", "actin"]},
                **{"test_image": ["a", "b"], "train_image": ["t1", "t2"]},
                **{"resemblance": [0.1, 0.314], "perhaps": ["", ""]},
            }
        ),
        looks=None,
        regimes=None,
        noise={
            "actin": {"images": ["a", "b", "c"], "noise": NOISE, "fields": FIELDS},
            "mito": {"images": ["m"], "reason": "The image is too small."},
            "dendra": {
                "images": ["d", "e"],
                "noise": NOISE | {"frames": 2, "correlation_x": [0.1, 0]},
                "fields": FIELDS | {"fields": 2, "unlike": 1, "gains": [2.0, 9.25]},
            },
        },
        jobs=pd.DataFrame(
            [
                *(
                    ["train", "actin/fft/seed0", 100.4, 500.0],
                    ["train", "actin/mae/seed0", 60, 480],
                ),
                *(["score", "actin/tv", 1.0, 90.0], ["compare", "", 2.0, np.nan]),
            ],
            columns=["rule", "job", "seconds", "memory_mb"],
        ),
        provenance={"Command": "snakemake --cores all", "Commit": "abc123"},
        runs=runs_by_experiment(),
    )

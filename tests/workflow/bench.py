"""A study of methods from outside: given images, programs that it calls, and plug-ins."""

import csv
import sys

import blind
import tifffile
from commands import make_model
from scipy.ndimage import gaussian_filter
from tiny import TINY

# One image at a time: a blur. It needs what is in this environment alone.
TOOL = """
import sys
import numpy as np
import tifffile
from scipy.ndimage import gaussian_filter

source, target, sigma = sys.argv[1:]
image = tifffile.imread(source).astype(np.float32)
tifffile.imwrite(target, gaussian_filter(image, float(sigma)))
"""
# All at once: the blur that brings the images to train on nearest to their truths.
TRAINED = """
import sys
from pathlib import Path
import numpy as np
import tifffile
from scipy.ndimage import gaussian_filter

train, inputs, outputs, seed = sys.argv[1:]
pairs = [
    (tifffile.imread(path).astype(np.float32), tifffile.imread(Path(train, "high", path.name)))
    for path in sorted(Path(train, "low").iterdir())
]
errors = {
    sigma: sum(np.mean((gaussian_filter(low, sigma) - high) ** 2) for low, high in pairs)
    for sigma in (0.5, 1, 2, 4)
}
best = min(errors, key=errors.get)
print(f"sigma {best} of {len(pairs)} pairs, seed {seed}")
for path in Path(inputs).iterdir():
    image = tifffile.imread(path).astype(np.float32)
    tifffile.imwrite(Path(outputs, path.name), gaussian_filter(image, best))
"""


def write(folder):
    """Write images, restorations of them in units of 1/255, a network and two programs."""
    blind.write_frames(folder / "images")
    (folder / "given").mkdir()
    frames = tifffile.imread(folder / "images/0-low.tif").astype("float32")
    for number, frame in enumerate(frames):
        restored = gaussian_filter(frame, 1.5) / 255
        tifffile.imwrite(folder / f"given/field-0-{number}.tif", restored)
    make_model(folder / "elsewhere")
    (folder / "tool.yaml").write_text("dependencies: [numpy, scipy, tifffile]\n", encoding="utf-8")
    for name, text in (("tool", TOOL), ("trained", TRAINED)):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def study(folder):
    """Return the study of methods of all kinds from outside."""
    table = str(folder / "images/pairs.tsv")
    tiny = {key: value for key, value in TINY.items() if key != "published"}
    return {
        **tiny,
        "study": "bench",
        "datasets": {"cells": {"pixel_size_um": 0.1, "pairs": table, "register": False}},
        "train_sets": {"cells": {"dataset": "cells", "patch_size": 32}},
        "test_sets": {"cells": {"dataset": "cells"}},
        "experiments": {"C": {"train_set": "cells", "test_set": "cells", "description": "Cells"}},
        "methods": {
            "given": {"images": str(folder / "given/{image}.tif")},
            "elsewhere": {"model": str(folder / "elsewhere")},
            "noisy": {"filter": "noisy"},
            "gaussian": {"filter": "gaussian"},
            "median": {"filter": "median", "options": {"size": 5}},
            "learned": {
                **{"network": "two", "objective": "supervised", "loss": "huber"},
                **{"options": {"delta": 0.5}, "normalization": "mean-std"},
            },
            "tool": {
                "command": f"{sys.executable} {folder / 'tool.py'} {{input}} {{output}} 2",
                "conda": str(folder / "tool.yaml"),
            },
            "trained": {
                "command": f"{sys.executable} {folder / 'trained.py'} {{train}} {{inputs}} "
                "{outputs} {seed}"
            },
        },
        "networks": {"two": {"architecture": "two-layers", "filters": 4}},
        "conventions": ["care", "calibrated"],
        "statistics": {**TINY["statistics"], "references": ["gaussian"]},
    }


def rows(path):
    """Return the rows of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))

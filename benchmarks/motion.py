"""Tell how well what moves is restored, of a finished study `movies`: python benchmarks/motion.py.

Of the frames but the first and the last: the root mean square error of the restored images, fitted
to the truth frame by frame as CARE's score does, at the hundredth of the pixels that differ most
from the frames before or behind in the truth, and at all others.
"""

import sys
from pathlib import Path

import numpy as np
import tifffile

from denoisekit.evaluation.scaling import affine_fit

MOVING = 99


def errors(restored: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return the error where the truth moves, and elsewhere, in its units."""
    change = np.abs(np.diff(truth, axis=0))
    change = np.maximum(change[:-1], change[1:])
    moving = change > np.percentile(change, MOVING)
    squares = np.stack(list(map(_squares, restored, truth)))[1:-1]
    return float(np.sqrt(squares[moving].mean())), float(np.sqrt(squares[~moving].mean()))


def _squares(restored: np.ndarray, truth: np.ndarray) -> np.ndarray:
    gain, offset = affine_fit(truth, restored)
    return (gain * restored + offset - truth) ** 2


def main(results: Path) -> None:
    """Print a row per data set and method."""
    for folder in sorted((results / "registered").iterdir()):
        truth = tifffile.imread(folder / "high/movie.tif").astype(np.float64)
        for run in sorted((results / "restored" / folder.name).iterdir()):
            restored = tifffile.imread(run / "movie.tif").astype(np.float64)
            moving, still = errors(restored, truth)
            print(f"{folder.name:6} {run.name:24} moving {moving:6.1f}   elsewhere {still:5.1f}")


if __name__ == "__main__":
    main(Path(*sys.argv[1:] or ("results/movies",)))

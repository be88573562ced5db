"""The work that every program is given, and how it is timed."""

import json
import resource
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

BATCH, PATCH, SIDE, STEPS = 16, 64, 2048, 20
VOLUME_BATCH, VOLUME_PATCH, VOLUME, VOLUME_STEPS = 4, (16, 64, 64), (100, 1024, 1024), 5
# How often each work is done; a volume takes minutes.
RUNS = {"volume": 2}


def patches() -> np.ndarray:
    """Return a batch of patches, (16, 64, 64) float32."""
    return np.random.default_rng(0).random((BATCH, PATCH, PATCH), np.float32)


def image() -> np.ndarray:
    """Return an image to restore, (2048, 2048) float32."""
    return np.random.default_rng(0).random((SIDE, SIDE), np.float32)


def volume_patches() -> np.ndarray:
    """Return a batch of patches of volumes, (4, 16, 64, 64) float32."""
    return np.random.default_rng(0).random((VOLUME_BATCH, *VOLUME_PATCH), np.float32)


def volume() -> np.ndarray:
    """Return a volume to restore, (100, 1024, 1024) float32."""
    return np.random.default_rng(0).random(VOLUME, np.float32)


def time_work(work: dict[str, Callable[[], tuple[Callable[[], object], int]]]) -> None:
    """Time the work that the command line names, and print its seconds and the peak memory.

    Each entry prepares some work, and returns it and how many units it holds. Work that times
    itself returns its seconds. The first run is not counted.
    """
    run, units = work[sys.argv[1]]()
    seconds = []
    for _ in range(RUNS.get(sys.argv[1], 4)):
        start = time.perf_counter()
        own = run()
        seconds.append(own if isinstance(own, float) else (time.perf_counter() - start) / units)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({"seconds": median(seconds[1:]), "peak_mb": peak_mb}))

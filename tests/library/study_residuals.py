"""What the residuals of a small study tell, as the workflow would hand it over."""

import numpy as np
import pandas as pd

from denoisekit.evaluation.residuals import QUANTITIES
from denoisekit.statistics import residuals

GOOD = dict.fromkeys(QUANTITIES, 0.0) | {"sd_ratio": 1.0, "null_width": 1.0, "gain": 1.0}
NOISY = GOOD | {"sd_ratio": 0.0, "correlation_x": np.nan, "correlation_y": np.nan}


def measured(**changed):
    """Return two images of experiment AA and MA; FFT invents in AA, and erases in MA.

    `changed` is of the Laplace network in AA.
    """
    runs = [
        ("", "noisy", "", NOISY),
        ("", "tv", "", GOOD | {"sd_ratio": 0.8}),
        ("actin", "laplace", "0", GOOD | changed),
        ("actin", "fft", "0", GOOD | {"invented": 0.0133333, "sd_ratio": 1.2}),
        ("actin", "fft", "1", GOOD | {"invented": 0.0133333, "sd_ratio": 1.2}),
        ("mito", "laplace", "0", GOOD),
        ("mito", "fft", "0", GOOD | {"erased": 0.00008, "null_width": 1.5}),
    ]
    rows = [
        {"test_set": "actin", "run": f"{train}.{method}.{seed}", "train_set": train}
        | {"method": method, "seed": seed}
        | {"simulated": "yes", "image": f"image-{image}", "tested": "yes", "note": ""}
        # Of the second image, twice as much.
        | values
        | {name: (1 + image) * values[name] for name in ("invented", "erased")}
        | {"truth_gain": 1.1, "truth_offset": -3.0, "scale": 0.5, "disagreement": np.nan}
        for train, method, seed, values in runs
        for image in range(2)
    ]
    return pd.DataFrame(rows)[list(residuals.MEASURED)]


def untested(frame, method, note):
    """Return the table with a method's images not tested."""
    chosen = frame["method"] == method
    frame = frame.copy()
    frame.loc[chosen, ["tested", "note"]] = ["no", note]
    frame.loc[chosen, list(QUANTITIES)] = np.nan
    return frame

"""What methods of a small study make of controls, as the workflow would hand it over."""

import pandas as pd

from denoisekit.statistics import controls

VALUES = {"structures": 0.0, "contrast": 0.5, "noise_shift": 0.0, "spread": 0.1, "flat_shift": 0.05}
VALUES |= {"peak": 3.0, "limit": 6.0, "period_px": 4.0}


def measured(*, images=2):
    """Return runs on the controls of actin: FFT of two seeds invents, bandpass leaves a pattern."""
    runs = [
        ("", "noisy", "", {"contrast": 1.0, "spread": 1.0}),
        ("", "tv", "", {"spread": 0.3}),
        ("actin", "fft", "0", {"structures": 1.0, "contrast": 0.9}),
        ("actin", "fft", "1", {"structures": 4.0, "contrast": 0.8, "flat_shift": -0.55}),
        ("actin", "bandpass", "0", {"peak": 15.0, "period_px": 1.414, "noise_shift": 0.6}),
        ("mito", "fft", "0", {}),
    ]
    rows = [
        {"test_set": "actin", "run": f"{train}.{method}.{seed}", "train_set": train}
        | {"method": method, "seed": seed, "simulated": "yes", "images": images}
        | {**VALUES, **changed}
        for train, method, seed, changed in runs
    ]
    return pd.DataFrame(rows)[list(controls.MEASURED)]

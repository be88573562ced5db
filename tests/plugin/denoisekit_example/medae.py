"""Median absolute error."""

import numpy as np

from denoisekit.evaluation.metrics import Metric


def medae(truth: np.ndarray, image: np.ndarray, *, data_range: float, usable=None) -> float:
    """Return the median of the absolute error, in % of the data range."""
    error = np.abs(truth - image)
    return float(100 * np.median(error if usable is None else error[usable]) / data_range)


MEDAE = Metric(medae, label="MedAE", unit="%", digits=3, higher_is_better=False)

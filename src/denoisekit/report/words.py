"""Words that the page's sentences are made of."""

from typing import Any

import pandas as pd

from denoisekit.statistics.wording import METRIC_DIGITS, METRIC_UNITS, p_text, signed

CONVENTIONS = {
    "care": "as CARE scores: the truth is scaled to its 0.1 and 99.9 percentiles, both images are "
    "made zero-mean, and the restored image is fitted to the truth by least squares; range 1, SSIM "
    "in a Gaussian window of sigma 1.5. It does not see a wrong brightness or contrast.",
    "hagen": "as 'care', with SSIM in a uniform window of 7 pixels.",
    "calibrated": "as 'care', but not fitted to the truth: brightness and contrast must be right, "
    "as the short exposure's regression on the truth gives them.",
    "range255": "images as they are, range 255.",
    "truth-range": "images as they are, range = max - min of the truth.",
    "fmd": "as the FMD benchmark: clamped to 0 and 255, mean over four quadrants.",
    "fmd-matlab": "as the FMD benchmark's MATLAB code: divided by 255, range 1, whole image.",
    "scale-invariant": "the truth standardised, the restored image fitted, range = (max - min) / "
    "standard deviation of the truth.",
}


def margin_text(value: float, metric: str) -> str:
    """Return a score, or how far two lie apart, with its unit."""
    return f"{value:.{METRIC_DIGITS[metric]}f}{METRIC_UNITS[metric]}"


def difference_text(value: float, metric: str) -> str:
    """Return a difference of scores with its sign and unit."""
    return f"{signed(METRIC_DIGITS[metric])(value)}{METRIC_UNITS[metric]}"


def range_text(lowest: str, highest: str) -> str:
    """Return ``lowest to highest``, or one of them where they read alike."""
    return lowest if lowest == highest else f"{lowest} to {highest}"


def images_text(images: int, fields: int) -> str:
    """Return how many images there are, and of how many fields if some share one."""
    counted = count_text(images, "image")
    return counted if fields == images else f"{counted} of {count_text(fields, 'field')}"


def count_text(count: int, noun: str) -> str:
    """Return how many there are, as in ``1 image`` or ``0 images``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def four_digits(value: float) -> str:
    """Return a number with four significant digits."""
    return f"{value:.4g}".replace("-", "−")


def evidence_text(row: Any) -> str:
    """Return what a test says of a row of the comparisons, in brackets, or nothing without one."""
    if pd.isna(row.p):
        return ""
    words = "significant" if row.significant == "yes" else "not significant"
    return f" (p\u00a0=\u00a0{p_text(row.p)}, {words})"

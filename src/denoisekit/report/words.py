"""Words that the page's sentences are made of."""

from typing import Any

import pandas as pd

from denoisekit.statistics.wording import p_equals


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
    return f" ({p_equals(row.p)}, {words})"

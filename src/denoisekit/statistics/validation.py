"""Validation of networks against filters: on the images that were kept from training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denoisekit.statistics.wording import method_label, metric_name, score_text

_METRIC = "psnr"

#: Columns of the table of a network's validation.
VALIDATION = {"method": str, "image": str, _METRIC: float}


def beaten(rows: Sequence[Mapping[str, Any]], *, method: str) -> str | None:
    """Say that the best filter is better than a network on the images kept from its training.

    Parameters
    ----------
    rows
        Scores by method and image, as `VALIDATION` has them; NaN where a method gave none. What
        counts are images that all methods have a score of which have any.
    method
        The network's; all others are filters.

    Returns
    -------
    str or None
        One sentence, or None where no filter's mean is higher.
    """
    scores: dict[str, dict[str, float]] = {}
    for row in rows:
        if np.isfinite(row[_METRIC]):
            scores.setdefault(row["method"], {})[row["image"]] = row[_METRIC]
    common = set.intersection(*map(set, scores.values())) if scores else set()
    if not common or scores.keys() <= {method} or method not in scores:
        return None
    means = {name: float(np.mean([of[i] for i in common])) for name, of in scores.items()}
    own = means.pop(method)
    best = max(means, key=means.__getitem__)
    if means[best] <= own:
        return None
    count = len(common)
    images = "the one image" if count == 1 else f"the {count} images"
    return (
        f"On {images} kept from training, the filter {method_label(best)} has a higher mean "
        f"{metric_name(_METRIC)} ({score_text(means[best], _METRIC)}) than the network "
        f"{method_label(method)} ({score_text(own, _METRIC)}): train longer or on more images, or "
        "use the filter."
    )

"""Read what networks predict of the images kept from their training, as `_kept` wrote it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.evaluation.calibration import together
from denoisekit.evaluation.uncertainty import LaplaceMixture


def read(
    folders: Sequence[str], *, report: Callable[[str], None]
) -> dict[str, list[tuple[np.ndarray, LaplaceMixture]]]:
    """Return by field the truths, and what the networks of all folders predict, in one space.

    An image counts for none where one of the networks could not restore it, or it shows nothing.
    """
    fields = [files.read_json(Path(folder, "fields.json")) for folder in folders]
    kept: dict[str, list[tuple[np.ndarray, LaplaceMixture]]] = {}
    for image, field in fields[0].items():
        if all(image in other for other in fields):
            parts = [np.load(Path(folder, f"{image}.npz")) for folder in folders]
            both = [np.stack([part[name] for part in parts]) for name in ("mean", "scale")]
            try:
                pair = together(parts[0]["truth"], LaplaceMixture(*both))
            except InputError as error:
                report(f"{image} does not count: {error}")
                continue
            kept.setdefault(field, []).append(pair)
    return kept

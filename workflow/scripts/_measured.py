"""The rows of what was measured of the images of one run."""

from collections.abc import Mapping, Sequence
from typing import Any

from denoisekit.evaluation.sharpness import MeanCurve


def rows_of(
    identity: Mapping[str, str], image: str, values: Mapping[str, tuple[float, float]]
) -> list[dict[str, Any]]:
    """Return a row for every quantity of an image, its value beside the truth's own."""
    kept = {key: value for key, value in identity.items() if key != "simulated"}
    first = {**kept, "image": image, "simulated": identity["simulated"]}
    return [
        {**first, "quantity": name, "value": value, "truth_value": own}
        for name, (value, own) in values.items()
    ]


def curve_rows(
    identity: Mapping[str, str],
    curves: Mapping[str, tuple[MeanCurve, Sequence[float]]],
    pixel_size_um: float | None,
) -> list[dict[str, Any]]:
    """Return a row for every place of every mean curve, its value beside the truth's own."""
    kept = {key: value for key, value in identity.items() if key != "simulated"}
    return [
        {**kept, "curve": name, "pixel_size_um": pixel_size_um}
        | {"images": curve.images, "place": place, "value": value, "truth_value": truth}
        for name, (curve, truths) in curves.items()
        for place, value, truth in zip(curve.places, curve.values, truths, strict=True)
    ]

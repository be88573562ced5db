"""The rows of what was measured of the images of one run."""

from collections.abc import Mapping
from typing import Any


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

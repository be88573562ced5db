"""Model cards of a study: what a network was trained with, held against what the study asks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from denoisekit.errors import InputError

_ABSENT = "nothing"


def difference(card: Mapping[str, Any], asked: Mapping[str, Any]) -> str | None:
    """Say in which entry a model's card differs from what is asked, or None if in none.

    Parameters
    ----------
    card
        What the card holds: settings, seed, code, sha256 of the data; more of it is not compared.
    asked
        The entries to compare, in which mappings may lie in mappings.

    Returns
    -------
    str or None
        The first entry that differs, with both values, such as ``network.first_filters is 16 in its
        card, but the study asks for 8``.
    """
    asked = json.loads(json.dumps(asked))
    for key, value in asked.items():
        found = _first_difference(card.get(key, _ABSENT), value, key)
        if found:
            return found
    return None


def _first_difference(found: Any, asked: Any, place: str) -> str | None:
    if found == asked:
        return None
    if isinstance(found, Mapping) and isinstance(asked, Mapping):
        parts = (
            _first_difference(found.get(key, _ABSENT), asked.get(key, _ABSENT), f"{place}.{key}")
            for key in dict.fromkeys([*found, *asked])
        )
        return next(filter(None, parts))
    return f"{place} is {found} in its card, but the study asks for {asked}"


def check(card: Mapping[str, Any], asked: Mapping[str, Any], *, folder: Path) -> None:
    """Raise InputError if a network was trained otherwise than a study asks; see `difference`.

    `folder` is the model's.
    """
    found = difference(card, asked)
    if found:
        raise InputError(
            f"The network {folder} is not the one that the study asks for: {found}; delete that "
            "folder and run the same command again, which trains it anew."
        )


def check_data(card: Mapping[str, Any], data: Mapping[str, str], *, folder: Path) -> None:
    """Raise InputError if a network was trained on other data than is there now.

    `data` is the sha256 of each part of it by name, `folder` the model's.
    """
    trained_on = card.get("patches_sha256", {})
    other = [name for name, digest in data.items() if trained_on.get(name) != digest]
    if other:
        raise InputError(
            f"The network {folder} was trained on other data ({', '.join(other)}) than the study "
            "has now; delete that folder and run the same command again, which trains it anew."
        )

"""Cards of trained networks: what they must hold before anything is built from them.

A card may come from a stranger. Every number that decides how much is allocated or how often
something is done has a bound here, far beyond what trains on today's machines.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from denoisekit.errors import InputError
from denoisekit.schemas import check_schema

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
# Far beyond any camera's, and within what single precision holds the square of.
_NUMBER = {"type": "number", "minimum": -1e15, "maximum": 1e15}
_POSITIVE = {"type": "number", "minimum": 1e-15, "maximum": 1e15}


def _of(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the schema of a mapping that must hold these keys, or null."""
    return {
        "type": ["object", "null"],
        "required": list(properties),
        "additionalProperties": False,
        "properties": dict(properties),
        **more,
    }


_SCHEMAS: dict[str, dict[str, Any]] = {
    "card": {
        "$schema": _DRAFT,
        "type": "object",
        "required": ["network", "dims", "probabilistic"],
        "properties": {
            "network": {
                "type": "object",
                "required": ["architecture"],
                "properties": {
                    "architecture": {"type": "string"},
                    "depth": {"type": "integer", "minimum": 1, "maximum": 8},
                    "kernel_size": {"type": "integer", "minimum": 1, "maximum": 31},
                    "layers": {"type": "integer", "minimum": 1, "maximum": 128},
                    "blocks": {"type": "integer", "minimum": 1, "maximum": 128},
                },
                # Of plug-ins, whose options are not known here, too.
                "additionalProperties": {
                    "type": ["integer", "number", "boolean", "string"],
                    "minimum": 0,
                    "maximum": 65536,
                },
            },
            "dims": {"enum": [2, 3]},
            "probabilistic": {"type": "boolean"},
            "planes": {"type": "boolean"},
            "channels": {
                "type": "array",
                "minItems": 2,
                "maxItems": 16,
                "items": {"type": "string"},
            },
            "method": {
                "type": "object",
                "properties": {
                    "normalization": {"type": "string"},
                    "objective": {"type": "string"},
                    "frames": {"enum": [1, 3, 5, 7, 9, 11]},
                },
            },
            "normalizer": _of({"low": _NUMBER, "high": _NUMBER}),
            "units": {
                "type": "object",
                "properties": {
                    "noise": _of({"gain": _POSITIVE, "intercept": _NUMBER}),
                    "truth": _of({"gain": _NUMBER, "offset": _NUMBER}),
                    "z_spacing_um": _POSITIVE,
                },
            },
        },
    },
    "prediction": {
        "$schema": _DRAFT,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "weights": {"enum": ["best", "last"]},
            "percentiles": {
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "items": {"type": "number", "minimum": 0, "maximum": 100},
            },
            "normalize": {"enum": ["movie", "plane", None]},
            "units": {"enum": ["image", "truth"]},
            "turned": {"type": "boolean"},
        },
    },
}


def read(path: Path, *, kind: str) -> dict[str, Any]:
    """Read a ``card`` or a ``prediction`` and check what it holds.

    Raises
    ------
    InputError
        If it is no JSON, or one that describes no network, or none within bounds.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read ({error}); copy the model anew.") from error
    check_schema(content, schema=kind, schemas=_SCHEMAS, file=str(path))
    if (ends := content.get("normalizer")) and ends["high"] <= ends["low"]:
        raise InputError(
            f"{path}: normalizer.high, {ends['high']:g}, must lie above normalizer.low, "
            f"{ends['low']:g}; copy the model anew."
        )
    if ends and (which := _by_its_own_numbers(content)):
        raise InputError(
            f"{path} has a normalizer, but a network {which} takes each image by its own numbers "
            "and knows none; copy the model anew."
        )
    return dict(content)


def _by_its_own_numbers(card: Mapping[str, Any]) -> str | None:
    """Say which network this is, if it is one of those that normalise each image by itself."""
    if card["network"]["architecture"] == "projection-unet":
        return "that projects stacks"
    if card.get("method", {}).get("objective") == "isotropic":
        return "of isotropic restoration"
    return "of several channels" if card.get("channels") else None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a mapping whose keys are each given once; else the last would count unseen."""
    held = dict(pairs)
    if len(held) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"it has the key {twice!r} more than once")
    return held


def _refuse(constant: str) -> None:
    raise ValueError(f"it holds {constant} for a number")

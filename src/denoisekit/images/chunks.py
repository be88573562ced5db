"""Chunks of a Zarr array: how many of them are files, and how many are not there.

A chunk that is not there reads as the array's fill value, mostly 0, without an error: writers leave
out chunks of that value, and an interrupted copy leaves out any.

Source: the Zarr specifications 2 and 3 (zarr-specs.readthedocs.io).
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def missing(array: Path) -> int:
    """Return how many chunks of an array, or shards, are no files.

    Parameters
    ----------
    array
        The array's folder, with its ``.zarray`` or ``zarr.json``; 0 of any other.
    """
    grid = _grid(array)
    if grid is None:
        return 0
    shape, chunk, folder = grid
    expected = math.prod(-(-side // step) for side, step in zip(shape, chunk, strict=True))
    there = sum(path.is_file() for path in folder.rglob("*") if path.name[0].isdigit())
    return max(0, expected - there)


def arrays(group: Path) -> list[Path]:
    """Return the arrays of full size of an OME-Zarr's images, in order."""
    told = _json(group / ".zattrs") or _json(group / "zarr.json").get("attributes", {})
    images = told.get("ome", told).get("multiscales", [])
    return [group / image["datasets"][0]["path"] for image in images]


def _grid(array: Path) -> tuple[Sequence[int], Sequence[int], Path] | None:
    """Return an array's shape, that of a chunk, and the folder of the chunks' files."""
    if told := _json(array / ".zarray"):
        return told["shape"], told["chunks"], array
    told = _json(array / "zarr.json")
    if told.get("node_type") != "array" or told["chunk_grid"]["name"] != "regular":
        return None
    return told["shape"], told["chunk_grid"]["configuration"]["chunk_shape"], array


def _json(path: Path) -> Mapping[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

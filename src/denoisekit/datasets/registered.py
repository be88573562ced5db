"""Registered pairs: the table and the images that registration leaves."""

from pathlib import Path

from denoisekit.datasets.pairs import Pair, check_split, parse_region, region_text
from denoisekit.files import read_table
from denoisekit.images.image import Image, read_image


def registered_row(pair: Pair) -> dict[str, str | int]:
    """Return a pair's row in the table of a folder of registered pairs."""
    return {
        "image": pair.image,
        "split": pair.split,
        "field": pair.field,
        "series": pair.series,
        "low": pair.low,
        "high": pair.high or "",
        "page": "" if pair.page is None else pair.page,
        "region": region_text(pair.region),
    }


def read_registered(folder: str | Path) -> list[Pair]:
    """Read the pair table of a folder of registered pairs."""
    table = Path(folder, "pairs.tsv")
    return [
        Pair(
            image=row["image"],
            split=row["split"],
            low=row["low"],
            high=row["high"] or None,
            page=int(row["page"]) if row["page"] else None,
            region=parse_region(row["region"], str(table)),
            field=row["field"],
            series=row["series"],
            known_shift=None,
        )
        for row in read_table(table)
    ]


def registered_pairs(folder: str | Path, *, split: str) -> list[Pair]:
    """Return the pairs of one split of a folder of registered pairs.

    Raises
    ------
    InputError
        If no pair is of that split.
    """
    pairs = read_registered(folder)
    check_split(pairs, split=split, table=str(Path(folder, "pairs.tsv")))
    return [pair for pair in pairs if pair.split == split]


def read_exposure(folder: str | Path, image: str, exposure: str) -> Image:
    """Read the ``low`` or the ``high`` exposure of an image in a folder of registered pairs."""
    return read_image(Path(folder, exposure, f"{image}.tif"))

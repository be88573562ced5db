"""Read how long jobs took."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from denoisekit import files

# What shows how long jobs took, or when they ended, is none of them.
_LAST = ("write_report", "describe_run")


def read_benchmarks(
    folder: Path, *, names: Collection[str]
) -> Iterator[tuple[list[str], Mapping[str, str], Path]]:
    """Yield the rule and wildcards of every job, what Snakemake measured of it, and the file.

    Benchmarks of what a study no longer has stay there: `names` are the words that the others'
    paths are made of.
    """
    for path in sorted(folder.rglob("*.tsv")):
        words = path.relative_to(folder).with_suffix("").parts
        if words[0] not in _LAST and set(words) <= set(names):
            (measured,) = files.read_table(path)
            yield list(words), measured, path

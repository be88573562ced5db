"""Say what a study read: downloaded files by address and sha256, own ones by name and content."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from _downloads import downloaded
from denoisekit import files, provenance
from denoisekit.study import contents
from denoisekit.study.crate import Input, hash_identifier, own_files


def find(
    registered: Collection[str], study: Mapping, *, tables: Collection[str]
) -> Iterator[Input]:
    """Yield the tables of a study, the downloads that its images came from, and own images."""
    for table in tables:
        digest = provenance.file_sha256(table)
        yield Input("tables", hash_identifier(digest), Path(table).name, "As it was read", digest)
    downloads: dict[str, set[str]] = {}
    for folder in map(Path, registered):
        if "simulate" in study["datasets"][folder.name]:
            continue
        rows = files.read_table(folder / "pairs.tsv")
        found = {row[exposure] for row in rows for exposure in ("low", "high")} - {""}
        for source in study.get("sources", {}):
            below = {file for file in found if Path(file).parts[:2] == ("resources", source)}
            downloads.setdefault(source, set()).update(below)
        used = contents.as_used(folder)
        told = set(map(files.portable, tables))
        if own := {path: digest for path, digest in used.items() if path not in told}:
            yield own_files(f"Own images of {folder.name}", own)
    for source, found in sorted(downloads.items()):
        yield from downloaded(source, study["sources"][source]["catalogue"], found)


def of_labels(folders: Collection[str]) -> Iterator[Input]:
    """Yield the user's own labels, as they were when they were taken; one for each data set."""
    for folder in map(Path, folders):
        yield own_files(f"Labels of {folder.name}", contents.as_used(folder))


def from_outside(
    made_of: Mapping[str, Collection[str]], restored: Collection[str]
) -> Iterator[Input]:
    """Yield what methods from outside of the study are made of: what was taken, as it was then."""
    used = {path: told for folder in restored for path, told in contents.as_used(folder).items()}
    for name, made in made_of.items():
        others = contents.digests(path for path in made if files.portable(path) not in used)
        given = {path: used[path] for path in map(files.portable, made) if path in used}
        told = {files.portable(path): digest for path, digest in others.items()}
        yield own_files(f"What {name} is made of", given | told)

"""Say what was downloaded for a study, by address and sha256."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from denoisekit import provenance
from denoisekit.datasets import catalogues
from denoisekit.study.crate import Input, hash_identifier


def downloaded(source: str, catalogue_file: str, names: Collection[str]) -> Iterator[Input]:
    """Yield what images came from; what is not as published goes by its content."""
    catalogue = catalogues.read_catalogue(catalogue_file)
    entries = catalogues.files_of(catalogue)
    for file in sorted({_download(entries, Path(file)) for file in names}):
        path, published = Path("resources", source, file), entries[file].get("sha256")
        said = f"{file} of https://doi.org/{catalogue['doi']}, {catalogue['licence']}"
        # What is fetched by hand has none.
        address = next(iter(catalogues.addresses(catalogue, file)), "")
        if not address or "[" in address:
            address = f"https://doi.org/{catalogue['doi']}#{file}"
        if not path.exists():
            yield Input("images", address, file, f"{said}; it is not here to be checked")
            continue
        # Downloads were checked; a link leads to a file of the user's.
        linked = path.is_symlink()
        digest = published if published and not linked else provenance.file_sha256(path)
        if linked and digest != published:
            address, said = hash_identifier(digest), f"The user's own file in place of {said}"
        yield Input("images", address, file, said, digest)


def _download(entries: Mapping[str, Mapping], file: Path) -> str:
    """Return the name of what was downloaded for a file, which may be a member or a stack of it."""
    name = Path(*file.parts[2:]).as_posix()
    entry = entries.get(name) or entries[Path(name).parent.as_posix()]
    return entry.get("archive", entry.get("picture", name))

"""Sources of images: catalogues of published files, and where each file comes from.

A catalogue names a publication, the addresses it is offered at, and its files. A file is one of
three kinds: downloaded (it has a path below the addresses), a member of an archive that is another
file of the catalogue, or a grey image made of a picture that is another file of it. An entry may
also be a folder of stacks: a tree of them, each made of a folder of frames or of a file in an
archive, or those of the arrays of patches in one.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from denoisekit.errors import InputError
from denoisekit.files import unset_variables
from denoisekit.schemas import check_schema
from denoisekit.yaml_files import read_yaml

Catalogue = Mapping[str, Any]


def read_catalogue(path: str | Path) -> Catalogue:
    """Read a catalogue, a YAML file.

    Raises
    ------
    InputError
        If the file is missing or is not YAML as `denoisekit.yaml_files.read_yaml` takes it.
    """
    return read_yaml(path)


def check_catalogue(catalogue: Any, *, schemas: Mapping[str, Mapping[str, Any]], file: str) -> None:
    """Raise InputError unless what a file holds is a catalogue.

    Parameters
    ----------
    catalogue
        What the file holds.
    schemas
        JSON schemas by file name, ``catalogue.schema.yaml`` among them.
    file
        What to call the catalogue in an error.
    """
    check_schema(catalogue, schema="catalogue.schema.yaml", schemas=schemas, file=file)
    for name, entry in catalogue["files"].items():
        origin = entry.get("archive", entry.get("picture"))
        if origin is not None and "path" not in catalogue["files"].get(origin, {}):
            raise InputError(
                f"{file}: files.{name} is made of {origin!r}, which is not a file of the catalogue "
                "that has a path; add it."
            )


def files_of(catalogue: Catalogue) -> dict[str, Mapping[str, Any]]:
    """Return the entries of a catalogue by name, a tree of stacks as an entry per level."""
    files: dict[str, Mapping[str, Any]] = {}
    for name, entry in catalogue["files"].items():
        for level, frames in entry.get("frames", {}).items():
            folder = f"{entry['folder']}/{level}"
            files[f"{name}/{level}"] = {**entry, "folder": folder, "frames": frames}
        levels = entry.get("stacks", {})
        beside = list(dict.fromkeys(level["files"] for level in levels.values()))
        for level, taken in levels.items():
            own = {"archive": entry["archive"], "count": entry["count"]}
            files[f"{name}/{level}"] = {**own, **taken, "beside": beside}
        if "frames" not in entry and not levels:
            files[name] = entry
    return files


def stacks_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the stacks of one level by name, each with what it is made of.

    That is a folder of frames in the archive, an array of a file in there, or, where it is known
    from the archive alone, an empty text.
    """
    if "arrays" in entry:
        return {f"{name}.tif": array for name, array in entry["arrays"].items()}
    if "beside" in entry:
        count = entry["count"]
        return {f"{number:0{len(str(count))}}.tif": "" for number in range(1, count + 1)}
    fields = range(1, entry.get("fields", 0) + 1)
    return {f"{field}.tif": f"{entry['folder']}/{field}" for field in fields}


def addresses(catalogue: Catalogue, name: str) -> list[str]:
    """Return the full addresses of a file, in the order in which they are tried."""
    path = catalogue["files"][name]["path"]
    return [f"{address.rstrip('/')}/{path}" for address in catalogue["addresses"]]


def own_folder(source: Mapping[str, str], *, where: str) -> Path | None:
    """Return the folder of files that the user has already, if a source of a study names one.

    Environment variables are expanded. A folder whose variable is not set is not there.

    Raises
    ------
    InputError
        If there is no such folder; the error calls the source `where`.
    """
    folder = source.get("folder")
    if folder is None or unset_variables(folder):
        return None
    place = Path(os.path.expandvars(folder)).expanduser().absolute()
    if not place.is_dir():
        raise InputError(
            f"{where}.folder is {folder!r}, but there is no folder {place}; correct it, or leave "
            "it out, and the files are downloaded."
        )
    return place


def find_in_folder(catalogue: Catalogue, name: str, *, folder: Path) -> Path | None:
    """Find a file of a catalogue that the user has, by its name or its path in a folder.

    A name is looked for in the folder itself and in the subfolder that the path names.
    """
    path = folder / catalogue["files"][name]["path"]
    candidates = (folder / name, path, path.with_name(name))
    return next((file for file in candidates if file.is_file()), None)


def is_unpacked(entry: Mapping[str, Any], *, folder: Path | None) -> bool:
    """Say whether a folder that the user has holds what one level is made of, unpacked."""
    if folder is None:
        return False
    if "npz" in entry:
        return (folder / entry["npz"]).is_file()
    return (folder / (entry.get("folder") or PurePosixPath(entry["files"]).parent)).is_dir()


def advice(catalogue: Catalogue, *, source: str, target: Path) -> str:
    """Say what to do about a file that cannot be downloaded."""
    how = catalogue.get("by_hand", f"https://doi.org/{catalogue['doi']}")
    return (
        f"Fetch it by hand ({how}) and put it at "
        f"{target.absolute()}, or name a folder that holds it as sources.{source}.folder in the "
        "study; then run the same command again."
    )

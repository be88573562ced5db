"""Provenance: sha256 of files, and versions of packages."""

import hashlib
import platform
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

# The folders of an absolute path that stands in other text, as an option of a command does.
_FOLDERS = re.compile(r"""(?<![^\s='"(,\[])/(?:[^\s/'"]+/)+""")


def file_sha256(path: str | Path) -> str:
    """Return the sha256 of a file's bytes in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_sha256(folder: str | Path) -> dict[str, str]:
    """Return the sha256 of every file of a folder, by its name without suffix.

    Hidden files do not count: Snakemake leaves one in a folder that a job has made.
    """
    files = (path for path in sorted(Path(folder).iterdir()) if path.is_file())
    return {path.stem: file_sha256(path) for path in files if not path.name.startswith(".")}


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the version of Python and of each package that is installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def without_places(value: Any) -> Any:
    """Return settings of which absolute paths, which tell of a machine, are cut to their ends.

    Parameters
    ----------
    value
        What YAML holds. Texts that are a path lose all but its last name; those that hold paths, as
        what lies under a key ``command`` may, lose the folders of each.
    """
    if isinstance(value, Mapping):
        return {
            key: _FOLDERS.sub("", item)
            if (key, type(item)) == ("command", str)
            else without_places(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_places(item) for item in value]
    if not isinstance(value, str):
        return value
    return Path(value).name if Path(value).is_absolute() else _FOLDERS.sub("", value)

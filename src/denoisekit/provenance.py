"""Provenance: sha256 of files, and versions of packages."""

import hashlib
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path


def file_sha256(path: str | Path) -> str:
    """Return the sha256 of a file's bytes in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_sha256(folder: str | Path) -> dict[str, str]:
    """Return the sha256 of every file of a folder, by its name without suffix."""
    files = (path for path in sorted(Path(folder).iterdir()) if path.is_file())
    return {path.stem: file_sha256(path) for path in files}


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the version of Python and of each package that is installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found

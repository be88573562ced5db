"""Say which bytes and which versions a result came from."""

import hashlib
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path


def file_sha256(path: str | Path) -> str:
    """Return the sha256 of a file's bytes in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the version of Python and of each package that is installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found

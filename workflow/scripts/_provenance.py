"""Say which code, versions and command a page comes from, without naming the machine."""

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from denoisekit import __version__, plugins, provenance

PACKAGES = (
    *("numpy", "scipy", "scikit-image", "torch", "pandas", "matplotlib", "tifffile", "snakemake"),
    *plugins.packages(),
)


def describe(
    config_files: Sequence[str], checkout: Path, published_sums: Mapping[str, str]
) -> dict[str, str]:
    """Return what is known of the code, the versions, the command and own files, by heading.

    A config outside of the working directory goes by its name alone. `published_sums` holds what a
    source's files, as ``<source>/<name>``, should have as sha256.
    """
    versions = provenance.versions(PACKAGES)
    files = (path.name if (path := Path(file)).is_absolute() else file for file in config_files)
    said = {
        "Command": f"snakemake --cores all --configfile {shlex.join(files)}",
        "denoisekit": __version__,
        "Commit": commit(checkout),
        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
    differing = [
        file
        for file, published in published_sums.items()
        # Downloads were checked; a link leads to a file of the user's.
        if (path := Path("resources", file)).is_symlink()
        and provenance.file_sha256(path) != published
    ]
    if differing:
        said["Not the published files"] = f"{', '.join(differing)}: own ones of another sha256"
    return said


def commit(checkout: Path) -> str:
    """Return the git commit, and whether files differ from it."""
    try:
        # Installed, it may lie in a folder of somebody else's repository.
        _git(checkout, "ls-files", "--error-unmatch", ".")
        found = _git(checkout, "rev-parse", "HEAD")
        changed = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "not under version control"
    return f"{found} with uncommitted changes" if changed else found


def _git(checkout: Path, *arguments: str) -> str:
    command = ["git", "-C", str(checkout), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

"""Say which code, versions and command a page comes from, without naming the machine."""

import subprocess
from pathlib import Path

from denoisekit import __version__, provenance

_PACKAGES = (
    *("numpy", "scipy", "scikit-image", "torch", "pandas", "matplotlib", "tifffile", "snakemake"),
)


def describe(config_file: str, checkout: Path) -> dict[str, str]:
    """Return what is known of the code, the versions and the command, by heading."""
    versions = provenance.versions(_PACKAGES)
    return {
        "Command": f"snakemake --cores all --configfile {config_file}",
        "denoisekit": __version__,
        "Commit": _commit(checkout),
        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }


def _commit(checkout: Path) -> str:
    """Return the git commit, and whether files differ from it."""
    try:
        commit = _git(checkout, "rev-parse", "HEAD")
        changed = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "not under version control"
    return f"{commit} with uncommitted changes" if changed else commit


def _git(checkout: Path, *arguments: str) -> str:
    command = ["git", "-C", str(checkout), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

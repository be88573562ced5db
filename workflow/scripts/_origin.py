"""Say what a folder of stacks is made of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from denoisekit.datasets import catalogues
from denoisekit.files import write_text


def origin(archives: Sequence[str], *, file: str, sources: Mapping[str, Any], output: Path) -> Path:
    """Return the one archive, or else the user's folder of what was in it, noted in the output."""
    if archives:
        return Path(archives[0])
    name = file.partition("/")[0]
    folder = catalogues.own_folder(sources[name], where=f"sources.{name}")
    # By this the next plan knows that no archive is needed.
    write_text(output / "unpacked.txt", f"{folder}\n")
    return folder

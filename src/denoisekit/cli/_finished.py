"""Which images of a folder are restored already, so that an interrupted run goes on."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from denoisekit.files import read_table, write_table
from denoisekit.images.reading import with_members
from denoisekit.provenance import file_sha256
from denoisekit.study import contents

_NOTES = ".denoised.tsv"
_PACKAGE = Path(__file__).parents[1]


def recipe(files: Iterable[Path], **options: Any) -> str:
    """Return one sha256 of all that decides what an image is restored to, but the image.

    Parameters
    ----------
    files
        Networks and noise models: files, or the networks' folders. What is not there is left out.
    options
        Of the command.
    """
    code = {str(path.relative_to(_PACKAGE)): file_sha256(path) for path in _PACKAGE.rglob("*.py")}
    made_of = contents.digests(str(part) for file in files for part in _parts(file))
    return _sha256([sorted(code.items()), sorted(made_of.items()), sorted(options.items())])


def _parts(file: Path) -> list[Path]:
    """Return the files of a network's folder, or a file itself, if it is there."""
    if not file.is_dir():
        return [file] if file.exists() else []
    return [part for part in file.iterdir() if part.suffix in (".json", ".safetensors")]


def _sha256(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


class Finished:
    """Notes of what each restored image of a folder was made of and by.

    Parameters
    ----------
    folder
        Where restored images lie.
    made_by
        What `recipe` returns for this run.
    """

    def __init__(self, folder: Path, made_by: str) -> None:
        self._file, self._made_by = folder / _NOTES, made_by
        rows = read_table(self._file) if self._file.is_file() else []
        self._notes: dict[str, Mapping[str, str]] = {row["image"]: row for row in rows}

    def has(self, source: Path, target: Path) -> bool:
        """Say whether a target holds just what this run would make of a source."""
        if target.name not in self._notes or not target.exists():
            return False
        return self._notes[target.name] == self._note(source, target)

    def add(self, source: Path, target: Path) -> None:
        """Note that a source was restored to a target."""
        self._notes[target.name] = self._note(source, target)
        write_table(self._file, list(self._notes.values()))

    def _note(self, source: Path, target: Path) -> Mapping[str, str]:
        written = target.stat()
        return {
            "image": target.name,
            "made_of": _sha256(sorted(contents.digests(with_members([str(source)])).values())),
            "made_by": self._made_by,
            "written": f"{written.st_size}.{written.st_mtime_ns}",
        }

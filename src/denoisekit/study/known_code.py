"""Remember the fingerprints of code that is as it was, so that it need not be read again.

To follow names through the whole library takes seconds, and every start of the workflow does it,
that of a cluster's job among them.
"""

import contextlib
import hashlib
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from denoisekit.files import read_json, write_json
from denoisekit.provenance import file_sha256
from denoisekit.study.fingerprint import code_fingerprint


class Fingerprints:
    """The fingerprints of scripts in a folder, remembered beside Python's own compiled modules.

    They hold for one content of all Python files of the package and of the scripts' folder, and
    for one Python; with any other they are found anew.

    Parameters
    ----------
    package
        The folder of the package, whose name is the package's.
    scripts
        The folder of the scripts and of the modules beside them.
    left_out
        Modules and definitions that change no result.
    """

    def __init__(self, *, package: Path, scripts: Path, left_out: Collection[str]) -> None:
        self._package, self._scripts, self._left_out = package, scripts, left_out
        self._memory = package / "__pycache__" / "fingerprints.json"
        self._dates = self._dated()
        self._code = self._sha256()
        self._known: dict[str, str] = self._remembered()

    def of(self, script: str, modules: Iterable[str]) -> str:
        """Return the fingerprint of a script, by its name, and of modules chosen at run time.

        See `denoisekit.study.fingerprint.code_fingerprint`.
        """
        modules = list(modules)
        name = " ".join([script, *modules])
        if name not in self._known:
            self._known[name] = code_fingerprint(
                self._scripts / f"{script}.py",
                package=self._package,
                modules=modules,
                left_out=self._left_out,
            )
            self._remember()
        return self._known[name]

    def _remembered(self) -> dict[str, str]:
        # Of another program's version, cut short or not there: then nothing is known.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = read_json(self._memory)
            if kept["code"] == self._code:
                return dict(kept["fingerprints"])
        return {}

    def _remember(self) -> None:
        # What was edited meanwhile may have been read before or after.
        if self._dated() == self._dates:
            # Where the program lies may be closed to who runs it.
            with contextlib.suppress(OSError):
                write_json(self._memory, {"code": self._code, "fingerprints": self._known})

    def _sha256(self) -> str:
        digest = hashlib.sha256(f"{sys.version} {sorted(self._left_out)}\n".encode())
        for file in self._files():
            digest.update(f"{file_sha256(file)}  {file}\n".encode())
        return digest.hexdigest()

    def _dated(self) -> list[tuple[Path, int, int]]:
        return [
            (file, state.st_mtime_ns, state.st_size)
            for file, state in ((file, file.stat()) for file in self._files())
        ]

    def _files(self) -> Iterator[Path]:
        for folder in (self._package, self._scripts):
            yield from sorted(folder.rglob("*.py"))

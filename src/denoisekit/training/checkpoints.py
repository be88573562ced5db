"""Keep the state of a training in a file, so that one that is killed goes on where it was.

The file is safetensors, which holds numbers and runs nothing.
"""

import hashlib
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from denoisekit import files

_SECONDS_BETWEEN = 10


@dataclass(frozen=True)
class State:
    """All that a training needs to go on after an epoch: weights and the like, and its history."""

    tensors: Mapping[str, torch.Tensor]
    history: list[dict[str, float]]


class Checkpoint:
    """The state of one training, in a folder of its own.

    Parameters
    ----------
    folder
        Where to keep the state; made when there is one, and gone after `remove`.
    identity
        All that decides the training's numbers, as JSON can hold it. A state of another identity is
        not used.
    report
        Is told, in one line each, what becomes of a state that is there.
    """

    def __init__(
        self, folder: str | Path, *, identity: Mapping[str, Any], report: Callable[[str], None]
    ) -> None:
        self._path = Path(folder) / "state.safetensors"
        self._identity = json.loads(json.dumps(identity))
        self._report = report
        self._kept = -math.inf

    def load(self) -> State | None:
        """Return the state that is kept, or None if there is none, or none that can be used."""
        if not self._path.is_file():
            return None
        try:
            found, state = _read(self._path)
        except (OSError, SafetensorError, ValueError) as error:
            self._report(f"{self._path} is damaged ({error}); training starts anew")
            return None
        differing = [
            key
            for key in {**found, **self._identity}
            if key not in found or found[key] != self._identity.get(key)
        ]
        if differing:
            self._report(
                f"{self._path} is of a training that differs in {', '.join(differing)}; "
                "training starts anew"
            )
            return None
        self._report(f"training was interrupted and goes on after epoch {len(state.history)}")
        return state

    def keep(self, state: State) -> None:
        """Keep a state in place of the last one, unless that is younger than ten seconds.

        A disk that is full does not end the training.
        """
        if time.monotonic() - self._kept < _SECONDS_BETWEEN:
            return
        tensors = {name: value.cpu().contiguous() for name, value in state.tensors.items()}
        facts = json.dumps({"identity": self._identity, "history": state.history})
        metadata = {"facts": facts, "sha256": _sha256(tensors, facts)}
        try:
            with files.replacing(self._path) as temporary:
                temporary.write_bytes(save(tensors, metadata))
        except OSError as error:
            self._report(f"the training's state cannot be kept ({error}); training goes on")
        self._kept = time.monotonic()

    def remove(self) -> None:
        """Remove the folder, and those above it that are then empty, once the results are safe."""
        shutil.rmtree(self._path.parent, ignore_errors=True)
        with suppress(OSError):
            os.removedirs(self._path.parent.parent)


def _read(path: Path) -> tuple[dict[str, Any], State]:
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    facts = metadata.get("facts", "")
    if metadata.get("sha256") != _sha256(tensors, facts):
        raise ValueError("its contents do not have the checksum they were written with")
    content = json.loads(facts)
    return content["identity"], State(tensors, content["history"])


def _sha256(tensors: Mapping[str, torch.Tensor], facts: str) -> str:
    digest = hashlib.sha256(facts.encode())
    for name, value in sorted(tensors.items()):
        digest.update(f"\n{name} {tuple(value.shape)} {value.dtype}\n".encode())
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()

"""Say in a model's card what it was trained with: all that decides its numbers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from denoisekit import plugins, provenance
from denoisekit.computing import find_device, number_type


def describe(
    run: Iterable[tuple[str, str]],
    settings: Mapping[str, Any],
    *,
    patches: Path,
    noise_model: str | None,
    threads: int,
    code: str,
) -> dict[str, Any]:
    """Return the settings, the data, the machine's kind, the code and the versions of a training.

    Equal values give equal weights. `run` names the train set, the method and the seed; `patches`
    is the folder of what is trained on.
    """
    device, data = find_device(), provenance.folder_sha256(patches)
    if noise_model:
        data["noise_model"] = provenance.file_sha256(noise_model)
    return {
        **dict(run),
        **settings,
        "computed_in": number_type(settings["training"]["precision"], device=device, training=True),
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": threads,
        "patches_sha256": data,
        "code": code,
        "versions": provenance.versions(["denoisekit", "numpy", "torch", *plugins.packages()]),
    }

"""Say in a model's card what it was trained with: all that decides its numbers."""

from typing import Any

import torch

import _patches
from denoisekit import provenance
from denoisekit.computing import number_type


def describe(snakemake: Any, device: str) -> dict[str, Any]:
    """Return the settings, the data, the machine's kind, the code and the versions of a training.

    Equal values give equal weights.
    """
    settings = snakemake.params.settings
    data = provenance.folder_sha256(_patches.find_folder(snakemake))
    if snakemake.input.get("noise_model"):
        data["noise_model"] = provenance.file_sha256(snakemake.input.noise_model)
    return {
        **dict(snakemake.wildcards.items()),
        **settings,
        "computed_in": number_type(settings["training"]["precision"], device=device, training=True),
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": snakemake.threads,
        "patches_sha256": data,
        "code": snakemake.params.code,
        "versions": provenance.versions(["denoisekit", "numpy", "torch"]),
    }

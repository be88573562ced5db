"""Say in a model's card what it was trained with: all that decides its numbers."""

from typing import Any

import torch

import _patches
from denoisekit import provenance
from denoisekit.computing import number_type
from denoisekit.study.model_cards import data_sha256


def describe(snakemake: Any, device: str) -> dict[str, Any]:
    """Return the settings, the data, the machine's kind, the code and the versions of a training.

    Equal values give equal weights.
    """
    settings = snakemake.params.settings
    folder, noise_model = _patches.find_folder(snakemake), snakemake.input.get("noise_model")
    return {
        **dict(snakemake.wildcards.items()),
        **settings,
        "computed_in": number_type(settings["training"]["precision"], device=device, training=True),
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": snakemake.threads,
        "patches_sha256": data_sha256(folder, noise_model=noise_model),
        "code": snakemake.params.code,
        "versions": provenance.versions(["denoisekit", "numpy", "torch"]),
    }

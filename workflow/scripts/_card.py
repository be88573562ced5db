"""Say in a model's card what it was trained with: all that decides its numbers."""

from typing import Any

import torch

from denoisekit import precision, provenance


def describe(snakemake, device: str) -> dict[str, Any]:
    """Return the settings, the data, the machine's kind, the code and the versions of a training.

    Equal values give equal weights.
    """
    data = {name: path for name, path in snakemake.input.items() if name != "apart"}
    return {
        **dict(snakemake.wildcards.items()),
        **snakemake.params.settings,
        "computed_in": precision.number_type(
            snakemake.params.settings["training"]["precision"], device=device, training=True
        ),
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": snakemake.threads,
        "patches_sha256": {name: provenance.file_sha256(path) for name, path in data.items()},
        "code": snakemake.params.code,
        "versions": provenance.versions(["denoisekit", "numpy", "torch"]),
    }

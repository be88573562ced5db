"""Keep a trained network in a folder, and load it again.

The folder holds the weights as safetensors (``best`` by validation loss, and ``last``), a card and
the history of the training. Loading runs no code from the folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import nn

from denoisekit import files, networks
from denoisekit.errors import InputError
from denoisekit.images import windows
from denoisekit.networks import Network


def save_weights(path: str | Path, weights: Mapping[str, torch.Tensor]) -> None:
    """Write a network's weights as safetensors."""
    with files.replacing(path) as temporary:
        temporary.write_bytes(save({name: value.contiguous() for name, value in weights.items()}))


def load(weights: str | Path, card: Mapping[str, Any], *, device: str) -> Network:
    """Rebuild a network from its weights and its card.

    Parameters
    ----------
    weights
        A file that `save_weights` wrote.
    card
        The model's card, of which ``network``, ``dims``, ``probabilistic`` and of ``method`` the
        ``frames`` are used.
    device
        ``cpu`` or ``cuda``.

    Raises
    ------
    InputError
        If the weights do not fit the network that the card describes.
    """
    network = networks.build(
        card["network"],
        dims=card["dims"],
        probabilistic=card["probabilistic"],
        channels=len(windows.seen(card.get("method", {}))),
    )
    try:
        network.load_state_dict(load_file(weights))
    except (RuntimeError, OSError) as error:
        raise InputError(
            f"{weights} does not hold the weights that its card describes ({error})."
        ) from error
    return network.to(device).eval()


def count_parameters(network: nn.Module) -> int:
    """Return the number of trained numbers in a network."""
    return sum(parameter.numel() for parameter in network.parameters())

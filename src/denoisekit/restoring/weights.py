"""Keep a trained network in a folder, and load it again.

The folder holds the weights as safetensors (``best`` by validation loss, and ``last``), a card and
the history of the training. Loading runs no code from the folder.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save
from torch import nn

from denoisekit import files, networks
from denoisekit.errors import InputError, first_line
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
        The model's card, of which ``network``, ``dims``, ``probabilistic``, ``channels`` and of
        ``method`` the ``frames`` are used.
    device
        ``cpu`` or ``cuda``.

    Raises
    ------
    InputError
        If the weights do not fit the network that the card describes.
    """
    with _fitting(weights):
        # Without memory, so that a card that asks for more than the file holds takes none.
        with torch.device("meta"):
            described = build(card).state_dict()
        # As bytes: of a file that is mapped and cut meanwhile the process would die.
        found = read_tensors(Path(weights).read_bytes())
        _check_shapes(found, described)
        network = build(card)
        network.load_state_dict(found)
    bad = sum(int((~torch.isfinite(part)).sum()) for part in found.values())
    if bad:
        raise InputError(
            f"{weights} holds {bad} numbers that are NaN or infinite, with which nothing can be "
            "restored; copy the model anew, or train it again with a lower learning rate."
        )
    return network.to(device).eval()


def build(card: Mapping[str, Any]) -> Network:
    """Build the network that a card describes, untrained; its parts are those that `load` uses."""
    joint = card.get("channels", ())
    return networks.build(
        card["network"],
        dims=card["dims"],
        probabilistic=card["probabilistic"],
        channels=len(joint) or len(windows.seen(card.get("method", {}))),
        jointly=bool(joint),
    )


@contextmanager
def _fitting(weights: str | Path) -> Iterator[None]:
    """Turn what is raised over a card and weights that do not fit into one sentence."""
    try:
        yield
    except InputError:
        raise
    except (SafetensorError, RuntimeError, TypeError, ValueError, OSError) as error:
        raise InputError(
            f"{weights} does not hold the weights that its card describes ({first_line(error)}); "
            "copy the whole folder of the model anew."
        ) from error


def _check_shapes(held: Mapping[str, torch.Tensor], described: Mapping[str, torch.Tensor]) -> None:
    """Raise ValueError unless a file has just the arrays that a network has."""
    found, wanted = (
        {name: tuple(part.shape) for name, part in parts.items()} for parts in (held, described)
    )
    for name in sorted({*found, *wanted}):
        if found.get(name) != wanted.get(name):
            raise ValueError(
                f"{name} is {found.get(name) or 'not there'} and should be "
                f"{wanted.get(name) or 'not there'}"
            )
        if described[name].is_floating_point() and not held[name].is_floating_point():
            # They would be taken for weights.
            raise ValueError(f"{name} is of {held[name].dtype} and should be of float32")


def count_parameters(network: nn.Module) -> int:
    """Return the number of trained numbers in a network."""
    return sum(parameter.numel() for parameter in network.parameters())

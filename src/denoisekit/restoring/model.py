"""Trained networks: rebuilt from their weights and their card, on a device."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from denoisekit._checks import shape_text
from denoisekit.computing import find_device
from denoisekit.datasets.common_units import TruthUnits
from denoisekit.errors import InputError
from denoisekit.images import windows
from denoisekit.images.normalization import Normalizer
from denoisekit.networks import Network
from denoisekit.noise.estimate import NoiseFit
from denoisekit.restoring import weights as weights_file


@dataclass(frozen=True)
class Model:
    """A trained network and what is known of it.

    Attributes
    ----------
    network
        On the device, in evaluation mode.
    card
        What the network is, and what it was trained with.
    device
        ``cpu`` or ``cuda``.
    """

    network: Network
    card: Mapping[str, Any]
    device: str

    @cached_property
    def normalizer(self) -> Normalizer | None:
        """What all images are normalised by, or None where each is by its own percentiles."""
        told = self.card["normalizer"]
        return Normalizer(**told) if told else None

    @cached_property
    def noise(self) -> NoiseFit | None:
        """Photon-transfer line of the units that it was trained in, where it was measured."""
        told = self.card.get("units", {}).get("noise")
        return NoiseFit(**told) if told else None

    @cached_property
    def truth(self) -> TruthUnits | None:
        """How the truths that it was trained on count against these units, where they agree."""
        told = self.card.get("units", {}).get("truth")
        return TruthUnits(**told) if told else None

    @property
    def in_common_units(self) -> bool:
        """Whether images in other units are brought to those of the training."""
        method: Mapping[str, Any] = self.card.get("method", {})
        return method.get("normalization") == "photons"

    @property
    def normalises_each_image(self) -> bool:
        """Whether images are normalised as they are, not all by the numbers of the training."""
        return self.normalizer is None or self.in_common_units

    @property
    def frames(self) -> int:
        """How many frames of a movie it looks at to restore one; 1 of single images."""
        return windows.length(self.card.get("method", {}))

    @property
    def seen(self) -> list[int]:
        """Which of these frames it sees."""
        return windows.seen(self.card.get("method", {}))

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels are called that it restores jointly, in their order; none of one."""
        return tuple(self.card.get("channels", ()))

    @property
    def plane_by_plane(self) -> bool:
        """Whether it is a network of planes that learned from volumes, and restores these."""
        return bool(self.card.get("planes", False))

    @property
    def volumes(self) -> bool:
        """Whether images must be volumes."""
        return self.card["dims"] == 3 or self.plane_by_plane

    def check_axes(self, pixels: np.ndarray, *, name: str) -> None:
        """Raise InputError unless an image has the axes that the network takes."""
        if self.channels:
            raise InputError(
                f"{name} is one image, but the network restores the channels "
                f"{', '.join(self.channels)} jointly; give all of them, in this order, to "
                "'denoisekit.restoring.channels'."
            )
        if self.frames > 1 and (pixels.ndim != 3 or len(pixels) != self.frames):
            raise InputError(
                f"{name} is {shape_text(pixels) or 'a single number'}, but the network restores "
                f"the middle one of {self.frames} frames, (T, Y, X); give these."
            )
        if self.frames == 1 and pixels.ndim != (3 if self.volumes else 2):
            axes = "volumes, (Z, Y, X)" if self.volumes else "planes, (Y, X)"
            raise InputError(
                f"{name} is {shape_text(pixels) or 'a single number'}, but the network restores "
                f"{axes}; give one {'volume' if self.volumes else 'plane'} at a time."
            )


def load(weights: str | Path, card: Mapping[str, Any], *, device: str | None = None) -> Model:
    """Rebuild a trained network from its weights and its card.

    Parameters
    ----------
    weights
        A file of a model's folder, such as ``last.safetensors``.
    card
        The model's card.
    device
        ``cpu`` or ``cuda``; if not given, the GPU where there is one.

    Raises
    ------
    InputError
        If the weights do not fit the network that the card describes, or there is no such device.
    """
    device = find_device(device)
    return Model(weights_file.load(weights, card, device=device), card, device)

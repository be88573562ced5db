"""A network trained on simulated structures alone, between a variance-stabilising transform.

It saw no real image and learns nothing of this one, but its noise. benchmarks/pretrain.py trains
it; how is in the card beside the weights.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from denoisekit import _checks
from denoisekit.computing import find_device, one_thread
from denoisekit.errors import InputError
from denoisekit.filters._calibration import Filtered, restore_stabilised
from denoisekit.images.normalization import Normalizer
from denoisekit.networks.unet import UNet
from denoisekit.noise.estimate import estimate_noise
from denoisekit.noise.usable import Unusable, sound
from denoisekit.restoring import inference

NETWORK: dict[str, Any] = {"depth": 3, "kernel_size": 3, "first_filters": 24}
_WEIGHTS = Path(__file__).with_name("pretrained.safetensors")
# Other weights are another filter: this line is what tells a study so.
_SHA256 = "90790d17b648f8e09600095c10f772d7e94184b52115f5c5a647ea5d0a419626"
_TILE = 512


def restore(image: np.ndarray, *, usable: np.ndarray | None = None) -> Filtered:
    """Restore an image by a network that was trained on simulated structures.

    The noise is fitted to the image alone, the generalised Anscombe transform makes its standard
    deviation 1 everywhere, and that is the noise the network was trained with. The mean over all
    eight orientations of the image is returned.

    Parameters
    ----------
    image
        Noisy pixels in any unit, (Y, X), 32 a side or more.
    usable
        Where the noise is to be learned, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings name the noise that was fitted.

    Raises
    ------
    InputError
        If the image has not two dimensions, its noise cannot be estimated, or the weights are not
        those that the filter came with.
    """
    if image.ndim != 2:
        raise InputError(
            "The filter pretrained is for images of two dimensions, but this one has "
            f"{_checks.shape_text(image)} pixels; give it plane by plane."
        )
    image, usable = sound(image, usable, name="The image to restore")
    nothing = np.zeros(image.shape, dtype=bool)
    device = find_device()

    def smooth(even: np.ndarray) -> np.ndarray:
        middle = float(np.mean(even[usable]))
        return inference.restore(
            _network(device),
            even,
            percentiles=(0, 100),
            tile=_TILE,
            precision="full",
            device=device,
            name="The image to restore",
            normalizer=Normalizer(middle, middle + 1),
            unusable=Unusable(nothing, nothing),
            turned=True,
        ).mean

    with one_thread():
        return restore_stabilised(image, smooth, noise=estimate_noise(image, usable), usable=usable)


def build() -> UNet:
    """Return the network, untrained."""
    return UNet(dims=2, probabilistic=False, **NETWORK)


@cache
def _network(device: str) -> UNet:
    """Load the network, once; weights that are not those it came with are an InputError."""
    if hashlib.sha256(_WEIGHTS.read_bytes()).hexdigest() != _SHA256:
        raise InputError(
            f"{_WEIGHTS} is not the file that this version of denoisekit came with; install "
            "denoisekit anew."
        )
    network = build()
    network.load_state_dict(load_file(_WEIGHTS))
    # torch's types know of no memory format.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.to(device).eval()

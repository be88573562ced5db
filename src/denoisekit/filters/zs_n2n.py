"""Zero-shot Noise2Noise (ZS-N2N): a small network learns each image from that image alone.

The image's two diagonals of every 2 x 2 px, averaged, are two pictures of one scene, half as large,
whose noises are independent: each is learned from the other. What is restored of them must agree
with the same diagonals of the restored image, which is how the network learns to restore the image
at its own size.
"""

import threading

import numpy as np
import torch
from torch import nn

from denoisekit import _checks
from denoisekit.computing import one_thread
from denoisekit.errors import InputError
from denoisekit.filters._calibration import Filtered
from denoisekit.noise.usable import sound, within

_FILTERS = 48
_SLOPE = 0.2
_LEARNING_RATE = 1e-3
# Of the steps, after which the rate is halved.
_FIRST_PART = 0.75
_SEED = 0
# Rows that are restored at once, and how far a pixel sees.
_ROWS, _REACH = 256, 2
# Weights are drawn from torch's one generator.
_ONE_AT_A_TIME = threading.Lock()


def restore(
    image: np.ndarray, *, steps: int, patch_size: int, usable: np.ndarray | None = None
) -> Filtered:
    """Train a network on an image alone, by zero-shot Noise2Noise, and restore the image with it.

    Images are scaled to 0 to 1, so that units do not matter, and the seed is always the same.
    Restored images differ in their last digits between processors.

    Parameters
    ----------
    image
        Noisy pixels in any unit, (Y, X), whose noise is independent from pixel to pixel.
    steps
        Steps of the training, one picture each; 2000 in the authors' code.
    patch_size
        Largest side in px of what is seen in a step: of a larger image, another part in each. The
        authors show the whole image in each.
    usable
        Where to measure the scale, as `denoisekit.noise.usable.sound` takes it.

    Returns
    -------
    Filtered
        Its settings are empty: nothing is chosen for an image.

    Raises
    ------
    InputError
        If the image has not two dimensions, is constant or not finite, or an option is too small.

    References
    ----------
    .. [1] Y. Mansour, R. Heckel, "Zero-shot Noise2Noise: efficient image denoising without any
       data", CVPR 2023, arXiv:2303.11253.
    """
    if image.ndim != 2:
        raise InputError(
            "The filter zs-n2n is for images of two dimensions, but this one has "
            f"{_checks.shape_text(image)} pixels; give it plane by plane."
        )
    for name, value, least in (("steps", steps, 1), ("patch_size", patch_size, 8)):
        if value < least:
            raise InputError(
                f"The option {name} of the filter zs-n2n must be {least} or more, but is {value!r}."
            )
    image, usable = sound(image, usable, name="The image to restore")
    _checks.not_constant(within(image, usable), name="The image to restore")
    lowest, highest = (float(end) for end in (image[usable].min(), image[usable].max()))
    scaled = (image.astype(np.float64) - lowest) / (highest - lowest)
    noisy = torch.from_numpy(scaled.astype(np.float32))[None, None]
    with one_thread():
        restored = _apply(_train(noisy, steps=steps, patch_size=patch_size), noisy)
    pixels = restored[0, 0].numpy() * (highest - lowest) + lowest
    return Filtered(pixels.astype(np.float32), {})


def halves(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the means of either diagonal of every 2 x 2 px; an odd last line is left out.

    Parameters
    ----------
    images
        (N, 1, Y, X).

    Returns
    -------
    tuple of torch.Tensor
        (N, 1, Y // 2, X // 2) both.
    """
    y, x = (side // 2 * 2 for side in images.shape[2:])
    top, bottom = images[..., 0:y:2, :x], images[..., 1:y:2, :x]
    return (
        (top[..., 1::2] + bottom[..., 0::2]) / 2,
        (top[..., 0::2] + bottom[..., 1::2]) / 2,
    )


def loss(network: nn.Module, noisy: torch.Tensor) -> torch.Tensor:
    """Return how badly a network, which predicts the noise, restores each half from the other.

    The symmetric residual loss and the consistency loss of the paper, added up.
    """
    first, second = halves(noisy)
    of_first, of_second = first - network(first), second - network(second)
    residual = _mse(of_first, second) + _mse(of_second, first)
    whole_first, whole_second = halves(noisy - network(noisy))
    consistency = _mse(of_first, whole_first) + _mse(of_second, whole_second)
    return (residual + consistency) / 2


_mse = nn.functional.mse_loss


def _train(noisy: torch.Tensor, *, steps: int, patch_size: int) -> nn.Module:
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        network = nn.Sequential(
            nn.Conv2d(1, _FILTERS, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(_FILTERS, _FILTERS, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(_FILTERS, 1, 1),
        )
    optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
    halved = torch.optim.lr_scheduler.MultiStepLR(optimizer, [int(_FIRST_PART * steps)], gamma=0.5)
    rng = np.random.default_rng(_SEED)
    for _ in range(steps):
        spare = [max(0, side - patch_size) for side in noisy.shape[2:]]
        y, x = (int(rng.integers(left + 1)) for left in spare)
        part = noisy[..., y : y + patch_size, x : x + patch_size]
        optimizer.zero_grad()
        loss(network, part).backward()
        optimizer.step()
        halved.step()
    return network


@torch.no_grad()
def _apply(network: nn.Module, noisy: torch.Tensor) -> torch.Tensor:
    """Restore an image some rows at a time, to bound the memory."""
    parts = []
    for top in range(0, noisy.shape[2], _ROWS):
        above = min(top, _REACH)
        rows = noisy[:, :, top - above : top + _ROWS + _REACH]
        parts.append((rows - network(rows))[:, :, above : above + _ROWS])
    return torch.cat(parts, dim=2)

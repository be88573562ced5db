"""Choose the numbers that a network computes in.

In ``mixed`` precision convolutions take 16 bits where the device has instructions for it, and add
up in float32. Training takes bfloat16, which has the range of float32 for gradients, but three
bits less than float16; these restore, since rounded features show in an image where large ones
cancel to a small change, as CARE's probabilistic network has them. Weights, restored images, losses
with their Fourier transforms, and the optimiser's state are float32 always. In ``full`` precision
all is float32, without the shorter products that some GPUs put in its place.
"""

import torch

from denoisekit._checks import one_of

_PRECISIONS = ("full", "mixed")


def computing(precision: str, *, device: str, training: bool) -> torch.autocast:
    """Return a context in which networks compute in a precision.

    Parameters
    ----------
    precision
        ``full`` or ``mixed``.
    device
        ``cpu`` or ``cuda``.
    training
        Whether the network is being trained, not restoring.
    """
    number = getattr(torch, number_type(precision, device=device, training=training))
    # Each weight is used once a step, so a cache of converted ones would only stand in the way of
    # recording a step as a CUDA graph.
    return torch.autocast(
        device,
        number,
        enabled=number is not torch.float32,
        cache_enabled=False,
    )


def number_type(precision: str, *, device: str, training: bool) -> str:
    """Return what convolutions take: ``bfloat16``, ``float16`` or ``float32``.

    Raises
    ------
    InputError
        If there is no such precision.
    """
    one_of(precision, _PRECISIONS, name="The precision")
    if precision == "mixed" and training and _has_bfloat16(device):
        return "bfloat16"
    if precision == "mixed" and not training and _has_float16(device):
        return "float16"
    return "float32"


def _has_bfloat16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()


def _has_float16(device: str) -> bool:
    return device == "cuda" or torch.cpu._is_amx_fp16_supported()

"""Choose the numbers that a network computes in.

In ``mixed`` precision convolutions take bfloat16 (the range of float32 with three decimal digits)
where the device has instructions for it, and add up in float32. Weights, restored images, losses
with their Fourier transforms, and the optimiser's state are float32 always. In ``full`` precision
all is float32, without the shorter products that some GPUs put in its place.
"""

import torch

from denoisekit._checks import one_of

_PRECISIONS = ("full", "mixed")


def computing(precision: str, *, device: str) -> torch.autocast:
    """Return a context in which networks compute in a precision.

    Parameters
    ----------
    precision
        ``full`` or ``mixed``.
    device
        ``cpu`` or ``cuda``.
    """
    # Each weight is used once a step, so a cache of converted ones would only stand in the way of
    # recording a step as a CUDA graph.
    return torch.autocast(
        device,
        torch.bfloat16,
        enabled=number_type(precision, device=device) == "bfloat16",
        cache_enabled=False,
    )


def number_type(precision: str, *, device: str) -> str:
    """Return what convolutions take: ``bfloat16`` or ``float32``.

    Raises
    ------
    InputError
        If there is no such precision.
    """
    one_of(precision, _PRECISIONS, name="The precision")
    return "bfloat16" if precision == "mixed" and _has_bfloat16(device) else "float32"


def _has_bfloat16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()

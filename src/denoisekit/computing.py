"""Device, precision and determinism of torch: where and in what it computes, from which seed."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import torch

from denoisekit._checks import one_of
from denoisekit.errors import InputError

_DEVICES = ("cpu", "cuda")
_PRECISIONS = ("full", "mixed")


def find_device(asked: str | None = None) -> str:
    """Return the device to compute on: the one that is asked for, or else a GPU if there is one.

    Parameters
    ----------
    asked
        ``cpu`` or ``cuda``.

    Raises
    ------
    InputError
        If there is no such device.
    """
    if asked is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    one_of(asked, _DEVICES, name="The device")
    if asked == "cuda" and not torch.cuda.is_available():
        raise InputError("The device cuda was asked for, but torch finds no GPU; ask for cpu.")
    return asked


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
    if precision == "full":
        return "float32"
    # Gradients need bfloat16's range, and restored images float16's digits, if there are such.
    if not training and _has_float16(device):
        return "float16"
    return "bfloat16" if _has_bfloat16(device) else "float32"


def describe(precision: str) -> str:
    """Say in words what networks are trained on, and whether a card lies idle.

    Parameters
    ----------
    precision
        ``full`` or ``mixed``.
    """
    device = find_device()
    number = number_type(precision, device=device, training=True)
    if device == "cuda":
        return f"{torch.cuda.get_device_name()}, {number}"
    said = f"{os.cpu_count() or 1} cores, {number}"
    idle = shutil.which("nvidia-smi") is not None
    return said + ("; no CUDA in this torch although an Nvidia card is there" if idle else "")


def _has_bfloat16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    has = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    # False, too, where ONEDNN_MAX_CPU_ISA keeps convolutions from these instructions.
    return has and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _has_float16(device: str) -> bool:
    return device == "cuda" or torch.cpu._is_amx_fp16_supported()


def seed_everything(seed: int, *, threads: int) -> None:
    """Seed torch, choose its repeatable algorithms, and tie it to a number of threads.

    The order in which a sum is taken depends on the number of threads, so equal numbers need equal
    threads. Two machines, or a CPU and a GPU, agree only within rounding that grows in training.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    # `use_deterministic_algorithms` says the same, and loads a compiler for a second and more.
    torch.set_deterministic_debug_mode("warn")
    torch.backends.cudnn.benchmark = False
    # Shorter products in place of float32's are not what full precision says.
    torch.backends.cudnn.allow_tf32 = False


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute in one thread, so that sums are the same on any machine and in any thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)

"""What a machine is, and what it can do at best."""

import os
import platform
import resource
import time
from collections.abc import Callable
from statistics import median

import torch

from denoisekit.computing import find_device, number_type
from denoisekit.machine import processor

DEVICE = find_device()
_SIDE = {"cpu": 3072, "cuda": 8192}
_TOLD = ("amx_fp16", "amx_bf16", "avx512_fp16", "avx512_bf16", "avx512_f", "avx2")
_COPIED = {"cpu": 2**28, "cuda": 2**32}


def describe() -> dict[str, str]:
    """Return the machine's name, its parts, and the versions that matter for speed."""
    cores = f"{processor()}, {os.cpu_count()} cores"
    name = torch.cuda.get_device_name() if DEVICE == "cuda" else cores
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return {
        "name": name,
        "file": "-".join(words),
        "processor": cores,
        "instructions": _instructions(),
        "mixed": ", ".join(
            f"{doing} in {number_type('mixed', device=DEVICE, training=doing == 'trains')}"
            for doing in ("trains", "restores")
        ),
        "threads": str(torch.get_num_threads()),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _instructions() -> str:
    """Name what the processor has for matrices and vectors, and what keeps convolutions from it."""
    known = torch.cpu.get_capabilities()
    found = [name for name in _TOLD if known.get(name)]
    bound = os.environ.get("ONEDNN_MAX_CPU_ISA")
    return " ".join(found or ["none of x86"]) + (f", at most {bound}" if bound else "")


def ceiling() -> dict[str, float]:
    """Return the FLOP/s of large matrix products, and the bytes/s of a large copy."""
    side, size = _SIDE[DEVICE], _COPIED[DEVICE]
    rates = {}
    for kind in (torch.float32, torch.bfloat16, torch.float16):
        matrix = torch.rand(side, side, device=DEVICE, dtype=kind)
        seconds = timed(lambda matrix=matrix: matrix @ matrix, repeats=7)
        rates[str(kind).removeprefix("torch.")] = 2 * side**3 / seconds
    source, target = (torch.ones(size, dtype=torch.uint8, device=DEVICE) for _ in range(2))
    rates["bytes"] = 2 * size / timed(lambda: target.copy_(source), repeats=7)
    return rates


def timed(work: Callable[[], object], *, repeats: int) -> float:
    """Return the median seconds of some work, after one run that is not counted."""
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        work()
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return median(seconds[1:])


def peak_mb() -> float:
    """Return the most memory that this process has held: the GPU's, where there is one."""
    if DEVICE == "cuda":
        return torch.cuda.max_memory_reserved() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3

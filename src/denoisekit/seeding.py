"""Make torch's numbers repeatable on one machine."""

import torch


def seed_everything(seed: int, *, threads: int) -> None:
    """Seed torch, choose its repeatable algorithms, and tie it to a number of threads.

    The order in which a sum is taken depends on the number of threads, so equal numbers need equal
    threads. Two machines, or a CPU and a GPU, agree only within rounding that grows in training.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    # Shorter products in place of float32's are not what full precision says.
    torch.backends.cudnn.allow_tf32 = False

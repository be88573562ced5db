"""Do the work with CAREamics, whose U-Net has kernels of 3 and other widths than the paper's."""

import tempfile
import time
from functools import partial

import numpy as np
import torch

# A torchvision that was built for GPUs cannot load its operators beside a torch without; what is
# imported asks for these two, and nothing here calls them.
_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
try:
    import torchvision  # noqa: F401
except RuntimeError:
    for _name in ("nms", "qnms"):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

# ruff: noqa: E402
from careamics import CAREamist
from careamics.config import create_advanced_care_config
from lightning.pytorch.callbacks import Callback
from work import BATCH, PATCH, STEPS, image, patches, time_work


class Clock(Callback):
    """Notes when each training step ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_train_batch_end(self, *args: object) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())


def care(clock: Clock) -> CAREamist:
    """Return a network of CAREamics with the paper's depth and first filters, trained a little."""
    config = create_advanced_care_config(
        experiment_name="work",
        data_type="array",
        axes="SYX",
        patch_size=(PATCH, PATCH),
        batch_size=BATCH,
        num_epochs=1,
        num_steps=STEPS,
        augmentations=[],
        num_workers=0,
        model_params={"depth": 2, "num_channels_init": 32},
    )
    careamist = CAREamist(
        config, work_dir=tempfile.mkdtemp(), callbacks=[clock], enable_progress_bar=False
    )
    data = np.tile(patches(), (STEPS + 1, 1, 1))
    careamist.train(
        train_data=data, train_data_target=data, val_data=data[:BATCH], val_data_target=data[:BATCH]
    )
    return careamist


def train():
    """Train for an epoch; what counts is the time between its first and its last step."""

    def run() -> float:
        clock = Clock()
        care(clock)
        return (clock.ends[-1] - clock.ends[0]) / (len(clock.ends) - 1)

    return run, 1


def restore(options: dict[str, object]):
    """Restore an image, its normalisation included."""
    return partial(care(Clock()).predict, image()[None], num_workers=0, **options), 1


tiled = {"tile_size": (512, 512), "tile_overlap": (48, 48), "batch_size": 1}
time_work({"train": train, "whole": partial(restore, {}), "tiles": partial(restore, tiled)})

"""Do the work with CSBDeep."""

import os
import tempfile
from functools import partial

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
from csbdeep.data import PercentileNormalizer
from csbdeep.models import CARE, Config
from work import (
    BATCH,
    STEPS,
    VOLUME_BATCH,
    VOLUME_STEPS,
    image,
    patches,
    time_work,
    volume,
    volume_patches,
)


def care() -> CARE:
    """Return the loss-function paper's network, with CARE's probabilistic output."""
    config = Config(
        "YX",
        probabilistic=True,
        unet_kern_size=5,
        unet_n_depth=2,
        unet_n_first=32,
        train_batch_size=BATCH,
        train_learning_rate=4e-4,
    )
    model = CARE(config, "work", basedir=tempfile.mkdtemp())
    model.prepare_for_training()
    return model


def train():
    """Train for an epoch, without validation."""
    batch = patches()[..., None]
    data = tf.data.Dataset.from_tensors((batch, batch)).repeat()
    network = care().keras_model
    return partial(network.fit, data, epochs=1, steps_per_epoch=STEPS, verbose=0), STEPS


def restore(tiles: tuple[int, int]):
    """Restore an image, its normalisation included."""
    normalizer = PercentileNormalizer(2, 99.8)
    return partial(
        care().predict_probabilistic, image(), "YX", normalizer=normalizer, n_tiles=tiles
    ), 1


def care_of_volumes() -> CARE:
    """Return CSBDeep's own network of volumes: depth 2, kernels of 3, 32 first filters."""
    config = Config("ZYX", train_batch_size=VOLUME_BATCH, train_learning_rate=4e-4)
    model = CARE(config, "work", basedir=tempfile.mkdtemp())
    model.prepare_for_training()
    return model


def train_volumes():
    """Train for an epoch on patches of volumes, without validation."""
    batch = volume_patches()[..., None]
    data = tf.data.Dataset.from_tensors((batch, batch)).repeat()
    network = care_of_volumes().keras_model
    fit = partial(network.fit, data, epochs=1, steps_per_epoch=VOLUME_STEPS, verbose=0)
    return fit, VOLUME_STEPS


def restore_volume():
    """Restore a volume in tiles of 256 px a side, whole along z, its normalisation included."""
    normalizer = PercentileNormalizer(2, 99.8)
    options = {"normalizer": normalizer, "n_tiles": (1, 4, 4)}
    return partial(care_of_volumes().predict, volume(), "ZYX", **options), 1


time_work(
    {
        **{"train": train, "train-volumes": train_volumes, "volume": restore_volume},
        **{"whole": partial(restore, (1, 1)), "tiles": partial(restore, (4, 4))},
    }
)

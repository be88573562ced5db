"""A run on two channels of one sample: one network sees and restores both."""

import numpy as np
import pytest
import tifffile
import yaml
from tiny import ROOT, TINY, run

from denoisekit import files
from denoisekit.restoring import model, model_folder
from denoisekit.restoring.channels import JointRestorer

STUDY = yaml.safe_load((ROOT / "config/channels.yaml").read_text(encoding="utf-8"))
CHANNELS = ["nuclei", "membranes"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    sizes = {"size": 64, "train_images": 4, "test_images": 3}
    datasets = {
        name: {**entry, "simulate": {**entry["simulate"], **sizes}}
        for name, entry in STUDY["datasets"].items()
    }
    study = {
        **STUDY,
        "datasets": datasets,
        "train_sets": {n: {**e, "patch_size": 32} for n, e in STUDY["train_sets"].items()},
        "networks": {"small-unet": TINY["networks"]["tiny-unet"]},
        "patches": {**TINY["patches"], "validation_fraction": 0.5},
        "training": TINY["training"],
    }
    folder = tmp_path_factory.mktemp("channels")
    restored = "results/channels/restored"
    targets = [f"{restored}/membranes/membranes.joint.seed0"]
    targets += [f"{restored}/nuclei/nuclei.{name}.seed0" for name in ("joint", "shuffled")]
    run(ROOT, folder, *targets, config=study)
    return folder / "results/channels"


def noisy(results, channel, image):
    return tifffile.imread(results / f"registered/{channel}/low/{image}.tif")


def test_patches_hold_both_channels_and_shuffled_ones_another_fields(results):
    own, other = (
        np.load(results / f"patches/tissue/{name}/high.npy")
        for name in ("channels", "channels-shuffled")
    )
    assert own.shape == other.shape == (4 * TINY["patches"]["per_image"], 2, 32, 32)

    def alike(patches):
        return np.corrcoef(patches[:, 0].ravel(), patches[:, 1].ravel())[0, 1]

    assert alike(own) < alike(other) - 0.1


def test_one_network_restores_both_channels_each_in_its_place(results):
    assert [path.parent.name for path in results.glob("models/tissue/joint/*/card.json")] == [
        "seed0"
    ]
    restorer = model_folder.open_channels(results / "models/tissue/joint/seed0", device="cpu")
    assert restorer.model.channels == tuple(CHANNELS)
    images = [noisy(results, channel, "test-001") for channel in CHANNELS]
    for channel, found in zip(CHANNELS, restorer.predict(images, CHANNELS), strict=True):
        written = results / f"restored/{channel}/{channel}.joint.seed0/test-001.tif"
        np.testing.assert_allclose(tifffile.imread(written), found.mean, rtol=1e-5)


def test_the_control_restores_beside_another_field(results):
    folder = results / "models/tissue/shuffled/seed0"
    card = files.read_json(folder / "card.json")
    trained = model.load(folder / "last.safetensors", card, device="cpu")
    restorer = JointRestorer(trained, (2, 99.8), tile=512, precision="mixed")
    written = tifffile.imread(results / "restored/nuclei/nuclei.shuffled.seed0/test-001.tif")
    by = {
        image: restorer.predict(
            [noisy(results, "nuclei", "test-001"), noisy(results, "membranes", image)], CHANNELS
        )[0].mean
        for image in ("test-001", "test-002")
    }
    np.testing.assert_allclose(written, by["test-002"], rtol=1e-5)
    assert not np.allclose(written, by["test-001"], rtol=1e-4)

"""Channels of a sample: data sets of the same fields, restored jointly by one network."""

import hashlib
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml

from denoisekit import files, losses, networks
from denoisekit.datasets import channels
from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import registered_row
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.networks import Network
from denoisekit.restoring import model_folder
from denoisekit.restoring.channels import JointRestorer
from denoisekit.restoring.model import Model
from denoisekit.restoring.weights import save_weights
from denoisekit.training import patches
from denoisekit.training.batches import ChannelPairs, PatchPairs, on_device
from denoisekit.training.supervised import Jointly, Supervised

UNET = {"architecture": "unet", "depth": 1, "kernel_size": 3, "first_filters": 2}
NAMES = ["red", "green"]


def pair(image, *, split="train", field="", stack=""):
    rows = {"page": None, "region": None, "known_shift": None}
    series = "movie" if stack else ""
    files_of = {"low": f"{image}.tif", "high": f"{image}.tif"}
    return Pair(image, split, **files_of, field=field or image, series=series, stack=stack, **rows)


def write_channel(folder, pairs, *, moved=None, values=None):
    """Write a folder of registered pairs; `moved` are the shifts that were applied."""
    shifts = {one.image: (moved or {}).get(one.image) for one in pairs}
    quality = [
        {
            "image": name,
            "applied": "yes" if shift else "no",
            **dict(zip(("shift_y", "shift_x"), shift or (0.3, 0.3), strict=True)),
        }
        for name, shift in shifts.items()
    ]
    files.write_table(folder / "quality.tsv", quality)
    files.write_table(folder / "pairs.tsv", [registered_row(one) for one in pairs])
    for name, pixels in (values or {}).items():
        for exposure in ("low", "high"):
            write_image(folder / exposure / f"{name}.tif", pixels, pixel_size_um=0.1)
    return folder


@pytest.fixture
def rows():
    return [pair("a"), pair("b"), pair("c", split="test")]


def alike(tmp_path, first, second, **moved):
    parts = {"red": first, "green": second}
    folders = {
        name: write_channel(tmp_path / name, pairs, moved=moved.get(name))
        for name, pairs in parts.items()
    }
    channels.check_alike(folders)


def test_channels_show_the_same_images_for_the_same_use(tmp_path, rows):
    alike(tmp_path / "same", rows, rows[::-1])
    with pytest.raises(InputError, match=r"the image 'c' of red is missing in green, or blank"):
        alike(tmp_path / "fewer", rows, rows[:2])
    with pytest.raises(InputError, match=r"the image 'c' of green is missing in red"):
        alike(tmp_path / "more", rows[:2], rows)
    blank = [rows[0], replace(rows[1], blank=True), rows[2]]
    with pytest.raises(InputError, match=r"the image 'b' of red is missing in green, or blank"):
        alike(tmp_path / "blank", rows, blank)
    with pytest.raises(InputError, match=r"'b' has the split 'train' in the first and 'test' in"):
        alike(tmp_path / "split", rows, [rows[0], replace(rows[1], split="test"), rows[2]])
    with pytest.raises(InputError, match=r"'b' has the field 'b' in the first and 'x' in the sec"):
        alike(tmp_path / "field", rows, [rows[0], replace(rows[1], field="x"), rows[2]])


def test_channels_that_were_cut_apart_do_not_lie_on_each_other(tmp_path, rows):
    moved = {"b": (-1.4, 2.0)}
    alike(tmp_path / "alike", rows, rows, red=moved, green={"b": (-1.2, 2.2)})
    with pytest.raises(InputError, match=r"images 'b' were cut from pixel \(2, 0\) and from pixel"):
        alike(tmp_path / "apart", rows, rows, red=moved)


def test_planes_of_a_stack_are_cut_to_what_they_share(tmp_path):
    movie = [pair(f"t{n}", field="cell", stack="cell") for n in range(2)]
    # The movie is cut at its largest displacement, whichever frame has it.
    alike(tmp_path / "a", movie, movie, red={"t0": (-3, 0)}, green={"t1": (-2.5, 0)})


def test_shuffled_channels_are_of_another_field():
    stills = [pair(name) for name in "abcd"]
    assert channels.shuffled(stills, name="They") == dict(zip("abcd", "bcda", strict=True))
    movies = [pair(f"{m}{t}", field=m, stack=m) for m in "xyz" for t in range(3 if m == "x" else 2)]
    field = {one.image: one.field for one in movies}
    others = channels.shuffled(movies, name="They")
    assert all(field[image] != field[other] for image, other in others.items())
    with pytest.raises(InputError, match="The images to test on show 1 field, so that no image"):
        channels.shuffled(movies[:3], name="The images to test on")


def test_channels_are_read_by_what_to_call_them(tmp_path):
    shown = {"a": np.full((8, 9), 3.0, np.float32), "b": np.zeros((8, 9), np.float32)}
    pairs = [pair("a"), pair("b")]
    folders = {name: write_channel(tmp_path / name, pairs, values=shown) for name in NAMES}
    found = channels.read(folders, ["a", "b"], exposures=["low"])
    assert list(found) == ["The image a of red", "The image b of green"]
    np.testing.assert_array_equal([part.mean() for (part,) in found.values()], [3, 0])
    write_channel(tmp_path / "green", pairs, values={"b": np.zeros((8, 8), np.float32)})
    with pytest.raises(
        InputError, match=r"a of red and The image b of green must .* 8 x 9 and 8 x 8"
    ):
        channels.read(folders, ["a", "b"], exposures=["low"])


def spots(at):
    high = np.random.default_rng(at).uniform(0, 1, (64, 64))
    high[at - 2 : at + 3, at - 2 : at + 3] = 50
    return 7 * high + 100, high


def cut_channels(pairs, *, outside=None):
    return patches.extract_channel_patches(
        pairs,
        patch_size=16,
        count=40,
        rng=np.random.default_rng(3),
        outside=outside or dict.fromkeys(pairs),
    )


def test_patches_of_channels_lie_at_the_same_places_where_either_is_bright():
    pairs = {"red": spots(20), "green": spots(44)}
    cut = cut_channels(pairs)
    assert cut.low.shape == cut.high.shape == (40, 2, 16, 16)
    near = [np.abs(cut.positions + 8 - at).max(axis=1) <= 7 for at in (20, 44)]
    assert all(one.any() for one in near)
    assert np.all(near[0] | near[1])
    for number, name in enumerate(pairs):
        for found, pixels in zip((cut.low, cut.high), pairs[name], strict=True):
            y, x = cut.positions[5]
            line = np.polyfit(pixels[y : y + 16, x : x + 16].ravel(), found[5, number].ravel(), 1)
            expected = np.polyval(line, pixels[y : y + 16, x : x + 16])
            np.testing.assert_allclose(found[5, number], expected, atol=1e-4)


def test_each_channel_is_normalised_by_itself():
    red, green = spots(20), spots(44)
    cut, brighter = (
        cut_channels({"red": red, "green": tuple(gain * one for one in green)}) for gain in (1, 9)
    )
    np.testing.assert_allclose(cut.low, brighter.low, rtol=1e-4, atol=1e-5)


def test_no_patch_of_channels_reaches_out_of_the_field_of_one():
    red, green = spots(20), spots(44)
    green = tuple(one.copy() for one in green)
    for one in green:
        one[:, :20] = -1
    cut = cut_channels({"red": red, "green": green}, outside={"red": None, "green": [-1]})
    assert cut.positions[:, 1].min() >= 20


def test_channels_of_unlike_shape_make_no_patches():
    red, green = spots(20), tuple(one[:60] for one in spots(44))
    with pytest.raises(
        InputError, match="red and green must have the same shape, but are 64 x 64 and"
    ):
        cut_channels({"red": red, "green": green})


@pytest.mark.parametrize("loss", ["mae", "fft", "laplace"])
def test_the_joint_loss_is_the_mean_over_the_channels(loss):
    loss = losses.get(loss, {})
    low, high = torch.rand(2, 5, 3, 16, 16)
    restored = torch.rand(5, 6 if loss.probabilistic else 3, 16, 16) + 0.1
    # Means of all channels come first, and then their scales.
    each = [
        Supervised(loss).value(restored[:, number::3], low, high[:, number : number + 1])
        for number in range(3)
    ]
    found = Jointly(loss).value(restored, low, high)
    torch.testing.assert_close(found, torch.stack(each).mean())


def test_patches_of_channels_are_held_as_they_are():
    arrays = np.zeros((2, 3, 2, 8, 8), np.float32)
    joint, volumes = ChannelPairs(*arrays), PatchPairs(*arrays)
    assert (joint.dims, volumes.dims) == (2, 3)
    assert [part.shape for part in on_device(joint, "cpu")] == [(3, 2, 8, 8)] * 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"dims": 2, "probabilistic": False, "kernel_size": 5}, 923_810),
        ({"dims": 2, "probabilistic": True, "kernel_size": 5}, 923_876),
        ({"dims": 3, "probabilistic": False, "kernel_size": 3}, 997_666),
    ],
)
def test_parameter_counts_of_two_channels_are_csbdeeps(options, expected):
    settings = {**UNET, "depth": 2, "first_filters": 32, "kernel_size": options.pop("kernel_size")}
    network = networks.build(settings, channels=2, jointly=True, **options)
    assert sum(part.numel() for part in network.parameters()) == expected


@pytest.mark.parametrize("architecture", ["unet", "nafnet"])
def test_every_channel_is_restored_beginning_with_itself(architecture):
    settings = UNET
    if architecture == "nafnet":
        settings = {"architecture": "nafnet", "depth": 1, "blocks": 1, "first_filters": 2}
        settings["window"] = 8
    network = networks.build(settings, dims=2, probabilistic=True, channels=3, jointly=True)
    for head in (network.mean, network.scale):
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.zeros_(head.bias)
    images = torch.rand(1, 3, 8, 8)
    restored = network(images)
    torch.testing.assert_close(restored[:, :3], images)
    assert restored.shape == (1, 6, 8, 8)
    assert (restored[:, 3:] > 0).all()


def test_architectures_of_one_channel_say_so():
    settings = {"architecture": "dncnn", "layers": 3, "filters": 2}
    with pytest.raises(InputError, match="'dncnn' takes images of one channel"):
        networks.build(settings, dims=2, probabilistic=False, channels=2, jointly=True)


class Swap(Network):
    """Exchanges two channels, and says how wide each is: 0.5 and 0.25 of its range."""

    stride, reach = 2, 0

    def forward(self, images):
        scale = torch.ones_like(images) * torch.tensor([0.5, 0.25])[:, None, None]
        return torch.cat([images.flip(1), scale], dim=1)


def joint(network, **options):
    card = {"channels": NAMES, "dims": 2, "normalizer": None}
    settings = {"tile": 32, "precision": "full", **options}
    return JointRestorer(Model(network.eval(), card, "cpu"), (0, 100), **settings)


def test_channels_of_volumes_are_restored_whole():
    network = networks.build(UNET, dims=3, probabilistic=False, channels=2, jointly=True)
    restorer = joint(network)
    restorer = replace(restorer, model=replace(restorer.model, card={"channels": NAMES, "dims": 3}))
    volumes = list(np.random.default_rng(0).uniform(0, 1, (2, 6, 20, 21)))
    assert [one.mean.shape for one in restorer.predict(volumes, NAMES)] == [(6, 20, 21)] * 2
    with pytest.raises(InputError, match="but the network restores volumes"):
        restorer.predict([one[0] for one in volumes], NAMES)


@pytest.mark.parametrize("turned", [False, True])
def test_each_channel_comes_back_in_its_own_units(turned):
    red, green = np.random.default_rng(0).uniform(0, 1, (2, 41, 50))
    images = [red, 100 + 1000 * green]
    ends = [(image.min(), image.max()) for image in images]
    restored = joint(Swap(), turned=turned).predict(images, NAMES)
    for found, other, own, width in zip(restored, images[::-1], ends, (0.5, 0.25), strict=True):
        share = (other - other.min()) / (other.max() - other.min())
        np.testing.assert_allclose(found.mean, own[0] + share * (own[1] - own[0]), rtol=1e-4)
        np.testing.assert_allclose(found.scale, width * (own[1] - own[0]), rtol=1e-4)


def test_tiles_of_channels_make_the_whole_image():
    torch.manual_seed(0)
    network = networks.build(UNET, dims=2, probabilistic=False, channels=2, jointly=True)
    images = list(np.random.default_rng(0).uniform(0, 1, (2, 60, 50)))
    whole, tiled = (joint(network, tile=side).predict(images, NAMES) for side in (64, 16))
    for one, other in zip(whole, tiled, strict=True):
        np.testing.assert_allclose(one.mean, other.mean, atol=1e-5)


def test_a_joint_network_takes_an_image_of_each_channel():
    image = np.random.default_rng(0).uniform(0, 1, (20, 20))
    restorer = joint(Swap())
    with pytest.raises(InputError, match="the channels red, green, but was given 1 image; give"):
        restorer.predict([image], NAMES[:1])
    with pytest.raises(InputError, match="red and green must have the same shape, but are 20 x 20"):
        restorer.predict([image, image[:18]], NAMES)
    with pytest.raises(InputError, match="but the network restores planes"):
        restorer.predict([image[None]] * 2, NAMES)
    with pytest.raises(InputError, match=r"x is one image, but the network restores the channels"):
        restorer.model.check_axes(image, name="x")
    alone = replace(restorer.model, card={"normalizer": None, "dims": 2})
    with pytest.raises(InputError, match="The network restores single images, no channels"):
        replace(restorer, model=alone)


@pytest.fixture
def model(tmp_path):
    """The folder of a joint network as a study leaves it."""
    network = networks.build(UNET, dims=2, probabilistic=False, channels=2, jointly=True)
    save_weights(tmp_path / "last.safetensors", network.state_dict())
    card = {"network": UNET, "dims": 2, "probabilistic": False, "channels": NAMES}
    files.write_json(tmp_path / "card.json", {**card, "method": {"channels": "both"}})
    return tmp_path


def test_a_joint_network_is_opened_as_such_alone(model):
    restorer = model_folder.open_channels(model, device="cpu")
    images = list(np.random.default_rng(0).uniform(0, 1, (2, 20, 20)))
    assert [one.mean.shape for one in restorer.predict(images, NAMES)] == [(20, 20)] * 2
    with pytest.raises(InputError, match="restores the channels red, green of a sample jointly"):
        model_folder.open(model)
    card = files.read_json(model / "card.json")
    files.write_json(model / "card.json", {**card, "method": {"shuffled": True}})
    with pytest.raises(InputError, match="is a control: it learned from channels of different"):
        model_folder.open_channels(model)


def test_of_several_joint_networks_in_one_package_none_is_taken(model, tmp_path):
    contents = {}
    for name in ("card.json", "last.safetensors"):
        contents[name] = contents[name.replace(".", "-2.")] = (model / name).read_bytes()
    attached = [
        {"source": name, "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    ]
    contents["rdf.yaml"] = yaml.safe_dump({"attachments": attached}).encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)
    with pytest.raises(InputError, match=r"a\.zip holds 2 networks, but one alone restores"):
        model_folder.open_channels(tmp_path / "a.zip")

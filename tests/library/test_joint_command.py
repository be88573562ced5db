"""``denoisekit denoise`` with networks that restore the channels of a file jointly."""

import numpy as np
import pytest
import tifffile
from commands import UNET, call, make_model, noisy

from denoisekit import files, networks
from denoisekit.images.image import write_image
from denoisekit.restoring import model_folder, weights

NAMES = ["red", "green"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    joint(tmp_path / "model")
    return tmp_path


def joint(folder, *, dims=2, probabilistic=False, **entries):
    import torch

    torch.manual_seed(5)
    options = {"channels": 2, "jointly": True, "probabilistic": probabilistic}
    network = networks.build(UNET, dims=dims, **options)
    weights.save_weights(folder / "last.safetensors", network.state_dict())
    method = {"network": "tiny", "objective": "supervised", "loss": "mae", "channels": "tissue"}
    card = {"network": UNET, "dims": dims, "probabilistic": probabilistic, "channels": NAMES}
    files.write_json(
        folder / "card.json", {**card, "method": method, "normalizer": None, **entries}
    )


def two(*shape, axis):
    """Return an image of two channels along an axis, the second far brighter."""
    red, green = noisy(*shape), 900 + 7 * noisy(*shape)
    return np.stack([red, green], axis=axis).astype(np.uint16)


def expected(red, green, model="model"):
    restorer = model_folder.open_channels(model, device="cpu")
    return [one.mean for one in restorer.predict([red, green], NAMES)]


def restored(name="a.tif", *words, output="denoised"):
    said = call("denoise", name, "--model", "model", "--output", output, *words)[1]
    return tifffile.imread(f"{output}/{name}"), said


def test_both_channels_come_back_in_their_places_and_units(here):
    image = two(41, 50, axis=0)
    write_image(here / "a.tif", image, pixel_size_um=0.1, axes="CYX")
    found, said = restored()
    np.testing.assert_allclose(found, expected(*image), rtol=1e-6)
    assert "channels of a.tif are taken in order: 0 for red, 1 for green." in said
    with tifffile.TiffFile(here / "denoised/a.tif") as file:
        assert file.series[0].axes == "CYX"
        assert file.imagej_metadata["unit"] == "um"


def test_channels_are_matched_by_their_names(here):
    image = two(41, 50, axis=0)
    names = {"axes": "CYX", "Channel": {"Name": ["green", "red"]}}
    tifffile.imwrite(here / "a.ome.tif", image[::-1], metadata=names)
    found, said = restored("a.ome.tif")
    np.testing.assert_allclose(found, expected(*image)[::-1], rtol=1e-6)
    assert "taken in order" not in said


def test_a_channel_by_the_name_of_another_is_not_taken_for_this_one(here):
    names = {"axes": "CYX", "Channel": {"Name": ["green", "DAPI"]}}
    tifffile.imwrite(here / "a.ome.tif", two(41, 50, axis=0), metadata=names)
    told = call("denoise", "a.ome.tif", "--model", "model", code=1)[1]
    assert "calls its channel 0 'green', but in its place the network takes 'red'" in told


def test_pages_without_a_name_are_channels(here):
    image = two(41, 50, axis=0)
    tifffile.imwrite(here / "a.tif", image, photometric="minisblack")
    np.testing.assert_allclose(restored()[0], expected(*image), rtol=1e-6)


def test_planes_of_a_stack_are_restored_one_by_one(here):
    image = two(3, 41, 50, axis=1)
    write_image(here / "a.tif", image, pixel_size_um=None, axes="ZCYX")
    found, _ = restored()
    for one, plane in zip(found, image, strict=True):
        np.testing.assert_allclose(one, expected(*plane), rtol=1e-6)


@pytest.mark.parametrize("axes", ["ZCYX", "CZYX"])
def test_channels_of_volumes_are_restored_whole_in_either_order_of_axes(here, axes):
    joint(here / "model", dims=3)
    at = axes.index("C")
    image = two(6, 20, 22, axis=at)
    tifffile.imwrite(here / "a.ome.tif", image, metadata={"axes": axes})
    found, _ = restored("a.ome.tif")
    assert found.shape == image.shape
    wanted = expected(*np.moveaxis(image, at, 0))
    np.testing.assert_allclose(np.moveaxis(found, at, 0), wanted, rtol=1e-6)


def test_frames_of_a_movie_are_normalised_together_in_each_channel(here):
    image = two(3, 41, 50, axis=1)
    image[1] //= 2
    write_image(here / "a.tif", image, pixel_size_um=None, axes="TCYX")
    together, _ = restored()
    alone, _ = restored("a.tif", "--normalize", "plane", output="alone")
    for one, frame in zip(alone, image, strict=True):
        np.testing.assert_allclose(one, expected(*frame), rtol=1e-6)
    assert not np.allclose(together[1], alone[1], rtol=1e-3)
    for channel in (0, 1):
        low, high = np.percentile(image[:, channel], (2, 99.8))
        own = np.percentile(image[1, channel], (2, 99.8))
        assert own[1] - own[0] < 0.9 * (high - low)


def test_a_part_with_a_blank_channel_is_passed_through_and_listed(here):
    image = two(3, 41, 50, axis=1)
    image[1, 1] = 77
    write_image(here / "a.tif", image, pixel_size_um=None, axes="TCYX")
    found, said = restored()
    np.testing.assert_array_equal(found[1], image[1])
    assert "a.tif (T 1, C 1) is blank, 77 everywhere: it is passed through" in said
    assert files.read_table(here / "denoised/blank.tsv") == [{"image": "a.tif", "part": "T 1, C 1"}]
    mistake = call(
        *("denoise", "a.tif", "--model", "model", "--output", "x"), "--blank", "stop", code=1
    )
    assert "leave it out, or let it pass with --blank pass." in mistake[1]


def test_a_run_that_was_stopped_goes_on(here, monkeypatch):
    from denoisekit.restoring.channels import JointRestorer

    image = two(4, 41, 50, axis=1)
    write_image(here / "a.tif", image, pixel_size_um=None, axes="TCYX")
    wanted, _ = restored(output="whole")
    calls, predict = [], JointRestorer.predict

    def counted(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power is out")
        return predict(self, *args, **kwargs)

    monkeypatch.setattr(JointRestorer, "predict", counted)
    assert "power is out" in call("denoise", "a.tif", "--model", "model", code=1)[1]
    found, _ = restored()
    np.testing.assert_array_equal(found, wanted)
    assert len(calls) == 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--interval", 90), "which has no --interval; leave that out."),
        (("--channel", 1), "which has no --channel; leave that out."),
        (("--units", "truth"), "which has no --units; leave that out."),
        (("--noise-model", "a.npz"), "which has no --noise-model; leave that out."),
        (("--model", "model"), "with one such network at a time; give each --model by itself."),
        (("--weights", "best"), "model/best.safetensors does not exist"),
    ],
)
def test_what_a_joint_network_has_no_use_for_is_told(here, words, sentence):
    write_image(here / "a.tif", two(41, 50, axis=0), pixel_size_um=None, axes="CYX")
    assert sentence in call("denoise", "a.tif", "--model", "model", *words, code=1)[1]
    assert not (here / "denoised/a.tif").exists()


def test_a_file_of_other_channels_is_told(here):
    write_image(here / "a.tif", noisy(41, 50), pixel_size_um=None)
    sentence = "a.tif has 1 channel (axes YX), but the network restores the channels red, green"
    assert sentence in call("denoise", "a.tif", "--model", "model", code=1)[1]
    write_image(here / "b.tif", noisy(3, 41, 50), pixel_size_um=None, axes="CYX")
    assert (
        "b.tif has 3 channels (axes CYX)" in call("denoise", "b.tif", "--model", "model", code=1)[1]
    )


def test_a_control_and_a_network_of_one_channel_beside_it_are_refused(here):
    joint(here / "control", method={"shuffled": True})
    write_image(here / "a.tif", two(41, 50, axis=0), pixel_size_um=None, axes="CYX")
    assert "control is a control" in call("denoise", "a.tif", "--model", "control", code=1)[1]
    make_model(here / "single", seed=1)
    both = ("--model", "single", "--model", "model")
    assert "restores the channels red, green" in call("denoise", "a.tif", *both, code=1)[1]

import numpy as np
import pytest
import scipy.stats
import torch
from commands import PN2V, RNG, UNET, make_model, noisy

from denoisekit import files, networks
from denoisekit.computing import find_device
from denoisekit.errors import InputError
from denoisekit.images.normalization import Normalizer
from denoisekit.noise import fitting, models
from denoisekit.restoring import inference, likelihoods, model_folder, posterior
from denoisekit.restoring.weights import save_weights

OPTIONS = {"tile": 512, "precision": "mixed", "device": "cpu", "name": "x"}
FIXED = Normalizer(40.0, 60.0)


@pytest.fixture
def camera(tmp_path):
    """The file of a noise model for values from 0 to 200."""
    signal = RNG.uniform(30, 70, 5000)
    noise = fitting.fit_mixture(
        signal, RNG.poisson(signal), values=(0, 200), step=1, origin="pairs"
    )
    models.save_noise_model(tmp_path / "camera.npz", noise)
    return tmp_path / "camera.npz"


def opened(folder, **options):
    return model_folder.open(folder, device="cpu", **options)


@pytest.mark.parametrize("normalizer", [None, FIXED])
@pytest.mark.parametrize(("dims", "shape"), [(2, (41, 50)), (3, (6, 18, 20))])
def test_it_restores_as_the_card_says(tmp_path, dims, shape, normalizer):
    network = make_model(tmp_path / "a", dims=dims, normalizer=normalizer, probabilistic=True)
    restore, image = opened(tmp_path / "a"), noisy(*shape)
    wanted = inference.restore(
        network, image, percentiles=(2, 99.8), normalizer=normalizer, **OPTIONS
    )
    np.testing.assert_array_equal(restore(image), wanted.mean)
    np.testing.assert_array_equal(restore(image.tolist()), wanted.mean)
    np.testing.assert_array_equal(restore.predict(image).scale, wanted.scale)
    assert restore.model.volumes == (dims == 3)
    assert restore.model.card["train_set"] == "cells"


def test_it_restores_as_the_study_did_unless_told_otherwise(tmp_path):
    network, image = make_model(tmp_path), noisy(40, 50)
    files.write_json(tmp_path / "prediction.json", {"weights": "last", "percentiles": [1, 99]})

    def wanted(*percentiles):
        return inference.restore(network, image, percentiles=percentiles, **OPTIONS).mean

    np.testing.assert_array_equal(opened(tmp_path)(image), wanted(1, 99))
    np.testing.assert_array_equal(opened(str(tmp_path), percentiles=(5, 90))(image), wanted(5, 90))


def test_it_restores_turned_as_the_study_did_or_as_told(tmp_path):
    network, image = make_model(tmp_path), noisy(40, 50)
    files.write_json(tmp_path / "prediction.json", {"turned": True})
    as_it_lies, turned = (
        inference.restore(network, image, percentiles=(2, 99.8), turned=turned, **OPTIONS).mean
        for turned in (False, True)
    )
    np.testing.assert_array_equal(opened(tmp_path)(image), turned)
    np.testing.assert_array_equal(opened(tmp_path, turned=False)(image), as_it_lies)


def test_pn2v_tells_the_posterior_and_warns_of_what_its_noise_model_does_not_hold(tmp_path, camera):
    network, image = make_model(tmp_path / "a", PN2V, normalizer=FIXED), noisy(40, 50)
    restore = opened(tmp_path / "a", noise_model=camera)
    wanted = posterior.restore(
        network,
        image,
        normalizer=FIXED,
        log_likelihood=likelihoods.of_model(models.load_noise_model(camera), device="cpu"),
        levels=(0.1, 0.9),
        **OPTIONS,
    )
    np.testing.assert_array_equal(restore(image), wanted.mmse)
    found = restore.predict(image, levels=(0.1, 0.9))
    np.testing.assert_array_equal(found.prior_mean, wanted.prior_mean)
    for level, quantile in zip((0.1, 0.9), wanted.quantiles, strict=True):
        np.testing.assert_array_equal(found.quantile(level), quantile)
    image[10:14, 10:14] = 250
    with pytest.warns(UserWarning, match="16 pixels of The image lie outside of the noise model's"):
        restore(image)


def test_quantiles_are_those_of_the_predicted_laplace_distribution(tmp_path):
    make_model(tmp_path / "a", probabilistic=True)
    restored = opened(tmp_path / "a").predict(noisy(40, 50))
    for level in (0.05, 0.3, 0.5, 0.9, 0.999):
        expected = scipy.stats.laplace.ppf(level, restored.mean, restored.scale)
        np.testing.assert_allclose(restored.quantile(level), expected, rtol=1e-5, atol=1e-4)
    with pytest.raises(InputError, match="The level must be between 0 and 1, but is 1"):
        restored.quantile(1)
    make_model(tmp_path / "b")
    with pytest.raises(InputError, match="predicts no scale beside its image"):
        opened(tmp_path / "b").predict(noisy(40, 50)).quantile(0.5)


def test_outside_of_the_field_an_interval_is_the_image_itself(tmp_path):
    make_model(tmp_path / "a", probabilistic=True)
    image = noisy(60, 60).astype(np.float32)
    image[:, :20] = 0
    found = opened(tmp_path / "a").interval(image, level=0.9)
    assert found.shape == (3, 60, 60)
    assert np.all(found[:, :, :20] == 0)
    assert np.all(found[1, :, 20:] < found[0, :, 20:])
    assert np.all(found[0, :, 20:] < found[2, :, 20:])


@pytest.mark.parametrize(
    ("dims", "shape", "sentence"),
    [
        (2, (3, 40, 50), "a.tif is 3 x 40 x 50, but the network restores planes, (Y, X); give one"),
        (3, (40, 50), "a.tif is 40 x 50, but the network restores volumes, (Z, Y, X); give one"),
        (2, (), "a.tif is a single number, but"),
    ],
)
def test_an_image_of_other_axes_is_an_error(tmp_path, camera, dims, shape, sentence):
    make_model(tmp_path / "a", dims=dims)
    make_model(tmp_path / "b", PN2V, dims=dims, normalizer=FIXED)
    for restore in (opened(tmp_path / "a"), opened(tmp_path / "b", noise_model=camera)):
        with pytest.raises(InputError) as told:
            restore(noisy(*shape), "a.tif")
        assert str(told.value).startswith(sentence)


def test_what_is_missing_or_too_much_is_an_error(tmp_path, camera):
    make_model(tmp_path / "a", PN2V, normalizer=FIXED)
    make_model(tmp_path / "b")
    with pytest.raises(InputError, match=r"is a network of PN2V, .* as noise_model"):
        opened(tmp_path / "a")
    with pytest.raises(InputError, match="restores without a noise model; leave noise_model"):
        opened(tmp_path / "b", noise_model=camera)
    with pytest.raises(InputError, match=r"best\.safetensors does not exist; copy the whole"):
        opened(tmp_path / "b", weights="best")
    with pytest.raises(InputError, match="The model's weights must be one of best, last, but"):
        opened(tmp_path / "b", weights="first")
    with pytest.raises(InputError, match=r"holds no card\.json and thus no model"):
        opened(tmp_path)
    with pytest.raises(InputError, match=r"none\.zip does not exist"):
        opened(tmp_path / "none.zip")
    make_model(tmp_path / "c", {**UNET, "first_filters": 3})
    (tmp_path / "c/card.json").write_text((tmp_path / "b/card.json").read_text())
    with pytest.raises(InputError, match="does not hold the weights that its card describes"):
        opened(tmp_path / "c")


def test_percentiles_that_would_not_be_used_are_an_error(tmp_path):
    make_model(tmp_path / "fixed", normalizer=FIXED)
    make_model(tmp_path / "free")
    with pytest.raises(InputError, match=r"by the numbers that it was trained with; leave"):
        model_folder.open(tmp_path / "fixed", percentiles=(1, 99))
    assert model_folder.open(tmp_path / "free", percentiles=(1, 99)).percentiles == (1, 99)


def test_a_device_is_found_or_asked_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device() == find_device("cpu") == "cpu"
    with pytest.raises(InputError, match="torch finds no GPU"):
        find_device("cuda")
    with pytest.raises(InputError, match="The device must be one of cpu, cuda, but is 'gpu'"):
        find_device("gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device() == find_device("cuda") == "cuda"
    assert find_device("cpu") == "cpu"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dims": 7}, r"dims must be one of 2, 3, but is 7"),
        ({"network": {**UNET, "depth": 10**9}}, r"network\.depth: 1000000000 is greater than"),
        ({"network": {**UNET, "first_filters": 60000}}, r"does not hold the weights that its card"),
        ({"network": {**UNET, "no_such": 1}}, r"does not hold the weights .*no_such"),
        ({"normalizer": {"low": float("nan"), "high": 1}}, "it holds NaN for a number"),
        (
            {"normalizer": vars(FIXED), "channels": ["a", "b"]},
            "of several channels takes each image",
        ),
        (
            {"normalizer": vars(FIXED), "method": {"objective": "isotropic"}},
            "of isotropic restoration takes each image by its own numbers",
        ),
        (
            {"normalizer": vars(FIXED), "network": {"architecture": "projection-unet"}},
            "that projects stacks takes each image by its own numbers",
        ),
        ({"normalizer": 3}, "normalizer must be a mapping or null, but is 3"),
        ({"units": {"noise": {"gain": 0, "intercept": 1}}}, r"units\.noise\.gain: 0 is less than"),
        ({"train_set": "cells", "network": {"architecture": "\x1b[31m"}}, "but is '.x1b"),
    ],
)
def test_a_card_is_checked_before_anything_is_built(tmp_path, change, said):
    make_model(tmp_path)
    card = files.read_json(tmp_path / "card.json")
    files.write_json(tmp_path / "card.json", {**card, **change})
    with pytest.raises(InputError, match=said) as told:
        opened(tmp_path)
    assert "\n" not in str(told.value)
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"high": 60.0',
            '"high": 40.0',
            r"normalizer.high, 40, must lie above normalizer.low, 40;",
        ),
        ('"high": 60.0', '"high": -60.0', r"normalizer.high, -60, must lie above"),
        ('"dims": 2', '"dims": 3, "dims": 2', r"has the key 'dims' more than once"),
    ],
)
def test_a_card_that_contradicts_itself_restores_nothing(tmp_path, old, new, said):
    make_model(tmp_path, normalizer=FIXED)
    text = (tmp_path / "card.json").read_text()
    assert old in text
    (tmp_path / "card.json").write_text(text.replace(old, new))
    with pytest.raises(InputError, match=f"card.json.*{said}"):
        opened(tmp_path)


@pytest.mark.parametrize("kind", [torch.int32, torch.bool])
def test_weights_of_whole_numbers_restore_nothing(tmp_path, kind):
    network = make_model(tmp_path)
    parts = {name: part.to(kind) for name, part in network.state_dict().items()}
    save_weights(tmp_path / "last.safetensors", parts)
    with pytest.raises(InputError, match=r"is of torch\.\w+ and should be of float32"):
        opened(tmp_path)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_restore_nothing(tmp_path, bad):
    network = make_model(tmp_path)
    weights = network.state_dict()
    weights["mean.bias"] = torch.full_like(weights["mean.bias"], bad)
    save_weights(tmp_path / "last.safetensors", weights)
    with pytest.raises(InputError, match="holds 1 numbers that are NaN or infinite"):
        opened(tmp_path)


def test_a_network_that_makes_numbers_that_are_none_restores_nothing():
    network = networks.build(UNET, dims=2, probabilistic=False)
    torch.nn.init.constant_(network.mean.bias, float("inf"))
    with pytest.raises(InputError, match="made NaN or infinite numbers of x"):
        inference.restore(network, noisy(20, 24), percentiles=(2, 99.8), **OPTIONS)

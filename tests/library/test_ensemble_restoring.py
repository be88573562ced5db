"""Ensembles of networks in Python and in the command: their mixture, and what cannot be one."""

import numpy as np
import pytest
import tifffile
from commands import PN2V, RNG, call, make_model, noisy

from denoisekit import files
from denoisekit.errors import InputError
from denoisekit.evaluation.uncertainty import LaplaceMixture
from denoisekit.images.image import write_image
from denoisekit.images.normalization import Normalizer
from denoisekit.noise import fitting, models
from denoisekit.noise.usable import find
from denoisekit.restoring import model_folder, posterior

FIXED = Normalizer(40.0, 60.0)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def networks(folder, seeds=(0, 1, 2), **options):
    places = [folder / f"seed{seed}" for seed in seeds]
    for place, seed in zip(places, seeds, strict=True):
        make_model(place, seed=seed, **options)
    return places


def camera(folder):
    signal = RNG.uniform(30, 70, 5000)
    options = {"values": (0, 200), "step": 1, "origin": "pairs"}
    noise = fitting.fit_mixture(signal, RNG.poisson(signal), **options)
    models.save_noise_model(folder / "camera.npz", noise)
    return folder / "camera.npz"


def parts_of(places, image, **options):
    return [model_folder.open(place, device="cpu", **options).predict(image) for place in places]


def test_an_ensemble_says_what_the_mixture_of_its_networks_says(here):
    places, image = networks(here, probabilistic=True), noisy(40, 50)
    found = model_folder.open_ensemble(places, device="cpu").predict(image)
    parts = parts_of(places, image)
    mixture = LaplaceMixture(*(np.stack([getattr(p, n) for p in parts]) for n in ("mean", "scale")))
    np.testing.assert_array_equal(found.mean, mixture.mean().astype(np.float32))
    np.testing.assert_allclose(found.scale * np.sqrt(2), mixture.standard_deviation(), rtol=1e-6)
    np.testing.assert_allclose(found.disagreement, mixture.disagreement(), atol=1e-6)
    for level in (0.05, 0.5, 0.95):
        np.testing.assert_allclose(found.quantile(level), mixture.quantile(level), rtol=1e-6)
    low, high = found.interval(0.9)
    np.testing.assert_allclose(high, mixture.quantile(0.95), rtol=1e-6)
    assert np.all(low < high)
    sample = found.sample(np.random.default_rng(5))
    np.testing.assert_array_equal(
        sample, mixture.sample(np.random.default_rng(5)).astype(np.float32)
    )


def test_the_order_of_the_networks_changes_no_byte(here):
    places, image = networks(here, probabilistic=True), noisy(40, 50)
    first, second = (
        model_folder.open_ensemble(order, device="cpu") for order in (places, places[::-1])
    )
    np.testing.assert_array_equal(first.layers(image, level=0.9), second.layers(image, level=0.9))


def test_one_network_has_quantiles_intervals_and_samples_by_the_same_names(here):
    (place,), image = networks(here, [0], probabilistic=True), noisy(200, 200)
    found = model_folder.open(place, device="cpu").predict(image)
    low, high = found.interval(0.9)
    np.testing.assert_allclose(high - low, 2 * 2.302585 * found.scale, rtol=1e-4)
    sample = found.sample(np.random.default_rng(0))
    assert np.mean((low <= sample) & (sample <= high)) == pytest.approx(0.9, abs=0.005)
    assert found.disagreement is None
    assert found.spread is None


def test_outside_of_the_field_members_have_said_nothing(here):
    places, image = networks(here, probabilistic=True), noisy(60, 60).astype(np.float32)
    image[:, :20] = np.nan
    ensemble = model_folder.open_ensemble(places, device="cpu")
    odd = find(image, outside=["NaN"], name="it")
    layers = ensemble.layers(image, level=0.9, unusable=odd)
    assert layers.shape == (4, 60, 60)
    assert np.isnan(layers[:, :, :20]).all()
    assert np.isfinite(layers[:, :, 20:]).all()
    image[:, :20] = 0
    layers = ensemble.layers(image, level=0.9)
    assert not layers[:3, :, :20].any()
    assert np.isnan(layers[3, :, :20]).all()


def test_frames_of_a_movie_are_normalised_alike_by_all_members(here):
    places = networks(here, probabilistic=True)
    movie = np.stack([noisy(40, 50), noisy(40, 50) + 30]).astype(np.float32)
    options = {"pixels": movie.size}
    found = model_folder.open_ensemble(places, device="cpu").alike(iter(movie), **options)
    alone = [model_folder.open(p, device="cpu").alike(iter(movie), **options) for p in places]
    expected = np.mean([one(movie[0]) for one in alone], axis=0)
    np.testing.assert_allclose(found(movie[0]), expected, rtol=1e-5)


def test_an_ensemble_without_scales_has_a_spread_and_no_interval(here):
    places, image = networks(here), noisy(40, 50)
    found = model_folder.open_ensemble(places, device="cpu").predict(image)
    means = np.stack([part.mean for part in parts_of(places, image)])
    np.testing.assert_allclose(found.spread, means.std(0), rtol=1e-3, atol=1e-5)
    assert found.scale is None
    with pytest.raises(InputError, match="predicts no scale beside its image"):
        found.interval(0.9)
    with pytest.raises(InputError, match="predicts no scale beside its image"):
        found.sample(np.random.default_rng(0))


def test_networks_of_pn2v_pool_their_samples(here):
    places, image = networks(here, (0, 1), settings=PN2V, normalizer=FIXED), noisy(40, 50)
    noise = camera(here)
    found = model_folder.open_ensemble(places, device="cpu", noise_model=noise).predict(image)
    parts = parts_of(places, image, noise_model=noise)
    means = np.stack([part.mean for part in parts])
    np.testing.assert_allclose(found.spread, means.std(0), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(
        found.prior_mean, np.mean([part.prior_mean for part in parts], axis=0), rtol=1e-5
    )
    # Each network's posterior counts as its samples explain the pixel: between the two means.
    assert np.all(found.mean >= means.min(0) - 1e-3)
    assert np.all(found.mean <= means.max(0) + 1e-3)
    quantiles = np.stack([part.quantile(0.9) for part in parts])
    assert np.all(found.quantile(0.9) >= quantiles.min(0) - 1e-3)
    assert np.all(found.quantile(0.9) <= quantiles.max(0) + 1e-3)
    twice = posterior.pooled([model_folder.open(places[0], noise_model=noise, device="cpu")] * 2)
    np.testing.assert_allclose(twice.predict(image).mean, parts[0].mean, rtol=1e-5)
    np.testing.assert_allclose(twice.predict(image).spread, 0, atol=1e-4)


def test_samples_of_pn2v_are_of_the_posterior_whatever_the_tile(here):
    (place,), image = networks(here, [0], settings=PN2V, normalizer=FIXED), noisy(40, 50)
    noise = camera(here)
    found = model_folder.open(place, device="cpu", noise_model=noise).predict(image)
    rng = np.random.default_rng(0)
    drawn = np.stack([found.sample(rng) for _ in range(300)])
    assert np.abs(drawn.mean(0) - found.mean).max() < 0.3 * drawn.std(0).max()
    below = np.mean(drawn <= found.quantile(0.8) + 1e-4, axis=0)
    assert below.min() > 0.7
    tiled = model_folder.open(place, device="cpu", noise_model=noise, tile=16).predict(image)
    again = tiled.sample(np.random.default_rng(0))
    # Rounding may choose the next sample where the share of the posterior is the number drawn.
    assert np.mean(np.isclose(again, drawn[0], rtol=1e-4)) > 0.99


def cards(folder, changed):
    """Two networks of two seeds, of which the second's card is changed."""
    places = networks(folder, (0, 1))
    card = files.read_json(places[1] / "card.json")
    files.write_json(places[1] / "card.json", {**card, **changed(card)})
    return places


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            lambda card: {"method": {**card["method"], "loss": "fft"}},
            r"are not of one method \(loss, objective and normalisation\) \(mae and fft\), but",
        ),
        (lambda card: {"train_set": "other"}, r"are not of one train set \(cells and other\)"),
        (lambda card: {"training": {"epochs": 3}}, "are not of one training, but those"),
        (lambda card: {"normalizer": vars(FIXED)}, "are not of one normaliser"),
        (lambda card: {"units": {"noise": None}}, "are not of one set of units"),
        (lambda card: {"seed": "0"}, "seed0 and .*seed1 are of one seed, 0, and thus one network"),
    ],
    ids=["loss", "train set", "training", "normalizer", "units", "seed"],
)
def test_what_is_no_ensemble_is_told(here, changed, sentence):
    with pytest.raises(InputError, match=sentence):
        model_folder.open_ensemble(cards(here, changed), device="cpu")


def test_networks_that_their_studies_restore_with_unlike_are_no_ensemble(here):
    places = networks(here, (0, 1))
    files.write_json(places[1] / "prediction.json", {"percentiles": [1, 99]})
    with pytest.raises(InputError, match=r"unlike percentiles, \(2, 99.8\) and \(1, 99\), as the"):
        model_folder.open_ensemble(places, device="cpu")
    chosen = model_folder.open_ensemble(places, device="cpu", percentiles=(3, 99))
    assert [member.percentiles for member in chosen.members] == [(3, 99)] * 2
    files.write_json(places[1] / "prediction.json", {"turned": True})
    with pytest.raises(InputError, match="unlike turned, False and True"):
        model_folder.open_ensemble(places, device="cpu")


def test_one_network_is_no_ensemble_however_often_it_is_given(here):
    (place,) = networks(here, [0])
    with pytest.raises(InputError, match="are of one seed, 0, and thus one network"):
        model_folder.open_ensemble([place, place], device="cpu")
    make_model(here / "unknown")
    with pytest.raises(InputError, match="thus one network"):
        model_folder.open_ensemble([here / "unknown"] * 2, device="cpu")
    with pytest.raises(InputError, match="An ensemble is of two networks at least"):
        model_folder.open_ensemble([place], device="cpu")


def test_the_command_restores_with_several_networks(here):
    places = networks(here, probabilistic=True)
    movie = np.stack([noisy(40, 50) for _ in range(3)])
    movie[1] = 7
    write_image("a.tif", movie, pixel_size_um=0.1, axes="TYX")
    words = [word for place in places for word in ("--model", place)]
    call("denoise", "a.tif", *words)
    with tifffile.TiffFile("denoised/a.tif") as written:
        pixels, told = written.asarray(), written.imagej_metadata
        assert written.series[0].axes == "TCYX"
    assert told["Labels"][:2] == ["restored", "disagreement"]
    ensemble = model_folder.open_ensemble(places, device="cpu").alike(
        [movie[0], movie[2]], pixels=movie[::2].size
    )
    found = ensemble.predict(movie[2])
    np.testing.assert_allclose(pixels[2, 0], found.mean, rtol=1e-4)
    np.testing.assert_allclose(pixels[2, 1], found.disagreement, rtol=1e-2, atol=1e-4)
    # The networks said nothing of the blank frame.
    assert np.all(pixels[1, 0] == 7)
    assert np.isnan(pixels[1, 1]).all()
    call("denoise", "a.tif", *words, "--interval", 90, "--overwrite")
    with tifffile.TiffFile("denoised/a.tif") as written:
        pixels, told = written.asarray(), written.imagej_metadata
    assert told["Labels"][:4] == ["restored", "lower 90 %", "upper 90 %", "disagreement"]
    low, high = found.interval(0.9)
    np.testing.assert_allclose(pixels[2, 1], low, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(pixels[2, 2], high, rtol=1e-3, atol=1e-2)
    assert np.all(pixels[1, :3] == 7)


def test_the_command_tells_what_is_no_ensemble_in_one_sentence(here):
    first, second = networks(here, (0, 1))
    make_model(here / "laplace", probabilistic=True, seed=2, loss="laplace")
    write_image("a.tif", noisy(40, 50), pixel_size_um=None)
    words = ("denoise", "a.tif", "--model", first, "--model")
    _, mistake = call(*words, here / "laplace", code=1)
    assert "(mae and laplace), but those of an ensemble differ by their seed alone" in mistake
    _, mistake = call(*words, first, code=1)
    assert "are of one seed, 0, and thus one network" in mistake
    _, mistake = call(*words, second, "--interval", 90, code=1)
    assert "The network predicts no scale beside its image" in mistake
    assert not list(here.glob("denoised/*.tif"))
    call(*words, second)
    with tifffile.TiffFile("denoised/a.tif") as written:
        assert written.imagej_metadata["Labels"] == ["restored", "spread"]

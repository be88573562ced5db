import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
import yaml
from commands import PN2V, RNG, UNET, call, make_model, noisy
from image_sets import write_set
from scenes import blobs, camera
from scipy import ndimage

import denoisekit
from denoisekit import files, filters, networks
from denoisekit.cli import _parts
from denoisekit.cli._by_filter import OPTIONS
from denoisekit.errors import InputError
from denoisekit.files import read_json, read_table, write_json
from denoisekit.images.image import write_image
from denoisekit.images.metadata import ome_document, ome_images
from denoisekit.images.normalization import Normalizer
from denoisekit.images.reading import read_image
from denoisekit.noise import fitting, models
from denoisekit.restoring import inference, likelihoods, model_folder, posterior, weights

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def expected(network, pixels, **options):
    settings = {"percentiles": (2, 99.8), "tile": 512, "precision": "mixed", **options}
    return inference.restore(network, pixels, **settings, device="cpu", name="x").mean


def test_a_movie_is_restored_frame_by_frame_with_its_axes_and_pixel_size(here):
    network, movie = make_model(here / "model"), noisy(3, 40, 50)
    write_image(here / "movie.tif", movie, pixel_size_um=0.1, axes="TYX")
    said, _ = call("denoise", "movie.tif", "--model", "model", "--normalize", "plane")
    assert "movie.tif -> denoised/movie.tif (3 planes" in said
    with tifffile.TiffFile(here / "denoised/movie.tif") as tiff:
        assert tiff.series[0].axes == "TYX"
        restored = tiff.asarray()
    assert restored.dtype == np.float32
    for frame, original in zip(restored, movie, strict=True):
        np.testing.assert_allclose(frame, expected(network, original), rtol=1e-5)
    size = read_image(here / "denoised/movie.tif", page=1).pixel_size_um
    assert size == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        ("--filter", "gaussian"),
        ("--model", "model", "--interval", 90, "--normalize", "plane"),
        ("--model", "m0", "--model", "m1", "--normalize", "plane"),
    ],
    ids=["filter", "interval", "ensemble"],
)
def test_an_offset_that_32_bits_cannot_hold_changes_nothing_but_the_offset(here, options):
    for seed in (0, 1):
        make_model(here / f"m{seed}", seed=seed)
    make_model(here / "model", probabilistic=True)
    movie, offset = noisy(3, 40, 50), 2**31 + 77
    movie[1] = 0
    high = movie.astype(np.uint32)
    high[[0, 2]] += offset
    for name, pixels in (("a.tif", movie.astype(np.float32)), ("b.tif", high)):
        told = {"photometric": "minisblack", "metadata": {"axes": "TYX"}}
        tifffile.imwrite(here / name, pixels, **told)
        _, said = call("denoise", name, *options)
    assert "b.tif (T 1) is blank, 0 everywhere" in said
    low, high = (tifffile.imread(here / "denoised" / name) for name in ("a.tif", "b.tif"))
    assert (low.dtype, high.dtype) == (np.float32, np.float64)
    # What networks disagree by has no offset.
    high[[0, 2], : 1 if "m1" in options else None] -= offset
    np.testing.assert_allclose(high, low, rtol=0, atol=1e-4)


def test_what_would_lose_its_contrast_in_32_bits_is_told(here):
    make_model(here / "model", normalizer=Normalizer(30.0, 90.0))
    pixels = noisy(40, 50).astype(np.uint32) + 2**31
    tifffile.imwrite(here / "a.tif", pixels)
    _, said = call("denoise", "a.tif", "--model", "model", code=1)
    assert "a.tif has values from 21474836" in said
    assert "subtract one offset from all of its images" in said
    with pytest.raises(InputError, match="tell apart too coarsely"):
        filters.get("gaussian")(pixels)


def test_a_movie_is_restored_by_a_filter_plane_by_plane(here):
    movie = camera(20 * blobs(0, 48), gain=2.4, offset=100, read_noise=2, seed=0)
    movie = np.stack([movie, movie[::-1]])
    write_image(here / "movie.tif", movie, pixel_size_um=0.1, axes="TYX")
    call("denoise", "movie.tif", "--filter", "gaussian")
    restored = tifffile.imread(here / "denoised/movie.tif")
    for frame, original in zip(restored, movie, strict=True):
        np.testing.assert_array_equal(frame, filters.get("gaussian")(original).pixels)
    _, said = call("denoise", "movie.tif", "--filter", "nlm", "--output", "nlm")
    assert said == "Note: nlm has patch_size 5, patch_distance 6, as in the studies of denoisekit."
    alike = filters.get("nlm")(movie[0], patch_size=5, patch_distance=6).pixels
    np.testing.assert_array_equal(tifffile.imread(here / "nlm/movie.tif")[0], alike)
    call("denoise", "movie.tif", "--filter", "gaussian", "--output", "cut", "--outside", "103")
    cut = tifffile.imread(here / "cut/movie.tif")
    np.testing.assert_array_equal(cut[movie == 103], 103)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--filter", "median"], "must be one of cubic, gaussian, nlm"),
        (["--filter", "tv", "--units", "truth", "--turned"], "no --units and no --turned"),
        (["--filter", "zs-n2n"], "zs-n2n cannot be run with the options"),
    ],
)
def test_what_a_filter_cannot_do_is_told(here, options, words):
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    _, said = call("denoise", "a.tif", *options, code=1)
    assert words in said


def test_filters_have_the_options_of_the_studies_that_come_with_denoisekit():
    # Those of volumes have fewer voxels to each side.
    of_volumes = {"care", "care-paper", "care-real", "volumes"}
    for study in (ROOT / "config").glob("*.yaml"):
        for entry in yaml.safe_load(study.read_text(encoding="utf-8"))["methods"].values():
            if entry.get("filter") in OPTIONS and study.stem not in of_volumes:
                assert entry["options"] == OPTIONS[entry["filter"]], study


def test_ome_tiffs_come_back_as_ome_tiffs_with_their_channels(here):
    make_model(here / "model")
    told = {"axes": "CYX", "PhysicalSizeX": 0.1, "Channel": {"Name": ["GFP", "RFP"]}}
    tifffile.imwrite(here / "a.ome.tif", noisy(2, 40, 50), ome=True, metadata=told)
    call("denoise", "a.ome.tif", "--model", "model", "--output", "out")
    with tifffile.TiffFile(here / "out/a.ome.tif") as tiff:
        pixels = ome_images(ome_document(tiff))[0]["Pixels"]
        assert tiff.series[0].axes == "CYX"
    assert [channel["Name"] for channel in pixels["Channel"]] == ["GFP", "RFP"]
    assert pixels["PhysicalSizeX"] == pytest.approx(0.1)


def test_volumes_are_restored_whole_wherever_z_stands(here):
    network, volumes = make_model(here / "model", dims=3), noisy(2, 6, 2, 16, 18)
    write_image(here / "a.tif", volumes, pixel_size_um=None, axes="TZCYX")
    said, _ = call("denoise", "a.tif", "--model", "model", "--normalize", "plane")
    assert "(4 volumes" in said
    restored = tifffile.imread(here / "denoised/a.tif")
    for t, c in np.ndindex(2, 2):
        wanted = expected(network, volumes[t, :, c])
        np.testing.assert_allclose(restored[t, :, c], wanted, rtol=1e-5)


def test_settings_reach_the_network(here):
    fixed = Normalizer(30.0, 90.0)
    network, image = make_model(here / "fixed", normalizer=fixed), noisy(40, 50)
    make_model(here / "free")
    write_image(here / "a.tif", image, pixel_size_um=None)
    call("denoise", "a.tif", "--model", "fixed", "--output", "1")
    wanted = expected(network, image, normalizer=fixed)
    np.testing.assert_allclose(tifffile.imread("1/a.tif"), wanted, rtol=1e-5)
    call("denoise", "a.tif", "--model", "free", "--output", "2", "--percentiles", 1, 99)
    wanted = expected(network, image, percentiles=(1, 99))
    np.testing.assert_allclose(tifffile.imread("2/a.tif"), wanted, rtol=1e-5)
    other = networks.build(UNET, dims=2, probabilistic=False).eval()
    weights.save_weights(here / "free/best.safetensors", other.state_dict())
    call("denoise", "a.tif", "--model", "free", "--output", "3", "--weights", "best", "--tile", 16)
    wanted = expected(other, image)
    np.testing.assert_allclose(tifffile.imread("3/a.tif"), wanted, rtol=1e-4)


def test_pn2v_restores_with_a_noise_model_and_asks_for_it(here):
    fixed, image = Normalizer(40.0, 60.0), noisy(40, 50)
    network = make_model(here / "model", PN2V, normalizer=fixed)
    write_image(here / "a.tif", image, pixel_size_um=None)
    signal = RNG.uniform(30, 70, 5000)
    noise = fitting.fit_mixture(
        signal, RNG.poisson(signal), values=(0, 200), step=1, origin="pairs"
    )
    models.save_noise_model(here / "camera.npz", noise)
    _, mistake = call("denoise", "a.tif", "--model", "model", code=1)
    assert mistake.startswith("Error: model is a network of PN2V")
    assert "--noise-model" in mistake
    image[10:14, 10:14] = 250
    write_image(here / "b.tif", image, pixel_size_um=None)
    arguments = ("--model", "model", "--noise-model", "camera.npz")
    _, note = call("denoise", "b.tif", *arguments)
    assert "Note: 16 pixels of b.tif lie outside of the noise model's range, 0 to 200." in note
    wanted = posterior.restore(
        network,
        image,
        normalizer=fixed,
        log_likelihood=likelihoods.of_model(noise, device="cpu"),
        levels=(),
        tile=512,
        precision="mixed",
        device="cpu",
        name="x",
    ).mmse
    np.testing.assert_allclose(tifffile.imread("denoised/b.tif"), wanted, rtol=1e-5)
    make_model(here / "free")
    call("denoise", "a.tif", "--model", "free", "--noise-model", "camera.npz", code=1)


def test_a_folder_is_restored_though_one_image_cannot_be(here):
    make_model(here / "model")
    (here / "in").mkdir()
    write_image(here / "in/a.tif", noisy(40, 50), pixel_size_um=None)
    tifffile.imwrite(here / "in/b.tif", noisy(40, 50) > 0)
    tifffile.imwrite(here / "in/d.tif", noisy(40, 50).astype(np.complex64))
    write_image(here / "in/c.TIFF", noisy(40, 50), pixel_size_um=None)
    (here / "in/notes.txt").write_text("no image")
    (here / "in/.hidden.tif").write_text("no image")
    said, mistakes = call("denoise", "in", "--model", "model", code=1)
    assert [line.split(" ->")[0] for line in said.splitlines()] == ["in/a.tif", "in/c.TIFF"]
    assert "Error: in/b.tif is a mask of 1 bit, not one of grey values" in mistakes
    assert "Error: in/d.tif is an image of complex numbers" in mistakes
    assert "Error: 2 of 4 images could not be restored." in mistakes
    assert sorted(path.name for path in (here / "denoised").iterdir()) == [
        ".denoised.tsv",
        "a.tif",
        "c.tif",
    ]


def bleaching(frames=4):
    """Return a movie of one scene whose light falls, with one bright object in one frame."""
    scene = ndimage.gaussian_filter(RNG.random((40, 50)), 2) * 400
    light = np.linspace(1, 0.6, frames)[:, None, None]
    movie = 100 + scene * light
    movie[1, :12, :12] += 2000
    return RNG.poisson(movie).astype(np.uint16)


def test_the_frames_of_a_movie_are_normalised_together(here):
    """A network that returns its input scaled shows what each frame was normalised by."""
    make_model(here / "model")
    movie = bleaching()
    write_image(here / "a.tif", movie, pixel_size_um=None, axes="TYX")
    write_image(here / "b.tif", movie[0], pixel_size_um=None)
    ends = np.percentile(movie, (2, 99.8))
    found = {}
    apply = Normalizer.apply

    def seen(self, pixels):
        found.setdefault(mode, []).append((self.low, self.high))
        return apply(self, pixels)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Normalizer, "apply", seen)
        for mode in ("movie", "plane", "default"):
            option = () if mode == "default" else ("--normalize", mode)
            call("denoise", "a.tif", "--model", "model", "--output", mode, *option)
    assert found["movie"] == found["default"]
    np.testing.assert_allclose(found["movie"], [ends] * 4, rtol=1e-6)
    alone = [np.percentile(frame, (2, 99.8)) for frame in movie]
    np.testing.assert_allclose(found["plane"], alone, rtol=1e-6)


def test_channels_and_depths_are_not_normalised_together(here):
    make_model(here / "model")
    both = np.stack([bleaching(), 3 * bleaching()], axis=1)
    write_image(here / "a.tif", both, pixel_size_um=None, axes="TCYX")
    call("denoise", "a.tif", "--model", "model")
    for channel in (0, 1):
        write_image(here / f"c{channel}.tif", both[:, channel], pixel_size_um=None, axes="TYX")
        call("denoise", f"c{channel}.tif", "--model", "model")
        alone = tifffile.imread(here / f"denoised/c{channel}.tif")
        np.testing.assert_array_equal(tifffile.imread(here / "denoised/a.tif")[:, channel], alone)


def test_what_lies_outside_of_the_field_is_named_and_comes_back_as_it_is(here):
    make_model(here / "model")
    image = np.random.default_rng(1).poisson(50, (80, 90)).astype(np.float32)
    write_image(here / "inner.tif", image[:, 20:], pixel_size_um=None)
    image[:, :20] = np.nan
    write_image(here / "a.tif", image, pixel_size_um=None)
    _, mistake = call("denoise", "a.tif", "--model", "model", code=1)
    assert "a.tif has 1600 pixels that are NaN or infinite; crop them away, or" in mistake
    assert "--outside NaN" in mistake
    call("denoise", "a.tif", "--model", "model", "--outside", "NaN")
    call("denoise", "inner.tif", "--model", "model")
    restored = tifffile.imread(here / "denoised/a.tif")
    assert np.isnan(restored[:, :20]).all()
    inner = tifffile.imread(here / "denoised/inner.tif")
    np.testing.assert_allclose(restored[:, 40:], inner[:, 20:], rtol=1e-4)


def test_an_interval_is_written_as_named_channels_beside_the_restored_image(here):
    make_model(here / "model", probabilistic=True)
    movie = np.stack([noisy(40, 50) for _ in range(3)])
    movie[1] = 7
    write_image(here / "a.tif", movie, pixel_size_um=0.1, axes="TYX")
    call("denoise", "a.tif", "--model", "model", "--interval", 90)
    with tifffile.TiffFile(here / "denoised/a.tif") as written:
        pixels, told = written.asarray(), written.imagej_metadata
        assert written.series[0].axes == "TCYX"
    assert told["Labels"][:3] == ["restored", "lower 90 %", "upper 90 %"]
    assert told["mode"] == "grayscale"
    restore = model_folder.open(here / "model", device="cpu").alike(
        [movie[0], movie[2]], pixels=movie[::2].size
    )
    found = restore.predict(movie[2])
    # Of a Laplace distribution, 90 % lie within 2.302585 scales.
    half = 2.302585 * found.scale
    np.testing.assert_allclose(pixels[2, 0], found.mean, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(pixels[2, 1], found.mean - half, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(pixels[2, 2], found.mean + half, rtol=1e-3, atol=1e-3)
    assert np.all(pixels[1] == 7)


def test_an_interval_of_pn2v_is_of_its_posterior(here):
    make_model(here / "model", PN2V, normalizer=Normalizer(40.0, 60.0))
    image = noisy(40, 50)
    write_image(here / "a.tif", image, pixel_size_um=None)
    signal = RNG.uniform(30, 70, 5000)
    options = {"values": (0, 200), "step": 1, "origin": "pairs"}
    noise = fitting.fit_mixture(signal, RNG.poisson(signal), **options)
    models.save_noise_model(here / "camera.npz", noise)
    arguments = ("--model", "model", "--noise-model", "camera.npz")
    call("denoise", "a.tif", *arguments, "--interval", 80)
    restore = model_folder.open(here / "model", device="cpu", noise_model=here / "camera.npz")
    found = restore.predict(image, levels=(0.1, 0.9))
    written = tifffile.imread(here / "denoised/a.tif")
    np.testing.assert_allclose(written, np.stack([found.mean, *found.interval(0.8)]), rtol=1e-4)


@pytest.mark.parametrize(("objective", "noisy_one"), [("supervised", False), ("noise2noise", True)])
def test_an_interval_of_noisy_images_is_told_to_be_one(here, objective, noisy_one):
    make_model(here / "model", probabilistic=True)
    card = read_json(here / "model/card.json")
    write_json(here / "model/card.json", {**card, "method": {"objective": objective}})
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    _, told = call("denoise", "a.tif", "--model", "model", "--interval", 90)
    assert ("too wide for the truth" in told) is noisy_one


def test_what_has_no_interval_is_told_before_anything_is_restored(here):
    make_model(here / "model")
    make_model(here / "scaled", probabilistic=True)
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    write_image(here / "two.tif", np.stack([noisy(40, 50)] * 2), pixel_size_um=None, axes="CYX")
    words = ("--interval", 90)
    _, mistake = call("denoise", "a.tif", "--model", "model", *words, code=1)
    assert "The network predicts no scale beside its image, so that it tells no" in mistake
    _, mistake = call("denoise", "a.tif", "--filter", "gaussian", *words, code=1)
    assert "A filter has no --interval" in mistake
    _, mistake = call("denoise", "a.tif", "--model", "scaled", "--interval", 100, code=1)
    assert "--interval must be between 0 and 100 per cent, but is 100." in mistake
    _, mistake = call("denoise", "two.tif", "--model", "scaled", *words, code=1)
    assert "two.tif has the channels" in mistake
    assert not list(here.glob("denoised/*.tif"))


def test_whatever_befalls_one_image_the_others_are_restored(here, monkeypatch):
    make_model(here / "model")
    (here / "in").mkdir()
    for name in ("a.tif", "b.tif"):
        write_image(here / "in" / name, noisy(40, 50), pixel_size_um=None)
    predict = inference.Restorer.predict

    def failing(self, pixels, name="The image", **options):
        if "a.tif" in name:
            raise ZeroDivisionError("nothing left")
        return predict(self, pixels, name, **options)

    monkeypatch.setattr(inference.Restorer, "predict", failing)
    said, mistakes = call("denoise", "in", "--model", "model", code=1)
    assert said.startswith("in/b.tif -> ")
    assert "Error: in/a.tif could not be restored (ZeroDivisionError: nothing left)." in mistakes


def test_blank_planes_are_passed_through_named_and_listed(here):
    make_model(here / "model")
    movie = np.stack([noisy(40, 50) for _ in range(3)])
    movie[1] = 7
    write_image(here / "a.tif", movie, pixel_size_um=None, axes="TYX")
    said, told = call("denoise", "a.tif", "--model", "model")
    assert "(3 planes, 1 of them blank in" in said
    assert "Warning: a.tif (T 1) is blank, 7 everywhere: it is passed through as it is." in told
    restored = tifffile.imread(here / "denoised/a.tif")
    assert (restored[1] == 7).all()
    assert restored[0].std() > 0
    assert read_table(here / "denoised/blank.tsv") == [{"image": "a.tif", "part": "T 1"}]
    tifffile.imwrite(here / "b.tif", movie[[0, 2]], photometric="minisblack")
    _, told = call("denoise", "b.tif", "--model", "model")
    assert "b.tif does not name the axis of its pages, which are taken for the frames of" in told
    # So a network by whose own numbers all images are normalised, unless it measures their units.
    for normalization, is_told in (("mean-std", False), ("photons", True)):
        make_model(here / normalization, normalizer=Normalizer(0.0, 50.0))
        card = read_json(here / normalization / "card.json")
        card["method"]["normalization"] = normalization
        write_json(here / normalization / "card.json", card)
        _, told = call("denoise", "b.tif", "--model", normalization, "--overwrite")
        assert ("b.tif does not name the axis" in told) == is_told
    assert read_table(here / "denoised/blank.tsv") == [{"image": "a.tif", "part": "T 1"}]
    write_image(here / "a.tif", movie[[0, 2]], pixel_size_um=None, axes="TYX")
    call("denoise", "a.tif", "--model", "model", "--overwrite")
    assert not (here / "denoised/blank.tsv").exists()
    write_image(here / "a.tif", movie, pixel_size_um=None, axes="TYX")
    to_b = ("denoise", "a.tif", "--model", "model", "--output", "b", "--blank", "stop")
    assert "a.tif (T 1) is blank, 7 everywhere; leave it out" in call(*to_b, code=1)[1]
    said, told = call("denoise", "a.tif", "--model", "model", "--output", "c", "--blank", "skip")
    assert (said, list((here / "c").glob("*"))) == ("", [])
    assert "Note: a.tif (T 1) is blank, 7 everywhere; it is left out." in told


def test_a_channel_and_a_scene_are_chosen_by_name_or_number(here):
    make_model(here / "model")
    told = {"axes": "CYX", "Channel": {"Name": ["GFP", "RFP"]}}
    both = noisy(2, 40, 50)
    with tifffile.TiffWriter(here / "a.ome.tif", ome=True) as tiff:
        tiff.write(both, metadata=told, photometric="minisblack")
        tiff.write(both[:, :30], metadata=told, photometric="minisblack")
    _, mistake = call("denoise", "a.ome.tif", "--model", "model", code=1)
    assert "holds 2 images of their own" in mistake
    assert "1 (Image1, CYX 2 x 30 x 50); choose one" in mistake
    call("denoise", "a.ome.tif", "--model", "model", "--scene", 1, "--output", "all")
    call("denoise", "a.ome.tif", "--model", "model", "--scene", 1, "--channel", "RFP")
    every = tifffile.imread(here / "all/a.ome.tif")
    np.testing.assert_array_equal(tifffile.imread(here / "denoised/a.ome.tif"), every[1])
    _, mistake = call("noise-card", "a.ome.tif", "--scene", 0, code=1)
    assert "has the channels 0 (GFP), 1 (RFP); choose one with --channel" in mistake
    assert (
        "no one channel 'CFP'"
        in call(
            *("denoise", "a.ome.tif", "--model", "model", "--output", "c"),
            *("--scene", 0, "--channel", "CFP"),
            code=1,
        )[1]
    )


def test_the_files_of_one_image_are_restored_once(here):
    make_model(here / "model")
    (here / "in").mkdir()
    write_set(here / "in", noisy(6, 40, 50))
    said, _ = call("denoise", "in", "--model", "model")
    assert said.count("->") == 1
    assert tifffile.imread(here / "denoised/part0.ome.tif").shape == (6, 40, 50)


def test_nothing_is_written_over_without_being_told(here):
    make_model(here / "model")
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    (here / "denoised").mkdir()
    (here / "denoised/a.tif").write_text("precious")
    _, mistake = call("denoise", "a.tif", "--model", "model", code=1)
    assert "denoised/a.tif is there already; name another folder" in mistake
    assert (here / "denoised/a.tif").read_text() == "precious"
    call("denoise", "a.tif", "--model", "model", "--overwrite")
    assert tifffile.imread("denoised/a.tif").shape == (40, 50)
    original = (here / "a.tif").read_bytes()
    _, mistake = call(
        "denoise", "a.tif", "--model", "model", "--output", ".", "--overwrite", code=1
    )
    assert "a.tif is one of the images to restore, which are never replaced" in mistake
    assert (here / "a.tif").read_bytes() == original


def test_an_interrupted_run_goes_on_with_what_is_left(here):
    make_model(here / "model")
    for name in ("a.tif", "b.tif"):
        write_image(here / "in" / name, noisy(40, 50), pixel_size_um=None)
    (here / "in/c.tif").write_text("no image yet")
    words = ("denoise", "in", "--model", "model")
    assert "1 of 3 images could not be restored" in call(*words, code=1)[1]
    written = {path: path.stat().st_mtime_ns for path in (here / "denoised").glob("*.tif")}
    (here / "denoised/.c.999999999.tmp.tif").write_text("half")
    write_image(here / "in/c.tif", noisy(40, 50), pixel_size_um=None)
    said, _ = call(*words)
    assert "2 of 3 images are restored already" in said
    assert said.count("->") == 1
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert sorted(path.name for path in (here / "denoised").iterdir()) == [
        *(".denoised.tsv", "a.tif", "b.tif", "c.tif")
    ]
    assert call(*words)[0].count("->") == 0


@pytest.mark.parametrize("change", ["image", "network", "setting", "target"])
def test_what_was_made_of_something_else_is_not_taken_for_finished(here, change):
    make_model(here / "model")
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    words = ["denoise", "a.tif", "--model", "model"]
    call(*words)
    if change == "image":
        write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)
    elif change == "network":
        make_model(here / "model", seed=8)
    elif change == "setting":
        words += ["--percentiles", "1", "99"]
    else:
        write_image(here / "denoised/a.tif", noisy(40, 50), pixel_size_um=None)
    assert "denoised/a.tif is there already" in call(*words, code=1)[1]
    assert call(*words, "--overwrite")[0].count("->") == 1


def test_planes_that_are_restored_outlive_a_bad_one_and_a_signal(here, monkeypatch):
    """A page that is damaged, and repaired, costs that page; a signal what is left."""
    make_model(here / "model", normalizer=Normalizer(30.0, 90.0))
    make_model(here / "free")
    movie, restored = noisy(4, 40, 50), []
    told = {"photometric": "minisblack", "compression": "zlib"}
    tifffile.imwrite(here / "a.tif", movie, **told)
    whole = (here / "a.tif").read_bytes()
    with tifffile.TiffFile(here / "a.tif") as tiff:
        at = tiff.pages[2].dataoffsets[0]
    words = ("denoise", "a.tif", "--normalize", "plane")
    for model in ("model", "free"):
        call(*words, "--model", model, "--output", f"whole-{model}")

    def counting(self, pixels, *rest, **options):
        """Restore, and be stopped at the fourth plane where that is wanted."""
        restored.append(pixels)
        if stop_at == len(restored):
            os.kill(os.getpid(), signal.SIGTERM)
        return call_it(self, pixels, *rest, **options)

    call_it, stop_at = inference.Restorer.__call__, None
    monkeypatch.setattr(inference.Restorer, "__call__", counting)
    (here / "a.tif").write_bytes(whole[: at + 9] + b"damaged" + whole[at + 16 :])
    for _ in range(2):
        _, mistake = call(*words, "--model", "model", code=1)
        assert "a.tif (T 2) cannot be read as an image" in mistake
        assert len(restored) == 2
    (here / "a.tif").write_bytes(whole)
    stop_at = 4
    call(*words, "--model", "model", code=128 + signal.SIGTERM)
    call(*words, "--model", "model")
    assert len(restored) == 5
    assert sorted(path.name for path in (here / "denoised").iterdir()) == [
        ".denoised.tsv",
        "a.tif",
    ]
    assert (here / "denoised/a.tif").read_bytes() == (here / "whole-model/a.tif").read_bytes()
    # Another network takes nothing of what the first one has left, nor does damage to that.
    (here / "a.tif").write_bytes(whole[: at + 9] + b"damaged" + whole[at + 16 :])
    for model in ("model", "free"):
        call(*words, "--model", model, "--output", "b", "--overwrite", code=1)
    (left,) = (here / "b").glob(".a.partial.tif")
    with tifffile.TiffFile(left) as tiff:
        at = tiff.pages[0].dataoffsets[0]
    content = left.read_bytes()
    left.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    (here / "a.tif").write_bytes(whole)
    restored, stop_at = [], None
    call(*words, "--model", "free", "--output", "b")
    assert (here / "b/a.tif").read_bytes() == (here / "whole-free/a.tif").read_bytes()
    assert len(restored) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_command_with_one_line(here, monkeypatch, number):
    make_model(here / "model")
    for name in ("a.tif", "b.tif"):
        write_image(here / "in" / name, noisy(40, 50), pixel_size_um=None)
    restore_file = _parts.Parts.restore_file

    def interrupted(self, stack, target):
        """Restore a file, and be stopped in the second."""
        if stack.path.name == "b.tif":
            os.kill(os.getpid(), number)
        return restore_file(self, stack, target)

    with monkeypatch.context() as patched:
        patched.setattr(_parts.Parts, "restore_file", interrupted)
        _, told = call("denoise", "in", "--model", "model", code=128 + number)
    assert (
        told == f"Stopped by {number.name}: what is finished is kept, and the same command goes on."
    )
    said, _ = call("denoise", "in", "--model", "model")
    assert "1 of 2 images are restored already" in said


def write_mistakes(here):
    make_model(here / "model")
    for name in ("a.tif", "x/a.tif"):
        write_image(here / name, noisy(40, 50), pixel_size_um=None)
    for name in ("empty", "no-json", "no-network", "no-weights", "other"):
        (here / name).mkdir()
    (here / "no-json/card.json").write_text("{")
    (here / "no-network/card.json").write_text('{"dims": 2}')
    (here / "no-weights/card.json").write_text((here / "model/card.json").read_text())
    make_model(here / "other", {**UNET, "first_filters": 3})
    (here / "other/card.json").write_text((here / "model/card.json").read_text())
    (here / "file").write_text("")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("none.tif --model model", "none.tif does not exist."),
        ("empty --model model", "empty holds no image"),
        (
            "a.tif x/a.tif --model model",
            "a.tif and x/a.tif would both be restored to denoised/a.tif",
        ),
        (
            "a.tif --model empty",
            "empty holds no card.json and thus no model; name a folder such as",
        ),
        ("a.tif --model no-json", "card.json cannot be read"),
        (
            "a.tif --model no-network",
            "no-network/card.json: the file lacks the key 'network'.",
        ),
        ("a.tif --model no-weights", "no-weights/last.safetensors does not exist"),
        ("a.tif --model model --weights best", "best.safetensors does not exist"),
        ("a.tif --model other", "does not hold the weights that its card describes"),
        ("a.tif --model model --output file", "cannot be made: "),
        ("a.tif --model model --percentiles 99 1", "must rise and lie between 0 and 100"),
    ],
)
def test_mistakes_are_told_in_one_sentence(here, words, sentence):
    write_mistakes(here)
    _, mistake = call("denoise", *words.split(), code=1)
    assert mistake.startswith("Error: ")
    assert sentence in mistake
    assert not (here / "denoised").exists()


@pytest.mark.parametrize(
    "words",
    [
        "denoise a.tif",
        "denoise a.tif --filter tv --model x",
        "denoise --model x",
        "denoise a.tif --model x --tile 0",
        "denoize",
    ],
)
def test_wrong_calls_end_with_code_2(here, words):
    _, mistake = call(*words.split(), code=2)
    assert "denoisekit" in mistake


def test_models_are_listed_with_what_their_cards_say(here):
    make_model(here / "results/s/models/cells/mae/seed0")
    make_model(here / "results/s/models/cells/fixed/seed0", normalizer=Normalizer(30, 90))
    (here / "results/s/other").mkdir()
    (here / "results/s/other/card.json").write_text("{}")
    said, _ = call("models", "results")
    header, *rows = [line.split("\t") for line in said.splitlines()]
    first, second = (dict(zip(header, row, strict=True)) for row in rows)
    assert first["folder"] == "results/s/models/cells/fixed/seed0"
    assert (first["normalised by"], second["normalised by"]) == ("30 to 90", "percentiles")
    assert (second["train set"], second["loss"], second["axes"]) == ("cells", "mae", "YX")
    _, mistake = call("models", "results/s/other", code=1)
    assert "holds no trained model" in mistake
    call("models", "none", code=1)


def test_a_noise_card_tells_gain_and_advice(here):
    movie = np.random.default_rng(0).poisson(50, (10, 256, 256)) * 2 + 100
    write_image(here / "a.tif", movie.astype(np.uint16), pixel_size_um=None, axes="TYX")
    said, _ = call("noise-card", "a.tif", "--offset", 100, "--json")
    card = json.loads(said)["a.tif"]
    assert card["frames"] == 8
    assert card["gain"] * 200 + card["intercept"] == pytest.approx(200, rel=0.05)
    said, _ = call("noise-card", "a.tif", "--frames", 2)
    assert "frames\t2" in said
    assert "read noise\tnot known" in said
    assert "Advice for a.tif: pretrained. Noise is independent enough" in said
    assert "Advice for a.tif: supervised" in call("noise-card", "a.tif", "--has-pairs")[0]


def test_what_has_no_noise_card_is_told(here):
    write_image(here / "small.tif", noisy(40, 50), pixel_size_um=None)
    write_image(here / "z.tif", noisy(3, 80, 80), pixel_size_um=None, axes="ZYX")
    assert "Error: small.tif: A noise card is" in call("noise-card", "small.tif", code=1)[1]
    assert "z.tif has the axes ZYX, but noise" in call("noise-card", "z.tif", code=1)[1]


def write_pairs(here, *rows):
    lines = ["image\tsplit\tlow\thigh\tregion", *("\t".join(row) for row in rows)]
    (here / "pairs.tsv").write_text("\n".join(lines) + "\n")


def test_a_pair_table_is_checked_as_a_study_does(here):
    scene = blobs(1, 160)
    low, high, other = (
        camera(light * picture, gain=2, offset=100, read_noise=2, seed=seed)
        for seed, (light, picture) in enumerate(((20, scene), (2000, scene), (2000, blobs(2, 160))))
    )
    write_image(here / "low.tif", low, pixel_size_um=None)
    write_image(here / "high.tif", high, pixel_size_um=None)
    files = ("low.tif", "high.tif")
    write_pairs(here, ("a", "train", *files, "0:160,0:75"), ("b", "test", *files, "0:160,80:160"))
    said, _ = call("check-pairs", "pairs.tsv", "--guard", 5)
    assert said.splitlines()[1:] == ["train\t1\t1\t1\t2", "test\t1\t1\t1\t2"]
    _, mistake = call("check-pairs", "pairs.tsv", "--guard", 6, code=1)
    assert "must lie at least 6 px apart" in mistake
    write_image(here / "high.tif", other, pixel_size_um=None)
    call("check-pairs", "pairs.tsv", "--no-pixels")
    _, mistake = call("check-pairs", "pairs.tsv", code=1)
    assert "pairs.tsv: most pairs to train on are unfit: 1 of 1 (a) have exposures that" in mistake
    write_image(here / "high.tif", np.zeros((160, 160), np.uint16), pixel_size_um=None)
    _, mistake = call("check-pairs", "pairs.tsv", code=1)
    assert "1 of 1 (a) have one value everywhere" in mistake
    write_pairs(here, ("a", "train", "low.tif", "none.tif", ""))
    assert "none.tif, which does not exist" in call("check-pairs", "pairs.tsv", code=1)[1]
    assert "The table none.tsv does not exist" in call("check-pairs", "none.tsv", code=1)[1]


def test_a_study_is_checked_before_snakemake_reads_it(here):
    text = (ROOT / "config/quickstart.yaml").read_text(encoding="utf-8")
    file = here / "study.yaml"
    file.write_text(text, encoding="utf-8")
    assert call("check", file.name, "--no-pixels")[0].strip() == "study.yaml is sound."
    for content, mistake in (
        (
            text.replace("study: quickstart", "study: größe").encode("cp1252"),
            "line 2: the byte 0xf6",
        ),
        ((text + "seeds: [1]\n").encode(), "the key 'seeds' is given twice, in lines"),
        (text.replace("seeds:", "seed:").encode(), "the file has the unknown key 'seed'"),
        (b"", "the file must be a mapping"),
    ):
        file.write_bytes(content)
        assert "Error: study.yaml" in (said := call("check", file.name, code=1)[1])
        assert mistake in said
    assert "none.yaml does not exist" in call("check", "none.yaml", code=1)[1]


def test_the_papers_numbers_are_audited(here):
    folder = ROOT / "config/published/loss-functions"
    said, _ = call("audit", folder, "--output", "audit.tsv")
    first = said.splitlines()[0]
    wrong = int(re.search(r"(\d+) cannot be right", first)[1])
    verdicts = [row["verdict"] for row in read_table(here / "audit.tsv")]
    assert verdicts.count("wrong") == wrong
    assert f"give {verdicts.count('ok')} as printed" in first
    assert "is there already" in call("audit", folder, "--output", "audit.tsv", code=1)[1]
    call("audit", folder, "--output", "audit.tsv", "--overwrite")
    assert "does not exist; a paper's folder holds" in call("audit", here, code=1)[1]


def test_a_full_disk_ends_with_one_sentence(here, monkeypatch):
    make_model(here / "model")
    write_image(here / "a.tif", noisy(40, 50), pixel_size_um=None)

    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "claim_space", full)
    _, mistake = call("denoise", "a.tif", "--model", "model", code=1)
    assert "(No space left on device); free some space" in mistake
    assert not (here / "denoised").exists()


def test_help_names_every_command_with_examples_and_the_version_is_told():
    said, _ = call("--help")
    commands = re.findall(r"^  ([a-z-]+)  ", said.partition("Commands:")[2], re.MULTILINE)
    assert commands == [
        "quickstart",
        "denoise",
        "project",
        "noise-card",
        "check",
        "init",
        "run",
        "page",
        "check-pairs",
        "audit",
        "models",
        "export",
        "bundle",
        "submission",
    ]
    for command in commands:
        assert f"  denoisekit {command} " in call(command, "--help")[0]
    assert call("--version")[0].strip() == denoisekit.__version__


def test_the_command_runs_as_a_program(tmp_path):
    words = [sys.executable, "-m", "denoisekit", "models", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1

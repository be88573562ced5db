"""Volumes, (Z, Y, X), through reading, registration, patches, networks, filters and scores."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
import yaml
from scipy import ndimage
from skimage.metrics import structural_similarity

from denoisekit import filters, networks
from denoisekit.datasets import folders, pair_table, registering, registration
from denoisekit.datasets.registered import (
    read_exposure,
    read_registered,
    restored_to,
    spacing_sentences,
)
from denoisekit.errors import InputError
from denoisekit.evaluation import conventions, display
from denoisekit.evaluation.metrics import HEADLINE, METRICS
from denoisekit.filters._nonlocal import nonlocal_means
from denoisekit.images.image import Image
from denoisekit.noise.estimate import estimate_noise
from denoisekit.restoring import inference, model
from denoisekit.simulate import volumes
from denoisekit.simulate.volumes import nuclei
from denoisekit.study import check as study_check
from denoisekit.study.design import Study
from denoisekit.training import batches, patches

ROOT = Path(__file__).resolve().parents[2]
STUDY = yaml.safe_load((ROOT / "config/volumes.yaml").read_text(encoding="utf-8"))
SCHEMAS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / "config/schemas").glob("*.schema.yaml")
}
SETTINGS = {
    **STUDY["datasets"]["nuclei"]["simulate"],
    "shape": [16, 40, 48],
    "train_images": 2,
    "test_images": 2,
    "pixel_size_um": 0.15,
    "z_spacing_um": 0.4,
}
UNET = {"architecture": "unet", "depth": 2, "kernel_size": 3, "first_filters": 32}
SMALL = {**UNET, "depth": 1, "first_filters": 4}


def blobs(shape=(16, 40, 48), *, seed=0):
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.normal(size=shape), 2)
    return 200 + 60 * smooth / smooth.std()


def write(path, pixels, *, axes="ZYX", spacing=0.4, size=0.15):
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"axes": axes, "unit": "um"} | ({"spacing": spacing} if spacing else {})
    resolution = (1 / size, 1 / size)
    tifffile.imwrite(
        path, pixels.astype(np.uint16), imagej=True, metadata=metadata, resolution=resolution
    )
    return str(path)


def pair_rows(folder, low, high, *, split="test", **columns):
    files = {"low": write(folder / "low.tif", low), "high": write(folder / "high.tif", high)}
    return [{"image": "one", "split": split, **files, **columns}]


def register(folder, rows, **treatment):
    pairs = pair_table.parse_pairs(rows, table="pairs.tsv", volumes=True)
    treatment = registering.Treatment(**treatment)
    registering.register(
        pairs, folder / "registered", treatment=treatment, report=lambda *_, **__: None
    )
    return folder / "registered"


def noisy_pair(shape=(16, 40, 48), *, seed=0):
    high, rng = blobs(shape, seed=seed), np.random.default_rng(seed)
    return rng.poisson(np.clip(high, 1, None)), high


# Reading and coming back.


def test_a_stack_is_one_image_and_comes_back_as_a_hyperstack_with_its_voxels(tmp_path):
    low, high = noisy_pair()
    registered = register(tmp_path, pair_rows(tmp_path, low, high))
    (row,) = read_registered(registered)
    image = read_exposure(registered, "one", "low")
    assert (row.is_volume, row.stack) == (True, "")
    assert (image.pixel_size_um, image.spacing_um) == pytest.approx((0.15, 0.4))
    np.testing.assert_array_equal(image.pixels, low)
    out = tmp_path / "restored"
    with restored_to(out, registered=registered, pixel_size_um=1.0, z_spacing_um=9.0) as put:
        put("one", image.pixels.astype(np.float32))
    with tifffile.TiffFile(out / "one.tif") as file:
        assert (file.series[0].axes, file.series[0].shape) == ("ZYX", low.shape)
        told = file.imagej_metadata
        assert (told["slices"], told["hyperstack"], told["spacing"]) == (16, True, 0.4)
        # tifffile's versions differ in how they write a ratio.
        pixels, um = file.pages[0].tags["XResolution"].value
        assert pixels / um == pytest.approx(1 / 0.15)


def test_where_a_file_tells_no_voxels_the_studys_are_written(tmp_path):
    low, high = noisy_pair()
    rows = pair_rows(tmp_path, low, high)
    for exposure in ("low", "high"):
        write(tmp_path / f"{exposure}.tif", low if exposure == "low" else high, spacing=None)
    registered = register(tmp_path, rows)
    with restored_to(
        tmp_path / "out", registered=registered, pixel_size_um=0.15, z_spacing_um=0.7
    ) as put:
        put("one", low.astype(np.float32))
    with tifffile.TiffFile(tmp_path / "out/one.tif") as file:
        assert file.imagej_metadata["spacing"] == 0.7


def test_a_spacing_that_is_not_the_studys_is_told(tmp_path):
    registered = register(tmp_path, pair_rows(tmp_path, *noisy_pair()))
    (said,) = spacing_sentences(registered, dataset="cells", z_spacing_um=0.5)
    assert "lie 0.4 um apart as their files tell, but the study says 0.5 um" in said
    assert spacing_sentences(registered, dataset="cells", z_spacing_um=0.4) == []


def test_frames_of_a_movie_of_volumes_are_rows_by_page(tmp_path):
    movie = np.stack([blobs(seed=n) for n in range(3)])
    write(tmp_path / "movie.tif", movie, axes="TZYX")
    found = folders.find(str(tmp_path / "*.tif"), None, where="a")
    listed = folders.list_rows(found, pages="z-stack", test=None, where="a", volumes=True)
    assert [row["image"] for row in listed] == ["movie-t000", "movie-t001", "movie-t002"]
    assert {row["field"] for row in listed} == {"movie"}
    registered = register(tmp_path, listed)
    second = read_exposure(registered, "movie-t001", "low").pixels
    np.testing.assert_array_equal(second, movie[1].astype(np.uint16))
    listed[0]["page"] = "3"
    with pytest.raises(InputError, match="has 3 volumes, counted from 0, but 3 is asked"):
        register(tmp_path / "again", listed)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"series": "movie"}, "says that each row is a whole volume"),
        ({"depth": "2"}, "says that each row is a whole volume"),
    ],
)
def test_rows_that_are_no_volumes_are_refused(tmp_path, columns, sentence):
    with pytest.raises(InputError, match=sentence):
        register(tmp_path, pair_rows(tmp_path, *noisy_pair(), **columns))


def test_a_spacing_is_asked_for_where_a_whole_stack_is_named(tmp_path):
    rows = pair_rows(tmp_path, *noisy_pair())
    (pair,) = pair_table.parse_pairs(rows, table="pairs.tsv")
    with pytest.raises(InputError, match=r"say how far these lie apart: 'z_spacing_um'"):
        registering.look_at(pair, treatment=registering.Treatment())
    with pytest.raises(InputError, match="give the data set a 'z_spacing_um'"):
        pair_table.parse_pairs([{**rows[0], "series": "volume"}], table="pairs.tsv")


def test_planes_of_unequal_size_are_no_volume(tmp_path):
    with tifffile.TiffWriter(tmp_path / "odd.tif") as file:
        for side in (40, 40, 36):
            file.write(np.ones((side, 40), np.uint16), metadata=None)
    row = {"image": "odd", "split": "test", "low": str(tmp_path / "odd.tif"), "high": ""}
    with pytest.raises(InputError, match="images of their own"):
        register(tmp_path, [row])


def test_a_single_plane_is_no_volume(tmp_path):
    row = {"image": "a", "split": "test", "low": write(tmp_path / "a.tif", blobs()[:1], axes="ZYX")}
    with pytest.raises(InputError, match="and 1 plane, and so no volume"):
        register(tmp_path, [{**row, "high": ""}])


def test_a_volume_too_thin_for_ssims_window_is_told_before_training(tmp_path):
    needed = max(METRICS[name].min_side for name in HEADLINE)
    assert needed == registering.FEWEST_SCORED_PLANES
    with pytest.raises(InputError, match="has 10 planes, but to be scored it needs 11"):
        register(tmp_path, pair_rows(tmp_path, *noisy_pair((10, 40, 48))))


def test_a_stack_of_noise_alone_is_told(tmp_path):
    said = []
    noise = np.random.default_rng(0).integers(0, 256, (16, 64, 64))
    rows = [{"image": "a", "split": "test", "low": write(tmp_path / "a.tif", noise), "high": ""}]
    rows.append({**rows[0], "image": "b", "low": write(tmp_path / "b.tif", noisy_pair()[0])})
    registering.register(
        pair_table.parse_pairs(rows, table="pairs.tsv", volumes=True),
        tmp_path / "registered",
        treatment=registering.Treatment(),
        report=lambda line, **options: said.append(line) if options else None,
    )
    (line,) = said
    assert "the volume 'a'" in line
    assert "shows noise alone" in line


# Registration.


@pytest.mark.parametrize("step", [-2, -1, 1, 2])
def test_a_displacement_along_z_stops_the_run(tmp_path, step):
    low, high = noisy_pair((24, 48, 48))
    cut = slice(4 + step, 20 + step)
    assert registration.volume_displacement(low[cut], high[4:20]) == (step, 0, 0)
    rows = pair_rows(tmp_path, low[cut], high[4:20])
    with pytest.raises(InputError, match=rf"and \{step:+d} planes to lie on its high"):
        register(tmp_path, rows)
    register(tmp_path / "as-they-are", rows, apply=False)


def test_a_displacement_across_stops_the_run_and_none_is_found_where_there_is_none(tmp_path):
    low, high = noisy_pair((16, 64, 64))
    assert registration.volume_displacement(low, high) == (0, 0, 0)
    register(tmp_path, pair_rows(tmp_path, low, high))
    moved = pair_rows(tmp_path, low[:, 2:, :-1], high[:, :-2, 1:])
    with pytest.raises(InputError, match=r"must be moved by about .*, -1.* px"):
        register(tmp_path / "moved", moved)


def test_exposures_of_unlike_spacing_are_no_pair(tmp_path):
    rows = pair_rows(tmp_path, *noisy_pair())
    write(tmp_path / "high.tif", blobs(), spacing=0.5)
    with pytest.raises(InputError, match=r"0.4 um apart, but its high exposure .* 0.5 um"):
        register(tmp_path, rows)


# Patches.


def test_one_number_draws_the_patches_that_it_always_drew():
    image = np.arange(96 * 80, dtype=np.float64).reshape(96, 80) % 517
    options = {"patch_size": 16, "name": "x"}
    found = patches.extract_patches(
        image, 2 * image, count=5, rng=np.random.default_rng(5), **options
    )
    assert found.positions.tolist() == [[65, 28], [65, 10], [54, 19], [37, 63], [1, 54]]
    assert found.low.sum(dtype=np.float64) == pytest.approx(599.0816127748694, rel=1e-9)
    places = patches.random_positions(image, count=3, rng=np.random.default_rng(1), **options)
    assert places.tolist() == [[38, 33], [61, 61], [2, 9]]


def test_patches_of_volumes_centre_on_the_foreground_along_each_axis():
    high = np.linspace(0, 1, 40 * 100 * 100).reshape(40, 100, 100)
    high[16:24, 46:54, 46:54] = 100
    cut = patches.extract_patches(
        high, high, patch_size=[16, 48, 48], count=100, rng=np.random.default_rng(0), name="x"
    )
    assert cut.low.shape == (100, 16, 48, 48)
    distance = np.abs(cut.positions - [11.5, 25.5, 25.5]).max(axis=0)
    # Half a spot and half a half of a patch.
    assert (distance <= [8, 16, 16]).all()
    assert (distance >= [6, 13, 13]).all()


def test_null_takes_a_whole_axis_that_must_be_as_long_in_all_images():
    size = [None, 16, 16]
    assert patches.sides_of(size, (12, 40, 48), name="x") == (12, 16, 16)
    with pytest.raises(InputError, match="must be as long in all images"):
        patches.check_alike(size, (13, 40, 48), sides=(12, 16, 16), name="x")
    with pytest.raises(InputError, match=r"8 x 40 x 48 px, smaller than a patch of 16 x 16 x 16|"):
        patches.sides_of([16, 16, 16], (8, 40, 48), name="x")
    with pytest.raises(InputError, match="'patch_size' of the train set has 3 numbers"):
        patches.sides_of([16, 16, 16], (40, 48), name="x")


def test_patches_are_turned_in_their_planes_alone():
    volumes_ = torch.arange(2 * 4 * 6 * 6.0).reshape(2, 1, 4, 6, 6)
    for quarters in range(4):
        turned = batches._turned(volumes_, quarters=quarters, mirror=True)
        for z in range(4):
            assert set(turned[0, 0, z].flatten().tolist()) == set(
                volumes_[0, 0, z].flatten().tolist()
            )


# Networks.


def test_3d_networks_have_csbdeeps_numbers_of_parameters():
    counts = [
        sum(p.numel() for p in networks.build(UNET, dims=3, probabilistic=one).parameters())
        for one in (False, True)
    ]
    assert counts == [996_769, 996_802]


def small_model(*, dims=3, planes=False):
    torch.manual_seed(0)
    network = networks.build(SMALL, dims=dims, probabilistic=False)
    card = {"dims": dims, "normalizer": None, "network": SMALL, "planes": planes}
    return model.Model(network, card, "cpu")


OPTIONS = {"percentiles": (2.0, 99.8), "precision": "full"}


@pytest.mark.parametrize("tile", [16, [None, 16, 16], [4, 16, 24], [None, None, 16]])
def test_tiles_of_a_volume_equal_the_whole(tile):
    pixels, trained = blobs((15, 41, 50)).astype(np.float32), small_model()
    whole = inference.Restorer(trained, tile=[None] * 3, **OPTIONS)(pixels)
    tiled = inference.Restorer(trained, tile=tile, **OPTIONS)(pixels)
    assert whole.shape == pixels.shape
    np.testing.assert_allclose(tiled, whole, rtol=1e-5, atol=1e-3)


def test_tiles_of_one_number_are_whole_along_z_and_bounded_by_their_voxels():
    reach = 23
    assert inference._longest_sides(512, (32, 64, 64), reach)[0] == 32
    planes, y, x = inference._longest_sides(512, (100, 1024, 1024), reach)
    assert planes == 100
    assert 100 * (y + 2 * reach) * (x + 2 * reach) <= 4_000_000
    assert inference._longest_sides(64, (300, 300), reach) == [64, 64]
    with pytest.raises(InputError, match="The tile has 2 numbers"):
        inference._longest_sides([16, 16], (8, 64, 64), reach)


def test_a_network_of_planes_equals_one_of_volumes_with_flat_kernels():
    flat, deep = small_model(dims=2, planes=True), small_model()
    torch.manual_seed(0)
    pixels = blobs((2, 40, 48)).astype(np.float32)
    pixels = np.stack([pixels[0], pixels[1], pixels[0]])
    whole = inference.Restorer(flat, tile=512, **OPTIONS)(pixels)
    np.testing.assert_array_equal(whole[0], whole[2])
    # Normalised as one: a plane by itself, of other percentiles, comes back otherwise.
    alone = small_model(dims=2)
    single = inference.Restorer(alone, tile=512, **OPTIONS)(pixels[1])
    assert np.abs(whole[1] - single).max() > 1e-2
    # Kernels that see one plane are 2D kernels in the middle of 3D ones.
    for part in deep.network.modules():
        if isinstance(part, torch.nn.Conv3d):
            part.weight.data.zero_()
    pairs = zip(deep.network.parameters(), flat.network.parameters(), strict=True)
    for thick, thin in pairs:
        if thick.ndim == 5:
            thick.data[:, :, thick.shape[2] // 2] = thin.data
        else:
            thick.data.copy_(thin.data)
    deep.network.stride = flat.network.stride
    found = _without_pooling_along_z(deep.network, pixels)
    expected = inference.predict(
        flat.network, pixels[1][None], tile=512, precision="full", device="cpu", name="x"
    )
    np.testing.assert_allclose(found[0, 1], expected[0], rtol=1e-4, atol=1e-3)


def _without_pooling_along_z(network, pixels):
    """Apply a 3D network whose pooling and upsampling leave z alone."""
    pool, interpolate = torch.nn.functional.max_pool3d, torch.nn.functional.interpolate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.functional, "max_pool3d", lambda x, *_, **__: pool(x, (1, 2, 2)))
        patch.setattr(torch.nn.MaxPool3d, "forward", lambda self, x: pool(x, (1, 2, 2)))
        patch.setattr(
            torch.nn.functional,
            "interpolate",
            lambda x, **_: interpolate(x, scale_factor=(1, 2, 2)),
        )
        patch.setattr(
            torch.nn.Upsample, "forward", lambda self, x: interpolate(x, scale_factor=(1, 2, 2))
        )
        with torch.no_grad():
            return network(torch.from_numpy(pixels)[None, None]).numpy()[0]


def test_patches_that_a_network_cannot_halve_are_told():
    held = batches.NoisyPatches(np.zeros((1, 18, 16, 16), np.float32))
    held.check_sides(4, dims=2)
    with pytest.raises(InputError, match="side of 18 px, but the network needs a multiple of 4"):
        held.check_sides(4, dims=3)


def test_planes_of_a_batch_are_those_of_its_volumes():
    volumes_ = torch.arange(2 * 3 * 2 * 2.0).reshape(2, 1, 3, 2, 2)
    planes = batches.as_planes(volumes_)
    assert planes.shape == (6, 1, 2, 2)
    torch.testing.assert_close(planes[4, 0], volumes_[1, 0, 1])


# Filters, noise and scores.


def test_noise_of_a_thin_volume_is_measured_within_its_planes():
    rng = np.random.default_rng(0)
    light = 400 + 300 * np.sin(np.arange(96) / 15)[None, :, None] * np.ones((12, 96, 96))
    # Planes that have nothing to do with each other would pass for noise across them.
    light *= rng.uniform(0.5, 1.5, (12, 1, 1))
    noisy = 3 * rng.poisson(light / 3)
    assert estimate_noise(noisy.astype(float)).gain == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize(
    ("name", "options"),
    [("gaussian", {}), ("tv", {}), ("nlm", {"patch_size": 3, "patch_distance": 2})],
)
def test_filters_restore_thin_volumes(name, options):
    low, high = noisy_pair((12, 40, 40))
    restored = filters.get(name)(low, aspect=2.0, **options).pixels
    assert restored.shape == low.shape
    assert np.std(restored - high) < 0.75 * np.std(low - high)


def test_a_gaussian_is_as_wide_in_the_sample_along_all_axes():
    low, _ = noisy_pair((12, 40, 40))
    blurred = filters.get("gaussian")(low, aspect=2.5)
    fixed = filters.get("gaussian")(low)
    assert not np.array_equal(blurred.pixels, fixed.pixels)
    along_z = [np.corrcoef(f.pixels[1:].ravel(), f.pixels[:-1].ravel())[0, 1] for f in (blurred,)]
    assert along_z[0] < 1


def test_nonlocal_means_of_unequal_patches_equals_the_sum_written_out():
    rng = np.random.default_rng(1)
    image, patch, distance, h = rng.normal(size=(5, 9, 9)), (1, 3, 3), (1, 2, 2), 1.2
    found = nonlocal_means(image, patch=patch, distance=distance, h=h)
    at, total, weights = np.array([2, 4, 4]), 0.0, 0.0
    for step in np.ndindex(3, 5, 5):
        move = np.array(step) - [1, 2, 2]
        squares = [
            (image[tuple(at + d)] - image[tuple(at + move + d)]) ** 2
            for d in np.array(list(np.ndindex(patch))) - [0, 1, 1]
        ]
        weight = np.exp(-max(np.mean(squares) - 2, 0) / h**2)
        total, weights = total + weight * image[tuple(at + move)], weights + weight
    assert found[tuple(at)] == pytest.approx(total / weights, rel=1e-5)


def test_a_volume_is_scored_as_a_whole_in_windows_as_deep_as_wide():
    low, high = noisy_pair((16, 40, 40))
    scores = conventions.score(high, low, low=low, convention="scale-invariant")
    standard = (high - high.mean()) / high.std()
    gain, offset = np.polyfit(low.ravel(), standard.ravel(), 1)
    expected = structural_similarity(
        standard, gain * low + offset, win_size=7, data_range=np.ptp(standard)
    )
    assert scores["ssim"] == pytest.approx(expected, abs=1e-9)
    assert set(scores) == {"psnr", "ssim", "micro-ssim", "nrmse"}
    same = conventions.score(high, 3 * high + 7, low=low, convention="care")
    assert same["micro-ssim"] == pytest.approx(1, abs=1e-6)
    with pytest.raises(InputError, match="and as many planes of a volume"):
        conventions.score(high[:10], low[:10], low=low[:10], convention="care")


def test_sections_lie_in_the_middle_of_a_window():
    pixels = np.arange(4 * 6 * 8.0).reshape(4, 6, 8)
    pixels[0, 4, 2] = np.nan
    window = slice(2, 6), slice(1, 5)
    sizes = {"spacing_um": 1.0, "pixel_size_um": 1.0}
    made = display.sections([Image(pixels, 0.2, 0.5), Image(2 * pixels, None)], window, **sizes)
    assert made.aspect == pytest.approx(2.5)
    wanted = pixels[:, 4, 1:5].copy()
    wanted[0, 1] = wanted[0, 0]
    np.testing.assert_array_equal(made.images[0], wanted)
    assert display.sections([Image(pixels, None)], window, **sizes).aspect == 1
    assert display.sections([Image(pixels[0], 0.2)], window, **sizes) is None


# Simulation.


def test_fields_of_nuclei_do_not_depend_on_how_many_others_there_are():
    made = {pair.image: pair for pair in volumes.get("nuclei")(SETTINGS, 3)}
    fewer = {**SETTINGS, "train_images": 1, "test_images": 1}
    for pair in volumes.get("nuclei")(fewer, 3):
        np.testing.assert_array_equal(pair.low, made[pair.image].low)
        np.testing.assert_array_equal(pair.high, made[pair.image].high)
    assert list(made) == ["train-000", "train-001", "test-000", "test-001"]
    centred = [pair.high - pair.high.mean() for pair in made.values()]
    for first, second in itertools.pairwise(centred):
        assert abs(np.mean(first * second)) < 0.3 * first.std() * second.std()


def test_nuclei_are_as_many_and_as_touching_as_asked():
    settings = {**SETTINGS, "shape": [32, 112, 112]}
    for touching in (0.0, 1.0):
        crowd = {"per_1000_um3": 10, "radius_um": [0.9, 1.5], "touching": touching}
        labels = nuclei.draw({**settings, "nuclei": crowd}, np.random.default_rng(4)).labels
        pieces = ndimage.label(labels > 0, np.ones((3, 3, 3)))[1]
        count = len(np.unique(labels)) - 1
        # 3613 cubic micrometres, and those that reach in from outside.
        assert 25 <= count <= 75
        assert pieces >= 0.9 * count if touching == 0 else pieces <= 0.6 * count


def test_the_point_spread_function_has_the_width_asked_along_each_axis(monkeypatch):
    def one(_, size_um, __):
        voxel = np.array([0.4, 0.15, 0.15])
        return (np.round(size_um / voxel / 2) * voxel)[None], np.full((1, 3), 0.1)

    monkeypatch.setattr(nuclei, "_placed", one)
    optics = {"lateral_sigma_um": 0.45, "axial_sigma_um": 1.2}
    settings = {**SETTINGS, "shape": [24, 48, 48], "optics": optics}
    field = nuclei.draw(settings, np.random.default_rng(0))
    light, labels = field.light, field.labels
    assert np.count_nonzero(labels) == 1
    z, y, x = np.unravel_index(light.argmax(), light.shape)
    for line, step, sigma in ((light[:, y, x], 0.4, 1.2), (light[z, :, x], 0.15, 0.45)):
        fine = np.interp(np.arange(0, len(line), 0.01), np.arange(len(line)), line)
        width = np.count_nonzero(fine > line.max() / 2) * 0.01 * step
        assert width == pytest.approx(2 * np.sqrt(2 * np.log(2)) * sigma, rel=0.02)


def test_a_field_without_light_is_told():
    empty = {**SETTINGS["nuclei"], "per_1000_um3": 0}
    with pytest.raises(InputError, match="field of 0 nuclei is dark"):
        next(volumes.get("nuclei")({**SETTINGS, "nuclei": empty}, 0))


# The study.


def changed(**parts):
    config = yaml.safe_load(yaml.safe_dump(STUDY))
    for path, value in parts.items():
        *keys, last = path.split("__")
        place = config
        for key in keys:
            place = place[key.replace("_PLANES", "-planes")]
        if value is None:
            place.pop(last)
        else:
            place[last] = value
    return config


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            {"datasets__nuclei__simulate__shape": [12, 112, 112]},
            "patch_size is 16 x 48, larger than the simulated images of 12 x 112 x 112",
        ),
        ({"train_sets__nuclei__patch_size": [18, 48, 48]}, "multiple of 4"),
        ({"train_sets__nuclei__patch_size": [16, 48]}, "patch_size"),
        ({"methods__zs": {"filter": "pretrained"}}, "methods.zs is for planes"),
        ({"prediction__tile": [8, 64, 64]}, "tile"),
    ],
)
def test_mistakes_of_volumes_are_one_sentence(parts, sentence):
    with pytest.raises(InputError, match=sentence):
        study_check.check(changed(**parts), schemas=SCHEMAS, file="study.yaml")


def test_a_spacing_is_asked_for_where_patches_are_of_volumes():
    config = changed()
    config["datasets"]["nuclei"] = {"pixel_size_um": 0.1, "pairs": "pairs.tsv"}
    del config["methods"]["laplace-planes"]
    with pytest.raises(InputError, match=r"give datasets.nuclei a 'z_spacing_um'"):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_planes_and_volumes_do_not_meet_in_an_experiment():
    config = changed()
    config["datasets"]["flat"] = {"pixel_size_um": 0.1, "pairs": "pairs.tsv"}
    config["test_sets"]["flat"] = {"dataset": "flat"}
    config["experiments"]["F"] = {"train_set": "nuclei", "test_set": "flat", "description": "x"}
    with pytest.raises(InputError, match="images of 'flat', which are planes, and of 'nuclei'"):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_planes_alone_are_read_as_before():
    config = changed()
    assert Study(config).choice_of("nuclei") == {"channel": None, "scene": None, "volumes": True}
    config["datasets"]["flat"] = {"pixel_size_um": 0.1, "pairs": "pairs.tsv"}
    assert Study(config).choice_of("flat") == {"channel": None, "scene": None}

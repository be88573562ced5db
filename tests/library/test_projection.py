"""Stacks that become planes: the network, its height map, patches, baselines, data sets, checks."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
import yaml
from commands import call
from scipy import ndimage
from test_surface import HEIGHT, STACK

from denoisekit import filters, networks
from denoisekit.datasets import pair_table, sheets
from denoisekit.datasets.registered import read_exposure
from denoisekit.errors import InputError
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_image
from denoisekit.images.surface import check_sheet_inside, project_along
from denoisekit.networks.projection_unet import Sheet, read_out
from denoisekit.restoring import model_folder
from denoisekit.restoring.projection import restore_projection
from denoisekit.restoring.weights import count_parameters, save_weights
from denoisekit.simulate.volumes import sheet
from denoisekit.study import check
from denoisekit.study.design import Study
from denoisekit.study.shipped import schemas
from denoisekit.training.patches import extract_stack_patches

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = schemas()
CONFIG = yaml.safe_load((ROOT / "config/projection.yaml").read_text(encoding="utf-8"))
CARES = {"architecture": "projection-unet", "projection_depth": 4, "projection_filters": 8}
SMALL = {
    **{"architecture": "projection-unet", "projection_depth": 1, "projection_filters": 2},
    **{"depth": 1, "kernel_size": 3, "first_filters": 2},
}
PREDICTION = {"percentiles": (2, 99.8), "precision": "full", "device": "cpu", "name": "A stack"}
FOUND = {"how": "surface", "smoothing_um": [0.5, 0.4], "surface_um": 1.2, "reach_um": 1.5}
FOUND["half_planes"] = 1
VOXEL = (0.5, 0.2)
SIMULATION = {
    **CONFIG["datasets"]["wing"]["simulate"],
    **{"shape": [24, 64, 64], "train_images": 1, "test_images": 1},
    **{"pixel_size_um": 0.2, "z_spacing_um": 0.5},
}


def build(settings=SMALL, *, seed=0, **options):
    torch.manual_seed(seed)
    return networks.build({**settings, **options}, dims=2, probabilistic=False).eval()


@pytest.mark.parametrize(("depth", "expected", "reach"), [(2, 937_306, 105), (3, 3_805_146, 157)])
def test_parameters_and_reach_are_csbdeeps(depth, expected, reach):
    network = build(CARES, depth=depth, kernel_size=5, first_filters=32)
    assert (count_parameters(network.sheet), count_parameters(network)) == (14_329, expected)
    assert (network.sheet.reach, network.sheet.reach_planes, network.stride) == (62, 10, 16)
    assert network.reach == reach


def test_the_reach_of_both_parts_is_what_the_gradient_sees():
    part = Sheet(depth=1, filters=2).double()
    for parameter in part.parameters():
        torch.nn.init.uniform_(parameter, 0.1, 0.5)
    assert (part.reach, part.reach_planes) == (6, 4)
    furthest = np.zeros(2, dtype=int)
    for pixel in (16, 17):
        for slope in (1.0, -1.0):
            # A ramp, so that pooling finds both ends, and no two planes alike.
            ramp = 1 + slope * torch.linspace(0, 1, 34, dtype=torch.float64)
            stack = ramp * torch.linspace(1, 2, 13, dtype=torch.float64)[:, None, None]
            stack = stack.expand(13, 34, 34).clone()[None].requires_grad_()
            part.scores(stack)[0, 6, 16, pixel].backward()
            touched = stack.grad[0].abs()
            planes, columns = touched.sum((1, 2)).nonzero(), touched.sum((0, 1)).nonzero()
            furthest[0] = max(furthest[0], int((planes - 6).abs().max()))
            furthest[1] = max(furthest[1], int((columns - pixel).abs().max()))
    assert furthest.tolist() == [4, 6]


@pytest.mark.parametrize(
    ("steepness", "mean", "spread"),
    [(0, 5.0, 10**0.5), (1, 6.3000, 0.9999), (3, 6.2945, 0.5806), (10, 6.1189, 0.3246)],
)
def test_depth_and_spread_are_those_of_the_weights(steepness, mean, spread):
    depths = torch.arange(11, dtype=torch.float64)
    weights = torch.softmax(-steepness * (depths - 6.3) ** 2 / 2, dim=0)[None, :, None, None]
    stack = torch.rand(1, 11, 1, 1, dtype=torch.float64)
    plane, depth, sd = read_out(stack, weights)[0, :, 0, 0]
    assert depth.item() == pytest.approx(mean, abs=1e-4)
    assert sd.item() == pytest.approx(spread, abs=1e-4)
    assert plane.item() == pytest.approx((weights * stack).sum().item())
    if steepness == 0:
        assert plane.item() == pytest.approx(stack.mean().item())


def test_weights_are_shares_and_a_plane_lies_within_its_stack():
    stack = torch.randn(2, 7, 16, 12)
    part = build().sheet
    weights = part.weights(stack)
    torch.testing.assert_close(weights.sum(1), torch.ones(2, 16, 12), rtol=0, atol=1e-6)
    plane = part(stack)[:, 0]
    assert (plane <= stack.amax(1) + 1e-6).all()
    assert (plane >= stack.amin(1) - 1e-6).all()
    torch.testing.assert_close(part(stack[:, :1])[:, 0], stack[:, 0])


def test_one_plane_alone_is_read_where_it_lies():
    height = torch.randint(0, 9, (1, 12, 12))
    weights = torch.nn.functional.one_hot(height, 9).movedim(-1, 1).float()
    image = torch.randn(1, 12, 12)
    plane, depth, spread = read_out(weights * image[:, None], weights)[0]
    torch.testing.assert_close(plane, image[0])
    torch.testing.assert_close(depth, height[0].float())
    assert spread.abs().max() == 0


def test_where_planes_do_not_see_each_other_their_order_changes_nothing():
    part = build().sheet
    for name, parameter in part.named_parameters():
        if name.endswith("weight"):
            with torch.no_grad():
                parameter[:, :, [0, 2]] = 0
    stack = torch.randn(1, 7, 16, 16)
    other = stack[:, torch.randperm(7)]
    torch.testing.assert_close(part(stack)[:, 0], part(other)[:, 0])


def test_tiles_of_a_stack_join_to_the_whole_and_depths_are_told():
    network = build(projection_depth=2, depth=2)
    stack = np.random.default_rng(0).normal(10, 3, (9, 70, 90)).astype(np.float32)
    whole, tiled = (
        restore_projection(network, stack, tile=tile, **PREDICTION) for tile in (512, 32)
    )
    for name in ("restored", "projected", "height", "spread"):
        one, other = getattr(whole, name), getattr(tiled, name)
        assert one.shape == (70, 90)
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5)
    assert whole.height.min() >= 0
    assert whole.height.max() <= 8
    # In its own units, whatever gain and offset.
    brighter = restore_projection(network, 3 * stack + 7, tile=512, **PREDICTION)
    np.testing.assert_allclose(brighter.restored, 3 * whole.restored + 7, atol=1e-3)
    np.testing.assert_allclose(brighter.height, whole.height, atol=1e-4)


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        (np.zeros((16, 16)), "A stack is 16 x 16, but a sheet is projected out of stacks"),
        (np.ones((1, 16, 16)), "1 x 16 x 16, but a sheet is projected out of stacks of two planes"),
        (np.random.default_rng(0).random((6, 3, 40)), "at least 4 px a side"),
        (np.full((6, 16, 16), np.nan), "NaN"),
    ],
)
def test_stacks_that_cannot_be_projected_are_told(stack, told):
    with pytest.raises(InputError, match=told):
        restore_projection(build(depth=2), stack, tile=512, **PREDICTION)


def test_a_network_of_stacks_is_not_taken_for_one_of_images(tmp_path):
    with pytest.raises(InputError, match="give its data set 'target: plane'"):
        networks.build(SMALL, dims=3, probabilistic=False)
    method = {"objective": "supervised", "loss": "mae"}
    card = {"network": SMALL, "method": method, "normalizer": None, "dims": 2}
    card["probabilistic"] = False
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(InputError, match="makes planes of stacks, and is not for images"):
        model_folder.open(tmp_path)


@pytest.fixture
def model(tmp_path, monkeypatch):
    """The folder of a network that was trained on planes 0.5 um apart, beside a stack of such."""
    monkeypatch.chdir(tmp_path)
    method = {"objective": "supervised", "loss": "mae"}
    card = {"network": SMALL, "method": method, "dims": 2, "probabilistic": False}
    card["units"] = {"noise": None, "truth": None, "z_spacing_um": 0.5}
    (tmp_path / "model").mkdir()
    (tmp_path / "model/card.json").write_text(json.dumps(card), encoding="utf-8")
    save_weights(tmp_path / "model/last.safetensors", build().state_dict())
    for name, apart in (("a", 0.5), ("coarse", 0.8)):
        sizes = {"pixel_size_um": 0.2, "spacing_um": apart}
        write_image(tmp_path / f"{name}.tif", STACK, **sizes, axes="ZYX")
    return tmp_path / "model"


def test_the_command_projects_with_a_trained_network_and_writes_its_depths(model):
    words = ["--height", "height.tif", "--spread", "spread.tif", "--output", "plane.tif"]
    call("project", "a.tif", "--model", "model", *words)
    found = restore_projection(build(), STACK, tile=512, **{**PREDICTION, "precision": "mixed"})
    for name, expected in (
        ("plane", found.restored),
        ("height", 0.5 * found.height),
        ("spread", 0.5 * found.spread),
    ):
        np.testing.assert_allclose(read_image(f"{name}.tif").pixels, expected, rtol=1e-5)
    other = ["--model", "model", "--output", "other.tif"]
    told = call("project", "coarse.tif", *other, code=1)[1]
    assert "lie 0.8 um apart, but the network was trained on stacks of 0.5 um" in told
    call("project", "a.tif", *other, "--how", "mean", code=2)
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    for changed_card, sentence in (
        ({**card, "units": {}}, "does not tell how far the planes lie apart"),
        ({**card, "network": {**SMALL, "architecture": "unet"}}, "makes no planes of stacks"),
    ):
        (model / "card.json").write_text(json.dumps(changed_card), encoding="utf-8")
        assert sentence in call("project", "a.tif", *other, code=1)[1]


def test_patches_are_whole_along_z_and_normalised_by_all_of_the_stack():
    rng = np.random.default_rng(1)
    plane = rng.random((48, 40)).astype(np.float32) + 1
    stack = np.stack([plane * (1 + z) for z in range(6)])
    cut = extract_stack_patches(
        stack, plane, side=16, count=5, rng=np.random.default_rng(2), name="s"
    )
    assert (cut.low.shape, cut.high.shape, cut.positions.shape) == (
        (5, 6, 16, 16),
        (5, 16, 16),
        (5, 2),
    )
    for low, high, (y, x) in zip(cut.low, cut.high, cut.positions, strict=True):
        shown = plane[y : y + 16, x : x + 16]
        np.testing.assert_allclose(np.corrcoef(high.ravel(), shown.ravel())[0, 1], 1, rtol=1e-5)
        # One pair of numbers for all planes: they stay as much brighter than each other.
        steps = [low[z] - low[0] for z in range(1, 6)]
        np.testing.assert_allclose(steps[4], 5 * steps[0], rtol=1e-3, atol=1e-4)
    with pytest.raises(InputError, match="48 x 40"):
        extract_stack_patches(stack, plane.T, side=16, count=5, rng=rng, name="s")


def test_a_sheet_that_leaves_its_stack_is_told_by_its_truth():
    plane = project_along(STACK, HEIGHT, half_planes=1)
    check_sheet_inside(STACK, plane)
    with pytest.raises(InputError, match="brightest in the first of its 12 planes"):
        check_sheet_inside(STACK[8:], plane)
    with pytest.raises(InputError, match="brightest in the last of its 10 planes"):
        check_sheet_inside(STACK[:10], plane)
    with pytest.raises(InputError, match="stacks of 5 planes or more"):
        check_sheet_inside(STACK[:4], plane)


def test_baselines_make_planes_without_learning():
    restore, shown = filters.get("projection"), STACK.max(axis=0)
    given = {"stack": STACK, "voxel_um": VOXEL, "height_um": HEIGHT * VOXEL[0]}
    mean = restore(shown, how="mean", **given).pixels
    np.testing.assert_allclose(mean, STACK.mean(axis=0), rtol=1e-6)
    known = restore(shown, how="known-surface", half_planes=1, **given).pixels
    np.testing.assert_array_equal(known, project_along(STACK, HEIGHT, half_planes=1))
    found = restore(shown, **FOUND, **given).pixels
    assert np.mean(np.abs(found - known) > 0) < 0.5
    nlm = restore(shown, **FOUND, nlm={"patch_size": 5, "patch_distance": 3}, **given)
    assert nlm.settings["h"] > 0
    assert nlm.pixels.std() < found.std()
    for options, told in (
        ({"how": "mean"}, "give its data set 'target: plane'"),
        ({"how": "surface", **given}, "needs 'half_planes'"),
        ({"how": "known-surface", "half_planes": 1, **given, "height_um": None}, "'height_um'"),
        ({"how": "best", **given}, "must be one of known-surface, mean, surface"),
    ):
        with pytest.raises(InputError, match=told):
            restore(shown, **options)


def test_the_truth_of_a_simulated_sheet_is_what_lies_on_its_surface():
    quiet = {**SIMULATION["sheet"], "above": 0, "below": 0}
    field = sheet.draw({**SIMULATION, "sheet": quiet}, np.random.default_rng(3))
    depth = field.height_um / 0.5
    places = np.stack([depth, *np.indices(depth.shape)])
    read = ndimage.map_coordinates(field.light, places, order=3)
    np.testing.assert_allclose(read, field.plane, rtol=0.02, atol=0.01)
    assert 0 < field.height_um.min() < field.height_um.max() < 11.5
    bright = sheet.draw(SIMULATION, np.random.default_rng(3))
    np.testing.assert_array_equal(bright.plane, field.plane)
    assert (bright.light >= field.light).all()
    steep = {**SIMULATION["sheet"], "relief_um": 9}
    with pytest.raises(InputError, match=r"its stack is 11\.5 um deep; lower 'relief_um'"):
        sheet.draw({**SIMULATION, "sheet": steep}, np.random.default_rng(3))


def test_cells_of_a_simulated_sheet_lie_between_its_membranes():
    ((name, cells),) = sheet.labels({**SIMULATION, "train_images": 1, "test_images": 0}, 3)
    (pair,) = sheet.simulate({**SIMULATION, "train_images": 1, "test_images": 0}, 3)
    assert name == pair.image
    assert (cells.shape, cells.min() > 0) == (pair.high.shape, True)
    inside = ndimage.minimum_filter(cells, 5) == ndimage.maximum_filter(cells, 5)
    between = ndimage.minimum_filter(cells, 3) != ndimage.maximum_filter(cells, 3)
    assert pair.high[between].mean() > 1.5 * pair.high[inside].mean()


def test_fields_of_sheets_do_not_depend_on_how_many_others_there_are():
    made = {pair.image: pair for pair in sheet.simulate({**SIMULATION, "train_images": 2}, 3)}
    depths = list(sheet.heights(SIMULATION, 3))
    for pair, depth in zip(sheet.simulate(SIMULATION, 3), depths, strict=True):
        np.testing.assert_array_equal(pair.low, made[pair.image].low)
        assert (pair.low.shape, pair.high.shape) == ((24, 64, 64), (64, 64))
        assert depth.shape == (64, 64)
    assert list(made) == ["train-000", "train-001", "test-000"]


@pytest.fixture
def rows(tmp_path):
    """The rows of a table of one stack and its plane."""
    plane = project_along(STACK, HEIGHT, half_planes=1)
    write_image(tmp_path / "low.tif", STACK, pixel_size_um=0.2, spacing_um=0.5, axes="ZYX")
    write_image(tmp_path / "high.tif", plane, pixel_size_um=0.2, axes="YX")
    row = {"image": "a", "split": "train", "low": str(tmp_path / "low.tif")}
    row["high"] = str(tmp_path / "high.tif")
    return pair_table.parse_pairs([row], table="pairs.tsv", volumes=True)


def lay_out(rows, folder, **settings):
    options = {"pixel_size_um": 0.2, "stride": 8, "repair": False, "as_patches": False}
    return sheets.write_sheets(
        *(rows, folder / "images", folder / "stacks"),
        report=lambda *_, **__: None,
        **{**options, **settings},
    )


def test_stacks_lie_beside_their_maximum_and_their_plane(rows, tmp_path):
    (row,) = lay_out(rows, tmp_path)
    np.testing.assert_array_equal(read_image(row["low"]).pixels, STACK.max(axis=0))
    np.testing.assert_array_equal(read_image(row["high"]).pixels, read_image(rows[0].high).pixels)
    stack = read_exposure(tmp_path / "stacks", "a", "low")
    np.testing.assert_array_equal(stack.pixels, STACK)
    assert stack.spacing_um == 0.5
    thin = replace(stack, pixels=stack.pixels[1:])
    with pytest.raises(InputError, match="S has 19 planes, but a 20"):
        sheets.check_alike(thin, stack, name="S", first="a")
    with pytest.raises(InputError, match=r"S tells that its planes lie 0\.7 um apart, but a 0\.5"):
        sheets.check_alike(replace(stack, spacing_um=0.7), stack, name="S", first="a")


@pytest.mark.parametrize("kind", [np.float64, np.int32, np.float32, np.uint8])
def test_planes_of_any_kind_of_number_are_taken(rows, tmp_path, kind):
    plane = (20 + 200 * STACK.max(axis=0) / STACK.max()).astype(kind)
    tifffile.imwrite(tmp_path / "high.tif", plane)
    (row,) = lay_out(rows, tmp_path)
    np.testing.assert_allclose(read_image(row["high"]).pixels, plane, rtol=1e-6)


def test_planes_that_do_not_go_with_their_stack_are_told(rows, tmp_path):
    with pytest.raises(InputError, match="20 x 96 x 96 px, but the networks need planes of 128"):
        lay_out(rows, tmp_path, stride=128)
    write_image(tmp_path / "high.tif", STACK[0, :90], pixel_size_um=0.2, axes="YX")
    with pytest.raises(InputError, match=r"planes of 96 x 96 px, but its truth .* is 90 x 96 px"):
        lay_out(rows, tmp_path)
    tifffile.imwrite(tmp_path / "high.tif", STACK, imagej=True, metadata={"axes": "ZYX"})
    with pytest.raises(InputError, match="has 20 planes, but with 'target: plane' it is the plane"):
        lay_out(rows, tmp_path)


def changed(**parts):
    """The study with keys of its parts replaced, given as ``datasets__wing__z_spacing_um=1``."""
    config = copy.deepcopy(CONFIG)
    for path, value in parts.items():
        *keys, last = path.split("__")
        entry = config
        for key in keys:
            entry = entry[key.replace("maximum_unet", "maximum-unet")]
        if value is None:
            del entry[last]
        else:
            entry[last] = value
    return config


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"datasets__wing": {"pixel_size_um": 0.2, "target": "plane", "pairs": "a.tsv"}},
         "how far their planes lie apart is not known, and not guessed"),
        ({"datasets__wing__target": None}, "simulates a sheet, whose truth is a plane"),
        ({"datasets__wing": {"pixel_size_um": 0.2, "z_spacing_um": 0.5, "target": "plane",
                             "pairs": "a.tsv", "outside": [0]}}, "'outside' has no meaning"),
        ({"datasets__wing": {"pixel_size_um": 0.2, "z_spacing_um": 0.5, "target": "plane",
                             "folder": {"low": "a/*.tif", "high": "b/*.tif", "pages": "z-stack",
                                        "test": ["x"]}}}, "is told by a pair table"),
        ({"train_sets__wing__patch_size": [24, 64, 64]}, "whole along z; say one number"),
        ({"train_sets__wing__patch_size": 60}, "multiple of 8"),
        ({"train_sets__wing__patch_size": 168}, "larger than the simulated images of 160 x 160"),
        ({"methods__projection__loss": "laplace"}, "loss is 'laplace', but networks of stacks"),
        ({"methods__maximum_unet__normalization": "photons"}, "normalization is 'photons'"),
        ({"methods__projected__of": "maximum-unet"}, "no method that makes planes of stacks"),
        ({"prediction__turned": True}, "stacks become planes as they lie"),
        ({"controls": {"test_sets": ["wing"], "images": 1, "seed": 0}}, "controls names 'wing'"),
        ({"datasets__other": {"pixel_size_um": 0.2, "z_spacing_um": 0.8, "target": "plane",
                              "pairs": "a.tsv"}, "test_sets__wing__dataset": "other"},
         "known of simulated stacks alone|planes lie 0.5 um apart and restores such of 0.8 um"),
        ({"datasets__other": {"pixel_size_um": 0.2, "pairs": "a.tsv"},
          "test_sets__wing__dataset": "other"}, "images of 'other', which become no planes"),
    ],
)  # fmt: skip
def test_what_does_not_fit_stacks_that_become_planes_is_told_before_anything_runs(parts, told):
    with pytest.raises(InputError, match=told):
        check.check(changed(**parts), schemas=SCHEMAS, file="study.yaml")


def test_networks_of_stacks_are_for_data_sets_with_a_target():
    config = changed(datasets__other={"pixel_size_um": 0.2, "pairs": "a.tsv"})
    for kind in ("train_sets", "test_sets"):
        config[kind]["wing"]["dataset"] = "other"
    with pytest.raises(InputError, match=r"methods\.\w+ makes planes of stacks, but the images of"):
        check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_a_study_of_sheets_asks_for_what_has_a_meaning_there():
    study = Study(CONFIG)
    assert (study.sheets, study.simulated_sheets, study.scored_sets) == (["wing"],) * 3
    assert (study.examined_sets, study.drawn_labels, study.z_spacing("wing")) == (
        [],
        ["wing"],
        None,
    )
    assert study.projecting_methods == ["projection", "projected"]
    assert (study.plain_methods, study.validated_methods) == (["maximum-unet"], ["maximum-unet"])
    assert (study.target("projection"), study.target("maximum-unet")) == ("stacks", "")
    assert study.plain_filters == ["noisy"]
    assert study.choice_of("wing")["volumes"]
    assert study.registered_choice("wing") == {}
    assert study.greatest_stride == 8

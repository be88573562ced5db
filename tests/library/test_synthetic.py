"""Widefield images beside a sharp truth: chains, balls, lines, light, and what a study may ask."""

import copy
from pathlib import Path

import numpy as np
import pytest
import yaml

from denoisekit.errors import InputError
from denoisekit.schemas import check_schema
from denoisekit.simulate import synthetic
from denoisekit.simulate.scene import worms
from denoisekit.simulate.synthetic import _widefield, granules, lines
from denoisekit.study import check
from denoisekit.study.design import Study
from denoisekit.study.shipped import schemas

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = schemas()
CONFIG = yaml.safe_load((ROOT / "config/synthetic.yaml").read_text(encoding="utf-8"))
SIMULATED = {
    name: {**CONFIG["datasets"][name]["simulate"], "pixel_size_um": 0.03}
    for name in ("tubules", "granules", "lines")
}
STILL = {"gain": 1.0, "offset": 0, "read_noise": 0}
PURE = {
    "haze": {"share": [0, 0], "sigma_um": [0.5, 0.5]},
    "background": {"share": [0, 0], "smooth_um": 0.5, "contrast": 0},
    "psf_um": [0.12, 0.12],
    "truth_um": 0.06,
}


def settings(structure="tubules", **changes):
    small = {"size": 96, "train_images": 1, "test_images": 1, **changes}
    camera = {**SIMULATED[structure]["camera"], **small.pop("camera", {})}
    return {**SIMULATED[structure], **small, "camera": camera}


def simulated(structure="tubules", **changes):
    asked = settings(structure, **changes)
    return list(synthetic.get(structure)(asked, asked["seed"]))


def seen(draw, **changes):
    return _widefield.seen(settings(**PURE, **changes), np.random.default_rng(0), draw)


def two_lines(apart_um):
    """Points of two lines along y about the middle of a field of 96 px."""

    def draw(asked, rng):
        y = np.arange(*_widefield.area_um(asked), 0.01)
        x = 47.3 * 0.03 + np.array([-0.5, 0.5]) * apart_um
        yx = np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1).reshape(-1, 2)
        return yx, np.ones(len(yx))

    return draw


def profile(image):
    """What lies along x through two lines, a thousandth of a pixel apart, and the places."""
    places = np.arange(20, 75, 0.001)
    spline = np.interp(places, np.arange(96), image.mean(axis=0))
    return places, spline


def test_names_are_the_modules_and_the_schemas():
    structures = SCHEMAS["synthetic.schema.yaml"]["properties"]["structure"]["enum"]
    assert synthetic.names() == structures == list(check._SHARP_STRUCTURES)


@pytest.mark.parametrize("structure", ["tubules", "granules", "lines"])
def test_what_the_study_asks_for_is_what_the_schema_describes(structure):
    asked = CONFIG["datasets"][structure]["simulate"]
    check_schema(asked, schema="synthetic.schema.yaml", schemas=SCHEMAS, file="A simulation")


def test_chains_are_as_long_from_end_to_end_as_theory_says():
    rng, persistence, length = np.random.default_rng(0), 5.0, 20.0
    count = 4000
    yx, _ = worms(
        rng,
        np.zeros((count, 2)),
        np.zeros(count),
        np.full(count, length),
        persistence_um=persistence,
    )
    end = np.sum(yx[:, int(length / 0.07) - 1] ** 2, axis=1).mean()
    share = 2 * persistence / length
    expected = 4 * persistence * length * (1 - share * (1 - np.exp(-1 / share)))
    assert end == pytest.approx(expected, rel=0.04)


def test_a_line_is_as_wide_as_the_point_spread_function():
    field = seen(two_lines(0.0))
    for image, sigma in ((field.light, 0.12), (field.truth, 0.06)):
        places, values = profile(image)
        half = places[values > values.max() / 2]
        assert (half[-1] - half[0]) * 0.03 == pytest.approx(2.355 * sigma, rel=0.02)
        assert places[np.argmax(values)] == pytest.approx(47.3, abs=0.5)


@pytest.mark.parametrize(("apart", "dip"), [(2.2, 0.974), (2.5, 0.870), (3, 0.642), (4, 0.271)])
def test_two_lines_dip_in_the_middle_as_two_gaussians_do(apart, dip):
    # At a third of the pixel size, so that pixels do not miss the middle.
    field = seen(two_lines(apart * 0.12))
    places, values = profile(field.light)
    middle = np.interp(47.3, places, values)
    assert middle / values.max() == pytest.approx(dip, abs=0.02)


def test_a_ball_spreads_as_its_radius_and_the_point_spread_function_say():
    asked = {"per_um2": [1, 1], "radius_um": [0.25, 0.25], "brightness": [1, 1]}
    yx, weight = granules.draw(settings("granules", granules=asked), np.random.default_rng(0))
    ball = yx[:120] - np.average(yx[:120], axis=0, weights=weight[:120])
    spread = np.average(ball**2, axis=0, weights=weight[:120])
    np.testing.assert_allclose(spread, 0.25**2 / 5, rtol=0.02)
    assert weight.sum() == pytest.approx(len(yx) / 120)
    # As many as asked for in the field and the border that shines into it.
    assert len(yx) / 120 == pytest.approx(((96 + 128) * 0.03) ** 2, abs=4 * 6.7)


def test_fields_do_not_depend_on_how_many_there_are():
    few, many = simulated(), simulated(train_images=2, test_images=2)
    assert [pair.image for pair in many] == [
        "train-000",
        "train-001",
        "test-000",
        "test-001",
    ]
    for one, other in ((few[0], many[0]), (few[1], many[2])):
        np.testing.assert_array_equal(one.low, other.low)
        np.testing.assert_array_equal(one.high, other.high)
    assert abs(np.corrcoef(many[0].high.ravel(), many[1].high.ravel())[0, 1]) < 0.2


def test_images_have_the_light_that_is_asked_for():
    bright = simulated(photons=[4000, 4000], camera={**STILL, "offset": 50})
    for pair in bright:
        top = np.percentile(pair.low.astype(float) - 50, 99.9)
        assert top == pytest.approx(4000, rel=0.05)
        assert np.percentile(pair.high.astype(float) - 50, 99.9) == pytest.approx(2000, rel=0.08)
    many = simulated(photons=[10, 1000], train_images=16, camera=STILL)
    tops = np.log([np.percentile(pair.low, 99) for pair in many])
    assert np.log(8) < tops.min() < np.log(40) < np.log(300) < tops.max() < np.log(1100)


def test_haze_and_background_take_contrast_and_are_not_in_the_truth():
    clear = simulated(**{**PURE, "camera": STILL, "photons": [2000, 2000]})[0]
    haze = {"share": [1, 1], "sigma_um": [0.8, 0.8]}
    background = {"share": [0.5, 0.5], "smooth_um": 0.5, "contrast": 0.2}
    hazy = simulated(
        **{**PURE, "haze": haze, "background": background},
        camera=STILL,
        photons=[2000, 2000],
    )[0]
    assert np.percentile(hazy.low, 5) > np.percentile(clear.low, 5) + 200
    assert np.percentile(hazy.high, 5) < 20


def test_enlarged_images_lie_where_those_of_the_finer_camera_do():
    quiet = {**PURE, "camera": STILL, "photons": [8000, 8000]}
    fine, coarse = (simulated(upsampled=n, **quiet)[0].low.astype(float) for n in (1, 2))
    coarse /= 4
    apart = [
        np.sum((fine - np.roll(coarse, shift, axis=1))[4:-4, 4:-4] ** 2) for shift in (-1, 0, 1)
    ]
    assert np.argmin(apart) == 1
    # Steps to either side are equally wrong: no half pixel is lost.
    assert apart[0] == pytest.approx(apart[2], rel=0.1)
    assert apart[1] < 0.2 * apart[0]


def test_enlarged_images_have_correlated_noise():
    flat = {**PURE, "background": {"share": [50, 50], "smooth_um": 1, "contrast": 0}}
    for finer, expected in ((1, 0), (2, 0.84)):
        low = simulated(upsampled=finer, **flat, photons=[100, 100])[0].low.astype(float)
        noise = low - low.mean()
        found = np.mean(noise[:, 1:] * noise[:, :-1]) / noise.var()
        # Of neighbours: the mean of 0.6 (of one pixel of the camera) and 0.6 + 0.4 shares.
        assert found == pytest.approx(expected, abs=0.12)


def test_pairs_of_lines_lie_where_the_layout_says():
    asked = settings("lines", size=256)
    pair = simulated("lines", size=256, photons=[2000, 2000])[0]
    course = pair.high.astype(float).mean(axis=0)
    for place in lines.layout(asked)[2:]:
        left, right = (place.middle_px + side * place.apart_px / 2 for side in (-1, 1))
        for edge in (left, right):
            near = np.arange(int(edge) - 2, int(edge) + 4)
            assert near[np.argmax(course[near])] == pytest.approx(edge, abs=1)


@pytest.mark.parametrize(
    ("structure", "changes", "sentence"),
    [
        (
            "tubules",
            {"psf_um": [0.2, 0.1]},
            "psf_um must be the lowest and then the highest value",
        ),
        (
            "tubules",
            {"truth_um": 0.03},
            "which a truth narrower than 0.035 would show one by one",
        ),
        ("tubules", {"truth_um": 0.09}, "the narrowest of psf_um 0.085"),
        (
            "tubules",
            {"size": 97, "upsampled": 2},
            "size is 97, which is no multiple of upsampled",
        ),
        (
            "tubules",
            {"haze": {"share": [1, 0], "sigma_um": [1, 1]}},
            "haze.share must be the",
        ),
        ("lines", {"size": 96}, "make it larger, or give fewer distances in apart_um"),
        (
            "granules",
            {
                "granules": {
                    "per_um2": [1e-9, 1e-9],
                    "radius_um": [0.1, 0.1],
                    "brightness": [1, 1],
                }
            },
            "show nothing; raise how much there is of granules",
        ),
    ],
)
def test_what_cannot_be_simulated_is_told(structure, changes, sentence):
    with pytest.raises(InputError) as error:
        simulated(structure, **changes)
    assert sentence in str(error.value)


def changed(path, value):
    config = copy.deepcopy(CONFIG)
    *parents, last = path.split(".")
    place = config
    for key in parents:
        place = place.setdefault(key, {})
    if value is None:
        place.pop(last)
    else:
        place[last] = value
    return config


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "datasets.tubules.target",
            None,
            "simulates tubules, whose truth is sharper than the",
        ),
        (
            "datasets.tubules.simulate.photons",
            [0, 1],
            "datasets.tubules.simulate.photons.0",
        ),
        ("datasets.tubules.simulate.granules", {}, "datasets.tubules.simulate"),
        ("datasets.granules.pixel_size_um", 0.06, ""),
        (
            "datasets.lines.pixel_size_um",
            0.06,
            "learns from pixels of 0.03 um and restores such",
        ),
        (
            "methods.care.objective",
            "noise2noise",
            "but the truth of 'tubules' is sharper",
        ),
    ],
)
def test_studies_that_would_be_wrong_are_told(path, value, sentence):
    config = changed(path, value)
    if not sentence:
        check.check(config, schemas=SCHEMAS, file="study.yaml")
        return
    if value == "noise2noise":
        config["methods"]["care"]["normalization"] = "mean-std"
    with pytest.raises(InputError) as error:
        check.check(config, schemas=SCHEMAS, file="study.yaml")
    assert sentence in str(error.value)


def test_a_sharp_truth_is_of_planes_of_another_microscope():
    for key, value in (("z_spacing_um", 0.2), ("averaged", {"low": 1, "high": 4})):
        config = copy.deepcopy(CONFIG)
        own = {
            "pixel_size_um": 0.03,
            "target": "sharp",
            "pairs": "own.tsv",
            "register": False,
        }
        config["datasets"]["own"] = {**own, key: value}
        with pytest.raises(InputError, match=f"'{key}' has no meaning for them"):
            check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_images_beside_a_sharp_truth_are_not_mixed_with_others():
    config = copy.deepcopy(CONFIG)
    config["datasets"]["own"] = {"pixel_size_um": 0.03, "pairs": "own.tsv"}
    config["test_sets"]["lines"]["dataset"] = "own"
    with pytest.raises(InputError, match="beside such of a sharper one"):
        check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_the_study_knows_what_is_sharp():
    study = Study(CONFIG)
    names = ["tubules", "granules", "lines"]
    assert study.sharp == study.simulated_sharp == study.scored_sets == names
    assert study.simulated_plainly == study.examined_sets == study.sheets == []
    assert study.structure_module("lines") == "denoisekit.simulate.synthetic.lines"


def test_deconvolution_is_for_a_sharper_truth_alone():
    config = copy.deepcopy(CONFIG)
    for name in ("tubules", "granules", "lines"):
        config["datasets"][name] = {"pixel_size_um": 0.03, "pairs": "own.tsv"}
    with pytest.raises(InputError, match="makes images sharper, but the truth of 'tubules'"):
        check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_looks_are_of_two_data_sets_of_one_kind():
    config = copy.deepcopy(CONFIG)
    folder = {"low": "own/*", "pages": "movie"}
    config["datasets"]["own"] = {"pixel_size_um": 0.03, "target": "sharp", "folder": folder}
    config["looks"] = {"own": {"simulated": "tubules", "measured": "own"}}
    check.check(config, schemas=SCHEMAS, file="study.yaml")
    study = Study(config)
    assert (list(study.ranges), list(study.looks)) == (["own"], [])
    assert "ranges" in study.tables
    assert "range-own" in study.figures
    # No truth is needed of what is held against simulated images.
    assert study.compared_with_truth == set()
    del config["datasets"]["own"]["target"]
    config["datasets"]["own"]["folder"] |= {"high": "high/*", "test": ["*"]}
    with pytest.raises(InputError, match="of which only one has a truth that is sharper"):
        check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_what_is_measured_of_a_sharp_truth_is_asked_for():
    study = Study(CONFIG)
    assert "resolution" in study.tables
    assert {"resolution-lines", "reblurred-tubules"} <= set(study.figures)
    assert not any(name.startswith("residuals") for name in study.figures)
    assert study.line_pairs("tubules") is None
    assert study.line_pairs("lines")["pixel_size_um"] == 0.03

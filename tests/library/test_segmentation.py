"""The pipelines that find objects, how their settings are chosen, and the labels they need."""

import re

import numpy as np
import pytest
import tifffile
import yaml
from scipy import ndimage
from test_volumes import SCHEMAS, SETTINGS, STUDY, changed

from denoisekit.datasets import labels, pair_table, registering
from denoisekit.datasets.registered import read_registered
from denoisekit.errors import InputError
from denoisekit.evaluation import segmentation
from denoisekit.evaluation.objects import measure
from denoisekit.simulate import volumes
from denoisekit.study import check as study_check
from denoisekit.study.design import Study

NUCLEI = {"smoothing_um": 0.1, "threshold": 1.0, "apart_um": 0.8, "smallest_um": 0.5}
CELLS = {"smoothing_um": 1.0, "depth": 0.1, "smallest_um": 3.0}
VOXEL = (0.4, 0.2, 0.2)


def balls(*centres_um, radius_um, shape=(24, 48, 48), voxel=VOXEL):
    """Label balls in a volume of anisotropic voxels."""
    places = np.moveaxis(np.indices(shape), 0, -1) * voxel
    made = np.zeros(shape, dtype=int)
    for number, (centre, radius) in enumerate(zip(centres_um, radius_um, strict=True), start=1):
        made[np.linalg.norm(places - centre, axis=-1) < radius] = number
    return made


def nuclei(image, *, voxel=VOXEL, **changes):
    return segmentation.segment(image, how="nuclei", settings=NUCLEI | changes, voxel_um=voxel)


def test_touching_nuclei_are_split_in_voxels_of_any_sides():
    made = balls((5, 3, 5), (5, 6.5, 5), radius_um=(1.9, 1.9))
    found = nuclei(100.0 * (made > 0))
    assert measure(made, found)["f1_50"] == 1
    assert measure(made, found)["seg"] > 0.9
    # Where nuclei lie farther apart than that, they are one.
    assert nuclei(100.0 * (made > 0), apart_um=4.0).max() == 1


def test_a_small_nucleus_beside_a_large_one_is_not_lost():
    made = balls((5, 4, 5), (5, 8.2, 5), radius_um=(3.0, 0.7))
    found = nuclei(100.0 * (made > 0), apart_um=4.5, smoothing_um=0.02)
    assert measure(made, found)["f1_50"] == 1
    assert found.dtype == np.int32


def test_what_is_smaller_than_a_ball_or_a_disc_is_left_out():
    made = balls((5, 3, 5), (5, 8, 5), radius_um=(1.5, 0.8))
    # Balls of 3.0 and 1.6 um across.
    counts = {um: nuclei(1.0 * (made > 0), smallest_um=um).max() for um in (1.4, 2.0, 3.3)}
    assert counts == {1.4: 2, 2.0: 1, 3.3: 0}
    assert list(np.unique(nuclei(1.0 * (made > 0), smallest_um=2.0))) == [0, 1]
    plane = made[12]
    flat = {um: nuclei(1.0 * (plane > 0), smallest_um=um, voxel=VOXEL[1:]).max() for um in (1.4, 2)}
    assert flat == {1.4: 2, 2: 1}


@pytest.mark.parametrize("how", ["nuclei", "membranes"])
def test_gain_and_offset_change_nothing_that_is_found(how):
    image = ndimage.gaussian_filter(np.random.default_rng(2).normal(size=(64, 64)), 3)
    settings = {"nuclei": NUCLEI, "membranes": CELLS}[how]
    options = {"how": how, "settings": settings, "voxel_um": (0.3, 0.3)}
    found = segmentation.segment(image, **options)
    assert found.max() > 3
    moved = segmentation.segment(40 + 16 * image, **options)
    assert np.mean(moved == found) > 0.999


def membranes(*, noise=0.0):
    """Cells of 12 px in rows, bright between them."""
    cells = np.arange(16).reshape(4, 4).repeat(12, 0).repeat(12, 1) + 1
    edge = np.isin(np.arange(48) % 12, (0, 11))
    image = 100.0 * (edge[:, None] | edge[None])
    return image + np.random.default_rng(0).normal(0, noise, image.shape), cells


def test_cells_are_found_between_membranes_and_not_in_their_noise():
    image, cells = membranes(noise=8.0)
    options = {"how": "membranes", "voxel_um": (1, 1)}
    found = segmentation.segment(image, settings=CELLS, **options)
    assert measure(cells, found)["f1_50"] == 1
    assert found.min() == 1
    shallow = {**CELLS, "smoothing_um": 0.0, "depth": 1e-6, "smallest_um": 0.0}
    assert segmentation.segment(image, settings=shallow, **options).max() > 50
    # Where no minimum is deep enough, all is one cell.
    deep = segmentation.segment(image[:6, :6], settings={**CELLS, "depth": 0.99}, **options)
    assert deep.max() == 1


def test_an_image_in_which_nothing_is_shows_nothing_and_nan_is_told():
    assert nuclei(np.full((8, 8, 8), 7.0)).max() == 0
    with pytest.raises(InputError, match="has 1 pixels that are NaN"):
        nuclei(np.where(np.arange(512).reshape(8, 8, 8) == 3, np.nan, 1.0))
    with pytest.raises(InputError, match="voxels of 3 sides, but the image has 2 axes"):
        nuclei(np.ones((8, 8)))


def tried_on(image, **settings):
    made = {"train-0": (image, (image > 50).astype(int), (0.2, 0.2))}
    return segmentation.try_out(made, how="nuclei", settings=NUCLEI | settings)


def test_settings_are_those_of_the_highest_seg_and_ends_of_candidates_are_told():
    disc = 100.0 * (balls((2.4, 4.8, 4.8), radius_um=(2,), shape=(12, 48, 48))[6] > 0)
    lists = {"smoothing_um": [0.05, 1.5], "threshold": [1.0], "apart_um": [1.0, 2.0, 3.0]}
    tried = tried_on(disc, **lists)
    assert len(tried) == 6
    best = segmentation.best(tried, how="nuclei")
    assert best == {"smoothing_um": 0.05, "threshold": 1.0, "apart_um": 1.0, "smallest_um": 0.5}
    assert max(row["seg"] for row in tried) == next(row["seg"] for row in tried)
    told = segmentation.end_sentences(tried, how="nuclei")
    assert told[0].startswith("smoothing_um 0.05 is the least of its 2 candidates")
    # A setting of one candidate was not chosen, and has no end.
    assert not any("threshold" in sentence for sentence in told)
    with pytest.raises(InputError, match="None of the 6 settings finds any labelled object"):
        segmentation.best(tried_on(disc, **{**lists, "smallest_um": 90}), how="nuclei")


def test_labels_of_simulated_nuclei_lie_where_their_light_is():
    shown = {pair.image: pair.high for pair in volumes.get("nuclei")(SETTINGS, 3)}
    drawn = dict(volumes.labels_of("nuclei")(SETTINGS, 3))
    assert list(drawn) == list(shown)
    for name, objects in drawn.items():
        others = [other for key, other in drawn.items() if key != name]
        inside, *beside = (shown[name][o > 0].mean() for o in (objects, *others))
        assert objects.shape == shown[name].shape
        # Above the camera's offset of 100.
        assert inside - 100 > 4 * (shown[name][objects == 0].mean() - 100)
        assert inside - 100 > 1.5 * (max(beside) - 100)


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, pixels)


@pytest.fixture
def registered(tmp_path):
    """Two registered images, to train and to test on; the labels of the second alone."""
    rng = np.random.default_rng(0)
    rows = []
    for split in ("train", "test"):
        low = rng.poisson(20, (64, 48)).astype(np.uint16)
        for exposure, light in (("low", 1), ("high", 9)):
            write(tmp_path / f"{split}-{exposure}.tif", low * light + rng.poisson(9, low.shape))
        files = {e: str(tmp_path / f"{split}-{e}.tif") for e in ("low", "high")}
        rows.append({"image": split, "split": split, **files})
    pairs = pair_table.parse_pairs(rows, table="pairs.tsv")
    treatment = registering.Treatment(apply=False)
    registering.register(pairs, tmp_path / "registered", treatment=treatment, report=print)
    return tmp_path / "registered"


def taken(registered, pixels, *, name="test"):
    write(registered.parent / f"labels/{name}.tif", pixels)
    return labels.take(
        registered,
        registered.parent / "taken",
        file_of=lambda image: registered.parent / f"labels/{image}.tif",
        where="datasets.a.labels",
    )


def test_labels_of_ones_own_are_numbered_and_come_back(registered):
    own = np.zeros((64, 48), dtype=np.uint32)
    own[3:9, 4:9], own[20:30, 7:9] = 70_000, 12
    assert taken(registered, own) == ["test"]
    read = labels.read_labels(registered.parent / "taken", "test")
    assert np.array_equal(read, np.where(own == 12, 1, np.where(own > 0, 2, 0)))
    assert len(read_registered(registered)) == 2
    folders = {"registered": registered, "labels": registered.parent / "taken"}
    with pytest.raises(InputError, match="No image of the split 'train'"):
        labels.labelled_pairs(**folders, split="train", images=2)
    assert [p.image for p in labels.labelled_pairs(**folders, split="test", images=2)] == ["test"]


@pytest.mark.parametrize(
    ("pixels", "name", "sentence"),
    [
        (np.ones((64, 47), np.uint8), "test", "are 64 x 47 pixels, but the registered image is"),
        (np.full((64, 48), 0.5, np.float32), "test", "are no whole numbers from 0 on"),
        (np.full((64, 48), -1, np.int16), "test", "are no whole numbers from 0 on"),
        (np.zeros((64, 48), np.uint8), "test", "are 0 everywhere, so that no object"),
        (np.ones((64, 48), np.uint8), "other", "has no labels of 1 of the images to test on"),
    ],
)
def test_labels_that_do_not_fit_their_images_are_told(registered, pixels, name, sentence):
    with pytest.raises(InputError, match=sentence):
        taken(registered, pixels, name=name)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"test_sets": ["nucleus"]}, "segmentation.long.test_sets is 'nucleus', which the study"),
        ({"how": "cells"}, "segmentation.long"),
        ({"depth": [0.1]}, "segmentation.long has the unknown key 'depth'"),
        ({"smoothing_um": []}, "segmentation.long.smoothing_um"),
        (
            {"chosen_on": {"dataset": "nuclei", "split": "test", "exposure": "low", "images": 1}},
            "settings on the images of 'nuclei' to test on, which are tested by them",
        ),
        (
            {"chosen_on": {"dataset": "own", "split": "test", "exposure": "low", "images": 1}},
            "segmentation.long needs labels of 'own', but the data set has none",
        ),
        (
            {"chosen_on": {"dataset": "noisy", "split": "test", "exposure": "high", "images": 1}},
            "exposure is 'high', but the folder of 'noisy' names no high exposures",
        ),
        (
            {"chosen_on": {"dataset": "flat", "split": "test", "exposure": "low", "images": 1}},
            "one has volumes and one planes",
        ),
        (
            {"chosen_on": {"dataset": "cut", "split": "test", "exposure": "low", "images": 1}},
            "some of whose pixels are outside of the field",
        ),
    ],
)
def test_mistakes_of_a_segmentation_are_one_sentence(parts, sentence):
    own = {"pixel_size_um": 0.1, "z_spacing_um": 0.3, "pairs": "own.tsv"}
    named = {**own, "labels": "labels/{image}.tif"}
    folder = {key: value for key, value in named.items() if key != "pairs"}
    config = changed(
        datasets__own=own,
        datasets__cut=named | {"outside": [0]},
        datasets__flat={key: value for key, value in named.items() if key != "z_spacing_um"},
        datasets__noisy=folder | {"folder": {"low": "low/*.tif", "pages": "z-stack"}},
    )
    study_check.check(config, schemas=SCHEMAS, file="study.yaml")
    config["segmentation"]["long"] |= parts
    with pytest.raises(InputError, match=re.escape(sentence)):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_objects_and_controls_are_of_test_sets_that_some_experiment_restores():
    idle = {"dataset": "nuclei"}
    config = changed(test_sets__idle=idle)
    study_check.check(config, schemas=SCHEMAS, file="study.yaml")
    config["segmentation"]["long"]["test_sets"] = ["idle"]
    with pytest.raises(InputError, match=r"long\.test_sets names 'idle', which no ex"):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")
    controls = {"test_sets": ["idle"], "images": 1, "seed": 0}
    config = changed(test_sets__idle=idle, controls=controls)
    with pytest.raises(InputError, match=r"controls\.test_sets names 'idle', which no"):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_a_segmentation_needs_a_filter_to_beat_and_a_pattern_with_an_images_name():
    config = changed(methods__gaussian=None, methods__nlm=None)
    config["statistics"]["references"] = ["laplace"]
    with pytest.raises(InputError, match="has no filter besides 'noisy', which changes nothing"):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")
    config = changed(datasets__own={"pixel_size_um": 1, "pairs": "a.tsv", "labels": "all.tif"})
    with pytest.raises(InputError, match=r"labels is 'all.tif', but must hold {image}"):
        study_check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_what_is_found_is_a_table_and_a_figure_for_each_pipeline():
    study, plain = Study(STUDY), Study(changed(segmentation=None))
    assert set(study.tables) - set(plain.tables) == {"segmentation", "segmentation-tests"}
    assert set(study.figures) - set(plain.figures) == {
        "segmentation-long.nuclei",
        "segmentation-short.nuclei",
    }
    assert {name for name, *_ in study.segmented} == {"long", "short"}
    assert [run for name, _, run in study.segmented if name == "long"] == study.runs_on("nuclei")
    assert study.job_words([]) - plain.job_words([]) == {"long", "short"}
    # Nothing is trained anew for it.
    assert study.train_settings("laplace") == plain.train_settings("laplace")
    # Long exposures of all images are needed where settings are chosen on them.
    assert study.compared_with_truth - plain.compared_with_truth == {"nuclei"}
    assert yaml.safe_dump(plain.config) != yaml.safe_dump(study.config)


def test_labels_of_ones_own_that_a_study_uses_are_known():
    config = changed()
    for name in ("used", "other"):
        config["datasets"][name] = {"pixel_size_um": 1, "pairs": "a.tsv", "labels": "{image}.tif"}
    config["segmentation"]["long"]["chosen_on"]["dataset"] = "used"
    study = Study(config)
    assert study.taken_labels == ["used"]
    assert list(study.own_labels) == ["used", "other"]
    assert study.drawn_labels == ["nuclei"]
    assert Study(STUDY).taken_labels == []


def test_thinned_images_have_the_labels_of_those_they_are_of():
    thin = {"of": "nuclei", "kept": 0.5, "beside": "truth", "seed": 0}
    study = Study(changed(datasets__half={"pixel_size_um": 0.15, "thin": thin}))
    assert study.labelled("half") == study.labelled("nuclei") == "nuclei"

"""What a study of channels asks for, what it must not, and the sample that shows two of them."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import yaml

from denoisekit.errors import InputError
from denoisekit.simulate import structures
from denoisekit.simulate.cells import Region
from denoisekit.simulate.pairs import simulate_pairs
from denoisekit.simulate.tissue import lay_out
from denoisekit.study import check as study_check
from denoisekit.study.design import Study
from denoisekit.study.runs import Run

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / "config/schemas").glob("*.schema.yaml")
}
CHANNELS = yaml.safe_load((ROOT / "config/channels.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def config():
    return deepcopy(CHANNELS)


def check(config):
    study_check.check(config, schemas=SCHEMAS, file="study.yaml")


def test_one_network_restores_both_channels(config):
    study = Study(config)
    joint = [run for run in study.networks if run.method == "joint"]
    assert joint == [Run("joint", "tissue", 0)]
    assert [run for run in study.networks if run.method == "separate"] == [
        Run("separate", "nuclei", 0),
        Run("separate", "membranes", 0),
    ]
    for name in ("nuclei", "membranes"):
        assert f"{name}.joint.seed0" in study.runs_on(name)
    assert study.channels("joint") == study.channels("shuffled") == ["nuclei", "membranes"]
    assert study.train_settings("joint")["channels"] == ["nuclei", "membranes"]
    assert "channels" not in study.train_settings("separate")
    assert study.patch_files("joint") == {"frames": "channels"}
    assert study.patch_files("shuffled") == {"frames": "channels-shuffled"}
    assert study.plain_methods == ["separate"]


def test_what_a_joint_network_sees_lies_apart_from_what_it_is_tested_on(config):
    both = ["nuclei", "membranes"]
    assert set(Study(config).apart) == {(one, "train", two) for one in both for two in both}
    for entry in config["experiments"].values():
        entry["methods"] = ["noisy", "separate"]
    assert set(Study(config).apart) == {(one, "train", one) for one in both}


def test_an_ensemble_of_joint_networks_is_of_the_channels_networks(config):
    config["methods"]["all"] = {"ensemble": {"of": "joint", "more_seeds": [3]}}
    check(config)
    study = Study(config)
    assert Run("joint", "tissue", 3) in study.networks
    assert study.member_runs("all", "nuclei") == [Run("joint", "nuclei", n) for n in (0, 3)]


def test_controls_of_one_channel_are_not_given_to_joint_networks(config):
    config["controls"] = {"test_sets": ["nuclei"], "images": 1, "seed": 0}
    study = Study(config)
    assert study.controlled_methods == ["noisy", "gaussian", "nlm", "separate"]
    assert "nuclei.joint.seed0" not in study.runs_on("nuclei.controls")


def test_a_channel_that_is_only_seen_beside_another_is_registered_and_trained_on(config):
    del config["experiments"]["membranes"], config["test_sets"]["membranes"]
    del config["train_sets"]["membranes"]
    study = Study(config)
    assert study.studied == ["nuclei", "membranes"]
    assert study.splits_of("membranes") == ["train"]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("train_sets.tissue.beside", ["cells"], "beside is 'cells', which the study does not"),
        ("train_sets.tissue.beside", ["nuclei"], "'nuclei', which is the train set's own data set"),
        ("train_sets.nuclei.beside", ["membranes"], "nuclei has data sets 'beside' its own, but"),
        ("datasets.membranes.pixel_size_um", 0.2, "whose pixel_size_um is 0.2, but that of 'nuc"),
        (
            "datasets.membranes.simulate.seed",
            1,
            "whose simulate.seed is 1, but that of 'nuclei' is",
        ),
        (
            "datasets.membranes.simulate.size",
            128,
            "simulate.size is 128, but that of 'nuclei' is 1",
        ),
        ("datasets.membranes.simulate.structure", "actin", "'actin', but 'nuclei' shows 'tissue-n"),
        ("methods.joint.channels", "nuclei", "'nuclei', which is no train set with data sets 'bes"),
        (
            "methods.joint.normalization",
            "photons",
            "joint.normalization is 'photons', but networks",
        ),
        (
            "methods.joint.objective",
            "noise2noise",
            "joint.objective is 'noise2noise', but networks",
        ),
        ("methods.joint.frames", 3, "methods.joint.frames is 3, but with the normalization 'perc"),
        (
            "methods.joint",
            {
                **{"network": "small-unet", "objective": "supervised", "channels": "tissue"},
                **{"loss": "adversarial", "options": {"weight": 0.01, "first_filters": 8}},
            },
            "methods.joint.loss is 'adversarial', but networks",
        ),
        ("methods.separate.shuffled", True, "methods.separate needs the key 'channels'|channels"),
        (
            "prediction.units",
            "truth",
            "prediction.units is 'truth', but the method 'joint' restores",
        ),
        (
            "networks.small-unet",
            {"architecture": "dncnn", "layers": 3, "filters": 2},
            "'small-unet' is a network of single images (dncnn); take one of nafnet, unet",
        ),
    ],
)
def test_what_no_channels_can_be_is_told_before_anything_runs(config, path, value, sentence):
    *places, last = path.split(".")
    entry = config
    for place in places:
        entry = entry[place]
    entry[last] = value
    with pytest.raises(InputError) as error:
        check(config)
    assert any(part in str(error.value) for part in sentence.split("|"))


def test_a_joint_method_is_tested_on_its_channels_alone(config):
    config["datasets"]["others"] = config["datasets"]["nuclei"]
    config["test_sets"]["others"] = {"dataset": "others"}
    config["experiments"]["others"] = {**config["experiments"]["nuclei"], "test_set": "others"}
    with pytest.raises(InputError, match="'joint' on images of 'others', which is none of its cha"):
        check(config)
    config["experiments"]["others"]["methods"] = ["noisy", "separate", "nlm"]
    check(config)


def test_networks_of_one_channel_stand_beside_a_joint_one(config):
    config["experiments"]["membranes"]["train_set"] = "tissue"
    with pytest.raises(InputError, match=r"learns from images of 'nuclei' and tests on those of"):
        check(config)


def simulated(structure, *, images=1, seed=5):
    settings = {**CHANNELS["datasets"]["nuclei"]["simulate"], "structure": structure, "size": 64}
    settings |= {"pixel_size_um": 0.1083, "train_images": images, "test_images": 1}
    return list(simulate_pairs(settings, seed=seed))


def test_two_structures_of_one_tissue_exclude_each_other():
    nuclei, membranes = map(simulated, ("tissue-nuclei", "tissue-membranes"))
    for one, other in zip(nuclei, membranes, strict=True):
        assert one.image == other.image
        shown = [part.high.astype(float) / part.high.max() for part in (one, other)]
        assert np.corrcoef(shown[0].ravel(), shown[1].ravel())[0, 1] < -0.4
    # Another field's membranes know nothing of where nuclei lie.
    apart = np.corrcoef(nuclei[0].high.ravel(), membranes[1].high.ravel())[0, 1]
    assert abs(apart) < 0.3
    noise = [part.low - part.low.mean() for part in (nuclei[0], membranes[0])]
    assert not np.allclose(*noise)


def test_a_tissue_is_the_same_for_its_seed_and_however_many_images_there_are():
    first, again, more = (simulated("tissue-nuclei", images=n)[0] for n in (1, 1, 2))
    np.testing.assert_array_equal(first.low, again.low)
    np.testing.assert_array_equal(first.low, more.low)
    assert not np.array_equal(first.high, simulated("tissue-nuclei", seed=6)[0].high)


def test_structures_say_what_they_are_drawn_of():
    samples = {name: structures.sample(name) for name in structures.names()}
    of_one = {name for name, sample in samples.items() if sample == "tissue"}
    assert of_one == study_check.OF_ONE_SAMPLE
    assert all(name == sample for name, sample in samples.items() if name not in of_one)


def test_nuclei_end_a_gap_from_the_borders_on_which_membranes_lie():
    region = Region(0.0, 12.0)
    tissue = lay_out(np.random.default_rng(3), region)
    found = {}
    for name in ("tissue-nuclei", "tissue-membranes"):
        rng, sample = np.random.default_rng(0), np.random.default_rng(3)
        (part,) = structures.of_sample(name)(rng, sample, region)
        from_border, _ = tissue.at(part.yx)
        found[name] = np.average(from_border, weights=part.weight), np.sort(from_border)
    assert found["tissue-membranes"][1].max() < 0.5
    assert found["tissue-nuclei"][1].min() > 0.25
    assert found["tissue-nuclei"][0] > 1

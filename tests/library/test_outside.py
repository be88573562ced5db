"""Restored images and commands from outside of a study."""

import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import yaml
from commands import PN2V, make_model
from scipy.ndimage import gaussian_filter

from denoisekit import commands
from denoisekit.datasets import outside as images
from denoisekit.errors import InputError
from denoisekit.study import check, outside
from denoisekit.study.design import Study
from denoisekit.study.shipped import schemas

ROOT = Path(__file__).resolve().parents[2]
TINY = yaml.safe_load((ROOT / "tests/workflow/tiny.yaml").read_text(encoding="utf-8"))
GIVEN = {"images": "given/{test_set}/{image}.tif"}
TOOL = {"command": "tool --in {input} --out {output}"}
TRAINED = {"command": "tool {train} {inputs} {outputs} --seed {seed}"}


def with_methods(**methods):
    config = deepcopy(TINY)
    config["methods"] |= methods
    return config


def test_methods_from_outside_are_runs_of_their_own():
    study = Study(with_methods(given=GIVEN, tool=TOOL, trained=TRAINED))
    assert study.outside_methods == ["given", "tool", "trained"]
    assert study.untrained_methods == ["noisy", "gaussian", "given", "tool"]
    assert study.network_methods == study.trained_methods == ["laplace", "mae"]
    own = ["given", "tool", "actin.trained.seed0"]
    assert [run for run in study.runs_on("actin") if run in study.outside_runs] == own
    trained = ["actin.trained.seed0", "actin-movie.trained.seed0"]
    assert study.command_runs == ["tool", *trained]
    assert study.runs_of("AAS")[-1] == "actin-movie.trained.seed0"


def test_a_command_that_trains_needs_the_images_to_train_on():
    config = with_methods(trained=TRAINED)
    del config["methods"]["laplace"], config["methods"]["mae"]
    assert Study(config).splits_of("actin") == ["train", "test"]
    config["methods"]["trained"] = TOOL
    assert Study(config).splits_of("actin") == ["test"]


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ({"images": "given/a.tif"}, "images is 'given/a.tif', but must hold {image}"),
        ({"images": "{image}.tif"}, "put {test_set} into it"),
        ({"images": "{test_set}/{image}-{seed}.tif"}, "holds {seed}, which stands for nothing"),
        ({"images": 3}, "images must be text"),
        ({**GIVEN, "units": "x"}, "has the unknown key 'units'; allowed are images"),
        ({**GIVEN, **TOOL}, "has the unknown key 'command'"),
        ({**TOOL, "shell": True}, "has the unknown key 'shell'; allowed are command, conda"),
        ({"model": "seed0", "weights": "last"}, "has the unknown key 'weights'; allowed are model"),
        ({"command": "tool {input}"}, "must hold {input} and {output}"),
        ({"command": "tool {input} {outputs}"}, "must hold {input} and {output}"),
        ({"command": "tool"}, "but holds neither"),
        ({"command": "tool '{input} {output}"}, "cannot be split into words (No closing"),
        ({"command": "tool {input} > {output}"}, "has the word '>', but no shell reads it"),
        ({"command": "tool {input} {output} {out}"}, "holds {out}, which stands for nothing"),
        ({"command": "tool {train} {input} {output} {seed}"}, "trained for every image"),
        ({"command": "tool {inputs} {outputs} {seed}"}, "holds {seed} but not {train}"),
    ],
)
def test_a_method_that_cannot_be_planned_is_one_sentence(method, told):
    with pytest.raises(InputError) as error:
        check.check(with_methods(other=method), schemas=schemas(), file="study.yaml")
    assert told in str(error.value)
    assert str(error.value).startswith("study.yaml: methods.other")


def test_a_command_without_a_seed_is_trained_once():
    config = with_methods(trained={"command": "tool {train} {inputs} {outputs}"})
    check.check(config, schemas=schemas(), file="study.yaml")
    config["seeds"] = [0, 1]
    with pytest.raises(InputError, match=r"trained with 2 seeds, but does not hold {seed}"):
        check.check(config, schemas=schemas(), file="study.yaml")


def test_an_environment_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = with_methods(tool={**TOOL, "conda": "tool.yaml"})
    with pytest.raises(InputError, match=r"methods\.tool\.conda is 'tool.yaml', which does not"):
        outside.check_files(config, checkout=ROOT, file="study.yaml")
    Path("tool.yaml").touch()
    outside.check_files(config, checkout=ROOT, file="study.yaml")


def test_a_model_that_cannot_be_taken_is_told(tmp_path):
    place = {"checkout": ROOT, "file": "study.yaml"}
    with pytest.raises(InputError, match=r"methods\.other\.model is .*, which is no model"):
        outside.check_files(with_methods(other={"model": str(tmp_path)}), **place)
    make_model(tmp_path / "samples", PN2V)
    with pytest.raises(InputError, match="a network of PN2V"):
        outside.check_files(with_methods(other={"model": str(tmp_path / "samples")}), **place)
    make_model(tmp_path / "seed0")
    outside.check_files(with_methods(other={"model": str(tmp_path / "seed0")}), **place)
    found = outside.model_files(str(tmp_path / "seed0"), where="here")
    assert {Path(file).name for file in found} >= {"card.json", "last.safetensors"}


def test_files_are_found_by_all_images_of_a_test_set(tmp_path, monkeypatch):
    monkeypatch.setenv("RESTORED", str(tmp_path))
    for name in ("actin/[1].tif", "actin/2.tif", "actin-movie/2.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    pattern = "${RESTORED}/{test_set}/{image}.tif"
    found = outside.given_files(pattern, test_set="actin", where="methods.given.images")
    assert found == [str(tmp_path / "actin/2.tif"), str(tmp_path / "actin/[1].tif")]
    with pytest.raises(InputError, match="no restored image of the test set 'other'"):
        outside.given_files(pattern, test_set="other", where="methods.given.images")


def test_words_stay_single_whatever_is_filled_in():
    made = commands.words("tool '--of=a b' {input} x{seed}", {"input": "a b;c", "seed": "{input}"})
    assert made == ["tool", "--of=a b", "a b;c", "x{input}"]


def test_a_command_that_fails_is_one_sentence(capfd):
    code = "import sys; print('out'); print('No weights.\\n', file=sys.stderr); sys.exit(3)"
    with pytest.raises(InputError) as error:
        commands.call([sys.executable, "-c", code], method="tool", image="a", log="tool.log")
    assert "of the method tool of the image a" in str(error.value)
    assert "exit code 3 and said last: No weights.; all that it printed is in tool.log." in str(
        error.value
    )
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("out\n", "No weights.\n\n")
    with pytest.raises(InputError, match="calls 'no-such-tool', which cannot be run"):
        commands.call(["no-such-tool"], method="tool")


def test_a_command_that_writes_nothing_is_told(tmp_path):
    with pytest.raises(InputError, match=r"did not write .*a\.tif; see that {output}"):
        commands.check_written(tmp_path / "a.tif", method="tool")


@pytest.fixture
def scene():
    rng = np.random.default_rng(0)
    clean = 100 + 1000 * gaussian_filter(rng.normal(size=(96, 90)), 4)
    return clean, rng.normal(clean, 2 * clean.std())


def test_gain_and_offset_are_those_of_the_units(scene):
    clean, noisy = scene
    fitted = images.units((clean - 7) / 4, noisy)
    assert fitted["gain"] == pytest.approx(4, rel=0.05)
    assert fitted["offset"] == pytest.approx(7, abs=0.05 * 4 * abs(clean.mean()))
    assert images.units(clean, clean) == pytest.approx(
        {"gain": 1, "offset": 0, "correlation": 1}, abs=1e-9
    )


def test_small_images_are_means_of_blocks():
    image = np.arange(64.0 * 96).reshape(64, 96)
    means = image.reshape(32, 2, 32, 3).mean((1, 3)).ravel()
    expected = (means - means.mean()) / np.linalg.norm(means - means.mean())
    np.testing.assert_allclose(images.shrunk(image), expected)


def test_images_of_other_inputs_are_told(scene):
    clean, noisy = scene
    low = {"a": images.shrunk(noisy), "b": images.shrunk(noisy[::-1])}
    made = {"a": images.shrunk(clean), "b": images.shrunk(clean[::-1])}
    images.check_order(made, low, method="given")
    with pytest.raises(InputError, match="as the image a is much more like the input b"):
        images.check_order({"a": made["b"], "b": made["a"]}, low, method="given")


def test_units_are_told_with_the_first_image():
    rows = [
        {"image": "a", "gain": 1.1, "offset": 3, "correlation": 0.9},
        {"image": "b", "gain": "255", "offset": "-2", "correlation": "0.1"},
    ]
    units, likeness = images.units_sentences(rows, method="given")
    assert "given gives 1 of 2 images in other units" in units
    assert "b: input = 255 x restored -2" in units
    assert "hardly like their inputs (b: correlation 0.10)" in likeness
    assert images.units_sentences(rows[:1], method="given") == []

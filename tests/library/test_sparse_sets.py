"""Stacks from which planes are left out: what of a study is refused, and what is written."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from test_isotropic import stack

from denoisekit.datasets.pairs import Pair
from denoisekit.datasets.registered import registered_row
from denoisekit.datasets.sparse import read_sparse, write_sparse
from denoisekit.errors import InputError
from denoisekit.files import read_json, write_table
from denoisekit.images import sparse as geometry
from denoisekit.images.image import write_image
from denoisekit.images.reading import read_volume
from denoisekit.images.voxels import Psf
from denoisekit.restoring import model_folder
from denoisekit.study import check
from denoisekit.study.design import Study
from denoisekit.study.shipped import schemas

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "config/isotropic.yaml").read_text(encoding="utf-8"))
SPARSE = CONFIG["datasets"]["sparse"]["sparse"]
PSF = Psf(0.11, 0.32)


def changed(**parts):
    """The study with keys of its parts replaced, given as ``datasets__sparse__sparse__every=1``."""
    config = copy.deepcopy(CONFIG)
    for path, value in parts.items():
        *keys, last = path.replace("left_out", "left-out").split("__")
        entry = config
        for key in keys:
            entry = entry[key]
        entry[last] = value
    return config


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"datasets__sparse__sparse__every": 1}, "every.* 2"),
        ({"datasets__sparse": {"pixel_size_um": 0.15, "sparse": SPARSE}},
         "how far their planes lie apart is not known, and not guessed"),
        ({"datasets__sparse__sparse__of": "left-out"}, "no data set of volumes as a"),
        ({"datasets__sparse__z_spacing_um": 0.3}, r"z_spacing_um is 0\.3, but that of 'nuclei'"),
        ({"datasets__sparse__outside": [0]}, "'outside' decides nothing of it"),
        ({"datasets__sparse__sparse__psf__axial_sigma_um": 0.1}, r"narrower than the 0\.165 um"),
        ({"datasets__sparse__sparse__psf__axial_sigma_um": 3.0}, "is wider than a patch"),
        ({"methods__gaussian": {"filter": "gaussian"}}, "restores images as they are, but of 'spa"),
        ({"train_sets__sparse__patch_size": 64}, r"say \[1, 64, 64\] or the like"),
        ({"train_sets__sparse__patch_size": [4, 64, 64]}, r"say \[1, 64, 64\] or the like"),
        ({"prediction__turned": True}, "sections along z are restored as they lie"),
        ({"controls": {"test_sets": ["sparse"], "images": 1, "seed": 0}}, "noise is not a cam"),
        ({"test_sets__sparse__dataset": "nuclei"}, "but of 'nuclei' none are left out"),
        ({"methods__isotropic__loss": "laplace"}, "laplace"),
        ({"methods__isotropic__normalization": "photons"}, "normalization"),
    ],
)  # fmt: skip
def test_what_does_not_fit_stacks_without_planes_is_told_before_anything_runs(parts, told):
    with pytest.raises(InputError, match=told):
        check.check(changed(**parts), schemas=schemas(), file="study.yaml")


def test_the_axial_width_may_be_estimated():
    config = changed(datasets__sparse__sparse__psf__axial_sigma_um="estimate")
    check.check(config, schemas=schemas(), file="study.yaml")
    with pytest.raises(InputError, match="axial_sigma_um"):
        check.check(
            changed(datasets__sparse__sparse__psf__axial_sigma_um="guess"),
            schemas=schemas(),
            file="study.yaml",
        )


def test_a_truth_of_isotropic_voxels_needs_a_stack_of_such():
    config = changed(datasets__sparse__z_spacing_um=0.2, datasets__nuclei__z_spacing_um=0.2)
    config["datasets"]["left-out"]["z_spacing_um"] = 0.2
    with pytest.raises(InputError, match=r"planes of 'nuclei' lie 0\.2 um apart and pixels 0\.15"):
        check.check(config, schemas=schemas(), file="study.yaml")
    config["datasets"]["sparse"]["sparse"]["beside"] = "left-out"
    del config["segmentation"]
    check.check(config, schemas=schemas(), file="study.yaml")


def test_objects_are_found_in_whole_stacks_and_by_none_that_are_tested():
    config = changed(segmentation__long__test_sets=["left-out"])
    with pytest.raises(InputError, match="planes that were left out are not whole stacks"):
        check.check(config, schemas=schemas(), file="study.yaml")
    config = changed(segmentation__long__chosen_on__split="test")
    with pytest.raises(InputError, match="which are tested by them; say 'split: train'"):
        check.check(config, schemas=schemas(), file="study.yaml")
    config["segmentation"]["long"]["chosen_on"]["dataset"] = "nuclei"
    with pytest.raises(InputError, match="which are tested by them; say 'split: train'"):
        check.check(config, schemas=schemas(), file="study.yaml")


def test_a_study_of_sparse_stacks_asks_for_what_has_a_meaning_there():
    study = Study(CONFIG)
    assert study.simulated == ["nuclei", "sparse", "left-out"]
    assert study.scored_sets == ["sparse", "left-out"]
    assert (study.whole_sparse_sets, study.examined_sets) == (["sparse"], [])
    assert study.noise_source("left-out") == study.noise_source("nuclei") == "nuclei"
    assert "residuals" not in study.tables
    assert "isotropy-sparse" in study.figures
    assert "isotropy-left-out" not in study.figures
    targets = {name: study.target(name) for name in study.isotropic_methods}
    assert targets == {"isotropic": "isotropic", "published": "isotropic-published"}
    assert [study.combination(name) for name in targets] == ["arithmetic", "geometric"]
    assert (study.paired_methods, study.plain_methods, study.greatest_stride) == ([], [], 4)


@pytest.fixture
def registered(tmp_path):
    """A folder of one registered stack of 25 planes, each of another brightness, with its truth."""
    low = geometry.linear(stack(planes=7).planes, np.arange(25) / 4)
    folder = tmp_path / "registered"
    pair = Pair("a", "test", "a.tif", "b.tif", None, None, "a", "volume", None)
    for kind, pixels in (("low", low), ("high", low + 1000)):
        sizes = {"pixel_size_um": 0.1, "spacing_um": 0.1, "axes": "ZYX"}
        write_image(folder / kind / "a.tif", pixels.astype(np.float32), **sizes)
    write_table(folder / "pairs.tsv", [registered_row(pair)])
    return folder, pair, low


def left_out(folder, out, stride=4, **settings):
    options = {"pixel_size_um": 0.1, "z_spacing_um": 0.1, "psf": PSF, "stride": stride}
    given = {"every": 5, "beside": "truth"}
    return write_sparse(folder, out, {**given, **settings}, **options, report=lambda *_, **__: None)


def test_kept_planes_and_the_truth_lie_where_they_are_said_to(registered, tmp_path):
    folder, _, low = registered
    out = tmp_path / "all"
    (row,) = left_out(folder, out)
    kept = read_sparse(out, "a")
    np.testing.assert_array_equal(kept.planes, low[::5].astype(np.float32))
    np.testing.assert_array_equal(kept.at, np.arange(21))
    assert (kept.step, kept.lateral_px) == (pytest.approx(5), pytest.approx(1.1))
    assert not kept.compared
    between, truth = (read_volume(row[kind]).pixels for kind in ("low", "high"))
    np.testing.assert_allclose(between[::5], kept.planes, rtol=1e-6)
    np.testing.assert_allclose(truth, low[:21] + 1000, rtol=1e-6)
    assert read_volume(out / "planes/a.tif").spacing_um == pytest.approx(0.5)


def test_the_planes_left_out_are_the_truth_that_no_method_saw(registered, tmp_path):
    folder, _, low = registered
    out = tmp_path / "rest"
    (row,) = left_out(folder, out, beside="left-out")
    kept, numbers = read_sparse(out, "a"), [n for n in range(21) if n % 5]
    np.testing.assert_array_equal(kept.at, numbers)
    assert kept.compared
    np.testing.assert_allclose(read_volume(row["high"]).pixels, low[numbers], rtol=1e-6)
    assert len(read_volume(row["low"]).pixels) == len(numbers) == 16
    assert set(read_json(out / "geometry.json")) == {"a"}


def test_stacks_that_cannot_be_restored_are_told_before_anything_is_trained(registered, tmp_path):
    folder, pair, low = registered
    with pytest.raises(InputError, match="keeps 2 of its 25 planes, which are 25 voxels along z"):
        left_out(folder, tmp_path / "x", stride=32, every=24)
    write_table(folder / "pairs.tsv", [registered_row(replace(pair, high=None))])
    with pytest.raises(InputError, match="a has no long exposure to be the truth; say 'beside: le"):
        left_out(folder, tmp_path / "y")
    noise = np.random.default_rng(0).integers(0, 255, low.shape).astype(np.float32)
    write_image(folder / "low/a.tif", noise, pixel_size_um=0.1, spacing_um=0.1, axes="ZYX")
    with pytest.raises(InputError, match="The stack a shows no structure"):
        left_out(folder, tmp_path / "z", beside="left-out")


def test_a_network_of_sections_is_not_taken_for_one_of_images(tmp_path, monkeypatch):
    monkeypatch.setattr(model_folder, "read_card", lambda _: {"method": {"objective": "isotropic"}})
    with pytest.raises(InputError, match="restores what lies between the planes of stacks"):
        model_folder.open(tmp_path)

import re
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest
import yaml

from denoisekit import plugins
from denoisekit.errors import InputError
from denoisekit.study import check as study_check

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / "config/schemas").glob("*.schema.yaml")
}


@pytest.fixture
def tiny():
    return yaml.safe_load((ROOT / "tests/workflow/tiny.yaml").read_text(encoding="utf-8"))


def check(config):
    study_check.check(config, schemas=SCHEMAS, file="study.yaml")


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_studies_that_come_along_are_right(path):
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    check(config)
    assert config["study"] == path.stem


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("training.epoch", 3, "steps_per_epoch (did you mean 'epochs'?)."),
        ("methods.mae.loss", "mea", "methods.mae.loss must be one of adversarial, bandpass"),
        ("methods.mae.options", {"weight": 1}, "has the unknown key 'weight'; allowed are none."),
        ("training.learning_rate", "0,01", "must be a number, but is '0,01'; write 0.01, with a"),
        ("study", None, "study must be text, but is empty."),
        (
            "datasets.actin.pixel_size_um",
            108,
            "is 108, in micrometres, which is more than any microscope's (50); if it is in "
            "nanometres, write 0.108.",
        ),
        (
            "methods.gaussian.filter",
            "gauss",
            "methods.gaussian.filter must be one of cubic, gaussian, nlm",
        ),
        ("methods.laplace.network", "unet", "methods.laplace.network is 'unet', which the study"),
        (
            "experiments.AA.train_set",
            "aktin",
            "experiments.AA.train_set is 'aktin', which the study",
        ),
        ("test_sets.actin.dataset", "cells", "test_sets.actin.dataset is 'cells', which the study"),
        (
            "statistics.references",
            ["mse"],
            "the first of which is a method, is 'mse', which the study",
        ),
        (
            "statistics.references",
            ["best-filter", "mae"],
            "the first of which is a method, is 'best-filter', which the study does not",
        ),
        (
            "statistics.references",
            ["mae", "mse"],
            "statistics.references is 'mse', which the study",
        ),
        ("statistics.family.methods", "filters", "must be one of all, networks, but is 'filters'"),
        ("statistics.family.methods", ["mse"], "family.methods is 'mse', which the study does not"),
        ("statistics.family.references", ["mae"], "family.references is 'mae', which the study"),
        ("statistics.family.experiments", "AA", "experiments must be 'all', but is 'AA'"),
        ("statistics.family.experiments", ["MM"], "family.experiments is 'MM', which the study"),
        ("statistics.family.conventions", ["cares"], "family.conventions is 'cares', which the"),
        (
            "statistics.family.metrics",
            ["snr"],
            "must be one of psnr, ssim, ms-ssim, micro-ssim, nrmse, but",
        ),
        (
            "statistics.margins",
            {"snr": 1},
            "must be one of psnr, ssim, ms-ssim, micro-ssim, nrmse, but is",
        ),
        (
            "statistics.resamples",
            9999,
            "statistics has the unknown key 'resamples'; allowed",
        ),
        ("methods.noisy", {"filter": "tv"}, "methods.noisy must be {'filter': 'noisy'}, but is"),
        ("seeds", 0, "seeds must be a list, but is 0"),
        (
            "published_regimes",
            {"table": "a.csv", "experiments": {"MA": ["mice", "NR1"]}},
            "published_regimes.experiments is 'MA', which the study does not define",
        ),
        (
            "published_regimes",
            {"table": "a.csv", "experiments": {"AA": ["mice", "NR6"]}},
            "published_regimes.experiments.AA.1 must be one of NR1, NR2, NR3, NR4, NR5, but is",
        ),
        (
            "published_regimes",
            {"table": "a.csv", "experiments": {"AA": ["mice", "NR1"], "AM": ["mice", "NR1"]}},
            "experiments.AM is mice, NR1, and so is AA; give each regime of a data set one",
        ),
        (
            "published_regimes",
            {"table": "a.csv", "regime": {}},
            "published_regimes has the unknown key 'regime'; allowed are experiments, table",
        ),
        ("study", "my study", "study is 'my study', but must be made of letters, digits and '-'."),
        ("train_sets.actin.patch_size", 33, "must be a multiple of 2, since the network halves it"),
        ("train_sets.actin.patch_size", 128, "is 128, larger than the simulated images of 64 px"),
        ("datasets.actin.simulate.structure", "tubulin", "structure must be one of actin, dendra"),
        ("prediction.percentiles", [99.8, 2], "the lower and then the higher one"),
        ("prediction.units", "photons", "prediction.units must be one of image, truth, but is"),
        ("methods.mae.normalization", "photon", "must be one of percentiles, mean-std, photons"),
        ("methods.mae.match_truth", False, "methods.mae.match_truth is only for the objective"),
    ],
)
def test_mistakes_are_told_in_one_sentence(tiny, path, value, sentence):
    *parents, last = path.split(".")
    place = tiny
    for key in parents:
        place = place[key]
    place[last] = value
    with pytest.raises(InputError, match=r"study.yaml: ") as error:
        check(tiny)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ({"filter": "tv", "options": {"weight": 1}}, "options has the unknown key 'weight'"),
        ({"filter": "nlm"}, "methods.mine lacks the key 'options'."),
        (
            {"filter": "nlm", "options": {"patch_size": 5}},
            "options lacks the key 'patch_distance'.",
        ),
        (
            {"filter": "nlm", "options": {"patch_size": 5, "patch_dist": 6}},
            "allowed are patch_distance, patch_size (did you mean 'patch_distance'?).",
        ),
        ({"filter": "nlm", "options": {"patch_size": 5, "patch_distance": 0}}, "minimum of 1"),
        ({"filter": "vst-bm3d", "options": {"package": "bm4d"}}, "must be one of bmnd, bm3d"),
        ({"filter": "zs-n2n", "options": {"steps": 9, "patch_size": 4}}, "minimum of 8"),
        ({"filter": "richardson-lucy", "options": {}}, "options lacks the key 'iterations'."),
        ({"filter": "projection", "options": {"how": "surfaces"}}, "(did you mean 'surface'?)"),
        ({"filter": "projection", "options": {"how": "surface"}}, "lacks the key 'half_planes'."),
        ({"loss": "fft", "options": {"sigma": 1}}, "options has the unknown key 'sigma'"),
        ({"loss": "ssim"}, "methods.mine lacks the key 'options'."),
        ({"loss": "ms-ssim-l1", "options": {"alpha": 2, "data_range": 1}}, "maximum of 1"),
        ({"loss": "adversarial", "options": {"weight": 0.1}}, "lacks the key 'first_filters'."),
        ({"loss": "bandpass", "options": {"low_sigma": 0, "high_sigma": 1}}, "minimum of 0"),
        (
            {"loss": "bandpass", "options": {"low_sigma": 5, "high_sigma": 0.5}},
            "methods.mine.options.low_sigma is 5, but must be below high_sigma, 0.5",
        ),
        ({"loss": "fft-bandpass", "options": {"low_sigma": 1, "high_sigma": 5}}, "'weight'."),
    ],
)
def test_options_are_those_of_the_filter_or_the_loss(tiny, method, sentence):
    network = {"network": "tiny-unet", "objective": "supervised"} if "loss" in method else {}
    tiny["methods"]["mine"] = {**network, **method}
    with pytest.raises(InputError, match=r"study.yaml: methods.mine") as error:
        check(tiny)
    assert sentence in str(error.value)


# What the workflow hands a filter beside its options.
HANDED = {"image", "usable", "aspect", "pixel_size_um", "sparse", "stack", "voxel_um", "height_um"}


@pytest.mark.parametrize(("kind", "function"), [("filter", "restore"), ("loss", "build")])
def test_every_option_of_a_filter_or_a_loss_is_in_the_schema(kind, function):
    definitions = SCHEMAS["study.schema.yaml"]["$defs"]
    package = import_module(f"denoisekit.{'filters' if kind == 'filter' else 'losses'}")
    named = {}
    for part in definitions[f"{kind}_options"]["allOf"]:
        of = part["if"]["properties"][kind]
        options = part["then"]["properties"]["options"]
        options = definitions[options["$ref"].split("/")[-1]] if "$ref" in options else options
        named |= {name: set(options["properties"]) for name in of.get("enum", [of.get("const")])}
    there = {}
    for name in set(package.names()) - set(plugins.find(Path(package.__file__).parent.name)):
        module = import_module(f"{package.__name__}.{name.replace('-', '_')}")
        there[name] = set(signature(getattr(module, function)).parameters) - HANDED
    assert named == there


def integers(schema, place=""):
    """Yield every whole number that a schema allows, and where."""
    if isinstance(schema, dict):
        kinds = schema.get("type", [])
        if "integer" in ([kinds] if isinstance(kinds, str) else kinds):
            yield place, schema
        for key, value in schema.items():
            yield from integers(value, f"{place}.{key}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from integers(value, f"{place}.{number}")


def test_every_whole_number_that_makes_a_study_long_or_large_has_an_end():
    found = [
        (f"{name}{place}", known)
        for name, schema in SCHEMAS.items()
        for place, known in integers(schema)
    ]
    assert len(found) > 50
    # A channel or a scene may be given by its name instead.
    endless = [place for place, known in found if "maximum" not in known]
    assert endless == ["study.schema.yaml.$defs.choice"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("training", "epochs"), 10**12),
        (("seeds",), [10**30]),
        (("patches", "seed"), 2**64),
        (("networks", "tiny-unet", "first_filters"), 10**9),
    ],
)
def test_a_number_beyond_its_end_is_told(tiny, path, value):
    entry = tiny
    for key in path[:-1]:
        entry = entry[key]
    entry[path[-1]] = value
    with pytest.raises(InputError, match="is greater than the maximum of"):
        check(tiny)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"simulated": "cells", "measured": "mine"}, "looks.a.simulated is 'cells', which the"),
        ({"simulated": "mine", "measured": "mine"}, "must be a simulated data set, but 'mine' is"),
        ({"simulated": "actin", "measured": "actin"}, "must be a measured data set, but 'actin'"),
        ({"simulated": "actin"}, "looks.a lacks the key 'measured'"),
    ],
)
def test_looks_are_of_a_simulated_and_a_measured_data_set(tiny, entry, sentence):
    tiny["datasets"]["mine"] = {"pixel_size_um": 0.1, "pairs": "mine.tsv"}
    tiny["looks"] = {"a": {"simulated": "actin", "measured": "mine"}}
    check(tiny)
    tiny["looks"] = {"a": entry}
    with pytest.raises(InputError) as error:
        check(tiny)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"test_sets": ["acton"]}, "controls.test_sets is 'acton', which the"),
        ({"test_sets": []}, "controls.test_sets"),
        ({"images": 0}, "controls.images"),
        ({"flat": True}, "controls has the unknown key 'flat'"),
    ],
)
def test_controls_are_of_test_sets_of_the_study(tiny, changed, sentence):
    tiny["controls"] = {"test_sets": ["actin"], "images": 2, "seed": 0}
    check(tiny)
    tiny["controls"] |= changed
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(tiny)


def test_controls_are_not_restored_by_networks_of_several_frames(tiny):
    tiny["controls"] = {"test_sets": ["actin-movie"], "images": 2, "seed": 0}
    for kind in ("train_sets", "test_sets"):
        del tiny[kind]["actin"]
    tiny["experiments"] = {"AAS": tiny["experiments"]["AAS"]}
    tiny["datasets"]["actin-movie"]["simulate"]["movie_frames"] = 10
    tiny["methods"]["mae"] |= {"frames": 5, "normalization": "mean-std"}
    with pytest.raises(InputError, match=r"methods.mae looks at 5 frames; leave out 'controls'"):
        check(tiny)


@pytest.mark.parametrize("place", ["training.epochs", "methods.noisy", "experiments"])
def test_a_missing_key_is_told(tiny, place):
    *parents, key = place.split(".")
    part = tiny
    for parent in parents:
        part = part[parent]
    del part[key]
    with pytest.raises(InputError, match=f"lacks the key '{key}'"):
        check(tiny)


def test_a_method_is_a_network_or_a_filter(tiny):
    tiny["methods"]["mae"]["filter"] = "tv"
    with pytest.raises(InputError, match=r"methods.mae has the unknown key 'loss'; allowed are"):
        check(tiny)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"of": "mse"}, "methods.mean.ensemble.of is 'mse', which the study does not define"),
        ({"of": "gaussian"}, "of is 'gaussian', but an ensemble is of a method that trains a"),
        ({"of": "mean"}, "of is 'mean', but an ensemble is of a method that trains a network"),
        (
            {"of": "samples"},
            "and not one of PN2V, whose outputs are samples; the study has laplace",
        ),
        ({"of": "mae", "members": [0]}, "ensemble has 1 member, but an ensemble is of two"),
        ({"of": "mae", "members": []}, "ensemble has no members, but an ensemble is of two"),
        ({"of": "mae", "members": [0, 5]}, "names the seed 5, with which no network is trained"),
        ({"of": "mae", "members": [0, 5]}, "add it there or to its 'more_seeds', or leave it out"),
        (
            {"of": "mae", "more_seeds": [1]},
            "more_seeds names the seed 1, which is among the study's",
        ),
        ({"of": "mae", "members": [], "more_seeds": [7]}, "but an ensemble is of two networks at"),
        ({"of": "mae", "members": [0, 0]}, "ensemble.members"),
        ({"members": [0, 1]}, "methods.mean.ensemble lacks the key 'of'"),
        ({"of": "mae", "seeds": [0, 1]}, "ensemble has the unknown key 'seeds'; allowed are"),
    ],
)
def test_an_ensemble_is_of_several_trained_networks_of_one_method(tiny, entry, sentence):
    tiny["seeds"] = [0, 1]
    tiny["methods"]["mean"] = {"ensemble": {"of": "mae", "members": [1, 0]}}
    check(tiny)
    tiny["networks"]["many"] = SAMPLES
    tiny["noise_models"] = {
        "frames": {**NOISE_MODEL, "origin": "frames"},
    }
    del tiny["noise_models"]["frames"]["method"]
    tiny["methods"]["samples"] = {
        **BLIND,
        **{"network": "many", "loss": "pn2v", "noise_model": "frames"},
    }
    check(tiny)
    tiny["methods"]["mean"] = {"ensemble": entry}
    with pytest.raises(InputError, match=r"study.yaml: methods.mean") as error:
        check(tiny)
    assert sentence in str(error.value)


def test_an_ensemble_of_all_seeds_needs_two(tiny):
    tiny["methods"]["mean"] = {"ensemble": {"of": "mae"}}
    with pytest.raises(InputError, match=r"to the study's 'seeds', or to its 'more_seeds'\.$"):
        check(tiny)
    tiny["seeds"] = [3, 4]
    check(tiny)
    tiny["seeds"], tiny["methods"]["mean"]["ensemble"]["more_seeds"] = [3], [4, 5]
    check(tiny)


BLIND = {
    "network": "tiny-unet",
    "objective": "noise2void",
    "loss": "mae",
    "masking": {"percent": 2, "neighbourhood": 5, "replacement": "neighbour"},
}
NOISE_MODEL = {
    **{"model": "mixture", "origin": "restoration", "method": "n2v", "images": 2},
    **{"values": [0, 255], "counts": True, "outside": "raise"},
}
SAMPLES = {"architecture": "pn2v-unet", "depth": 1, "first_filters": 4, "outputs": 20}


@pytest.fixture
def blind(tiny):
    """A study of networks that learn from noisy images alone."""
    tiny["methods"] = {
        "noisy": {"filter": "noisy"},
        "n2v": BLIND,
        "pn2v": {**BLIND, "network": "samples", "loss": "pn2v", "noise_model": "first"},
        "prior": {"of": "pn2v", "estimate": "prior-mean"},
    }
    tiny["networks"]["samples"] = SAMPLES
    tiny["noise_models"] = {"first": dict(NOISE_MODEL)}
    tiny["statistics"]["references"] = ["n2v"]
    tiny["train_sets"]["actin"]["split"] = "test"
    return tiny


def test_networks_may_learn_from_the_noisy_images_they_restore(blind):
    check(blind)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"methods.n2v.masking": None},
            "methods.n2v lacks the key 'masking'",
        ),
        ({"methods.n2v.loss": "laplace"}, "methods.n2v.loss must be one of mae, mse, pn2v, but is"),
        ({"methods.pn2v.noise_model": None}, "methods.pn2v lacks the key 'noise_model'"),
        ({"methods.pn2v.noise_model": "second"}, "noise_model is 'second', which the study does"),
        ({"methods.pn2v.network": "tiny-unet"}, "takes a network of several outputs"),
        ({"methods.n2v.network": "samples"}, "takes a network of one output, but 'samples' has 20"),
        ({"methods.prior.of": "n2v"}, "is 'n2v', which is no method with the loss 'pn2v' of the"),
        (
            {"methods.care": {"network": "tiny-unet", "objective": "supervised", "loss": "mae"}},
            "train_sets.actin.split is 'test', but the method 'care' learns from pairs",
        ),
        ({"noise_models.first.method": "pn2v"}, "is 'pn2v', which is no Noise2Void method of the"),
        ({"noise_models.first.values": [9, 9]}, "must be the lowest and then the highest value"),
        (
            {"noise_models.first.origin": "pairs", "noise_models.first.method": None},
            "noise_models.first would learn from the truths that train_sets.actin is tested by",
        ),
        ({"noise_models.first.bins": 256}, "noise_models.first"),
    ],
)
def test_what_hides_pixels_is_checked(blind, change, sentence):
    for path, value in change.items():
        *parents, key = path.split(".")
        place = blind
        for parent in parents:
            place[parent] = dict(place[parent])
            place = place[parent]
        if value is None:
            del place[key]
        else:
            place[key] = value
    with pytest.raises(InputError, match=sentence):
        check(blind)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ({"objective": "noise2noise"}, "prediction.units is 'truth', but the method 'mae' sees"),
        (
            {"objective": "noise2noise", "normalization": "percentiles"},
            "methods.mae.normalization is 'percentiles', but of noisy images alone",
        ),
        (
            {"normalization": "photons", "match_truth": False},
            "methods.mae.match_truth is only for the objective 'supervised'",
        ),
    ],
)
def test_units_that_have_no_meaning_are_told(tiny, method, sentence):
    tiny["prediction"]["units"] = "truth"
    check(tiny)
    tiny["methods"]["mae"] |= method
    with pytest.raises(InputError, match=sentence):
        check(tiny)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"averaged": {"low": 1, "high": 50}}, "which needs both as they were given; say 'regist"),
        (
            {"averaged": {"low": 1, "high": 50}, "register": False, "repair": "hot"},
            "leave 'repair' out",
        ),
        (
            {"averaged": {"low": 50, "high": 50}, "register": False},
            "datasets.frames.averaged says that the long exposure is the mean of 50 frames, 50 of",
        ),
        ({"averaged": {"low": 1}, "register": False}, "averaged lacks the key 'high'"),
    ],
)
def test_frames_are_taken_only_out_of_a_mean_that_holds_them_as_they_are(tiny, keys, sentence):
    tiny["datasets"]["frames"] = {"pixel_size_um": 0.1, "pairs": "pairs.tsv", **keys}
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(tiny)
    tiny["datasets"]["frames"] |= {"averaged": {"low": 1, "high": 2}, "register": False}
    tiny["datasets"]["frames"].pop("repair", None)
    check(tiny)


@pytest.mark.parametrize(
    ("methods", "sentence"),
    [
        (["noisy", "gaussian"], "references names 'laplace', which the experiment 'AM' leaves out"),
        (["noisy", "laplace"], "references names 'best-filter', which the experiment 'AM' leaves"),
        (["noisy", "laplas"], "experiments.AM.methods is 'laplas', which the study does not"),
        (["gaussian", "laplace"], "experiments.AM.methods"),
    ],
)
def test_an_experiment_has_what_its_methods_are_compared_with(tiny, methods, sentence):
    tiny["experiments"]["AM"]["methods"] = ["noisy", "gaussian", "laplace"]
    check(tiny)
    tiny["experiments"]["AM"]["methods"] = methods
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(tiny)


def test_the_best_filter_needs_a_filter_and_its_name(tiny):
    tiny["statistics"]["references"] = ["laplace", "best-filter"]
    check(tiny)
    tiny["methods"]["best-filter"] = {"filter": "tv"}
    with pytest.raises(InputError, match="'best-filter' stands for the best of all filters"):
        check(tiny)
    methods = tiny["methods"].items()
    trained = {name: method for name, method in methods if "filter" not in method}
    tiny["methods"] = {"noisy": {"filter": "noisy"}, **trained}
    with pytest.raises(InputError, match="no filter besides 'noisy'"):
        check(tiny)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"of": "cells"}, "thin.of is 'cells', which is no data set as a camera gave it of"),
        ({"of": "again"}, "thin.of is 'again', which is no data set as a camera gave it of"),
        ({"kept": 1}, "thin.kept: 1 is greater than or equal to the maximum of 1"),
        ({"beside": "nothing"}, "beside must be one of rest, truth, but is 'nothing'"),
    ],
)
def test_what_is_thinned_is_a_data_set_of_a_cameras_own_values(tiny, keys, sentence):
    size = tiny["datasets"]["actin"]["pixel_size_um"]
    thin = {"of": "actin", "kept": 0.5, "beside": "rest", "images": 3, "seed": 0}
    halves = {"pixel_size_um": size, "thin": thin}
    tiny["datasets"] |= {"halves": halves, "again": {"pixel_size_um": size, "thin": thin}}
    check(tiny)
    tiny["datasets"]["halves"] = {"pixel_size_um": size, "thin": thin | keys}
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(tiny)


@pytest.mark.parametrize(
    ("keys", "of", "sentence"),
    [
        ({"pixel_size_um": 0.2}, {}, "thinned, 0.1; give both the same"),
        ({"register": False}, {}, "'register' decides nothing of it; set it in 'cells'"),
        ({}, {"outside": [0]}, "'cells', some of whose pixels are outside of the field"),
        (
            {"thin": {"of": "cells", "kept": 0.5, "beside": "truth", "seed": 0}},
            {"averaged": {"low": 1, "high": 9}, "register": False},
            "holds the image that is thinned ('averaged'); say 'rest'",
        ),
    ],
)
def test_a_thinned_data_set_is_as_the_one_it_is_of(tiny, keys, of, sentence):
    thin = {"of": "cells", "kept": 0.5, "beside": "rest", "seed": 0}
    tiny["datasets"]["cells"] = {"pixel_size_um": 0.1, "pairs": "pairs.tsv", **of}
    tiny["datasets"]["halves"] = {"pixel_size_um": 0.1, "thin": thin, **keys}
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(tiny)


@pytest.mark.parametrize(
    ("experiments", "sentence"),
    [
        (["AA", "ZZ"], "dose.actin.experiments is 'ZZ', which the study"),
        (["AA", "MA"], "tests 'actin' more than once, but each is to be another dose of light"),
    ],
)
def test_a_sweep_is_of_experiments_of_several_doses(tiny, experiments, sentence):
    tiny["experiments"]["MA"] = tiny["experiments"]["AA"]
    tiny["dose"] = {"actin": {"experiments": experiments, "metric": "psnr", "limit": 30}}
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(tiny)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("test_sets.planaria-1.dataset", "planaria", "patches that are normalised already ('as_p"),
        ("methods.care.normalization", "photons", "methods.care.normalization is 'photons', but "),
        ("datasets.planaria-1", {"pixel_size_um": 1, "z_spacing_um": 1, "thin": {
            "of": "planaria", "kept": 0.5, "beside": "rest", "seed": 0}}, "is made of 'planaria'"),
        ("datasets.planaria.as_patches", False, "as_patches must be true, but is false."),
    ],
)  # fmt: skip
def test_patches_that_are_normalised_are_trained_on_as_they_are(path, value, sentence):
    config = yaml.safe_load((ROOT / "config/care-paper.yaml").read_text(encoding="utf-8"))
    *keys, last = path.split(".")
    entry = config
    for key in keys:
        entry = entry[key]
    entry[last] = value
    with pytest.raises(InputError, match=re.escape(sentence)):
        check(config)

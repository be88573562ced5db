"""What a study asks for, by its config alone."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from denoisekit.study.design import Study
from denoisekit.study.runs import Run

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


TINY, QUICKSTART = load("tests/workflow/tiny.yaml"), load("config/quickstart.yaml")
MASKING = {"percent": 2.8, "neighbourhood": 5, "replacement": "neighbour"}


@pytest.fixture
def config():
    """The tiny study's config, to be changed freely."""
    return deepcopy(TINY)


@pytest.fixture
def several(config):
    """The tiny study with three seeds, and ensembles of two of them and of all."""
    config["seeds"] = [7, 0, 3]
    config["methods"]["pair"] = {"ensemble": {"of": "mae", "members": [7, 0]}}
    config["methods"]["all"] = {"ensemble": {"of": "laplace"}}
    return config


@pytest.fixture
def blind():
    """A study of measured images, of which the movie has no truth, with methods of all kinds."""
    config = deepcopy(TINY)
    blind = {"objective": "noise2void", "masking": MASKING}
    config["datasets"] = {
        "cells": {"pixel_size_um": 0.1, "pairs": "cells.tsv"},
        "movie": {"pixel_size_um": 0.2, "folder": {"low": "movie/*", "pages": "movie"}},
        "calibration": {"pixel_size_um": 0.1, "pairs": "calibration.tsv"},
        "drawn": {**config["datasets"]["actin"], "pixel_size_um": 0.3},
    }
    config["train_sets"] = {
        "cells": {"dataset": "cells", "patch_size": 32, "split": "test"},
        "movie": {"dataset": "movie", "patch_size": 32},
    }
    config["test_sets"] = {"cells": {"dataset": "cells"}, "movie": {"dataset": "movie"}}
    config["experiments"] = {
        "C": {"train_set": "cells", "test_set": "cells", "description": "-"},
        "M": {"train_set": "movie", "test_set": "movie", "description": "-"},
    }
    config["methods"] = {
        "prior-mean": {"of": "pn2v", "estimate": "prior-mean"},
        "n2v": {"network": "single", "loss": "mse", **blind},
        "pn2v": {"network": "samples", "loss": "pn2v", "noise_model": "camera", **blind},
        "pn2v-boot": {"network": "samples", "loss": "pn2v", "noise_model": "first", **blind},
        "tv": {"filter": "tv"},
        "noisy": {"filter": "noisy"},
    }
    config["networks"] = {
        "single": {"architecture": "n2v-unet", "depth": 2},
        "samples": {"architecture": "pn2v-unet", "depth": 2},
        "unused": {"architecture": "dncnn", "layers": 17},
    }
    config["noise_models"] = {
        "camera": {"origin": "pairs", "datasets": {"cells": ["calibration"]}},
        "first": {"origin": "restoration", "method": "n2v"},
    }
    config["looks"] = {"drawn-and-true": {"simulated": "drawn", "measured": "cells"}}
    config["published_regimes"] = {
        "table": "regimes.csv",
        "experiments": {"C": ["confocal", "NR1"], "M": ["confocal", "NR2"]},
    }
    config["seeds"] = [3, 7]
    del config["published"]
    return config


def test_the_control_comes_first(blind):
    study = Study(blind)
    assert study.methods == ["noisy", "prior-mean", "n2v", "pn2v", "pn2v-boot", "tv"]
    assert study.filter_methods == ["noisy", "tv"]


def test_methods_by_what_they_need(blind):
    study = Study(blind)
    assert study.trained_methods == ["n2v", "pn2v", "pn2v-boot"]
    assert study.network_methods == ["prior-mean", "n2v", "pn2v", "pn2v-boot"]
    assert study.blind_methods == ["n2v", "pn2v", "pn2v-boot"]
    assert study.masked_methods == study.blind_methods
    assert study.unmasked_methods == []
    assert study.posterior_methods == ["prior-mean", "pn2v", "pn2v-boot"]
    assert study.plain_methods == ["n2v"]
    assert study.network_of("prior-mean") == "pn2v"
    assert study.network_of("n2v") == "n2v"
    assert study.shared_networks == {"prior-mean": "pn2v"}
    assert [study.objective(name) for name in ("tv", "prior-mean", "n2v")] == [
        *(None, None, "noise2void")
    ]
    assert Study(QUICKSTART).unmasked_methods == ["laplace", "fft", "bandpass"]


def test_an_ensemble_trains_nothing_and_is_no_network_of_its_own(several):
    study, without = Study(several), {**several, "methods": several["methods"].copy()}
    for name in ("pair", "all"):
        del without["methods"][name]
    assert study.ensemble_methods == ["pair", "all"]
    assert study.networks == Study(without).networks
    assert study.train_settings("mae") == Study(without).train_settings("mae")
    for kind in ("network_methods", "plain_methods", "trained_methods", "untrained_methods"):
        assert getattr(study, kind) == getattr(Study(without), kind)
    assert study.outside_methods == study.posterior_methods == []


def test_an_ensemble_is_one_run_of_each_train_set(several):
    study = Study(several)
    assert study.runs_of("AM")[-2:] == ["actin.pair.ensemble", "actin.all.ensemble"]
    assert study.runs_on("actin")[-2:] == ["actin.pair.ensemble", "actin.all.ensemble"]
    assert [name for name in study.runs if "ensemble" in name] == [
        *("actin.pair.ensemble", "actin.all.ensemble"),
        *("actin-movie.pair.ensemble", "actin-movie.all.ensemble"),
    ]
    assert study.shown_runs("AAS")["pair"] == "actin-movie.pair.ensemble"
    assert "actin.pair.ensemble" in study.job_words([])
    assert study.identity("actin.pair.ensemble", "actin") == {
        **{"test_set": "actin", "run": "actin.pair.ensemble", "train_set": "actin"},
        **{"method": "pair", "seed": "ensemble", "simulated": "yes"},
    }


def test_an_ensemble_is_made_of_the_runs_of_its_members_least_seed_first(several):
    study = Study(several)
    assert study.member_runs("pair", "actin") == [Run("mae", "actin", 0), Run("mae", "actin", 7)]
    every = [run.name for run in study.member_runs("all", "actin-movie")]
    assert every == [f"actin-movie.laplace.seed{seed}" for seed in (0, 3, 7)]
    assert set(every) <= set(study.runs_on("actin-movie"))
    # On whatever is restored by the ensemble, its members are.
    for test_set in several["test_sets"]:
        names = study.runs_on(test_set)
        for run in (Run.parse(name) for name in names if name.endswith(".ensemble")):
            members = {member.name for member in study.member_runs(run.method, run.train_set)}
            assert members <= set(names)


def test_seeds_for_an_ensemble_alone_are_trained_and_not_scored(several):
    several["methods"]["all"]["ensemble"] = {"of": "laplace", "more_seeds": [8, 5]}
    several["seeds"] = [7]
    several["methods"].pop("pair")
    study = Study(several)
    assert [run.seed for run in study.member_runs("all", "actin")] == [5, 7, 8]
    trained = [(run.method, run.seed) for run in study.networks if run.train_set == "actin"]
    assert trained == [("laplace", 7), ("laplace", 5), ("laplace", 8), ("mae", 7)]
    assert {run.seed for run in study.validated} == {7}
    assert study.seeds == [7, 5, 8]
    assert [name for name in study.runs_on("actin") if "laplace" in name] == ["actin.laplace.seed7"]
    assert study.shown_members("AA")["all"] == [f"actin.laplace.seed{n}" for n in (5, 7, 8)]
    assert {"seed5", "actin.laplace.seed8"} <= study.job_words([])


def test_an_experiment_trains_and_restores_with_its_own_methods_alone(several):
    few = ["noisy", "mae", "all"]
    several["experiments"]["AAS"]["methods"] = few
    study = Study(several)
    assert study.methods_of("AAS") == few
    assert study.methods_of("AA") == study.methods
    movie = [run for run in study.networks if run.train_set == "actin-movie"]
    # The networks of laplace are what its ensemble is made of.
    assert {(run.method, run.seed) for run in movie} == {
        (method, seed) for method in ("laplace", "mae") for seed in (0, 3, 7)
    }
    assert study.runs_of("AAS") == [
        "noisy",
        *(f"actin-movie.mae.seed{seed}" for seed in (7, 0, 3)),
        "actin-movie.all.ensemble",
    ]
    assert list(study.shown_members("AAS")) == ["all"]
    # The other experiment on its test set has all.
    assert set(study.runs_on("actin-movie")) == {*study.runs_of("AM"), *study.runs_of("AAS")}
    assert "actin-movie.laplace.seed0" not in study.runs
    several["experiments"]["AAS"]["methods"] = ["noisy", "gaussian"]
    study = Study(several)
    assert all(run.train_set == "actin" for run in study.networks)
    assert "calibration-AAS" not in study.figures
    assert not [name for name in study.moving_figures if name.startswith("flicker-AAS")]


def test_scales_that_networks_predict_are_held_against_truths(several, blind):
    several["seeds"] = [0, 7]
    study = Study(several)
    assert study.scaled_methods == ["laplace", "all"]
    assert study.calibrated == [
        *(("actin", f"actin.laplace.seed{seed}") for seed in (0, 7)),
        ("actin", "actin.all.ensemble"),
        *(("actin-movie", f"actin.laplace.seed{seed}") for seed in (0, 7)),
        ("actin-movie", "actin.all.ensemble"),
        *(("actin-movie", f"actin-movie.laplace.seed{seed}") for seed in (0, 7)),
        ("actin-movie", "actin-movie.all.ensemble"),
    ]
    assert study.members_of("actin.all.ensemble") == study.member_runs("all", "actin")
    assert study.shown_members("AA") == {
        "laplace": ["actin.laplace.seed0"],
        "all": ["actin.laplace.seed0", "actin.laplace.seed7"],
    }
    assert study.members_of("actin.laplace.seed7") == [Run("laplace", "actin", 7)]
    assert Study(blind, with_truth={"cells"}).calibrated == []
    # A network that is trained on noisy images predicts the scale of their noise, too.
    several["methods"]["laplace"]["objective"] = "noise2noise"
    assert Study(several).scaled_methods == []


def test_every_run_on_a_test_set_is_told_from_the_others():
    found = Study(TINY).identities("actin-movie")
    assert list(found) == Study(TINY).runs_on("actin-movie")
    assert found["noisy"] == Study(TINY).identity("noisy", "actin-movie")


def test_controls_are_restored_by_all_but_what_is_given_or_a_command(config):
    plain = Study(config)
    assert (plain.control_sets, plain.controlled) == ({}, [])
    assert "controls" not in plain.tables
    methods = {
        **config["methods"],
        "given": {"images": "their/{test_set}/{image}.tif"},
        "theirs": {"command": ["run", "{inputs}", "{outputs}"]},
    }
    config |= {"controls": {"test_sets": ["actin"], "images": 2, "seed": 0}, "methods": methods}
    study = Study(config)
    assert study.control_sets == {"actin.controls": "actin"}
    assert study.tested("actin.controls") == study.tested("actin")
    runs = [name for name in study.runs_on("actin") if name not in ("given", "theirs")]
    assert study.runs_on("actin.controls") == runs
    assert study.controlled == [
        name for name, entry in config["experiments"].items() if entry["test_set"] == "actin"
    ]
    assert [name for name in study.figures if name.startswith("controls-")] == [
        f"controls-{name}" for name in study.controlled
    ]
    assert set(study.tables) - set(plain.tables) == {"controls"}
    assert study.job_words([]) - plain.job_words([]) >= {"actin.controls"}
    # They are no test set of the study: nothing of them is scored.
    assert study.scored_sets == plain.scored_sets


def test_a_seed_that_is_added_leaves_the_networks_and_ensembles_that_name_others(several):
    before, after = Study(several), Study({**several, "seeds": [*several["seeds"], 9]})
    assert set(before.networks) < set(after.networks)
    assert {run.seed for run in set(after.networks) - set(before.networks)} == {9}
    assert after.member_runs("pair", "actin") == before.member_runs("pair", "actin")
    assert Run("laplace", "actin", 9) in after.member_runs("all", "actin")
    assert before.train_settings("laplace") == after.train_settings("laplace")


def test_networks_that_no_method_trains_are_left_out(blind):
    assert Study(blind).trained_networks == [
        {"architecture": "n2v-unet", "depth": 2},
        {"architecture": "pn2v-unet", "depth": 2},
    ]


def test_data_sets_by_what_they_are_for(blind):
    study = Study(blind)
    assert study.studied == ["cells", "movie"]
    assert study.simulated == ["drawn"]
    assert study.compared_with_truth == {"cells", "calibration"}
    assert study.splits_of("cells") == ["test"]
    assert study.splits_of("movie") == ["train", "test"]
    assert study.splits_of("drawn") == []


def test_a_study_of_filters_trains_on_nothing(config):
    config["methods"] = {"noisy": {"filter": "noisy"}}
    study = Study(config)
    assert study.splits_of("actin") == ["test"]
    assert study.trained_networks == []
    assert study.runs == ["noisy"]
    assert "learning-curves" not in study.figures


def test_a_test_set_is_restored_by_the_networks_of_its_experiments():
    study = Study(TINY)
    assert study.runs_on("actin") == ["noisy", "gaussian", "actin.laplace.seed0", "actin.mae.seed0"]
    assert study.runs_on("actin-movie") == [
        *("noisy", "gaussian", "actin.laplace.seed0", "actin.mae.seed0"),
        *("actin-movie.laplace.seed0", "actin-movie.mae.seed0"),
    ]
    assert study.runs == study.runs_on("actin-movie")
    assert study.needed_train_sets == ["actin", "actin-movie"]


def test_an_experiment_has_the_runs_of_its_train_set_of_which_the_first_seed_is_shown(blind):
    study = Study(blind)
    assert study.runs_of("M") == [
        *("noisy", "movie.prior-mean.seed3", "movie.prior-mean.seed7"),
        *("movie.n2v.seed3", "movie.n2v.seed7", "movie.pn2v.seed3", "movie.pn2v.seed7"),
        *("movie.pn2v-boot.seed3", "movie.pn2v-boot.seed7", "tv"),
    ]
    assert study.shown_runs("C") == {
        "noisy": "noisy",
        "prior-mean": "cells.prior-mean.seed3",
        "n2v": "cells.n2v.seed3",
        "pn2v": "cells.pn2v.seed3",
        "pn2v-boot": "cells.pn2v-boot.seed3",
        "tv": "tv",
    }


def test_scores_say_what_was_scored(blind):
    assert Study(TINY).identity("actin.mae.seed0", "actin-movie") == {
        "test_set": "actin-movie",
        "run": "actin.mae.seed0",
        "train_set": "actin",
        "method": "mae",
        "seed": "0",
        "simulated": "yes",
    }
    assert Study(blind).identity("tv", "cells") == {
        "test_set": "cells",
        "run": "tv",
        "train_set": "",
        "method": "tv",
        "seed": "",
        "simulated": "no",
    }


@pytest.mark.parametrize(
    ("with_truth", "scored"), [((), []), ({"cells"}, ["C"]), ({"cells", "movie"}, ["C", "M"])]
)
def test_measured_images_are_scored_where_they_have_a_truth(blind, with_truth, scored):
    study = Study(blind, with_truth=with_truth)
    assert study.scored == scored
    assert list(study.regimes) == scored
    assert study.is_scored("C") == ("C" in scored)


def test_simulated_images_always_have_a_truth():
    assert Study(TINY).scored_sets == ["actin", "actin-movie"]
    assert Study(QUICKSTART).scored == list(QUICKSTART["experiments"])


def test_what_must_lie_apart_is_told_without_words_and_sizes(config, blind):
    expected = [
        ("actin", "train", "actin"),
        ("actin", "train", "actin-movie"),
        ("actin-movie", "train", "actin-movie"),
    ]
    assert Study(config).apart == expected
    config["experiments"]["AA"]["description"] = "Other words"
    config["experiments"]["AA2"] = config["experiments"]["AA"]
    config["train_sets"]["actin"]["patch_size"] = 64
    assert Study(config).apart == expected
    assert Study(blind).apart[0] == ("cells", "test", "cells")


def test_training_depends_on_what_its_method_names(blind):
    assert Study(TINY).train_settings("mae") == {
        "method": {"network": "tiny-unet", "objective": "supervised", "loss": "mae"},
        "network": {"architecture": "unet", "depth": 1, "kernel_size": 3, "first_filters": 4},
        "training": TINY["training"],
    }
    learned = Study(blind).train_settings("pn2v-boot")["noise_model"]
    assert learned == {"origin": "restoration", "method": "n2v"}
    assert Study(TINY).train_modules("mae") == ["denoisekit.networks.unet", "denoisekit.losses.mae"]
    assert Study(blind).train_modules("n2v") == ["denoisekit.networks.n2v_unet"]
    assert Study(blind).network_module("prior-mean") == "denoisekit.networks.pn2v_unet"
    assert Study(TINY).filter_module("gaussian") == "denoisekit.filters.gaussian"


NORMALISED = {
    **{"low": "low.npy", "high": "high.npy", "positions": "positions.tsv"},
    "units": "units.json",
}


@pytest.mark.parametrize(
    ("changed", "files"),
    [
        ({}, NORMALISED),
        ({"normalization": "percentiles"}, NORMALISED),
        ({"normalization": "mean-std"}, {"frames": "matched"}),
        ({"normalization": "mean-std", "match_truth": False}, {"frames": "clean"}),
        ({"normalization": "photons"}, {"frames": "matched-photons"}),
        ({"objective": "noise2noise"}, {"frames": "next"}),
        ({"objective": "noise2noise", "normalization": "photons"}, {"frames": "next-photons"}),
    ],
)
def test_methods_learn_from_patches_in_their_own_units(config, changed, files):
    config["methods"]["mae"] |= changed
    assert Study(config).patch_files("mae") == files


def test_noise_models_are_learned_once_or_for_each_seed(blind):
    study = Study(blind)
    assert study.noise_model_name("n2v", seed=3) is None
    assert study.noise_model_name("pn2v", seed=3) == "camera"
    assert study.noise_model_name("prior-mean", seed=3) == "camera"
    assert study.noise_model_name("pn2v-boot", seed=3) == "first.seed3"
    assert study.noise_model_settings("n2v") is None
    assert study.noise_model_settings("prior-mean") == blind["noise_models"]["camera"]


def test_noise_is_learned_from_the_data_sets_named_or_from_those_trained_on(blind):
    study = Study(blind)
    assert study.noise_model_datasets("camera", "cells") == ["calibration"]
    assert study.noise_model_splits("camera", "cells") == ["train", "test"]
    assert study.noise_model_datasets("camera", "movie") == ["movie"]
    assert study.noise_model_splits("camera", "movie") == ["train"]
    assert study.noise_model_splits("first", "cells") == ["test"]


def test_the_posterior_of_the_first_network_that_has_one_is_drawn(blind):
    assert Study(blind).posterior_run("M") == Run("pn2v", "movie", 3)


def test_looks_are_of_a_simulated_and_a_measured_data_set(blind):
    study = Study(blind)
    assert study.looks_of("drawn-and-true") == ["drawn", "cells"]
    assert study.looks_pixel_sizes("drawn-and-true") == [0.3, 0.1]
    assert study.camera_of("drawn")["offset"] == 100
    assert study.camera_of("cells") == {}
    assert list(Study(TINY).looks) == []


def test_figures_of_scored_and_of_unscored_experiments(blind):
    assert Study(blind, with_truth={"cells"}).figures == [
        *("montage-C", "scores-C", "sharpness-C", "restored-M"),
        *("residuals-C", "residuals-M", "posterior-C", "posterior-M"),
        *("conventions", "regimes", "learning-curves", "looks-drawn-and-true"),
    ]
    assert Study(TINY).figures == [
        *("montage-AA", "montage-AM", "montage-AAS", "scores-AA", "scores-AM", "scores-AAS"),
        *("sharpness-AA", "sharpness-AM", "sharpness-AAS"),
        *("calibration-AA", "calibration-AM", "calibration-AAS"),
        *("profile-AA", "profile-AM", "profile-AAS"),
        *("residuals-AA", "residuals-AM", "residuals-AAS", "figure-1-AA", "figure-2-AA"),
        *("conventions", "learning-curves"),
    ]


def test_samples_are_drawn_of_every_method_with_a_scale(several, blind):
    assert Study(several).moving_figures == [
        *(
            f"flicker-{name}.{method}"
            for name in ("AA", "AM", "AAS")
            for method in ("laplace", "all")
        )
    ]
    assert Study(blind, with_truth={"cells"}).moving_figures == []


def test_a_single_convention_is_compared_with_none(config):
    config["conventions"] = ["care"]
    assert "conventions" not in Study(config).figures


def test_tables_of_what_there_is(blind):
    scores = ["scores", "summary", "comparisons", "conventions", "sharpness"]
    assert Study(TINY).tables == [
        "experiments",
        "noise",
        "residuals",
        *scores,
        "calibration",
        "audit",
    ]
    assert Study(blind).tables == ["experiments", "noise", "residuals", "looks"]
    truths = Study(blind, with_truth={"cells"})
    assert truths.tables == ["experiments", "noise", "residuals", *scores, "looks", "regimes"]


def test_scores_are_shown_in_the_first_convention():
    methods = ["noisy", "gaussian", "laplace", "mae"]
    settings = {"methods": methods, "outside": [], "convention": "care"}
    assert Study(TINY).score_settings == settings
    assert Study(TINY).image_settings == {
        **settings,
        "reference": "laplace",
    }


def test_words_of_jobs_are_all_names_of_the_study():
    assert Study(TINY).job_words(["gigadb/raw/1.tif"]) == {
        *("actin", "actin-movie", "AA", "AM", "AAS", "noisy", "gaussian", "laplace", "mae"),
        *("actin.laplace.seed0", "actin.mae.seed0", "seed0", "gigadb", "raw", "1.tif"),
        *("actin-movie.laplace.seed0", "actin-movie.mae.seed0"),
    }


def test_what_made_intervals_in_older_studies_decides_nothing():
    older = {**QUICKSTART["statistics"], "bootstrap": {"resamples": 999, "seed": 1}}
    assert (
        Study({**QUICKSTART, "statistics": older}).test_settings == Study(QUICKSTART).test_settings
    )


def test_a_test_set_that_no_experiment_restores_is_left_alone(config):
    config["test_sets"]["idle"] = dict(config["test_sets"]["actin"])
    study, plain = Study(config), Study(TINY)
    assert "idle" not in study.test_sets
    for name in ("scored_sets", "examined_sets", "runs", "figures", "tables"):
        assert getattr(study, name) == getattr(plain, name)

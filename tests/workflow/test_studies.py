"""The studies that come with the pipeline: they keep to the schema and compare what they say."""

import re
from pathlib import Path

import pytest
import yaml

from denoisekit import losses
from denoisekit.study import check

ROOT = Path(__file__).resolve().parents[2]
STUDIES = sorted((ROOT / "config").glob("*.yaml"))
# Templates need images, and are run in test_own_data.
READY = [path for path in STUDIES if not path.stem.startswith("own-")]
TWINS = ["losses", "patch-sizes"]


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def named(name):
    return load(ROOT / f"config/{name}.yaml")


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_keeps_to_the_schema(path):
    schemas = {p.name: load(p) for p in (ROOT / "config/schemas").glob("*.schema.yaml")}
    check.check(load(path), schemas=schemas, file=path.name)
    assert load(path)["study"] == path.stem


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_every_ready_study_can_be_planned(path, snakemake):
    config = load(path)
    plan = snakemake(config, "-n")
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", plan, re.MULTILINE))
    taking_part = {
        # A network that restores channels jointly is the same for each of them.
        (config["methods"][name].get("channels", entry["train_set"]), name)
        for entry in config["experiments"].values()
        for name in entry.get("methods", config["methods"])
    }
    rules = {"noise2void": "train_noise2void", "isotropic": "train_isotropic"}
    networks = dict.fromkeys(("train", *rules.values()), 0)
    for _, name in taking_part:
        method = config["methods"][name]
        if "network" in method:
            networks[rules.get(method["objective"], "train")] += len(config["seeds"])
        # Networks of further seeds, which only an ensemble asks for.
        networks["train"] += len(method.get("ensemble", {}).get("more_seeds", ()))
    assert {rule: int(jobs.get(rule, 0)) for rule in networks} == networks
    assert jobs["write_report"] == "1"


def test_the_studies_of_losses_have_every_loss():
    for name in ("losses", "losses-paper"):
        methods = named(name)["methods"].values()
        assert sorted(entry["loss"] for entry in methods if "loss" in entry) == losses.names()


@pytest.mark.parametrize("name", TWINS)
def test_a_small_study_and_its_full_one_compare_the_same(name):
    small, full = named(name), named(f"{name}-paper")
    assert small["train_sets"] == full["train_sets"]
    assert small["statistics"] == full["statistics"]
    assert small["experiments"].items() <= full["experiments"].items()
    losses_of = [
        {method: entry.get("loss") for method, entry in config["methods"].items()}
        for config in (small, full)
    ]
    assert losses_of[0] == losses_of[1]


@pytest.mark.parametrize("name", [f"{name}-paper" for name in TWINS])
def test_a_full_study_has_the_papers_settings(name):
    config, paper = named(name), named("paper")
    for key in (
        *("sources", "networks", "seeds", "patches", "training", "prediction", "conventions"),
        "figures",
    ):
        assert config[key] == paper[key], key
    assert config["datasets"].items() <= paper["datasets"].items()


@pytest.mark.parametrize("name", ["patch-sizes", "patch-sizes-paper"])
def test_the_studies_of_patch_sizes_differ_in_nothing_else(name):
    config = named(name)
    sides = {}
    for experiment, entry in config["experiments"].items():
        train_set = config["train_sets"][entry["train_set"]]
        assert train_set["dataset"] == config["test_sets"][entry["test_set"]]["dataset"]
        kind, _, side = experiment.partition("-")
        assert train_set["patch_size"] == int(side)
        sides.setdefault(kind, []).append(int(side))
    assert sides == {"MM": [32, 64, 128], "AA": [32, 64, 128]}


def test_the_small_and_the_full_sample_of_fmd_compare_the_same():
    small, full = named("fmd-sample"), named("fmd-sample-full")
    for key in ("sources", "methods", "statistics", "conventions", "prediction"):
        assert small[key] == full[key], key
    for key in ("datasets", "test_sets", "experiments"):
        assert small[key].items() <= full[key].items(), key
    assert small["published_regimes"] == full["published_regimes"]
    assert small["noise_models"] == full["noise_models"]
    assert len(full["experiments"]) == 12


def test_the_studies_of_fmd_have_the_papers_settings():
    fmd, sample = named("fmd"), named("fmd-sample-full")
    for key in ("training", "prediction", "seeds"):
        assert fmd[key] == sample[key], key
    for name in ("single", "samples"):
        assert fmd["networks"][name] == sample["networks"][name]
    assert fmd["training"]["batch_size"] == 4 * 20
    # Table 1: three kinds of images in five noise regimes.
    printed = (ROOT / "config/published/pn2v/table1.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in printed.splitlines()[1:]]
    regimes = {f"{row[0]}-{row[3]}" for row in rows if row[3] != "mean"}
    for key in ("datasets", "train_sets", "test_sets", "experiments"):
        assert set(fmd[key]) == regimes, key
    for name in regimes:
        experiment = fmd["experiments"][name]
        assert {experiment["train_set"], experiment["test_set"]} == {name}
        compared = fmd["published_regimes"]["experiments"][name]
        assert "-".join(compared) == name
        assert fmd["datasets"][name]["pairs"] == f"config/pairs/fmd-{name.lower()}.tsv"
    assert {row[1] for row in rows} - {"input"} == set(fmd["methods"]) - {"noisy", "pn2v-prior"}
    assert {row[2] for row in rows} == set(fmd["conventions"])

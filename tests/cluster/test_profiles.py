"""The clusters' profiles speak of the rules that there are."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.profiles import ProfileConfigFileParser

ROOT = Path(__file__).resolve().parents[2]
LOCAL = {"all", "download"}


def profile(name):
    path = ROOT / "profiles" / name / "profile.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules():
    """The text of every rule by its name."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk")]
    parts = re.split(r"^rule ", "\n".join(texts), flags=re.MULTILINE)[1:]
    return {part.partition(":")[0]: part for part in parts}


def test_slurm_gives_every_rule_the_memory_it_asks_for_and_more_at_each_attempt():
    given = profile("slurm")["set-resources"]
    assert set(given) == set(rules()) - LOCAL
    for name, text in rules().items():
        if name not in LOCAL:
            memory, _, rest = given[name]["mem_mb"].partition(" ")
            assert int(memory) >= int(re.search(r"mem_mb=(\d+)", text).group(1)), name
            assert rest == "* attempt"
            assert given[name]["runtime"].endswith(" * attempt")


@pytest.mark.parametrize("name", ["slurm", "cluster-generic"])
def test_what_computes_on_a_gpu_is_given_one_and_never_shares_a_job(name):
    given = profile(name)["set-resources"]
    asking = {rule for rule, text in rules().items() if "gpu=" in text}
    assert {rule for rule, resources in given.items() if resources.get("gpu")} == asking
    assert not asking & set(profile(name)["groups"])


@pytest.mark.parametrize("name", ["slurm", "cluster-generic"])
def test_groups_are_of_rules_that_there_are_and_of_bounded_size(name):
    groups = profile(name)["groups"]
    assert set(groups) <= set(rules()) - LOCAL
    assert set(profile(name)["group-components"]) == set(groups.values())


@pytest.mark.parametrize("name", ["slurm", "cluster-generic"])
def test_clusters_run_again_what_a_workstation_would(name):
    here = profile("default")
    for key in ("show-failed-logs", "rerun-incomplete", "rerun-triggers"):
        assert profile(name)[key] == here[key]
    assert "gpu" not in profile(name)["resources"]


@pytest.mark.parametrize(
    ("variables", "partitions"),
    [
        ({}, ("cpu", "gpu", None)),
        ({"PARTITION": "all"}, ("all", "all", None)),
        ({"PARTITION": "short", "GPU_PARTITION": "a100-long"}, ("short", "a100-long", None)),
        ({"GPU_PARTITION": "a100", "ACCOUNT": "lab"}, ("cpu", "a100", "lab")),
        ({"PARTITION": "", "GPU_PARTITION": "", "ACCOUNT": ""}, ("cpu", "gpu", None)),
    ],
)
@pytest.mark.parametrize("name", ["slurm", "cluster-generic"])
def test_variables_choose_partitions_and_no_file_is_edited(
    name, variables, partitions, monkeypatch
):
    for key in ("PARTITION", "GPU_PARTITION", "ACCOUNT"):
        monkeypatch.delenv(f"DENOISEKIT_{key}", raising=False)
    for key, value in variables.items():
        monkeypatch.setenv(f"DENOISEKIT_{key}", value)
    with (ROOT / "profiles" / name / "profile.yaml").open(encoding="utf-8") as file:
        read = ProfileConfigFileParser().parse(file)
    where = {"slurm": "slurm_partition", "cluster-generic": "queue"}[name]
    cpu, gpu, account = partitions
    assert f"{where}={cpu}" in read["default-resources"]
    billed = [each for each in read["default-resources"] if each.startswith("slurm_account=")]
    assert billed == ([f"slurm_account={account}"] if account and name == "slurm" else [])
    of_gpus = [each for each in read["set-resources"] if f":{where}=" in each]
    asking = {rule for rule, given in profile(name)["set-resources"].items() if given.get("gpu")}
    assert set(of_gpus) == {f"{rule}:{where}={gpu}" for rule in asking}

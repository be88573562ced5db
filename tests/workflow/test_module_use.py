"""One checkout for many: studies in folders elsewhere, also as a module of another workflow."""

import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from calls import call

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
PROFILE = ["--workflow-profile", str(ROOT / "profiles/default")]


def project(folder, config, *, module):
    """Write a folder that holds nothing but a study and, for use as a module, a Snakefile."""
    (folder / "study.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    if module:
        (snakefile,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
        snakefile = dedent(snakefile).replace("/shared/denoisekit", str(ROOT))
        (folder / "Snakefile").write_text(snakefile, encoding="utf-8")
    return folder


def run(folder, *arguments, module, succeeds=True):
    called = [] if module else ["-s", str(ROOT / "Snakefile"), "--configfile", "study.yaml"]
    command = [sys.executable, "-m", "snakemake", *called, "--cores", "2", *arguments]
    return call(command, folder=folder, succeeds=succeeds)


TABLE = "config/pairs/fmd-sample-confocal-mice.tsv"


@pytest.fixture
def shipped():
    """A study whose tables, catalogue and printed scores come with the checkout."""
    return yaml.safe_load((ROOT / "config/fmd-sample.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", [False, True], ids=["called", "module"])
def test_a_study_elsewhere_finds_what_comes_with_the_checkout(tmp_path, shipped, module):
    plan = run(project(tmp_path, shipped, module=module), "-n", module=module)
    assert re.search(r"^write_report +1$", plan, re.MULTILINE)


def test_files_of_the_study_go_before_those_of_the_checkout(tmp_path, shipped):
    (tmp_path / TABLE).parent.mkdir(parents=True)
    (tmp_path / TABLE).write_text("image\n", encoding="utf-8")
    told = run(project(tmp_path, shipped, module=False), "-n", module=False, succeeds=False)
    assert f"{TABLE} has no rows" in told
    assert str(ROOT / TABLE) not in told


def test_without_a_config_the_quickstart_is_planned_anywhere(tmp_path):
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-n"]
    assert re.search(r"^simulate +5$", call([*command, "--cores", "1"], folder=tmp_path), re.M)


def test_a_module_runs_a_study_and_then_nothing(tmp_path, tiny):
    tiny["experiments"] = {"one": tiny["experiments"]["AA"]}
    for kind in ("datasets", "train_sets", "test_sets"):
        del tiny[kind]["actin-movie"]
    tiny["methods"] = {name: tiny["methods"][name] for name in ("noisy", "laplace")}
    tiny["conventions"] = ["care"]
    tiny["statistics"]["references"] = ["laplace"]
    del tiny["published"]
    folder = project(tmp_path, tiny, module=True)
    run(folder, *PROFILE, module=True)
    results = folder / "results/tiny"
    assert "jobs before this page took" in (results / "report.html").read_text(encoding="utf-8")
    assert (results / "code/Snakefile").read_bytes() == (ROOT / "Snakefile").read_bytes()
    assert "Nothing to be done" in run(folder, "-n", *PROFILE, module=True)

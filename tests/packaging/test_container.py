"""The Dockerfile copies what there is, installs what is tested, and runs as nobody special."""

import re
import runpy
import tomllib
from pathlib import Path
from unittest.mock import patch

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    line.split(maxsplit=1)
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def given(instruction):
    return [rest for name, rest in LINES if name == instruction]


def copied():
    return {name for words in map(str.split, given("COPY")) for name in words[:-1]}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_all_that_is_copied_is_there_and_all_that_is_installed_is_copied():
    assert all((ROOT / name).exists() for name in copied())
    with patch("setuptools.setup"):
        shipped = runpy.run_path(str(ROOT / "setup.py"))["SHIPPED"]
    facts = project()["project"]
    needed = {*shipped, "Snakefile", "src", "setup.py", "pyproject.toml", "requirements.txt"}
    assert copied() == needed | {facts["readme"], *facts["license-files"]}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not copied() & set(ignored)


def test_it_has_the_tested_versions_and_what_builds_and_runs():
    (base,) = given("FROM")
    version = re.fullmatch(r"python:([\d.]+)-slim", base)[1]
    assert SpecifierSet(project()["project"]["requires-python"]).contains(version)
    assert f"Python {version}" in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    installs = [line for line in given("RUN") if "pip install" in line]
    assert [line.split()[-1] for line in installs] == ["requirements.txt", "."]
    assert {"--no-deps", "--no-build-isolation"} <= set(installs[1].split())
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = dict(line.lower().split("==") for line in text.splitlines() if "==" in line)
    for each in map(Requirement, [*project()["build-system"]["requires"], "snakemake>=9.19"]):
        assert each.specifier.contains(pinned[each.name]), each.name
    exact = yaml.safe_load((ROOT / "envs/exact/torch.yaml").read_text(encoding="utf-8"))
    assert f"pytorch ={pinned['torch']}" in [
        each for each in exact["dependencies"] if isinstance(each, str)
    ]


def test_it_runs_as_a_user_without_rights_in_a_folder_that_is_mounted():
    names = [name for name, _ in LINES]
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")
    (user,) = given("USER")
    assert user.split(":")[0] not in ("root", "0")
    page = (ROOT / "docs/container.md").read_text(encoding="utf-8")
    assert f"$PWD:{given('WORKDIR')[-1]}" in page

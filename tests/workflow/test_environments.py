"""No rule needs a package that its conda environment lacks, as far as imports tell."""

import functools
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from denoisekit.study.fingerprint import imported_modules, module_path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY, SCRIPTS = ROOT / "src/denoisekit", ROOT / "workflow/scripts"
# Modules that are imported by the names that a study uses.
BY_NAME = ("filters", "losses", "networks", "structures", "volumes")
CONDA_NAMES = {
    **{
        "PIL": "pillow",
        "bioimageio": "bioimageio.core",
        "skimage": "scikit-image",
        "torch": "pytorch",
        "yaml": "pyyaml",
    },
    # What brings them.
    "referencing": "jsonschema",
    "markupsafe": "jinja2",
}
# A PNG is read by scikit-image, when one is read: these rules read no image. What makes a package
# for bioimage.io is not called by who reads one.
NOT_CALLED = {
    "skimage": {"download", "unpack", "describe_run"},
    **{name: {"apply_model"} for name in ("bioimageio", "loguru", "pydantic", "PIL")},
}
# Nobody is given these unasked: their licence allows non-commercial use only.
ASKED_FOR = {"bm3d", "bm4d"}
# They read images of microscopes' makers, and who reads a study's own files alone.
READ_ANY_FORMAT = {"list_pairs", "register"}
OTHER_FORMATS = {
    **{name: name for name in ("aicspylibczi", "bioio")},
    **dict.fromkeys(("bioio_nd2", "nd2"), "bioio-nd2"),
    "pylibCZIrw": "bioio-czi",
}
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|Public Domain"
)
TELL_NONE = {
    *("bioimageio.core", "bioimageio.spec", "conda-inject", "snakemake-interface-common"),
    *("snakemake-interface-logger-plugins", "snakemake-interface-report-plugins"),
    *("snakemake-interface-scheduler-plugins", "snakemake-interface-storage-plugins"),
}


def rules():
    """Yield the name, the script and the environment of every rule that has them."""
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for text in re.split(r"^rule ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            script = re.search(r'"\.\./scripts/(\w+\.py)"', text)
            environment = re.search(r'"\.\./\.\./envs/(\w+\.yaml)"', text)
            if "conda:\n        command_environment" in text:
                # The program's own, of which nothing but Python is known.
                continue
            yield text.partition(":")[0], script and script[1], environment and environment[1]


def packages(environment):
    """Return the names of the packages that an environment asks for."""
    asked = yaml.safe_load((ROOT / "envs" / environment).read_text(encoding="utf-8"))
    for line in asked["dependencies"]:
        for each in line["pip"] if isinstance(line, dict) else [line]:
            yield re.split(r"[ =]", each)[0]


@functools.cache
def named(path):
    """What a file imports; most rules reach the same files."""
    return imported_modules(path)


def imported(*files):
    """Return the packages that scripts and all modules they reach import, and who does."""
    found, waiting, reached = {}, list(files), set()
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.parent.name in BY_NAME and path.name == "__init__.py":
            waiting += path.parent.glob("*.py")
        for name in named(path):
            module = module_path(name, package=LIBRARY, beside=SCRIPTS)
            if module is not None:
                waiting.append(module)
            elif not name.startswith("denoisekit"):
                found.setdefault(name.partition(".")[0], path.relative_to(ROOT))
    own = {path.stem for path in SCRIPTS.glob("_*.py")} | sys.stdlib_module_names
    return {name: path for name, path in found.items() if name not in own}


def test_no_environment_has_what_not_everybody_may_use():
    files = [path.relative_to(ROOT / "envs") for path in (ROOT / "envs").rglob("*.yaml")]
    assert len(files) > 10
    for file in files:
        assert not ASKED_FOR & set(packages(file)), file


def test_the_rules_are_read():
    found = {name: (script, environment) for name, script, environment in rules()}
    assert found["train"] == ("train.py", "torch.yaml")
    assert len(found) > 30
    assert all(script and environment for script, environment in found.values())


@pytest.mark.parametrize(("rule", "script", "environment"), list(rules()), ids=str)
def test_no_rule_imports_what_its_environment_lacks(rule, script, environment):
    have = set(packages(environment))
    lacking = {
        name: str(path)
        for name, path in imported(SCRIPTS / script).items()
        if OTHER_FORMATS.get(name, CONDA_NAMES.get(name, name)) not in have | ASKED_FOR
        and rule not in NOT_CALLED.get(name, ())
        and (rule in READ_ANY_FORMAT or name not in OTHER_FORMATS)
    }
    assert not lacking, f"{rule} in envs/{environment}"


def test_planning_imports_nothing_that_its_environment_lacks():
    text = (ROOT / "workflow/rules/common.smk").read_text(encoding="utf-8")
    found = re.findall(r"^from denoisekit([.\w]*) import (.+)$", text, re.MULTILINE)
    modules = [
        path
        for package, names in found
        for name in names.split(", ")
        if (path := LIBRARY.joinpath(*package.split("."), f"{name}.py")).is_file()
    ]
    assert len(modules) > 5
    # Snakemake brings pyyaml; no image is read while a study is planned.
    have = {*packages("workflow.yaml"), "pyyaml", "scikit-image", *OTHER_FORMATS}
    assert {CONDA_NAMES.get(name, name) for name in imported(*modules)} <= have


def test_what_pip_installs_is_what_was_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["workflow"], *extras["test"]]
    run, developed = (pinned(f"requirements{kind}.txt") for kind in ("", "-dev"))
    assert not run.keys() & developed.keys()
    for requirement in map(Requirement, asked):
        version = (run | developed)[requirement.name.lower()]
        assert requirement.specifier.contains(version), f"{requirement}, but {version} was tested"
    # Studies, the command, clusters and packages ask for nothing of development.
    kinds = ("workflow", "cluster", "export")
    needed = closure([*project["dependencies"], *(each for kind in kinds for each in extras[kind])])
    assert needed <= {normal(name) for name in run}
    assert not run.keys() & {"bm3d", "black", "pytest", "selenium", "sphinx"}


def pinned(file):
    """The versions that a file pins, by the packages' names."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return dict(line.lower().split("==") for line in lines if "==" in line)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(asked):
    """The names of packages and of all that these ask for in turn, as they are installed here."""
    found, waiting = {}, list(map(Requirement, asked))
    while waiting:
        requirement = waiting.pop()
        key = normal(requirement.name), tuple(sorted(requirement.extras))
        if key in found:
            continue
        found[key] = None
        for each in map(Requirement, metadata.requires(requirement.name) or []):
            extras = ("", *requirement.extras)
            if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(each)
    return {name for name, _ in found}


def test_what_is_installed_by_default_has_a_licence_for_any_use():
    """Each by its own metadata; of those that tell none there, by their LICENSE (all MIT)."""
    for name in pinned("requirements.txt"):
        told = metadata.metadata(name)
        classifiers = [line for line in told.get_all("Classifier") or [] if "License ::" in line]
        licence = told["License-Expression"] or " ".join(classifiers) or told["License"]
        assert FREE.search(licence or "MIT" * (name in TELL_NONE)), f"{name}: {licence}"
        assert not re.search(r"non.?commercial|proprietary|AGPL", licence or "", re.IGNORECASE), (
            name
        )
    told = metadata.metadata("bm3d")
    assert re.search("non.?commercial|proprietary", str(told), re.IGNORECASE)


def test_the_hooks_call_what_lint_calls_and_fetch_nothing():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = hooks["repos"]
    assert local["repo"] == "local"
    lint = (
        (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    )
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].replace(".venv/bin", "$(BIN)") in lint


def test_a_command_is_called_with_the_standard_library_alone():
    assert imported(SCRIPTS / "run_command.py") == {}

"""The house's own rules: layers, names, environments, style."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "src" / "denoisekit"
REPORT = ROOT / "workflow" / "report"

# A module imports only from rows above its own; the torch and the tables branch never meet.
GROUND = {"errors", "_checks", "files", "archives", "schemas", "streaming", "provenance"}
GROUND |= {"commands", "plugins", "yaml_files"}
GROUND |= {"machine", "_registry"}
ROWS = [
    GROUND,
    {"images", "simulate", "noise"},
    {"datasets", "filters", "evaluation"},
    {"study"},
]
TORCH = [{"computing", "networks", "losses"}, {"training"}, {"restoring"}]
TABLES = [{"statistics"}, {"published"}, {"figures"}, {"report"}]
# Filters that are networks. They are loaded by name alone, so that no other filter waits for torch.
TORCH_FILTERS = {"pretrained.py", "zs_n2n.py"}
# The command: on top of both branches, and below nothing.
COMMAND = {"cli", "__main__"}
# The faces that hand names on; all others are empty.
FACES = {
    "filters",
    "networks",
    "losses",
    "report",
    "cli",
    "simulate/structures",
    "simulate/synthetic",
    "simulate/volumes",
}
FORBIDDEN = {"torch", "pandas", "statsmodels", "matplotlib", "safetensors", "jinja2"}


def module_of(path):
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports(path):
    """Return (module of denoisekit or None, top-level package) of every import in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
            if node.module == "denoisekit":
                names = [f"denoisekit.{alias.name}" for alias in node.names]
        for name in names:
            package, _, rest = name.partition(".")
            yield (rest.split(".")[0] if package == "denoisekit" else None), package


def test_every_module_has_a_row():
    placed = set().union(*ROWS, *TORCH, *TABLES, COMMAND)
    assert {module_of(path) for path in LIBRARY.rglob("*.py")} - {"__init__"} == placed


def test_the_face_of_a_package_imports_nothing():
    for path in LIBRARY.rglob("*/__init__.py"):
        if str(path.parent.relative_to(LIBRARY)) not in FACES:
            assert not list(imports(path)), path


@pytest.mark.parametrize("branch", [ROWS + TORCH, ROWS + TABLES], ids=["torch", "tables"])
def test_modules_import_only_from_the_rows_above(branch):
    for number, row in enumerate(branch):
        above = set().union(*branch[:number])
        for path in LIBRARY.rglob("*.py"):
            module = module_of(path)
            if module not in row or (module == "filters" and path.name in TORCH_FILTERS):
                continue
            for imported, package in imports(path):
                if imported is not None:
                    beside = GROUND if row is GROUND else {module}
                    assert imported in above | beside, f"{path} imports {imported}"
                elif number < len(ROWS):
                    assert package not in FORBIDDEN, f"{path} imports {package}"


def test_filters_that_are_networks_import_nothing_of_the_tables():
    above = set().union(*ROWS, *TORCH) - {"study"}
    for name in TORCH_FILTERS:
        for imported, _ in imports(LIBRARY / "filters" / name):
            assert imported is None or imported in above, f"{name} imports {imported}"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("denoisekit", ["torch", "pandas", "numpy"]),
        ("denoisekit.cli", ["torch", "pandas", "scipy", "skimage", "matplotlib"]),
        ("denoisekit.restoring.model_folder", ["torch", "pandas", "scipy", "skimage"]),
    ],
)
def test_importing_the_package_or_its_command_loads_nothing_heavy(module, heavy):
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_command_imports_what_it_is_made_with():
    for path in LIBRARY.rglob("*.py"):
        if module_of(path) not in COMMAND:
            packages = {package for _, package in imports(path)}
            assert not packages & {"typer", "rich"}, path


def test_the_version_has_one_place():
    import denoisekit

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert citation["version"] == denoisekit.__version__


def schema(name):
    return yaml.safe_load((ROOT / f"config/schemas/{name}.schema.yaml").read_text(encoding="utf-8"))


def test_the_schema_allows_exactly_what_the_library_has():
    from denoisekit import filters, losses, networks
    from denoisekit.evaluation import conventions, metrics, segmentation
    from denoisekit.noise import fitting
    from denoisekit.published import printed
    from denoisekit.simulate import structures, volumes
    from denoisekit.training import masked_losses, masking

    study = schema("study")["properties"]
    method = study["methods"]["additionalProperties"]
    assert method["then"]["properties"]["filter"]["enum"] == filters.names()
    trained = method["else"]["else"]
    assert trained["else"]["properties"]["loss"]["enum"] == losses.names()
    assert trained["then"]["properties"]["loss"]["enum"] == list(masked_losses.NAMES)
    hidden = schema("study")["$defs"]["masking"]["properties"]
    assert hidden["replacement"]["enum"] == list(masking.REPLACEMENTS)
    assert hidden["line"]["properties"]["direction"]["enum"] == list(masking.DIRECTIONS)
    noise_model = study["noise_models"]["additionalProperties"]["properties"]
    assert sorted(noise_model["origin"]["enum"]) == sorted(fitting.ORIGINS)
    network = study["networks"]["additionalProperties"]["properties"]
    assert network["architecture"]["enum"] == networks.names()
    assert study["conventions"]["items"]["enum"] == list(conventions.CONVENTIONS)
    assert schema("study")["$defs"]["metric"]["enum"] == list(metrics.METRICS)
    assert schema("study")["$defs"]["how"]["enum"] == list(segmentation.CANDIDATES)
    regimes = study["published_regimes"]["properties"]["experiments"]["additionalProperties"]
    assert regimes["prefixItems"][1]["enum"] == list(printed.REGIMES[:-1])
    assert schema("simulation")["properties"]["structure"]["enum"] == structures.names()
    assert schema("volume")["properties"]["structure"]["enum"] == volumes.names()


def test_the_readme_tells_of_every_convention_in_its_own_words():
    from denoisekit.evaluation.conventions import CONVENTIONS

    needs = {
        **{"any": "", "related": "a short exposure that grows with the truth "},
        **{"same": "one unit ", "8-bit": "8 bit, one unit "},
    }
    readme = (ROOT / "config/README.md").read_text(encoding="utf-8")
    for name, convention in CONVENTIONS.items():
        row = f"| `{name}` | {convention.explanation} | {needs[convention.units]}|"
        assert row in readme.splitlines(), row


def environments():
    return sorted((ROOT / "envs").glob("*.yaml"))


def pins(*files):
    """The versions that files pin, if none is given those of studies and of development."""
    lines = [
        line
        for file in files or ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
    ]
    return dict(line.lower().split("==") for line in lines if "==" in line)


def asked_of(path):
    """Yield the name that pip has, and the versions, of all that an environment asks for."""
    environment = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    renamed = {"pytorch": "torch", "snakemake-minimal": "snakemake"}
    for dependency in environment["dependencies"]:
        for each in dependency["pip"] if isinstance(dependency, dict) else [dependency]:
            name, _, versions = each.partition(" ")
            if name not in ("python", "pip"):
                yield renamed.get(name, name), versions


@pytest.mark.parametrize("path", environments(), ids=lambda path: path.stem)
def test_environments_ask_for_ranges_from_a_tested_version_up_to_the_next_that_may_break(path):
    tested = pins() | pins("tests/formats/requirements.txt")
    lowest = tested | pins("requirements-lowest.txt")
    for name, versions in asked_of(path):
        asked = SpecifierSet(versions)
        assert asked.contains(tested[name]), f"{name} {versions}"
        ends = {each.operator: each.version for each in asked}
        assert set(ends) == {">=", "<"}, f"{name} {versions}"
        assert Version(lowest[name]) in SpecifierSet(f"=={ends['>=']}.*"), f"{name} {versions}"


@pytest.mark.parametrize("path", environments(), ids=lambda path: path.stem)
def test_beside_a_range_lies_what_was_tested(path):
    exact = dict(asked_of(path.parent / "exact" / path.name))
    assert exact.keys() == dict(asked_of(path)).keys()
    tested = pins() | pins("tests/formats/requirements.txt")
    assert {name: f"={versions.lstrip('=')}" for name, versions in exact.items()} == {
        name: f"={tested[name]}" for name in exact
    }


def test_pip_asks_for_nothing_lower_than_was_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = pins("requirements-lowest.txt")
    needed = {
        each.name.lower(): each.specifier for each in map(Requirement, project["dependencies"])
    }
    # The tests ran with one version of torch alone.
    assert needed.keys() - {"torch"} <= lowest.keys()
    for name in needed.keys() - {"torch"}:
        (low,) = (each.version for each in needed[name] if each.operator == ">=")
        assert Version(lowest[name]) in SpecifierSet(f"=={low}.*"), name


def test_every_rule_names_an_environment_that_is_there():
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "envs/" in line:
                assert (path.parent / line.strip().strip('",')).is_file(), f"{path.name}: {line}"


def rules():
    """Every rule's text by its name."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk")
    )
    return {
        part.partition(":")[0]: part for part in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]
    }


def test_a_rule_its_script_and_its_benchmarks_have_one_name():
    for name, text in rules().items():
        assert f'"<results>/benchmarks/{name}' in text, name
        assert f'"../scripts/{name}.py"' in text, name


def test_every_figure_and_table_is_in_the_report_with_a_caption_and_a_category():
    captions = set()
    for name, text in rules().items():
        output = re.search(r"    output:\n(.*?)    log:", text, re.DOTALL)[1]
        shown = re.findall(r" (?:\w+=)?report\(\n(.*?)\n +\),?\n", output, re.DOTALL)
        for entry in shown:
            captions.add(re.search(r'caption="\.\./report/(\w+\.rst)"', entry)[1])
            assert 'category="' in entry, name
            assert "labels={" in entry, name
        named = re.findall(r'\*\*(?:drawn|tabulated)\(\s*"[^"]+",\s*"(\w+)"', output)
        captions |= {f"{caption}.rst" for caption in named}
        made = re.findall(r'"<results>/(?:figures|tables)/[^"]+\.(?:png|tsv)"', output)
        assert all(any(path in entry for entry in shown) for path in made), name
    assert captions == {path.name for path in REPORT.glob("*.rst")} - {"workflow.rst"}


def test_scripts_are_thin():
    for path in (ROOT / "workflow/scripts").glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60, path.name


def scripts(pattern):
    """Yield the name and the syntax tree of scripts."""
    for path in sorted((ROOT / "workflow/scripts").glob(pattern)):
        yield path.name, ast.parse(path.read_text(encoding="utf-8"))


def test_scripts_define_no_function_but_what_they_hand_to_the_library():
    for name, tree in scripts("[a-z]*.py"):
        nodes = list(ast.walk(tree))
        called = {
            node.func.id for node in nodes if isinstance(node, ast.Call) and is_name(node.func)
        }
        handed = {
            part.id
            for node in nodes
            if isinstance(node, ast.Call)
            for part in [*node.args, *(keyword.value for keyword in node.keywords)]
            if is_name(part)
        }
        defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        assert defined <= handed - called, name
        assert not any(isinstance(node, ast.ClassDef) for node in nodes), name


def is_name(node):
    return isinstance(node, ast.Name)


def test_helpers_of_scripts_take_what_they_need_by_name():
    for name, tree in scripts("_*.py"):
        if name != "_job.py":
            taken = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
            read = {node.id for node in ast.walk(tree) if is_name(node)}
            assert "snakemake" not in taken | read, name


def test_lint_finds_nothing():
    command = [sys.executable, "-m", "snakemake", "--lint"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Lints for" not in done.stderr

"""The source archive and the wheel hold what they should, and the wheel works without Snakemake."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".ci", ".gitignore"}
# What lies in the repository's folder besides the repository, as .gitignore has it.
MADE = {".git", ".venv", "results", "resources", "my-images", ".snakemake", "build", "dist"}
# Caches, to which other tests may be writing.
MADE |= {".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


def build(kind, source, folder):
    """Call the build backend in the folder of a source, as pip and build do; nothing is fetched."""
    code = f"from setuptools import build_meta; print(build_meta.build_{kind}({str(folder)!r}))"
    command = [sys.executable, "-c", code]
    # As a release does, with the date of its commit.
    options = {"env": {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}, "check": False}
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    (folder / "source").mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder / "source")
        elif path.name not in MADE:
            ignored = shutil.ignore_patterns("*.egg-info", "__pycache__", "_build", "generated")
            shutil.copytree(path, folder / "source" / path.name, ignore=ignored)
    return build("sdist", folder / "source", folder)


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """Build the wheel of the unpacked source archive, so that this one is complete."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(["tar", "-xf", sdist, "-C", folder], check=True)
    return build("wheel", folder / sdist.name.removesuffix(".tar.gz"), folder)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(code, *arguments, folder):
    """Run Python with the unpacked wheel instead of the sources, and without Snakemake."""
    start = f"import sys; sys.path.insert(0, {str(folder)!r}); sys.modules['snakemake'] = None; "
    where = "import denoisekit; assert denoisekit.__file__.startswith(sys.path[0]); "
    command = [sys.executable, "-P", "-c", start + where + code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_source_archive_holds_every_file_of_the_repository(sdist):
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git repository, or git is not installed")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = {name for name in listed.splitlines() if (ROOT / name).is_file()}
    with tarfile.open(sdist) as archive:
        held = {each.name.partition("/")[2] for each in archive if each.isfile()}
    made = {name for name in held if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    assert held - made == {name for name in files if name.split("/")[0] not in LEFT_OUT}


def test_the_wheel_holds_the_library_and_the_workflow_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    library = ROOT / "src" / "denoisekit"
    wanted = {
        f"denoisekit/{path.relative_to(library).as_posix()}"
        for path in library.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = [ROOT / "Snakefile"]
    for folder in ("config", "envs", "profiles", "workflow"):
        shipped += filter(Path.is_file, (ROOT / folder).rglob("*"))
    wanted |= {
        f"denoisekit/shipped/{path.relative_to(ROOT).as_posix()}"
        for path in shipped
        if "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == wanted
    assert "denoisekit/py.typed" in wanted
    assert any(name.startswith("denoisekit/report/templates/") for name in wanted)


def test_a_wheel_is_the_same_bytes_whenever_it_is_built(wheel, sdist, tmp_path):
    subprocess.run(["tar", "-xf", sdist, "-C", tmp_path], check=True)
    source = tmp_path / sdist.name.removesuffix(".tar.gz")
    for path in source.rglob("*.py"):
        os.utime(path, (1e9, 1e9))
    assert build("wheel", source, tmp_path).read_bytes() == wheel.read_bytes()


def test_the_wheel_says_what_it_is(wheel):
    import denoisekit

    assert wheel.name == f"denoisekit-{denoisekit.__version__}-py3-none-any.whl"
    information = f"denoisekit-{denoisekit.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = HeaderParser().parsestr(archive.read(f"{information}/METADATA").decode())
        scripts = archive.read(f"{information}/entry_points.txt").decode()
        assert f"{information}/licenses/LICENSE" in archive.namelist()
    assert metadata["Version"] == denoisekit.__version__
    assert metadata["License-Expression"] == "MIT"
    assert "denoisekit = denoisekit.cli:app" in scripts
    needed = [each for each in metadata.get_all("Requires-Dist") if "extra ==" not in each]
    assert not any(each.startswith(("snakemake", "pytest", "sphinx")) for each in needed)


def test_every_module_of_the_wheel_is_imported_without_snakemake(installed):
    code = (
        "import importlib, pkgutil; "
        "walk = pkgutil.walk_packages(denoisekit.__path__, 'denoisekit.'); "
        "found = [each.name for each in walk]; "
        "[importlib.import_module(name) for name in found if not name.endswith('__main__')]; "
        "print(len(found))"
    )
    done = run(code, folder=installed)
    assert done.returncode == 0, done.stderr
    shipped = installed / "denoisekit" / "shipped"
    modules = [
        path
        for path in installed.rglob("*.py")
        if path.parent != shipped.parent and not path.is_relative_to(shipped)
    ]
    assert int(done.stdout) > len(modules) > 20


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], "noise-card"),
        (["audit", str(ROOT / "config/published/loss-functions")], "printed means"),
        (["check", "config/quickstart.yaml", "--no-pixels"], "is sound"),
    ],
    ids=["help", "audit", "check"],
)
def test_the_command_of_the_wheel_runs_without_snakemake(installed, arguments, said):
    done = run("from denoisekit.cli import app; app()", *arguments, folder=installed)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_the_quickstart_of_the_wheel_is_planned_in_an_empty_folder(installed, tmp_path):
    # As `denoisekit quickstart` starts it, but for the dry run.
    code = (
        "import subprocess, sys; from pathlib import Path; from denoisekit.cli import run; "
        "from denoisekit.study.shipped import find_study; "
        "command = run.snakemake_command(find_study(Path('config/quickstart.yaml')), '1'); "
        "sys.exit(subprocess.run([*command, '--dry-run', '--quiet', 'rules']).returncode)"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(installed / "denoisekit/shipped/profiles/default") in done.stderr


def test_jobs_of_the_wheel_run_by_its_own_library_and_name_no_strange_commit(installed, tmp_path):
    """In a folder of somebody else's repository, which is not what they were run by."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "own"]):
        subprocess.run([*git, *words], check=True)
    shutil.copytree(installed / "denoisekit", tmp_path / "site" / "denoisekit")
    scripts = tmp_path / "site/denoisekit/shipped/workflow/scripts"
    code = (
        f"import sys; sys.path.insert(0, {str(scripts)!r}); from pathlib import Path; "
        "import _job, denoisekit, _record; from _provenance import commit; "
        f"print(commit(Path({str(scripts)!r}))); print(denoisekit.__file__); "
        f"_record.copy_code(Path({str(scripts)!r}).parents[1], Path('kept'))"
    )
    environment = {**os.environ, "PYTHONPATH": ""}
    command = [sys.executable, "-P", "-c", code]
    options = {"cwd": tmp_path, "env": environment, "check": False}
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    library = tmp_path / "site" / "denoisekit" / "__init__.py"
    assert done.stdout.splitlines() == ["not under version control", str(library)]
    kept = {path.name for path in (tmp_path / "kept").iterdir()}
    assert kept == {"Snakefile", "envs", "src", "workflow"}
    assert not (tmp_path / "kept/src/denoisekit/shipped").exists()

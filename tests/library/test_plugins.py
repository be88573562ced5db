"""Plug-ins: what other packages add, found by their entry points."""

import importlib
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
import torch
import yaml

from denoisekit import filters, losses, networks, plugins
from denoisekit.errors import InputError
from denoisekit.study import check
from denoisekit.study.shipped import schemas

ROOT = Path(__file__).resolve().parents[2]
TINY = yaml.safe_load((ROOT / "tests/workflow/tiny.yaml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def example(monkeypatch):
    """Install the example package."""
    monkeypatch.syspath_prepend(str(ROOT / "tests/plugin"))
    plugins.find.cache_clear()
    yield
    plugins.find.cache_clear()


def packaged(folder, text, *, name="another"):
    """Write a package of entry points and nothing else."""
    info = folder / f"{name}-0.1.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(text, encoding="utf-8")


LOOKED_FOR = """
import importlib, pkgutil
from denoisekit import plugins

def find(group):
    raise AssertionError(f"{group} were looked for")

plugins.find = find
folders = importlib.import_module("denoisekit").__path__
for module in pkgutil.walk_packages(folders, "denoisekit."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_imports_look_for_no_plug_ins():
    subprocess.run([sys.executable, "-c", LOOKED_FOR], check=True)


def test_plug_ins_stand_beside_what_is_here():
    assert filters.names()[-1] == "median"
    assert losses.names()[-1] == "huber"
    assert networks.names()[-1] == "two-layers"
    assert losses.get("huber", {"delta": 2}).function.keywords == {"delta": 2}
    built = networks.build(
        {"architecture": "two-layers", "filters": 2}, dims=2, probabilistic=False
    )
    assert (built.stride, built.reach) == (1, 2)
    assert plugins.packages() == ["denoisekit-example"]
    assert plugins.of_module("denoisekit.networks.two_layers").name == "two-layers"
    assert plugins.of_module("denoisekit.networks.unet") is None


def test_a_network_of_another_kind_is_refused(monkeypatch):
    module = importlib.import_module("denoisekit_example.two_layers")
    monkeypatch.setattr(module, "build", lambda **_: torch.nn.Identity())
    settings = {"architecture": "two-layers", "filters": 2}
    with pytest.raises(InputError, match=r"'two-layers' builds is a Identity, and no denoisekit"):
        networks.build(settings, dims=2, probabilistic=False)


def another_part(images, kept):
    return images[(slice(None), slice(None), *kept)] * 1.01


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reach": 1}, "'two-layers' restores a tile otherwise than the whole .* 1 px more to"),
        ({"restore_part": another_part}, "restores a tile otherwise than the whole"),
        ({"forward": lambda images: images - images.mean()}, "restores a tile otherwise"),
        ({"forward": lambda images: images[..., 1:]}, r"makes \(1, 1, 37, (8, )?7\) of"),
        ({"forward": lambda images: images.expand(-1, 2, *images.shape[2:])}, r"makes \(1, 2, 3"),
        ({"reach": None}, "has a stride of 1 and a reach of None"),
        ({"forward": lambda images: images.view(-1, 7)}, "cannot restore"),
    ],
)
def test_a_network_whose_tiles_differ_is_refused(monkeypatch, dims, changes, told):
    module = importlib.import_module("denoisekit_example.two_layers")
    made = module.build

    def build(**options):
        network = made(**options)
        for name, value in changes.items():
            setattr(network, name, value)
        return network

    monkeypatch.setattr(module, "build", build)
    settings = {"architecture": "two-layers", "filters": 2}
    with pytest.raises(InputError, match=told):
        networks.build(settings, dims=dims, probabilistic=False)


def test_a_network_that_sees_whole_images_may_say_so(monkeypatch):
    module = importlib.import_module("denoisekit_example.two_layers")
    made = module.build

    def build(**options):
        network = made(**options)
        network.forward = lambda images: images - images.mean()
        network.reach = 10**6
        return network

    monkeypatch.setattr(module, "build", build)
    settings = {"architecture": "two-layers", "filters": 2}
    assert networks.build(settings, dims=3, probabilistic=False).reach == 10**6


def test_what_begins_with_zeros_hides_no_reach(monkeypatch):
    module = importlib.import_module("denoisekit_example.two_layers")
    made = module.build

    def build(**options):
        network = made(**options)
        torch.nn.init.zeros_(network.last.weight)
        network.reach = 1
        return network

    monkeypatch.setattr(module, "build", build)
    with pytest.raises(InputError, match="restores a tile otherwise"):
        networks.build({"architecture": "two-layers", "filters": 2}, dims=2, probabilistic=False)


def test_looking_at_a_plug_in_draws_no_random_number():
    settings = {"architecture": "two-layers", "filters": 2}
    torch.manual_seed(0)
    first = networks.build(settings, dims=2, probabilistic=False)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    module = importlib.import_module("denoisekit_example.two_layers")
    second = module.build(dims=2, probabilistic=False, filters=2)
    assert torch.equal(drawn, torch.rand(1))
    assert torch.equal(first.last.weight, second.last.weight)
    assert first.training


@pytest.mark.parametrize(
    ("kind", "entry", "told"),
    [
        ("methods", {"filter": "median", "options": {"size": 0}}, "options.size: 0 is less than"),
        ("methods", {"filter": "median", "options": {"side": 3}}, "options has the unknown key"),
        (
            "methods",
            {
                "network": "tiny-unet",
                "objective": "supervised",
                "loss": "huber",
                "options": {"x": 1},
            },
            "options has the unknown key 'x'; allowed are delta",
        ),
        ("methods", {"filter": "medial"}, "must be one of cubic, gaussian"),
        ("networks", {"architecture": "two-layers"}, "options lacks the key 'filters'"),
    ],
)
def test_options_are_checked_by_the_plug_in(kind, entry, told):
    config = deepcopy(TINY)
    config[kind]["other"] = entry
    with pytest.raises(InputError) as error:
        check.check(config, schemas=schemas(), file="study.yaml")
    assert f"{kind}.other" in str(error.value)
    assert told in str(error.value)


def test_a_study_may_name_all_of_them():
    config = deepcopy(TINY)
    config["methods"]["median"] = {"filter": "median", "options": {"size": 3}}
    config["networks"]["two"] = {"architecture": "two-layers", "filters": 3}
    config["methods"]["mae"] |= {"network": "two", "loss": "huber"}
    config["statistics"]["family"]["metrics"] = ["psnr", "medae"]
    check.check(config, schemas=schemas(), file="study.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[denoisekit.filters]\nmedian = another.median", "both have filters called 'median'"),
        ("[denoisekit.filters]\ntv = another.tv", "has filters called 'tv', as denoisekit has"),
        ("[denoisekit.filters]\na_b = another.ab", "calls one of its filters 'a_b'"),
    ],
)
def test_a_name_stands_for_one_thing(tmp_path, monkeypatch, text, told):
    packaged(tmp_path, text)
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.find.cache_clear()
    with pytest.raises(InputError, match=told):
        filters.names()


def test_a_package_that_cannot_be_imported_is_told(tmp_path, monkeypatch):
    packaged(tmp_path, "[denoisekit.filters]\nother = another.other")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.find.cache_clear()
    with pytest.raises(InputError, match=r"plug-in 'other' of another 0\.1 cannot be imported"):
        filters.get("other")
    with pytest.raises(InputError, match=r"another\.other, which a plug-in names, is not there"):
        _ = plugins.find("filters")["other"].identity

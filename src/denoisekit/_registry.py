"""Modules of a folder found by the name the config uses: one loss, filter or network each.

Plug-ins of the group that is called as the folder stand beside them.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from denoisekit import plugins
from denoisekit._checks import one_of


def names(folder: str) -> list[str]:
    """Return the names in a folder of modules, and then of plug-ins; nothing is imported."""
    own = sorted(
        path.stem.replace("_", "-")
        for path in Path(folder).glob("*.py")
        if not path.stem.startswith("_")
    )
    return [*own, *plugins.beside(Path(folder).name, own)]


def load(package: str, folder: str, name: str, *, kind: str) -> ModuleType:
    """Import the module of a name; an unknown name is an InputError that lists those there are."""
    one_of(name, names(folder), name=f"The {kind}")
    plugin = plugins.find(Path(folder).name).get(name)
    if plugin:
        return plugin.load()
    return import_module(f"{package}.{name.replace('-', '_')}")

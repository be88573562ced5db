"""Plug-ins: filters, losses, networks and metrics of other packages, found by their entry points.

A package registers each under one of the groups `GROUPS` of ``denoisekit.<group>``: a filter, a
loss or a network as a module made like those of this library, a metric as a
`denoisekit.evaluation.metrics.Metric`. Options are what ``<module>.schema.json`` beside the module
allows, a JSON schema; without it there are none. Nothing of a package is imported to find it.
"""

import functools
import hashlib
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from denoisekit.errors import InputError

#: What a package can add to.
GROUPS = ("filters", "losses", "networks", "metrics")

_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_MARK = "x-plugins"


@dataclass(frozen=True)
class Plugin:
    """One entry point of a package."""

    name: str
    entry: metadata.EntryPoint
    package: str
    version: str

    def load(self) -> Any:
        """Import what the entry point names; an InputError that names the package if it fails."""
        try:
            return self.entry.load()
        except (ImportError, AttributeError) as error:
            raise InputError(
                f"The plug-in {self.name!r} of {self.package} {self.version} cannot be imported "
                f"({error}); install the package anew."
            ) from error

    @property
    def identity(self) -> str:
        """The package, its version and a hash of its code, which may be edited in place."""
        root = _root(self.entry.module)
        files = sorted(root.rglob("*")) if root.is_dir() else [root]
        content = hashlib.sha256()
        for file in files:
            if file.suffix in (".py", ".json"):
                content.update(file.read_bytes())
        return f"{self.package} {self.version} {content.hexdigest()[:16]}"

    @property
    def options_schema(self) -> dict[str, Any]:
        """The JSON schema of its options; without a file of it, no option is allowed."""
        root = _root(self.entry.module)
        inside = self.entry.module.split(".")[1:]
        module = root.joinpath(*inside) if root.is_dir() else root.with_suffix("")
        beside = module.with_name(f"{module.name}.schema.json")
        if not beside.is_file():
            return {"type": "object", "properties": {}, "additionalProperties": False}
        return json.loads(beside.read_text(encoding="utf-8"))


def _root(module: str) -> Path:
    """Return the folder of a module's package, or the file of a module that is in none."""
    spec = importlib.util.find_spec(module.partition(".")[0])
    if spec is None or spec.origin is None:
        raise InputError(
            f"The module {module}, which a plug-in names, is not there; install it anew."
        )
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


@functools.cache
def find(group: str) -> Mapping[str, Plugin]:
    """Return the plug-ins of a group by name.

    Raises
    ------
    InputError
        If two packages give one name, or a name is not made of letters, digits and single ``-``.
    """
    found: dict[str, Plugin] = {}
    for entry in metadata.entry_points(group=f"denoisekit.{group}"):
        package = entry.dist.name if entry.dist else entry.module
        version = entry.dist.version if entry.dist else ""
        if not _NAME.fullmatch(entry.name):
            raise InputError(
                f"The package {package} calls one of its {group} {entry.name!r}, but a name must "
                "be made of letters, digits and '-'; rename it there."
            )
        if entry.name in found and found[entry.name].package != package:
            raise InputError(
                f"The packages {found[entry.name].package} and {package} both have {group} called "
                f"{entry.name!r}; uninstall one of them."
            )
        found[entry.name] = Plugin(entry.name, entry, package, version)
    return found


def beside(group: str, own: list[str]) -> Mapping[str, Plugin]:
    """Return the plug-ins of a group, none of which may bear a name of this library's own."""
    found = find(group)
    for name in set(found) & set(own):
        raise InputError(
            f"The package {found[name].package} has {group} called {name!r}, as denoisekit has; "
            "rename it there, or uninstall the package."
        )
    return found


@dataclass(frozen=True)
class WithPlugins(Mapping[str, Any]):
    """What this library has of a group, by name, and after it what plug-ins add.

    They are looked for when they are first asked for, so that what is but imported hangs on none.

    Attributes
    ----------
    group
        One of `GROUPS`.
    own
        What this library has; a plug-in of one of these names is an InputError.
    """

    group: str
    own: Mapping[str, Any]

    @functools.cached_property
    def _all(self) -> dict[str, Any]:
        added = beside(self.group, list(self.own))
        return {**self.own, **{name: plugin.load() for name, plugin in added.items()}}

    def __getitem__(self, name: str) -> Any:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def packages() -> list[str]:
    """Return the names of all packages that have plug-ins."""
    return sorted({plugin.package for group in GROUPS for plugin in find(group).values()})


def of_module(module: str) -> Plugin | None:
    """Return the plug-in that stands for a module such as ``denoisekit.filters.median``."""
    _, group, name = [*module.split("."), "", ""][:3]
    return find(group).get(name.replace("_", "-")) if group in GROUPS else None


def extended(schema: Any) -> Any:
    """Return a JSON schema in which lists marked ``x-plugins: <group>`` hold that group's names."""
    if isinstance(schema, list):
        return [extended(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {key: extended(value) for key, value in schema.items()}
    if _MARK in made:
        made["enum"] = [*made["enum"], *beside(made[_MARK], made["enum"])]
    return made

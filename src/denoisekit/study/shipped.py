"""Files that come with denoisekit and that a study names: found from any folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_CHECKOUT = Path(__file__).resolve().parents[3]
_INSTALLED = Path(__file__).resolve().parents[1] / "shipped"
#: Where the workflow, studies and schemas lie: the checkout that this library lies in, or the copy
#: of them that is installed with it.
SHIPPED = _CHECKOUT if (_CHECKOUT / "Snakefile").is_file() else _INSTALLED


def find_study(path: Path) -> Path:
    """Return a study's file: a path from here, or else of a study that comes with denoisekit."""
    return next((found for found in (path, SHIPPED / path) if found.exists()), path)


def schemas() -> dict[str, Any]:
    """Return the JSON schemas of studies and catalogues by file name."""
    # They are read whenever a study is planned, and libyaml, where it is, reads them in no time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        path.name: yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        for path in sorted((SHIPPED / "config" / "schemas").glob("*.schema.yaml"))
    }


def find_shipped(config: Mapping[str, Any], *, checkout: Path) -> dict[str, Any]:
    """Return a config that takes from a checkout what its paths do not lead to from here.

    Those are the tables, catalogues and printed numbers that come with denoisekit, so that a study
    that names them can be run in any folder.
    """

    def found(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
        path = checkout / entry.get(key, "")
        shipped = key in entry and path.exists() and not Path(entry[key]).exists()
        return {**entry, key: str(path)} if shipped else dict(entry)

    located = found(config, "published")
    for kind, key in (("sources", "catalogue"), ("datasets", "pairs")):
        if kind in config:
            located[kind] = {name: found(entry, key) for name, entry in config[kind].items()}
    if "published_regimes" in config:
        located["published_regimes"] = found(config["published_regimes"], "table")
    return located

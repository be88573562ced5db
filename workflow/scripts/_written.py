"""Write the page and what lies beside it."""

from collections.abc import Mapping
from typing import Any

from denoisekit import report
from denoisekit.datasets.catalogues import read_catalogue
from denoisekit.files import write_text


def read_sources(study: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Read title and DOI of the published images that a study uses."""
    catalogues = {name: entry["catalogue"] for name, entry in study.get("sources", {}).items()}
    read = {name: read_catalogue(path) for name, path in catalogues.items()}
    return {name: {key: told[key] for key in ("title", "doi")} for name, told in read.items()}


def write(results: report.Results, outputs: Any) -> None:
    """Write the page, its verdicts, and the methods in words with what they cite."""
    methods = report.methods(results)
    write_text(outputs.page, report.render(results))
    write_text(outputs.verdict, "".join(f"{line}\n" for line in report.verdicts(results)))
    write_text(outputs.methods, methods.text(title=results.config["title"]))
    write_text(outputs.references, report.bibliography(methods.used))

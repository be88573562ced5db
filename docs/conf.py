"""The site: every Markdown page where it lies, and the library's reference from its docstrings.

Sphinx is called with the repository as its source and this folder as its configuration (`make
docs`), so that links between pages are the same here and on a code host.
"""

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

import denoisekit

ROOT = Path(__file__).resolve().parents[1]

#: The page of a study that was run in this checkout, if it was.
FINISHED = ROOT / "results/quickstart/report.html"

project = "denoisekit"
author = "The denoisekit authors"
copyright = author
version = release = denoisekit.__version__

root_doc = "docs/site/index"
include_patterns = [
    "*.md",
    "benchmarks/results/*.md",
    "config/README.md",
    "docs/*.md",
    "docs/site/**",
]
exclude_patterns = [".*", "docs/_build", "docs/site/templates", "results", "resources", "tests"]
templates_path = [str(ROOT / "docs/site/templates")]
html_additional_pages = {"index": "start.html"}

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
]

myst_heading_anchors = 4
suppress_warnings = ["myst.header"]

# A name in single backticks is a link where it is one of the library's, and italic elsewhere.
default_role = "autolink"
autosummary_context = {"left_out": ["denoisekit.cli"]}
add_module_names = False
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
# Other projects' objects, whose sites cannot be asked without a network, and private ones.
nitpick_ignore_regex = [
    ("py:.*", r"(?!denoisekit).*"),
    ("py:.*", r".*\._\w+"),
    ("py:class", r"denoisekit\.streaming\.(Item|Result)"),
]

html_theme = "pydata_sphinx_theme"
html_title = f"denoisekit {release}"
html_show_sourcelink = False
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_theme_options = {
    "logo": {"text": "denoisekit"},
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}


def _escape_stars(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list):
    """Keep the star in shapes such as (N, 1, *spatial): it begins no emphasis."""
    lines[:] = [re.sub(r"(?<=[( ])\*(?=\w+[,)])", r"\\*", line) for line in lines]


def _set_examples(app: Sphinx, page: str, source: list[str]) -> None:
    """Set the examples at the end of each command's help as code."""
    if page == "docs/site/generated/command":
        found = r"^(Examples?:)\n((?:  .+\n)+)"
        source[0] = re.sub(found, r"\1\n\n```text\n\2```\n", source[0], flags=re.MULTILINE)


def _tell_of_example(app: Sphinx, page: str, source: list[str]) -> None:
    """Lead to the page of the quickstart where it was run, or say how to run it."""
    if page == "docs/site/example":
        there = (
            '<a href="quickstart.html">The page of the quickstart</a>, as it was run for this '
            "site. Its links to tables and images lead nowhere here, where the page lies alone."
        )
        absent = "This site was built without one: `make site` runs the quickstart first."
        source[0] = source[0].replace("EXAMPLE", there if FINISHED.is_file() else absent)


def _copy_example(app: Sphinx, exception: Exception | None) -> None:
    """Copy the page of the quickstart beside the one that leads to it."""
    if exception is None and app.builder.format == "html" and FINISHED.is_file():
        shutil.copy(FINISHED, Path(app.outdir, "docs/site/quickstart.html"))


def setup(app: Sphinx) -> None:
    """Register what is done to docstrings and to the command's help."""
    app.connect("autodoc-process-docstring", _escape_stars)
    app.connect("source-read", _set_examples)
    app.connect("source-read", _tell_of_example)
    app.connect("build-finished", _copy_example)

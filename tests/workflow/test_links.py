"""Links between the repository's pages lead somewhere, also to the right heading."""

import pkgutil
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "docs/*.md",
        "config/**/*.md",
        "benchmarks/results/*.md",
        "profiles/**/*.md",
    )
    for path in ROOT.glob(pattern)
)


def inline(path):
    """Return pairs of the token before and the token of every text of a page."""
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    return [(before, token) for before, token in pairwise(tokens) if token.type == "inline"]


def anchors(path):
    """Return the names that a code host gives a page's headings."""
    found = []
    for before, token in inline(path):
        if before.type == "heading_open":
            text = "".join(part.content for part in token.children)
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            found.append(name if name not in found else f"{name}-{found.count(name)}")
    return found


def links(path):
    return [
        part.attrs["href"]
        for _, token in inline(path)
        for part in token.children
        if part.type == "link_open"
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_and_headings(path):
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        assert not parts.path.startswith("/"), f"{link} begins at the root of a disk"
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in anchors(target), link


def test_pages_and_links_are_found():
    assert {"README.md", "CHANGELOG.md"} <= {path.name for path in PAGES}
    assert "config/README.md" in links(ROOT / "README.md")
    assert "conventions" in anchors(ROOT / "config" / "README.md")
    assert "2-the-study" in anchors(ROOT / "docs" / "own-data.md")


def test_names_of_the_library_in_its_own_sentences_are_there():
    library = ROOT / "src" / "denoisekit"
    named = {
        name: path.name
        for path in library.rglob("*.py")
        for name in re.findall(r"(?<!`)`(denoisekit[\w.]*)`(?!`)", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    missing = {name: file for name, file in named.items() if not is_there(name)}
    assert not missing


def is_there(name):
    """Tell whether a dotted name leads to a module, or to something in it."""
    try:
        return bool(pkgutil.resolve_name(name))
    except (ImportError, AttributeError):
        return False


def test_messages_that_are_explained_are_given():
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("src", "workflow")
        for path in (ROOT / folder).rglob("*.py")
    )
    # Long sentences are written on several lines.
    given = re.sub(r'"\s*\n\s*f?"', "", text)
    page = (ROOT / "docs/trouble.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(explained) > 10
    for message in explained:
        assert message.replace("__use_yte__", "{_TEMPLATES}") in given, message

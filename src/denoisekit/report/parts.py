"""The parts that a section of the page is made of; the template has the HTML of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from denoisekit.statistics.typeset import Table


@dataclass(frozen=True)
class Sentences:
    """A list of sentences; its style is ``headlines``, ``warning`` or none."""

    sentences: Sequence[str]
    style: str = ""


@dataclass(frozen=True)
class Text:
    """A paragraph; its style is ``note``, ``short`` or none."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Links:
    """A paragraph that ends in links to files beside the page, by what each is called."""

    text: str
    addresses: Mapping[str, str]


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A figure by its name in `Results.figures`, what it shows, and its caption."""

    name: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Anchored:
    """A table that links can lead to."""

    anchor: str
    table: Table


@dataclass(frozen=True)
class Wrapped:
    """A table of words, whose cells wrap, and whose rows become blocks on narrow screens."""

    table: Table


@dataclass(frozen=True)
class Folded:
    """Parts that are folded away behind a title."""

    title: str
    parts: Sequence["Part"]


@dataclass(frozen=True)
class Article:
    """Parts with a heading that the contents list, by a shorter name, below their topic."""

    anchor: str
    name: str
    heading: str
    parts: Sequence["Part"]


@dataclass(frozen=True)
class Fragment:
    """A template of its own, with the ``values`` that it shows."""

    template: str
    values: Mapping[str, Any]


Part: TypeAlias = (
    Sentences
    | Text
    | Links
    | Heading
    | Picture
    | Table
    | Anchored
    | Wrapped
    | Folded
    | Article
    | Fragment
)


def folded(table: Table) -> Folded:
    """Fold a table away behind its own title."""
    return Folded(table.title, [table])

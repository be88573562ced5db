"""Render the page: its topics, one after the other, and their contents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, get_args

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from denoisekit.datasets.verdicts import size_sentences, verdict_sentences
from denoisekit.report.glossary import Explained
from denoisekit.report.packing import FIGURE_STEPS, pack_figure, pack_within
from denoisekit.report.parts import Anchored, Article, Folded, Part, Wrapped
from denoisekit.report.results import Results
from denoisekit.report.topics import TOPICS, Topic
from denoisekit.statistics.ranges import ranges_sentences
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import ARBITRARY, method_label

#: Bytes of figures; with `denoisekit.report.topics.SCENE_BYTES` the page stays below 15 MB.
FIGURE_BYTES = 7_000_000
#: Rows of a longer table that are shown: of its beginning, and of its end, where means are.
FIRST_ROWS, LAST_ROWS = 190, 10


def render(results: Results, topics: Sequence[Topic] = TOPICS) -> str:
    """Return the page as HTML that asks for no other file."""
    environment = Environment(
        loader=PackageLoader("denoisekit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    explained = Explained()
    environment.filters["explained"] = explained
    environment.globals["anew"] = explained.anew
    environment.tests |= {kind.__name__.lower(): _is_a(kind) for kind in get_args(Part)}
    figures, _ = pack_within(
        results.figures,
        steps=FIGURE_STEPS,
        limit_bytes=FIGURE_BYTES,
        packing=pack_figure,
        threads=results.threads,
    )
    told = [topic for topic in topics if results.scored or not topic.needs_truth]
    labels = {method_label(name): f"{method_label(name)} {ARBITRARY}" for name in results.arbitrary}
    sections = [(topic, [_marked(p, labels) for p in topic.parts(results)]) for topic in told]
    return environment.get_template("report.html.j2").render(
        config=results.config,
        figures=figures,
        warnings=[*_pair_warnings(results), *_range_warnings(results)],
        groups=_groups([(topic, parts) for topic, parts in sections if parts]),
    )


@dataclass(frozen=True)
class _Group:
    """Sections that stand below one line of the contents: several that are folded, or one."""

    anchor: str
    title: str
    sections: Sequence[tuple[Topic, Sequence[Part]]]
    together: bool

    @property
    def entries(self) -> list[tuple[str, str]]:
        """Return the anchors and titles of the second level of the contents."""
        if self.together:
            return [(topic.anchor, topic.title) for topic, _ in self.sections]
        ((_, parts),) = self.sections
        return [(part.anchor, part.name) for part in parts if isinstance(part, Article)]


def _groups(sections: Sequence[tuple[Topic, Sequence[Part]]]) -> list[_Group]:
    """Put neighbours of one group together; a topic without a group stands by itself."""
    keys = [topic.group or topic.anchor for topic, _ in sections]
    found = []
    for key, chosen in groupby(zip(keys, sections, strict=True), key=lambda pair: pair[0]):
        members = [section for _, section in chosen]
        first = members[0][0]
        anchor = first.anchor if not first.group else f"group-{key.lower().replace(' ', '-')}"
        found.append(_Group(anchor, first.group or first.title, members, bool(first.group)))
    return found


def _marked(part: Part, labels: Mapping[str, str]) -> Part:
    """Return a part whose tables name methods by other labels, and are not too long."""
    if isinstance(part, Table):
        return _marked_table(part, labels)
    if isinstance(part, Anchored | Wrapped):
        return replace(part, table=_marked_table(part.table, labels))
    if isinstance(part, Folded | Article):
        return replace(part, parts=[_marked(one, labels) for one in part.parts])
    return part


def _shortened(table: Table) -> Table:
    """Return a table without the middle of its rows, where there are too many to be read."""
    cut = len(table.frame) - FIRST_ROWS - LAST_ROWS
    if cut <= 0:
        return table
    frame = pd.concat([table.frame.iloc[:FIRST_ROWS], table.frame.iloc[-LAST_ROWS:]])
    best = frozenset(
        (row if row < FIRST_ROWS else row - cut, column)
        for row, column in table.best
        if not FIRST_ROWS <= row < FIRST_ROWS + cut
    )
    said = (
        f"Of {len(table.frame):,} rows the first {FIRST_ROWS} and the last {LAST_ROWS} are shown; "
        "the files beside this page have all."
    )
    return replace(table, frame=frame, best=best, notes=[said, *table.notes])


def _marked_table(table: Table, labels: Mapping[str, str]) -> Table:
    """Return a table that names methods by other labels, in cells and in headings."""
    table = _shortened(table)
    frame = table.frame.rename(columns=labels).replace(labels)
    formats = {labels.get(name, name): form for name, form in table.formats.items()}
    best = frozenset((row, labels.get(name, name)) for row, name in table.best)
    return replace(table, frame=frame, formats=formats, best=best)


def _pair_warnings(results: Results) -> list[str]:
    """Say which pairs do not seem to belong together, of all data sets."""
    said = []
    for name, quality in results.quality.items():
        rows = quality.to_dict("records")
        stated = results.config["datasets"][name]["pixel_size_um"]
        said += verdict_sentences(rows, dataset=name) + size_sentences(
            rows, dataset=name, pixel_size_um=stated
        )
    return said


def _range_warnings(results: Results) -> list[str]:
    """Say which measured images are unlike all that networks learned from."""
    if results.ranges is None:
        return []
    outside = results.ranges.loc[results.ranges["inside"] == "no", "pair"]
    return ranges_sentences(results.ranges[results.ranges["pair"].isin(outside)])


def _is_a(kind: type) -> Callable[[Any], bool]:
    return lambda part: isinstance(part, kind)

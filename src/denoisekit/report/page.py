"""Render the page: its topics, one after the other, and their contents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined

from denoisekit.datasets.verdicts import size_sentences, verdict_sentences
from denoisekit.report.packing import FIGURE_STEPS, pack_figure, pack_within
from denoisekit.report.parts import Anchored, Article, Folded, Part
from denoisekit.report.results import Results
from denoisekit.report.topics import TOPICS, Topic
from denoisekit.statistics.typeset import Table
from denoisekit.statistics.wording import method_label

#: Bytes of figures; with `denoisekit.report.topics.SCENE_BYTES` the page stays below 15 MB.
FIGURE_BYTES = 7_000_000
#: Said after the name of a method whose loss sees no brightness, in every table of the page.
ARBITRARY = "(brightness arbitrary)"


def render(results: Results, topics: Sequence[Topic] = TOPICS) -> str:
    """Return the page as HTML that asks for no other file."""
    environment = Environment(
        loader=PackageLoader("denoisekit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests |= {kind.__name__.lower(): _is_a(kind) for kind in get_args(Part)}
    figures, _ = pack_within(
        results.figures, steps=FIGURE_STEPS, limit_bytes=FIGURE_BYTES, packing=pack_figure
    )
    told = [topic for topic in topics if results.scored or not topic.needs_truth]
    labels = {method_label(name): f"{method_label(name)} {ARBITRARY}" for name in results.arbitrary}
    sections = [(topic, [_marked(p, labels) for p in topic.parts(results)]) for topic in told]
    return environment.get_template("report.html.j2").render(
        config=results.config,
        figures=figures,
        warnings=_pair_warnings(results),
        sections=[(topic, parts) for topic, parts in sections if parts],
    )


def _marked(part: Part, labels: Mapping[str, str]) -> Part:
    """Return a part whose tables name methods by other labels."""
    if isinstance(part, Table):
        return _marked_table(part, labels)
    if isinstance(part, Anchored):
        return replace(part, table=_marked_table(part.table, labels))
    if isinstance(part, Folded | Article):
        return replace(part, parts=[_marked(one, labels) for one in part.parts])
    return part


def _marked_table(table: Table, labels: Mapping[str, str]) -> Table:
    """Return a table that names methods by other labels, in cells and in headings."""
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


def _is_a(kind: type) -> Callable[[Any], bool]:
    return lambda part: isinstance(part, kind)

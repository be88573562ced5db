"""Render the page: its topics, one after the other, and their contents."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined

from denoisekit.datasets.verdicts import size_sentences, verdict_sentences
from denoisekit.report.packing import FIGURE_STEPS, pack_figure, pack_within
from denoisekit.report.parts import Part
from denoisekit.report.results import Results
from denoisekit.report.topics import TOPICS, Topic

#: Bytes of figures; with `denoisekit.report.topics.SCENE_BYTES` the page stays below 15 MB.
FIGURE_BYTES = 7_000_000


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
    sections = [(topic, topic.parts(results)) for topic in told]
    return environment.get_template("report.html.j2").render(
        config=results.config,
        figures=figures,
        warnings=_pair_warnings(results),
        sections=[(topic, parts) for topic, parts in sections if parts],
    )


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

"""``denoisekit init``: look at somebody's own images, and write a study of them."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from denoisekit.cli import _show
from denoisekit.cli._options import ChannelOption, SceneOption
from denoisekit.errors import InputError

EXAMPLES = """\b
Examples:
  denoisekit init my-images/low my-images/high --output mine.yaml
  denoisekit init my-images/low my-images/high my-images/new --output mine.yaml --pixel-size 0.108
  denoisekit init "data/*_1ms.tif" "data/*_99ms.tif" --output mine.yaml --channel GFP
"""


class Pages(StrEnum):
    """What the pages of a stack are."""

    FIELDS = "fields"
    MOVIE = "movie"
    Z_STACK = "z-stack"


def init(
    low: Annotated[
        str,
        typer.Argument(
            help="A folder of short exposures, or a pattern in which one * stands for their names."
        ),
    ],
    high: Annotated[
        str,
        typer.Argument(
            help="Their long exposures: of the same names, or of such as begin or end otherwise."
        ),
    ],
    new: Annotated[
        str | None,
        typer.Argument(help="A folder, or a pattern, of images that have no long exposure."),
    ] = None,
    output: Annotated[
        Path, typer.Option(metavar="FILE", help="The study to write; its name is the study's.")
    ] = Path("my-study.yaml"),
    pixel_size: Annotated[
        float | None,
        typer.Option(metavar="UM", help="Side of a pixel in µm, where the files do not tell it."),
    ] = None,
    pages: Annotated[
        Pages | None,
        typer.Option(help="What the pages of stacks are, where the files do not tell it."),
    ] = None,
    channel: ChannelOption = None,
    scene: SceneOption = None,
) -> None:
    """Look at pairs of short and long exposures, and write a study of them.

    What the files do not tell is asked for. Every image is read; pairs that one may doubt are
    named. File names are noted as they are given, from the folder that the command is called in.
    """
    from denoisekit.datasets import folders
    from denoisekit.files import write_text
    from denoisekit.images import reading
    from denoisekit.study import template
    from denoisekit.study.shipped import SHIPPED

    if output.exists():
        raise InputError(f"{output} is there already; name another file with --output.")
    patterns = folders.patterns(low, high)
    found = folders.find(*patterns, where="the pairs")
    alone_pattern = new if new is None or "*" in new else str(Path(new) / "*")
    alone = folders.find(alone_pattern, None, where="the new images") if alone_pattern else []
    paired = [
        reading.described(file, scene=scene)
        for item in found
        for file in (item.low, item.high or "")
    ]
    others = [reading.described(item.low, scene=scene) for item in alone]
    channel = channel or _channel([*paired, *others])
    asked = {"channel": channel, "scene": scene}
    choice = {key: value for key, value in asked.items() if value is not None}
    size = pixel_size or _pixel_size([*paired, *others])
    own = template.Own(patterns, _pages(paired, pages, alone="fields"))
    single = None
    if alone_pattern:
        single = template.Own((alone_pattern,), _pages(others, pages, alone="movie"))
    text = template.fill(
        (SHIPPED / template.TEMPLATE).read_text(encoding="utf-8"),
        study=output.stem,
        pixel_size_um=size,
        choice=choice,
        pairs=own,
        new=single,
    )
    rows, said = _looked_at(text, found, own.pages, size, choice, str(output))
    write_text(output, text)
    _show.table(rows, title=f"{output}: {len(rows)} pairs")
    for sentence in said:
        print(f"Warning: {sentence}", file=sys.stderr)
    print(
        f"Wrote {output}, with {patterns[0]} beside {patterns[1]}. Look at it and at its images "
        f"(denoisekit check {output}), and then: denoisekit run {output}"
    )


def _looked_at(
    text: str,
    found: Sequence[Any],
    pages: str,
    pixel_size_um: float,
    choice: Mapping[str, Any],
    file: str,
) -> tuple[list[dict[str, Any]], list[str]]:
    """Read all pairs as the study will; return a row of each, and what one may doubt."""
    import yaml

    from denoisekit.datasets import folders, pair_table, registering, verdicts
    from denoisekit.study import check
    from denoisekit.study.shipped import schemas

    content: Mapping[str, Any] = yaml.safe_load(text)
    check.check(content, schemas=schemas(), file=file)
    test = content["datasets"]["pairs"]["folder"]["test"]
    listed = folders.list_rows(found, pages=pages, test=test, where="the pairs", **choice)
    pairs, quality = pair_table.parse_pairs(listed, table="the pairs", **choice), []
    with _show.progress() as tell:
        for done, pair in enumerate(pairs, start=1):
            quality.append(registering.look_at(pair, treatment=registering.Treatment()))
            tell("read", done, len(pairs))
    said = verdicts.verdict_sentences(quality, dataset="pairs")
    said += verdicts.size_sentences(quality, dataset="pairs", pixel_size_um=pixel_size_um)
    rows = [{key: row[key] for key in ("image", "split", "low", "high")} for row in listed]
    return rows, said


def _channel(stacks: Iterable[Any]) -> str | None:
    """Ask which of several channels is taken; None where each file has one alone."""
    from denoisekit.images.metadata import numbered

    for stack in stacks:
        if stack.side("C") > 1:
            which = f"Which channel of {stack.path}, and of all others: {numbered(stack.channels)}?"
            return str(_ask(which, "--channel", kind=str))
    return None


def _pixel_size(stacks: Iterable[Any]) -> float:
    """Return the pixel size that all files tell, or ask for it."""
    sizes = {stack.scale.width_um for stack in stacks}
    if len(sizes) == 1 and (size := sizes.pop()):
        return float(size)
    told = ", ".join(sorted(f"{size:g}" for size in sizes if size))
    why = f"The files tell several ({told} µm, or none)" if told else "No file tells it"
    return float(_ask(f"Side of a pixel in µm? {why}.", "--pixel-size", kind=float))


def _pages(stacks: Sequence[Any], given: Pages | None, *, alone: str) -> str:
    """Return what the pages of stacks are: as given, or as the files tell, or ask for it."""
    if given:
        return given.value
    several = [stack for stack in stacks if stack.side("T") > 1 or stack.side("Z") > 1]
    if not several:
        return alone
    if not any(stack.unnamed for stack in several):
        if all(stack.side("T") > 1 for stack in several):
            return "movie"
        if all(stack.side("Z") > 1 and stack.side("T") == 1 for stack in several):
            return "z-stack"
    question = f"Pages of a stack, as of {several[0].path}: fields, movie or z-stack?"
    return str(_ask(question, "--pages", kind=Pages))


def _ask(question: str, option: str, *, kind: Any) -> Any:
    """Ask a person at a terminal, or say which option has the answer."""
    if not sys.stdin.isatty():
        raise InputError(f"{question} Say it with {option}.")
    return typer.prompt(question, type=kind)

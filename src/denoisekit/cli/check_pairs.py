"""``denoisekit check-pairs``: what a study would say of a pair table."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from denoisekit.cli import _show

EXAMPLES = """\b
Examples:
  denoisekit check-pairs my-images/pairs.tsv
  denoisekit check-pairs my-images/pairs.tsv --guard 22
  denoisekit check-pairs my-images/pairs.tsv --no-pixels
"""


def check_pairs(
    table: Annotated[Path, typer.Argument(help="Tab-separated text, a row for each image pair.")],
    pixels: Annotated[
        bool,
        typer.Option(help="Also read every image, and judge whether the pairs belong together."),
    ] = True,
    guard: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="PX",
            help="How far regions of one image to train and to test on must lie apart. A study "
            "takes the reach of its networks.",
        ),
    ] = 0,
) -> None:
    """Check a pair table as a study does, and say what it holds.

    File names are taken from the folder that the command is called in, as in a study.
    """
    from denoisekit import files
    from denoisekit.datasets import leakage, pair_table, registering, verdicts

    rows = pair_table.parse_pairs(files.read_table(table), table=str(table))
    pair_table.check_files(rows, provided=(), table=str(table))
    split = {name: [pair for pair in rows if pair.split == name] for name in ("train", "test")}
    leakage.check_apart(split["train"], split["test"], guard_px=guard)
    quality = []
    if pixels:
        with _show.progress() as tell:
            for done, pair in enumerate(rows, start=1):
                quality.append(registering.look_at(pair, treatment=registering.Treatment()))
                tell("read", done, len(rows))
    said = verdicts.verdict_sentences(quality, dataset=str(table))
    verdicts.check_fit(quality, table=str(table))
    _show.table(
        [
            {
                "split": name,
                "images": len(chosen),
                "fields": len({pair.field for pair in chosen}),
                "with truth": sum(pair.high is not None for pair in chosen),
                "files": len({file for pair in chosen for file in pair.files}),
            }
            for name, chosen in split.items()
        ],
        title=f"{table} has pairs to look at" if said else f"{table} is sound",
    )
    for sentence in said:
        print(f"Warning: {sentence}", file=sys.stderr)

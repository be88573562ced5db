"""Fill the template of a study of pairs with what is known of somebody's own images."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: The template, from where what comes with denoisekit lies.
TEMPLATE = Path("config", "own-pairs.yaml")


@dataclass(frozen=True)
class Own:
    """Images of a kind: what the template asks of them.

    Attributes
    ----------
    patterns
        Patterns of the low and, of pairs, the high exposures.
    pages
        What the pages of a stack are.
    """

    patterns: tuple[str, ...]
    pages: str


def fill(
    template: str,
    *,
    study: str,
    pixel_size_um: float,
    choice: Mapping[str, str],
    pairs: Own,
    new: Own | None,
) -> str:
    """Return a study's file with the template's comments, and no mark of what is to be changed.

    Parameters
    ----------
    template
        The template's text.
    study
        The study's name.
    pixel_size_um
        Side of a pixel.
    choice
        Which ``channel`` and which ``scene`` of several all files' images are.
    pairs, new
        Pairs of exposures, and images that have no long one; None without these.
    """
    low, high = map(_quoted, pairs.patterns)
    told = [f"pixel_size_um: {pixel_size_um!r}"]
    told += [f"{key}: {_quoted(name)}" for key, name in choice.items()]
    text = template
    if new is None:
        text = re.sub(r"  # Images without a long exposure:.*?\n(?=\n)", "", text, flags=re.DOTALL)
        text = re.sub(r"^  new: .*\n", "", text, flags=re.MULTILINE)
        text = text.replace(", and used on images\n  that have no long exposure", "")
    else:
        named = f"folder: {{low: {_quoted(new.patterns[0])}, pages: {new.pages}}}"
        text = text.replace("folder: {low: my-images/new/*, pages: movie}", named)
        text = text.replace(" None? Delete every `new` below.", "")
    for old, put in (
        ("study: own-pairs", f"study: {study}"),
        ('title: "My own pairs"', f"title: {_quoted(study)}"),
        ("pixel_size_um: 0.1", "\n    ".join(told)),
        ("low: my-images/low/*", f"low: {low}"),
        ("high: my-images/high/*", f"high: {high}"),
        ("pages: fields\n", f"pages: {pairs.pages}\n"),
        (
            "# Your own images. Copy this file, change the lines marked with <--, and follow "
            "docs/own-data.md.",
            "# Written by denoisekit init. docs/own-data.md and config/README.md explain the keys.",
        ),
    ):
        text = text.replace(old, put)
    return re.sub(r"(?<=\S)  # <--.*$", "", text, flags=re.MULTILINE).replace("# <-- ", "# ")


def _quoted(text: str) -> str:
    """Return a text as YAML reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)

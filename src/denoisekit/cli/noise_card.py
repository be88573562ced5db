"""``denoisekit noise-card``: what an image's noise is like, and what can remove it."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from denoisekit.cli import _show
from denoisekit.cli._options import ChannelOption, OutsideOption, SceneOption
from denoisekit.errors import InputError
from denoisekit.images import reading

EXAMPLES = """\b
Examples:
  denoisekit noise-card cell.tif
  denoisekit noise-card movie.tif --frames 20 --offset 100 --json
"""


def noise_card(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="An image, or frames of one field.")
    ],
    frames: Annotated[
        int, typer.Option(min=1, help="How many frames of a movie are measured, from the first.")
    ] = 8,
    offset: Annotated[
        float | None, typer.Option(help="The camera's value without light, if it is known.")
    ] = None,
    has_pairs: Annotated[
        bool, typer.Option("--has-pairs", help="There are clean images to train with.")
    ] = False,
    channel: ChannelOption = None,
    scene: SceneOption = None,
    outside: OutsideOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print cards as JSON.")] = False,
) -> None:
    """Measure the noise of images without their truth, and advise a way to remove it."""
    from denoisekit.noise.card import measure_noise_card

    cards = {}
    for image in images:
        measured, pixels = _read(image, frames, channel=channel, scene=scene)
        try:
            cards[str(image)] = measure_noise_card(
                measured, has_pairs=has_pairs, pixels=pixels, offset=offset, outside=outside
            )
        except InputError as error:
            raise InputError(f"{image}: {error}") from error
    if as_json:
        print(json.dumps({name: card.card() for name, card in cards.items()}, indent=2))
        return
    for name, card in cards.items():
        content = card.card()
        advice = content.pop("advice")
        rows = [
            {"of the noise": key.replace("_", " "), "value": _text(content[key])} for key in content
        ]
        _show.table(rows, title=name)
        print(f"Advice for {name}: {advice['method']}. {advice['reason']}")


def _read(
    path: Path, most: int, *, channel: str | None, scene: str | None
) -> tuple[np.ndarray, int]:
    """Return the first frames of an image, and how many pixels all of them have."""
    with reading.opened(path, channel=channel, scene=scene) as opened:
        stack = opened.grey(how="with --channel")
        for sentence in stack.told:
            print(f"Note: {sentence}", file=sys.stderr)
        if stack.side("Z") > 1:
            raise InputError(
                f"{path} has the axes {stack.axes}, but noise is measured in one image or in "
                "frames of one field (T); save one plane."
            )
        places = stack.places(volumes=False)
        shown = np.stack([stack.read(place) for place in places[:most]])
        return shown, len(places) * shown[0].size


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value))
    if value is None:
        return "not known"
    return f"{value:.4g}" if isinstance(value, float) else str(value)

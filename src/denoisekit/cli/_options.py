"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer


class Weights(StrEnum):
    """Which of a training's weights."""

    LAST = "last"
    BEST = "best"


ChannelOption = Annotated[
    str | None,
    typer.Option(
        metavar="CHANNEL", help="Which of several channels, by its name or its number from 0."
    ),
]
SceneOption = Annotated[
    str | None,
    typer.Option(
        metavar="SCENE",
        help="Which of a file's images (scenes, positions), by its name or its number from 0.",
    ),
]
OutsideOption = Annotated[
    list[float] | None,
    typer.Option(
        metavar="VALUE",
        help="A value of pixels outside of the field, such as NaN or 0; may be given more than "
        "once. If not given, constant areas at the border are found.",
    ),
]
WeightsOption = Annotated[
    Weights | None,
    typer.Option(
        help="Those of the last epoch, or of the best validation loss; the study's choice if not "
        "given, or else the last."
    ),
]
PercentilesOption = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="LOW HIGH",
        help="What images are normalised by, where the network was not trained on fixed numbers; "
        "the study's if not given, or else CARE's, 2 and 99.8.",
    ),
]

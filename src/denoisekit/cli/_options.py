"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Weights(StrEnum):
    """Which of a training's weights."""

    LAST = "last"
    BEST = "best"


class Together(StrEnum):
    """What is normalised together."""

    MOVIE = "movie"
    PLANE = "plane"


class Units(StrEnum):
    """Whose units restored images are in."""

    IMAGE = "image"
    TRUTH = "truth"


CoresOption = Annotated[
    str, typer.Option(metavar="N", help="How many processor cores are used at once, or all.")
]
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
FilterOption = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="NAME",
        help="A filter in place of a network, which needs no training: pretrained, vst-bm3d, "
        "gaussian, tv or nlm.",
    ),
]
NoiseModelOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The camera's noise (.npz), which PN2V needs."),
]
NormalizeOption = Annotated[
    Together | None,
    typer.Option(
        help="Normalise all planes of a movie or a z-stack together, or each by itself; the "
        "study's choice if not given, or else the frames of a movie together, at each depth."
    ),
]
UnitsOption = Annotated[
    Units | None,
    typer.Option(
        help="Whose units restored images are in: the image's own, or those of the long "
        "exposures that the network was trained on; the study's choice if not given."
    ),
]
IntervalOption = Annotated[
    float | None,
    typer.Option(
        metavar="PERCENT",
        help="Write the ends of the interval, too, in which the truth is predicted to lie with so "
        "many per cent: TIFFs of three channels (restored, lower, upper). For networks of the loss "
        "laplace and of PN2V; how often such intervals hold the truth is on the study's page.",
    ),
]
IsotropicOption = Annotated[
    bool,
    typer.Option(
        "--isotropic",
        help="Restore what lies between the planes of a stack, with a network that is trained on "
        "this stack alone, in place of a network or a filter.",
    ),
]
PsfOption = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="UM UM",
        help="With --isotropic: standard deviations of the point spread function within planes and "
        "along z, in micrometres (full widths at half maximum over 2.355).",
    ),
]
PsfLateralOption = Annotated[
    float | None,
    typer.Option(
        metavar="UM",
        help="With --isotropic, in place of --psf: the standard deviation within planes alone; "
        "that along z is estimated from the stack itself, whose sample must look alike along all "
        "axes.",
    ),
]
PixelSizeOption = Annotated[
    float | None,
    typer.Option(metavar="UM", help="With --isotropic: side of a pixel, where no file tells it."),
]
ZSpacingOption = Annotated[
    float | None,
    typer.Option(
        metavar="UM", help="With --isotropic: how far planes lie apart, where no file tells it."
    ),
]
TurnedOption = Annotated[
    bool | None,
    typer.Option(
        "--turned/--not-turned",
        help="Restore in all eight orientations and take the mean, in eight times the time; the "
        "study's choice if not given.",
    ),
]

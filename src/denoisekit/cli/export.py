"""``denoisekit export``: a trained network for other programs, as a package of bioimage.io."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from denoisekit.cli._options import PercentilesOption, WeightsOption

if TYPE_CHECKING:
    import numpy as np

    from denoisekit.restoring import model_folder
    from denoisekit.restoring.model import Model
    from denoisekit.restoring.projection import Projector

EXAMPLES = """\b
Examples:
  denoisekit export MODEL actin.bioimageio.zip --image noisy.tif --author "YOUR NAME" \\
    --license CC-BY-4.0 --trained-on "Simulated actin filaments, 1 and 100 ms."
  denoisekit denoise new.tif --model actin.bioimageio.zip
"""


def export(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A trained network: a folder with card.json.")
    ],
    package: Annotated[
        Path, typer.Argument(metavar="PACKAGE", help="What to write; its name ends in .zip.")
    ],
    image: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="A noisy image, or stack, to test the package with, whose middle, up to 256 px a "
            "side, becomes part of it; of several parts the first.",
        ),
    ],
    author: Annotated[
        list[str],
        typer.Option(
            metavar="TEXT", help='"Name", "Name; affiliation" or "Name; affiliation; ORCID".'
        ),
    ],
    license_name: Annotated[
        str, typer.Option("--license", metavar="SPDX", help="Such as CC-BY-4.0 or MIT.")
    ],
    trained_on: Annotated[
        str, typer.Option(metavar="TEXT", help="A sentence on the images it was trained on.")
    ],
    member: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MODEL",
            help="A further network, trained alike from another seed: the package is of the "
            "ensemble of all. May be repeated.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="What to call the model; its train set and loss if not given."),
    ] = None,
    cite: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="A paper with its DOI, besides the architecture's."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="A word to find the model by.")
    ] = None,
    weights: WeightsOption = None,
    percentiles: PercentilesOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that package.")] = False,
) -> None:
    """Pack a trained network, or an ensemble, for other programs, in the bioimage.io format.

    Normalisation and its inverse are part of it. The package is run by bioimageio.core before it is
    written, and holds the model's own files, so that 'denoisekit denoise --model PACKAGE' (of
    networks that make planes of stacks, project) restores the same pixels as with the folder.
    """
    from denoisekit.files import working_in
    from denoisekit.restoring import bioimageio, model_folder

    _check_package(package, overwrite=overwrite)
    models = [model, *(member or ())]
    cards = [model_folder.read_card(folder) for folder in models]
    for card in cards:
        bioimageio.check_exportable(card)
    loss = cards[0].get("method", {}).get("loss", "")
    about = bioimageio.About(
        name=name or f"{cards[0].get('train_set', model.name)} {loss}".strip(),
        authors=author,
        licence=license_name,
        trained_on=trained_on,
        citations=cite or (),
        tags=tag or (),
    )
    options: dict[str, Any] = {"weights": weights, "percentiles": percentiles}
    restorer = _opened(models, cards[0], **options)
    files = [
        _own_files(folder, model_folder.read_prediction(folder, card, **options))
        for folder, card in zip(models, cards, strict=True)
    ]
    with working_in(package.parent, alone=package.name):
        bioimageio.write(
            package,
            restorer,
            _first_stack(image, restorer)
            if model_folder.makes_planes(cards[0])
            else _first_part(image, restorer.model),
            files=files,
            about=about,
        )
    print(f"{', '.join(map(str, models))} -> {package} (run by bioimageio.core)")


def _opened(models: list[Path], card: Mapping[str, Any], **options: Any) -> Any:
    """Open a network, or an ensemble, on the CPU."""
    from denoisekit.errors import InputError
    from denoisekit.restoring import model_folder

    if model_folder.makes_planes(card):
        if len(models) > 1:
            raise InputError(
                f"{models[0]} makes planes of stacks, which one network does alone; leave --member "
                "out, and export each by itself."
            )
        return model_folder.open_projection(models[0], device="cpu", **options)
    if len(models) > 1:
        return model_folder.open_ensemble(models, device="cpu", **options)
    opened = model_folder.open_channels if card.get("channels") else model_folder.open
    return opened(models[0], device="cpu", **options)


def _check_package(package: Path, *, overwrite: bool) -> None:
    from denoisekit.errors import InputError
    from denoisekit.files import check_writable
    from denoisekit.restoring.model_folder import PACKAGE

    if package.suffix.lower() != PACKAGE:
        raise InputError(f"{package} must end in {PACKAGE}; give another name.")
    if package.exists() and not overwrite:
        raise InputError(f"{package} is there already; give another name, or --overwrite.")
    check_writable(package.parent)


def _own_files(model: Path, prediction: "model_folder.Prediction") -> dict[str, bytes]:
    """Return a network's files, and how it restores here, by name."""
    from denoisekit.restoring.model_folder import PREDICTION

    used = {key: value for key, value in vars(prediction).items() if value is not None}
    kept = [model / "card.json", model / f"{prediction.weights}.safetensors"]
    return {file.name: file.read_bytes() for file in kept} | {PREDICTION: json.dumps(used).encode()}


def _first_part(image: Path, model: "Model") -> "np.ndarray":
    """Read the first part of a file; of a network of several channels all of these, first."""
    import numpy as np

    from denoisekit.images import reading

    unnamed = "C" if model.channels else "Z" if model.volumes else "T"
    with reading.opened(image, unnamed=unnamed) as opened:
        if not model.channels:
            stack = opened.grey(how="by saving it alone")
            return stack.read(stack.places(volumes=model.volumes)[0])
        singles = [opened.channel(number) for number in range(opened.side("C"))]
        return np.stack([one.read(one.places(volumes=model.volumes)[0]) for one in singles])


def _first_stack(image: Path, projector: "Projector") -> "np.ndarray":
    """Read the first stack of a file, of planes as far apart as those of the training."""
    import sys

    from denoisekit.images import reading

    with reading.opened(image, unnamed="Z") as opened:
        stack = opened.grey(how="by saving it alone")
        pixels = stack.read(stack.places(volumes=True)[0])
        if stack.scale.spacing_um:
            projector.check_spacing(stack.scale.spacing_um, name=str(image))
        else:
            print(
                f"Note: {image} does not tell how far its planes lie apart; those of the training "
                f"did {projector.spacing_um:g} um.",
                file=sys.stderr,
            )
        return pixels

"""Model folders: find trained networks, read their cards, and restore images with them."""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from denoisekit._checks import one_of
from denoisekit.errors import InputError
from denoisekit.restoring import cards

if TYPE_CHECKING:
    from denoisekit.restoring import channels, ensemble, inference, posterior, projection
    from denoisekit.restoring.model import Model

PACKAGE = ".zip"
# How a study restores with a model that lies there; and how CARE does, for a model without it.
PREDICTION = "prediction.json"
_CARE = {"weights": "last", "percentiles": [2, 99.8], "units": "image", "turned": False}


def find(folder: Path) -> list[Path]:
    """Return the folders of all models in a folder and those below it."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; name one that a study has left its results in.")
    found = sorted(card.parent for card in folder.rglob("card.json"))
    models = [place for place in found if list(place.glob("*.safetensors"))]
    if not models:
        raise InputError(
            f"{folder} holds no trained model; models lie in "
            "results/<study>/models/<train set>/<method>/seed<k>/."
        )
    return models


def read_card(folder: Path) -> dict[str, Any]:
    """Read a model's card; an InputError if there is none, or it does not describe a network."""
    path = folder / "card.json"
    if not path.is_file():
        raise InputError(
            f"{folder} holds no card.json and thus no model; name a folder such as "
            "results/<study>/models/<train set>/<method>/seed0 ('denoisekit models' lists them)."
        )
    card = cards.read(path, kind="card")
    # Cards without this entry are older than networks that were trained on fixed numbers.
    return {"normalizer": None, **card}


@dataclass(frozen=True)
class Prediction:
    """How a study restores with a network: its weights, and what it does to an image.

    The attributes are those of a study's key ``prediction``.
    """

    weights: str
    percentiles: tuple[float, float]
    normalize: str | None
    units: str
    turned: bool


def read_prediction(
    folder: Path,
    card: Mapping[str, Any],
    *,
    weights: str | None,
    percentiles: tuple[float, float] | None,
    units: str | None = None,
    turned: bool | None = None,
) -> Prediction:
    """Return how to restore: as told, or else as the study does, or else as CARE.

    Percentiles that would not be used are an InputError.
    """
    if percentiles is not None and card["normalizer"]:
        raise InputError(
            "The network normalises every image by the numbers that it was trained with; leave "
            "percentiles (--percentiles) out."
        )
    path = folder / PREDICTION
    told: dict[str, Any] = _CARE | (cards.read(path, kind="prediction") if path.is_file() else {})
    weights = weights or told["weights"]
    one_of(weights, ("last", "best"), name="The model's weights")
    low, high = percentiles or told["percentiles"]
    if not 0 <= low < high <= 100:
        raise InputError(
            f"The percentiles must rise and lie between 0 and 100, but are {low:g} and {high:g}."
        )
    units = units or told["units"]
    one_of(units, ("image", "truth"), name="What restored images are in units of")
    turned = bool(told["turned"]) if turned is None else turned
    return Prediction(weights, (low, high), told.get("normalize"), units, turned)


def open(
    folder_or_package: str | Path,
    *,
    device: str | None = None,
    weights: str | None = None,
    percentiles: tuple[float, float] | None = None,
    noise_model: str | Path | None = None,
    units: str | None = None,
    turned: bool | None = None,
    tile: int = 512,
    precision: str = "mixed",
    note: Callable[[str], object] = warnings.warn,
) -> "inference.Restorer | posterior.Restorer | ensemble.Ensemble":
    """Open a trained network, to restore images with it as its study did.

    Parameters
    ----------
    folder_or_package
        A folder of a study, such as ``results/<study>/models/<train set>/<method>/seed0``, or the
        .zip that ``denoisekit export`` made of one, or of several as an ensemble.
    device
        ``cpu`` or ``cuda``; if not given, the GPU where there is one.
    weights
        ``last`` or ``best`` by validation loss; if not given, the study's choice, or else the last.
    percentiles
        What images are normalised by, where the network was not trained on fixed numbers; if not
        given, the study's, or else CARE's, 2 and 99.8.
    noise_model
        File of the camera's noise, which a network of PN2V restores with, and no other.
    units
        ``image``: restored images are in their inputs' units; ``truth``: in those of the long
        exposures that the network was trained on; if not given, the study's choice.
    turned
        Whether to restore in all eight orientations and return the mean, in eight times the time;
        if not given, the study's choice. PN2V, which samples, is never turned.
    tile
        Longest side, in px, of the part that is restored at a time; bounds the memory.
    precision
        ``full`` or ``mixed``, as `denoisekit.computing` tells.
    note
        Is told that an image is in other units than those that the network was trained on, and how
        many of its pixels lie outside of the noise model's range, if any do.

    Returns
    -------
    inference.Restorer, posterior.Restorer or ensemble.Ensemble
        The last of a package of several networks. Called with an image, (Y, X) or (Z, Y, X) of any
        size, it returns the restored one in the same units. Its ``predict`` returns all that is
        told: the scale of a probabilistic network, the prior and the quantiles of PN2V, how far an
        ensemble disagrees. Its ``model`` has the ``card``, and says by ``volumes`` which images it
        takes.

    Raises
    ------
    InputError
        If there is no such model, a part of it is missing or damaged, or an option does not fit it.
    """
    given = Path(folder_or_package)
    options: dict[str, Any] = {
        "device": device,
        "weights": weights,
        "percentiles": percentiles,
        "noise_model": noise_model,
        "units": units,
        "turned": turned,
        "tile": tile,
        "precision": precision,
        "note": note,
    }
    with _unpacked(given) as folders:
        members = [_open_folder(folder, given, **options) for folder in folders]
    if len(members) == 1:
        return members[0]
    from denoisekit.restoring import ensemble

    return ensemble.join(members, [f"{given} ({number})" for number, _ in enumerate(members, 1)])


def _open_folder(
    folder: Path,
    given: Path,
    *,
    device: str | None,
    weights: str | None,
    percentiles: tuple[float, float] | None,
    noise_model: str | Path | None,
    units: str | None,
    turned: bool | None,
    tile: int,
    precision: str,
    note: Callable[[str], object],
) -> "inference.Restorer | posterior.Restorer":
    """Open the network of a folder that was given as such, or as a package."""
    card = read_card(folder)
    if card.get("method", {}).get("objective") == "isotropic":
        raise InputError(
            f"{given} restores what lies between the planes of stacks, as its study does; of "
            "other stacks take --isotropic, which trains on each, and of images as they are "
            "another network."
        )
    if makes_planes(card):
        raise InputError(
            f"{given} makes planes of stacks, and is not for images as they are; take 'denoisekit "
            "project stack.tif --model', or another network."
        )
    if card.get("channels"):
        raise InputError(
            f"{given} restores the channels {', '.join(card['channels'])} of a sample jointly, and "
            "no single image; open it alone with "
            "'denoisekit.restoring.model_folder.open_channels', or take a network of one channel."
        )
    chosen = read_prediction(
        folder,
        card,
        weights=weights,
        percentiles=percentiles,
        units=units,
        turned=turned,
    )
    samples = card["network"].get("outputs", 1) > 1
    _check_noise_model(given, noise_model, samples=samples)
    # Torch takes seconds to load, and listing models needs none of it.
    from denoisekit.noise.models import load_noise_model
    from denoisekit.restoring import inference, posterior

    trained = _load(folder, card, chosen, given=given, device=device)
    if noise_model is None:
        return inference.Restorer(
            trained,
            chosen.percentiles,
            tile=tile,
            precision=precision,
            normalize=chosen.normalize,
            units=chosen.units,
            turned=chosen.turned,
            note=note,
        )
    noise = load_noise_model(noise_model)
    return posterior.Restorer(
        trained, noise, outside="count", note=note, tile=tile, precision=precision
    )


def open_projection(
    folder_or_package: str | Path,
    *,
    weights: str | None = None,
    percentiles: tuple[float, float] | None = None,
    tile: int = 512,
    precision: str = "mixed",
    device: str | None = None,
) -> "projection.Projector":
    """Open a trained network that makes planes of stacks, to project stacks as its study did.

    Parameters
    ----------
    folder_or_package
        A folder of a study, such as ``results/<study>/models/<train set>/<method>/seed0``, or the
        .zip that ``denoisekit export`` made of one.
    weights, percentiles, tile, precision, device
        As `open` takes them.

    Returns
    -------
    projection.Projector
        Called with a stack, its name and the distance of its planes.

    Raises
    ------
    InputError
        If there is no such model, a part of it is missing or damaged, it makes no planes, or it is
        of several networks.
    """
    given = Path(folder_or_package)
    with _unpacked(given) as places:
        place, card = places[0], read_card(places[0])
        if not makes_planes(card):
            raise InputError(
                f"{given} restores images as they are, and makes no planes of stacks; take "
                "'denoisekit denoise --model', or a network 'projection-unet'."
            )
        if len(places) > 1:
            raise InputError(
                f"{given} holds {len(places)} networks, but one alone projects stacks; export "
                "each by itself."
            )
        if "z_spacing_um" not in card.get("units", {}):
            raise InputError(
                f"{given / 'card.json'} does not tell how far the planes lie apart that the "
                "network was trained on; train it again."
            )
        from denoisekit.restoring import projection

        chosen = read_prediction(place, card, weights=weights, percentiles=percentiles)
        trained = _load(place, card, chosen, given=given, device=device)
    return projection.Projector(trained, chosen.percentiles, tile=tile, precision=precision)


def makes_planes(card: Mapping[str, Any]) -> bool:
    """Say whether a card is of a network that makes planes of stacks."""
    return bool(card["network"]["architecture"] == "projection-unet")


def restores_jointly(folder_or_package: str | Path) -> bool:
    """Say whether a trained network restores the channels of a sample jointly.

    Raises
    ------
    InputError
        If there is no such model.
    """
    with _unpacked(Path(folder_or_package)) as folders:
        return bool(read_card(folders[0]).get("channels"))


def open_channels(
    folder_or_package: str | Path,
    *,
    weights: str | None = None,
    percentiles: tuple[float, float] | None = None,
    turned: bool | None = None,
    tile: int = 512,
    precision: str = "mixed",
    device: str | None = None,
) -> "channels.JointRestorer":
    """Open a trained network that restores channels jointly, to restore as its study did.

    Parameters
    ----------
    folder_or_package
        A folder of a study, such as ``results/<study>/models/<train set>/<method>/seed0``, or the
        .zip that ``denoisekit export`` made of one.
    weights, percentiles, turned, tile, precision, device
        As `open` takes them.

    Returns
    -------
    channels.JointRestorer
        Its ``predict`` takes an image of each of its ``model.channels``, and returns each restored.

    Raises
    ------
    InputError
        If there is no such model, a part of it is missing or damaged, it is of single images, or
        it saw channels that did not belong together.
    """
    from denoisekit.restoring import channels

    given = Path(folder_or_package)
    with _unpacked(given) as places:
        place, card = places[0], read_card(places[0])
        if len(places) > 1:
            raise InputError(
                f"{given} holds {len(places)} networks, but one alone restores channels jointly; "
                "export each by itself."
            )
        if card.get("method", {}).get("shuffled"):
            raise InputError(
                f"{given} is a control: it learned from channels of different fields; take the "
                "network that learned from those of one."
            )
        chosen = read_prediction(
            place, card, weights=weights, percentiles=percentiles, turned=turned
        )
        trained = _load(place, card, chosen, given=given, device=device)
    return channels.JointRestorer(
        trained,
        chosen.percentiles,
        tile=tile,
        precision=precision,
        turned=chosen.turned,
        normalize=chosen.normalize,
    )


def _load(
    place: Path, card: Mapping[str, Any], chosen: Prediction, *, given: Path, device: str | None
) -> "Model":
    """Load the weights that are chosen of a folder that was given as such, or as a package."""
    from denoisekit.restoring import model

    file = place / f"{chosen.weights}.safetensors"
    if not file.is_file():
        raise InputError(f"{given / file.name} does not exist; copy the whole folder of the model.")
    return model.load(file, card, device=device)


def open_ensemble(
    folders_or_packages: Sequence[str | Path], **options: Any
) -> "ensemble.Ensemble | posterior.Restorer":
    """Open trained networks that differ by their seed, to restore images with all of them.

    Parameters
    ----------
    folders_or_packages
        Of each network, as `open` takes it.
    options
        Of all of them, as `open` takes them by name.

    Returns
    -------
    ensemble.Ensemble or posterior.Restorer
        Used as what `open` returns. It returns the mean of the networks, and its ``predict`` what
        their mixture says of each pixel: quantiles, intervals and samples, and how far the networks
        disagree. Networks of PN2V pool their samples.

    Raises
    ------
    InputError
        As of `open`, and if there are fewer than two networks, one is an ensemble itself, they are
        of different losses or data, or two are of one seed.
    """
    from denoisekit.restoring import ensemble

    members = []
    for place in folders_or_packages:
        member = open(place, **options)
        if isinstance(member, ensemble.Ensemble):
            raise InputError(
                f"{place} is an ensemble of {len(member.members)} networks itself; name it alone."
            )
        members.append(member)
    return ensemble.join(members, list(map(str, folders_or_packages)))


@contextmanager
def _unpacked(model: Path) -> Iterator[list[Path]]:
    """Give a model's folder: the one named, or those that its package is unpacked into."""
    if model.suffix.lower() != PACKAGE:
        yield [model]
        return
    from denoisekit.restoring import bioimageio

    if not model.is_file():
        raise InputError(f"{model} does not exist.")
    with tempfile.TemporaryDirectory() as folder:
        yield bioimageio.unpack(model, folder)


def _check_noise_model(model: Path, noise_model: str | Path | None, *, samples: bool) -> None:
    if samples and noise_model is None:
        raise InputError(
            f"{model} is a network of PN2V, which restores with a model of the camera's noise; "
            "give the one that it was trained with, such as "
            "results/<study>/noise_models/<train set>/<name>.npz, as noise_model (--noise-model)."
        )
    if noise_model is not None and not samples:
        raise InputError(
            f"{model} restores without a noise model; leave noise_model (--noise-model) "
            f"{noise_model} out."
        )

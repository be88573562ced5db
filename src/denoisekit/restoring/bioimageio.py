"""Models as packages of the bioimage.io format, for Fiji, QuPath, ilastik, napari and others.

A package is a zip archive: a description, the network as TorchScript with its normalisation inside,
an image to test it with and what becomes of it, documentation and a cover. The model's own files
lie beside these, so that the package is also a copy of the model's folder; of an ensemble, those of
each network, from the second on with its number.

Source: the specification 0.5, Ouyang et al. 2022 (doi 10.1101/2022.06.07.495102).
"""

import hashlib
import math
import re
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from denoisekit import archives
from denoisekit._checks import shape_text
from denoisekit.errors import InputError
from denoisekit.files import replacing
from denoisekit.images import windows
from denoisekit.noise.usable import find, repaired
from denoisekit.restoring import inference, torchscript
from denoisekit.restoring.channels import JointRestorer
from denoisekit.restoring.ensemble import Ensemble
from denoisekit.restoring.projection import Projector
from denoisekit.restoring.restored import Restored, of_members

DESCRIPTION = "rdf.yaml"
# Bytes that a file of a package may have at most, by its suffix; 2**31 are 500 million numbers.
_MOST = {"yaml": 2**20, "json": 2**22, "safetensors": 2**31}
# Sides of the smallest image that is declared, and of the largest that is put in to test with.
SMALLEST_PX = 64
LARGEST_PX = 256
_LARGEST_PLANES = 32
# Of a stack that a sheet is projected out of, as `restore_projection` takes it.
_FEWEST_PLANES = 2
_COVER_PX = 512
# Whom to cite for an architecture.
CITED = {
    "dncnn": "Zhang et al. 2017, Beyond a Gaussian denoiser, doi 10.1109/TIP.2017.2662206",
    "n2v-unet": "Krull et al. 2019, Noise2Void, doi 10.1109/CVPR.2019.00223",
    "nafnet": "Chen et al. 2022, Simple baselines for image restoration, "
    "doi 10.1007/978-3-031-20071-7_2",
    "pn2v-unet": "Krull et al. 2020, Probabilistic Noise2Void, doi 10.3389/fcomp.2020.00005",
    "projection-unet": "Weigert et al. 2018, Content-aware image restoration, "
    "doi 10.1038/s41592-018-0216-7",
    "unet": "Weigert et al. 2018, Content-aware image restoration, doi 10.1038/s41592-018-0216-7",
}
# What the documentation tells of a card.
_SHOWN = {
    "train_set": "Train set",
    "method": "Method",
    "network": "Network",
    "parameters": "Trained numbers",
    "training_patches": "Patches",
    "training": "Training",
    "seed": "Seed",
    "device": "Device",
    "versions": "Versions",
    "patches_sha256": "sha256 of the patches",
}
# What is said of the second channel, by its name.
_SECOND = {
    "scale": "The first channel is the restored image, the second the scale of the Laplace "
    "distribution that is predicted around it, in the same units; of an ensemble, the mixture's "
    "standard deviation over the root of 2.",
    "spread": "The first channel is the mean of the restored images, the second their standard "
    "deviation, in the same units.",
}
_PROJECTS = (
    "Projects noisy stacks onto the plane of a sheet that lies in them, such as an epithelium, and "
    "restores it."
)
_PROJECTED = (
    "The restored plane in the stack's units, how deep it lies in um from the first plane, and the "
    "standard deviation of that in um."
)
_OWN_PERCENTILES = (
    "are each normalised by their own percentiles, so that brightness may jump from one to the next"
)
# A file of a network; of an ensemble from the second network on with its number.
_OWN_FILE = re.compile(
    r"(?P<stem>[a-z]+)(-(?P<number>[2-9]|[1-9]\d))?\.(?P<suffix>json|safetensors)"
)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_TESTED = "The image to test with"
_Restorer = inference.Restorer | Ensemble | JointRestorer | Projector


@dataclass(frozen=True)
class _Tensors:
    """What goes into a package's network, and what comes out.

    Attributes
    ----------
    least
        Smallest side that is declared, by axis: ``z`` of volumes and stacks, ``y`` and ``x``.
    given, made
        Names of the channels.
    spacing_um
        How far planes lie apart of stacks that become planes; None of all else.
    """

    least: Mapping[str, int]
    given: Sequence[str]
    made: Sequence[str]
    spacing_um: float | None


@dataclass(frozen=True)
class About:
    """What a model's card cannot know.

    Attributes
    ----------
    name
        What the model is called.
    authors
        Who made it: ``name``, or ``name; affiliation``, or ``name; affiliation; ORCID``.
    licence
        An SPDX identifier such as ``CC-BY-4.0``.
    trained_on
        A sentence on the images that it was trained on.
    citations
        Papers besides the network's own, each with its DOI.
    tags
        Words to find the model by, besides those that follow from its card.
    """

    name: str
    authors: Sequence[str]
    licence: str
    trained_on: str
    citations: Sequence[str] = ()
    tags: Sequence[str] = ()


def write(
    path: str | Path,
    restorer: _Restorer,
    pixels: np.ndarray,
    *,
    files: Sequence[Mapping[str, bytes]],
    about: About,
) -> None:
    """Write a network or an ensemble as a package, after running it by bioimageio.core.

    Parameters
    ----------
    path
        Where to write; a zip archive.
    restorer
        What restores with the trained network or networks, on the CPU.
    pixels
        An image to test with, (Y, X) or (Z, Y, X), as a user would restore; its middle is kept. For
        a network that restores channels jointly, these come first: (C, Y, X) or (C, Z, Y, X). For
        one that makes planes of stacks, a stack, (Z, Y, X), of planes as far apart as it needs.
    files
        The own files of each network by name, that `unpack` gives back.
    about
        What the card does not know.

    Raises
    ------
    InputError
        If the image is too small or has not the network's axes, an option does not keep to the
        format, or the packages bioimageio.core and bioimageio.spec are missing.
    """
    card = restorer.model.card
    pixels = _in_channels(restorer, pixels)
    cited = [_citation(text) for text in (CITED[card["network"]["architecture"]], *about.citations)]
    least = _least(restorer)
    image = _sound(_middle(pixels, least, all_planes=isinstance(restorer, Projector)))
    given = _identifiers(restorer.model.channels or ["noisy"])
    channels = _restored(restorer, image, given)
    spacing_um = restorer.spacing_um if isinstance(restorer, Projector) else None
    tensors = _Tensors(least, given, list(channels), spacing_um)
    attached = {
        _numbered(name, number): content
        for number, own in enumerate(files, start=1)
        for name, content in own.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        parts = Path(folder)
        for name, content in attached.items():
            (parts / name).write_bytes(content)
        (parts / "weights.pt").write_bytes(_scripted(restorer, channels=len(image)))
        np.save(parts / "test-input.npy", image[None])
        np.save(parts / "test-output.npy", np.stack(list(channels.values()))[None])
        (parts / "cover.png").write_bytes(_cover(image[0], next(iter(channels.values()))))
        text = _documentation(restorer, about, list(channels))
        (parts / "README.md").write_text(text, encoding="utf-8")
        with replacing(path) as temporary:
            options = {"card": card, "tensors": tensors, "about": about, "cited": cited}
            _save(temporary, parts, attached=list(attached), **options)


def _members(restorer: _Restorer) -> tuple[inference.Restorer | JointRestorer | Projector, ...]:
    return restorer.members if isinstance(restorer, Ensemble) else (restorer,)


def _scripted(restorer: _Restorer, *, channels: int) -> bytes:
    """Return what restores as TorchScript."""
    if isinstance(restorer, Projector):
        return torchscript.projecting_torchscript(
            restorer.network, percentiles=restorer.percentiles, spacing_um=restorer.spacing_um
        )
    members = _members(restorer)
    return torchscript.torchscript(
        [member.model.network for member in members],
        percentiles=members[0].percentiles,
        normalizer=members[0].model.normalizer,
        channels=channels,
    )


def _in_channels(restorer: _Restorer, pixels: np.ndarray) -> np.ndarray:
    """Return an image with its channels first; InputError if the network takes none such."""
    if isinstance(restorer, Projector):
        if pixels.ndim != 3:
            raise InputError(
                f"{_TESTED} is {shape_text(pixels)}, but the network makes planes of stacks; give "
                "one, (Z, Y, X), with all planes through its sheet."
            )
        return pixels[None]
    if not isinstance(restorer, JointRestorer):
        restorer.model.check_axes(pixels, name=_TESTED)
        return pixels[None]
    names = [f"The channel {number} to test with" for number in range(len(pixels))]
    restorer.check(list(pixels), names)
    return pixels


def _identifiers(names: Sequence[str]) -> list[str]:
    """Return names as the format wants them, of letters, digits and underscores, none twice."""
    words = [re.sub(r"\W", "_", name, flags=re.ASCII).lower() for name in names]
    words = [word if word[:1].isalpha() else f"channel_{word}" for word in words]
    return [
        word if words.count(word) == 1 else f"{word}_{number}" for number, word in enumerate(words)
    ]


def _restored(
    restorer: _Restorer, image: np.ndarray, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Restore channels, (C, *spatial), in full precision; return what a package makes by name."""
    if isinstance(restorer, Projector):
        return _projected(restorer, image[0])
    if not isinstance(restorer, JointRestorer):
        return _channels(_restored_alone(restorer, image[0]))
    whole = replace(restorer, tile=max(image.shape), precision="full", turned=False)
    found = dict(zip(names, whole.predict(list(image), restorer.model.channels), strict=True))
    scales = {f"{name}_scale": one.scale for name, one in found.items() if one.scale is not None}
    return {name: one.mean for name, one in found.items()} | scales


def _projected(projector: Projector, stack: np.ndarray) -> dict[str, np.ndarray]:
    """Project a stack as a whole in full precision; depths are in um."""
    whole = replace(projector, tile=max(stack.shape), precision="full")
    found = whole(stack, _TESTED, spacing_um=projector.spacing_um)
    step = np.float32(projector.spacing_um)
    return {
        "restored": found.restored,
        "height": found.height * step,
        "spread": found.spread * step,
    }


def _restored_alone(restorer: inference.Restorer | Ensemble, image: np.ndarray) -> Restored:
    """Restore an image of one channel as a whole in full precision."""
    members = restorer.members if isinstance(restorer, Ensemble) else (restorer,)
    parts = [
        inference.restore(
            member.model.network,
            image,
            percentiles=member.percentiles,
            tile=max(image.shape),
            precision="full",
            device=member.model.device,
            name=_TESTED,
            normalizer=member.model.normalizer,
        )
        for member in members
    ]
    return of_members(parts, outside=np.zeros(image.shape, bool)) if len(parts) > 1 else parts[0]


def _channels(restored: Restored) -> dict[str, np.ndarray]:
    """Return the channels of a package's images by name."""
    found = {"restored": restored.mean, "scale": restored.scale, "spread": restored.spread}
    return {name: pixels for name, pixels in found.items() if pixels is not None}


def _numbered(name: str, number: int) -> str:
    """Return what a file of a network is called in a package."""
    return name if number == 1 else name.replace(".", f"-{number}.")


def check_exportable(card: Mapping[str, Any]) -> None:
    """Raise InputError if the format has no place for what a network restores with."""
    if card["network"].get("outputs", 1) > 1:
        raise InputError(
            "A network of PN2V restores by a model of the camera's noise, which the bioimage.io "
            "format has no place for; export one that was trained another way, or copy the folder."
        )
    if card.get("planes"):
        raise InputError(
            "The network restores volumes plane by plane, normalised as a whole, which the "
            "bioimage.io format has no place for; export one of volumes, or copy the folder."
        )
    if card.get("method", {}).get("objective") == "isotropic":
        raise InputError(
            "The network restores what lies between the planes of its study's stacks, and is taken "
            "there alone, from no package; of other stacks take 'denoisekit denoise --isotropic', "
            "which trains on each, or copy the folder."
        )
    frames = windows.length(card.get("method", {}))
    if frames > 1:
        raise InputError(
            f"The network looks at {frames} frames of a movie to restore one, which programs for "
            "the bioimage.io format do not give; export one of single images, or copy the folder."
        )


def unpack(package: str | Path, folder: str | Path) -> list[Path]:
    """Write the model's own files of a package into folders, and return these: one a network.

    No code of the package is run, no name in it decides where a file goes, and every file has the
    sha256 that its description tells.

    Raises
    ------
    InputError
        If the package is damaged, or holds no model of this program.
    """
    folder = Path(folder)
    described = folder / DESCRIPTION
    archives.extract_member(package, DESCRIPTION, described, most=_MOST["yaml"])
    try:
        text = described.read_text(encoding="utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise ValueError("it holds aliases")
        content = yaml.safe_load(text)
        told = {str(entry["source"]): entry["sha256"] for entry in content["attachments"]}
    except (yaml.YAMLError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{package} holds no model of denoisekit: its description lists no files of one; only "
            "what 'denoisekit export' wrote is taken so. A study runs others, as code, where the "
            "method has 'trust: true'."
        ) from error
    found: dict[int, Path] = {}
    for name, digest in told.items():
        named = _OWN_FILE.fullmatch(name)
        if named is None:
            continue
        place = folder / (named["number"] or "1")
        place.mkdir(exist_ok=True)
        found[int(place.name)] = place
        file = place / f"{named['stem']}.{named['suffix']}"
        archives.extract_member(package, name, file, most=_MOST[named["suffix"]])
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise InputError(f"{name} in {package} was changed or is damaged; copy it anew.")
    if sorted(found) != list(range(1, len(found) + 1)) or not found:
        raise InputError(
            f"{package} lacks the files of a network whose others its description lists; copy it "
            "anew."
        )
    return [found[number] for number in sorted(found)]


def _least(restorer: _Restorer) -> dict[str, int]:
    """Return the smallest side that is declared of an image, by axis."""
    stride = restorer.model.network.stride
    within_planes = dict.fromkeys("yx", max(SMALLEST_PX, stride))
    if isinstance(restorer, Projector):
        return {"z": _FEWEST_PLANES, **within_planes}
    return {"z": stride, **within_planes} if restorer.model.card["dims"] == 3 else within_planes


def _middle(pixels: np.ndarray, least: Mapping[str, int], *, all_planes: bool) -> np.ndarray:
    """Cut the middle out of channels, (C, *spatial), float32, as large as a package carries.

    Of a stack that is kept whole along z, the more planes there are the less of each.
    """
    sides = pixels.shape[1:]
    if any(side < size for side, size in zip(sides, least.values(), strict=True)):
        raise InputError(
            f"{_TESTED} is {shape_text(pixels[0])} pixels; give one of at least "
            f"{' x '.join(map(str, least.values()))}."
        )
    most = [_LARGEST_PLANES, LARGEST_PX, LARGEST_PX][-len(sides) :]
    if all_planes and sides[0] > _LARGEST_PLANES:
        side = max(least["y"], math.isqrt(math.prod(most) // sides[0]))
        most = [sides[0], side, side]
    starts = [max(0, side - size) // 2 for side, size in zip(sides, most, strict=True)]
    cut = tuple(slice(start, start + size) for start, size in zip(starts, most, strict=True))
    return pixels[(slice(None), *cut)].astype(np.float32)


def _sound(image: np.ndarray) -> np.ndarray:
    """Return channels, (C, *spatial), without hot and dead pixels, which a package repairs not."""
    found = [find(one, name=_TESTED) for one in image]
    for odd in found:
        if odd.outside.any():
            raise InputError(
                f"{_TESTED} has {odd.text} in its middle, of which a package knows nothing; give "
                "one whose middle lies within the field."
            )
    return np.stack([repaired(one, odd) for one, odd in zip(image, found, strict=True)])


def _cover(image: np.ndarray, restored: np.ndarray) -> bytes:
    """Draw the image, its left half as it is and its right half restored, as a PNG."""
    from io import BytesIO

    from PIL import Image

    planes = [part if part.ndim == 2 else part.max(axis=0) for part in (image, restored)]
    half = planes[0].shape[1] // 2
    low, high = np.percentile(planes[1], (0.1, 99.9))
    shown = np.concatenate([planes[0][:, :half], planes[1][:, half:]], axis=1)
    grey = np.clip((shown - low) / max(high - low, 1e-12), 0, 1) * 255
    file = BytesIO()
    cover = Image.fromarray(grey.astype(np.uint8))
    cover.resize((_COVER_PX, _COVER_PX * grey.shape[0] // grey.shape[1])).save(file, "PNG")
    return file.getvalue()


def _documentation(restorer: _Restorer, about: About, channels: Sequence[str]) -> str:
    """Say what the model is, how it was trained, how to use it, and what it cannot do."""
    members, card = _members(restorer), restorer.model.card
    rows = "\n".join(
        f"| {title} | {_told(card[key])} |" for key, title in _SHOWN.items() if card.get(key)
    )
    several = ""
    if len(members) > 1:
        seeds = ", ".join(str(member.model.card["seed"]) for member in members)
        several = f"An ensemble of {len(members)} networks, trained alike from the seeds {seeds}.\n"
    if isinstance(restorer, Projector):
        what, use = _PROJECTS, _use_of_stacks(restorer)
    else:
        what, use = _what(restorer), _use_of_images(restorer, channels)
    return f"""# {about.name}

{what}
Trained and packed by denoisekit.
{several}
## Training data

{about.trained_on}

## Training

| | |
|---|---|
{rows}

## Use

{use}

## Validation

No scores are part of this package. Restore images of which you have a long exposure, and compare.
`test-output.npy` is what becomes of `test-input.npy`.

## Limits

A network knows what it was trained on. Other structures, microscopes, pixel sizes or amounts of
light need a test first, and may need another training. That an image looks sharp and smooth does
not prove that it shows what was there. Hot and dead pixels, which the command repairs before, are
left to the network where other programs run it.
"""


def _what(restorer: inference.Restorer | Ensemble | JointRestorer) -> str:
    """Say in a sentence what a network of images does."""
    names = restorer.model.channels
    count = f"the channels {', '.join(names)} together" if names else "one channel"
    kind = "volumes" if restorer.model.volumes else "planes"
    return f"Restores noisy microscope images ({kind}, {count})."


def _use_of_images(
    restorer: inference.Restorer | Ensemble | JointRestorer, channels: Sequence[str]
) -> str:
    """Say how a network of images is used."""
    names, network = restorer.model.channels, restorer.model.network
    if normalizer := restorer.model.normalizer:
        ends = f"{normalizer.low:g} and {normalizer.high:g}, as in training,"
        tiles = (
            "are normalised alike; images of another gain or offset than those of the training, or "
            "stretched for display, come out wrong: bring them to these units before"
        )
    else:
        of = "channel of each image" if names else "image"
        ends = f"{_percentiles(_members(restorer)[0])} of each {of}"
        tiles = f"{_OWN_PERCENTILES}; give whole images where memory allows, or large tiles"
    second = _joint_channels(names, channels) if names else _SECOND.get(channels[-1], "")
    return f"""\
Give images in their own units; restored ones have the same. {ends} become 0 and 1 for the network;
this and its inverse are inside of the model.
{second}

Images can be given whole, in any size. Tiles {tiles}. An output pixel depends on up to
{network.reach} pixels to each side: let tiles overlap by that many, with sides that are multiples
of {network.stride}.

`denoisekit denoise IMAGE --model PACKAGE.zip` restores with this package, too."""


def _use_of_stacks(projector: Projector) -> str:
    """Say how a network that makes planes of stacks is used."""
    network = projector.network
    return f"""\
Give stacks, (Z, Y, X), in their own units, with all planes through the sheet, however many. Planes
must lie {projector.spacing_um:g} um apart, as those of the training; others are projected, too, but
wrongly. {_percentiles(projector)} of each stack become 0 and 1 for the
network; this and its inverse are inside of the model.

The first channel is the restored plane, in the stack's units. The second is how deep the sheet
lies, in um from the first plane, and the third the standard deviation of that: where it is large,
the depth is a guess.

Stacks can be given whole, in any size. Tiles must be whole along z. They
{_OWN_PERCENTILES};
give whole stacks where memory allows, or large tiles. An output pixel depends on up to
{network.reach} pixels to each side: let tiles overlap by that many, with sides that are multiples
of {network.stride}.

`denoisekit project STACK --model PACKAGE.zip --output PLANE.tif` projects with this package,
too."""


def _percentiles(restorer: inference.Restorer | JointRestorer | Projector) -> str:
    return "The percentiles {:g} and {:g}".format(*restorer.percentiles)


def _joint_channels(names: Sequence[str], made: Sequence[str]) -> str:
    """Say what the channels of a network of several are."""
    order = f"Channels come in the order {', '.join(names)}, and lie on each other pixel by pixel."
    if len(made) == len(names):
        return order
    return (
        f"{order} After the restored ones follow, in the same order, the scales of the Laplace "
        "distributions that are predicted around them, in the same units."
    )


def _told(value: Any) -> str:
    """Write a card's entry in one line."""
    if not isinstance(value, Mapping):
        return str(value)
    return ", ".join(
        f"{key} {f'({_told(part)})' if isinstance(part, Mapping) else part}"
        for key, part in value.items()
    )


def _save(path: Path, parts: Path, **options: Any) -> None:
    """Describe the parts of a package, write it, and have bioimageio.core run it."""
    try:
        from bioimageio import core, spec
    except ImportError as error:
        raise InputError(
            f"Packages of bioimage.io are made and tested by bioimageio.core ({error}); "
            "pip install 'denoisekit[export]'."
        ) from error
    from loguru import logger
    from pydantic import ValidationError

    logger.disable("bioimageio")
    try:
        description = _describe(parts, **options)
    except ValidationError as error:
        first = {str(each["loc"][:1]): each for each in reversed(error.errors())}
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'][:2]))}: {textwrap.shorten(each['msg'], 100)}"
            for each in first.values()
        )
        raise InputError(
            f"The package would not keep to the bioimage.io format ({wrong}); correct what was "
            "given."
        ) from error
    spec.save_bioimageio_package(description, output_path=path)
    summary = core.test_description(path, expected_type="model", devices=["cpu"])
    if summary.status != "passed":
        raise RuntimeError(f"bioimageio.core does not accept the package:\n{summary.format()}")


def _describe(
    parts: Path,
    *,
    card: Mapping[str, Any],
    tensors: _Tensors,
    about: About,
    cited: Sequence[Mapping[str, Any]],
    attached: Sequence[str],
) -> Any:
    """Return the description of a package, as bioimageio.spec has it."""
    import torch
    from bioimageio.spec.model import v0_5 as v

    kind = "3d" if "z" in tensors.least else "2d"
    architecture = card["network"]["architecture"]
    projects = tensors.spacing_um is not None
    units: Any = {"data": _of_units("arbitrary unit", "µm", "µm")} if projects else {}
    noisy = v.InputTensorDescr(
        id=v.TensorId("noisy"),
        description="A stack in its own units." if projects else "An image in its own units.",
        axes=[
            v.BatchAxis(),
            _channel_axis(tensors.given),
            *(
                v.SpaceInputAxis(
                    id=v.AxisId(axis),
                    size=v.ParameterizedSize(min=least, step=1),
                    **(_apart(tensors.spacing_um) if axis == "z" else {}),
                )
                for axis, least in tensors.least.items()
            ),
        ],
        test_tensor=v.FileDescr(source=parts / "test-input.npy"),
    )
    restored = v.OutputTensorDescr(
        id=v.TensorId("projection" if projects else "restored"),
        description=_PROJECTED if projects else "The restored image in the same units.",
        axes=[
            v.BatchAxis(),
            _channel_axis(tensors.made),
            *(
                v.SpaceOutputAxis(
                    id=v.AxisId(axis),
                    size=v.SizeReference(tensor_id=v.TensorId("noisy"), axis_id=v.AxisId(axis)),
                )
                for axis in ("yx" if projects else tensors.least)
            ),
        ],
        test_tensor=v.FileDescr(source=parts / "test-output.npy"),
        **units,
    )
    what = _PROJECTS if projects else "Restores noisy microscope images."
    return v.ModelDescr(
        name=about.name,
        description=f"{what} {about.trained_on}"[:1024],
        authors=[v.Author(**_author(author)) for author in about.authors],
        license=about.licence,  # type: ignore[arg-type]  # It is read as a name of SPDX.
        cite=[v.CiteEntry(**entry) for entry in cited],
        tags=list(dict.fromkeys(("denoising", "denoisekit", kind, architecture, *about.tags))),
        documentation=v.FileDescr(source=parts / "README.md"),
        covers=[v.FileDescr(source=parts / "cover.png")],
        inputs=[noisy],
        outputs=[restored],
        weights=v.WeightsDescr(
            torchscript=v.TorchscriptWeightsDescr(
                source=parts / "weights.pt",
                pytorch_version=v.Version(torch.__version__.partition("+")[0]),
            )
        ),
        attachments=[v.FileDescr(source=parts / name) for name in attached],
    )


def _channel_axis(names: Sequence[str]) -> Any:
    from bioimageio.spec.model import v0_5 as v

    return v.ChannelAxis(channel_names=[v.Identifier(name) for name in names])


def _of_units(*units: str) -> list[Any]:
    """Return what the channels of a tensor are in units of."""
    from bioimageio.spec.model import v0_5 as v

    return [v.IntervalOrRatioDataDescr(unit=unit) for unit in units]  # type: ignore[arg-type]


def _apart(spacing_um: float | None) -> dict[str, Any]:
    """Return how far planes lie apart as an axis is told, where that is known."""
    return {} if spacing_um is None else {"unit": "micrometer", "scale": spacing_um}


def _author(text: str) -> dict[str, Any]:
    return dict(
        zip(("name", "affiliation", "orcid"), map(str.strip, text.split(";")), strict=False)
    )


def _citation(text: str) -> dict[str, Any]:
    doi = _DOI.search(text)
    if doi is None:
        raise InputError(f"The citation {text!r} has no DOI; add it, such as 10.1038/x.")
    return {"text": text, "doi": doi[0].rstrip(".,;)")}

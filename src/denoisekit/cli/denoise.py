"""``denoisekit denoise``: restore new images and movies with a trained network."""

import functools
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from denoisekit.cli import _show
from denoisekit.cli._options import (
    ChannelOption,
    OutsideOption,
    PercentilesOption,
    SceneOption,
    WeightsOption,
)
from denoisekit.errors import InputError, storage_sentence
from denoisekit.files import check_writable, write_table
from denoisekit.images import formats, reading, stacks
from denoisekit.streaming import in_order

EXAMPLES = """\b
Examples:
  denoisekit denoise cell.tif --model results/mine/models/actin/laplace/seed0
  denoisekit denoise monday/ movie.ome.tif --model MODEL --output restored --overwrite
  denoisekit denoise new.tif --model PN2V-MODEL --noise-model camera.npz
"""

RestorePart = Callable[[stacks.Place, np.ndarray, str], np.ndarray]


class Together(StrEnum):
    """What is normalised together."""

    MOVIE = "movie"
    PLANE = "plane"


class Blank(StrEnum):
    """What becomes of an image that has parts with one value everywhere."""

    PASS = "pass"
    SKIP = "skip"
    STOP = "stop"


def denoise(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Images, movies, or folders of them.")
    ],
    model: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="A trained network: a folder with card.json, or an exported .zip."
        ),
    ],
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="Where restored images are written.")
    ] = Path("denoised"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace restored images that are there already.")
    ] = False,
    tile: Annotated[
        int, typer.Option(min=1, metavar="PX", help="Side of what is restored at once (memory).")
    ] = 512,
    weights: WeightsOption = None,
    percentiles: PercentilesOption = None,
    noise_model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The camera's noise (.npz), which PN2V needs."),
    ] = None,
    channel: ChannelOption = None,
    scene: SceneOption = None,
    outside: OutsideOption = None,
    normalize: Annotated[
        Together | None,
        typer.Option(
            help="Normalise all planes of a movie or a z-stack together, or each by itself; the "
            "study's choice if not given, or else the frames of a movie together, at each depth."
        ),
    ] = None,
    blank: Annotated[
        Blank,
        typer.Option(
            help="Planes with one value everywhere (a dropped frame, an empty channel): pass them "
            "through as they are, skip the image, or stop at it as at a mistake."
        ),
    ] = Blank.PASS,
) -> None:
    """Restore images and movies with a trained network.

    Every frame, depth and channel is restored by itself (volumes as a whole, by a network for
    volumes), and written as 32-bit TIFF in the image's own units, with its axes and pixel size. An
    image that cannot be restored is named, and the others are restored all the same. Planes that
    were passed through as they are, since they are blank, are listed in blank.tsv.
    """
    from denoisekit.restoring import model_folder

    jobs = _plan(_files(images), output, overwrite=overwrite)
    restore = model_folder.open(
        model,
        weights=weights and weights.value,
        percentiles=percentiles,
        noise_model=noise_model,
        tile=tile,
        note=lambda sentence: print(f"Note: {sentence}", file=sys.stderr),
    )
    together = normalize.value if normalize else getattr(restore, "normalize", None)
    failed, passed = 0, list[dict[str, str]]()
    with _show.progress() as tell:
        for source, target in jobs.items():
            start = time.monotonic()
            try:
                with reading.opened(
                    source,
                    unnamed="Z" if restore.model.volumes else "T",
                    channel=channel,
                    scene=scene,
                ) as stack:
                    _check_colours(stack)
                    found = _restore_file(
                        stack,
                        target,
                        _alike(stack, restore, together, outside),
                        volumes=restore.model.volumes,
                        blank=blank,
                        tell=tell,
                    )
            except _Skipped as skipped:
                print(f"Note: {skipped}; it is left out.", file=sys.stderr)
                continue
            except Exception as error:
                sentence = _why(error, source)
                if len(jobs) == 1:
                    raise InputError(sentence) from error
                failed += 1
                print(f"Error: {sentence}", file=sys.stderr)
                continue
            passed += [{"image": source.name, "part": part} for part in found.blank]
            seconds = time.monotonic() - start
            print(f"{source} -> {target} ({found.parts} in {seconds:.1f} s)", flush=True)
    if passed:
        write_table(output / "blank.tsv", passed)
    if failed:
        raise InputError(f"{failed} of {len(jobs)} images could not be restored.")


def _files(images: Sequence[Path]) -> list[Path]:
    """Return the images, with those of a folder in its place; an OME-Zarr is one image."""
    files = []
    for path in images:
        if not path.is_dir() or path.suffix.lower() in formats.SUFFIXES:
            files.append(path)
            continue
        inside = [
            file
            for file in sorted(path.iterdir())
            if file.suffix.lower() in formats.SUFFIXES and not file.name.startswith(".")
        ]
        if not inside:
            raise InputError(f"{path} holds no image ({', '.join(formats.SUFFIXES)}).")
        files += inside
    return reading.without_members(files)


def _plan(files: Sequence[Path], output: Path, *, overwrite: bool) -> dict[Path, Path]:
    """Return what each image is restored to; an InputError if anything would be written over."""
    jobs = {file: output / reading.file_name(file) for file in files}
    check_writable(output)
    origins = {file.resolve() for file in files}
    name, times = Counter(jobs.values()).most_common(1)[0]
    if times > 1:
        first, second, *_ = (str(file) for file, target in jobs.items() if target == name)
        raise InputError(
            f"{first} and {second} would both be restored to {name}; restore them one after the "
            "other, to two folders."
        )
    for target in jobs.values():
        if target.resolve() in origins:
            raise InputError(
                f"{target} is one of the images to restore, which are never replaced; name another "
                "folder with --output."
            )
    there = [target for target in jobs.values() if target.exists()]
    if there and not overwrite:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise InputError(
            f"{there[0]}{more} is there already; name another folder with --output, or replace it "
            "with --overwrite."
        )
    return jobs


def _why(error: Exception, source: Path) -> str:
    """Say why a file could not be restored; what would stop all others, too, is raised again."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError) and storage_sentence(error, output="A file"):
        raise error
    return f"{source} could not be restored ({type(error).__name__}: {error})."


class _Skipped(Exception):
    """An image that is left out, and why."""


@dataclass(frozen=True)
class _Restored:
    """How much of a file was restored, in words, and the names of its blank parts."""

    parts: str
    blank: list[str]


def _check_colours(stack: stacks.Stack) -> None:
    if stack.coloured:
        stack.grey(how="with --channel")


def _alike(
    stack: stacks.Stack, restore: Any, normalize: str | None, outside: list[float] | None
) -> RestorePart:
    """Return what restores the parts of a file: the planes of a movie all alike.

    Blank planes are left out of what is measured of the movie.
    """
    from denoisekit.noise import usable

    volumes = restore.model.volumes
    places = stack.places(volumes=volumes)
    axes = {None: "T", "movie": "T" if volumes else "TZ", "plane": ""}[normalize]

    def others(place: stacks.Place) -> tuple[Any, ...]:
        named = zip(stack.axes, place, strict=False)
        return tuple(at for axis, at in named if axis not in axes and isinstance(at, int))

    @functools.cache
    def of_all(fixed: tuple[Any, ...]) -> Any:
        group = [place for place in places if others(place) == fixed]
        planes = (pixels for pixels in map(stack.read, group) if not _is_blank(pixels))
        size = math.prod(stack.shape) * len(group) // len(places)
        return restore.alike(planes, pixels=size, outside=outside, name=str(stack.path))

    moves = any(stack.side(axis) > 1 for axis in axes)

    def part(place: stacks.Place, pixels: np.ndarray, name: str) -> np.ndarray:
        """Restore the plane or the volume at a place."""
        chosen = of_all(others(place)) if moves else restore
        if outside is None:
            return chosen(pixels, name)
        return chosen(pixels, name, unusable=usable.find(pixels, outside=outside, name=name))

    return part


def _restore_file(
    stack: stacks.Stack,
    target: Path,
    restore_part: RestorePart,
    *,
    volumes: bool,
    blank: Blank,
    tell: _show.Progress,
) -> _Restored:
    """Restore all parts of a file, reading ahead by one."""
    for sentence in stack.told:
        print(f"Note: {sentence}", file=sys.stderr)
    places = stack.places(volumes=volumes)
    passed = []
    with stacks.created(target, like=stack) as restored:
        parts = in_order(stack.read, places, threads=1)
        for done, (place, pixels) in enumerate(zip(places, parts, strict=True), start=1):
            name = stack.name(place)
            if _is_blank(pixels):
                _tell_blank(name, pixels, blank)
                passed.append(name.removeprefix(str(stack.path)).strip(" ()") or "all")
                restored[place] = pixels
            else:
                restored[place] = restore_part(place, pixels, name)
            tell(stack.path.name, done, len(places))
    what = f"{len(places)} {'volume' if volumes else 'plane'}{'s' * (len(places) > 1)}"
    return _Restored(what + f", {len(passed)} of them blank" * bool(passed), passed)


def _is_blank(pixels: np.ndarray) -> bool:
    shown = pixels[np.isfinite(pixels)]
    return shown.size == 0 or bool(shown.min() == shown.max())


def _tell_blank(name: str, pixels: np.ndarray, blank: Blank) -> None:
    what = f"{name} is blank, {pixels.flat[0]:g} everywhere"
    if blank is Blank.SKIP:
        raise _Skipped(what)
    if blank is Blank.STOP:
        raise InputError(f"{what}; leave it out, or let it pass with --blank pass.")
    print(f"Warning: {what}: it is passed through as it is.", file=sys.stderr)

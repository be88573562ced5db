"""``denoisekit denoise``: restore new images and movies with a trained network."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from denoisekit.cli import _show
from denoisekit.cli._options import PercentilesOption, WeightsOption
from denoisekit.errors import InputError
from denoisekit.files import check_writable
from denoisekit.images import stacks
from denoisekit.streaming import in_order

EXAMPLES = """\b
Examples:
  denoisekit denoise cell.tif --model results/mine/models/actin/laplace/seed0
  denoisekit denoise monday/ movie.ome.tif --model MODEL --output restored --overwrite
  denoisekit denoise new.tif --model PN2V-MODEL --noise-model camera.npz
"""

Restore = Callable[[np.ndarray, str], np.ndarray]


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
) -> None:
    """Restore images and movies with a trained network.

    Every frame, depth and channel is restored by itself (volumes as a whole, by a network for
    volumes), and written as 32-bit TIFF in the image's own units, with its axes and pixel size. An
    image that cannot be restored is named, and the others are restored all the same.
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
    failed = 0
    with _show.progress() as tell:
        for source, target in jobs.items():
            start = time.monotonic()
            try:
                parts = _restore_file(
                    source, target, restore, volumes=restore.model.volumes, tell=tell
                )
            except InputError as error:
                if len(jobs) == 1:
                    raise
                failed += 1
                print(f"Error: {error}", file=sys.stderr)
                continue
            seconds = time.monotonic() - start
            print(f"{source} -> {target} ({parts} in {seconds:.1f} s)", flush=True)
    if failed:
        raise InputError(f"{failed} of {len(jobs)} images could not be restored.")


def _files(images: Sequence[Path]) -> list[Path]:
    """Return the images, with those of a folder in its place; an OME-Zarr is one image."""
    files = []
    for path in images:
        if not path.is_dir() or path.suffix.lower() in stacks.SUFFIXES:
            files.append(path)
            continue
        inside = [
            file
            for file in sorted(path.iterdir())
            if file.suffix.lower() in stacks.SUFFIXES and not file.name.startswith(".")
        ]
        if not inside:
            raise InputError(f"{path} holds no image ({', '.join(stacks.SUFFIXES)}).")
        files += inside
    return files


def _plan(files: Sequence[Path], output: Path, *, overwrite: bool) -> dict[Path, Path]:
    """Return what each image is restored to; an InputError if anything would be written over."""
    jobs = {file: output / stacks.file_name(file) for file in files}
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


def _restore_file(
    source: Path, target: Path, restore: Restore, *, volumes: bool, tell: _show.Progress
) -> str:
    """Restore all parts of a file, reading ahead by one, and say how many there are."""
    with stacks.opened(source, volumes=volumes) as stack:
        places = stack.places(volumes=volumes)
        with stacks.created(target, like=stack) as restored:
            parts = in_order(stack.read, places, threads=1)
            for done, (place, pixels) in enumerate(zip(places, parts, strict=True), start=1):
                restored[place] = restore(pixels, stack.name(place))
                tell(source.name, done, len(places))
    return f"{len(places)} {'volume' if volumes else 'plane'}{'s' * (len(places) > 1)}"

"""``denoisekit denoise``: restore new images and movies with a trained network, or a filter."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from denoisekit.cli import _finished, _isotropic, _show
from denoisekit.cli._by_filter import open_filter
from denoisekit.cli._joint import Jointly, open_jointly
from denoisekit.cli._options import (
    ChannelOption,
    FilterOption,
    IntervalOption,
    IsotropicOption,
    NoiseModelOption,
    NormalizeOption,
    OutsideOption,
    PercentilesOption,
    PixelSizeOption,
    PsfLateralOption,
    PsfOption,
    SceneOption,
    TurnedOption,
    UnitsOption,
    WeightsOption,
    ZSpacingOption,
)
from denoisekit.cli._parts import Blank, Parts, Skipped
from denoisekit.errors import InputError, system_sentence
from denoisekit.files import check_writable, read_table, working_in, write_table
from denoisekit.images import formats, reading

EXAMPLES = """\b
Examples:
  denoisekit denoise cell.tif --model results/mine/models/actin/laplace/seed0
  denoisekit denoise monday/ movie.ome.tif --model MODEL --output restored --overwrite
  denoisekit denoise new.tif --model PN2V-MODEL --noise-model camera.npz
  denoisekit denoise single.tif --filter pretrained
  denoisekit denoise stack.tif --isotropic --psf 0.16 0.45
  denoisekit denoise cell.tif --model results/mine/models/actin/laplace/seed0 --interval 90
  denoisekit denoise cell.tif --model LAPLACE/seed0 --model LAPLACE/seed1 --model LAPLACE/seed2
"""


def denoise(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Images, movies, or folders of them.")
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="A trained network: a folder with card.json, or an exported .zip. Given several "
            "times, networks of several seeds, which restore together.",
        ),
    ] = None,
    filter_name: FilterOption = None,
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
    noise_model: NoiseModelOption = None,
    channel: ChannelOption = None,
    scene: SceneOption = None,
    outside: OutsideOption = None,
    normalize: NormalizeOption = None,
    units: UnitsOption = None,
    turned: TurnedOption = None,
    interval: IntervalOption = None,
    isotropic: IsotropicOption = False,
    psf: PsfOption = None,
    psf_lateral: PsfLateralOption = None,
    pixel_size: PixelSizeOption = None,
    z_spacing: ZSpacingOption = None,
    blank: Annotated[
        Blank,
        typer.Option(
            help="Planes with one value everywhere (a dropped frame, an empty channel): pass them "
            "through as they are, skip the image, or stop at it as at a mistake."
        ),
    ] = Blank.PASS,
) -> None:
    """Restore images and movies with a trained network, or with a filter.

    Every frame, depth and channel is restored by itself (volumes as a whole, by a network for
    volumes), and written as 32-bit TIFF in the image's own units, with its axes and pixel size. An
    image that cannot be restored is named, and the others are restored all the same; interrupted,
    the same command goes on with those that are left. Planes that were passed through as they are,
    since they are blank, are listed in blank.tsv.

    A network that restores channels jointly takes files with an axis C of just these channels, by
    their names or else in its order, and restores all of them.

    With --isotropic, a stack whose planes lie farther apart than its pixels is restored between
    them, by a network that is trained on this stack alone, and comes back with as many voxels along
    z as across; beside it, in directions/, lies how far what was restored along x and along y
    differs.
    """
    if bool(model) + (filter_name is not None) + isotropic != 1:
        raise typer.BadParameter("Give either --model or --filter or --isotropic.")
    of_networks = {
        "weights": weights and weights.value,
        "percentiles": percentiles,
        "noise_model": noise_model,
        "units": units and units.value,
        "turned": turned,
    }
    together = normalize and normalize.value
    made_by = _finished.recipe(
        [*(model or []), *filter(None, [noise_model])],
        **{"filter": filter_name, "tile": tile, "channel": channel, "scene": scene},
        **{"outside": outside, "normalize": together, "interval": interval, "blank": blank.value},
        **{name: value for name, value in of_networks.items() if name != "noise_model"},
        **{"isotropic": isotropic, "psf": psf, "psf_lateral": psf_lateral},
        **{"pixel_size": pixel_size, "z_spacing": z_spacing},
    )
    finished = _finished.Finished(output, made_by)
    jobs = _plan(_files(images), output, finished, overwrite=overwrite)
    if not jobs:
        return
    if isotropic:
        given = {**of_networks, "normalize": together, "interval": interval, "outside": outside}
        sizes = _isotropic.sizes(psf, psf_lateral, pixel_size, z_spacing, others=given)
        with working_in(output), _show.progress() as tell:
            stacks = _isotropic.Isotropic(*sizes, tile, tell)
            done = _restore_each(jobs, stacks, finished, channel=channel, scene=scene)
        _tell_failed(jobs, done)
        return
    if psf or psf_lateral or pixel_size or z_spacing:
        raise InputError(
            "--psf, --psf-lateral, --pixel-size and --z-spacing are for --isotropic; leave them "
            "out."
        )
    jointly = False
    if not model:
        given = {**of_networks, "normalize": together, "interval": interval}
        restore: Any = open_filter(str(filter_name), outside=outside, of_networks=given)
        outside = None
    elif jointly := _restores_jointly(model):
        others = {"interval": interval, "channel": channel}
        restore = open_jointly(model, tile=tile, **of_networks, **others)
    else:
        restore = _open_model(model, tile=tile, **of_networks)
        _check_interval(interval, restore.model.card)
    together = together or restore.normalize
    with working_in(output), _show.progress() as tell:
        parts: Parts | Jointly
        if jointly:
            parts = Jointly(restore, together, outside, blank, tell, made_by)
        else:
            parts = Parts(restore, together, outside, blank, tell, made_by, interval)
        done = _restore_each(jobs, parts, finished, channel=channel, scene=scene)
    _list_blank(output, done)
    _tell_failed(jobs, done)


def _tell_failed(jobs: Mapping[Path, Path], done: Mapping[str, Sequence[str]]) -> None:
    failed = len(jobs) - len(done)
    if failed:
        raise InputError(f"{failed} of {len(jobs)} images could not be restored.")


def _check_interval(percent: float | None, card: Mapping[str, Any]) -> None:
    """Raise InputError if an interval is asked for that there is not; tell if it is a noisy one."""
    if percent is None:
        return
    if not 0 < percent < 100:
        raise InputError(f"--interval must be between 0 and 100 per cent, but is {percent:g}.")
    if not card["probabilistic"] and card["network"].get("outputs", 1) == 1:
        raise InputError(
            "The network predicts no scale beside its image, so that it tells no interval; take "
            "one that was trained by the loss 'laplace', or one of PN2V, or leave --interval out."
        )
    if card.get("method", {}).get("objective") in ("noise2noise", "neighbours"):
        print(
            "Note: the network learned what noisy images are like, so that its interval holds the "
            "noise of one, too, and is too wide for the truth.",
            file=sys.stderr,
        )


def _restores_jointly(models: Sequence[Path]) -> bool:
    from denoisekit.restoring import model_folder

    return model_folder.restores_jointly(models[0])


def _open_model(models: Sequence[Path], **options: Any) -> Any:
    from denoisekit.restoring import model_folder

    options["note"] = lambda sentence: print(f"Note: {sentence}", file=sys.stderr)
    if len(models) > 1:
        return model_folder.open_ensemble(models, **options)
    return model_folder.open(models[0], **options)


def _restore_each(
    jobs: Mapping[Path, Path],
    parts: Parts | Jointly | _isotropic.Isotropic,
    finished: _finished.Finished,
    *,
    channel: str | None,
    scene: str | None,
) -> dict[str, list[str]]:
    """Restore files one after the other, and return the blank parts of each that was looked at.

    What befalls one of several is told, and the others are restored all the same.
    """
    done: dict[str, list[str]] = {}
    for source, target in jobs.items():
        start = time.monotonic()
        try:
            with reading.opened(
                source, unnamed=parts.unnamed, channel=channel, scene=scene
            ) as stack:
                restored = parts.restore_file(stack, target)
        except Skipped as skipped:
            print(f"Note: {skipped}; it is left out.", file=sys.stderr)
            done[target.name] = []
        except Exception as error:
            sentence = _why(error, source)
            if len(jobs) == 1:
                raise InputError(sentence) from error
            print(f"Error: {sentence}", file=sys.stderr)
        else:
            finished.add(source, target)
            done[target.name] = restored.blank
            seconds = time.monotonic() - start
            print(f"{source} -> {target} ({restored.parts} in {seconds:.1f} s)", flush=True)
    return done


def _list_blank(output: Path, done: Mapping[str, Sequence[str]]) -> None:
    """List the blank parts of all files in a folder; those restored now replace what was said."""
    path = output / "blank.tsv"
    before = read_table(path) if path.exists() else []
    rows = [row for row in before if row["image"] not in done]
    rows += [{"image": name, "part": part} for name, parts in done.items() for part in parts]
    if rows:
        write_table(path, rows)
    else:
        path.unlink(missing_ok=True)


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


def _plan(
    files: Sequence[Path], output: Path, finished: _finished.Finished, *, overwrite: bool
) -> dict[Path, Path]:
    """Return what each image is restored to; an InputError if anything would be written over.

    Those that are restored already, by an earlier run of the same, are left out and counted.
    """
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
    left = {file: target for file, target in jobs.items() if not finished.has(file, target)}
    if len(left) < len(jobs):
        print(
            f"{len(jobs) - len(left)} of {len(jobs)} images are restored already, of the same "
            "content and by the same settings, and are kept."
        )
    there = [target for target in left.values() if target.exists()]
    if there and not overwrite:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise InputError(
            f"{there[0]}{more} is there already; name another folder with --output, or replace it "
            "with --overwrite."
        )
    return left


def _why(error: Exception, source: Path) -> str:
    """Say why a file could not be restored; what would stop all others, too, is raised again."""
    if isinstance(error, InputError):
        return str(error)
    sentence = system_sentence(error, output=f"restoring {source}")
    if sentence and isinstance(error, OSError):
        raise error
    return sentence or f"{source} could not be restored ({type(error).__name__}: {error})."

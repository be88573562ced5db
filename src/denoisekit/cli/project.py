"""``denoisekit project``: a sheet of cells in a stack as one plane, and how deep it lies."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from denoisekit.cli._options import ChannelOption, SceneOption
from denoisekit.errors import InputError, told_of
from denoisekit.images import reading
from denoisekit.images.image import write_image
from denoisekit.images.stacks import Stack

if TYPE_CHECKING:
    from denoisekit.restoring.projection import Projector

EXAMPLES = """\b
Examples:
  denoisekit project wing.tif --output plane.tif --height height.tif
  denoisekit project wing.tif --channel 1 --along height.tif --output second.tif
  denoisekit project wing.tif --model MODEL --output plane.tif --height height.tif
  denoisekit project wing.tif --model wing.bioimageio.zip --output plane.tif
"""


class How(StrEnum):
    """What becomes of the pixels above each other."""

    SURFACE = "surface"
    MAXIMUM = "maximum"
    MEAN = "mean"


def project(
    stack: Annotated[Path, typer.Argument(metavar="STACK", help="A stack, or a movie of such.")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where the plane is written.")],
    how: Annotated[
        How, typer.Option(help="The brightest pixel near a smooth surface, or of all, or the mean.")
    ] = How.SURFACE,
    height: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the depth of the surface is written, in um."),
    ] = None,
    spread: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where it is written how sure that depth is, in um."),
    ] = None,
    along: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A depth written before, as of another channel."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="A trained network of stacks, which restores the plane, too: a folder with "
            "card.json, or an exported .zip.",
        ),
    ] = None,
    smoothing_um: Annotated[
        tuple[float, float], typer.Option(help="Of the noise, along z and across.")
    ] = (0.5, 0.4),
    surface_um: Annotated[float, typer.Option(min=0, help="Of the surface, across.")] = 2.0,
    reach_um: Annotated[
        float, typer.Option(min=0, help="How far from the surface the sheet is looked for.")
    ] = 2.0,
    half_planes: Annotated[
        int, typer.Option(min=0, help="Planes above and below the surface that are projected, too.")
    ] = 1,
    z_um: Annotated[
        float | None, typer.Option(help="How far planes lie apart, if the file does not tell.")
    ] = None,
    pixel_um: Annotated[
        float | None, typer.Option(help="Side of a pixel, if the file does not tell.")
    ] = None,
    channel: ChannelOption = None,
    scene: SceneOption = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there already.")
    ] = False,
) -> None:
    """Project a sheet of cells, such as an epithelium, out of stacks into one plane.

    The surface is found where the stack is brightest, and made smooth; widths are standard
    deviations of Gaussians, in um. Depths count from the first plane, which is 0. With --model, a
    network that a study trained finds the sheet and restores its plane; depth and how sure it is
    are then mean and standard deviation by the network's weights.
    """
    if model is not None and (how is not How.SURFACE or along is not None):
        raise typer.BadParameter("--model projects by its network; leave --how and --along out.")
    wanted = {"plane": output, "height": height, "spread": spread}
    _check_asked(how, wanted, along, overwrite=overwrite)
    with reading.opened(stack, unnamed="Z", channel=channel, scene=scene) as opened:
        found = opened.grey(how="with --channel")
        for sentence in found.told:
            print(f"Note: {sentence}", file=sys.stderr)
        if found.side("Z") < 2:
            raise InputError(
                f"{stack} has the axes {found.axes}, but a sheet is projected out of stacks with "
                "an axis Z; correct the file's axes."
            )
        sizes = _sizes(found, z_um, pixel_um) if how is How.SURFACE else None
        depths = None if along is None else _depths(along)
        network = None if model is None else _opened(model)
        made = []
        for frame, place in enumerate(found.places(volumes=True)):
            pixels = found.read(place)
            with told_of(str(stack) if found.side("T") == 1 else f"{stack}, frame {frame}"):
                if sizes is None:
                    made.append({"plane": _flat(pixels, how)})
                elif network is not None:
                    made.append(_by_network(network, pixels, sizes[0]))
                elif depths is None:
                    widths = smoothing_um, surface_um, reach_um
                    made.append(_on_surface(pixels, sizes, widths, half_planes))
                else:
                    made.append({"plane": _along(pixels, depths, frame, sizes, half_planes)})
        for name, path in wanted.items():
            if path is not None:
                _write(path, [one[name] for one in made], found, pixel_um)


def _check_asked(
    how: How, wanted: Mapping[str, Path | None], along: Path | None, *, overwrite: bool
) -> None:
    depths = [name for name in ("height", "spread") if wanted[name] is not None]
    if depths and (how is not How.SURFACE or along is not None):
        raise typer.BadParameter(f"There is a --{depths[0]} of a surface alone that is found.")
    if along is not None and how is not How.SURFACE:
        raise typer.BadParameter("--along is a surface, so that --how must be surface.")
    for path in wanted.values():
        if path is not None and path.exists() and not overwrite:
            raise InputError(f"{path} is there already; name another file, or say --overwrite.")


def _sizes(found: Stack, z_um: float | None, pixel_um: float | None) -> tuple[float, float]:
    """Return how far planes lie apart, and the side of a pixel, which are never guessed."""
    z_step, side = found.scale.spacing_um or z_um, found.scale.width_um or pixel_um
    for option, given, told in (("--z-um", z_um, z_step), ("--pixel-um", pixel_um, side)):
        if given not in (None, told):
            sentence = f"{found.path} tells {told:g} um itself, which is taken instead of {option}."
            print(f"Note: {sentence}", file=sys.stderr)
    if not z_step or not side:
        lacking = (
            "--pixel-um, the side of a pixel" if z_step else "--z-um, how far planes lie apart"
        )
        raise InputError(f"{found.path} does not tell the size of its voxels; give {lacking}.")
    return z_step, side


def _flat(pixels: np.ndarray, how: How) -> np.ndarray:
    if how is How.MAXIMUM:
        return np.asarray(pixels.max(axis=0))
    return np.asarray(pixels.mean(axis=0, dtype=np.float64).astype(np.float32))


def _on_surface(
    pixels: np.ndarray,
    sizes: tuple[float, float],
    widths_um: tuple[tuple[float, float], float, float],
    half_planes: int,
) -> dict[str, np.ndarray]:
    """Project a stack along the surface that is found in it; depths are in um."""
    from denoisekit.images.surface import find_surface, project_along

    (z_step, side), (smoothing, smooth, reach) = sizes, widths_um
    surface = find_surface(
        pixels,
        smoothing_px=(smoothing[0] / z_step, smoothing[1] / side, smoothing[1] / side),
        surface_px=smooth / side,
        reach_planes=reach / z_step,
    )
    return {
        "plane": project_along(pixels, surface.height, half_planes=half_planes),
        "height": (surface.height * z_step).astype(np.float32),
        "spread": (surface.spread * z_step).astype(np.float32),
    }


def _opened(model: Path) -> "Projector":
    from denoisekit.restoring.model_folder import open_projection

    return open_projection(model)


def _by_network(network: "Projector", pixels: np.ndarray, z_step: float) -> dict[str, np.ndarray]:
    """Project a stack with a network; depths are in um."""
    found = network(pixels, "The stack", spacing_um=z_step)
    step = np.float32(z_step)
    return {"plane": found.restored, "height": found.height * step, "spread": found.spread * step}


def _depths(path: Path) -> np.ndarray:
    """Return the depths in a file, in um: (Y, X) of a stack, (T, Y, X) of a movie."""
    with reading.opened(path) as opened:
        found = opened.grey(how="with --channel")
        return np.stack([found.read(place) for place in found.places(volumes=False)])


def _along(
    pixels: np.ndarray,
    depths_um: np.ndarray,
    frame: int,
    sizes: tuple[float, float],
    half_planes: int,
) -> np.ndarray:
    from denoisekit.images.surface import project_along

    if frame >= len(depths_um):
        raise InputError(f"--along has depths of {len(depths_um)} frames; give those of all.")
    return project_along(pixels, depths_um[frame] / sizes[0], half_planes=half_planes)


def _write(path: Path, planes: list[np.ndarray], of: Stack, pixel_um: float | None) -> None:
    several = len(planes) > 1
    pixels = np.stack(planes) if several else planes[0]
    write_image(
        path,
        pixels if pixels.dtype in (np.uint8, np.uint16) else pixels.astype(np.float32),
        pixel_size_um=of.scale.width_um or pixel_um,
        axes="TYX" if several else "YX",
    )

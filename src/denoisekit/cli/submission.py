"""``denoisekit submission``: restored images as the AI4Life denoising challenges take them."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Example:
  denoisekit denoise input/images/image-stack-unstructured-noise --model MODEL --output restored
  denoisekit submission restored --inputs input/images/image-stack-unstructured-noise
"""
# Where the challenges' evaluation looks for results, below what they call the output.
_RESULTS = Path("images/image-stack-denoised")
_INCHES = 2


def submission(
    restored: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of restored images, as denoise leaves.")
    ],
    inputs: Annotated[
        Path, typer.Option(metavar="DIR", help="The challenge's noisy images, which were restored.")
    ],
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="What becomes the container's /output.")
    ] = Path("output"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace images that are there already.")
    ] = False,
) -> None:
    """Lay restored images out as the AI4Life denoising challenges on Grand Challenge take them.

    Each noisy image NAME.tif needs its restored one, and gets images/image-stack-denoised/NAME.tif:
    a plain TIFF of 32 bits in the very shape of the noisy image.
    """
    from denoisekit.errors import InputError
    from denoisekit.files import check_writable
    from denoisekit.images import reading

    noisy = sorted(inputs.glob("*.tif"))
    if not noisy:
        raise InputError(f"{inputs} holds no TIFF; name the folder of the challenge's images.")
    pairs = {path: restored / reading.file_name(path) for path in noisy}
    missing = [str(found) for found in pairs.values() if not found.is_file()]
    if missing:
        raise InputError(f"Not every image of {inputs} was restored: {', '.join(missing)} missing.")
    folder = output / _RESULTS
    targets = {path: folder / f"{path.stem}.tif" for path in noisy}
    there = [str(target) for target in targets.values() if target.exists()]
    if there and not overwrite:
        raise InputError(
            f"{', '.join(there)} there already; name another folder with --output, or replace them "
            "with --overwrite."
        )
    shapes = {path: _shape(path, restored=found) for path, found in pairs.items()}
    check_writable(folder)
    for path, found in pairs.items():
        _write(found, targets[path], shape=shapes[path])
        print(f"{found} -> {targets[path]}")


def _shape(path: Path, *, restored: Path) -> tuple[int, ...]:
    """Return a noisy image's shape, which the restored one must have but for sides of one pixel."""
    import tifffile

    from denoisekit._checks import shape_text
    from denoisekit.errors import InputError

    with tifffile.TiffFile(path) as file, tifffile.TiffFile(restored) as other:
        noisy, found = file.series[0], other.series[0]
        first, second = ([side for side in each.shape if side > 1] for each in (noisy, found))
        if first != second:
            raise InputError(
                f"{restored} has {shape_text(found)} pixels, but {path} has {shape_text(noisy)}; "
                "restore it again, as a whole."
            )
        return noisy.shape


def _write(restored: Path, target: Path, *, shape: tuple[int, ...]) -> None:
    """Write a restored image as a plain TIFF of a given shape."""
    import numpy as np
    import tifffile

    from denoisekit.files import replacing

    pixels = tifffile.imread(restored).astype(np.float32).reshape(shape)
    with replacing(target) as temporary:
        # Without a unit of length the challenges' platform takes no TIFF.
        tifffile.imwrite(temporary, pixels, photometric="minisblack", resolutionunit=_INCHES)

"""Sharpen an image by eSRRF, as NanoPyx has it: a command of a study.

Usage: restore_esrrf.py INPUT OUTPUT [--radius 1.5] [--sensitivity 1] [--magnification 5]

The radius is in pixels of the image. Magnified pixels are averaged to those of the image again, and
the mean of this and of the same turned by half a turn is written, since eSRRF moves an image by a
fraction of a pixel. Of one image it takes gradients alone; what fluctuations tell takes a movie.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import tifffile

# NanoPyx keeps which of its ways was fastest in the home folder, and would choose by it.
os.environ["HOME"] = tempfile.mkdtemp()
from nanopyx import eSRRF

WAY = "threaded"


def sharpened(image: np.ndarray, *, magnification: int, radius: float, **options: float):
    """Return eSRRF of an image (Y, X), on its own grid; the border would be black of its own."""
    border = int(np.ceil(2 * radius)) + 2
    padded = np.pad(image, border, mode="reflect")
    found = eSRRF(
        padded[None],
        **{"magnification": magnification, "radius": radius, **options},
        _force_run_type=WAY,
    )
    rows, columns = padded.shape
    finer = np.asarray(found, np.float64).reshape(rows, magnification, columns, magnification)
    return finer.mean(axis=(1, 3))[border:-border, border:-border]


def main() -> None:
    """Sharpen one image."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("input", "output"):
        parser.add_argument(name, type=Path)
    for name, default in (("radius", 1.5), ("sensitivity", 1), ("magnification", 5)):
        parser.add_argument(f"--{name}", type=type(default), default=default)
    args = parser.parse_args()
    image = tifffile.imread(args.input).astype(np.float32)
    options = {name: getattr(args, name) for name in ("magnification", "radius", "sensitivity")}
    turned = sharpened(image[::-1, ::-1].copy(), **options)[::-1, ::-1]
    restored = (sharpened(image, **options) + turned) / 2
    tifffile.imwrite(args.output, restored.astype(np.float32))


if __name__ == "__main__":
    main()

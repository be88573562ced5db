"""Measure what the proof that no test image is trained on takes of many large images.

Usage: python benchmarks/large_sets.py --train 1000 --test 200 --side 2048

Images are drawn anew whenever one is asked for, structures of squares under noise; a test image is
a copy of a training image, shifted by a third of a side, and must be found. Prints seconds of a
processor, without those of drawing, and the most memory at any time.
"""

import argparse
import resource
import sys
import time

import numpy as np

from denoisekit.datasets import leakage

_SQUARE = 16


class Drawn:
    """Draws images by their numbers, and counts the seconds that takes."""

    def __init__(self, side: int, *, copied: int) -> None:
        self.side, self.copied, self.seconds = side, copied, 0.0

    def read(self, name: str) -> np.ndarray:
        """Draw one image, (side, side), uint16; the first test image is a copy."""
        began = time.process_time()
        kind, number = name.split("-")
        copy = name == "test-0"
        rng = np.random.default_rng([kind == "train" or copy, self.copied if copy else int(number)])
        squares = rng.gamma(0.5, 400, (self.side // _SQUARE,) * 2)
        if copy:
            squares = np.roll(squares, len(squares) // 3, axis=(0, 1))
        light = np.repeat(np.repeat(squares, _SQUARE, axis=0), _SQUARE, axis=1)
        image = rng.poisson(100 + light).astype(np.uint16)
        self.seconds += time.process_time() - began
        return image

    def images(self, kind: str, count: int) -> leakage.Images:
        """Return so many images of a kind, read one at a time."""
        names = [f"{kind}-{number}" for number in range(count)]
        return leakage.Images(names, self.read, lambda name: (self.side, self.side))


def main() -> int:
    """Compare, and print what it took; 1 if the copy was not found, or another one was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("train", "test", "side"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    drawn = Drawn(options.side, copied=options.train // 2)
    train, test = (drawn.images(kind, getattr(options, kind)) for kind in ("train", "test"))
    began = time.process_time()
    matches = leakage.compare(train, test, report=lambda line: print(line, file=sys.stderr))
    seconds = time.process_time() - began - drawn.seconds
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    copy, *others = matches
    print("| trained on | tested on | side | seconds | GiB | likeness of the copy | of others |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    print(
        f"| {options.train} | {options.test} | {options.side} | {seconds:.0f} | {most:.2f} | "
        f"{copy.resemblance:.2f} | {max((m.resemblance for m in others), default=0):.2f} at most |"
    )
    return int(copy.train_image != f"train-{drawn.copied}" or copy.resemblance < 0.8)


if __name__ == "__main__":
    sys.exit(main())

"""Restore single real images by filters that need no training, and print their PSNR as Markdown.

Usage: python benchmarks/single_images.py gaussian vst-bm3d pretrained

DENOISEKIT_SAMPLE_DATA names the folder of real images that the tests take: one field each of actin
and mitochondria (the last 512 x 512 px), the second frame of every configuration of FMD's test mix
(its middle 256 x 256 px), and the first three frames of microtubules. PSNR is CARE's, in dB.
"""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from denoisekit import filters
from denoisekit.evaluation.conventions import score
from denoisekit.images.reading import read_image

OPTIONS = {"nlm": {"patch_size": 5, "patch_distance": 6}}


def images(folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield the name of each set, a noisy image and its truth, (Y, X)."""
    for name in ("actin-20x", "actin-60x", "mito-60x"):
        low, high = (
            read_image(folder / f"hagen_gigadb/{kind}/{name}-noise1.tif").pixels[-512:, -512:]
            for kind in ("low_adu16", "high")
        )
        yield name, low, high
    for path in sorted((folder / "fmd_test_mix/gt").glob("*.png")):
        raw = folder / f"fmd_test_mix/raw/{path.stem}_2.png"
        low, high = (read_image(file).pixels[128:384, 128:384] for file in (raw, path))
        yield path.stem.replace("_", " "), low, high
    lows = sorted((folder / "sim_microtubule_16bit/low").iterdir())[:3]
    for path in lows:
        high = next((folder / "sim_microtubule_16bit/high").glob(f"{path.stem}*"))
        yield "microtubules", read_image(path).pixels, read_image(high).pixels


def main() -> None:
    """Restore, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("filters", nargs="+", choices=filters.names())
    names = parser.parse_args().filters
    found: dict[str, list[list[float]]] = {}
    seconds = np.zeros(len(names))
    for image, low, high in images(Path(os.environ["DENOISEKIT_SAMPLE_DATA"])):
        scores = []
        for number, name in enumerate(names):
            start = time.perf_counter()
            restored = filters.get(name)(low, **OPTIONS.get(name, {})).pixels
            seconds[number] += time.perf_counter() - start
            scores.append(score(high, restored, low=low, convention="care")["psnr"])
        found.setdefault(image, []).append(scores)
    print("| | " + " | ".join(f"`{name}`" for name in names) + " |")
    print("|---" * (len(names) + 1) + "|")
    means = {image: np.mean(scores, axis=0) for image, scores in found.items()}
    means["mean of the sets"] = np.mean(list(means.values()), axis=0)
    for image, values in means.items():
        print(f"| {image} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    print("| seconds in all | " + " | ".join(f"{value:.0f}" for value in seconds) + " |")


if __name__ == "__main__":
    main()

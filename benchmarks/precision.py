"""Train and restore in full and in mixed precision, and compare the scores.

Usage: python benchmarks/precision.py FOLDER STUDY [--train-set actin] [--seeds 3]

FOLDER is a working directory in which a study (config/STUDY.yaml) has run: its patches are trained
on, and its test images of the same data set are restored and scored as CARE scores. Differences
between the precisions are to be held against those between seeds. Prints Markdown.
"""

import argparse
from itertools import product
from pathlib import Path
from statistics import mean, stdev

from learning import Learning


def over_seeds(rows: list[dict[str, float]], name: str, digits: int) -> str:
    """Return the mean and the standard deviation of a score over seeds."""
    values = [row[name] for row in rows]
    return f"{mean(values):.{digits}f} ± {stdev(values):.{digits}f}"


def main() -> None:
    """Compare the precisions for every network of a study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("study")
    parser.add_argument("--train-set", default="actin")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    place = (options.folder, options.study, options.train_set)
    print("| method | precision | PSNR (dB), mean and sd over seeds | SSIM |")
    print("|---|---|---|---|")
    methods = Learning(*place, method="").config["methods"]
    trained = [name for name, method in methods.items() if "network" in method]
    for method, precision in product(trained, ("full", "mixed")):
        learning = Learning(*place, method)
        rows = []
        for seed in range(options.seeds):
            network, _ = learning.train(seed=seed, precision=precision)
            rows.append(learning.score(network, precision=precision))
        cells = [over_seeds(rows, "psnr", 3), over_seeds(rows, "ssim", 4)]
        print(f"| {method} | {precision} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

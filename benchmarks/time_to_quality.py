"""How many seconds of training a recipe needs to come within 0.1 dB of the best that any reaches.

Usage: python benchmarks/time_to_quality.py FOLDER STUDY METHOD [METHOD ...] [--train-set actin]

FOLDER is a working directory in which a study (config/STUDY.yaml) with these methods has run. Each
method is trained for 1/8, 1/4, 1/2, 1, 2 and 4 times the study's epochs, each time with a whole
schedule, one thread, and scored on the test images of its own data set as CARE scores. Run nothing
beside it: seconds are of this machine. Prints Markdown.
"""

import argparse
from pathlib import Path

from learning import Learning

SHARES = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4)
NEAR_DB = 0.1


def main() -> None:
    """Train every method for every time, and say when it comes near the best."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("study")
    parser.add_argument("methods", nargs="+")
    parser.add_argument("--train-set", default="actin")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    reached: dict[str, list[tuple[float, float]]] = {}
    print("| method | steps | seconds | PSNR (dB) |")
    print("|---|---|---|---|")
    for method in options.methods:
        learning = Learning(options.folder, options.study, options.train_set, method)
        training = learning.config["training"]
        for share in SHARES:
            epochs = max(1, round(share * training["epochs"]))
            network, seconds = learning.train(seed=options.seed, epochs=epochs)
            psnr = learning.score(network, precision=training["precision"])["psnr"]
            reached.setdefault(method, []).append((seconds, psnr))
            steps = epochs * training["steps_per_epoch"]
            print(f"| {method} | {steps} | {seconds:.1f} | {psnr:.3f} |", flush=True)
    best = max(psnr for points in reached.values() for _, psnr in points)
    print(f"\nWithin {NEAR_DB} dB of the best, {best:.2f} dB:\n")
    for method, points in reached.items():
        near = [seconds for seconds, psnr in points if psnr >= best - NEAR_DB]
        print(f"- {method}: {f'{min(near):.1f} s' if near else 'not reached'}")


if __name__ == "__main__":
    main()

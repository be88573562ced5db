"""Measure how often a network is said to differ from the best filter where it does not.

Usage: python benchmarks/best_filter.py --repetitions 2000 --seed 0

Scores are drawn for a network and several filters: of every image (what all methods share), and of
every image with every method, which is the unit. The network's mean is that of the best filter; the
others are as good, or worse by so much that they are never taken for the best. With seeds the
network has several, which spread by 0.5, and by 0.5 on each image. Prints Markdown: in per cent of
the samples, how often the network is called better and worse at alpha = 0.05, and how often the
interval holds the true difference of zero, by denoisekit's test and, beside it, by the plain test
against the filter that has the best mean on the same images.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from denoisekit.statistics import crossed
from denoisekit.statistics.best_filter import difference_from_best

ALPHA = 0.05
#: Images, filters as good as the best, filters that are worse, seeds of the network.
CASES = [
    (images, *case)
    for images in (9, 40)
    for case in ((1, 0, 1), (3, 0, 1), (6, 0, 1), (1, 2, 1), (3, 0, 3), (1, 2, 3))
]
WORSE = -3.0


def drawn(
    rng: np.random.Generator, images: int, good: int, worse: int, seeds: int
) -> list[crossed.MeanDifference]:
    """Return what a network's and the filters' scores on the same images say of each filter."""
    means = np.repeat([0.0, WORSE], [good, worse])
    filters = means + rng.standard_normal((images, good + worse))
    network = rng.standard_normal((images, 1))
    if seeds == 1:
        return [crossed.over_images(network[:, 0] - scores) for scores in filters.T]
    network = network + 0.5 * rng.standard_normal((1, seeds))
    network = network + 0.5 * rng.standard_normal((images, seeds))
    return [crossed.mean_difference(network, scores[:, None], shared=False) for scores in filters.T]


def verdicts(tests: Sequence[crossed.MeanDifference]) -> np.ndarray:
    """Say whether each test finds the network better, finds it worse, and holds the truth."""
    ours = difference_from_best(tests, alpha=ALPHA)
    plain = tests[ours.best].interval(alpha=ALPHA)
    ends = ((ours.low, ours.high), (plain.low, plain.high))
    return np.array([(low > 0, high < 0, low <= 0 <= high) for low, high in ends]).ravel()


def main() -> None:
    """Draw, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print(
        "| images | filters as good | worse filters | seeds | better | worse | covered | plain: "
        "better | worse | covered |"
    )
    print("|" + "---:|" * 10)
    for case in CASES:
        found = [verdicts(drawn(rng, *case)) for _ in range(options.repetitions)]
        shares = " | ".join(f"{100 * share:.1f}" for share in np.mean(found, axis=0))
        print(f"| {' | '.join(map(str, case))} | {shares} |", flush=True)


if __name__ == "__main__":
    main()

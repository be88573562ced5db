"""Measure how often tests call methods different that are alike, by what they take seeds for.

Usage: python benchmarks/seed_effects.py --repetitions 2000 --seed 0

Scores are drawn for two methods of the same mean: of every image (in units of its spread: how
differently methods do on images, whatever the seed), of every seed, and of every image with every
seed. Prints Markdown: the share of samples in per cent with p below 0.05 of a paired t-test over
images whose seeds are averaged, of Satterthwaite's test of the summed variances, and of
denoisekit's.
"""

import argparse
from itertools import product

import numpy as np
from scipy.stats import t as student

from denoisekit.statistics import crossed

ALPHA = 0.05
IMAGES, SEEDS = (9, 40), (2, 3, 5)
#: Spread by seeds, and by images with seeds, of the first and of the second method.
EFFECTS = {
    "none": ((0.0, 0.0), (0.0, 0.0)),
    "small": ((0.2, 0.5), (0.2, 0.5)),
    "large": ((1.0, 1.0), (1.0, 1.0)),
    "large of one": ((1.0, 0.0), (0.1, 0.0)),
    "small; a filter": ((0.2, 0.5), None),
    "large; a filter": ((1.0, 1.0), None),
}


def drawn(
    rng: np.random.Generator, images: int, seeds: int, spreads: tuple[float, float] | None
) -> np.ndarray:
    """Return scores of a method, (images, seeds); a filter has one column."""
    if spreads is None:
        return np.zeros((images, 1))
    by_seed, by_both = spreads
    own = by_seed * rng.standard_normal(seeds)
    return own + by_both * rng.standard_normal((images, seeds))


def verdicts(first: np.ndarray, second: np.ndarray) -> tuple[bool, bool, bool]:
    """Say whether the three tests find a difference."""
    found = crossed.mean_difference(first, second, shared=False)
    over_images = abs(found.value) / np.sqrt(found.by_images)
    parts = [(found.by_images, found.images_freedom), (found.by_seeds, found.seeds_freedom)]
    freedom = found.error**4 / sum(variance**2 / degrees for variance, degrees in parts)
    interval = found.interval(alpha=ALPHA)
    return (
        over_images > student.isf(ALPHA / 2, found.images_freedom),
        abs(found.t) > student.isf(ALPHA / 2, freedom),
        interval.low > 0 or interval.high < 0,
    )


def main() -> None:
    """Draw, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print("| what seeds do | images | seeds | images alone | Satterthwaite | Cochran |")
    print("|---|---:|---:|---:|---:|---:|")
    for (name, spreads), images, seeds in product(EFFECTS.items(), IMAGES, SEEDS):
        wrong = np.zeros(3)
        for _ in range(options.repetitions):
            first, second = (drawn(rng, images, seeds, of) for of in spreads)
            wrong += verdicts(first + rng.standard_normal((images, 1)), second)
        shares = " | ".join(f"{100 * count / options.repetitions:.1f}" for count in wrong)
        print(f"| {name} | {images} | {seeds} | {shares} |", flush=True)


if __name__ == "__main__":
    main()

"""Measure how often intervals of a mean difference hold the true one, by method and sample.

Usage: python benchmarks/coverage.py --repetitions 2000 --resamples 999 --seed 0

Differences between two methods' scores are drawn from three distributions of mean zero: normal,
with heavy tails (Student's t with 3 degrees of freedom) and skewed (exponential). Prints Markdown:
the share of 95 % intervals that hold zero, in per cent, of Student's t (which denoisekit takes), of
the bootstrap (BCa) and of the bootstrap of t.
"""

import argparse

import numpy as np
from scipy.stats import bootstrap

from denoisekit.statistics.paired_tests import mean_difference

ALPHA = 0.05
IMAGES = (6, 9, 12, 19, 20, 40, 60)
DRAWN = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "heavy tails": lambda rng, n: rng.standard_t(3, n),
    "skewed": lambda rng, n: rng.exponential(size=n) - 1,
}


def student(differences: np.ndarray, rng: np.random.Generator, resamples: int) -> tuple:
    """Return denoisekit's interval."""
    found = mean_difference(differences, alpha=ALPHA)
    return found.low, found.high


def bca(differences: np.ndarray, rng: np.random.Generator, resamples: int) -> tuple:
    """Return the bias-corrected and accelerated interval (doi 10.1080/01621459.1987.10478410)."""
    options = {"n_resamples": resamples, "confidence_level": 1 - ALPHA, "method": "BCa"}
    return tuple(bootstrap((differences,), np.mean, rng=rng, **options).confidence_interval)


def bootstrap_t(differences: np.ndarray, rng: np.random.Generator, resamples: int) -> tuple:
    """Return the interval by the resampled t (Efron 1981, doi 10.2307/3314608)."""
    n, mean, error = differences.size, differences.mean(), differences.std(ddof=1)
    drawn = differences[rng.integers(0, n, (resamples, n))]
    spread = drawn.std(axis=1, ddof=1)
    t = (drawn.mean(axis=1) - mean)[spread > 0] / spread[spread > 0]
    low, high = np.quantile(t, [ALPHA / 2, 1 - ALPHA / 2])
    return mean - high * error, mean - low * error


METHODS = {"Student": student, "BCa": bca, "bootstrap of t": bootstrap_t}


def main() -> None:
    """Draw, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print("| differences | images | " + " | ".join(METHODS) + " |")
    print("|---|---:" + "|---:" * len(METHODS) + "|")
    for kind, draw in DRAWN.items():
        for n in IMAGES:
            held = dict.fromkeys(METHODS, 0)
            for _ in range(options.repetitions):
                differences = draw(rng, n)
                for name, method in METHODS.items():
                    low, high = method(differences, rng, options.resamples)
                    held[name] += low <= 0 <= high
            shares = " | ".join(
                f"{100 * count / options.repetitions:.1f}" for count in held.values()
            )
            print(f"| {kind} | {n} | {shares} |", flush=True)


if __name__ == "__main__":
    main()

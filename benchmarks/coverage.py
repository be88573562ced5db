"""Measure how often the intervals and bounds that studies print hold what they should.

Usage: python benchmarks/coverage.py --repetitions 2000 --resamples 999 --seed 0

Prints four tables in Markdown.

- Mean differences between two methods' scores, drawn from three distributions of mean zero: normal,
  with heavy tails (Student's t with 3 degrees of freedom) and skewed (exponential). The share of
  95 % intervals that hold zero, of Student's t (which denoisekit takes), of the bootstrap (BCa) and
  of the bootstrap of t.
- AUC of telling images of one kind from others, drawn from two normal distributions of equal or
  unlike spread, and with each image on both sides (correlated). The share of Newcombe's intervals
  that hold the true AUC.
- The least light at which a score reaches its limit. Every image reaches it at a light of its own;
  scores fall along a logistic curve over the logarithm of the light, and are noisy. The share of
  intervals that hold the mean logarithm, where one is told.
- Conformal risk control. Errors follow Laplace distributions whose scale is wrong by a factor of
  each image's own. The mean share of pixels that are missed in a new image.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import bootstrap, norm

from denoisekit.evaluation.calibration import control_risk
from denoisekit.statistics.dose import least_light
from denoisekit.statistics.mismatch import auc
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


#: Shift of the second kind of images, its spread, and how alike an image's two values are.
SIDES = {
    "as probable": (0.0, 1.0, 0.0),
    "apart": (1.0, 1.0, 0.0),
    "far apart": (2.5, 1.0, 0.0),
    "apart, unlike spread": (1.0, 2.0, 0.0),
    "apart, the same images": (1.0, 1.0, 0.8),
}
DOSES = np.log([100.0, 30.0, 10.0, 3.0, 1.0])
LIMIT = 0.8
#: Spread of the images' own logarithms of the least light, and noise of a score.
LIGHTS = {"alike images": (0.2, 0.005), "unlike images": (0.5, 0.005), "noisy scores": (0.3, 0.02)}
#: Spread of the logarithm of the factor by which an image's scales are wrong.
FACTORS = {"alike images": 0.1, "unlike images": 0.5}
MISSED = 0.1
PIXELS = 2000


def differences(rng: np.random.Generator, repetitions: int, resamples: int) -> Iterator[list[str]]:
    """Yield rows of the table of mean differences."""
    yield ["differences", "images", *METHODS]
    for kind, draw in DRAWN.items():
        for n in IMAGES:
            held = dict.fromkeys(METHODS, 0)
            for _ in range(repetitions):
                drawn = draw(rng, n)
                for name, method in METHODS.items():
                    low, high = method(drawn, rng, resamples)
                    held[name] += low <= 0 <= high
            yield [kind, str(n), *(_percent(count, repetitions) for count in held.values())]


def areas(rng: np.random.Generator, repetitions: int) -> Iterator[list[str]]:
    """Yield rows of the table of AUC."""
    yield ["images of both kinds", "AUC", *(f"{n} of each" for n in (6, 9, 20))]
    for kind, (shift, spread, alike) in SIDES.items():
        true = float(norm.cdf(shift / np.hypot(1, spread)))
        shares = []
        for n in (6, 9, 20):
            held = 0
            for _ in range(repetitions):
                first = rng.standard_normal(n)
                own = alike * first + np.sqrt(1 - alike**2) * rng.standard_normal(n)
                _, low, high = auc(first, shift + spread * own, alpha=ALPHA)
                held += low <= true <= high
            shares.append(_percent(held, repetitions))
        yield [kind, f"{true:.2f}", *shares]


def lights(rng: np.random.Generator, repetitions: int) -> Iterator[list[str]]:
    """Yield rows of the table of the least light."""
    yield ["scores", "images", "told", "held where told"]
    for kind, (spread, noise) in LIGHTS.items():
        for n in (6, 9, 20):
            told = held = 0
            for _ in range(repetitions):
                found = least_light(
                    _dimmed(rng, n, spread, noise),
                    sweeps={"light": {"metric": "ssim", "limit": LIMIT}},
                    alpha=ALPHA,
                ).iloc[0]
                told += not found["note"]
                held += bool(found["low"] <= 10 <= found["high"])
            yield [kind, str(n), _percent(told, repetitions), _percent(held, told)]


def _dimmed(rng: np.random.Generator, n: int, spread: float, noise: float) -> pd.DataFrame:
    """Draw scores of images that reach the limit at 10 photons per pixel, in geometric mean."""
    own = np.log(10.0) + spread * rng.standard_normal((n, 1))
    scores = expit(logit(LIMIT) + (DOSES - own) / 1.2) + noise * rng.standard_normal((n, 5))
    image, dose = np.indices(scores.shape)
    columns = {"image": image.ravel().astype(str), "photons": np.exp(DOSES)[dose.ravel()]}
    names = {"sweep": "light", "method": "drawn", "kind": "network", "quantity": "ssim"}
    return pd.DataFrame({**columns, "value": scores.ravel()}).assign(**names)


def risks(rng: np.random.Generator, repetitions: int) -> Iterator[list[str]]:
    """Yield rows of the table of conformal risk control."""
    yield ["scales", *(f"{n} images" for n in (9, 19, 40))]
    for kind, spread in FACTORS.items():
        shares = []
        for n in (9, 19, 40):
            missed = 0.0
            for _ in range(repetitions):
                factors = np.exp(spread * rng.standard_normal(n + 1))
                errors = rng.laplace(size=(n + 1, PIXELS)) * factors[:, None]
                flat = np.zeros((n, PIXELS))
                control = control_risk(errors[:-1], flat, flat + 1, alpha=MISSED)
                missed += float(np.mean(np.abs(errors[-1]) > control.factor))
            shares.append(_percent(missed, repetitions))
        yield [kind, *shares]


def _percent(count: float, repetitions: int) -> str:
    return f"{100 * count / repetitions:.1f}" if repetitions else ""


def main() -> None:
    """Draw, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, required=True)
    parser.add_argument("--resamples", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    tables = {
        "Mean differences": lambda rng: differences(rng, options.repetitions, options.resamples),
        "AUC": lambda rng: areas(rng, options.repetitions),
        "The least light": lambda rng: lights(rng, options.repetitions),
        f"Pixels missed, of {MISSED:.0%} at most": lambda rng: risks(rng, options.repetitions),
    }
    for title, table in tables.items():
        print(f"\n{title}, in per cent of {options.repetitions} samples:\n")
        for number, row in enumerate(table(np.random.default_rng(options.seed))):
            print("| " + " | ".join(row) + " |", flush=True)
            if number == 0:
                print("|" + "---|" * len(row))


if __name__ == "__main__":
    main()

"""Thin an exposure: share its photons out at random, as if two shorter exposures had caught them.

Each photon goes to one part with a given probability and to the other else (binomial thinning). The
parts of a Poisson law are independent, so that one can be restored and held against the other.

Photons are the values less the level at which the photon-transfer line says that there is no noise,
over its gain. Read noise counts as light by that, as much as has its variance: mean and variance of
these numbers are equal at any light, which is all that uncorrelated parts need.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from denoisekit.errors import InputError
from denoisekit.noise.units import measure, ratio, reference_line

# Numbers below zero, by read noise, are thinned with their sign; parts are then a little too
# unlike, by twice their share of the sum, which must be small.
_MOST_BELOW = 0.1
_LIKE = 1.5
_TOGETHER = 8


@dataclass(frozen=True)
class Light:
    """How an image counts photons: `gain` units for one, from the value `zero` on."""

    gain: float
    zero: float


@dataclass(frozen=True)
class Parts:
    """The two parts of a thinned image, each brought to the image's own units.

    Attributes
    ----------
    kept, rest
        Pixels, (Y, X) or (Z, Y, X), as bright on average as the image, and noisier.
    kept_variance, rest_variance
        Their mean noise variance over pixels, in the image's units squared.
    photons
        Mean photons of a pixel of the kept part.
    """

    kept: np.ndarray
    rest: np.ndarray
    kept_variance: float
    rest_variance: float
    photons: float


def measure_light(images: Mapping[str, Callable[[], np.ndarray]]) -> dict[str, Light]:
    """Measure how each of several images counts photons, from their noise.

    Images whose noise is that of the one of middle gain, to a factor of 1.5, are of one camera and
    setting, and share what up to eight of them tell together. Others are measured by themselves,
    and those whose noise tells nothing, or does not grow with the light, are left out.

    Parameters
    ----------
    images
        What reads the pixels of each, (Y, X) or (Z, Y, X).
    """
    measured = {name: measure([read()]) for name, read in images.items()}
    line = reference_line(list(measured.values()))
    known = {name: one for name, one in measured.items() if one}
    alike = [name for name, one in known.items() if line and 1 / _LIKE <= ratio(one, line) <= _LIKE]
    together = measure([images[name]() for name in alike[:_TOGETHER]]) if alike else None
    lines = {
        name: (together if together and name in alike else one).line for name, one in known.items()
    }
    return {name: Light(one.gain, -one.intercept / one.gain) for name, one in lines.items()}


def thin(
    pixels: np.ndarray, light: Light, *, kept: float, rng: np.random.Generator, name: str
) -> Parts:
    """Share the photons of an image out to two parts.

    Parameters
    ----------
    pixels
        Whole numbers, as a camera counts, (Y, X) or (Z, Y, X).
    light
        As `measure_light` returns it.
    kept
        The probability that a photon goes to the first part.
    rng
        Decides where each one goes.
    name
        What to call the image in an error.

    Raises
    ------
    InputError
        If the share does not lie between 0 and 1, values are no whole numbers, or more lie below
        the level without noise than read noise explains.

    References
    ----------
    Batson and Royer 2019, molecular cross-validation, doi 10.1101/786269.
    """
    if not 0 < kept < 1:
        raise InputError(f"The share of photons to keep must lie between 0 and 1, but is {kept:g}.")
    numbers, added = _numbers(pixels, light, rng, name)
    first = np.sign(numbers) * rng.binomial(np.abs(numbers), kept)

    def part(counted: np.ndarray, share: float) -> tuple[np.ndarray, float]:
        """Return a part in the image's units, and its noise: as many photons as their variance."""
        restored = light.zero + light.gain * (counted / share - added)
        return restored.astype(np.float32), float(light.gain**2 * counted.mean() / share**2)

    kept_part, kept_variance = part(first, kept)
    rest_part, rest_variance = part(numbers - first, 1 - kept)
    return Parts(kept_part, rest_part, kept_variance, rest_variance, float(first.mean()))


def _numbers(
    pixels: np.ndarray, light: Light, rng: np.random.Generator, name: str
) -> tuple[np.ndarray, float]:
    """Return photons as whole numbers, and what was added to them for the variance of rounding."""
    values = np.asarray(pixels, np.float64)
    odd = values[~(np.floor(values) == values)]
    if odd.size:
        raise InputError(
            f"{name} has values that are no counts ({odd[0]:g}), whose photons cannot be shared "
            "out; give the image as the camera counted it, neither averaged nor rescaled."
        )
    exact = (values - light.zero) / light.gain
    share = exact - np.floor(exact)
    # Rounded at random, so that the mean stays; the variance of that is added to the mean, too.
    added = float(np.mean(share * (1 - share)))
    exact += added
    numbers = np.floor(exact + rng.random(exact.shape)).astype(np.int64)
    below = -numbers[numbers < 0].sum()
    if numbers.sum() <= 0 or 2 * below > _MOST_BELOW * numbers.sum():
        raise InputError(
            f"{name} has {np.mean(numbers < 0):.0%} of its pixels below {light.zero:.4g}, where "
            "its noise says that there is no light, which read noise alone does not explain; its "
            "photons cannot be shared out."
        )
    return numbers, added

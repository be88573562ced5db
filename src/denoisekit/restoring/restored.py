"""Restored images, and the predicted distribution of each pixel: its quantiles, intervals, samples.

One type for whatever restores: a network, an ensemble of networks, a network of PN2V.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from denoisekit.errors import InputError
from denoisekit.evaluation.uncertainty import LaplaceMixture, combined
from denoisekit.noise.usable import put_back


class Distribution(Protocol):
    """What is predicted of each pixel."""

    def quantile(self, level: float) -> np.ndarray:
        """Return the quantile of a level between 0 and 1, (*spatial)."""

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        """Draw an image, (*spatial)."""


@dataclass(frozen=True)
class Restored:
    """A restored image in its input's or the truth's units, and what else is predicted of it.

    Attributes
    ----------
    mean
        The restored image, (*spatial).
    scale
        The Laplace scale, same shape and units; of an ensemble that of its mixture, the standard
        deviation over the root of 2. None of a network that predicts none, and of PN2V, whose
        posterior is of no one shape.
    disagreement
        Of an ensemble of networks with a scale, 0 (they say one thing) to 1; NaN outside of the
        field.
    spread
        Standard deviation of the members' means: of an ensemble of networks without a scale, or of
        PN2V; NaN outside of the field.
    prior_mean
        Of PN2V the mean of the prior's samples, which the pixel itself is not part of.
    distribution
        What is predicted of each pixel, where it is not the Laplace distribution of mean and scale.
    """

    mean: np.ndarray
    scale: np.ndarray | None = None
    disagreement: np.ndarray | None = None
    spread: np.ndarray | None = None
    prior_mean: np.ndarray | None = None
    distribution: Distribution | None = None

    def quantile(self, level: float) -> np.ndarray:
        """Return a quantile of what is predicted of each pixel, (*spatial).

        Parameters
        ----------
        level
            Above 0 and below 1; 0.05 and 0.95 enclose 90 %.

        Raises
        ------
        InputError
            If the network predicts no scale, or the level lies outside.
        """
        check_level(level)
        if self.distribution is not None:
            return self.distribution.quantile(level)
        from_middle = -math.log(2 * min(level, 1 - level))
        towards = -1 if level < 0.5 else 1
        return np.asarray(self.mean + np.float32(towards * from_middle) * self._scale())

    def interval(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends, (*spatial) each, of the central interval of a level between 0 and 1.

        Raises
        ------
        InputError
            As of `quantile`.
        """
        low, high = map(self.quantile, ends(level))
        return low, high

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        """Draw an image, (*spatial), of what is predicted.

        Pixels are drawn independently: of one member of an ensemble for all of them, and of PN2V's
        posterior each by itself.

        Raises
        ------
        InputError
            If the network predicts no scale.
        """
        if self.distribution is not None:
            return self.distribution.sample(rng)
        return np.asarray(rng.laplace(self.mean, self._scale()), np.float32)

    def _scale(self) -> np.ndarray:
        if self.scale is None:
            raise InputError(
                "The network predicts no scale beside its image, so that it tells no interval; "
                "take one that was trained by the loss 'laplace', or one of PN2V."
            )
        return self.scale

    def layers(self, *, outside: np.ndarray, level: float | None) -> np.ndarray:
        """Return image, ends of an interval, disagreement and spread, as far as there are any.

        Parameters
        ----------
        outside
            Pixels outside of the field, bool, where the ends are the image itself.
        level
            Of the interval, 0 to 1; None for none.

        Returns
        -------
        numpy.ndarray
            (..., layers, Y, X), float32, in the order above.
        """
        parts = [self.mean]
        if level is not None:
            parts += [put_back(end, self.mean, outside) for end in self.interval(level)]
        parts += [part for part in (self.disagreement, self.spread) if part is not None]
        return np.stack([np.asarray(part, np.float32) for part in parts], axis=-3)


def check_level(level: float) -> None:
    """Raise InputError unless a quantile's or an interval's level lies between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"The level must be between 0 and 1, but is {level:g}.")


def ends(level: float) -> tuple[float, float]:
    """Return the levels of the quantiles that enclose so much of a distribution, in its middle."""
    check_level(level)
    return (1 - level) / 2, (1 + level) / 2


def of_members(members: Sequence[Restored], *, outside: np.ndarray) -> Restored:
    """Combine what the members of an ensemble restored: their mean, and how far they agree.

    Parameters
    ----------
    members
        The image as each restored it, all with a scale or none.
    outside
        Pixels outside of the field, bool, which come back as all members have them.
    """
    means = [member.mean for member in members]
    scales = [member.scale for member in members if member.scale is not None]
    found = combined(means, scales, outside=outside)
    mixture = None
    if scales:
        field = ~outside
        pixels = (np.stack([part[field] for part in parts]) for parts in (means, scales))
        mixture = _InField(LaplaceMixture(*pixels), found[""], field)
    return Restored(
        found[""],
        found.get("scale"),
        disagreement=found.get("disagreement"),
        spread=found.get("spread"),
        distribution=mixture,
    )


@dataclass(frozen=True)
class _InField:
    """A mixture of the pixels of the field; elsewhere the image is as it is."""

    mixture: LaplaceMixture
    image: np.ndarray
    field: np.ndarray

    def quantile(self, level: float) -> np.ndarray:
        return self._placed(self.mixture.quantile(level))

    def sample(self, rng: np.random.Generator) -> np.ndarray:
        return self._placed(self.mixture.sample(rng))

    def _placed(self, pixels: np.ndarray) -> np.ndarray:
        placed = np.array(self.image, np.float32)
        placed[self.field] = pixels
        return placed

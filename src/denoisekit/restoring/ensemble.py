"""Ensembles: restore images with several networks that differ by their seed, and combine them.

Source: Weigert et al. 2018 (doi 10.1038/s41592-018-0216-7), Supplementary Notes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from denoisekit.errors import InputError
from denoisekit.noise.usable import Unusable, find
from denoisekit.restoring import inference, posterior
from denoisekit.restoring.model import Model
from denoisekit.restoring.restored import Restored, of_members

# What members have in common, as their cards tell it, and how a person calls it.
_ALIKE = {
    "method": "method (loss, objective and normalisation)",
    "network": "network",
    "train_set": "train set",
    "dims": "number of dimensions",
    "training": "training",
    "normalizer": "normaliser",
    "units": "set of units",
    "patches_sha256": "patches to train on",
}


@dataclass(frozen=True)
class Ensemble:
    """Restore images with several networks, and return their mean; used as one of them is.

    Attributes
    ----------
    members
        What restores with each of the networks, which differ by their seed alone.
    """

    members: tuple[inference.Restorer, ...]

    @property
    def model(self) -> Model:
        """The first network and its card, which says what all have in common."""
        return self.members[0].model

    @property
    def normalize(self) -> str | None:
        """What the study normalises together."""
        return self.members[0].normalize

    @property
    def beside(self) -> tuple[str, ...]:
        """What `layers` has beside image and interval."""
        return ("disagreement",) if self.model.card["probabilistic"] else ("spread",)

    def alike(self, planes: Iterable[np.ndarray], **options: Any) -> Self:
        """Return an ensemble that normalises all images as the planes of one movie.

        All members do so alike, since they were trained in the same units; arguments are those of
        `inference.Restorer.alike`.
        """
        first = self.members[0].alike(planes, **options)
        others = (
            replace(member, normalizer=first.normalizer, to_common=first.to_common)
            for member in self.members[1:]
        )
        return replace(self, members=(first, *others))

    def __call__(
        self, pixels: np.ndarray, name: str = "The image", *, unusable: Unusable | None = None
    ) -> np.ndarray:
        """Return the mean of what the members restore, in the image's units."""
        return self.predict(pixels, name, unusable=unusable).mean

    def predict(
        self, pixels: np.ndarray, name: str = "The image", *, unusable: Unusable | None = None
    ) -> Restored:
        """Return the mean of what the members restore, and what their mixture says of each pixel.

        The same whatever the order of the members. Arguments and errors are those of
        `inference.Restorer.predict`.
        """
        pixels = np.asarray(pixels)
        self.model.check_axes(pixels, name=name)
        found = find(pixels, name=name) if unusable is None else unusable
        parts = [member.predict(pixels, name, unusable=found) for member in self.members]
        return of_members(parts, outside=self._outside(found))

    def interval(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        level: float,
        unusable: Unusable | None = None,
    ) -> np.ndarray:
        """Return the restored image between the ends of its central interval, (..., 3, Y, X).

        They are quantiles of the members' mixture, as `inference.Restorer.interval` has them of one
        network.
        """
        return self.layers(pixels, name, level=level, unusable=unusable)[..., :3, :, :]

    def layers(
        self,
        pixels: np.ndarray,
        name: str = "The image",
        *,
        level: float | None,
        unusable: Unusable | None = None,
    ) -> np.ndarray:
        """Return the restored image, the ends of its interval, and what `beside` names.

        As `Restored.layers`; without a level there are no ends.
        """
        found = find(np.asarray(pixels), name=name) if unusable is None else unusable
        restored = self.predict(pixels, name, unusable=found)
        return restored.layers(outside=self._outside(found), level=level)

    def _outside(self, found: Unusable) -> np.ndarray:
        return found.outside[self.model.frames // 2] if self.model.frames > 1 else found.outside


def join(
    members: Sequence[inference.Restorer | posterior.Restorer], places: Sequence[str]
) -> Ensemble | posterior.Restorer:
    """Join networks to an ensemble; the first alone tells what is to be known of an image.

    Parameters
    ----------
    members
        What restores with each network.
    places
        Where these lie.

    Returns
    -------
    Ensemble or denoisekit.restoring.posterior.Restorer
        The latter of networks of PN2V, whose samples of the prior are pooled.

    Raises
    ------
    InputError
        If there are fewer than two, or they differ in more than their seed.
    """
    check_members([member.model.card for member in members], places)
    sampling = [member for member in members if isinstance(member, posterior.Restorer)]
    if sampling:
        return posterior.pooled(sampling)
    networks = [member for member in members if isinstance(member, inference.Restorer)]
    _check_restoring(networks, places)
    first, *others = networks
    return Ensemble((first, *(replace(member, note=_nothing) for member in others)))


def _check_restoring(members: Sequence[inference.Restorer], places: Sequence[str]) -> None:
    """Raise InputError where networks would be restored with unlike: means of unlike units."""
    for key in ("units", "turned", "normalize", "percentiles"):
        for member, place in zip(members, places, strict=True):
            found = [getattr(one, key) for one in (members[0], member)]
            used = key != "percentiles" or member.model.normalizer is None
            if used and found[0] != found[1]:
                raise InputError(
                    f"The networks {places[0]} and {place} restore with unlike {key}, {found[0]} "
                    f"and {found[1]}, as the prediction.json beside them says; give one for all "
                    f"(--{key}), or take networks of one study."
                )


def check_members(cards: Sequence[Mapping[str, Any]], places: Sequence[str]) -> None:
    """Raise InputError unless networks are those of one training, each of another seed.

    Parameters
    ----------
    cards
        The networks' cards.
    places
        Where these lie.
    """
    if len(cards) < 2:
        raise InputError("An ensemble is of two networks at least; name another one, too.")
    card, first = cards[0], places[0]
    for other, place in zip(cards, places, strict=True):
        for key, said in _ALIKE.items():
            if card.get(key) != other.get(key):
                raise InputError(
                    f"The networks {first} and {place} are not of one {said}"
                    f"{_named(card, other, key)}, but those of an ensemble differ by their seed "
                    "alone; restore with each by itself."
                )
    seeds: dict[str, str] = {}
    for other, place in zip(cards, places, strict=True):
        seed = str(other.get("seed", place))
        if seed in seeds:
            raise InputError(
                f"The networks {seeds[seed]} and {place} are of one seed, {seed}, and thus one "
                "network; an ensemble has networks of different seeds."
            )
        seeds[seed] = place


def _named(card: Mapping[str, Any], other: Mapping[str, Any], key: str) -> str:
    """Return what differs, where that is a word."""
    values = [one.get(key) for one in (card, other)]
    if key == "method":
        values = [(value or {}).get("loss") for value in values]
    words = all(isinstance(value, str) for value in values) and values[0] != values[1]
    return f" ({values[0]} and {values[1]})" if words else ""


def _nothing(sentence: str) -> None:
    """Tell nothing: the first member told it."""

"""The noise of a data set: of several of its fields, with how far they differ."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from denoisekit.errors import InputError
from denoisekit.noise import units, usable
from denoisekit.noise.card import NoiseCard, advise, measure_noise_card


@dataclass(frozen=True)
class NoiseOfFields:
    """What the noise of several fields is like, in their own units.

    Attributes
    ----------
    card
        Of all: the photon-transfer line is that of the field of middle gain; correlations, the
        noise of lines and shares are medians over the fields, ends of the range those of all, and
        frames and odd points are counted in all.
    fields
        How many were measured.
    unlike
        How many of them are in other units than that of middle gain, by their noise.
    gains, correlations_x, correlations_y
        Least and greatest of the fields' gains, and of the correlations of next neighbours.
    """

    card: NoiseCard
    fields: int
    unlike: int
    gains: tuple[float, float]
    correlations_x: tuple[float, float]
    correlations_y: tuple[float, float]

    def spread(self) -> dict[str, Any]:
        """Return all but the card, as JSON can hold it."""
        content = asdict(self)
        del content["card"]
        return content


def measure_fields(
    fields: Sequence[np.ndarray],
    *,
    has_pairs: bool,
    pixels: int,
    volumes: bool = False,
    offset: float | None = None,
    outside: Sequence[float | str] | None = None,
) -> NoiseOfFields:
    """Measure the noise of several fields without their truths, and advise one method for all.

    A field whose noise cannot be measured is left out where that of another can.

    Parameters
    ----------
    fields
        One image (Y, X) each, or frames of one field (T, Y, X).
    has_pairs, offset, outside
        As `denoisekit.noise.card.measure_noise_card` takes them.
    pixels
        How many pixels of such images there are to learn from.
    volumes
        Whether the fields are planes of stacks.

    Raises
    ------
    InputError
        As `measure_noise_card` raises it, of the first field, if no field can be measured.
    """
    cards, kept, errors = [], [], []
    for field in fields:
        try:
            cards.append(
                measure_noise_card(field, has_pairs=has_pairs, offset=offset, outside=outside)
            )
        except InputError as error:
            errors.append(error)
        else:
            kept.append(field)
    if not cards:
        raise errors[0]
    unlike = _unlike(kept, outside)
    card = _of_all(cards)
    return NoiseOfFields(
        card=replace(
            card,
            advice=advise(
                (card.correlation_x, card.correlation_y),
                (card.row_share, card.column_share),
                pixels=pixels,
                has_pairs=has_pairs,
                volumes=volumes,
                unlike=unlike,
            ),
        ),
        fields=len(cards),
        unlike=unlike,
        gains=_ends([one.gain for one in cards]),
        correlations_x=_ends([one.correlation_x[0] for one in cards]),
        correlations_y=_ends([one.correlation_y[0] for one in cards]),
    )


def _unlike(fields: Sequence[np.ndarray], outside: Sequence[float | str] | None) -> int:
    """Return how many fields' noise says that they are in other units than the middle one's."""
    planes = [field if field.ndim == 2 else field[0] for field in fields]
    found = [usable.find(plane, outside=outside, name="The field") for plane in planes]
    measured = [
        units.measure([usable.repaired(plane, odd)], [~odd.outside])
        for plane, odd in zip(planes, found, strict=True)
    ]
    line = units.reference_line(measured)
    return sum(bool(units.warning(one, line, name="The field")) for one in measured)


def _of_all(cards: Sequence[NoiseCard]) -> NoiseCard:
    middle = sorted(cards, key=lambda card: card.gain)[(len(cards) - 1) // 2]
    numbers = ("row_noise", "column_noise", "row_share", "column_share", "saturated", "floored")
    medians: dict[str, Any] = {
        name: float(np.median([getattr(card, name) for card in cards]))
        for name in (*numbers, "outside")
    }
    x, y = (
        tuple(np.median([getattr(card, name) for card in cards], axis=0).tolist())
        for name in ("correlation_x", "correlation_y")
    )
    return replace(
        middle,
        frames=sum(card.frames for card in cards),
        correlation_x=x,
        correlation_y=y,
        lowest=min(card.lowest for card in cards),
        highest=max(card.highest for card in cards),
        odd=sum(card.odd for card in cards),
        **medians,
    )


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)

"""Say in words what an image's noise is like, for who does not read a noise card."""

import math

from denoisekit.noise.card import CORRELATED, NoiseCard

# Correlations and shares below are of independent noise, within what they can be measured to.
_NOTICEABLE = 0.05
# Shares below would be told as 0.00 %.
_TOLD = 5e-5
# A noise that differs by less over the image's range is the same to the eye.
_ALIKE = 1.1


def sentences(card: NoiseCard) -> list[str]:
    """Return what a noise card says: how the noise grows, what it shares, what is lost.

    Parameters
    ----------
    card
        As `denoisekit.noise.card.measure_noise_card` or `denoisekit.noise.fields.measure_fields`
        returns it.

    Returns
    -------
    list of str
        Sentences, the advice last.
    """
    said = [_light(card), _neighbours(card), *_lines(card), *_lost(card)]
    return [*said, f"Advice: {card.advice.method}. {card.advice.reason}"]


def _light(card: NoiseCard) -> str:
    dark, bright = (
        math.sqrt(max(card.gain * value + card.intercept, 0.0))
        for value in (card.lowest, card.highest)
    )
    ends = f"{dark:.3g} at the darkest value ({card.lowest:.4g})"
    if bright <= _ALIKE * dark:
        return f"The noise does not grow with the light: its standard deviation is {ends}."
    return (
        f"The noise grows with the light: its standard deviation is {ends} and {bright:.3g} at "
        f"the brightest ({card.highest:.4g})."
    )


def _neighbours(card: NoiseCard) -> str:
    # Without the sign of what is rounded to nothing.
    x, y = (round(near, 2) + 0.0 for near in (card.correlation_x[0], card.correlation_y[0]))
    told = f"(correlation {x:.2f} along x, {y:.2f} along y)"
    most = max(abs(x), abs(y))
    if most > CORRELATED:
        return f"Neighbouring pixels share much of their noise {told}."
    if most > _NOTICEABLE:
        return f"Neighbouring pixels share a little of their noise {told}."
    return f"The noise is independent from pixel to pixel {told}."


def _lines(card: NoiseCard) -> list[str]:
    shares = {"rows": card.row_share, "columns": card.column_share}
    return [
        f"Whole {lines} share {share:.0%} of the noise's variance: the camera shows stripes."
        for lines, share in shares.items()
        if share > _NOTICEABLE
    ]


def _lost(card: NoiseCard) -> list[str]:
    told = (
        (card.saturated, "are saturated: how bright they were is lost"),
        (card.floored, "lie at the lower end of the range, where the noise is cut off"),
        (card.outside, "lie outside of the field, and are left out"),
    )
    said = [f"{share:.2%} of the pixels {what}." for share, what in told if share >= _TOLD]
    return said + [f"{card.odd} pixels are hot or dead, and are left out."] * bool(card.odd)

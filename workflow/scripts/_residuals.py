"""Examine one image's residual, of a volume its middle plane's, or say why it cannot be."""

from typing import Any

import numpy as np

from denoisekit.errors import InputError
from denoisekit.evaluation.residuals import CameraNoise, Residual, examine
from denoisekit.images.image import plane_of
from denoisekit.noise import usable
from denoisekit.noise.card import NoiseCard


def noise_of(noisy: np.ndarray, measured: Any, *, outside: list | None) -> CameraNoise | str:
    """Return the noise of an image, by its data set's noise card, or why it is not known."""
    if "noise" not in measured:
        return measured["reason"]
    return _measured(noisy, NoiseCard.from_card(measured["noise"]), outside)


def independent_noise(noisy: np.ndarray, *, outside: list | None) -> CameraNoise | str:
    """Return the noise of an image as if it were independent, or why it is not known."""
    return _measured(noisy, None, outside)


def _measured(noisy: np.ndarray, card: NoiseCard | None, outside: list | None) -> CameraNoise | str:
    noisy = plane_of(noisy)
    try:
        odd = usable.find(noisy, outside=outside, name="The noisy image")
        return CameraNoise.measure(usable.repaired(noisy, odd), card, where=~odd.outside)
    except InputError as error:
        return str(error)


def examined(
    noisy: np.ndarray,
    restored: np.ndarray,
    noise: CameraNoise | str,
    *,
    settings: dict,
    outside: list | None,
) -> Residual | str:
    """Return what the residual tells, or why it tells nothing."""
    if isinstance(noise, str):
        return noise
    try:
        return examine(*map(plane_of, (noisy, restored)), noise, outside=outside, **settings)
    except InputError as error:
        return str(error)

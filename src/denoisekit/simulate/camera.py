"""An sCMOS camera: from mean light to counts."""

from dataclasses import dataclass

import numpy as np

from denoisekit.errors import InputError


@dataclass(frozen=True)
class CameraSettings:
    """What a camera's data sheet says.

    Attributes
    ----------
    gain
        Counts (ADU) per photoelectron.
    offset
        Counts without light.
    read_noise
        Median over the pixels of the read noise, in electrons (standard deviation).
    read_noise_spread
        Standard deviation, over the pixels, of the logarithm of the read noise; a median of 1.0
        and a spread of 0.6 give the long tail of an sCMOS sensor (root mean square 1.4).
    pixel_offset, column_offset
        Standard deviations, in electrons, of the fixed pattern: offsets that each pixel, and each
        column of the upper and of the lower half, keeps in all exposures. The two halves of an
        sCMOS sensor are read out by amplifiers of their own.
    row_noise
        Standard deviation, in electrons, of an offset that each row draws anew in each exposure.
    bits
        Depth of the counts: they saturate at 2**bits - 1.

    References
    ----------
    Huang et al. 2013, doi:10.1038/nmeth.2488 (pixel-dependent noise of sCMOS cameras).
    """

    gain: float
    offset: float
    read_noise: float
    read_noise_spread: float
    pixel_offset: float
    column_offset: float
    row_noise: float
    bits: int

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 16:
            raise InputError(f"bits of the camera must lie in 1 to 16, but is {self.bits!r}.")
        if not self.gain > 0:
            raise InputError(f"gain of the camera must be above zero, but is {self.gain!r}.")
        for name, value in vars(self).items():
            if not value >= 0:
                raise InputError(f"{name} of the camera must not be below zero, but is {value!r}.")


class Camera:
    """One particular sensor: each pixel's noise and offset are drawn once and kept.

    Parameters
    ----------
    settings
        What the data sheet says.
    shape
        (Y, X) pixels.
    rng
        Draws the read noise and the offset of each pixel.
    """

    def __init__(
        self, settings: CameraSettings, *, shape: tuple[int, int], rng: np.random.Generator
    ) -> None:
        self.settings = settings
        spread = settings.read_noise_spread * rng.standard_normal(shape)
        self.read_noise = settings.read_noise * np.exp(spread)
        halves = settings.column_offset * rng.standard_normal((2, shape[1]))
        columns = np.repeat(halves, [shape[0] // 2, shape[0] - shape[0] // 2], axis=0)
        self.pattern = columns + settings.pixel_offset * rng.standard_normal(shape)

    def expose(self, electrons: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
        """Return the counts of one exposure.

        Parameters
        ----------
        electrons
            (Y, X) mean number of photoelectrons per pixel.
        rng
            Draws shot noise, read noise and row noise.

        Returns
        -------
        numpy.ndarray
            (Y, X) uint16, saturated at 2**bits - 1.
        """
        collected = rng.poisson(electrons).astype(float)
        collected += self.read_noise * rng.standard_normal(electrons.shape)
        collected += self.pattern
        collected += self.settings.row_noise * rng.standard_normal((electrons.shape[0], 1))
        counts = np.rint(self.settings.gain * collected + self.settings.offset)
        return np.clip(counts, 0, 2**self.settings.bits - 1).astype(np.uint16)

"""The widefield microscope: from emitters in the sample to the mean image on the camera."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.integrate
import scipy.special

from denoisekit._checks import positive
from denoisekit.errors import InputError

MARGIN_PX = 64
"""Width of the border simulated around a field, whose haze and shifts reach into it."""

FINER = 2
"""How many places of the grid of emitters lie along a pixel's side.

On the camera's own pixels what is near the Nyquist limit would depend on where in a pixel a point
lies.
"""

_SUBPIXELS = 5
_PUPIL_SAMPLES = 801


@dataclass(frozen=True)
class Optics:
    """Objective and emission of a widefield microscope.

    Attributes
    ----------
    numerical_aperture
        Of the objective.
    refractive_index
        Of the immersion medium (1.406 for silicone oil).
    emission_um
        Emission wavelength in vacuum, in micrometres.
    spherical_waves
        Primary spherical aberration, which a sample of another index than the immersion's brings:
        root mean square over the pupil of the wavefront's error, in wavelengths.
    """

    numerical_aperture: float
    refractive_index: float
    emission_um: float
    spherical_waves: float

    def __post_init__(self) -> None:
        positive(self.emission_um, name="emission_um")
        if not 0 < self.numerical_aperture < self.refractive_index:
            raise InputError(
                "numerical_aperture must lie between zero and refractive_index "
                f"({self.refractive_index!r}), but is {self.numerical_aperture!r}."
            )


def widefield_psf(
    optics: Optics, *, pixel_size_um: float, defocus_um: float, half_width: int
) -> np.ndarray:
    """Return the point spread function of a widefield microscope, integrated over pixels.

    The scalar diffraction integral over a circular pupil with phases of defocus and of primary
    spherical aberration. In focus and without aberration it is the Airy pattern, 0.51 wavelength /
    NA wide at half maximum.

    Parameters
    ----------
    optics
        Objective and emission.
    pixel_size_um
        Side of a camera pixel in the sample, in micrometres.
    defocus_um
        Distance of the emitter from the focal plane, in micrometres.
    half_width
        Pixels from the centre of the kernel to its edge.

    Returns
    -------
    numpy.ndarray
        (2 half_width + 1, 2 half_width + 1), sum 1.

    References
    ----------
    Gibson and Lanni 1991, doi:10.1364/JOSAA.8.001601 (here with one aberration of given strength).
    Noll 1976, doi:10.1364/JOSA.66.000207 (the polynomial of primary spherical aberration).
    """
    reach = np.sqrt(2) * (half_width + 0.5) * pixel_size_um
    radius = np.arange(0, reach + pixel_size_um, min(pixel_size_um / 4, optics.emission_um / 40))
    profile = _radial_profile(optics, radius, defocus_um=defocus_um)
    steps = (np.arange((2 * half_width + 1) * _SUBPIXELS) + 0.5) / _SUBPIXELS
    offset = (steps - half_width - 0.5) * pixel_size_um
    fine = np.interp(np.hypot(offset[:, None], offset), radius, profile)
    side = 2 * half_width + 1
    kernel = fine.reshape(side, _SUBPIXELS, side, _SUBPIXELS).sum(axis=(1, 3))
    return kernel / kernel.sum()


def _radial_profile(optics: Optics, radius: np.ndarray, *, defocus_um: float) -> np.ndarray:
    """Return the intensity of the diffraction pattern at distances from its axis."""
    pupil = np.linspace(0, 1, _PUPIL_SAMPLES)
    wavenumber = 2 * np.pi / optics.emission_um
    sine = optics.numerical_aperture * pupil
    phase = wavenumber * defocus_um * np.sqrt(optics.refractive_index**2 - sine**2)
    spherical = np.sqrt(5) * (6 * pupil**4 - 6 * pupil**2 + 1)
    phase += 2 * np.pi * optics.spherical_waves * spherical
    waves = scipy.special.j0(wavenumber * radius[:, None] * sine) * pupil * np.exp(1j * phase)
    return np.abs(scipy.integrate.simpson(waves, x=pupil, axis=1)) ** 2


class Microscope:
    """Blurs planes of emitters onto a square field of pixels.

    Parameters
    ----------
    optics
        Objective and emission.
    pixel_size_um
        Side of a camera pixel in the sample, in micrometres.
    size
        Side of the field in pixels.
    defocus_um
        Distance from focus of each plane of emitters, in micrometres.
    """

    def __init__(
        self, optics: Optics, *, pixel_size_um: float, size: int, defocus_um: Sequence[float]
    ) -> None:
        self._size = size
        self._side = FINER * scipy.fft.next_fast_len(size + 2 * MARGIN_PX, real=True)
        self._transfer = [
            self._transfer_function(
                widefield_psf(
                    optics,
                    pixel_size_um=pixel_size_um / FINER,
                    defocus_um=z,
                    half_width=FINER * MARGIN_PX,
                )
            )
            for z in defocus_um
        ]

    @property
    def grid(self) -> tuple[int, int]:
        """Shape of the planes to hand in: the field and a margin around it, `FINER` a pixel."""
        return self._side, self._side

    def image(self, planes: np.ndarray, *, shift_yx: Sequence[float] | np.ndarray) -> np.ndarray:
        """Return the mean image of planes of emitters, displaced by a shift.

        Parameters
        ----------
        planes
            (plane, *grid) light, as `denoisekit.simulate.scene.deposit` spreads it.
        shift_yx
            Displacement of the image's content in pixels, towards larger y and x.

        Returns
        -------
        numpy.ndarray
            (size, size), not negative.
        """
        spectrum = sum(
            scipy.fft.rfft2(plane) * transfer
            for plane, transfer in zip(planes, self._transfer, strict=True)
        )
        for axis, shift in zip(self._frequencies(), shift_yx, strict=True):
            spectrum *= np.exp(-2j * np.pi * FINER * axis * shift)
        whole = scipy.fft.irfft2(spectrum, s=self.grid)
        field = slice(FINER * MARGIN_PX, FINER * (MARGIN_PX + self._size), FINER)
        return np.maximum(whole[field, field], 0)

    def _frequencies(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the frequencies (Y, 1) and (X,) of a spectrum, in cycles per place of the grid."""
        return scipy.fft.fftfreq(self._side)[:, None], scipy.fft.rfftfreq(self._side)

    def _transfer_function(self, kernel: np.ndarray) -> np.ndarray:
        padded = np.zeros(self.grid)
        padded[: kernel.shape[0], : kernel.shape[1]] = kernel
        centre = -FINER * MARGIN_PX
        transfer = scipy.fft.rfft2(np.roll(padded, (centre, centre), axis=(0, 1)))
        for axis in self._frequencies():
            # A camera pixel in place of the grid's, and less the blur of the emitters' B-spline.
            transfer *= np.sinc(FINER * axis) / np.sinc(axis) ** 4
        return FINER**2 * transfer
